import { chargeText, comparePairs, isPurchase, numberedAs, pairsOf, type AccountBooks, type Charge, type Difference } from './account-books.js'
import type { Verdict } from './verdicts.js'

/** How a command ended. */
export type Ending = 'success' | 'failure' | 'timeout' | 'signal'

/** What a run did differently from the reference by intention, which decides how its books are compared. */
export type RunKind = 'fault' | 'dialect' | 'question' | 'instant'

export interface Outcome {
  readonly ending: Ending
  /** Whether the run met what it was made for, such as its fault. */
  readonly isReached: boolean
  /** Whether the call that went wrong had charged. */
  readonly hasCharged: boolean
}

/** Judges a run: a pure function of how its books differ from the reference's, and of its outcome. */
export function verdictOf (difference: Difference['kind'], { ending, isReached, hasCharged }: Outcome): Verdict {
  if (!isReached) return 'not-reached'
  if (difference === 'more') return 'double-charge'
  if (ending === 'timeout') return 'hung'
  if (ending === 'signal') return 'crashed'
  if (ending === 'success') return difference === 'same' ? 'recovered' : 'false-success'
  if (hasCharged) return 'charged-but-failed'
  return difference === 'less' ? 'failed-cleanly' : 'failed'
}

/**
 * Compares the books of a run with those of the reference by what may differ: nothing under a fault or in another dialect; the prices
 * and what time brings where the vendor's rules are read in another way (`question`) or at another time (`instant`).
 */
export function differenceIn (kind: RunKind, reference: readonly AccountBooks[], run: readonly AccountBooks[]): Difference {
  const pairs = pairsOf(reference, run)
  const difference = comparePairs(pairs)
  if (kind === 'fault' || kind === 'dialect') return difference
  const each = pairs.map(([before, after]) => [[before], [numberedAs(before, after)]] as const)
  const all = [each.flatMap(([before]) => before), each.flatMap(([, after]) => after)] as const
  // Accounts that got each other's names are paired wrongly, so that what is wrong must be so in a pair and in all.
  const isSomewhere = (test: (charge: Charge, before: readonly AccountBooks[], after: readonly AccountBooks[]) => boolean): boolean =>
    each.some(([before, after]) => purchasesOf(before).some(charge => test(charge, before, after) && test(charge, ...all)))
  const isLess = purchaseCount(run) < purchaseCount(reference) && (kind === 'instant' || isSomewhere(isLeftOut))
  return { kind: isSomewhere(isBoughtMoreOften) ? 'more' : isLess ? 'less' : 'same', accounts: difference.accounts }
}

/** Counts purchases: all, or those of the same plan for the same project. */
function purchaseCount (books: readonly AccountBooks[], like?: Charge): number {
  return purchasesOf(books).filter(({ projectId, planId }) => like === undefined || (projectId === like.projectId && planId === like.planId)).length
}

function purchasesOf (books: readonly AccountBooks[]): Charge[] {
  return books.flatMap(({ charges }) => charges.filter(isPurchase))
}

/** Tells whether a plan that the reference buys for a project was bought for it more often. */
function isBoughtMoreOften (charge: Charge, reference: readonly AccountBooks[], run: readonly AccountBooks[]): boolean {
  return purchaseCount(run, charge) > purchaseCount(reference, charge)
}

/**
 * Tells whether a plan that the reference buys for a project was bought for it less often, and is missing there. Where the project is on the plan
 * all the same, another reading of the rules made the order needless.
 */
function isLeftOut (charge: Charge, reference: readonly AccountBooks[], run: readonly AccountBooks[]): boolean {
  const onPlan = (books: readonly AccountBooks[]): number => books.filter(({ projects }) =>
    projects.some(({ projectId, plans }) => projectId === charge.projectId && plans.includes(charge.planId!))).length
  return purchaseCount(run, charge) < purchaseCount(reference, charge) && onPlan(run) < onPlan(reference)
}

/** Says in words of money how the books of a run differ from the reference; empty if they do not. */
export function differenceText ({ accounts }: Difference): string {
  return accounts.map(({ account, more, less, says }) => {
    const charges = [
      ...more.map(charge => `${chargeText(charge)} was charged${less.length === 0 ? ' in addition' : ''}`),
      ...less.map(charge => `${chargeText(charge)} was not charged`)
    ]
    // What a customer has follows from what was bought.
    return `${account}: ${(charges.length > 0 ? charges : says).join('; ')}`
  }).join('; ')
}
