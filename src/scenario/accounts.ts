import type { ScenarioAccount, ScenarioLedgerEntry } from '../contract/scenario.js'
import type { Account, LedgerEntry } from '../domain/account.js'
import { setClock, timeOn, type Clock, type Instant } from '../domain/clock.js'
import { parseUsd, usd } from '../domain/money.js'
import type { PlanTable } from '../domain/plan.js'
import type { Project } from '../domain/project.js'
import { settingsFor, type SettingsChange } from '../domain/settings.js'
import type { Issue } from '../problem.js'
import type { AccountRecord } from '../store/accounts.js'
import { parseDuration } from '../text/duration.js'
import { deriveMasterToken } from '../world/generated.js'
import { readClock, readInstant } from './clock.js'
import { issue, rejectDuplicates } from './issues.js'
import { readProjects } from './projects.js'
import { readSettings } from './settings.js'

export interface SeedAccount {
  readonly account: Omit<Account, 'accountId' | 'dueAt'>
  readonly record: AccountRecord
  readonly projects: readonly Project[]
  readonly entries: readonly LedgerEntry[]
}

/** The world that accounts are read into. */
export interface ReadContext {
  readonly clock: Clock
  readonly settings: SettingsChange
  readonly plans: PlanTable
  readonly machineTime: Instant
  readonly seed: number
}

/** Reads accounts whose schema has been checked; `nameOf` makes up a name for one that has none. */
export function readAccounts (given: readonly ScenarioAccount[], at: string, nameOf: (index: number) => string, surroundings: ReadContext, issues: Issue[]): SeedAccount[] {
  const accounts = given.map((account, index) =>
    readAccount({ ...account, name: account.name ?? nameOf(index) }, `${at}/${index}`, surroundings, issues))
  rejectDuplicates(accounts.map(({ account }) => account.name), index => `${at}/${index}/name`, issues)
  rejectDuplicateTokens(accounts.flatMap((seed, index) => tokensOf(seed, `${at}/${index}`)), issues)
  return accounts
}

/** Reads one account whose schema has been checked; `at` is the pointer to it. */
export function readAccount (given: ScenarioAccount & { readonly name: string }, at: string, surroundings: ReadContext, issues: Issue[]): SeedAccount {
  const { machineTime, seed, plans } = surroundings
  const { name, ttl, ...rest } = given
  const setting = readClock(given.clock, `${at}/clock`, issues)
  const clock = setting === undefined ? null : setClock(setting, machineTime)
  const settings = readSettings(given.settings, `${at}/settings`, issues)
  const now = timeOn(clock ?? surroundings.clock, machineTime)
  const { assumptions: choices } = settingsFor(surroundings.settings, settings)
  const token = given.token ?? deriveMasterToken(name, seed)
  const projects = readProjects(given.projects ?? [], `${at}/projects`, { now, choices, plans, masterToken: token }, issues)
  const balanceMills = parseUsd(given.balance ?? given.ledger?.at(-1)?.balance ?? '0')!
  const entries = given.ledger === undefined ? [openingEntry(now, balanceMills)] : readLedger(given.ledger, balanceMills, at, issues)
  return {
    account: { name, token, balanceMills, clock, settings },
    record: { origin: { name, ...rest }, expiresAt: ttl === undefined ? null : machineTime + parseDuration(ttl)! },
    projects,
    entries
  }
}

/** A token, and the pointer to it. */
export interface TokenAt {
  readonly token: string
  readonly at: string
}

/** An account's token and those of its projects. */
export function tokensOf ({ account, projects }: SeedAccount, at: string): TokenAt[] {
  const ofProjects = projects.flatMap((project, index) => apiTokensOf(project, `${at}/projects/${index}`))
  return [{ token: account.token, at: `${at}/token` }, ...ofProjects]
}

export function apiTokensOf ({ apiTokens }: Project, at: string): TokenAt[] {
  return apiTokens.map(({ token }, index) => ({ token, at: `${at}/api_tokens/${index}/token` }))
}

/** A request is told by its token alone whose it is. */
export function rejectDuplicateTokens (tokens: readonly TokenAt[], issues: Issue[]): void {
  rejectDuplicates(tokens.map(({ token }) => token), index => tokens[index]!.at, issues)
}

function openingEntry (at: Instant, balanceMills: number): LedgerEntry {
  return { at, kind: 'opening', amountMills: balanceMills, balanceMills, projectId: null, planId: null, requestId: null }
}

/** A ledger must add up: each balance is the one before plus the amount, and the last one is the wallet's. */
function readLedger (given: readonly ScenarioLedgerEntry[], balanceMills: number, at: string, issues: Issue[]): LedgerEntry[] {
  let sum = 0
  const entries = given.map((entry, index): LedgerEntry => {
    const here = `${at}/ledger/${index}`
    const amountMills = parseUsd(entry.amount)!
    const after = parseUsd(entry.balance)!
    if (sum + amountMills !== after) issues.push(issue(`${here}/balance`, entry.balance, 'the balance before this entry plus its amount'))
    sum = after
    return {
      at: readInstant(entry.at, `${here}/at`, issues),
      kind: entry.kind,
      amountMills,
      balanceMills: after,
      projectId: entry.project_id ?? null,
      planId: entry.plan_id ?? null,
      requestId: entry.request_id ?? null
    }
  })
  if (sum !== balanceMills) issues.push(issue(`${at}/balance`, usd(balanceMills), 'the balance of the last ledger entry'))
  return entries
}
