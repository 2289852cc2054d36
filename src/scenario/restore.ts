import { Problem } from '../problem.js'
import type { Store, Tables } from '../store/index.js'
import { saveAccount, type SavedAccount } from '../world/saved-account.js'
import { findTokenOwner } from '../world/token-owner.js'
import { loadAccount, loadSeed } from './load.js'

// Restoring what tables had loses nothing. A scenario would: it has no initial states of accounts, and writes a running clock as one
// that starts now.

/** Replaces a store's world by another's. Must run within a transaction. */
export function restoreWorld (store: Store, past: Tables): void {
  const { clock, settings } = past.world.find()!
  const accounts = past.accounts.list().map(account => saveAccount(past, account))
  loadSeed(store, { clock, settings, plans: past.plans.list(), accounts, history: past.history.list(null), requests: [] })
}

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
