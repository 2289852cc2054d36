import { connect } from '../client/connect.js'
import type { SweepReport } from '../contract/sweep-report.js'
import { AbortController } from '../machine.js'
import { Problem } from '../problem.js'
import type { Context } from '../runtime/context.js'
import { start } from '../server/start.js'
import { dialectOf } from './dialect.js'
import { functionRunner } from './function-runner.js'
import { faultsNamed } from './named-faults.js'
import type { SweepOptions, SweepRun } from './scenario-function.js'
import { settledBy } from './settled.js'
import { sweepAll } from './sweep.js'

/** Calls a function under every failure, each time with an account of its own in one emulator, and judges each run by the books. */
export async function sweepFunction (scenario: (run: SweepRun) => unknown, options: SweepOptions): Promise<SweepReport> {
  const { account = {}, faults = 'quick', questions = true, instants = false, concurrency = 8, timeout = 10_000, repeat = 2 } = options
  const { shard = null, accept = [], emulator: startOptions = {}, signal = new AbortController().signal } = options
  if (account.token !== undefined) throw new Problem('the option account is wrong: each run has a token of its own, so it can\'t have one')
  const names = typeof faults === 'string' ? faults.split(',') : faults
  const choices = names.flatMap(name => faultsNamed(name, 'the option faults'))
  let context: Context
  const started = await start(startOptions, undefined, {
    observe (parts) { context = parts }
  })
  try {
    const { url, fetch, adminToken } = started
    const emulator = connect(url, { fetch, ...adminToken !== null && { adminToken } })
    const run = functionRunner({ scenario, account, timeoutMs: timeout, emulator, context: context!, seed: startOptions.seed ?? 1 })
    const settled = settledBy(startOptions, account)
    return await sweepAll({
      run,
      command: null,
      options: [],
      vary: { faults: choices, questions, settled: settled.questions, wire: dialectOf(settled.wire, 'the option emulator') },
      instants,
      repeat,
      jobs: concurrency,
      shard,
      only: null,
      accepted: accept,
      reproduce: () => null
    }, {}, signal)
  } finally {
    await started.stop()
  }
}
