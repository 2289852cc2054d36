/// <reference lib="esnext.disposable" preserve="true" />
import { checkConnectOptions } from './client/arguments.js'
import { connect as connectBy, type ConnectOptions, type RemoteEmulator } from './client/connect.js'
import { asyncDispose } from './client/dispose.js'
import { nodeFetch } from './client/node-fetch.js'
import type { Case } from './contract/case.js'
import type { Replay } from './contract/replay.js'
import type { StartOptions } from './contract/start-options.js'
import type { SweepReport } from './contract/sweep-report.js'
import { Problem } from './problem.js'
import type { ReplayOptions } from './replay/options.js'
import type { Interception } from './server/interception.js'
import { start } from './server/start.js'
import type { SweepOptions, SweepRun } from './sweep/scenario-function.js'

export type {
  Account, AuditOptions, CallInit, CallResponse, CaseOptions, ClockControl, ConnectOptions, ControlError, Fetch, NewAccount, RemoteEmulator,
  RequestsControl, SettingsControl, SettingsPatch
} from './client/connect.js'
export type * from './contract/case.js'
export type * from './contract/control.js'
export type * from './contract/journal-entry.js'
export type * from './contract/replay.js'
export type { StartOptions } from './contract/start-options.js'
export { Problem, type Issue } from './problem.js'
export type * from './contract/scenario.js'
export type * from './contract/sweep-report.js'
export type { ReplayOptions } from './replay/options.js'
export type { SweepOptions, SweepRun } from './sweep/scenario-function.js'

/** Emulator that runs in this process. Its control calls need no connection. */
export interface Emulator extends RemoteEmulator {
  /** Closes all connections, commits what was decided, closes the database. May be called more than once. */
  readonly stop: () => Promise<void>
  /** Listeners for requests to the vendor's hosts; `null` without an option that asks for them. */
  readonly interception: {
    /** Port of the loopback that answers for the vendor's hosts over TLS. */
    readonly tlsPort: number
    /** Port of the proxy, on the loopback; `null` without one. */
    readonly proxyPort: number | null
    /** CA to trust at these ports, as PEM. */
    readonly ca: string
  } | null
  /** Stops it, at the end of a block that began with `await using`. */
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/**
 * Starts an emulator in this process: on a free port, in memory, with the default scenario and without a log, unless the
 * options say otherwise. Rejects with a `Problem` that describes what is wrong with them.
 */
export async function startEmulator (options: StartOptions = {}): Promise<Emulator> {
  // What is no object of options is refused by `start`.
  const isIntercepting = (Object(options) as StartOptions).intercept === true
  const redirect = isIntercepting ? await import('./redirect/redirect.js') : null
  const proxies = isIntercepting ? await import('./redirect/proxies.js') : null
  if (proxies?.isProxiedByNode() === true) throw proxied()
  // Before it starts: another one may be starting as well.
  if (redirect?.reserveRedirect() === false) throw anotherIntercepts()
  const { url, fetch, adminToken, stop: stopServer, interception } = await start(options).catch(error => {
    redirect?.releaseRedirect()
    throw error
  })
  const undo = redirect?.redirectVendor({ tlsPort: interception!.tlsPort, plainPort: interception!.proxyPort!, ca: interception!.ca })
  const restoreProxies = proxies?.bypassProxies(process.env)
  const stop = async (): Promise<void> => {
    undo?.()
    restoreProxies?.()
    await stopServer()
  }
  const connected = connectBy(url, { fetch, ...adminToken !== null && { adminToken } })
  return { ...connected, interception: interception && shown(interception), stop, [asyncDispose]: stop }
}

/**
 * Controls an emulator over HTTP, from another process than the emulator's. A call that the emulator refuses rejects with a `ControlError`
 * that says what was wrong and what to do next. It is `connect` of `picky-assist-emulator/connect`, for Node.js alone: it also works where
 * an environment such as jsdom has replaced the global `fetch` by a page's, or has none.
 */
export function connect (url: string, options: ConnectOptions = {}): RemoteEmulator {
  checkConnectOptions(options)
  return connectBy(url, { ...options, fetch: options.fetch ?? nodeFetch })
}

/**
 * Calls a function that drives a client under every failure of every call it makes, and judges each run by what was booked: the report
 * says which calls with which failures charge a customer twice, or report what did not happen. Each run has an account of its own; what
 * the function throws is its failure. Rejects with a `Problem` if the function fails, or does something else each time, without a fault.
 */
export async function sweep (scenario: (run: SweepRun) => unknown, options: SweepOptions = {}): Promise<SweepReport> {
  const { sweepFunction } = await import('./sweep/library.js')
  return await sweepFunction(scenario, options)
}

/**
 * Plays a case again, and compares every answer, what each request booked, and the world at the end. Rejects with a `Problem` that names the
 * place of what is wrong in the case, or says why it can't be replayed.
 */
export async function replay (saved: Case, options: ReplayOptions = {}): Promise<Replay> {
  const { replayGiven } = await import('./server/replay-given.js')
  return await replayGiven(saved, options)
}

function anotherIntercepts (): Problem {
  return new Problem("the option intercept is wrong: this process's connections to the vendor already lead to another emulator; stop that one first")
}

function proxied (): Problem {
  return new Problem("the option intercept is wrong: Node.js leads this process's connections to the proxy of its environment; " +
    'add pickyassist.com to NO_PROXY before it starts, or leave out NODE_USE_ENV_PROXY')
}

function shown ({ tlsPort, proxyPort, ca }: Interception): Emulator['interception'] {
  return { tlsPort, proxyPort, ca }
}
