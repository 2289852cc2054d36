import type { Case } from '../contract/case.js'
import type { Replay } from '../contract/replay.js'
import type { IsWanted } from '../time-slices.js'
import { compareAnswers, compareCases } from './compare.js'
import { playAll, refuseIncomplete, replayOf } from './play.js'
import { openReplay, type Serve } from './world.js'

/** How fast a case is played. */
export interface Pace {
  /** Whether the delays of faults take their time. */
  readonly isRealTime?: boolean
  /** Whether somebody still waits for the outcome; a replay that nobody wants throws `Unwanted`. */
  readonly isWanted?: IsWanted
}

/**
 * Plays a case into a world of its own, and compares each answer, what it booked, and the world at the end. Throws a `Problem` for a case
 * that can't be replayed.
 */
export async function replay (saved: Case, serve: Serve, { isRealTime = false, isWanted }: Pace = {}): Promise<Replay> {
  refuseIncomplete(saved)
  const world = await openReplay(saved, serve, isRealTime)
  try {
    const differences = await playAll(saved, {
      ...world,
      decide: async (step, index) => compareAnswers(index, step.request, await world.decide(step))
    }, isWanted)
    const again = await world.saved(isWanted)
    return replayOf(saved, [...differences, ...await compareCases(saved, again, world.faultId, isWanted)])
  } finally {
    await world.close()
  }
}
