import type { ScenarioFault, ScenarioWire } from '../contract/scenario.js'
import type { SweepCall, SweepChoice, SweepOther, SweepReport, SweepResult } from '../contract/sweep-report.js'
import { FAULT_KINDS } from '../domain/fault.js'
import { VERDICT_NAMES } from '../domain/verdicts.js'
import { columnName } from './report.js'

/** First thing that is wrong with a report: its place, as a JSON pointer, what is there, and what would be right. */
export interface ReportIssue {
  readonly pointer: string
  readonly found: string
  readonly expected: string
}

/** Report that was read, or what is wrong with it. */
export type ReadReport = { readonly report: SweepReport } | { readonly issue: ReportIssue }

/** Value by which a report is told from other files. */
export const REPORT_FORMAT = 'picky-emulator-sweep'

/** Version of the format that can be read. */
export const REPORT_VERSION = 1

/** Maximum number of different failures: all kinds with all statuses are fewer. The matrix has a column for each. */
const MAX_COLUMNS = 200

/** Maximum number of cells of the matrix, most of which may be empty: those are in no file, and take room all the same. */
const MAX_CELLS = 1_000_000

/**
 * Reads a report where the schema library is too large to be, such as on a page. It accepts what the published schema accepts; of
 * faults and dialects, which nothing is computed from, only as much is checked as is shown.
 */
export function readSweepReport (value: unknown): ReadReport {
  const issue = Report(value, '')
  if (issue !== null) return { issue }
  const report = value as SweepReport
  const wrong = callIssue(report) ?? matrixIssue(report)
  return wrong === null ? { report } : { issue: wrong }
}

function callIssue ({ results, reference: { calls } }: SweepReport): ReportIssue | null {
  const index = results.findIndex(({ call }) => call !== null && call > calls.length)
  return index === -1 ? null : issueAt(`/results/${index}/call`, results[index]!.call, `a number of the ${calls.length} calls of the reference`)
}

/** Finds what makes the matrix of a report larger than anybody could look at. */
export function matrixIssue ({ results, reference: { calls } }: Pick<SweepReport, 'results' | 'reference'>): ReportIssue | null {
  const columns = new Set(results.filter(({ fault }) => fault !== null).map(columnName)).size
  if (columns > MAX_COLUMNS) return { pointer: '/results', found: `${columns} different faults`, expected: `at most ${MAX_COLUMNS}` }
  const cells = columns * calls.length
  const found = `${calls.length} calls under ${columns} different faults`
  return cells <= MAX_CELLS ? null : { pointer: '/reference/calls', found, expected: `a matrix of at most ${MAX_CELLS} cells` }
}

/** Checks a value at a place. `checked` is the type of a value that passes: it is there for the compiler alone. */
type Check<T> = ((value: unknown, pointer: string) => ReportIssue | null) & { readonly checked?: T }

function issueAt (pointer: string, value: unknown, expected: string): ReportIssue {
  return { pointer, found: value === undefined ? 'nothing' : excerpt(value), expected }
}

/** Writes a value for a message. What is large is only named: writing it out could take longer than reading it. */
function excerpt (value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, 60) : value)
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`
}

function when<T> (isRight: (value: unknown) => boolean, expected: string): Check<T> {
  return (value, pointer) => isRight(value) ? null : issueAt(pointer, value, expected)
}

function oneOf<T extends string | number> (choices: readonly T[], expected = `one of ${choices.join(', ')}`): Check<T> {
  return when(value => choices.includes(value as T), expected)
}

function orNull<T> (check: Check<T>): Check<T | null> {
  return (value, pointer) => value === null ? null : withNull(check(value, pointer), pointer)
}

/** Adds to what would be right at a place that nothing may be there, too; an issue further in is told as it is. */
function withNull (issue: ReportIssue | null, pointer: string): ReportIssue | null {
  return issue === null || issue.pointer !== pointer ? issue : { ...issue, expected: `${issue.expected}, or null` }
}

function list<T> (check: Check<T>, what: string, min = 0): Check<readonly T[]> {
  return (value, pointer) => {
    if (!Array.isArray(value) || value.length < min) return issueAt(pointer, value, `a list of ${what}`)
    for (const [index, item] of value.entries()) {
      const issue = check(item, `${pointer}/${index}`)
      if (issue !== null) return issue
    }
    return null
  }
}

/** Checks each field that is named; others may be there. The compiler takes care that all of the type are named. */
function struct<T extends object> (what: string, fields: { readonly [Key in keyof T]-?: Check<T[Key]> }): Check<T> {
  const checks = Object.entries<Check<unknown>>(fields)
  return (value, pointer) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return issueAt(pointer, value, what)
    for (const [key, check] of checks) {
      const issue = check(Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined, `${pointer}/${key}`)
      if (issue !== null) return issue
    }
    return null
  }
}

/** Checks a field that may be left out. */
function optional<T> (check: Check<T>): Check<T> {
  return (value, pointer) => value === undefined ? null : check(value, pointer)
}

const isWhole = (value: unknown, min: number): boolean => Number.isInteger(value) && (value as number) >= min
const USD = /^-?\d{1,12}(\.\d{1,3})?$/

const Text = when<string>(value => typeof value === 'string', 'a string')
const Flag = when<boolean>(value => typeof value === 'boolean', 'true or false')
const Count = when<number>(value => isWhole(value, 0), 'a whole number from 0')
const Ordinal = when<number>(value => isWhole(value, 1), 'a whole number from 1')
const Whole = when<number>(value => isWhole(value, -Infinity), 'a whole number')
const Usd = when<string>(value => typeof value === 'string' && USD.test(value), 'an amount in USD as a string, such as "4.99"')
const Verdict = oneOf(VERDICT_NAMES)
const choice = { name: Text, choice: Text }

const Call = struct<SweepCall>('a call of the reference', {
  endpoint: Text,
  project_id: orNull(Whole),
  plan_id: orNull(Whole),
  skip: Count,
  api_status: orNull(Whole),
  rule: orNull(Text),
  charged: Flag,
  assumptions: list(Text, 'open questions')
})

const Fault: Check<ScenarioFault> = struct<Pick<ScenarioFault, 'kind' | 'when' | 'status'>>('a fault', {
  kind: oneOf(FAULT_KINDS),
  when: optional<'before' | 'after'>(oneOf(['before', 'after'])),
  status: optional(Whole)
})

const Wire: Check<ScenarioWire> = struct<Pick<ScenarioWire, never>>('an object such as {"types":"table"}', {})

const Result = struct<SweepResult>('a run and the verdict on it', {
  id: Text,
  number: Ordinal,
  kind: oneOf(['fault', 'question', 'dialect', 'instant']),
  call: orNull(Ordinal),
  fault: orNull(Fault),
  question: orNull(struct<SweepChoice>('a choice for an open question', choice)),
  wire: orNull(Wire),
  instant: orNull(Text),
  verdict: Verdict,
  mark: oneOf(['pass', 'warning', 'failure', 'none']),
  accepted: Flag,
  says: Text,
  if: list(struct<SweepOther>('a verdict under another choice', { ...choice, verdict: Verdict, says: Text, reproduce: orNull(Text) }), 'verdicts under other choices'),
  ending: oneOf(['success', 'failure', 'timeout', 'signal']),
  exit_code: orNull(Whole),
  signal: orNull(Text),
  duration_ms: Count,
  charged: Usd,
  calls: Count,
  output: Text,
  reproduce: orNull(Text),
  short_of_money: optional(Flag),
  case: optional(Text)
})

const Report = struct<SweepReport>('a report of sweep', {
  format: oneOf([REPORT_FORMAT], `"${REPORT_FORMAT}"`),
  version: oneOf([REPORT_VERSION], String(REPORT_VERSION)),
  emulator: Text,
  command: orNull(list(Text, 'strings')),
  options: list(Text, 'strings'),
  started_at: Text,
  duration_ms: Count,
  planned: Count,
  plan: Text,
  complete: Flag,
  shards: orNull(struct('the shards that it covers', { of: Ordinal, done: list(Ordinal, 'numbers of shards', 1) })),
  reference: struct('the command without any fault', {
    calls: list(Call, 'calls'), charged: Usd, duration_ms: Count, resets: Flag, unmet: list(Text, 'what it set and never met')
  }),
  questions_not_met: list(Text, 'open questions'),
  questions_settled: list(Text, 'open questions'),
  accepted: list(Verdict, 'verdicts'),
  results: list(Result, 'results'),
  counts: struct('numbers of results by what they mean', { pass: Count, warning: Count, failure: Count, none: Count, accepted: Count }),
  ok: Flag
})
