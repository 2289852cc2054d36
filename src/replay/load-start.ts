import type { Case } from '../contract/case.js'
import type { Scenario, ScenarioAccount } from '../contract/scenario.js'
import { parseInstant } from '../domain/clock.js'
import { bundledPlans } from '../scenario/bundled.js'
import { loadSeed } from '../scenario/load.js'
import { readScenario, type Seed } from '../scenario/read.js'
import type { Store } from '../store/index.js'

/** Loads the world that a case begins with into an empty store, and gives what of it is not in the store. */
export function loadStart (store: Store, { start, seed }: Case): Pick<Seed, 'faults' | 'requests'> {
  const { scenario, reset_to: resetTo = scenario, initial = [] } = start
  const origins = new Map(initial.map((account): [string, ScenarioAccount] => [account.name!, account]))
  const read = readScenario(scenario, { plans: bundledPlans(), machineTime: parseInstant(start.at)!, seed })
  const accounts = read.accounts.map(account => {
    const origin = origins.get(account.account.name)
    return origin === undefined ? account : { ...account, record: { ...account.record, origin } }
  })
  store.transaction(() => {
    loadSeed(store, { ...read, accounts })
    store.world.updateScenario(resetTo satisfies Scenario)
    store.world.countStart()
  })
  return read
}
