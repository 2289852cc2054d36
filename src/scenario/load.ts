import type { ScenarioPlan } from '../contract/scenario.js'
import type { Store } from '../store/index.js'
import type { SeedAccount } from './accounts.js'
import { readPlans, refuseMovedPlans } from './plans.js'
import type { Seed } from './read.js'
import { lastEpoch } from './requests.js'

/** Replaces a store's world by a scenario's. Must run within a transaction. */
export function loadSeed (store: Store, { clock, settings, plans, accounts, history, requests }: Omit<Seed, 'faults'>): void {
  store.accounts.removeAll()
  store.history.removeAll()
  store.plans.removeAll()
  const starts = Math.max(store.world.find()?.starts ?? 0, lastEpoch(accounts, requests))
  store.world.update({ starts, clock, settings })
  for (const plan of plans) store.plans.update(plan)
  for (const account of accounts) loadAccount(store, account)
  store.history.insert(null, history)
}

/** Adds an account, under the id of a removed one if `accountId` is given. */
export function loadAccount (store: Store, { account, record, projects, entries, history }: SeedAccount, accountId: number | null = null): void {
  const id = store.accounts.insert(account, record, accountId)
  for (const entry of entries) store.ledger.insert(id, entry)
  store.projects.insertAll(id, projects)
  store.history.insert(id, history)
}

/** Changes rows of a store's plan table, or throws a `Problem`. A plan in use can't move to the other service. */
export function loadPlans (store: Store, rows: unknown): void {
  const before = store.plans.table()
  const plans = readPlans(rows, [...before.values()])
  refuseMovedPlans(rows as ScenarioPlan[], before, store.projects.isAnyOn)
  for (const plan of plans) store.plans.update(plan)
}
