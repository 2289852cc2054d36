import { createHash } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import type { Case } from '../contract/case.js'
import type { ScenarioFault } from '../contract/scenario.js'
import type { SweepCall, SweepReport, SweepResult, SweepVerdict } from '../contract/sweep-report.js'
import type { AssumptionName } from '../domain/assumptions.js'
import { withoutDrawn } from '../domain/drawn.js'
import { isCarriedOut, MAX_DELAY } from '../domain/fault.js'
import { usd } from '../domain/money.js'
import { planSweep, pointsOf, type FaultChoice, type PlannedRun, type SweepOptions } from '../domain/sweep-plan.js'
import { alternativesTo, callText, openQuestions, questionsBeyond, questionsMet, type RestingCall } from '../domain/sweep-questions.js'
import { unmatched } from '../domain/unmatched.js'
import { VERDICTS } from '../domain/verdicts.js'
import { AbortController, Date, machineTime, monotonicTime } from '../machine.js'
import { version } from '../package.js'
import { Problem } from '../problem.js'
import { settingsRow } from '../scenario/settings.js'
import { nearest } from '../text/nearest.js'
import { caseFileOf } from './case-file.js'
import { instantsAround, refusalsBeside } from './instants.js'
import { judge, shownCalls } from './judge.js'
import { UNVARIED, type Observation, type Runner, type Variation } from './observation.js'
import { chargedIn, referenceOf } from './reference.js'
import { countsOf } from '../report/report.js'
import { runText, type Judged } from './sentence.js'

/** What a sweep is made of. */
export interface Sweep {
  readonly run: Runner
  readonly command: readonly string[] | null
  /** Options of the command line that every run has. */
  readonly options: readonly string[]
  readonly vary: Omit<SweepOptions, 'instants' | 'refusals'>
  /** Whether to try instants, and each refusal at each call. */
  readonly instants: boolean
  readonly repeat: number
  /** Number of runs at a time. */
  readonly jobs: number
  readonly shard: { readonly index: number, readonly of: number } | null
  /** Unique names of the only runs to make; all if left out. */
  readonly only: readonly string[] | null
  readonly accepted: readonly SweepVerdict[]
  /** Writes the command line that shows a run again. */
  readonly reproduce: (variation: Variation, id: string, resets: boolean) => string | null
}

/** What is said of a sweep while it goes on. */
export interface Progress {
  /** The reference is there, and runs of these unique names are to come. What it throws ends the sweep. */
  readonly onPlanned?: (runs: readonly string[], reference: readonly SweepCall[]) => void
  readonly onResult?: (result: SweepResult, saved: Case | null) => void | Promise<void>
}

/**
 * Makes the reference, then a run for everything that is to be varied. Throws `NoReference` if there is none. If `signal` is aborted
 * meanwhile, the report has the results so far.
 */
export async function sweepAll (sweep: Sweep, { onPlanned, onResult }: Progress, signal: AbortSignal): Promise<SweepReport> {
  const { command, options, vary, instants, repeat, jobs, shard, only, accepted } = sweep
  const [startedAt, began] = [new Date(machineTime()).toISOString(), monotonicTime()]
  const { first, steady } = await referenceOf(sweep.run, repeat, signal)
  const comparable = (observation: Observation): Observation => ({ ...observation, books: withoutDrawn(observation.books, steady) })
  const run: Runner = async (variation, signal) => comparable(await sweep.run(variation, signal))
  const reference = comparable(first)
  const planned = reference.calls.map(plannedCall)
  const calls = shownCalls(reference, pointsOf(planned).map(({ skip }) => skip))
  const disabledAt = reference.calls[0]!.decision?.disabledAt ?? Infinity
  const all = planSweep(planned, { ...vary, ...instants ? { instants: instantsAround(disabledAt), refusals: refusalsBeside(vary.faults) } : { instants: [], refusals: [] } })
  refuseUnknown(only ?? [], all.map(({ id }) => id))
  // Shards go by names, not by numbers: calls may come in another order where another shard is made.
  const names = all.map(({ id }) => id).toSorted()
  const inShard = shard === null ? null : new Set(names.filter((_, index) => index % shard.of === shard.index - 1))
  const runs = all.map((planned, index) => ({ ...planned, number: index + 1 }))
    .filter(({ id }) => (inShard === null || inShard.has(id)) && (only === null || only.includes(id)))
  onPlanned?.(runs.map(({ id }) => id), calls)
  // The reference under another choice, for runs that come to rest on a question that the reference rests on as well.
  const references = new Map<string, Promise<Observation>>()
  const results = new Array<SweepResult | undefined>(runs.length)
  let next = 0
  const end = new AbortController()
  const { signal: ended } = end
  // Each run that is under way listens: on many cores, Node.js would warn of a leak.
  setMaxListeners(0, ended)
  const interrupt = (): void => { end.abort(signal.reason) }
  signal.addEventListener('abort', interrupt)
  if (signal.aborted) interrupt()
  let failure: Error | undefined
  await Promise.all(Array.from({ length: Math.min(jobs, runs.length) }, async () => {
    while (next < runs.length && !ended.aborted) {
      const index = next++
      try {
        const { result, saved } = await resultOf(runs[index]!)
        results[index] = result
        await onResult?.(result, saved)
      } catch (error) {
        if (ended.aborted) continue
        // Of the emulator, or of the disk: no run could be judged from here on.
        failure = error as Error
        end.abort()
      }
    }
  }))
  signal.removeEventListener('abort', interrupt)
  if (failure !== undefined) throw failure
  const done = results.filter(result => result !== undefined)
  const met = questionsMet(planned, vary.settled)
  const complete = done.length === runs.length
  return {
    format: 'picky-emulator-sweep',
    version: 1,
    emulator: version,
    command,
    options,
    started_at: startedAt,
    duration_ms: Math.round(monotonicTime() - began),
    planned: all.length,
    plan: createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 16),
    complete,
    shards: shard && { of: shard.of, done: [shard.index] },
    reference: {
      calls,
      charged: usd(chargedIn(reference)),
      duration_ms: Math.round(reference.durationMs),
      resets: reference.resets,
      unmet: reference.unmet.map(({ account, says }) => `${account ?? 'the world'}: ${says}`)
    },
    questions_not_met: openQuestions(vary.settled).filter(name => !met.includes(name)),
    questions_settled: vary.settled,
    accepted,
    results: done,
    ...countsOf(done, complete)
  }

  async function resultOf (planned: NumberedRun): Promise<{ readonly result: SweepResult, readonly saved: Case | null }> {
    const { id, number, kind, point } = planned
    const asPlanned = variationOf(planned, calls)
    const { variation, judged, others, isShortOfMoney } = await orArrived(planned, await judgedRun(planned, asPlanned))
    const { observation } = judged
    const call = point === null ? null : calls[point]!
    const says = (of: Judged): string => runText(of, variation, call, calls)
    const verdicts = [judged.verdict, ...others.map(({ verdict }) => verdict)]
    const failures = verdicts.filter(verdict => VERDICTS[verdict].mark === 'failure')
    // Where it is a failure under another choice only, its case is that of the run under the choice: the first run has nothing to show.
    const { saved } = others[0]?.judged.observation ?? observation
    const result: SweepResult = {
      id,
      number,
      kind,
      call: point === null ? null : point + 1,
      fault: asPlanned.fault,
      question: planned.choice,
      wire: variation.wire,
      instant: planned.instant,
      verdict: judged.verdict,
      mark: failures.length > 0 ? 'failure' : VERDICTS[judged.verdict].mark,
      accepted: failures.length > 0 && failures.every(verdict => accepted.includes(verdict)),
      says: says(judged),
      if: others.map(({ name, choice, verdict, ...other }) => ({
        name, choice, verdict, says: says(other.judged), reproduce: sweep.reproduce(other.variation, id, reference.resets)
      })),
      ending: observation.ending,
      exit_code: observation.exitCode,
      signal: observation.signal,
      duration_ms: Math.round(observation.durationMs),
      charged: usd(chargedIn(observation)),
      calls: observation.totalCalls,
      output: observation.output,
      reproduce: sweep.reproduce(variation, id, reference.resets),
      ...isShortOfMoney && { short_of_money: true },
      ...saved !== null && failures.length > 0 && { case: caseFileOf(id) }
    }
    return { result, saved }
  }

  async function judgedRun (planned: PlannedRun, variation: Variation): Promise<JudgedRun> {
    const judged = judge(planned.kind, variation, await run(variation, ended), reference)
    return { variation, judged, ...await otherVerdicts(planned, variation, judged) }
  }

  /**
   * Makes a run once more whose call hung before it was decided, and was made again: the call may as well arrive after all, and a client that
   * has given up can't tell. Gives that run if it is the one that fails.
   */
  async function orArrived (planned: PlannedRun, found: JudgedRun): Promise<JudgedRun> {
    const { variation, judged: { observation } } = found
    const { fault } = variation
    if (fault?.kind !== 'hang' || fault.when !== 'before' || isFailure(found) || !isMadeAgain(observation, reference)) return found
    const arrived = await judgedRun(planned, { ...variation, fault: { ...fault, kind: 'delay', delay: { fixed: MAX_DELAY } } })
    return isFailure(arrived) ? arrived : { ...found, isShortOfMoney: found.isShortOfMoney || arrived.isShortOfMoney }
  }

  /**
   * Makes a run with a failure, or in another dialect, again under each alternative to what it came to rest on by itself: a retry that is
   * harmless by an assumption alone is no more than luck. A verdict that is no failure is not said again, but that a run was short of money is,
   * unless a double charge was found all the same.
   */
  async function otherVerdicts ({ kind }: PlannedRun, variation: Variation, { verdict, observation, isShortOfMoney }: Judged): Promise<OtherVerdicts> {
    if ((kind !== 'fault' && kind !== 'dialect') || !vary.questions || VERDICTS[verdict].mark === 'failure') return { others: [], isShortOfMoney }
    const questions = questionsBeyond(planned, observation.calls.filter(wasCarriedOut).map(plannedCall), vary.settled)
    const found = []
    for (const { name, choice } of questions.flatMap(alternativesTo)) {
      const other = { ...variation, assume: { [name]: choice } }
      const judged = judge(kind, other, await run(other, ended), await referenceUnder(name, choice))
      isShortOfMoney ||= judged.isShortOfMoney
      if (VERDICTS[judged.verdict].mark === 'failure') found.push({ name, choice, verdict: judged.verdict, variation: other, judged })
    }
    return { others: found, isShortOfMoney: isShortOfMoney && found.every(({ verdict }) => verdict !== 'double-charge') }
  }

  function referenceUnder (name: AssumptionName, choice: string): Promise<Observation> | Observation {
    if (!questionsMet(planned, vary.settled).includes(name)) return reference
    const key = `${name}=${choice}`
    if (!references.has(key)) references.set(key, run({ ...UNVARIED, assume: { [name]: choice } }, ended))
    return references.get(key)!
  }
}

/** Refuses names of runs that are not planned: a sweep of nothing would find no failure. */
function refuseUnknown (only: readonly string[], planned: readonly string[]): void {
  const unknown = only.find(id => !planned.includes(id))
  if (unknown === undefined) return
  const meant = nearest(unknown, planned)
  const expected = planned.length === 0 ? 'but none is planned' : `such as ${meant ?? planned[0]!}`
  throw new Problem(`--only is wrong: found ${JSON.stringify(unknown)}, expected the name of a planned run, ${expected}`)
}

interface OtherVerdicts {
  /** Failures under another choice. */
  readonly others: ReadonlyArray<{ readonly name: AssumptionName, readonly choice: string, readonly verdict: SweepVerdict, readonly variation: Variation, readonly judged: Judged }>
  readonly isShortOfMoney: boolean
}

interface JudgedRun extends OtherVerdicts {
  readonly variation: Variation
  readonly judged: Judged
}

function isFailure ({ judged: { verdict }, others }: JudgedRun): boolean {
  return VERDICTS[verdict].mark === 'failure' || others.length > 0
}

/** Tells whether a run makes the call that its fault is for more often than the reference does. */
function isMadeAgain ({ calls }: Observation, reference: Observation): boolean {
  const met = calls.find(({ triggered }) => triggered !== null)
  return met !== undefined && unmatched(calls, reference.calls, callText).some(call => callText(call) === callText(met))
}

type NumberedRun = PlannedRun & { readonly number: number }

/** Tells a call that was decided on from one that its fault kept from it: a retry takes the place of such a call. */
function wasCarriedOut ({ triggered }: Observation['calls'][number]): boolean {
  return triggered === null || isCarriedOut(triggered.fault)
}

function plannedCall ({ endpoint, projectId, planId, decision }: Observation['calls'][number]): RestingCall {
  return { endpoint, projectId, planId, assumptions: decision?.assumptions ?? [] }
}

function variationOf ({ point, fault, choice, wire, instant }: PlannedRun, calls: readonly SweepCall[]): Variation {
  return {
    fault: fault && faultAt(fault, calls[point!]!),
    assume: choice === null ? {} : { [choice.name]: choice.choice },
    wire: wire && settingsRow({ wire }).wire!,
    instant
  }
}

function faultAt ({ kind, when, status }: FaultChoice, { endpoint, project_id: projectId, plan_id: planId, skip }: SweepCall): ScenarioFault {
  return {
    kind,
    when,
    endpoint,
    ...projectId !== null && { project_id: projectId },
    ...planId !== null && { plan_id: planId },
    skip,
    times: 1,
    ...status !== undefined && { status }
  }
}
