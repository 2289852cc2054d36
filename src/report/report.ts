import type { SweepCall, SweepReport, SweepResult, SweepVerdict } from '../contract/sweep-report.js'
import { VERDICTS } from '../domain/verdicts.js'
import { counted } from '../text/counted.js'

/** Signs of what a verdict means, for terminals and pages alike. */
export const SIGNS = { pass: '✓', warning: '⚠', failure: '✗', none: '·' } as const

/** What each sign means, for a reader who sees it for the first time. */
export const LEGEND = [
  ['failure', 'charged too much, told something wrong, or never told'],
  ['warning', 'charged, and reported as failed'],
  ['pass', 'right'],
  ['none', 'not reached']
] as const

/** Verdicts that are worth a sentence, from the most to the least expensive. */
const BY_COST: readonly SweepVerdict[] = ['double-charge', 'false-success', 'crashed', 'hung', 'charged-but-failed']

/** Counts results by what they mean. */
export function countsOf (results: readonly SweepResult[], isComplete: boolean): Pick<SweepReport, 'counts' | 'ok'> {
  const count = (test: (result: SweepResult) => boolean): number => results.filter(test).length
  const isFailure = ({ mark, accepted }: SweepResult): boolean => mark === 'failure' && !accepted
  const counts = {
    pass: count(({ mark }) => mark === 'pass'),
    warning: count(({ mark }) => mark === 'warning'),
    failure: count(isFailure),
    none: count(({ mark }) => mark === 'none'),
    accepted: count(({ accepted }) => accepted)
  }
  return { counts, ok: isComplete && counts.failure === 0 }
}

/** Names the verdict on a run, with those under another choice. */
export function verdictText ({ verdict, if: others }: Pick<SweepResult, 'verdict' | 'if'>): string {
  return [verdict, ...others.map(other => `${other.verdict} if ${other.name}=${other.choice}`)].join('; ')
}

type CallName = Pick<SweepCall, 'endpoint' | 'project_id' | 'plan_id' | 'skip'>

/** Names a call of the reference, such as `change-billing of project 5786 to plan 2`. */
export function callText ({ endpoint, project_id: projectId, plan_id: planId, skip }: CallName): string {
  const parts = [
    endpoint,
    projectId !== null && (projectId === 0 ? 'of all projects' : `of project ${projectId}`),
    planId !== null && `${endpoint === 'create-project' ? 'on' : 'to'} plan ${planId}`,
    skip > 0 && `(number ${skip + 1} of its kind)`
  ]
  return parts.filter(Boolean).join(' ')
}

/** Says what matters most: at how many calls a customer pays too much. */
export function headline ({ complete, counts: { failure }, results }: Pick<SweepReport, 'complete' | 'counts' | 'results'>): string {
  if (failure === 0) return complete ? 'No failure found' : 'No failure found so far'
  const paid = results.filter(({ call, accepted, verdict, if: others }) =>
    call !== null && !accepted && [verdict, ...others.map(other => other.verdict)].includes('double-charge'))
  const calls = new Set(paid.map(({ call }) => call)).size
  return `${counted(failure, 'failure')}${calls === 0 ? '' : `: charges too much at ${counted(calls, 'call')}`}`
}

/** Sums a report up in one line. */
export function summaryText ({ counts, results, reference, complete, planned, shards, questions_not_met: notMet }: SweepReport): string {
  const shardText = shards === null ? '' : ` (shard ${shards.done.join(', ')} of ${shards.of})`
  const parts = [
    `${counted(results.length, 'run')}${complete ? '' : ` of ${planned}, which is not all`}${shardText}`,
    `${counted(reference.calls.length, 'call')}, ${reference.charged} USD charged in the reference`,
    `✓ ${counts.pass}`, `⚠ ${counts.warning}`, `✗ ${counts.failure}`, `· ${counts.none} not reached`,
    ...counts.accepted > 0 ? [`${counts.accepted} accepted`] : [],
    ...notMet.length > 0 ? [`${counted(notMet.length, 'open question')} not met`] : []
  ]
  return parts.join('; ')
}

/** What a reader should know of a sweep besides its findings: a heading, and a line for each thing. */
export interface Note {
  readonly heading: string
  readonly lines: readonly string[]
}

/** Maximum number of things to name in a note. The JSON report has all. */
const MAX_NAMED = 10

/** Lists what the command set and never met in the reference, and the runs whose wallet may have hidden a double charge. */
export function notesOf ({ reference: { unmet }, results }: Pick<SweepReport, 'reference' | 'results'>): Note[] {
  const notes = [
    { heading: 'Set by the command, and never met in the reference:', all: unmet },
    {
      heading: 'More was refused for want of money than in the reference, which can hide a double charge; give the wallet more:',
      all: results.filter(({ short_of_money: isShort }) => isShort).map(({ id }) => id)
    }
  ]
  return notes.filter(({ all }) => all.length > 0).map(({ heading, all }) => ({ heading, lines: firstOf(all) }))
}

function firstOf (all: readonly string[]): readonly string[] {
  return all.length <= MAX_NAMED ? all : [...all.slice(0, MAX_NAMED), `and ${all.length - MAX_NAMED} more`]
}

/** Column of a fault: its kind and its moment, and the status of a refusal. */
export function columnName ({ fault }: Pick<SweepResult, 'fault'>): string {
  const { kind, when = 'before', status } = fault!
  return `${kind} ${when}${status === undefined ? '' : ` ${status}`}`
}

/** Faults across, calls down; a cell is empty where no run was made. */
export interface Matrix {
  readonly columns: readonly string[]
  readonly rows: ReadonlyArray<{ readonly number: number, readonly call: SweepCall, readonly cells: ReadonlyArray<SweepResult | undefined> }>
}

/** Arranges the runs with a fault; of the calls only the first ones, if all would have more than `maxCells`, but one at least. */
export function matrixOf ({ results, reference }: Pick<SweepReport, 'results' | 'reference'>, maxCells = Infinity): Matrix {
  const faults = results.filter(({ fault }) => fault !== null)
  const columns = [...new Set(faults.map(columnName))]
  const byPlace = new Map(faults.map(result => [`${result.call} ${columnName(result)}`, result]))
  const rows = columns.length === 0 ? [] : reference.calls.slice(0, Math.max(1, Math.floor(maxCells / columns.length)))
  return {
    columns,
    rows: rows.map((call, index) => ({ number: index + 1, call, cells: columns.map(name => byPlace.get(`${index + 1} ${name}`)) }))
  }
}

/** Lists the runs in which something was varied for the run as a whole. */
export function wholeRuns ({ results }: Pick<SweepReport, 'results'>): SweepResult[] {
  return results.filter(({ fault }) => fault === null)
}

/** What went wrong at one call in one way, under however many faults: it is one mistake, and told once. */
export type Finding = readonly [SweepResult, ...SweepResult[]]

/** Gathers failures and warnings into findings: what costs most first, what was accepted last. */
export function findingsOf ({ results }: Pick<SweepReport, 'results'>): Finding[] {
  const findings = new Map<string, [SweepResult, ...SweepResult[]]>()
  for (const result of results) {
    if (result.mark !== 'failure' && result.mark !== 'warning') continue
    const key = result.fault === null || isLateArrival(result) ? result.id : `${result.call} ${verdictText(result)} ${result.charged}`
    const found = findings.get(key)
    if (found === undefined) findings.set(key, [result])
    else found.push(result)
  }
  return [...findings.values()].sort(([a], [b]) => Number(a.accepted) - Number(b.accepted) || costRank(a) - costRank(b))
}

/** Tells a call that hung from one that was shown to be harmful only by a delay to the command's end: its line is another one. */
function isLateArrival ({ fault, reproduce }: SweepResult): boolean {
  return fault?.kind === 'hang' && reproduce?.includes('kind=delay') === true
}

/** Names the call at which something went wrong, or the run that was varied as a whole. */
export function findingName ([{ call, id }]: Finding, { calls }: Pick<SweepReport['reference'], 'calls'>): string {
  return call === null ? id : `call ${call}, ${callText(calls[call - 1]!)}`
}

/** Lists what else is known of a run, each by its name. */
export function factsOf ({ exit_code: code, signal, charged, calls, duration_ms: duration }: SweepResult): ReadonlyArray<readonly [string, string]> {
  return [
    ['Charged', `${charged} USD`],
    ['Calls', String(calls)],
    ...signal !== null ? [['Signal', signal] as const] : code !== null ? [['Exit code', String(code)] as const] : [],
    ['Time', `${duration} ms`]
  ]
}

function costRank ({ verdict, if: others }: SweepResult): number {
  const ranks = [verdict, ...others.map(other => other.verdict)].map(name => BY_COST.indexOf(name))
  return Math.min(BY_COST.length, ...ranks.filter(rank => rank !== -1))
}

/** Command line that shows a finding again; `null` if only those of its other choices do. */
export function findingLine ({ verdict, reproduce }: SweepResult): string | null {
  return VERDICTS[verdict].mark === 'pass' ? null : reproduce
}

/** Size of all outputs together in a file for people, in characters: a page of hundreds of megabytes opens nowhere. */
const MAX_OUTPUTS = 8 * 1_048_576

/** Output of a run that went wrong, as far as a file for people has room for it; empty for any other run. The JSON report has all. */
export function outputsOf ({ results }: Pick<SweepReport, 'results'>, max = MAX_OUTPUTS): (result: SweepResult) => string {
  const isShown = ({ mark, output }: SweepResult): boolean => output !== '' && mark !== 'pass'
  const share = Math.max(1000, Math.floor(max / Math.max(1, results.filter(isShown).length)))
  return result => {
    if (!isShown(result)) return ''
    return result.output.length <= share ? result.output : `… (its end; the JSON report has more)\n${result.output.slice(-share)}`
  }
}
