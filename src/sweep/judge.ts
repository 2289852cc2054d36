import type { SweepCall } from '../contract/sweep-report.js'
import { totalOf, type Charge, type Difference } from '../domain/account-books.js'
import { parseInstant } from '../domain/clock.js'
import { callText } from '../domain/sweep-questions.js'
import { differenceIn, verdictOf, type RunKind } from '../domain/verdict.js'
import type { Observation, Variation } from './observation.js'
import { boughtIn } from './reference.js'
import type { Judged } from './sentence.js'

/** Judges a run by the reference. */
export function judge (kind: RunKind, variation: Variation, observation: Observation, reference: Pick<Observation, 'books' | 'calls'>): Judged {
  const difference = withRepeats(kind, differenceIn(kind, reference.books, observation.books), observation, reference)
  const chargedMills = chargedByFaulty(observation)
  // Without a faulty call, what went wrong is the whole run, or its last call: a command that was charged by that may have misread the answer.
  const hasCharged = kind === 'fault'
    ? chargedMills > 0
    : observation.calls.at(-1)?.decision?.charged === true || (difference.kind === 'same' && boughtIn(observation) > 0)
  const isReached = reaches(variation, observation)
  return {
    verdict: verdictOf(difference.kind, { ending: observation.ending, isReached, hasCharged }),
    difference,
    observation,
    chargedMills,
    // Where prices and dates may differ, so may what is refused.
    isShortOfMoney: (kind === 'fault' || kind === 'dialect') && difference.kind !== 'more' && moneyRefusals(observation) > moneyRefusals(reference)
  }
}

type Calls = Observation['calls']

/**
 * Takes an order that was charged again for a double charge, although less was charged in all: the command may have left out what it buys later.
 * That counts for the order that failed; for one that came before a call that failed and buys nothing, such as a look at what was bought; and
 * without a failure for what creates: a project's number may be another project's by then. For the same reason the charges tell less than the
 * calls: of two projects that were created in place of one, the second has the number of the next.
 */
function withRepeats (kind: RunKind, difference: Difference, { calls, books }: Observation, reference: Pick<Observation, 'books' | 'calls'>): Difference {
  if (difference.kind === 'more') return difference
  const beforeLook = calls.slice(0, Math.max(0, calls.findIndex(({ triggered, planId }) => triggered !== null && planId === null)))
  const failed = calls.filter(({ triggered, projectId }) => kind === 'fault' ? triggered !== null : projectId === null)
  const tried = new Set([...failed, ...beforeLook].map(callText))
  const usual = new Map<string, number>()
  for (const { order, ids } of charged(reference.calls)) usual.set(order, Math.max(ids.length, usual.get(order) ?? 1))
  // What was bought more often by then has another reason.
  const earlier = new Set(beforeLook.map(({ id }) => id))
  const repeats = new Set(charged(calls).filter(({ order }) => tried.has(order)).flatMap(({ order, ids }) => ids.slice(usual.get(order) ?? 1)).filter(id => !earlier.has(id)))
  const creations = new Set(calls.filter(({ projectId }) => projectId === null).map(({ id }) => id))
  const accounts = books.flatMap(({ account, charges, projects }) => {
    const more = charges.filter(charge => repeats.has(charge.requestId!) && !(creations.has(charge.requestId!) && isExpected(charge, projects)))
    const [total, found] = [totalOf(charges), difference.accounts.find(other => other.account === account)]
    return more.length === 0 ? [] : { account, mills: found?.mills ?? { reference: total, run: total }, more, less: [], says: found?.says ?? [], isBoughtAgain: true }
  })
  return accounts.length === 0 ? difference : { kind: 'more', accounts }

  /**
   * Tells whether no more projects of the name of one that was created are active than in the reference, or no more at all if the name tells
   * nothing. It takes the place of another one, such as one that has expired. After a failure, only a name tells that.
   */
  function isExpected (charge: Charge, projects: Observation['books'][number]['projects']): boolean {
    const name = projects.find(({ projectId }) => projectId === charge.projectId)?.name ?? null
    if (name === null && (kind === 'fault' || kind === 'dialect')) return false
    const active = (books: Observation['books']): number =>
      books.flatMap(({ projects }) => projects.filter(project => project.status === 'Active' && (name === null || project.name === name))).length
    return active(books) <= active(reference.books)
  }
}

/** Groups the calls that were charged by their order and the account that paid: tests may buy the same, each for its own account. */
function charged (calls: Calls): ReadonlyArray<{ readonly order: string, readonly ids: readonly string[] }> {
  const groups = new Map<string, { readonly order: string, readonly ids: string[] }>()
  for (const call of calls.filter(({ decision }) => decision?.charged === true)) {
    const order = callText(call)
    const key = JSON.stringify([call.account, order])
    if (!groups.has(key)) groups.set(key, { order, ids: [] })
    groups.get(key)!.ids.push(call.id)
  }
  return [...groups.values()]
}

function moneyRefusals ({ calls }: Pick<Observation, 'calls'>): number {
  return calls.filter(({ decision }) => decision?.rule === 'wallet-must-cover-price').length
}

/** Sums up what the calls had charged on which the fault triggered. */
function chargedByFaulty ({ calls, books }: Observation): number {
  const faulty = new Set(calls.filter(({ triggered }) => triggered !== null).map(({ id }) => id))
  const charges = books.flatMap(account => account.charges).filter(({ requestId }) => requestId !== null && faulty.has(requestId))
  return charges.reduce((sum, { mills }) => sum + mills, 0)
}

/** Tells whether a run met what it was made for: its fault, or its instant. A choice or a dialect is everywhere. */
function reaches ({ fault, instant }: Variation, { calls }: Observation): boolean {
  if (fault !== null) return calls.some(({ triggered }) => triggered !== null)
  if (instant !== null) return calls.some(({ decision }) => decision?.emulatedAt === parseInstant(instant))
  return true
}

/** Shows the calls of a reference as a report has them. */
export function shownCalls ({ calls }: Observation, skips: readonly number[]): SweepCall[] {
  return calls.map(({ endpoint, projectId, planId, decision }, index) => ({
    endpoint,
    project_id: projectId,
    plan_id: planId,
    skip: skips[index]!,
    api_status: decision?.status ?? null,
    rule: decision?.rule ?? null,
    charged: decision?.charged ?? false,
    assumptions: decision?.assumptions ?? []
  }))
}
