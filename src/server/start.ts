import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { sampleRequest, type Sample } from '../api/sample.js'
import type { ClockState } from '../contract/control.js'
import type { StartOptions } from '../contract/start-options.js'
import { settingsFor } from '../domain/settings.js'
import { machineTime } from '../machine.js'
import { checkOutputFile } from '../output-file.js'
import type { Context } from '../runtime/context.js'
import { memoryBounds } from '../runtime/memory.js'
import { databaseProblem, isDiskTrouble } from '../store/database.js'
import { openStore } from '../store/index.js'
import { isLoopback } from '../text/address.js'
import type { ServerIdentity } from '../tls/certificate.js'
import { clockState } from '../world/clock-state.js'
import type { Answering } from './answering.js'
import { atExit } from './at-exit.js'
import { PLAIN } from './connection.js'
import { inProcess, type InProcess } from './in-process.js'
import type { Interception, InterceptionOptions } from './interception.js'
import { LIMITS } from './limits.js'
import { listen, type Listening } from './listen.js'
import { readOptions, type OptionName } from './options.js'
import { readyFile, type ReadyFile } from './ready-file.js'
import { faultsAtStart, populate } from './seed.js'
import type { UnreadableReports } from './unreadable-reports.js'
import type { ReportUnreadable } from './unreadable-request.js'

/** Emulator that listens, as the command shows it. */
export interface Started {
  /** First address, such as `http://127.0.0.1:PORT`, for clients to use instead of `https://pickyassist.com`. */
  readonly url: string
  /** All addresses that it listens on. */
  readonly urls: readonly string[]
  readonly clock: ClockState
  /** Whether the database already had a world, so that no scenario was loaded. */
  readonly resumed: boolean
  /** The first account's token; `null` if there is no account. */
  readonly token: string | null
  /** Finds a request to show as an example. */
  readonly sample: () => Sample
  /** Bearer token that the control API requires; `null` if it requires none. */
  readonly adminToken: string | null
  /** Whether other machines can use the control API without a token. */
  readonly isExposed: boolean
  /** A `fetch` to the first address for calls of this process to the control API: without a socket. */
  readonly fetch: InProcess['fetch']
  /** Listeners for requests that are meant for the vendor's hosts; `null` if there are none. */
  readonly interception: Interception | null
  /** Closes all connections, commits what was decided, closes the database. May be called more than once. */
  readonly stop: () => Promise<void>
}

/** Emulator that listens, and keeps requests waiting until it is told to answer them. */
export interface Opened extends Started {
  /** Loads what answers, which takes longer than all of the rest. To be called once. */
  readonly answer: () => Promise<void>
}

/** Parts that a program of this package shares between emulators, or has for itself. */
export interface Internals {
  /** Certificates to answer with over TLS; new ones by default. */
  readonly identity?: ServerIdentity
  /** Gets the parts of the emulator, with a probe, before the first request is answered. */
  readonly observe?: (context: Context) => void
}

type NameOf = (option: OptionName) => string

/** Starts an emulator. If that fails, throws a `Problem` that gives the reason in one line, and leaves nothing open. */
export async function start (options: StartOptions, nameOf?: NameOf, internals?: Internals): Promise<Started> {
  const opened = await open(options, nameOf, internals)
  try {
    await opened.answer()
  } catch (error) {
    await opened.stop()
    throw error
  }
  return opened
}

/** Does all of a start that can be refused: options, store, world, listeners. Throws like `start`. */
export async function open (options: StartOptions, nameOf?: NameOf, { identity, observe }: Internals = {}): Promise<Opened> {
  const read = readOptions(options, nameOf)
  const store = openStore(read.db)
  let ready: ReadyFile | undefined
  let close = async (): Promise<void> => {}
  try {
    if (read.readyFile !== null) ready = readyFile(read.readyFile, nameOf)
    if (read.caseDir !== null) checkOutputFile(join(read.caseDir, 'case.json'), nameOf === undefined ? 'the option caseDir' : nameOf('caseDir'))
    const at = machineTime()
    const world = store.transaction(() => populate(store, read, at))
    const faults = [...world.faults, ...faultsAtStart(store, read, world.faults.length, at)]
    const resumed = world.resumed ? store.copy(memoryBounds().snapshots) : null
    const begins = { at, faults, resumed, dataVersion: store.dataVersion(), paths: read.paths }
    const { clock, settings } = store.world.find()!
    const { access: { token: adminToken }, hosts } = read
    const shown = {
      resumed: world.resumed,
      clock: clockState(clock, settingsFor(settings), machineTime()),
      token: store.accounts.list(1)[0]?.token ?? null,
      sample: () => sampleRequest(store, machineTime(), memoryBounds().billingEvents),
      adminToken,
      isExposed: adminToken === null && !hosts.every(isLoopback)
    }
    const [requests, record, note] = [untilAnswering<Parameters<RequestListener>>(), untilAnswering<Unreadable>(), untilAnswering<Unreadable>()]
    const listening = await listen(requests.take, hosts, read.port, LIMITS, PLAIN, record.take)
    close = listening.close
    const { urls } = listening
    const url = urls[0]!
    const calls = inProcess(requests.take, url)
    const reports = { record: record.take, note: note.take }
    const interception = read.interception && await interceptor(requests.take, { ...read.interception, identity }, listening, reports)
    if (interception !== null) {
      close = async () => { await Promise.all([interception.close(), listening.close()]) }
    }
    let starting: Promise<Answering> | undefined
    let answering: Answering | undefined
    const answer = async (): Promise<void> => {
      starting = import('./answering.js').then(({ startAnswering }) => startAnswering(store, read, { ...world, faults, start: begins }, observe))
      answering = await starting
      requests.pass(answering.listener)
      record.pass(answering.reports.record)
      note.pass(answering.reports.note)
      ready?.write({ url, urls, pid: process.pid, token: shown.token })
    }
    // Nothing that takes time: the process is ending.
    const leave = (): void => {
      ready?.remove()
      store.close()
      answering?.closeLog().catch(() => {})
    }
    if (read.unref) for (const each of [listening, interception]) each?.unref()
    // Also without `unref`: a runner may end the process although something keeps it, as `mocha --exit` does.
    const stay = atExit(leave)
    const stop = once(async () => {
      ready?.remove()
      // Whoever asked for the stop waits too, and may soon end the process.
      store.waitAtMost(LIMITS.drainTime)
      await Promise.allSettled([starting])
      // Also after a start that failed half-way.
      if (answering === undefined) requests.pass(({ socket }) => { socket.destroy() })
      answering?.abort()
      const settled = calls.close()
      try {
        await close()
        // A wait that had not yet begun.
        answering?.abort()
        await settled
        await answering?.close()
        store.close()
      } finally {
        // Even after an error, which the log explains.
        await answering?.closeLog()
        // Not before: who does not wait for the stop may end the process meanwhile.
        stay()
      }
    })
    return { url, urls, fetch: calls.fetch, answer, stop, interception, ...shown }
  } catch (error) {
    await close()
    ready?.remove()
    store.close()
    throw isDiskTrouble(error as NodeJS.ErrnoException) ? databaseProblem(store.file, error) : error
  }
}

type Unreadable = Parameters<ReportUnreadable>

/** Keeps what arrives waiting, until there is something to pass it to. */
function untilAnswering<Arrival extends unknown[]> (): { readonly take: (...arrival: Arrival) => void, readonly pass: (to: (...arrival: Arrival) => void) => void } {
  let taker: ((...arrival: Arrival) => void) | undefined
  const waiting: Arrival[] = []
  return {
    take (...arrival) {
      if (taker === undefined) waiting.push(arrival)
      else taker(...arrival)
    },
    pass (to) {
      taker = to
      for (const arrival of waiting.splice(0)) to(...arrival)
    }
  }
}

/** Loads what interception needs, TLS and all, only where it is asked for: no other start is slower for it. */
async function interceptor (
  routing: RequestListener, options: InterceptionOptions, { urls, port }: Listening, reports: Pick<UnreadableReports, 'record' | 'note'>
): Promise<Interception> {
  const { intercept } = await import('./interception.js')
  return await intercept(routing, options, { url: urls[0]!, port }, reports)
}

function once (action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => {
    done ??= action()
    return done
  }
}
