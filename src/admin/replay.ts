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

/** Plays cases, each into a world of its own, for as long as somebody waits. */
export interface Replayer {
  /** Replays a case. */
  readonly replay: (saved: Case, isWanted: IsWanted) => Promise<Replay>
  /** Cuts off what happened in a case before a request, by playing it. */
  readonly cut: (saved: Case, from: string, isWanted: IsWanted) => Promise<Case>
}

/** Lets a replayer play one case at a time: each takes as much memory and time as the world that it plays. */
export function oneAtATime ({ replay, cut }: Replayer): Replayer {
  let isPlaying = false
  const alone = async <T>(play: () => Promise<T>): Promise<T> => {
    if (isPlaying) throw new Problem('another case is being replayed', { status: 409, advice: 'wait until it is over' })
    isPlaying = true
    return await play().finally(() => { isPlaying = false })
  }
  return {
    replay: (saved, isWanted) => alone(() => replay(saved, isWanted)),
    cut: (saved, from, isWanted) => alone(() => cut(saved, from, isWanted))
  }
}

/** `unknown` until `readCase` has checked it, which a large case should go through only once. */
export const UncheckedCase = Type.Unsafe<unknown>(CaseSchema)

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
export const replayRoutes: FastifyPluginAsyncTypebox<{ replayer: Replayer }> = async (app, { replayer }) => {
  app.post('/replay', {
    bodyLimit: memoryBounds().scenario,
    config: { isLooking: true },
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
    return await replayer.replay(saved, isWanted)
  })
}
