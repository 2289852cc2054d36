import type { Case, CaseRequest, CaseStart, CaseStep } from '../contract/case.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import { Problem } from '../problem.js'
import type { IsWanted } from '../time-slices.js'
import { compareAnswers, compareCases, isRequest } from './compare.js'
import { playAll, refuseIncomplete, type Player } from './play.js'
import { openReplay, type Serve } from './world.js'

/**
 * Cuts off what happened before a request: plays the case up to there, and gives one that begins with what the world had become. Where that
 * request, or what comes after it, needs an earlier step, such as the snapshot that an undo restores, the case begins with that step.
 * Throws a `Problem` for a request that the case does not have, and for a case whose replay differs before it.
 */
export async function cutCase (saved: Case, from: string, serve: Serve, isWanted?: IsWanted): Promise<Case> {
  refuseIncomplete(saved)
  const { timeline } = saved
  const index = timeline.findIndex(step => isRequest(step) && step.request.id === from)
  if (index === -1) {
    throw new Problem(`the case has no request ${JSON.stringify(from)}`, {
      status: 404,
      advice: 'expected the id of one of its own: not of another account\'s, nor of one that came with a saved world'
    })
  }
  const place = placeToCut(timeline, index)
  if (place === 0) return saved
  const head = { ...saved, timeline: timeline.slice(0, place) }
  const tail = timeline.slice(place)
  return { ...saved, start: await worldAfter(head, tail, serve, isWanted), timeline: tail.map(step => moved(step, place)) }
}

/** Finds the last place before a step of which the rest of a timeline needs nothing that comes earlier but the world. */
function placeToCut (timeline: Case['timeline'], index: number): number {
  const snapshots = new Map(timeline.flatMap((step, index) => step.step === 'control' && step.snapshot !== undefined ? [[step.snapshot, index]] : []))
  let place = index
  for (let later = timeline.length - 1; later >= place; later--) place = Math.min(place, neededBy(timeline[later]!, snapshots) ?? place)
  return place
}

/** Gives the index of the earlier step that a step needs, if it needs one. */
function neededBy (step: CaseStep, snapshots: ReadonlyMap<string, number>): number | undefined {
  // A fault delays it: it had arrived before.
  if (isRequest(step)) return step.arrived?.before
  if (step.step !== 'control' || step.path !== '/undo') return undefined
  return snapshots.get(String((Object(step.body) as { readonly id?: unknown }).id))
}

/** Plays the beginning of a case, and gives the start of the rest. */
async function worldAfter (head: Case, tail: readonly CaseStep[], serve: Serve, isWanted: IsWanted | undefined): Promise<CaseStart> {
  const world = await openReplay(head, serve, false)
  try {
    const decide: Player['decide'] = async (step, index) => compareAnswers(index, step.request, await world.decide(step))
    const differences = await playAll(head, { ...world, decide }, isWanted)
    const { journaled, ...start } = world.now()
    const again = await world.saved(isWanted)
    const [first] = [...differences, ...await compareCases({ ...head, end: again.end }, again, world.faultId, isWanted)]
    if (first === undefined) return { ...start, scenario: { ...start.scenario, ...requestsFor(head, tail, journaled) } }
    throw new Problem(`the case can't be cut: its replay differs before that, first at step ${first.step! + 1}, ${first.pointer}`, {
      status: 409,
      advice: 'replay it, to see the difference'
    })
  } finally {
    await world.close()
  }
}

/** Gives the charged requests that later ones repeat, which are told of them. */
function requestsFor (
  { start, timeline }: Case, tail: readonly CaseStep[], journaled: ReadonlyMap<string, string>
): { readonly requests?: readonly JournalEntry[] } {
  const keyOf = ({ account, request: { text } }: JournalEntry): string => JSON.stringify([account, text])
  const repeated = new Set(tail.filter(isRequest).map(({ request }) => keyOf(request)))
  const earlier = [...start.scenario.requests ?? [], ...timeline.filter(isRequest).map(({ request }) => request)]
  // A world that was loaded meanwhile may have brought them without their tokens.
  const requests = earlier.filter(entry => entry.charged && journaled.get(entry.id) === entry.request.text && repeated.has(keyOf(entry)))
  return requests.length === 0 ? {} : { requests }
}

/** Gives a step as it is after so many others have been cut off. */
function moved (step: CaseStep, by: number): CaseStep {
  if (!isRequest(step) || step.arrived === undefined) return step
  return { ...step, arrived: { ...step.arrived, before: step.arrived.before - by } } satisfies CaseRequest
}
