import type { Case, CaseRequest } from '../contract/case.js'
import type { Difference, Replay } from '../contract/replay.js'
import { Problem } from '../problem.js'
import { compareAnswers, compareCases, MAX_DIFFERENCES } from './compare.js'
import { openReplay, type ReplayWorld, type Serve } from './world.js'

export interface ReplayOptions {
  /** Whether the delays of faults take their time. */
  readonly isRealTime?: boolean
}

/**
 * Plays a case into a world of its own, and compares each answer, what it booked, and the world at the end. Throws a `Problem` for a case
 * that can't be replayed.
 */
export async function replay (saved: Case, serve: Serve, { isRealTime = false }: ReplayOptions = {}): Promise<Replay> {
  if (saved.incomplete !== null) {
    throw new Problem(`the case can't be replayed: ${saved.incomplete}`, { status: 409, advice: 'its end can be loaded, with PUT /__admin/state' })
  }
  const world = await openReplay(saved, serve, isRealTime)
  try {
    const differences = await playAll(saved, world)
    const again = await world.saved()
    const all = [...differences, ...compareCases(saved, again, world.faultId)].sort((a, b) => (a.step ?? Infinity) - (b.step ?? Infinity))
    const requests = saved.timeline.filter(isRequest)
    const skipped = requests.filter(({ sendable }) => !sendable).length
    return { equal: all.length === 0, requests: requests.length - skipped, skipped, differences: all.slice(0, MAX_DIFFERENCES) }
  } finally {
    await world.close()
  }
}

async function playAll ({ timeline }: Case, world: ReplayWorld): Promise<Difference[]> {
  const differences: Difference[] = []
  const delayed = timeline.filter(isRequest).filter(({ arrived, sendable }) => arrived !== undefined && sendable)
  for (const [index, step] of timeline.entries()) {
    for (const early of delayed) if (early.arrived!.before === index) await world.arrive(early)
    switch (step.step) {
      case 'request':
        if (step.sendable) differences.push(...compareAnswers(index, step.request, await world.decide(step)))
        break
      case 'control': {
        const problem = await world.call(step)
        if (problem !== undefined) differences.push({ step: index, pointer: '', expected: 'a call that is carried out', found: problem })
        break
      }
      case 'removal':
        world.remove(step)
        break
      // What time brought comes of the other steps.
      case 'events':
    }
  }
  return differences
}

function isRequest (step: Case['timeline'][number]): step is CaseRequest {
  return step.step === 'request'
}
