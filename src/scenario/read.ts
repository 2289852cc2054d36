import type { ScenarioFault, ScenarioPlan } from '../contract/scenario.js'
import { parseInstant, setClock, type Clock, type ClockSetting, type Instant } from '../domain/clock.js'
import type { ActiveFault } from '../domain/fault.js'
import type { HistoryEvent } from '../domain/history.js'
import type { Plan } from '../domain/plan.js'
import type { SettingsChange } from '../domain/settings.js'
import type { Recorded } from '../journal/record.js'
import { doAtOnce, type Work } from '../time-slices.js'
import { generatedName } from '../world/generated.js'
import { readingAccounts, type SeedAccount } from './accounts.js'
import { readClock } from './clock.js'
import { checkFault, readFault } from './faults.js'
import { readWorldHistory } from './history.js'
import { collectIssues, type Issues } from './issues.js'
import { planTableOf } from './plans.js'
import { checking } from './check.js'
import { readRequests } from './requests.js'
import { mergeChanges, readSettings } from './settings.js'

/** A scenario in the domain's terms, checked as a whole and ready to be loaded. */
export interface Seed {
  readonly clock: Clock
  readonly settings: SettingsChange
  readonly plans: readonly Plan[]
  readonly accounts: readonly SeedAccount[]
  readonly history: readonly HistoryEvent[]
  readonly faults: readonly ActiveFault[]
  readonly requests: readonly Recorded[]
}

/** Flags that the emulator was started with. They override the scenario. */
export interface Overrides {
  readonly clock?: ClockSetting
  readonly settings?: SettingsChange
  readonly plans?: readonly ScenarioPlan[]
}

/** Inputs of a scenario's reader besides the scenario. */
export interface ScenarioBase {
  /** Plan table that the scenario's rows override. */
  readonly plans: readonly Plan[]
  /** Time at which running clocks start. */
  readonly machineTime: Instant
  /** Seed of generated tokens and of the faults' decisions. */
  readonly seed: number
  readonly overrides?: Overrides
  /** World of a case to read: its start by default. */
  readonly side?: Side
}

/** The worlds of a case. */
export type Side = 'start' | 'end'

/** Default clock: it starts on the day of the documented sample request, which then gets the documented answer. */
export const DEFAULT_CLOCK = { mode: 'running', at: parseInstant('2020-06-16T12:00:00Z')! } as const satisfies ClockSetting

/** Gives the scenario in a document, which may be a case. */
export function scenarioIn (input: unknown, side: Side = 'start'): unknown {
  if (!isCase(input)) return input
  const world = input[side] as { readonly scenario?: unknown } | null | undefined
  return world?.scenario
}

function isCase (input: unknown): input is Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null && Object.hasOwn(input, 'case')
}

/** Reads a scenario, or one of a case, or throws a `Problem` with everything that is wrong in it. */
export function readScenario (input: unknown, base: ScenarioBase): Seed {
  return doAtOnce(readingScenario(input, base))
}

/** Reads a scenario in the same way, and pauses after some of each long list in it. */
export function * readingScenario (input: unknown, { plans, machineTime, seed, overrides = {}, side = 'start' }: ScenarioBase): Work<Seed> {
  const all = collectIssues('the scenario')
  const issues = isCase(input) ? all.at(side, 'scenario') : all
  const scenario = yield * checking(scenarioIn(input, side), issues)
  const clock = setClock(overrides.clock ?? readClock(scenario.clock, issues.at('clock')) ?? DEFAULT_CLOCK, machineTime)
  const settings = mergeChanges(readSettings(scenario.settings, issues.at('settings')), overrides.settings ?? {})
  const ofScenario = planTableOf(scenario.plans ?? [], plans, issues.at('plans'))
  const table = planTableOf(overrides.plans ?? [], ofScenario, issues.at('plans'))
  const context = { clock, settings, plans: new Map(table.map(plan => [plan.planId, plan])), machineTime, seed }
  const accounts = yield * readingAccounts(scenario.accounts ?? [], index => generatedName(index + 1), context, issues.at('accounts'))
  checkFaults(scenario.faults ?? [], accounts, issues.at('faults'))
  const history = readWorldHistory(scenario.history ?? [], issues.at('history'))
  const requests = readRequests(scenario.requests ?? [], issues.at('requests'))
  issues.throwIfAny()
  const faults = (scenario.faults ?? []).map(fault => readFault(fault, seed, machineTime))
  return { clock, settings, plans: table, accounts, history, requests, faults }
}

/** Checks faults. One whose account is not in the scenario would never trigger. */
function checkFaults (faults: readonly ScenarioFault[], accounts: readonly SeedAccount[], issues: Issues): void {
  const names = new Set(accounts.map(({ account }) => account.name))
  faults.forEach((fault, index) => {
    const here = issues.at(index)
    checkFault(fault, here)
    if (fault.account !== undefined && !names.has(fault.account)) here.at('account').add(fault.account, 'the name of an account in this scenario')
  })
}
