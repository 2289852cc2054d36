import type { SweepReport, SweepResult } from '../contract/sweep-report.js'
import { Problem } from '../problem.js'
import { matrixIssue } from '../report/read.js'
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
  const reports = inOrderOf(first.report, files.map(({ report }) => report))
  const results = resultsOf(reports)
  const { planned } = first.report
  const of = reports.find(({ shards }) => shards !== null)?.shards?.of ?? null
  const done = [...new Set(reports.flatMap(({ shards }) => shards?.done ?? []))].sort((a, b) => a - b)
  const isWhole = of === null || done.length === of || reports.some(({ shards }) => shards === null)
  const complete = results.length === planned || (isWhole && reports.every(report => report.complete))
  const merged = {
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
    ...countsOf(results, complete)
  }
  // Each may be small enough by itself.
  refuseHugeMatrix(merged, 'the merged report')
  return merged
}

/** Throws a `Problem` for a report whose matrix nobody could look at. `what` names the report. */
export function refuseHugeMatrix (report: SweepReport, what: string): void {
  const issue = matrixIssue(report)
  if (issue !== null) throw new Problem(`${what} is wrong at ${issue.pointer}: found ${issue.found}, expected ${issue.expected}`, { issues: [issue] })
}

/** Gives each run's result, in the order of the plan. */
function resultsOf (reports: readonly SweepReport[]): SweepResult[] {
  const byId = new Map<string, SweepResult>()
  for (const result of reports.flatMap(({ results }) => results)) {
    const other = byId.get(result.id)
    if (other === undefined || isWorse(result, other)) byId.set(result.id, result)
  }
  return [...byId.values()].sort((a, b) => a.number - b.number)
}

const BY_BADNESS: ReadonlyArray<SweepResult['mark']> = ['failure', 'warning', 'none', 'pass']

/** Tells which of two results of the same run counts, whichever comes first. */
function isWorse (a: SweepResult, b: SweepResult): boolean {
  const [ranks, others] = [ranksOf(a), ranksOf(b)]
  const decisive = ranks.findIndex((rank, index) => rank !== others[index])
  return decisive === -1 ? JSON.stringify(a) < JSON.stringify(b) : ranks[decisive]! < others[decisive]!
}

/** Gives what makes a result bad, what counts most first, and the worse the lower: what is accepted hides nothing, and no note is lost. */
function ranksOf (result: SweepResult): number[] {
  return [BY_BADNESS.indexOf(result.mark), Number(result.accepted), Number(!isDoubleCharge(result)), Number(result.short_of_money !== true)]
}

/** Tells whether a run charges twice, if only under another choice: of two failures, that is the worse one. */
function isDoubleCharge ({ verdict, if: others }: SweepResult): boolean {
  return [verdict, ...others.map(other => other.verdict)].includes('double-charge')
}

/** Gives the index of each call by what it is: its number among its likes, not when it came, tells it from those. */
function placesOf ({ reference: { calls } }: SweepReport): Map<string, number> {
  const seen = new Map<string, number>()
  return new Map(calls.map(({ skip: _skip, ...call }, index) => {
    const like = [call.endpoint, call.project_id, call.plan_id].join()
    const number = seen.get(like) ?? 0
    seen.set(like, number + 1)
    return [JSON.stringify([number, call]), index]
  }))
}

/**
 * Renumbers calls, and the runs at them, as they are in the first report: in a suite whose tests go side by side, calls come in another
 * order each time. A plan has all runs at its first call, then as many at the next one, and so on.
 */
function inOrderOf (first: SweepReport, reports: readonly SweepReport[]): SweepReport[] {
  const places = placesOf(first)
  const perCall = runsPerCall(reports)
  return reports.map(report => {
    const moved = [...placesOf(report).keys()].map(call => places.get(call)!)
    if (moved.every((place, index) => place === index)) return report
    const results = report.results.map(result => {
      if (result.call === null) return result
      const call = moved[result.call - 1]! + 1
      return { ...result, call, number: result.number + (call - result.call) * perCall }
    })
    return { ...report, results }
  })
}

/** Finds how many runs a plan has at each call, by the numbers of two runs with the same fault at different calls; 0 if there are none. */
function runsPerCall (reports: readonly SweepReport[]): number {
  const byFault = new Map<string, SweepResult>()
  for (const result of reports.flatMap(({ results }) => results)) {
    if (result.call === null) continue
    const fault = result.id.slice(result.id.lastIndexOf('/'))
    const other = byFault.get(fault)
    if (other === undefined) byFault.set(fault, result)
    else if (other.call !== result.call) return (result.number - other.number) / (result.call - other.call!)
  }
  return 0
}

function sum (numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

/** What reports of one sweep have in common. */
const COMMON: Readonly<Record<string, (report: SweepReport) => unknown>> = {
  commands: report => report.command,
  options: report => report.options,
  'versions of the emulator': report => report.emulator,
  'calls of the reference': report => [...placesOf(report).keys()].toSorted(),
  'charges in the reference': report => report.reference.charged,
  plans: report => [report.planned, report.plan],
  'accepted verdicts': report => [...new Set(report.accepted)].sort()
}

function differenceBetween (a: SweepReport, b: SweepReport): string | undefined {
  if (a.shards !== null && b.shards !== null && a.shards.of !== b.shards.of) return 'numbers of shards'
  return Object.keys(COMMON).find(name => JSON.stringify(COMMON[name]!(a)) !== JSON.stringify(COMMON[name]!(b)))
}
