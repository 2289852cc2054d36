import { ENDPOINT_NAMES } from '../api/index.js'
import type { Scenario, ScenarioFault, ScenarioPlan } from '../contract/scenario.js'
import { parseInstant, setClock, type Clock, type ClockSetting, type Instant } from '../domain/clock.js'
import type { ActiveFault } from '../domain/fault.js'
import type { Plan } from '../domain/plan.js'
import type { SettingsChange } from '../domain/settings.js'
import type { Recorded } from '../journal/record.js'
import type { Issue } from '../problem.js'
import { readAccounts, type SeedAccount } from './accounts.js'
import { readClock } from './clock.js'
import { foreignFields, readFault } from './faults.js'
import { issue, rejectDuplicates, schemaIssues, throwIfInvalid } from './issues.js'
import { planTableOf } from './plans.js'
import { readRequests } from './requests.js'
import { ScenarioSchema } from './schema.js'
import { mergeChanges, readSettings } from './settings.js'

/** A scenario in the domain's terms: checked as a whole, ready to be loaded. */
export interface Seed {
  readonly clock: Clock
  readonly settings: SettingsChange
  readonly plans: readonly Plan[]
  readonly accounts: readonly SeedAccount[]
  readonly faults: readonly ActiveFault[]
  readonly requests: readonly Recorded[]
}

/** What is put over a scenario: the flags that the emulator was started with. They win over the file. */
export interface Overrides {
  readonly clock?: ClockSetting
  readonly settings?: SettingsChange
  readonly plans?: readonly ScenarioPlan[]
}

/** What a scenario is read against. */
export interface ScenarioBase {
  /** The table that its rows are put over. */
  readonly plans: readonly Plan[]
  /** When a clock that is to run starts to. */
  readonly machineTime: Instant
  /** What made-up tokens and decisions of faults depend on. */
  readonly seed: number
  readonly overrides?: Overrides
}

/** Where a world's clock starts if nobody says otherwise: on the day of the documented sample, so that it gets the documented answer. */
export const DEFAULT_CLOCK: ClockSetting = { mode: 'running', at: parseInstant('2020-06-16T12:00:00Z')! }

/** Reads a scenario, or throws a `Problem` with everything that is wrong in it. */
export function readScenario (input: unknown, { plans, machineTime, seed, overrides = {} }: ScenarioBase): Seed {
  throwIfInvalid('the scenario', schemaIssues(ScenarioSchema, input))
  const scenario = input as Scenario
  const issues: Issue[] = []
  const clock = setClock(overrides.clock ?? readClock(scenario.clock, '/clock', issues) ?? DEFAULT_CLOCK, machineTime)
  const settings = mergeChanges(readSettings(scenario.settings, '/settings', issues), overrides.settings ?? {})
  const table = planTableOf(overrides.plans ?? [], planTableOf(scenario.plans ?? [], plans, '/plans', issues), '/plans', issues)
  const surroundings = { clock, settings, plans: new Map(table.map(plan => [plan.planId, plan])), machineTime, seed }
  const accounts = readAccounts(scenario.accounts ?? [], '/accounts', index => `account-${index + 1}`, surroundings, issues)
  refuseIdleFaults(scenario.faults ?? [], accounts, issues)
  const requests = readRequests(scenario.requests ?? [], issues)
  rejectDuplicates(requests.map(({ id }) => id), index => `/requests/${index}/id`, issues)
  throwIfInvalid('the scenario', issues)
  return { clock, settings, plans: table, accounts, requests, faults: (scenario.faults ?? []).map(fault => readFault(fault, seed, machineTime)) }
}

/** A fault for an account that is not there, or for an endpoint that is not emulated, would never strike; and a field of another kind would do nothing. */
function refuseIdleFaults (faults: readonly ScenarioFault[], accounts: readonly SeedAccount[], issues: Issue[]): void {
  const names = new Set(accounts.map(({ account }) => account.name))
  faults.forEach((fault, index) => {
    const { account, endpoint } = fault
    issues.push(...foreignFields(fault, `/faults/${index}`))
    if (account !== undefined && !names.has(account)) issues.push(issue(`/faults/${index}/account`, account, 'the name of an account of this scenario'))
    if (endpoint !== undefined && !ENDPOINT_NAMES.includes(endpoint)) issues.push(issue(`/faults/${index}/endpoint`, endpoint, `one of ${ENDPOINT_NAMES.join(', ')}`))
  })
}
