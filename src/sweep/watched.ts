import { caseOf } from '../case/make.js'
import type { Case } from '../contract/case.js'
import type { ScenarioFault } from '../contract/scenario.js'
import type { AccountBooks } from '../domain/account-books.js'
import { machineTime } from '../machine.js'
import type { Watch } from '../runtime/probe.js'
import { unmetOf } from '../runtime/unmet.js'
import { readFault } from '../scenario/faults.js'
import type { OptionName, StartOptions } from '../server/options.js'
import { open, type Opened } from '../server/start.js'
import type { ServerIdentity } from '../tls/certificate.js'
import { decideLastCalls } from './last-calls.js'

/** Calls and books of all accounts of an emulator, from its start. */
export interface Watched {
  readonly watch: Watch
  /** Books before the first call. */
  readonly before: readonly AccountBooks[]
  /** Reads what has arrived, and decides the calls that faults still delay: their clients have gone, but what they have sent is booked. */
  readonly decide: () => Promise<void>
  /** Says which faults of its world no request has triggered. */
  readonly unmetFaults: () => string[]
  /** Saves the case of its world. */
  readonly saved: () => Promise<Case>
  /** Removes the tokens of its world, and the control API's, from what a text has from `from` on. */
  readonly hideTokensFrom: (text: string, from: number) => string
}

/** Emulator that will be observed. */
export interface WatchedEmulator {
  readonly emulator: Opened
  /** Lets it answer, under observation. To be called once. */
  readonly answer: () => Promise<Watched>
}

/** Opens an emulator to be observed, with a fault outside of its world if one is given. An audit takes `choices`, of open questions, for met. */
export async function openWatched (
  options: StartOptions,
  nameOf?: (option: OptionName) => string,
  { identity, fault = null, choices = [] }: { readonly identity?: ServerIdentity, readonly fault?: ScenarioFault | null, readonly choices?: readonly string[] } = {}
): Promise<WatchedEmulator> {
  let watched: Watched
  const emulator = await open(options, nameOf, {
    ...identity && { identity },
    observe (context) {
      const watch = context.probe!.watch(null, fault && readFault(fault, options.seed ?? 1, machineTime()).fault)
      context.usage.exempt(null, choices)
      watched = {
        watch,
        before: watch.books(),
        decide: () => decideLastCalls(context, watch, null),
        unmetFaults: () => unmetOf(context, [], true).filter(({ what }) => what === 'fault').map(({ says }) => says),
        saved: () => caseOf(context, null),
        hideTokensFrom: context.journal.hideTokensFrom
      }
    }
  })
  const answer = async (): Promise<Watched> => {
    await emulator.answer()
    return watched
  }
  return { emulator, answer }
}
