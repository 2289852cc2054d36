import { clockState, type ClockState } from './admin/health.js'
import { sampleRequest, type Sample } from './api/sample.js'
import { buildApp } from './app.js'
import { setClock } from './domain/clock.js'
import { listen } from './listen.js'
import { openLog } from './log.js'
import { bundledPlans, readOptions, type OptionName, type ReadOptions } from './options.js'
import type { Emulator, StartOptions } from './public.js'
import { inFile, readJsonFile, scenarioFile } from './scenario/file.js'
import { loadSeed } from './scenario/load.js'
import { readPlans } from './scenario/plans.js'
import { readScenario, type Overrides, type Seed } from './scenario/read.js'
import { mergeChanges } from './scenario/settings.js'
import { openStore, type Store } from './store/index.js'

/** What the command shows of an emulator that has just started. */
export interface Started extends Emulator {
  /** Every address that it listens on. */
  readonly urls: readonly string[]
  readonly clock: ClockState
  /** Whether the database had a world already, so that no scenario was loaded. */
  readonly resumed: boolean
  readonly sample: Sample
}

/**
 * Starts an emulator: options, store, app, listen. Throws a `Problem` that says in one line what can't be done, and
 * then nothing is left open.
 */
export async function start (options: StartOptions, nameOf?: (option: OptionName) => string): Promise<Started> {
  const read = readOptions(options, nameOf)
  const machineTime = Date.now
  const log = await openLog(read.logLevel)
  const store = openStore(read.db)
  try {
    const resumed = store.transaction(() => populate(store, read, machineTime()))
    const app = await buildApp({ store, log: log.logger, machineTime })
    const { clock, settings } = store.world.find()!
    const shown = { resumed, clock: clockState(clock, settings, machineTime()), sample: sampleRequest(store, machineTime()) }
    // Last: what fails before has nothing to close but the store.
    const { urls, close } = await listen(app.routing, read.hosts, read.port)
    const stop = once(async () => {
      await close()
      await app.close()
      store.close()
      log.flush()
    })
    return { url: urls[0]!, stop, [Symbol.asyncDispose]: stop, urls, ...shown }
  } catch (error) {
    store.close()
    throw error
  }
}

/** Loads the scenario into an empty store, puts the options over the world of any other, and says which it was. */
function populate (store: Store, options: ReadOptions, machineTime: number): boolean {
  const resumed = store.world.find() !== undefined
  if (resumed) putOver(store, options.overrides, machineTime)
  else loadSeed(store, readSeed(options, machineTime))
  const world = store.world.find()!
  store.world.update({ ...world, starts: world.starts + 1 })
  return resumed
}

function readSeed ({ scenario, overrides }: ReadOptions, machineTime: number): Seed {
  const read = (input: unknown): Seed => readScenario(input, bundledPlans(), machineTime, overrides)
  return typeof scenario === 'string' ? inFile(readJsonFile(scenarioFile(scenario)), read) : read(scenario)
}

function putOver (store: Store, { clock, settings, plans }: Overrides, machineTime: number): void {
  const world = store.world.find()!
  store.world.update({
    ...world,
    ...clock && { clock: setClock(clock, machineTime) },
    ...settings && { settings: mergeChanges(world.settings, settings) }
  })
  if (plans !== undefined) for (const plan of readPlans(plans, store.plans.list())) store.plans.update(plan)
}

function once (action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => {
    done ??= action()
    return done
  }
}
