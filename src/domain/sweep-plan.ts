import type { AssumptionName } from './assumptions.js'
import { FAULT_KINDS, type FaultKind, type FaultMoment } from './fault.js'
import { OPEN_QUESTIONS } from './open-questions.js'
import { DEFAULT_SETTINGS, type WireDialect } from './settings.js'
import type { RunKind } from './verdict.js'

/** Call of the reference, as far as runs are planned by it. */
export interface PlannedCall {
  readonly endpoint: string
  readonly projectId: number | null
  readonly planId: number | null
  readonly assumptions: readonly AssumptionName[]
}

/** Place at which a fault takes effect: a call, found again by what it is, and by its number among its likes. */
export interface Point {
  readonly endpoint: string
  readonly projectId: number | null
  readonly planId: number | null
  /** Number of calls before it that a fault for it would match as well. */
  readonly skip: number
}

/** Fault without the call that it is for. */
export interface FaultChoice {
  readonly kind: FaultKind
  readonly when: FaultMoment
  /** The vendor's status, for `api_refusal`. */
  readonly status?: number
}

/** Run that a sweep makes, besides its reference. */
export interface PlannedRun {
  /** Unique name, the same in every sweep of the same reference. */
  readonly id: string
  readonly kind: RunKind
  /** Number of the point in the reference, from 0; `null` for the whole run. */
  readonly point: number | null
  readonly fault: FaultChoice | null
  readonly choice: { readonly name: AssumptionName, readonly choice: string } | null
  readonly wire: Partial<WireDialect> | null
  /** Instant to freeze the clock at, by its name. */
  readonly instant: string | null
}

/** What a sweep varies. */
export interface SweepOptions {
  readonly faults: readonly FaultChoice[]
  readonly questions: boolean
  /** Instants by their names; none unless they were asked for. */
  readonly instants: readonly string[]
  /** Refusals to try at each call. */
  readonly refusals: readonly number[]
  /** Open questions that the user has settled. */
  readonly settled: readonly string[]
  /** Dialect of the reference. */
  readonly wire: WireDialect
}

/** Faults that tell most: not received, charged without an answer, an answer that can't be read, an error in front of the API, silence. */
export const QUICK_FAULTS: readonly FaultChoice[] = [
  { kind: 'connection_reset', when: 'before' },
  { kind: 'connection_reset', when: 'after' },
  { kind: 'http_error', when: 'before' },
  { kind: 'http_error', when: 'after' },
  { kind: 'truncated_body', when: 'after' },
  { kind: 'hang', when: 'after' }
]

/** Every kind of fault at both moments. */
export const ALL_FAULTS: readonly FaultChoice[] =
  FAULT_KINDS.flatMap(kind => [{ kind, when: 'before' as const }, { kind, when: 'after' as const }])

/** Alternatives to the dialect of a reference: one difference each. */
const DIALECTS: { readonly [Key in keyof WireDialect]: ReadonlyArray<WireDialect[Key]> } = {
  types: ['sample', 'table'],
  httpStatus: ['200', 'mapped'],
  contentType: ['application/json', 'text/html'],
  message: ['detailed', 'bare']
}

/** Finds the points of a reference. */
export function pointsOf (calls: readonly PlannedCall[]): Point[] {
  return calls.map(({ endpoint, projectId, planId }, index) => {
    const skip = calls.slice(0, index).filter(call => isLike(call, { endpoint, projectId, planId })).length
    return { endpoint, projectId, planId, skip }
  })
}

/** Tells whether a fault for a call would match another one: what the call lacks, the fault can't name. */
function isLike (call: PlannedCall, { endpoint, projectId, planId }: Omit<Point, 'skip'>): boolean {
  return call.endpoint === endpoint && (projectId === null || call.projectId === projectId) && (planId === null || call.planId === planId)
}

/** Plans all runs of a sweep: faults at each point; then, for the run as a whole, questions, dialects and instants. */
export function planSweep (calls: readonly PlannedCall[], options: SweepOptions): PlannedRun[] {
  const { faults, questions, instants, refusals } = options
  const atEachPoint = [...faults, ...refusals.map(status => ({ kind: 'api_refusal' as const, when: 'before' as const, status }))]
  return [
    ...pointsOf(calls).flatMap((point, index) => atEachPoint.map(fault => runOf('fault', `${pointId(point)}/${faultId(fault)}`, { point: index, fault }))),
    ...questions ? questionsMet(calls, options).flatMap(alternativesTo).map(choice => runOf('question', `${choice.name}=${choice.choice}`, { choice })) : [],
    ...questions ? dialectsBeside(options.wire).map(wire => runOf('dialect', `wire/${wireText(wire)}`, { wire })) : [],
    ...instants.map(instant => runOf('instant', `instant/${instant}`, { instant }))
  ]
}

function runOf (kind: RunKind, id: string, given: Partial<PlannedRun>): PlannedRun {
  return { id, kind, point: null, fault: null, choice: null, wire: null, instant: null, ...given }
}

function pointId ({ endpoint, projectId, planId, skip }: Point): string {
  return `${endpoint}.${projectId ?? '-'}.${planId ?? '-'}.${skip + 1}`
}

/** Names a fault, such as `hang.after` or `api_refusal.before.403`. */
export function faultId ({ kind, when, status }: FaultChoice): string {
  return `${kind}.${when}${status === undefined ? '' : `.${status}`}`
}

/** Lists the open questions that calls rest on, and the user has not settled. */
export function questionsMet (calls: readonly PlannedCall[], { settled }: Pick<SweepOptions, 'settled'>): AssumptionName[] {
  const met = new Set(calls.flatMap(({ assumptions }) => [...assumptions]))
  return openQuestions(settled).filter(name => met.has(name))
}

/** Lists the open questions that the user has not settled. */
export function openQuestions (settled: readonly string[]): AssumptionName[] {
  return (Object.keys(OPEN_QUESTIONS) as AssumptionName[]).filter(name => !settled.includes(name))
}

/** Lists what could be chosen for an open question besides its default. */
export function alternativesTo (name: AssumptionName): Array<{ readonly name: AssumptionName, readonly choice: string }> {
  const { choices, default: usual } = OPEN_QUESTIONS[name as keyof typeof OPEN_QUESTIONS]
  return choices.filter(choice => choice !== usual).map(choice => ({ name, choice }))
}

/** Writes a dialect as `--wire` takes it, such as `http_status=mapped`. */
function wireText (wire: Partial<WireDialect>): string {
  return Object.entries(wire).map(([key, value]) => `${key.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)}=${value}`).join(',')
}

function dialectsBeside (wire: WireDialect): Array<Partial<WireDialect>> {
  return (Object.keys(DIALECTS) as Array<keyof WireDialect>).flatMap(key =>
    DIALECTS[key].filter(value => value !== wire[key]).map(value => ({ [key]: value })))
}

/**
 * Lists the open questions that a run came to rest on by itself: by a call that the reference does not make, such as a retry, or that
 * rests on more than any call of the reference does.
 */
export function questionsBeyond (reference: readonly PlannedCall[], run: readonly PlannedCall[], settled: readonly string[]): AssumptionName[] {
  const usual = new Set(reference.flatMap(({ assumptions }) => [...assumptions]))
  const unmet = reference.map(callText)
  const names = new Set<AssumptionName>()
  for (const call of run) {
    const index = unmet.indexOf(callText(call))
    if (index !== -1) unmet.splice(index, 1)
    for (const name of call.assumptions) if (index === -1 || !usual.has(name)) names.add(name)
  }
  return openQuestions(settled).filter(name => names.has(name))
}

function callText ({ endpoint, projectId, planId }: PlannedCall): string {
  return `${endpoint} ${projectId} ${planId}`
}

export const DEFAULT_WIRE = DEFAULT_SETTINGS.wire
