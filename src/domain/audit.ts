import type { LedgerEntry } from './account.js'
import { usd, type Mills } from './money.js'

/** Books of an account: its wallet, and its ledger entries in the order in which they were written. */
export interface Books {
  readonly account: string
  readonly balanceMills: Mills
  readonly entries: readonly LedgerEntry[]
}

/** Contradiction in an account's books. */
export interface Violation {
  readonly account: string
  readonly invariant: 'balance-is-sum-of-entries' | 'entries-add-up' | 'debit-has-plan-change' | 'balance-is-not-negative'
  readonly says: string
}

/** Check of an account's books, to which the entries are given as they are read. */
export interface Auditor {
  readonly add: (entry: LedgerEntry) => void
  /** Compares the wallet with the entries, and gives all that was found. */
  readonly end: () => Violation[]
}

/** Checks an account's books against the invariants of a ledger. */
export function audit ({ entries, ...wallet }: Books): Violation[] {
  const { add, end } = auditor(wallet)
  entries.forEach(add)
  return end()
}

/** Begins a check of an account's books. */
export function auditor ({ account, balanceMills }: Omit<Books, 'entries'>): Auditor {
  const violations: Violation[] = []
  const report = (invariant: Violation['invariant'], says: string): void => { violations.push({ account, invariant, says }) }
  let sum = 0
  let count = 0
  return {
    add ({ kind, amountMills, balanceMills: after, projectId, planId }) {
      sum += amountMills
      const entry = `entry ${++count} (${kind}, ${usd(amountMills)} USD)`
      if (after !== sum) {
        report('entries-add-up', `${entry} shows a balance of ${usd(after)} USD, but the entries up to it add up to ${usd(sum)} USD`)
      }
      if (after < 0) report('balance-is-not-negative', `${entry} leaves a balance of ${usd(after)} USD`)
      const isDebit = amountMills < 0 && kind !== 'adjustment'
      const paysForPlan = kind === 'plan-change' || kind === 'renewal'
      if ((isDebit || paysForPlan) && !(isDebit && paysForPlan && projectId !== null && planId !== null)) {
        report('debit-has-plan-change', `${entry} is not a debit that names the project and plan it paid for`)
      }
    },
    end () {
      if (balanceMills !== sum) {
        report('balance-is-sum-of-entries', `the wallet holds ${usd(balanceMills)} USD, but its entries add up to ${usd(sum)} USD`)
      }
      if (balanceMills < 0) report('balance-is-not-negative', `the wallet holds ${usd(balanceMills)} USD`)
      return violations
    }
  }
}
