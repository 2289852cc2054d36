import { chargeText, compareBooks, isPurchase, type AccountBooks, type Charge, type Difference } from './account-books.js'
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
  const difference = compareBooks(reference, run)
  if (kind === 'fault' || kind === 'dialect') return difference
  const { accounts } = compareBooks(purchasesIn(reference), purchasesIn(run))
  const isRepeated = accounts.some(({ more }) => more.some(charge => isBoughtMoreOften(charge, reference, run)))
  const isLess = kind === 'instant'
    ? purchaseCount(run) < purchaseCount(reference)
    : purchasesOf(reference).some(charge => isLeftOut(charge, reference, run))
  return { kind: isRepeated ? 'more' : isLess ? 'less' : 'same', accounts: difference.accounts }
}

/** Leaves what the command bought: prices do not count, nor does what time brings. */
function purchasesIn (books: readonly AccountBooks[]): AccountBooks[] {
  return books.map(({ account, charges }) => ({ account, charges: charges.filter(isPurchase), projects: [] }))
}

/**
 * Tells whether a plan that the reference buys for a project was never bought for it, and the project is on it in the reference alone. Where
 * it is on the plan all the same, another reading of the rules made the order needless.
 */
function isLeftOut (charge: Charge, reference: readonly AccountBooks[], run: readonly AccountBooks[]): boolean {
  const isOnPlan = ({ projects }: AccountBooks): boolean =>
    projects.some(({ projectId, plans }) => projectId === charge.projectId && plans.includes(charge.planId!))
  return purchaseCount(run, charge) === 0 && reference.some(isOnPlan) && !run.some(isOnPlan) && !isRenumbered(charge.projectId, reference, run)
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
  const usual = purchaseCount(reference, charge)
  return usual > 0 && purchaseCount(run, charge) > usual && !isRenumbered(charge.projectId, reference, run)
}

/**
 * Tells whether a number belongs to another project than in the reference: one that was not created gives its number to the next one. A name
 * that the reference does not have tells nothing, as a client may draw it at random.
 */
function isRenumbered (projectId: Charge['projectId'], reference: readonly AccountBooks[], run: readonly AccountBooks[]): boolean {
  const before = reference.flatMap(({ projects }) => projects)
  const names = run.flatMap(({ projects }) => projects).filter(project => project.projectId === projectId).map(({ name }) => name)
  return names.some(name => {
    if (name === null) return false
    const namesakes = before.filter(project => project.name === name)
    return namesakes.length > 0 && namesakes.every(project => project.projectId !== projectId)
  })
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
