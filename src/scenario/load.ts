import type { Store } from '../store/index.js'
import type { Seed } from './read.js'

/** Puts a scenario's world into an empty store. To be run within a transaction. */
export function loadSeed (store: Store, { clock, settings, plans, accounts }: Seed): void {
  store.world.update({ starts: 0, clock, settings })
  for (const plan of plans) store.plans.update(plan)
  for (const { account, now, projects } of accounts) {
    const accountId = store.accounts.insert(account)
    store.ledger.insert(accountId, {
      at: now,
      kind: 'opening',
      amountMills: account.balanceMills,
      balanceMills: account.balanceMills,
      projectId: null,
      planId: null,
      requestId: null
    })
    for (const project of projects) store.projects.insert(accountId, project)
  }
}
