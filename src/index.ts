import { connect } from './client/connect.js'
import { start } from './emulator.js'
import type { Emulator, StartOptions } from './public.js'

export { connect } from './client/connect.js'
export type { Account, ClockControl, ConnectOptions, ControlError, NewAccount, RemoteEmulator, RequestsControl, SettingsControl, SettingsPatch } from './client/connect.js'
export type * from './client/shapes.js'
export type { Emulator, StartOptions } from './public.js'
export { Problem, type Flaw } from './problem.js'
export type * from './scenario/scenario.js'

/**
 * Starts an emulator within this process: on a free port, in memory, with the default scenario and without a log,
 * unless the options say otherwise. Rejects with a `Problem` that says what is wrong with them.
 */
export async function startEmulator (options: StartOptions = {}): Promise<Emulator> {
  const { url, stop } = await start(options)
  const { adminToken } = options
  return { ...connect(url, adminToken === undefined ? {} : { adminToken }), stop, [Symbol.asyncDispose]: stop }
}
