import { chargeText, compareBooks, type AccountBooks, type Difference } from './account-books.js'
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
  const isLess = kind === 'instant' && purchaseCount(run) < purchaseCount(reference)
  return { kind: isRepeated ? 'more' : isLess ? 'less' : 'same', accounts: difference.accounts }
}

type Purchase = AccountBooks['charges'][number]

/** Leaves what the command bought: prices do not count, nor does what time brings. */
function purchasesIn (books: readonly AccountBooks[]): AccountBooks[] {
  return books.map(({ account, charges }) => ({ account, charges: charges.filter(isPurchase), projects: [] }))
}

/** Tells whether a charge is for what was ordered, and not for what time brought. */
export function isPurchase ({ kind }: Purchase): boolean {
  return kind === 'plan-change'
}

function purchaseCount (books: readonly AccountBooks[]): number {
  return books.flatMap(({ charges }) => charges.filter(isPurchase)).length
}

/** Tells whether a plan that the reference buys for a project was bought for it more often. */
function isBoughtMoreOften (charge: Purchase, reference: readonly AccountBooks[], run: readonly AccountBooks[]): boolean {
  const count = (books: readonly AccountBooks[]): number => books.flatMap(({ charges }) =>
    charges.filter(other => isPurchase(other) && other.projectId === charge.projectId && other.planId === charge.planId)).length
  return count(reference) > 0 && count(run) > count(reference) && !isRenumbered(charge.projectId, reference, run)
}

/**
 * Tells whether a number belongs to another project than in the reference: one that was not created gives its number to the next one. A name
 * that the reference does not have tells nothing, as a client may draw it at random.
 */
function isRenumbered (projectId: Purchase['projectId'], reference: readonly AccountBooks[], run: readonly AccountBooks[]): boolean {
  const before = reference.flatMap(({ projects }) => projects)
  const names = run.flatMap(({ projects }) => projects).filter(project => project.projectId === projectId).map(({ name }) => name)
  return names.some(name => {
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
