import { Type } from '@sinclair/typebox'
import { connect } from '../client/connect.js'
import type { SweepReport } from '../contract/sweep-report.js'
import { VERDICT_NAMES } from '../domain/verdicts.js'
import { AbortController } from '../machine.js'
import { Problem } from '../problem.js'
import type { Context } from '../runtime/context.js'
import { checkOptions } from '../scenario/options.js'
import { OneOf } from '../scenario/schema.js'
import { start } from '../server/start.js'
import { dialectOf } from './dialect.js'
import { functionRunner } from './function-runner.js'
import { faultsNamed } from './named-faults.js'
import type { SweepOptions, SweepRun } from './scenario-function.js'
import { settledBy } from './settled.js'
import { sweepAll } from './sweep.js'

const YesOrNo = Type.Optional(Type.Boolean({ description: 'true or false' }))

function Whole (minimum: number, maximum: number) {
  return Type.Optional(Type.Integer({ minimum, maximum, description: `a whole number from ${minimum} to ${maximum}` }))
}

const Part = Type.Integer({ minimum: 1, description: 'a whole number from 1' })

/** Options of `sweep`, in the bounds of the command's flags, but for `repeat`: a function runs in no time. Each `description` completes "expected …". */
const SweepOptionsSchema = Type.Object({
  account: Type.Optional(Type.Object({}, { description: 'an account as in a scenario' })),
  faults: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())], { description: 'quick, all, or kinds of faults' })),
  questions: YesOrNo,
  instants: YesOrNo,
  concurrency: Whole(1, 1000),
  timeout: Whole(1, 86_400_000),
  repeat: Whole(1, 100_000),
  shard: Type.Optional(Type.Object({ index: Part, of: Part }, {
    additionalProperties: false,
    description: 'a part such as {"index":3,"of":10}, with an index from 1 to of'
  })),
  accept: Type.Optional(Type.Array(OneOf(VERDICT_NAMES), { description: 'a list of verdicts' })),
  emulator: Type.Optional(Type.Object({}, { description: 'options as startEmulator takes them' })),
  // Not what merely has one, such as an AbortController.
  signal: Type.Optional(Type.Object({ aborted: Type.Boolean({ description: 'an AbortSignal' }) }, { description: 'an AbortSignal' }))
})

/** Calls a function under every failure, each time with an account of its own in one emulator, and judges each run by the books. */
export async function sweepFunction (scenario: (run: SweepRun) => unknown, options: SweepOptions): Promise<SweepReport> {
  if (typeof scenario !== 'function') throw new Problem('there is nothing to sweep: expected a function that drives a client')
  checkOptions(SweepOptionsSchema, options)
  const { account = {}, faults = 'quick', questions = true, instants = false, concurrency = 8, timeout = 10_000, repeat = 2 } = options
  const { shard = null, accept = [], emulator: startOptions = {}, signal = new AbortController().signal } = options
  if (shard !== null && shard.index > shard.of) throw new Problem(`the option shard is wrong: found ${shard.index} of ${shard.of}, expected an index from 1 to of`)
  if (account.token !== undefined) throw new Problem('the option account is wrong: each run has a token of its own, so it can\'t have one')
  const names = typeof faults === 'string' ? faults.split(',') : faults
  const choices = faultsNamed(names, 'the option faults')
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
      vary: { faults: choices, questions, settled: settled.questions, wire: dialectOf(settled.wire, 'the option emulator'), fixed: settled.fixed },
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
