import type { Case, CaseControlCall, CaseEvents, CaseRemoval, CaseRequest } from '../contract/case.js'
import type { Difference, Replay } from '../contract/replay.js'
import { Problem } from '../problem.js'
import { Unwanted, type IsWanted } from '../time-slices.js'
import { isRequest, MAX_DIFFERENCES } from './compare.js'

/** What plays the steps of a case. */
export interface Player {
  /** Sends a request, and waits until it is decided, or until its fault delays that. */
  readonly arrive: (step: CaseRequest) => Promise<unknown>
  /** Lets a request that may have arrived before be decided, and gives the differences of what came back. */
  readonly decide: (step: CaseRequest, index: number) => Promise<readonly Difference[]>
  /** Repeats a call of the control API. Returns the problem if it is refused. */
  readonly call: (step: CaseControlCall) => Promise<unknown>
  readonly remove: (step: CaseRemoval) => unknown
  /** Settles what time had brought when something looked. Where it is left out, the next step brings it. */
  readonly look?: (step: CaseEvents) => unknown
  /** Index of the step after which nothing is to be played; `null` while there is none. */
  readonly stoppedAt?: () => number | null
}

/** Plays the steps of a case in their order, and gives the differences. Throws `Unwanted` once nobody wants them any more. */
export async function playAll ({ timeline }: Case, player: Player, isWanted?: IsWanted): Promise<Difference[]> {
  const differences: Difference[] = []
  const early = earlyIn(timeline)
  for (const [index, step] of timeline.entries()) {
    if (isWanted?.() === false) throw new Unwanted('nobody waits for the replay any more')
    for (const step of early.get(index) ?? []) await player.arrive(step)
    switch (step.step) {
      case 'request':
        if (step.sendable) differences.push(...await player.decide(step, index))
        break
      case 'control': {
        const problem = await player.call(step)
        if (problem !== undefined) differences.push({ step: index, pointer: '', expected: 'a call that is carried out', found: problem })
        break
      }
      case 'removal':
        await player.remove(step)
        break
      case 'events':
        await player.look?.(step)
    }
    // More are not listed, and each may hold large bodies.
    if (player.stoppedAt?.() === index || differences.length >= MAX_DIFFERENCES) break
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

/** Sums a replay up that was played to a step, with the differences in the order of the timeline. */
export function replayOf ({ timeline }: Case, differences: readonly Difference[], last = Infinity): Replay {
  const requests = timeline.slice(0, last + 1).filter(isRequest)
  const skipped = requests.filter(({ sendable }) => !sendable).length
  const all = differences.toSorted((a, b) => (a.step ?? Infinity) - (b.step ?? Infinity))
  return { equal: all.length === 0, requests: requests.length - skipped, skipped, differences: all.slice(0, MAX_DIFFERENCES) }
}

/** Throws a `Problem` for a case that can't be replayed. */
export function refuseIncomplete ({ incomplete }: Case): void {
  if (incomplete === null) return
  throw new Problem(`the case can't be replayed: ${incomplete}`, { status: 409, advice: 'its end can be loaded, with PUT /__admin/state' })
}
