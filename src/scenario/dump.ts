import type { AccountState } from '../contract/control.js'
import type { Scenario, ScenarioClock } from '../contract/scenario.js'
import type { Account } from '../domain/account.js'
import { instantText, timeOn, type Clock, type Instant } from '../domain/clock.js'
import type { ActiveFault } from '../domain/fault.js'
import { usd } from '../domain/money.js'
import type { Tables } from '../store/index.js'
import { historyRow } from '../world/history-row.js'
import { entryRow } from '../world/ledger-row.js'
import { faultRow, ttlText } from './faults.js'
import { planRow } from './plans.js'
import { projectRow } from './projects.js'
import { settingsRow } from './settings.js'

/** Writes a store's whole world as a scenario that loads as the same world. A running clock starts from the time it shows now. */
export function dumpWorld (store: Tables, faults: readonly ActiveFault[], machineTime: Instant): Scenario {
  const { clock, settings } = store.world.find()!
  return {
    clock: clockRow(clock, machineTime),
    settings: settingsRow(settings),
    plans: store.plans.list().map(planRow),
    accounts: store.accounts.list().map(account => ({
      ...dumpAccount(store, account, machineTime),
      ledger: store.ledger.list(account.accountId).map(entryRow),
      ...dumpHistory(store, account.accountId)
    })),
    ...dumpHistory(store, null),
    ...faults.length > 0 && { faults: faults.map(fault => faultRow(fault, machineTime)) }
  }
}

/** Writes the history of an account, or of the world, if there is any. */
function dumpHistory (store: Tables, accountId: number | null): Pick<Scenario, 'history'> {
  const events = store.history.list(accountId)
  return events.length > 0 ? { history: events.map(historyRow) } : {}
}

/** Writes an account as a scenario has it, without its ledger and history. */
export function dumpAccount (store: Tables, account: Account, machineTime: Instant): AccountState {
  const expiresAt = store.accounts.expiryOf(account.accountId)
  return {
    name: account.name,
    token: account.token,
    balance: usd(account.balanceMills),
    ...account.balanceRestsOn !== undefined && { balance_rests_on: account.balanceRestsOn },
    ...account.clock !== null && { clock: clockRow(account.clock, machineTime) },
    ...Object.keys(account.settings).length > 0 && { settings: settingsRow(account.settings) },
    projects: store.projects.list(account.accountId).map(projectRow),
    ...expiresAt !== null && { ttl: ttlText(expiresAt, machineTime) }
  }
}

function clockRow (clock: Clock, machineTime: Instant): ScenarioClock {
  return clock.mode === 'system' ? { mode: 'system' } : { mode: clock.mode, at: instantText(timeOn(clock, machineTime)) }
}
