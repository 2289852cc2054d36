import type { AssumptionName } from './assumptions.js'
import { FAULT_KINDS, type FaultKind, type FaultMoment } from './fault.js'
import type { WireDialect } from './settings.js'
import { alternativesTo, questionsMet, type RestingCall } from './sweep-questions.js'
import type { RunKind } from './verdict.js'

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
  /** Names of its parts that can't be varied. */
  readonly fixed: readonly string[]
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

/** Names of the parts of a dialect on the command line, and what there is to choose. */
const DIALECTS: { readonly [Key in keyof WireDialect]: readonly [name: string, choices: ReadonlyArray<WireDialect[Key]>] } = {
  types: ['types', ['sample', 'table']],
  httpStatus: ['http_status', ['200', 'mapped']],
  contentType: ['content_type', ['application/json', 'text/html']],
  message: ['message', ['detailed', 'bare']]
}

/** Finds the points of a reference. */
export function pointsOf (calls: readonly RestingCall[]): Point[] {
  return calls.map(({ endpoint, projectId, planId }, index) => {
    const skip = calls.slice(0, index).filter(call => isLike(call, { endpoint, projectId, planId })).length
    return { endpoint, projectId, planId, skip }
  })
}

/** Tells whether a fault for a call would match another one: what the call lacks, the fault can't name. */
function isLike (call: RestingCall, { endpoint, projectId, planId }: Omit<Point, 'skip'>): boolean {
  return call.endpoint === endpoint && (projectId === null || call.projectId === projectId) && (planId === null || call.planId === planId)
}

/** Plans all runs of a sweep: faults at each point; then, for the run as a whole, questions, dialects and instants. */
export function planSweep (calls: readonly RestingCall[], options: SweepOptions): PlannedRun[] {
  const { faults, questions, instants, refusals } = options
  const atEachPoint = [...faults, ...refusals.map(status => ({ kind: 'api_refusal' as const, when: 'before' as const, status }))]
  return [
    ...pointsOf(calls).flatMap((point, index) => atEachPoint.map(fault => runOf('fault', `${pointId(point)}/${faultId(fault)}`, { point: index, fault }))),
    ...questions ? questionsMet(calls, options.settled).flatMap(alternativesTo).map(choice => runOf('question', `${choice.name}=${choice.choice}`, { choice })) : [],
    ...questions ? dialectsBeside(options.wire, options.fixed) : [],
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

/** Plans a run for each difference to a dialect. */
function dialectsBeside (wire: WireDialect, fixed: readonly string[]): PlannedRun[] {
  return (Object.keys(DIALECTS) as Array<keyof WireDialect>).flatMap(key => {
    const [name, choices] = DIALECTS[key]
    return fixed.includes(name) ? [] : choices.filter(choice => choice !== wire[key]).map(choice => runOf('dialect', `wire/${name}=${choice}`, { wire: { [key]: choice } }))
  })
}
