import type { RequestListener } from 'node:http'
import { servedAt } from '../api/index.js'
import { sampleRequest, type Sample } from '../api/sample.js'
import type { ClockState } from '../contract/control.js'
import type { StartOptions } from '../contract/start-options.js'
import { settingsFor } from '../domain/settings.js'
import { machineTime } from '../machine.js'
import { createContext, type Context } from '../runtime/context.js'
import { scheduleExpiry, stopExpiry } from '../runtime/expiry.js'
import { openLog } from '../runtime/log.js'
import { databaseProblem, isDiskTrouble } from '../store/database.js'
import { openStore } from '../store/index.js'
import { isLoopback } from '../text/address.js'
import type { ServerIdentity } from '../tls/certificate.js'
import { clockState } from '../world/clock-state.js'
import { buildApp } from './app.js'
import { atExit } from './at-exit.js'
import type { Interception, InterceptionOptions } from './interception.js'
import { listen, type Listening } from './listen.js'
import { readOptions, type OptionName } from './options.js'
import { readyFile, type ReadyFile } from './ready-file.js'
import { faultsAtStart, populate } from './seed.js'

/** Emulator that has just started, as the command shows it. */
export interface Started {
  /** First address, such as `http://127.0.0.1:PORT`, for clients to use instead of `https://pickyassist.com`. */
  readonly url: string
  /** All addresses that it listens on. */
  readonly urls: readonly string[]
  readonly clock: ClockState
  /** Whether the database already had a world, so that no scenario was loaded. */
  readonly resumed: boolean
  readonly sample: Sample
  /** Bearer token that the control API requires; `null` if it requires none. */
  readonly adminToken: string | null
  /** Whether other machines can use the control API without a token. */
  readonly isExposed: boolean
  /** Listeners for requests that are meant for the vendor's hosts; `null` if there are none. */
  readonly interception: Interception | null
  /** Closes all connections, commits what was decided, closes the database. May be called more than once. */
  readonly stop: () => Promise<void>
}

/** Parts that a program of this package shares between emulators, or has for itself. */
export interface Internals {
  /** Certificates to answer with over TLS; new ones by default. */
  readonly identity?: ServerIdentity
  /** Gets the parts of the emulator, with a probe, before the first request. */
  readonly observe?: (context: Context) => void
}

/**
 * Starts an emulator: options, store, app, listen. If that fails, throws a `Problem` that gives the reason in one line, and leaves
 * nothing open.
 */
export async function start (
  options: StartOptions, nameOf?: (option: OptionName) => string, { identity, observe }: Internals = {}
): Promise<Started> {
  const read = readOptions(options, nameOf)
  const log = await openLog(read.logLevel)
  const store = openStore(read.db)
  let ready: ReadyFile | undefined
  let close = async (): Promise<void> => {}
  try {
    if (read.readyFile !== null) ready = readyFile(read.readyFile, nameOf)
    const { resumed, faults, requests } = store.transaction(() => populate(store, read, machineTime()))
    const { access, paths, hasConsole, origins, journal, seed } = read
    const context = createContext({ store, log: log.logger, machineTime, seed, journal, adminToken: access.token, isObserved: observe !== undefined })
    observe?.(context)
    for (const fault of [...faults, ...faultsAtStart(store, read, faults.length, machineTime())]) context.activeFaults.add(fault)
    requests.forEach(request => context.journal.add(request))
    const app = await buildApp(context, { access, endpoints: servedAt(paths), hasConsole, origins })
    const { clock, settings } = store.world.find()!
    const shown = {
      resumed,
      clock: clockState(clock, settingsFor(settings), machineTime()),
      sample: sampleRequest(store, machineTime()),
      adminToken: access.token,
      isExposed: access.token === null && !read.hosts.every(isLoopback)
    }
    const listening = await listen(app.routing, read.hosts, read.port)
    close = listening.close
    const { urls } = listening
    const url = urls[0]!
    const interception = read.interception && await interceptor(app.routing, { ...read.interception, identity }, listening)
    if (interception !== null) {
      close = async () => { await Promise.all([interception.close(), listening.close()]) }
    }
    ready?.write({ url, urls, pid: process.pid, token: store.accounts.list(1)[0]?.token ?? null })
    scheduleExpiry(context)
    // Nothing that takes time: the process is ending.
    const leave = (): void => {
      ready?.remove()
      store.close()
      log.close().catch(() => {})
    }
    if (read.unref) for (const each of [listening, interception]) each?.unref()
    const stay = read.unref ? atExit(leave) : () => {}
    const stop = once(async () => {
      stay()
      ready?.remove()
      stopExpiry(context)
      context.pending.abort()
      try {
        await close()
        // What arrived since.
        context.pending.abort()
        await app.close()
        store.close()
      } finally {
        // Even after an error, which the log explains.
        await log.close()
      }
    })
    return { url, urls, stop, interception, ...shown }
  } catch (error) {
    await close()
    ready?.remove()
    store.close()
    await log.close()
    throw isDiskTrouble(error as NodeJS.ErrnoException) ? databaseProblem(store.file, error) : error
  }
}

/** Loads what interception needs, TLS and all, only where it is asked for: no other start is slower for it. */
async function interceptor (routing: RequestListener, options: InterceptionOptions, { urls, port }: Listening): Promise<Interception> {
  const { intercept } = await import('./interception.js')
  return await intercept(routing, options, { url: urls[0]!, port })
}

function once (action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => {
    done ??= action()
    return done
  }
}
