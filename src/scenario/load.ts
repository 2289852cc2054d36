import type { ScenarioPlan } from '../contract/scenario.js'
import { Problem, type Issue } from '../problem.js'
import type { Store } from '../store/index.js'
import type { SeedAccount } from './accounts.js'
import { issue } from './issues.js'
import { readPlans } from './plans.js'
import type { Seed } from './read.js'
import { lastEpoch } from './requests.js'

/** Puts a scenario's world in the place of what a store holds. To be run within a transaction. */
export function loadSeed (store: Store, { clock, settings, plans, accounts, requests }: Omit<Seed, 'faults'>): void {
  store.accounts.removeAll()
  store.plans.removeAll()
  const starts = Math.max(store.world.find()?.starts ?? 0, lastEpoch(accounts, requests))
  store.world.update({ starts, clock, settings })
  for (const plan of plans) store.plans.update(plan)
  for (const account of accounts) loadAccount(store, account)
}

/** Adds an account; `accountId` puts it back in the place of one that has been removed. */
export function loadAccount (store: Store, { account, record, projects, entries }: SeedAccount, accountId: number | null = null): void {
  const id = store.accounts.insert(account, record, accountId)
  for (const entry of entries) store.ledger.insert(id, entry)
  for (const project of projects) store.projects.insert(id, project)
}

/** Puts rows over a store's plan table. A plan that projects are on stays with its service. Throws a `Problem`. */
export function loadPlans (store: Store, rows: unknown): void {
  const before = store.plans.table()
  const plans = readPlans(rows, [...before.values()])
  const issues = (rows as ScenarioPlan[]).flatMap(({ plan_id: planId, service }, index): Issue[] => {
    const old = before.get(planId)
    const moves = service !== undefined && old !== undefined && service !== old.service
    return moves && store.projects.isAnyOn(planId) ? [issue(`/${index}/service`, service, `${old.service}, as long as projects are on this plan`)] : []
  })
  if (issues.length > 0) throw new Problem('a plan that projects are on stays with its service', { status: 409, issues, advice: 'put these projects on another plan first' })
  for (const plan of plans) store.plans.update(plan)
}
