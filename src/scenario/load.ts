import type { Store } from '../store/index.js'
import type { SeedAccount } from './accounts.js'
import type { Seed } from './read.js'

/** Puts a scenario's world in the place of what a store holds. To be run within a transaction. */
export function loadSeed (store: Store, { clock, settings, plans, accounts }: Omit<Seed, 'faults'>): void {
  store.accounts.removeAll()
  store.plans.removeAll()
  store.world.update({ starts: store.world.find()?.starts ?? 0, clock, settings })
  for (const plan of plans) store.plans.update(plan)
  for (const account of accounts) loadAccount(store, account)
}

/** Adds an account; `accountId` puts it back in the place of one that has been removed. */
export function loadAccount (store: Store, { account, keeping, projects, entries }: SeedAccount, accountId: number | null = null): void {
  const id = store.accounts.insert(account, keeping, accountId)
  for (const entry of entries) store.ledger.insert(id, entry)
  for (const project of projects) store.projects.insert(id, project)
}
