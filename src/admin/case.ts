import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { caseOf } from '../case/make.js'
import type { Case, CaseStep } from '../contract/case.js'
import type { Context } from '../runtime/context.js'
import { accountNamed } from './find.js'
import { AccountQuery } from './schemas.js'

const CaseAnswer = Type.Unsafe<Case>(Type.Object({ case: Type.Literal(1) }, { description: 'case.schema.json in the package describes it' }))

function isAbout (step: CaseStep, account: string): boolean {
  const about = step.step === 'request' ? step.request : step
  return 'account' in about && about.account === account
}

/** The case: how the world, or an account, came to be as it is. */
export const caseRoutes: FastifyPluginAsyncTypebox<{ context: Context }> = async (app, { context }) => {
  app.get('/case', {
    schema: {
      summary: 'Save how the world, or an account, came to be as it is: its start, all that happened, and its end',
      querystring: AccountQuery,
      response: { 200: CaseAnswer }
    }
  }, async request => {
    const { account = null } = request.query
    const saved = await caseOf(context, account)
    // One that has been removed has a case as long as the timeline has something of it.
    if (account !== null && !saved.timeline.some(step => isAbout(step, account))) accountNamed(account, context.store)
    return saved
  })
}
