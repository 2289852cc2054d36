import type { SweepCall } from '../contract/sweep-report.js'
import { parseInstant } from '../domain/clock.js'
import { differenceIn, verdictOf, type RunKind } from '../domain/verdict.js'
import type { Observation, Variation } from './observation.js'
import { chargedIn } from './reference.js'
import type { Judged } from './sentence.js'

/** Judges a run by the reference. */
export function judge (kind: RunKind, variation: Variation, observation: Observation, reference: Pick<Observation, 'books' | 'calls'>): Judged {
  const difference = differenceIn(kind, reference.books, observation.books)
  const chargedMills = chargedByFaulty(observation)
  // Without a faulty call, it is the whole run that went wrong.
  const hasCharged = kind === 'fault' ? chargedMills > 0 : difference.kind === 'same' && chargedIn(observation) > 0
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
