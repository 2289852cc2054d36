import type { LedgerEntry } from './account.js'
import { usd, type Mills } from './money.js'

/** An account's books: its wallet, and its ledger in the order in which it was written. */
export interface Books {
  readonly account: string
  readonly balanceMills: Mills
  readonly entries: readonly LedgerEntry[]
}

/** Something in the books that can't be. */
export interface Violation {
  readonly account: string
  readonly invariant: 'balance-is-sum-of-entries' | 'entries-add-up' | 'debit-has-plan-change' | 'balance-is-not-negative'
  readonly says: string
}

/** Checks an account's books against what must always hold of a ledger. */
export function audit ({ account, balanceMills, entries }: Books): Violation[] {
  const violations: Violation[] = []
  const found = (invariant: Violation['invariant'], says: string): void => { violations.push({ account, invariant, says }) }
  let sum = 0
  entries.forEach(({ kind, amountMills, balanceMills: after, projectId, planId }, index) => {
    sum += amountMills
    const entry = `entry ${index + 1} (${kind}, ${usd(amountMills)} USD)`
    if (after !== sum) found('entries-add-up', `${entry} shows a balance of ${usd(after)} USD, the entries up to it make ${usd(sum)} USD`)
    if (after < 0) found('balance-is-not-negative', `${entry} leaves ${usd(after)} USD`)
    const isDebit = amountMills < 0 && kind !== 'adjustment'
    const paysForPlan = kind === 'plan-change' || kind === 'renewal'
    if ((isDebit || paysForPlan) && !(isDebit && paysForPlan && projectId !== null && planId !== null)) found('debit-has-plan-change', `${entry} is no debit that names the project and plan that it paid for`)
  })
  if (balanceMills !== sum) found('balance-is-sum-of-entries', `the wallet holds ${usd(balanceMills)} USD, its entries make ${usd(sum)} USD`)
  if (balanceMills < 0) found('balance-is-not-negative', `the wallet holds ${usd(balanceMills)} USD`)
  return violations
}
