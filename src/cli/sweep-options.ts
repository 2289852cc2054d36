import { availableParallelism } from 'node:os'
import type { SweepVerdict } from '../contract/sweep-report.js'
import { QUICK_FAULTS, type FaultChoice } from '../domain/sweep-plan.js'
import { VERDICT_NAMES } from '../domain/verdicts.js'
import { faultsNamed } from '../sweep/named-faults.js'
import { REPORT_ENDINGS } from '../sweep/write-report.js'
import { suggestion } from './arguments.js'
import { reportFiles, timeLimit, wrong } from './option-values.js'

type Flags = Readonly<Record<string, string | undefined>>

/** Options of a sweep, read from its flags. */
export interface SweepFlags {
  readonly faults: readonly FaultChoice[]
  readonly questions: boolean
  readonly instants: boolean
  readonly jobs: number
  readonly shard: { readonly index: number, readonly of: number } | null
  readonly timeoutMs: number
  readonly repeat: number
  readonly only: readonly string[] | null
  readonly reports: readonly string[]
  readonly saveDir: string | null
  readonly accepted: readonly SweepVerdict[]
}

/** Reads the options of a sweep. Throws a `Problem` that names the flag, what was found, and what would be right. */
export function readSweepFlags (flags: Flags): SweepFlags {
  return {
    faults: flags.faults === undefined ? QUICK_FAULTS : faultsNamed(flags.faults.split(','), '--faults'),
    questions: flags['no-questions'] === undefined,
    instants: flags.instants !== undefined,
    jobs: whole('jobs', flags.jobs, availableParallelism(), 1, 1000),
    shard: flags.shard === undefined ? null : shardOf(flags.shard),
    timeoutMs: timeLimit(flags.timeout),
    repeat: whole('repeat', flags.repeat, 2, 1, 100),
    only: flags.only?.split(',') ?? null,
    reports: reportFiles(flags.report, REPORT_ENDINGS),
    saveDir: flags['save-dir'] ?? null,
    accepted: flags.accept?.split(',').map(verdictNamed) ?? []
  }
}

function verdictNamed (text: string): SweepVerdict {
  const found = VERDICT_NAMES.find(name => name === text)
  if (found !== undefined) return found
  throw wrong('accept', text, `one of ${VERDICT_NAMES.join(', ')}${suggestion(text, VERDICT_NAMES)}`)
}

function shardOf (text: string): SweepFlags['shard'] {
  const [, index, of] = /^(\d{1,5})\/(\d{1,5})$/.exec(text)?.map(Number) ?? []
  if (index === undefined || of === undefined || index < 1 || index > of) throw wrong('shard', text, 'I/N such as 3/10, with I from 1 to N')
  return { index, of }
}

function whole (flag: string, text: string | undefined, usual: number, least: number, most: number): number {
  if (text === undefined) return usual
  const number = /^\d{1,6}$/.test(text) ? Number(text) : NaN
  if (!(number >= least && number <= most)) throw wrong(flag, text, `a whole number from ${least} to ${most}`)
  return number
}
