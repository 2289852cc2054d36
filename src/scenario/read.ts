import { createHash } from 'node:crypto'
import type { Account } from '../domain/account.js'
import type { Choices } from '../domain/assumptions.js'
import { endOfCycle } from '../domain/billing-cycle.js'
import { parseInstant, setClock, timeOn, type Clock, type ClockSetting, type Instant } from '../domain/clock.js'
import { parseUsd } from '../domain/money.js'
import { belongsToService, isPaid, type Plan, type PlanTable, type Service } from '../domain/plan.js'
import type { Project, Subscription } from '../domain/project.js'
import { changeSettings, DEFAULT_SETTINGS, type SettingsChange } from '../domain/settings.js'
import type { Flaw } from '../problem.js'
import { readClock, readInstant } from './clock.js'
import { flaw, refuseFlaws, refuseTwins, schemaFlaws } from './flaws.js'
import { planTableOf } from './plans.js'
import type { Scenario, ScenarioAccount, ScenarioPlan, ScenarioProject, ScenarioSubscription } from './scenario.js'
import { ScenarioSchema } from './schema.js'
import { mergeChanges, readSettings } from './settings.js'

/** A scenario in the domain's terms: checked as a whole, ready to be loaded. */
export interface Seed {
  readonly clock: Clock
  readonly settings: SettingsChange
  readonly plans: readonly Plan[]
  readonly accounts: readonly SeedAccount[]
}

export interface SeedAccount {
  readonly account: Omit<Account, 'accountId'>
  /** The account's time when it is loaded. */
  readonly now: Instant
  readonly projects: readonly Project[]
}

/** What is put over a scenario: the flags that the emulator was started with. They win over the file. */
export interface Overrides {
  readonly clock?: ClockSetting
  readonly settings?: SettingsChange
  readonly plans?: readonly ScenarioPlan[]
}

/** Where a world's clock starts if nobody says otherwise: on the day of the documented sample, so that it gets the documented answer. */
export const DEFAULT_CLOCK: ClockSetting = { mode: 'running', at: parseInstant('2020-06-16T12:00:00Z')! }

/**
 * Reads a scenario, or throws a `Problem` with everything that is wrong in it. `plans` is the table that its rows are
 * put over; a clock that is to run starts at `machineTime`.
 */
export function readScenario (input: unknown, plans: readonly Plan[], machineTime: Instant, overrides: Overrides = {}): Seed {
  refuseFlaws('the scenario', schemaFlaws(ScenarioSchema, input))
  const scenario = input as Scenario
  const flaws: Flaw[] = []
  const clock = setClock(overrides.clock ?? readClock(scenario.clock, '/clock', flaws) ?? DEFAULT_CLOCK, machineTime)
  const settings = mergeChanges(readSettings(scenario.settings, '/settings', flaws), overrides.settings ?? {})
  const table = planTableOf(overrides.plans ?? [], planTableOf(scenario.plans ?? [], plans, '/plans', flaws), '/plans', flaws)
  const shared = { clock, settings, plans: new Map(table.map(plan => [plan.planId, plan])), machineTime }
  const accounts = (scenario.accounts ?? []).map((account, index) => readAccount(account, index, shared, flaws))
  refuseTwins(accounts.map(({ account }) => account.name), index => `/accounts/${index}/name`, flaws)
  refuseTwins(accounts.map(({ account }) => account.token), index => `/accounts/${index}/token`, flaws)
  refuseFlaws('the scenario', flaws)
  return { clock, settings, plans: table, accounts }
}

interface Shared {
  readonly clock: Clock
  readonly settings: SettingsChange
  readonly plans: PlanTable
  readonly machineTime: Instant
}

function readAccount (given: ScenarioAccount, index: number, shared: Shared, flaws: Flaw[]): SeedAccount {
  const at = `/accounts/${index}`
  const name = given.name ?? `account-${index + 1}`
  const setting = readClock(given.clock, `${at}/clock`, flaws)
  const clock = setting === undefined ? null : setClock(setting, shared.machineTime)
  const settings = readSettings(given.settings, `${at}/settings`, flaws)
  const now = timeOn(clock ?? shared.clock, shared.machineTime)
  const choices = changeSettings(changeSettings(DEFAULT_SETTINGS, shared.settings), settings).assumptions
  const projects = (given.projects ?? []).map((project, position) =>
    readProject(project, `${at}/projects/${position}`, { now, choices, plans: shared.plans }, flaws))
  refuseTwins(projects.map(({ projectId }) => projectId), position => `${at}/projects/${position}/project_id`, flaws)
  const account = { name, token: given.token ?? tokenFor(name), balanceMills: parseUsd(given.balance ?? '0')!, clock, settings }
  return { account, now, projects }
}

interface Surroundings { readonly now: Instant, readonly choices: Choices, readonly plans: PlanTable }

function readProject (given: ScenarioProject, at: string, surroundings: Surroundings, flaws: Flaw[]): Project {
  const subscriptions = (given.subscriptions ?? []).map((subscription, index) =>
    readSubscription(subscription, `${at}/subscriptions/${index}`, surroundings, flaws))
  refuseTwins(subscriptions.map(({ service }) => service), index => `${at}/subscriptions/${index}/service`, flaws)
  return {
    projectId: given.project_id,
    projectName: given.project_name ?? `project ${given.project_id}`,
    status: given.project_status ?? 'Active',
    subscriptions
  }
}

function readSubscription (given: ScenarioSubscription, at: string, { now, choices, plans }: Surroundings, flaws: Flaw[]): Subscription {
  const { service, plan_id: planId, next_billing_date: date } = given
  const plan = plans.get(planId)
  if (plan === undefined || !belongsToService(plan, service)) {
    flaws.push(flaw(`${at}/plan_id`, planId, `a plan of service ${service}: ${idsOf(plans, service)}`))
    return { service, planId, nextBillingAt: null }
  }
  if (!isPaid(plan)) {
    if (date !== undefined) flaws.push(flaw(`${at}/next_billing_date`, date, 'nothing: Pay As You Go has no billing cycle'))
    return { service, planId, nextBillingAt: null }
  }
  const nextBillingAt = date === undefined
    ? endOfCycle(now, plan.price.cycle, choices['month-length'])
    : readInstant(date, `${at}/next_billing_date`, flaws)
  return { service, planId, nextBillingAt }
}

function idsOf (plans: PlanTable, service: Service): string {
  return [...plans.values()].filter(plan => belongsToService(plan, service)).map(plan => plan.planId).join(', ')
}

/** Documented samples show tokens of 40 lower-case hex digits. The same name gives the same token on every machine. */
function tokenFor (name: string): string {
  return createHash('sha1').update(`master API token of ${name}`).digest('hex')
}
