import type { Account, RemoteEmulator } from '../client/connect.js'
import type { ScenarioAccount } from '../contract/scenario.js'
import { AbortController, clearTimeout, machineTime, monotonicTime, setTimeout } from '../machine.js'
import type { Context } from '../runtime/context.js'
import { discardAccountState } from '../runtime/expiry.js'
import { readFault } from '../scenario/faults.js'
import { CUT_MARGIN } from '../text/shortened.js'
import { KEPT_OUTPUT } from './command.js'
import { observe, type Observed } from './command-runner.js'
import { decideLastCalls } from './last-calls.js'
import type { Observation, Runner, Variation } from './observation.js'
import type { SweepRun } from './scenario-function.js'

/** What a scenario function is run with. */
export interface FunctionRunnerOptions {
  readonly scenario: (run: SweepRun) => unknown
  /** Account of each run, but for its name and its token. */
  readonly account: ScenarioAccount
  readonly timeoutMs: number
  readonly emulator: RemoteEmulator
  readonly context: Context
  readonly seed: number
}

/** Creates the runner that calls a function, in one emulator, with an account for each run. What it throws is its failure. */
export function functionRunner ({ scenario, account: given, timeoutMs, emulator, context, seed }: FunctionRunnerOptions): Runner {
  const baseName = given.name ?? 'account'
  let count = 0

  return async (variation, signal) => {
    signal.throwIfAborted()
    const account = await emulator.createAccount(accountFor({ ...given, name: `${baseName}-${++count}` }, variation))
    const { name } = account
    const fault = variation.fault && readFault({ ...variation.fault, account: name }, seed, machineTime()).fault
    const watch = context.probe!.watch(name, fault)
    context.usage.exempt(name, [...Object.keys(variation.assume), ...variation.instant === null ? [] : ['clock']])
    const before = monotonicTime()
    try {
      const ended = await outcomeOf(account, signal)
      const durationMs = monotonicTime() - before
      await decideLastCalls(context, watch, name)
      const observed = observe(watch)
      const end = ended.output.slice(-KEPT_OUTPUT - CUT_MARGIN)
      const output = context.journal.hideTokensFrom(end, Math.max(0, end.length - KEPT_OUTPUT))
      return { ...ended, output, exitCode: null, signal: null, durationMs, ...named(observed, baseName), saved: null }
    } finally {
      watch.end()
      context.usage.exempt(name, [])
      remove(context, name)
    }
  }

  async function outcomeOf (account: Account, signal: AbortSignal): Promise<Pick<Observation, 'ending' | 'output'>> {
    const late = new AbortController()
    let timer: NodeJS.Timeout | undefined
    const end = new Promise<Pick<Observation, 'ending' | 'output'>>((resolve, reject) => {
      timer = setTimeout(() => {
        late.abort()
        resolve({ ending: 'timeout', output: '' })
      }, timeoutMs)
      signal.addEventListener('abort', () => { reject(new Error('the sweep was ended')) }, { once: true, signal: late.signal })
    })
    // A function may also fail before its first await.
    const called = (async () => await scenario({ url: emulator.url, account, token: account.token, signal: late.signal }))()
    const ended = called.then(
      () => ({ ending: 'success' as const, output: '' }),
      (error: unknown) => ({ ending: 'failure' as const, output: error instanceof Error ? error.stack ?? error.message : String(error) }))
    try {
      return await Promise.race([ended, end])
    } finally {
      clearTimeout(timer)
      late.abort()
    }
  }
}

/** Gives the account of a run: that of all, and what the run varies. */
function accountFor (account: ScenarioAccount, { assume, wire, instant }: Variation): ScenarioAccount {
  const { settings = {} } = account
  return {
    ...account,
    settings: {
      ...settings,
      ...wire && { wire: { ...settings.wire, ...wire } },
      ...Object.keys(assume).length > 0 && { assumptions: { ...settings.assumptions, ...assume } }
    },
    ...instant !== null && { clock: { mode: 'frozen', at: instant } }
  }
}

/** Gives all runs' accounts one name: in a report it does not matter which run's it was. */
function named (observed: Observed, account: string): Observed {
  return { ...observed, books: observed.books.map(books => ({ ...books, account })), unmet: observed.unmet.map(unmet => ({ ...unmet, account })) }
}

/** Removes an account without a way back: a sweep makes thousands. */
function remove (context: Context, name: string): void {
  const { store } = context
  const account = store.accounts.findByName(name)
  if (account !== undefined) store.transaction(() => { store.accounts.remove(account.accountId) })
  discardAccountState(context, name)
}
