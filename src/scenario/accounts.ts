import type { ScenarioAccount, ScenarioLedgerEntry } from '../contract/scenario.js'
import type { Account, LedgerEntry } from '../domain/account.js'
import { restingOn, type RestsOn } from '../domain/assumptions.js'
import { setClock, timeOn, type Clock, type Instant } from '../domain/clock.js'
import { parseUsd, usd } from '../domain/money.js'
import type { HistoryEvent } from '../domain/history.js'
import type { PlanTable } from '../domain/plan.js'
import type { Project } from '../domain/project.js'
import { settingsFor, type SettingsChange } from '../domain/settings.js'
import type { AccountRecord } from '../store/accounts.js'
import { parseDuration } from '../text/duration.js'
import { doAtOnce, type Work } from '../time-slices.js'
import { deriveMasterToken } from '../world/generated.js'
import { readClock, readInstant } from './clock.js'
import { readHistory } from './history.js'
import { rejectDuplicates, type Issues } from './issues.js'
import { readingProjects } from './projects.js'
import { readSettings } from './settings.js'

/** An account in the domain's terms, ready to be loaded. */
export interface SeedAccount {
  readonly account: Omit<Account, 'accountId' | 'dueAt'>
  readonly record: AccountRecord
  readonly projects: readonly Project[]
  readonly entries: readonly LedgerEntry[]
  readonly history: readonly HistoryEvent[]
}

/** World that accounts are read for: its clock and settings hold where an account has none. */
export interface ReadContext {
  readonly clock: Clock
  readonly settings: SettingsChange
  readonly plans: PlanTable
  readonly machineTime: Instant
  readonly seed: number
}

/** Reads accounts whose schema has been checked; `nameOf` generates the names that are left out. */
export function * readingAccounts (
  given: readonly ScenarioAccount[], nameOf: (index: number) => string, context: ReadContext, issues: Issues
): Work<SeedAccount[]> {
  const accounts: SeedAccount[] = []
  for (const [index, account] of given.entries()) {
    accounts.push(yield * readingAccount({ ...account, name: account.name ?? nameOf(index) }, context, issues.at(index)))
    yield
  }
  rejectDuplicates(accounts.map(({ account }) => account.name), index => issues.at(index, 'name'))
  rejectDuplicateTokens(accounts.flatMap((seed, index) => tokensOf(seed, issues.at(index))))
  return accounts
}

/** Reads one account whose schema has been checked. */
export function readAccount (given: ScenarioAccount & { readonly name: string }, context: ReadContext, issues: Issues): SeedAccount {
  return doAtOnce(readingAccount(given, context, issues))
}

/** Reads one in the same way, and pauses after some of its long lists. */
export function * readingAccount (given: ScenarioAccount & { readonly name: string }, context: ReadContext, issues: Issues): Work<SeedAccount> {
  const { machineTime, seed, plans } = context
  const { name, ttl, ...rest } = given
  const setting = readClock(given.clock, issues.at('clock'))
  const clock = setting === undefined ? null : setClock(setting, machineTime)
  const settings = readSettings(given.settings, issues.at('settings'))
  const now = timeOn(clock ?? context.clock, machineTime)
  const { assumptions: choices } = settingsFor(context.settings, settings)
  const token = given.token ?? deriveMasterToken(name, seed)
  const projects = yield * readingProjects(given.projects ?? [], { now, choices, plans, masterToken: token }, issues.at('projects'))
  const balanceMills = parseUsd(given.balance ?? given.ledger?.at(-1)?.balance ?? '0')!
  const balanceRestsOn = restingOn(given.balance_rests_on as RestsOn | undefined)
  const entries = given.ledger === undefined ? [openingEntry(now, balanceMills)] : yield * readingLedger(given.ledger, balanceMills, issues)
  return {
    account: { name, token, balanceMills, ...balanceRestsOn !== undefined && { balanceRestsOn }, clock, settings },
    record: { origin: { name, ...rest }, expiresAt: ttl === undefined ? null : machineTime + parseDuration(ttl)! },
    projects,
    entries,
    history: readHistory(given.history ?? [], issues.at('history'))
  }
}

/** Number of entries of a ledger between two pauses. */
const PART = 64

/** A token, and the issue collector at its place. */
export interface TokenAt {
  readonly token: string
  readonly issues: Issues
}

/** Lists an account's token and those of its projects; `issues` is at the account. */
export function tokensOf ({ account, projects }: SeedAccount, issues: Issues): TokenAt[] {
  const ofProjects = projects.flatMap((project, index) => project.apiTokens.length === 0 ? [] : apiTokensOf(project, issues.at('projects', index)))
  return [{ token: account.token, issues: issues.at('token') }, ...ofProjects]
}

/** Lists a project's tokens; `issues` is at the project. */
export function apiTokensOf ({ apiTokens }: Project, issues: Issues): TokenAt[] {
  return apiTokens.map(({ token }, index) => ({ token, issues: issues.at('api_tokens', index, 'token') }))
}

/** Adds an issue for each token used before: the token alone identifies the account of a request. */
export function rejectDuplicateTokens (tokens: readonly TokenAt[]): void {
  rejectDuplicates(tokens.map(({ token }) => token), index => tokens[index]!.issues)
}

function openingEntry (at: Instant, balanceMills: number): LedgerEntry {
  return { at, kind: 'opening', amountMills: balanceMills, balanceMills, projectId: null, planId: null, requestId: null }
}

/** Reads an entry of a ledger. */
export function readEntry (row: ScenarioLedgerEntry, issues: Issues): LedgerEntry {
  return {
    at: readInstant(row.at, issues.at('at')),
    kind: row.kind,
    amountMills: parseUsd(row.amount)!,
    balanceMills: parseUsd(row.balance)!,
    projectId: row.project_id ?? null,
    planId: row.plan_id ?? null,
    requestId: row.request_id ?? null
  }
}

/** Reads a ledger, which must add up: each balance is the previous one plus the amount, and the last is the wallet's. */
function * readingLedger (given: readonly ScenarioLedgerEntry[], balanceMills: number, issues: Issues): Work<LedgerEntry[]> {
  let sum = 0
  const entries: LedgerEntry[] = []
  for (const [index, row] of given.entries()) {
    const here = issues.at('ledger', index)
    const entry = readEntry(row, here)
    const balance = sum + entry.amountMills
    if (balance !== entry.balanceMills) here.at('balance').add(row.balance, `the balance before this entry plus its amount: "${usd(balance)}"`)
    sum = entry.balanceMills
    entries.push(entry)
    if (index % PART === PART - 1) yield
  }
  if (sum !== balanceMills) issues.at('balance').add(usd(balanceMills), `the balance of the last ledger entry: "${usd(sum)}"`)
  return entries
}
