import type { SweepReport } from '../contract/sweep-report.js'
import { Problem } from '../problem.js'
import { countsOf } from './report.js'

/** Puts the reports of shards together, which gives the report of one run. Throws a `Problem` if they are not of the same sweep. */
export function mergeReports (reports: readonly SweepReport[]): SweepReport {
  const [first, ...others] = reports as [SweepReport, ...SweepReport[]]
  for (const other of others) {
    const difference = differenceBetween(first, other)
    if (difference !== undefined) throw new Problem(`these reports are not of the same sweep: their ${difference} differ`)
  }
  const byNumber = new Map(reports.flatMap(({ results }) => results).map(result => [result.number, result]))
  const results = [...byNumber.values()].sort((a, b) => a.number - b.number)
  const done = [...new Set(reports.flatMap(({ shards }) => shards?.done ?? []))].sort((a, b) => a - b)
  const of = first.shards?.of ?? 0
  const isWhole = first.shards === null || done.length === of
  return {
    ...first,
    started_at: reports.map(report => report.started_at).sort()[0]!,
    duration_ms: reports.reduce((sum, report) => sum + report.duration_ms, 0),
    complete: isWhole && results.length === first.planned,
    shards: isWhole ? null : { of, done },
    results,
    ...countsOf(results)
  }
}

function differenceBetween (a: SweepReport, b: SweepReport): string | undefined {
  const parts: Record<string, (report: SweepReport) => unknown> = {
    commands: report => report.command,
    options: report => report.options,
    versions: report => report.emulator,
    plans: report => report.planned,
    'calls of the reference': report => report.reference.calls,
    'numbers of shards': report => report.shards?.of ?? null
  }
  return Object.keys(parts).find(name => JSON.stringify(parts[name]!(a)) !== JSON.stringify(parts[name]!(b)))
}
