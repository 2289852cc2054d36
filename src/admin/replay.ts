import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { readCaseInSlices } from '../case/read.js'
import { CaseSchema } from '../case/schema.js'
import type { Case } from '../contract/case.js'
import type { Replay } from '../contract/replay.js'
import { Problem } from '../problem.js'
import { memoryBounds } from '../runtime/memory.js'
import type { IsWanted } from '../time-slices.js'
import { DryRunQuery } from './consequences.js'
import { wantedBy } from './json-text.js'
import { checkerExceptBody } from './part-checker.js'

/** Plays a case into a world of its own. */
export type Replayer = (saved: Case, isWanted: IsWanted) => Promise<Replay>

/** `unknown` until `readCase` has checked it, which a large case should go through only once. */
const UncheckedCase = Type.Unsafe<unknown>(CaseSchema)

const Anything = Type.Unknown({ description: 'any value' })

const ReplayAnswer = Type.Unsafe<Replay>(Type.Object({
  equal: Type.Boolean(),
  requests: Type.Integer({ description: 'how many requests were sent again' }),
  skipped: Type.Integer({ description: 'how many could not be, as their bodies are not kept' }),
  differences: Type.Array(Type.Object({
    step: Type.Union([Type.Integer(), Type.Null()], { description: 'the index of the step; null for the world at the end' }),
    pointer: Type.String(),
    expected: Type.Optional(Anything),
    found: Type.Optional(Anything)
  }), { description: 'the first hundred' })
}))

const CheckedAnswer = Type.Object({
  dry_run: Type.Literal(true),
  incomplete: Type.Union([Type.String(), Type.Null()], { description: 'why it can\'t be replayed; null if it can' })
})

/** Replays, each in a world of its own: nothing of this emulator's world is touched. */
export const replayRoutes: FastifyPluginAsyncTypebox<{ replay: Replayer }> = async (app, { replay }) => {
  let isReplaying = false

  app.post('/replay', {
    bodyLimit: memoryBounds().scenario,
    schema: {
      summary: 'Replay a case in a world of its own, and list the differences',
      querystring: DryRunQuery,
      body: UncheckedCase,
      response: { 200: Type.Union([ReplayAnswer, CheckedAnswer]) }
    },
    validatorCompiler: checkerExceptBody
  }, async request => {
    const isWanted = wantedBy(request)
    const saved = await readCaseInSlices(request.body, isWanted)
    if (request.query.dry_run === 'true') return { dry_run: true as const, incomplete: saved.incomplete }
    // Each takes as much memory and time as the world that it plays.
    if (isReplaying) throw new Problem('another case is being replayed', { status: 409, advice: 'wait until it is over' })
    isReplaying = true
    return await replay(saved, isWanted).finally(() => { isReplaying = false })
  })
}
