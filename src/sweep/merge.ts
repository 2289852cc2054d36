import type { SweepReport, SweepResult } from '../contract/sweep-report.js'
import { Problem } from '../problem.js'
import { countsOf } from '../report/report.js'

/** Report, and the file that it is from. */
export interface ReportFile {
  readonly file: string
  readonly report: SweepReport
}

/**
 * Puts reports of parts together, in whatever order, which gives the report of one run. Of several results of one run the worst counts.
 * Throws a `Problem` if they are not of the same sweep.
 */
export function mergeReports (files: readonly [ReportFile, ...ReportFile[]]): SweepReport {
  const [first, ...others] = files
  for (const other of others) {
    const difference = differenceBetween(first.report, other.report)
    if (difference !== undefined) throw new Problem(`${first.file} and ${other.file} are not of the same sweep: their ${difference} differ`)
  }
  const reports = files.map(({ report }) => report)
  const results = resultsOf(reports)
  const { planned } = first.report
  const of = reports.find(({ shards }) => shards !== null)?.shards?.of ?? null
  const done = [...new Set(reports.flatMap(({ shards }) => shards?.done ?? []))].sort((a, b) => a - b)
  const isWhole = of === null || done.length === of || reports.some(({ shards }) => shards === null)
  const complete = results.length === planned || (isWhole && reports.every(report => report.complete))
  return {
    ...first.report,
    started_at: reports.map(report => report.started_at).sort()[0]!,
    duration_ms: sum(reports.map(report => report.duration_ms)),
    reference: {
      ...first.report.reference,
      duration_ms: Math.min(...reports.map(({ reference }) => reference.duration_ms)),
      resets: reports.some(({ reference }) => reference.resets),
      unmet: [...new Set(reports.flatMap(({ reference }) => reference.unmet))]
    },
    complete,
    // What is not complete goes by its shards, so that the rest can still be merged in.
    shards: of === null || (isWhole && complete) ? null : { of, done },
    results,
    ...countsOf(results)
  }
}

/** Gives each run's result, in the order of the plan. */
function resultsOf (reports: readonly SweepReport[]): SweepResult[] {
  const byNumber = new Map<number, SweepResult>()
  for (const result of reports.flatMap(({ results }) => results)) {
    const other = byNumber.get(result.number)
    if (other === undefined || isWorse(result, other)) byNumber.set(result.number, result)
  }
  return [...byNumber.values()].sort((a, b) => a.number - b.number)
}

const BY_BADNESS: ReadonlyArray<SweepResult['mark']> = ['failure', 'warning', 'none', 'pass']

/** Tells which of two results of the same run counts, whichever comes first. */
function isWorse (a: SweepResult, b: SweepResult): boolean {
  const rank = ({ mark }: SweepResult): number => BY_BADNESS.indexOf(mark)
  return rank(a) === rank(b) ? JSON.stringify(a) < JSON.stringify(b) : rank(a) < rank(b)
}

function sum (numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

/** What reports of one sweep have in common. */
const COMMON: Readonly<Record<string, (report: SweepReport) => unknown>> = {
  commands: report => report.command,
  options: report => report.options,
  'versions of the emulator': report => report.emulator,
  'calls of the reference': report => report.reference.calls,
  'charges in the reference': report => report.reference.charged,
  plans: report => [report.planned, report.plan],
  'accepted verdicts': report => report.accepted
}

function differenceBetween (a: SweepReport, b: SweepReport): string | undefined {
  if (a.shards !== null && b.shards !== null && a.shards.of !== b.shards.of) return 'numbers of shards'
  return Object.keys(COMMON).find(name => JSON.stringify(COMMON[name]!(a)) !== JSON.stringify(COMMON[name]!(b)))
}
