import type { ScenarioFault } from '../contract/scenario.js'
import type { SweepCall } from '../contract/sweep-report.js'
import type { Difference } from '../domain/account-books.js'
import { isCarriedOut, type FaultKind } from '../domain/fault.js'
import { usd } from '../domain/money.js'
import { differenceText, type Verdict } from '../domain/verdict.js'
import type { Observation, Variation } from './observation.js'
import { chargedIn, endText } from './reference.js'

/** What a client meets at the call that a fault is for. */
const FAULT_SAYS: { readonly [Kind in FaultKind]: (fault: ScenarioFault) => string } = {
  delay: () => 'its answer was delayed',
  http_error: ({ http_status: status = 500 }) => `it was answered with HTTP ${status}`,
  api_refusal: ({ status = 101 }) => `it was refused with status ${status}`,
  connection_reset: () => 'its connection was reset',
  empty_response: () => 'its connection was closed without an answer',
  hang: () => 'it was never answered',
  truncated_body: () => 'its answer was cut off',
  malformed_json: () => 'its answer was not valid JSON',
  slow_body: () => 'its answer came slowly'
}

/** Names a call of the reference, such as `change-billing of project 5786 to plan 2`. */
export function callText ({ endpoint, project_id: projectId, plan_id: planId, skip }: SweepCall): string {
  const parts = [
    endpoint,
    projectId !== null && `of project ${projectId}`,
    planId !== null && `${endpoint === 'create-project' ? 'on' : 'to'} plan ${planId}`,
    skip > 0 && `(number ${skip + 1} of its kind)`
  ]
  return parts.filter(Boolean).join(' ')
}

export interface Judged {
  readonly verdict: Verdict
  readonly difference: Difference
  readonly observation: Observation
  /** Mills that the call had charged when its fault took effect; 0 if it had not. */
  readonly chargedMills: number
}

/** Says in one sentence what a run met, what it did then, and what that cost. */
export function runText (judged: Judged, variation: Variation, call: SweepCall | null, reference: SweepCall[]): string {
  const { verdict, observation } = judged
  if (verdict === 'not-reached') {
    return `${metText(judged, variation, call)}: ${notReachedText(observation, call, reference)}`
  }
  const again = call !== null && isCalledAgain(call, observation, reference) ? ', and it was called again' : ''
  return `${metText(judged, variation, call)}${again}; ${consequenceText(judged)}`
}

function metText ({ verdict, chargedMills }: Judged, { fault, assume, wire, instant }: Variation, call: SweepCall | null): string {
  if (fault !== null) {
    const name = callText(call!)
    if (verdict === 'not-reached') return `${name} was not met`
    const when = chargedMills > 0
      ? `after ${usd(chargedMills)} USD had been booked`
      : isCarriedOut({ kind: fault.kind, when: fault.when ?? 'before' }) ? 'after it had been decided' : 'before it was decided'
    return `${name}: ${when}, ${FAULT_SAYS[fault.kind](fault)}`
  }
  if (wire !== null) return `in the dialect ${pairsText(wire)}`
  if (instant !== null) return verdict === 'not-reached' ? `${instant} was not met` : `at ${instant}`
  return `with ${pairsText(assume)}`
}

/** Tells whether a run made a call, or one that looks the same, more often than the reference did. */
function isCalledAgain (call: SweepCall, { calls }: Observation, reference: SweepCall[]): boolean {
  const inReference = reference.filter(other => isLike({ ...other, projectId: other.project_id, planId: other.plan_id }, call))
  return calls.filter(other => isLike(other, call)).length > inReference.length
}

/** Tells whether a fault for a call matches another one. */
function isLike (other: CallKey, { endpoint, project_id: projectId, plan_id: planId }: SweepCall): boolean {
  return other.endpoint === endpoint && (projectId === null || other.projectId === projectId) && (planId === null || other.planId === planId)
}

type CallKey = Pick<Observation['calls'][number], 'endpoint' | 'projectId' | 'planId'>

export function pairsText (pairs: object): string {
  return Object.entries(pairs).map(([name, value]) => `${name}=${String(value)}`).join(',')
}

function consequenceText ({ verdict, difference, observation, chargedMills }: Judged): string {
  const end = endText(observation)
  const books = differenceText(difference)
  switch (verdict) {
    case 'double-charge':
    case 'false-success': return `${end}, but ${books}`
    case 'charged-but-failed': return `${end}, although the customer was charged ${usd(chargedMills > 0 ? chargedMills : chargedIn(observation))} USD`
    case 'failed-cleanly': return `${end}, and ${books}`
    default: return books === '' ? `${end}, and the books are as in the reference` : `${end}; ${books}`
  }
}

/** Says why a run did not come to a call, or to an instant, as far as its calls show it. */
function notReachedText ({ calls, ending }: Observation, call: SweepCall | null, reference: SweepCall[]): string {
  if (calls.length === 0) return 'the run made no call'
  if (call === null) return 'each call came under a clock that the run had set itself'
  if (calls.filter(other => isLike(other, call))[call.skip]?.hasOwnFault === true) return 'a fault that the run had set itself came first'
  const made = calls.map(({ endpoint, projectId, planId }) => callText({ ...NO_CALL, endpoint, project_id: projectId, plan_id: planId }))
  const known = new Set(reference.map(call => callText({ ...call, skip: 0 })))
  const other = made.find(text => !known.has(text))
  if (other !== undefined) return `the run made another call, ${other}`
  return ending === 'success' ? `the run made ${calls.length} calls, and the reference ${reference.length}` : 'the run ended before it'
}

const NO_CALL: Omit<SweepCall, 'endpoint' | 'project_id' | 'plan_id'> = { skip: 0, api_status: null, rule: null, charged: false, assumptions: [] }
