import { ENDPOINT_NAMES } from '../api/index.js'
import { parseInstant, setClock, type Clock, type ClockSetting, type Instant } from '../domain/clock.js'
import type { Plan } from '../domain/plan.js'
import type { SettingsChange } from '../domain/settings.js'
import type { Flaw } from '../problem.js'
import { readAccounts, type SeedAccount } from './accounts.js'
import { readClock } from './clock.js'
import { readFault, strayFields } from './faults.js'
import { flaw, refuseFlaws, refuseTwins, schemaFlaws } from './flaws.js'
import { planTableOf } from './plans.js'
import { readRequests } from './requests.js'
import type { Scenario, ScenarioFault, ScenarioPlan } from '../contract/scenario.js'
import type { ArmedFault } from '../domain/fault.js'
import type { Recorded } from '../journal/record.js'
import { ScenarioSchema } from './schema.js'
import { mergeChanges, readSettings } from './settings.js'

/** A scenario in the domain's terms: checked as a whole, ready to be loaded. */
export interface Seed {
  readonly clock: Clock
  readonly settings: SettingsChange
  readonly plans: readonly Plan[]
  readonly accounts: readonly SeedAccount[]
  readonly faults: readonly ArmedFault[]
  readonly requests: readonly Recorded[]
}

/** What is put over a scenario: the flags that the emulator was started with. They win over the file. */
export interface Overrides {
  readonly clock?: ClockSetting
  readonly settings?: SettingsChange
  readonly plans?: readonly ScenarioPlan[]
}

/** What a scenario is read against. */
export interface ReadContext {
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
export function readScenario (input: unknown, { plans, machineTime, seed, overrides = {} }: ReadContext): Seed {
  refuseFlaws('the scenario', schemaFlaws(ScenarioSchema, input))
  const scenario = input as Scenario
  const flaws: Flaw[] = []
  const clock = setClock(overrides.clock ?? readClock(scenario.clock, '/clock', flaws) ?? DEFAULT_CLOCK, machineTime)
  const settings = mergeChanges(readSettings(scenario.settings, '/settings', flaws), overrides.settings ?? {})
  const table = planTableOf(overrides.plans ?? [], planTableOf(scenario.plans ?? [], plans, '/plans', flaws), '/plans', flaws)
  const surroundings = { clock, settings, plans: new Map(table.map(plan => [plan.planId, plan])), machineTime, seed }
  const accounts = readAccounts(scenario.accounts ?? [], '/accounts', index => `account-${index + 1}`, surroundings, flaws)
  refuseIdleFaults(scenario.faults ?? [], accounts, flaws)
  const requests = readRequests(scenario.requests ?? [], flaws)
  refuseTwins(requests.map(({ id }) => id), index => `/requests/${index}/id`, flaws)
  refuseFlaws('the scenario', flaws)
  return { clock, settings, plans: table, accounts, requests, faults: (scenario.faults ?? []).map(fault => readFault(fault, seed, machineTime)) }
}

/** A fault for an account that is not there, or for an endpoint that is not emulated, would never strike; and a field of another kind would do nothing. */
function refuseIdleFaults (faults: readonly ScenarioFault[], accounts: readonly SeedAccount[], flaws: Flaw[]): void {
  const names = new Set(accounts.map(({ account }) => account.name))
  faults.forEach((fault, index) => {
    const { account, endpoint } = fault
    flaws.push(...strayFields(fault, `/faults/${index}`))
    if (account !== undefined && !names.has(account)) flaws.push(flaw(`/faults/${index}/account`, account, 'the name of an account of this scenario'))
    if (endpoint !== undefined && !ENDPOINT_NAMES.includes(endpoint)) flaws.push(flaw(`/faults/${index}/endpoint`, endpoint, `one of ${ENDPOINT_NAMES.join(', ')}`))
  })
}
