import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { readCase } from '../case/read.js'
import { CaseSchema } from '../case/schema.js'
import type { Case } from '../contract/case.js'
import type { Replay } from '../contract/replay.js'
import { Problem } from '../problem.js'
import { memoryBounds } from '../runtime/memory.js'

/** Plays a case into a world of its own. */
export type Replayer = (saved: Case) => Promise<Replay>

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

/** Replays, each in a world of its own: nothing of this emulator's world is touched. */
export const replayRoutes: FastifyPluginAsyncTypebox<{ replay: Replayer }> = async (app, { replay }) => {
  let isReplaying = false

  app.post('/replay', {
    bodyLimit: memoryBounds().scenario,
    schema: { summary: 'Replay a case in a world of its own, and list the differences', body: UncheckedCase, response: { 200: ReplayAnswer } },
    validatorCompiler: part => part.httpPart === 'body' ? () => true : app.validatorCompiler!(part)
  }, async request => {
    const saved = readCase(request.body)
    // Each takes as much memory and time as the world that it plays.
    if (isReplaying) throw new Problem('another case is being replayed', { status: 409, advice: 'wait until it is over' })
    isReplaying = true
    return await replay(saved).finally(() => { isReplaying = false })
  })
}
