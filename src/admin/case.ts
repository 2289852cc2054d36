import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { casePieces } from '../case/make.js'
import type { Case } from '../contract/case.js'
import type { Context } from '../runtime/context.js'
import { accountNamed } from './find.js'
import { Unwanted } from '../time-slices.js'
import { sendJson, wantedBy } from './json-text.js'
import { AccountQuery } from './schemas.js'

const CaseAnswer = Type.Unsafe<Case>(Type.Object({ case: Type.Literal(1) }, { description: 'case.schema.json in the package describes it' }))

/** The case: how the world, or an account, came to be as it is. */
export const caseRoutes: FastifyPluginAsyncTypebox<{ context: Context }> = async (app, { context }) => {
  let last: Promise<unknown> = Promise.resolve()

  /** Does work when that before is done: while it is made, a case takes several times the memory of its text. */
  function inTurn<Result> (work: () => Promise<Result>): Promise<Result> {
    const done = last.then(work)
    last = done.catch(() => {})
    return done
  }

  app.get('/case', {
    schema: {
      summary: 'Save how the world, or an account, came to be as it is: its start, all that happened, and its end',
      querystring: AccountQuery,
      response: { 200: CaseAnswer }
    }
  }, async (request, reply) => {
    const { account = null } = request.query
    const isWanted = wantedBy(request)
    const { pieces, isKnown } = await inTurn(async () => {
      if (!isWanted()) throw new Unwanted('the client has gone before its turn')
      return await casePieces(context, account, isWanted)
    })
    // One that has been removed has a case as long as the timeline has something of it.
    if (!isKnown) accountNamed(account!, context.store)
    return await sendJson(reply, pieces)
  })
}
