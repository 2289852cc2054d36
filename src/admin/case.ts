import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { caseOf } from '../case/make.js'
import { readCase } from '../case/read.js'
import type { Case, CaseStep } from '../contract/case.js'
import type { Context } from '../runtime/context.js'
import { memoryBounds } from '../runtime/memory.js'
import { accountNamed } from './find.js'
import { checkerExceptBody } from './part-checker.js'
import { UncheckedCase, type Replayer } from './replay.js'
import { AccountParams } from './schemas.js'

const CaseAnswer = Type.Unsafe<Case>(Type.Object({ case: Type.Literal(1) }, { description: 'case.schema.json in the package describes it' }))

const FromQuery = Type.Object({
  from: Type.String({ description: 'the id of a request: the case begins with the world as it was then' })
}, { additionalProperties: false })

const CaseQuery = Type.Partial(Type.Object({ ...AccountParams.properties, ...FromQuery.properties }), { additionalProperties: false })

function isAbout (step: CaseStep, account: string): boolean {
  const about = step.step === 'request' ? step.request : step
  return 'account' in about && about.account === account
}

/** Cases: how the world, or an account, came to be as it is. */
export const caseRoutes: FastifyPluginAsyncTypebox<{ context: Context, replayer: Replayer }> = async (app, { context, replayer }) => {
  app.get('/case', {
    schema: {
      summary: 'Save how the world, or an account, came to be as it is: its start, all that happened, and its end',
      querystring: CaseQuery,
      response: { 200: CaseAnswer }
    }
  }, async request => {
    const { account = null, from } = request.query
    const saved = await caseOf(context, account)
    // One that has been removed has a case as long as the timeline has something of it.
    if (account !== null && !saved.timeline.some(step => isAbout(step, account))) accountNamed(account, context.store)
    return from === undefined ? saved : await replayer.cut(saved, from)
  })

  app.post('/case', {
    bodyLimit: memoryBounds().scenario,
    config: { isLooking: true },
    schema: {
      summary: 'Cut off what happened in a case before a request',
      querystring: FromQuery,
      body: UncheckedCase,
      response: { 200: CaseAnswer }
    },
    validatorCompiler: checkerExceptBody
  }, async request => await replayer.cut(readCase(request.body), request.query.from))
}
