import { scheduleExpiry, stopExpiry } from './accounts.js'
import { clockState } from './admin/clock.js'
import { servedAt } from './api/index.js'
import { sampleRequest, type Sample } from './api/sample.js'
import { buildApp } from './app.js'
import type { ClockState } from './client/shapes.js'
import type { Context } from './context.js'
import { instantText, setClock, type Clock } from './domain/clock.js'
import { settingsFor } from './domain/settings.js'
import { createArmory } from './faults/armory.js'
import { createInFlight } from './in-flight.js'
import { createJournal } from './journal/journal.js'
import { isLoopback, listen } from './listen.js'
import { openLog } from './log.js'
import { createNews } from './news.js'
import { bundledPlans, readOptions, type OptionName, type ReadOptions } from './options.js'
import type { StartOptions } from './public.js'
import { inFile, readJsonFile, scenarioFile } from './scenario/file.js'
import { loadPlans, loadSeed } from './scenario/load.js'
import { planRow } from './scenario/plans.js'
import { readScenario, type Seed } from './scenario/read.js'
import type { Scenario, ScenarioClock } from './scenario/scenario.js'
import { mergeChanges, settingsRow } from './scenario/settings.js'
import { settleAll } from './settlement.js'
import { databaseProblem, isDiskTrouble } from './store/database.js'
import { openStore, type Store } from './store/index.js'

/** What the command shows of an emulator that has just started. */
export interface Started {
  /** The first address, `http://127.0.0.1:PORT`: what a client takes for `https://pickyassist.com`. */
  readonly url: string
  /** Every address that it listens on. */
  readonly urls: readonly string[]
  readonly clock: ClockState
  /** Whether the database had a world already, so that no scenario was loaded. */
  readonly resumed: boolean
  readonly sample: Sample
  /** Whether others than this machine can use the control API, without a token. */
  readonly isExposed: boolean
  /** Cuts connections off, commits what was decided, closes the database. May be called more than once. */
  readonly stop: () => Promise<void>
}

/**
 * Starts an emulator: options, store, app, listen. Throws a `Problem` that says in one line what can't be done, and
 * then nothing is left open.
 */
export async function start (options: StartOptions, nameOf?: (option: OptionName) => string): Promise<Started> {
  const read = readOptions(options, nameOf)
  const machineTime = Date.now
  const { logger, flush } = await openLog(read.logLevel)
  const store = openStore(read.db)
  try {
    const { resumed, faults, requests } = store.transaction(() => populate(store, read, machineTime()))
    const armory = createArmory(machineTime)
    faults.forEach(fault => armory.arm(fault))
    const journal = createJournal(read.journal)
    requests.forEach(request => journal.add(request))
    const { seed, access, paths, hasConsole } = read
    const context: Context = { store, journal, armory, inFlight: createInFlight(), news: createNews(), log: logger, machineTime, seed, access, endpoints: servedAt(paths), hasConsole }
    const app = await buildApp(context)
    const { clock, settings } = store.world.find()!
    const shown = {
      resumed,
      clock: clockState(clock, settingsFor(settings), machineTime()),
      sample: sampleRequest(store, machineTime()),
      isExposed: access.token === null && !read.hosts.every(isLoopback)
    }
    // Last: what fails before has nothing to close but the store.
    const { urls, close } = await listen(app.routing, read.hosts, read.port)
    scheduleExpiry(context)
    const stop = once(async () => {
      stopExpiry(context)
      context.inFlight.breakOff()
      try {
        await close()
        await app.close()
        store.close()
      } finally {
        // Also what says why it could not be done.
        flush()
      }
    })
    return { url: urls[0]!, urls, stop, ...shown }
  } catch (error) {
    store.close()
    flush()
    throw isDiskTrouble(error as NodeJS.ErrnoException) ? databaseProblem(store.file, error) : error
  }
}

/** Loads the scenario into an empty store, or puts the options over the world of any other. */
function populate (store: Store, options: ReadOptions, machineTime: number): Pick<Seed, 'faults' | 'requests'> & { resumed: boolean } {
  const resumed = store.world.find() !== undefined
  const { faults, requests } = resumed ? { faults: [], requests: [] } : seedWorld(store, options, machineTime)
  if (resumed) {
    // What fell due meanwhile goes by what held until now.
    settleAll(store, machineTime)
    putOver(store, options, machineTime)
  }
  const world = store.world.find()!
  store.world.update({ ...world, starts: world.starts + 1 })
  return { resumed, faults, requests }
}

/** Loads the scenario, and keeps what a reset goes back to: the scenario with the options put over it. */
function seedWorld (store: Store, { scenario, overrides, seed }: ReadOptions, machineTime: number): Seed {
  const read = (input: unknown): { input: Scenario, world: Seed } =>
    ({ input: input as Scenario, world: readScenario(input, { plans: bundledPlans(), machineTime, seed, overrides }) })
  const { input, world } = typeof scenario === 'string' ? inFile(readJsonFile(scenarioFile(scenario)), read) : read(scenario)
  loadSeed(store, world)
  const { clock, settings, plans } = world
  store.world.updateScenario({ ...input, clock: startOf(clock), settings: settingsRow(settings), plans: plans.map(planRow) })
  return world
}

function putOver (store: Store, { overrides: { clock, settings, plans } }: ReadOptions, machineTime: number): void {
  const world = store.world.find()!
  const changed = {
    ...world,
    ...clock && { clock: setClock(clock, machineTime) },
    ...settings && { settings: mergeChanges(world.settings, settings) }
  }
  store.world.update(changed)
  if (plans !== undefined) loadPlans(store, plans)
  store.world.updateScenario({
    ...store.world.findScenario() as Scenario,
    ...clock && { clock: startOf(changed.clock) },
    ...settings && { settings: settingsRow(changed.settings) },
    ...plans && { plans: store.plans.list().map(planRow) }
  })
}

/** Where a clock stands or starts from, as a scenario has it. */
function startOf (clock: Clock): ScenarioClock {
  return clock.mode === 'system' ? { mode: 'system' } : { mode: clock.mode, at: instantText(clock.at) }
}

function once (action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => {
    done ??= action()
    return done
  }
}
