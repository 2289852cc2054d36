import type { Account } from '../domain/account.js'
import type { Purchase } from '../domain/purchase.js'
import type { Store } from '../store/index.js'

/** Books a debit, if there is one, and saves the assumptions that the balance rests on afterwards. */
export function saveEntry (
  store: Store,
  { accountId, balanceMills: before, balanceRestsOn: restedOn }: Account,
  { entry, balanceRestsOn }: Pick<Purchase, 'entry' | 'balanceRestsOn'>,
  requestId: string | null
): void {
  if (entry === null) {
    if (balanceRestsOn !== restedOn) store.accounts.updateBalance(accountId, before, balanceRestsOn)
    return
  }
  const { at, kind, amountMills, balanceMills, projectId, planId } = entry
  store.accounts.updateBalance(accountId, balanceMills, balanceRestsOn)
  store.ledger.book(accountId, { at, kind, amountMills, balanceMills, projectId, planId, requestId })
}
