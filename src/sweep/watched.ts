import type { ScenarioFault } from '../contract/scenario.js'
import { createProbe, type Watch } from '../runtime/probe.js'
import { readFault } from '../scenario/faults.js'
import type { OptionName, StartOptions } from '../server/options.js'
import { start, type Started } from '../server/start.js'
import type { ServerIdentity } from '../tls/certificate.js'
import { machineTime } from '../machine.js'

/** Emulator whose calls and books are observed, of all accounts, from its start. */
export interface WatchedEmulator {
  readonly emulator: Started
  readonly watch: Watch
}

/** Starts an emulator under observation, with a fault outside of its world if one is given. */
export async function startWatched (
  options: StartOptions,
  nameOf?: (option: OptionName) => string,
  { identity, fault = null }: { readonly identity?: ServerIdentity, readonly fault?: ScenarioFault | null } = {}
): Promise<WatchedEmulator> {
  let watch: Watch
  const emulator = await start(options, nameOf, {
    ...identity && { identity },
    probe (store) {
      const probe = createProbe(store)
      watch = probe.watch(null, fault && readFault(fault, options.seed ?? 1, machineTime()).fault)
      return probe
    }
  })
  return { emulator, watch: watch! }
}
