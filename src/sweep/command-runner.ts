import { join } from 'node:path'
import type { Case } from '../contract/case.js'
import { inTemporaryFolder, writeRedirects, type ClientFiles } from '../environment/files.js'
import { clientVariables } from '../environment/variables.js'
import type { Watchdog } from '../environment/watchdog.js'
import type { StartOptions } from '../contract/start-options.js'
import type { Watch } from '../runtime/probe.js'
import type { OptionName } from '../server/options.js'
import type { ServerIdentity } from '../tls/certificate.js'
import { monotonicTime } from '../machine.js'
import { withFault } from './armed-case.js'
import { runCommand } from './command.js'
import type { Observation, Runner, Variation } from './observation.js'
import { openWatched } from './watched.js'

/** What all runs of a command share. */
export interface CommandRunnerOptions {
  readonly command: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Options of every emulator. */
  readonly options: StartOptions
  readonly nameOf?: (option: OptionName) => string
  readonly timeoutMs: number
  /** Names of the variables that tell the command of its emulator. */
  readonly variables: { readonly url: string, readonly token: string }
  readonly identity: ServerIdentity
  /** Files that lead clients to whichever emulator, in a folder for what differs between runs. */
  readonly files: ClientFiles
  readonly folder: string
  readonly watchdog: Watchdog
  /** Whether to save the case of each run. */
  readonly keepCase: boolean
}

/** Creates the runner that starts a command with an emulator where it expects the vendor, as `run` does. */
export function commandRunner (shared: CommandRunnerOptions): Runner {
  const { command: [program, ...args], env, options, nameOf, timeoutMs, variables, identity, files, folder, watchdog, keepCase } = shared
  let count = 0

  return async (variation, signal) => {
    const { emulator, answer } = await openWatched(optionsFor(options, variation), nameOf, { identity, fault: variation.fault, choices: Object.keys(variation.assume) })
    try {
      const { tlsPort, proxyPort } = emulator.interception!
      const own = join(folder, `run-${++count}`)
      const redirects = inTemporaryFolder(folder, () => writeRedirects(own, { ca: identity.ca, tlsPort, proxyPort: proxyPort! }))
      const given = {
        ...env,
        ...clientVariables(env, proxyPort!, { ...files, ...redirects }),
        [variables.url]: emulator.url,
        [variables.token]: emulator.token ?? undefined
      }
      const before = monotonicTime()
      const ending = runCommand({ program, args, env: given, timeoutMs }, watchdog, signal)
      const [ended, { watch, decide, saved, hideTokensFrom }] = await Promise.all([ending, answer()])
      const durationMs = monotonicTime() - before
      await decide()
      const observed = observe(watch)
      const output = hideTokensFrom(ended.output.text, ended.output.from)
      return { ...ended, output, durationMs, ...observed, saved: keepCase ? await caseIn(saved, variation, watch) : null }
    } finally {
      await emulator.stop()
    }
  }
}

export type Observed = Pick<Observation, 'calls' | 'totalCalls' | 'books' | 'unmet' | 'resets'>

export function observe (watch: Watch): Observed {
  // What arrives later is in none of them.
  return { calls: [...watch.calls], totalCalls: watch.total(), books: watch.books(), unmet: watch.unmet(), resets: watch.isReplaced() || watch.isFaultAsked() }
}

/** Gives the options of one run: those of all, and what it varies. Choices come on top of the user's. */
function optionsFor (options: StartOptions, { assume, wire, instant }: Variation): StartOptions {
  return {
    ...options,
    ...Object.keys(assume).length > 0 && { assume: { ...options.assume, ...assume } },
    ...wire && { wire: { ...options.wire, ...wire } },
    ...instant !== null && { clock: `frozen:${instant}` }
  }
}

async function caseIn (saved: () => Promise<Case>, { fault }: Variation, { calls }: Watch): Promise<Case> {
  const hit = calls.find(({ triggered }) => triggered !== null)
  const plain = await saved()
  return fault === null || hit === undefined ? plain : withFault(plain, fault, hit.id)
}
