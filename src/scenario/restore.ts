import { Problem } from '../problem.js'
import type { Store } from '../store/index.js'
import type { SavedAccount } from '../world/saved-account.js'
import { findTokenOwner } from '../world/token-owner.js'
import { loadAccount } from './load.js'

/**
 * Replaces an account by what was saved of it; if it was not there then, removes it. Must run within a transaction. Throws a `Problem`
 * if another account has taken one of its tokens.
 */
export function restoreAccount (store: Store, name: string, saved: SavedAccount | null): void {
  const present = store.accounts.findByName(name)
  if (present !== undefined) store.accounts.remove(present.accountId)
  if (saved === null) return
  refuseTaken(store, saved)
  // Its old id keeps its place in lists; another account may have it by now.
  const isFree = store.accounts.find(saved.accountId) === undefined
  loadAccount(store, saved, isFree ? saved.accountId : null)
}

function refuseTaken (store: Store, { account, projects }: SavedAccount): void {
  const tokens = [account.token, ...projects.flatMap(({ apiTokens }) => apiTokens.map(({ token }) => token))]
  for (const token of tokens) {
    const by = findTokenOwner(store, token)?.account
    if (by === undefined) continue
    throw new Problem(`another account now uses a token of ${JSON.stringify(account.name)}`, {
      status: 409,
      advice: `remove it with DELETE /__admin/accounts/${encodeURIComponent(by.name)}, then undo again`
    })
  }
}
