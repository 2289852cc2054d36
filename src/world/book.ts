import type { Account, LedgerEntry } from '../domain/account.js'
import type { Store } from '../store/index.js'

/** Books a debit, if there is one. */
export function saveEntry (
  store: Store,
  { accountId }: Account,
  entry: Omit<LedgerEntry, 'requestId'> | null,
  requestId: string | null
): void {
  if (entry === null) return
  const { at, kind, amountMills, balanceMills, projectId, planId } = entry
  store.accounts.updateBalance(accountId, balanceMills)
  store.ledger.book(accountId, { at, kind, amountMills, balanceMills, projectId, planId, requestId })
}
