import { servedAt } from '../api/index.js'
import { sampleRequest, type Sample } from '../api/sample.js'
import type { ClockState } from '../contract/control.js'
import type { StartOptions } from '../contract/start-options.js'
import { settingsFor } from '../domain/settings.js'
import { createContext } from '../runtime/context.js'
import { scheduleExpiry, stopExpiry } from '../runtime/expiry.js'
import { openLog } from '../runtime/log.js'
import { databaseProblem, isDiskTrouble } from '../store/database.js'
import { openStore } from '../store/index.js'
import { isLoopback } from '../text/address.js'
import { clockState } from '../world/clock-state.js'
import { buildApp } from './app.js'
import { listen } from './listen.js'
import { readOptions, type OptionName } from './options.js'
import { populate } from './seed.js'

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
    const { access, paths, hasConsole, journal, seed } = read
    const context = createContext({ store, log: logger, machineTime, seed, journal })
    faults.forEach(fault => context.activeFaults.add(fault))
    requests.forEach(request => context.journal.add(request))
    const app = await buildApp(context, { access, endpoints: servedAt(paths), hasConsole })
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
      context.pending.abort()
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

function once (action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => {
    done ??= action()
    return done
  }
}
