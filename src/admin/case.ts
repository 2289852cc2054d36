import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { caseOf, casePieces } from '../case/make.js'
import { readCaseInSlices } from '../case/read.js'
import { CASE_SHAPE } from '../case/shape.js'
import type { Case, CaseStep } from '../contract/case.js'
import type { Context } from '../runtime/context.js'
import { memoryBounds } from '../runtime/memory.js'
import { jsonPieces } from '../text/json-pieces.js'
import type { IsWanted } from '../time-slices.js'
import { accountNamed } from './find.js'
import { chunksInSlices, sendChunks, wantedBy } from './json-text.js'
import { checkerExceptBody } from './part-checker.js'
import { UncheckedCase, type Replayer } from './replay.js'
import { AccountParams } from './schemas.js'

const CaseAnswer = Type.Unsafe<Case>(Type.Object({ case: Type.Literal(1) }, { description: 'case.schema.json in the package describes it' }))

const FromQuery = Type.Object({
  from: Type.String({ description: 'the id of a request: the case begins with the world as it was then' })
}, { additionalProperties: false })

const CaseQuery = Type.Partial(Type.Object({ ...AccountParams.properties, ...FromQuery.properties }), { additionalProperties: false })

/** Cases: how the world, or an account, came to be as it is. */
export const caseRoutes: FastifyPluginAsyncTypebox<{ context: Context, replayer: Replayer }> = async (app, { context, replayer }) => {
  async function cut (saved: Case, from: string, isWanted: IsWanted): Promise<Buffer[]> {
    return await chunksInSlices(jsonPieces(await replayer.cut(saved, from, isWanted), CASE_SHAPE), isWanted)
  }

  app.get('/case', {
    schema: {
      summary: 'Save how the world, or an account, came to be as it is: its start, all that happened, and its end',
      querystring: CaseQuery,
      response: { 200: CaseAnswer }
    }
  }, async (request, reply) => {
    const { account = null, from } = request.query
    const isWanted = wantedBy(request)
    return await sendChunks(reply, await context.inTurn(async () => {
      if (from !== undefined) {
        const saved = await caseOf(context, account, isWanted)
        // Of an account that there has never been, that is what is to be said.
        if (account !== null && !saved.timeline.some(step => isRequestOf(step, account))) accountNamed(account, context.store)
        return await cut(saved, from, isWanted)
      }
      const { pieces, isKnown } = await casePieces(context, account, isWanted)
      // One that has been removed has a case as long as the timeline has something of it.
      if (!isKnown) accountNamed(account!, context.store)
      return await chunksInSlices(pieces, isWanted)
    }, isWanted))
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
  }, async (request, reply) => {
    const isWanted = wantedBy(request)
    return await sendChunks(reply, await context.inTurn(async () =>
      await cut(await readCaseInSlices(request.body, isWanted), request.query.from, isWanted), isWanted))
  })
}

function isRequestOf (step: CaseStep, account: string): boolean {
  return step.step === 'request' && step.request.account === account
}
