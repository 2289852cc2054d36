import type { Account } from '../domain/account.js'
import { Problem } from '../problem.js'
import type { Store, Tables } from '../store/index.js'
import { findTokenOwner } from '../world/token-owner.js'
import type { SeedAccount } from './accounts.js'
import { loadAccount, loadSeed } from './load.js'

// Restoring from another database's tables loses nothing. A scenario would: it has no initial states of accounts, and writes a
// running clock as one that starts now.

/** Replaces a store's world by another's. Must run within a transaction. */
export function restoreWorld (store: Store, past: Tables): void {
  const { clock, settings } = past.world.find()!
  const accounts = past.accounts.list().map(account => seedOf(past, account))
  loadSeed(store, { clock, settings, plans: past.plans.list(), accounts, history: past.history.list(null), requests: [] })
}

/**
 * Replaces an account by what another store has under its name; if that has none, removes it. Must run within a transaction. Throws
 * a `Problem` if another account has taken one of its tokens.
 */
export function restoreAccount (store: Store, past: Tables, name: string): void {
  const present = store.accounts.findByName(name)
  const found = past.accounts.findByName(name)
  if (present !== undefined) store.accounts.remove(present.accountId)
  if (found === undefined) return
  const seed = seedOf(past, found)
  refuseTaken(store, seed)
  // Its old id keeps its place in lists; another account may have it by now.
  const isFree = store.accounts.find(found.accountId) === undefined
  loadAccount(store, seed, isFree ? found.accountId : null)
}

/** Reads an account as its loader takes it. */
function seedOf (tables: Tables, { accountId, dueAt: _, ...account }: Account): SeedAccount {
  return {
    account,
    record: tables.accounts.findRecord(accountId),
    projects: tables.projects.list(accountId),
    entries: tables.ledger.list(accountId),
    history: tables.history.list(accountId)
  }
}

function refuseTaken (store: Store, { account, projects }: SeedAccount): void {
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
