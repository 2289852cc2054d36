import type { ScenarioFault } from '../contract/scenario.js'
import type { SweepCall } from '../contract/sweep-report.js'
import type { Difference } from '../domain/account-books.js'
import { purposeOf } from '../domain/call-purpose.js'
import { isCarriedOut, type FaultKind } from '../domain/fault.js'
import { usd } from '../domain/money.js'
import type { Verdict } from '../domain/verdicts.js'
import { counted } from '../text/counted.js'
import { booksText } from './books-text.js'
import type { Observation, Variation } from './observation.js'
import { boughtIn, endText } from './reference.js'
import { callText } from '../report/report.js'

interface Met {
  /** The call, such as `the change of project 5786 to plan 2`. */
  readonly name: string
  /** What does not arrive: the call, or the answer to it. */
  readonly lost: string
  readonly fault: ScenarioFault
}

/** What a client meets at the call that a fault is for. */
const FAULT_SAYS: { readonly [Kind in FaultKind]: (met: Met) => string } = {
  delay: ({ name }) => `the answer to ${name} was delayed`,
  http_error: ({ name, fault: { http_status: status = 500 } }) => `${name} was answered with HTTP ${status}`,
  api_refusal: ({ name, fault: { status = 101 } }) => `${name} was refused with status ${status}`,
  connection_reset: ({ lost }) => `${lost} was lost to a connection reset`,
  empty_response: ({ lost }) => `${lost} was lost to a closed connection`,
  hang: ({ name }) => `${name} was left without an answer`,
  truncated_body: ({ name }) => `the answer to ${name} was cut off`,
  malformed_json: ({ name }) => `the answer to ${name} was not valid JSON`,
  slow_body: ({ name }) => `the answer to ${name} came slowly`
}

export interface Judged {
  readonly verdict: Verdict
  readonly difference: Difference
  readonly observation: Observation
  /** Mills that the call had charged when its fault took effect; 0 if it had not. */
  readonly chargedMills: number
  /** Whether more was refused for want of money than in the reference, and no double charge was found. */
  readonly isShortOfMoney: boolean
}

/** Says in one sentence what a run met, what the client did then, and what that cost. */
export function runText (judged: Judged, variation: Variation, call: SweepCall | null, reference: readonly SweepCall[]): string {
  const { verdict, observation } = judged
  const { fault, assume, wire, instant } = variation
  if (verdict === 'not-reached') return `${call === null ? instant : phrase(call)} was not met: ${notReachedText(observation, call, reference)}`
  if (fault !== null) return `${faultText(judged, fault, call!)}; ${consequenceText(judged, call, retryText(observation, call!, reference))}`
  const circumstances = wire !== null ? `in the dialect ${pairsText(wire)}` : instant !== null ? `at ${instant}` : `with ${pairsText(assume)}`
  return `${circumstances}, ${consequenceText(judged, null, '')}`
}

function faultText ({ chargedMills }: Judged, fault: ScenarioFault, call: SweepCall): string {
  const isDecided = isCarriedOut({ kind: fault.kind, when: fault.when ?? 'before' })
  const name = phrase(call)
  if (fault.delay !== undefined) return `${name} was left without an answer, and arrived when the command had ended`
  // Its answer is as late as its decision, for which the client need not have waited.
  if (fault.kind === 'delay' && fault.when !== 'after') return `${name} was delayed before it was processed`
  const says = FAULT_SAYS[fault.kind]({ name, lost: isDecided ? `the answer to ${name}` : name, fault })
  if (chargedMills > 0) return `${says} after ${usd(chargedMills)} USD had been booked`
  return `${says} ${isDecided ? 'after it had been processed' : 'before it was processed'}`
}

/** Names a call in a sentence, such as `the 2nd change of project 5786 to plan 2`. */
function phrase ({ endpoint, project_id: projectId, plan_id: planId, skip }: SweepCall): string {
  const project = projectId === null ? 'a project' : projectId === 0 ? 'all projects' : `project ${projectId}`
  const says = purposeOf(endpoint, project, planId === null ? 'a plan' : `plan ${planId}`) ?? `call of ${endpoint}`
  return `the ${skip === 0 ? '' : `${ordinal(skip + 1)} `}${says}`
}

function ordinal (number: number): string {
  const ending = Math.floor(number / 10) % 10 === 1 ? undefined : ['th', 'st', 'nd', 'rd'][number % 10]
  return `${number}${ending ?? 'th'}`
}

/** Says whether the client made the call again; empty if it did not. */
function retryText ({ calls }: Observation, call: SweepCall, reference: readonly SweepCall[]): string {
  const isLike = (endpoint: string, projectId: number | null, planId: number | null): boolean =>
    endpoint === call.endpoint && projectId === call.project_id && planId === call.plan_id
  const made = calls.filter(({ endpoint, projectId, planId }) => isLike(endpoint, projectId, planId)).length
  const usual = reference.filter(({ endpoint, project_id: projectId, plan_id: planId }) => isLike(endpoint, projectId, planId)).length
  const more = made - usual
  return more < 1 ? '' : `the client asked again${more === 1 ? '' : more === 2 ? ' twice' : ` ${more} times`}`
}

function consequenceText ({ verdict, difference, observation, chargedMills }: Judged, call: SweepCall | null, retry: string): string {
  const end = `${retry === '' ? '' : `${retry}, `}${endText(observation)}`
  const again = `${retry === '' ? '' : `${retry}, and `}${endText(observation)}`
  const books = booksText(difference, observation, call)
  switch (verdict) {
    case 'double-charge': return `${retry === '' ? '' : `${retry}, and `}${books}${observation.ending === 'success' ? '' : `; ${endText(observation)}`}`
    case 'false-success': return `${again}, but ${books}`
    case 'charged-but-failed':
      return `${again}, although the customer was charged ${usd(chargedMills > 0 ? chargedMills : boughtIn(observation))} USD`
    default: return `${end}, and ${books === '' ? 'the books are as in the reference' : books}`
  }
}

/** Writes names and values as the command line takes them. */
export function pairsText (pairs: object): string {
  return Object.entries(pairs).map(([name, value]) => `${name}=${String(value)}`).join(',')
}

/** Says why a run did not come to a call, or to an instant, as far as its calls show it. */
function notReachedText ({ calls, totalCalls, ending }: Observation, call: SweepCall | null, reference: readonly SweepCall[]): string {
  if (calls.length === 0) return 'the run made no call'
  if (call === null) return 'each call came under a clock that the run had set itself'
  if (calls.filter(other => isMetBy(call, other))[call.skip]?.hasOwnFault === true) return 'a fault that the run had set itself came first'
  const made = calls.map(({ endpoint, projectId, planId }) => callText({ endpoint, project_id: projectId, plan_id: planId, skip: 0 }))
  const known = new Set(reference.map(known => callText({ ...known, skip: 0 })))
  const other = made.find(text => !known.has(text))
  if (other !== undefined) return `the run made another call, ${other}`
  return ending === 'success' ? `the run made ${counted(totalCalls, 'call')}, and the reference ${reference.length}` : 'the run ended before it'
}

/** Tells whether a fault for a call matches another one. */
function isMetBy ({ endpoint, project_id: projectId, plan_id: planId }: SweepCall, other: Observation['calls'][number]): boolean {
  return other.endpoint === endpoint && (projectId === null || other.projectId === projectId) && (planId === null || other.planId === planId)
}
