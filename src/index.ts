/// <reference lib="esnext.disposable" preserve="true" />
import { connect, type RemoteEmulator } from './client/connect.js'
import type { StartOptions } from './contract/start-options.js'
import { start } from './server/start.js'

export { connect } from './client/connect.js'
export type { Account, ClockControl, ConnectOptions, ControlError, NewAccount, RemoteEmulator, RequestsControl, SettingsControl, SettingsPatch } from './client/connect.js'
export type * from './contract/control.js'
export type * from './contract/journal-entry.js'
export type { StartOptions } from './contract/start-options.js'
export { Problem, type Issue } from './problem.js'
export type * from './contract/scenario.js'

/** Emulator that runs in this process. */
export interface Emulator extends RemoteEmulator {
  /** Closes all connections, commits what was decided, closes the database. May be called more than once. */
  readonly stop: () => Promise<void>
  /** Stops it, at the end of a block that began with `await using`. */
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/**
 * Starts an emulator in this process: on a free port, in memory, with the default scenario and without a log, unless the
 * options say otherwise. Rejects with a `Problem` that describes what is wrong with them.
 */
export async function startEmulator (options: StartOptions = {}): Promise<Emulator> {
  const { url, adminToken, stop } = await start(options)
  return { ...connect(url, adminToken === null ? {} : { adminToken }), stop, [Symbol.asyncDispose]: stop }
}
