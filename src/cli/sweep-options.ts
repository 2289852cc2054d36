import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import type { SweepVerdict } from '../contract/sweep-report.js'
import { QUICK_FAULTS, type FaultChoice } from '../domain/sweep-plan.js'
import { VERDICT_NAMES } from '../domain/verdicts.js'
import { Problem } from '../problem.js'
import { faultsNamed } from '../sweep/named-faults.js'
import { REPORT_ENDINGS } from '../sweep/write-report.js'
import { parseDuration } from '../text/duration.js'
import { suggestion } from './arguments.js'

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
    faults: flags.faults === undefined ? QUICK_FAULTS : flags.faults.split(',').flatMap(name => faultsNamed(name, '--faults')),
    questions: flags['no-questions'] === undefined,
    instants: flags.instants !== undefined,
    jobs: whole('jobs', flags.jobs, availableParallelism(), 1, 1000),
    shard: flags.shard === undefined ? null : shardOf(flags.shard),
    timeoutMs: flags.timeout === undefined ? 60_000 : durationOf(flags.timeout),
    repeat: whole('repeat', flags.repeat, 2, 1, 100),
    only: flags.only?.split(',') ?? null,
    reports: flags.report?.split(',').map(reportFile) ?? [],
    saveDir: flags['save-dir'] ?? null,
    accepted: flags.accept?.split(',').map(verdictNamed) ?? []
  }
}

function verdictNamed (text: string): SweepVerdict {
  const found = VERDICT_NAMES.find(name => name === text)
  if (found !== undefined) return found
  throw wrong('accept', text, `one of ${VERDICT_NAMES.join(', ')}${suggestion(text, VERDICT_NAMES)}`)
}

/** Checks that it is known how to write a report. */
export function reportFile (file: string): string {
  if (REPORT_ENDINGS.includes(extname(file))) return file
  throw wrong('report', file, `a file that ends in ${REPORT_ENDINGS.join(', ')}`)
}

function shardOf (text: string): SweepFlags['shard'] {
  const [, index, of] = /^(\d{1,5})\/(\d{1,5})$/.exec(text)?.map(Number) ?? []
  if (index === undefined || of === undefined || index < 1 || index > of) throw wrong('shard', text, 'I/N such as 3/10, with I from 1 to N')
  return { index, of }
}

function durationOf (text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms < 1 || ms > 86_400_000) throw wrong('timeout', text, 'a duration such as 500ms, 60s or 5m, at most 24h')
  return ms
}

function whole (flag: string, text: string | undefined, usual: number, least: number, most: number): number {
  if (text === undefined) return usual
  const number = /^\d{1,6}$/.test(text) ? Number(text) : NaN
  if (!(number >= least && number <= most)) throw wrong(flag, text, `a whole number from ${least} to ${most}`)
  return number
}

function wrong (flag: string, found: string, expected: string): Problem {
  return new Problem(`--${flag} is wrong: found ${JSON.stringify(found)}, expected ${expected}`)
}
