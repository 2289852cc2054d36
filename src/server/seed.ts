import { accountNamed } from '../admin/find.js'
import type { Scenario, ScenarioClock, ScenarioPlan } from '../contract/scenario.js'
import { instantText, setClock, type Clock } from '../domain/clock.js'
import { MAX_FAULTS, type ActiveFault } from '../domain/fault.js'
import { Problem } from '../problem.js'
import { memoryBounds } from '../runtime/memory.js'
import { bundledPlans, scenarioFile } from '../scenario/bundled.js'
import { readFault } from '../scenario/faults.js'
import { inFile, readJsonFile } from '../scenario/file.js'
import { loadPlans, loadSeed } from '../scenario/load.js'
import { planRow, refuseMovedPlans } from '../scenario/plans.js'
import { readScenario, scenarioIn, type Overrides, type Seed } from '../scenario/read.js'
import { mergeChanges, settingsRow } from '../scenario/settings.js'
import type { Store } from '../store/index.js'
import { recordMove } from '../world/clock-move.js'
import { settleAll } from '../world/settle.js'
import type { CheckedOptions } from './options.js'

/** Loads the scenario into an empty store, or overrides the world of any other with the options. */
export function populate (store: Store, options: CheckedOptions, machineTime: number): Pick<Seed, 'faults' | 'requests'> & { resumed: boolean } {
  const resumed = store.world.find() !== undefined
  const { faults, requests } = resumed ? { faults: [], requests: [] } : seedWorld(store, options, machineTime)
  if (resumed) {
    // Events that fell due meanwhile are settled under the settings of that time.
    settleAll(store, machineTime, memoryBounds().billingEvents)
    applyOverrides(store, options, machineTime)
  }
  store.world.countStart()
  return { resumed, faults, requests }
}

/**
 * Reads the faults of the options, which come on top of those of the scenario. Throws a `Problem` for one of an account that the world
 * does not have, which would never trigger, and for more than may be active.
 */
export function faultsAtStart (store: Store, { faults, seed }: CheckedOptions, ofScenario: number, machineTime: number): ActiveFault[] {
  if (faults.length + ofScenario > MAX_FAULTS) throw new Problem(`there are more than ${MAX_FAULTS} faults: ${ofScenario} in the scenario, ${faults.length} more`)
  for (const { account } of faults) if (account !== undefined) accountNamed(account, store)
  return faults.map(fault => readFault(fault, seed, machineTime))
}

/** Loads the scenario, and saves it with the options applied: a reset goes back to that. */
function seedWorld (store: Store, options: CheckedOptions, machineTime: number): Seed {
  const { scenario, overrides, seed } = options
  const file = typeof scenario === 'string' ? readJsonFile(scenarioFile(scenario)) : undefined
  const input = (file?.value ?? scenario) as Scenario
  const readWith = (overrides: Overrides): Seed => {
    const read = (input: unknown): Seed => readScenario(input, { plans: bundledPlans(), machineTime, seed, overrides })
    return file === undefined ? read(input) : inFile(file, read)
  }
  let world: Seed
  try {
    world = readWith(overrides)
  } catch (error) {
    const { plans: rows, ...others } = overrides
    if (rows !== undefined) refusePlansInUse(options, rows, () => readWith(others))
    throw error
  }
  loadSeed(store, world)
  const { clock, settings, plans } = world
  store.world.updateScenario({ ...scenarioIn(input) as Scenario, clock: startOf(clock), settings: settingsRow(settings), plans: plans.map(planRow) })
  return world
}

/** Throws a `Problem` about rows of the plan table if a scenario is wrong with them only, since they move a plan that it uses. */
function refusePlansInUse ({ plansFile }: CheckedOptions, rows: readonly ScenarioPlan[], readWithout: () => Seed): void {
  let without: Seed
  try {
    without = readWithout()
  } catch {
    return
  }
  const before = new Map(without.plans.map(plan => [plan.planId, plan]))
  const used = new Set(without.accounts.flatMap(({ projects }) => projects.flatMap(({ subscriptions }) => subscriptions.map(({ planId }) => planId))))
  const refuse = (): void => { refuseMovedPlans(rows, before, planId => used.has(planId)) }
  if (plansFile === null) refuse()
  else inFile(readJsonFile(plansFile), refuse)
}

function applyOverrides (store: Store, { overrides: { clock, settings, plans }, plansFile }: CheckedOptions, machineTime: number): void {
  const world = store.world.find()!
  const changed = {
    ...world,
    ...clock && { clock: setClock(clock, machineTime) },
    ...settings && { settings: mergeChanges(world.settings, settings) }
  }
  store.world.update(changed)
  if (settings !== undefined) store.accounts.recheckDue(null)
  if (clock !== undefined) recordMove(store, null, world.clock, changed.clock, machineTime)
  if (plansFile !== null) inFile(readJsonFile(plansFile), rows => loadPlans(store, rows))
  else if (plans !== undefined) loadPlans(store, plans)
  store.world.updateScenario({
    ...store.world.findScenario() as Scenario,
    ...clock && { clock: startOf(changed.clock) },
    ...settings && { settings: settingsRow(changed.settings) },
    ...plans && { plans: store.plans.list().map(planRow) }
  })
}

/** Writes a clock as a scenario has it, with the instant at which it is frozen or started. */
function startOf (clock: Clock): ScenarioClock {
  return clock.mode === 'system' ? { mode: 'system' } : { mode: clock.mode, at: instantText(clock.at) }
}
