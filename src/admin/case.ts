import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { casePieces } from '../case/make.js'
import type { Case } from '../contract/case.js'
import type { Context } from '../runtime/context.js'
import { accountNamed } from './find.js'
import { sendJson, wantedBy } from './json-text.js'
import { AccountQuery } from './schemas.js'

const CaseAnswer = Type.Unsafe<Case>(Type.Object({ case: Type.Literal(1) }, { description: 'case.schema.json in the package describes it' }))

/** The case: how the world, or an account, came to be as it is. */
export const caseRoutes: FastifyPluginAsyncTypebox<{ context: Context }> = async (app, { context }) => {
  app.get('/case', {
    schema: {
      summary: 'Save how the world, or an account, came to be as it is: its start, all that happened, and its end',
      querystring: AccountQuery,
      response: { 200: CaseAnswer }
    }
  }, async (request, reply) => {
    const { account = null } = request.query
    const isWanted = wantedBy(request)
    const { pieces, isKnown } = await context.inTurn(async () => await casePieces(context, account, isWanted), isWanted)
    // One that has been removed has a case as long as the timeline has something of it.
    if (!isKnown) accountNamed(account!, context.store)
    return await sendJson(reply, pieces)
  })
}
