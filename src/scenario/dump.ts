import type { AccountState, LedgerEntry } from '../contract/control.js'
import type { Scenario, ScenarioAccount, ScenarioClock, ScenarioProject } from '../contract/scenario.js'
import type { Account } from '../domain/account.js'
import { instantText, timeOn, type Clock, type Instant } from '../domain/clock.js'
import type { ActiveFault } from '../domain/fault.js'
import { usd } from '../domain/money.js'
import type { Store, Tables } from '../store/index.js'
import { jsonPieces } from '../text/json-pieces.js'
import { inSlices, mapInSlices, type IsWanted, type Work } from '../time-slices.js'
import { historyRow } from '../world/history-row.js'
import { entryRow } from '../world/ledger-row.js'
import { faultRow, ttlText } from './faults.js'
import { planRow } from './plans.js'
import { projectRow } from './projects.js'
import { ACCOUNT_SHAPE, SCENARIO_SHAPE } from './shape.js'
import { settingsRow } from './settings.js'

/** Names of the accounts to write; `null` for all. Those that there are not are left out. */
type Only = ReadonlySet<string> | null

/**
 * Writes a store's whole world, or that of some accounts, as a scenario that loads as the same world. A running clock starts from the
 * time it shows now.
 */
export function dumpWorld (store: Tables, faults: readonly ActiveFault[], machineTime: Instant, only: Only = null): Scenario {
  const world = worldOf(store, faults, machineTime, only, {
    projects: accountId => store.projects.list(accountId).map(projectRow),
    ledger: accountId => store.ledger.list(accountId).map(entryRow)
  })
  return { ...world, accounts: [...world.accounts] }
}

/** Does so in slices. The store must not change meanwhile; faults are as they are at the call. */
export async function dumpInSlices (
  store: Tables, faults: readonly ActiveFault[], machineTime: Instant, only: Only, isWanted?: IsWanted
): Promise<Scenario> {
  const world = worldOf(store, faults, machineTime, only, listsInParts(store))
  const dumped: ScenarioAccount[] = []
  for await (const account of inSlices(world.accounts)) {
    const [projects, ledger] = [await mapInSlices(account.projects, unchanged, isWanted), await mapInSlices(account.ledger, unchanged, isWanted)]
    dumped.push({ ...account, projects, ledger })
  }
  return { ...world, accounts: dumped }
}

function unchanged<T> (value: T): T { return value }

/** Writes it as JSON text, in pieces that are read from the store when they are asked for. It must not change meanwhile. */
export function worldText (store: Tables, faults: readonly ActiveFault[], machineTime: Instant, only: Only): Iterable<string> {
  return jsonPieces(worldOf(store, faults, machineTime, only, listsInParts(store)), SCENARIO_SHAPE)
}

/** Long lists of an account, by its id. */
interface Lists<Projects, Ledger> {
  readonly projects: (accountId: number) => Projects
  readonly ledger: (accountId: number) => Ledger
}

function listsInParts (store: Tables): Lists<Iterable<ScenarioProject>, Iterable<LedgerEntry>> {
  return { projects: accountId => projectsInParts(store, accountId), ledger: accountId => ledgerInParts(store, accountId) }
}

/** Gives the parts of a world. Its accounts are read when they are asked for, once. */
function worldOf<Projects, Ledger> (
  store: Tables, faults: readonly ActiveFault[], machineTime: Instant, only: Only, lists: Lists<Projects, Ledger>
) {
  const { clock, settings } = store.world.find()!
  return {
    clock: clockRow(clock, machineTime),
    settings: settingsRow(settings),
    plans: store.plans.list().map(planRow),
    accounts: mapped(only === null ? store.accounts.listInParts() : [accountsNamed(store, only)], account => ({
      ...accountOf(store, account, machineTime, lists.projects(account.accountId)),
      ledger: lists.ledger(account.accountId),
      ...dumpHistory(store, account.accountId)
    })),
    ...dumpHistory(store, null),
    ...faults.length > 0 && { faults: faults.map(fault => faultRow(fault, machineTime)) }
  }
}

/** Tells whether the world, or one of some accounts, is so large that it is to be written in slices. */
export function isLargeWorld (store: Store, only: Only): boolean {
  return only === null ? store.isLarge() : accountsNamed(store, only).some(({ accountId }) => store.isLarge(accountId))
}

function accountsNamed (store: Tables, only: ReadonlySet<string>): readonly Account[] {
  return [...only].flatMap(name => store.accounts.findByName(name) ?? []).sort((one, other) => one.accountId - other.accountId)
}

function * mapped<Item, Row> (parts: Iterable<readonly Item[]>, map: (item: Item) => Row): Iterable<Row> {
  for (const part of parts) for (const item of part) yield map(item)
}

/** Writes the history of an account, or of the world, if there is any. */
function dumpHistory (store: Tables, accountId: number | null): Pick<Scenario, 'history'> {
  const events = store.history.list(accountId)
  return events.length > 0 ? { history: events.map(historyRow) } : {}
}

/** Writes an account as a scenario has it, without its ledger and history. */
export function dumpAccount (store: Tables, account: Account, machineTime: Instant): AccountState {
  return accountOf(store, account, machineTime, store.projects.list(account.accountId).map(projectRow))
}

/** Does so, and pauses after some of its projects. */
export function * dumpingAccount (store: Tables, account: Account, machineTime: Instant): Work<AccountState> {
  const projects: ScenarioProject[] = []
  for (const part of store.projects.listInParts(account.accountId)) {
    for (const project of part) projects.push(projectRow(project))
    yield
  }
  return accountOf(store, account, machineTime, projects)
}

/** Writes an account in the same way without its projects, of which there may be many. */
export function dumpHead (store: Tables, account: Account, machineTime: Instant): Omit<AccountState, 'projects'> {
  const { projects: _, ...head } = accountOf(store, account, machineTime, [])
  return head
}

/** Writes an account as JSON text, in pieces that are read from the store when they are asked for. */
export function accountText (store: Tables, account: Account, machineTime: Instant): Iterable<string> {
  return jsonPieces(accountOf(store, account, machineTime, projectsInParts(store, account.accountId)), ACCOUNT_SHAPE)
}

/** Writes all accounts in the same way. */
export function accountsText (store: Tables, machineTime: Instant): Iterable<string> {
  return jsonPieces({ accounts: shownAccounts(store, store.accounts.listInParts(), machineTime) }, SCENARIO_SHAPE)
}

/** Writes a list of accounts in the same way. */
export function accountListText (store: Tables, accounts: readonly Account[], machineTime: Instant): Iterable<string> {
  return jsonPieces(shownAccounts(store, [accounts], machineTime), [ACCOUNT_SHAPE])
}

function shownAccounts (store: Tables, parts: Iterable<readonly Account[]>, machineTime: Instant) {
  return mapped(parts, account => accountOf(store, account, machineTime, projectsInParts(store, account.accountId)))
}

/** Writes the ledger of an account in the same way. */
export function ledgerText (store: Tables, { accountId }: Account): Iterable<string> {
  return jsonPieces({ ledger: ledgerInParts(store, accountId) }, ACCOUNT_SHAPE)
}

/** Writes the books of an account, and the projects that they are about, in the same way. */
export function booksText (store: Tables, { accountId, balanceMills }: Account): Iterable<string> {
  return jsonPieces({ balance: usd(balanceMills), ledger: ledgerInParts(store, accountId), projects: projectsInParts(store, accountId) }, ACCOUNT_SHAPE)
}

function ledgerInParts (store: Tables, accountId: number): Iterable<LedgerEntry> {
  return mapped(store.ledger.listInParts(accountId), entryRow)
}

function projectsInParts (store: Tables, accountId: number): Iterable<ScenarioProject> {
  return mapped(store.projects.listInParts(accountId), projectRow)
}

function accountOf<Projects> (store: Tables, account: Account, machineTime: Instant, projects: Projects) {
  const expiresAt = store.accounts.expiryOf(account.accountId)
  return {
    name: account.name,
    token: account.token,
    balance: usd(account.balanceMills),
    ...account.balanceRestsOn !== undefined && { balance_rests_on: account.balanceRestsOn },
    ...account.clock !== null && { clock: clockRow(account.clock, machineTime) },
    ...Object.keys(account.settings).length > 0 && { settings: settingsRow(account.settings) },
    projects,
    ...expiresAt !== null && { ttl: ttlText(expiresAt, machineTime) }
  }
}

function clockRow (clock: Clock, machineTime: Instant): ScenarioClock {
  return clock.mode === 'system' ? { mode: 'system' } : { mode: clock.mode, at: instantText(timeOn(clock, machineTime)) }
}
