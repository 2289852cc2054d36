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
  const early = earlyIn(timeline)
  for (const [index, step] of timeline.entries()) {
    for (const step of early.get(index) ?? []) await world.arrive(step)
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
    // More are not listed, and each may hold large bodies.
    if (differences.length >= MAX_DIFFERENCES) break
  }
  return differences
}

/** Gathers the requests that arrived before they were decided, by the step before which they arrived. */
function earlyIn (timeline: Case['timeline']): ReadonlyMap<number, readonly CaseRequest[]> {
  const early = new Map<number, CaseRequest[]>()
  for (const step of timeline) {
    if (!isRequest(step) || step.arrived === undefined || !step.sendable) continue
    const { before } = step.arrived
    const others = early.get(before)
    if (others === undefined) early.set(before, [step])
    else others.push(step)
  }
  return early
}

function isRequest (step: Case['timeline'][number]): step is CaseRequest {
  return step.step === 'request'
}
