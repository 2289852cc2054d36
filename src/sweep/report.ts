import type { SweepReport, SweepResult } from '../contract/sweep-report.js'

/** Signs of what a verdict means, for terminals and pages alike. */
export const SIGNS = { pass: '✓', warning: '⚠', failure: '✗', none: '·' } as const

/** Counts results by what they mean. */
export function countsOf (results: readonly SweepResult[]): Pick<SweepReport, 'counts' | 'ok'> {
  const count = (test: (result: SweepResult) => boolean): number => results.filter(test).length
  const isFailure = ({ mark, accepted }: SweepResult): boolean => mark === 'failure' && !accepted
  const counts = {
    pass: count(({ mark }) => mark === 'pass'),
    warning: count(({ mark }) => mark === 'warning'),
    failure: count(isFailure),
    none: count(({ mark }) => mark === 'none'),
    accepted: count(({ accepted }) => accepted)
  }
  return { counts, ok: counts.failure === 0 }
}

/** Names the verdict on a run, with those under another choice. */
export function verdictText ({ verdict, if: others }: Pick<SweepResult, 'verdict' | 'if'>): string {
  return [verdict, ...others.map(other => `${other.verdict} if ${other.name}=${other.choice}`)].join('; ')
}

/** Sums a report up in one line. */
export function summaryText ({ counts, results, reference, complete, planned, shards, questions_not_met: notMet }: SweepReport): string {
  const parts = [
    `${countText(results.length, 'run')}${complete ? '' : ` of ${planned}, which is not all`}${shards === null ? '' : ` (shard ${shards.done.join(', ')} of ${shards.of})`}`,
    `${countText(reference.calls.length, 'call')}, ${reference.charged} USD charged in the reference`,
    `✓ ${counts.pass}`, `⚠ ${counts.warning}`, `✗ ${counts.failure}`, `· ${counts.none} not reached`,
    ...counts.accepted > 0 ? [`${counts.accepted} accepted`] : [],
    ...notMet.length > 0 ? [`${countText(notMet.length, 'open question')} not met`] : []
  ]
  return parts.join('; ')
}

function countText (count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** Column of a fault: its kind and its moment, and the status of a refusal. */
export function columnName ({ fault }: SweepResult): string {
  const { kind, when = 'before', status } = fault!
  return `${kind} ${when}${status === undefined ? '' : ` ${status}`}`
}
