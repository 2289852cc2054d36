import type { Case, CaseRequest, CaseStep } from '../contract/case.js'
import type { Difference, Replay } from '../contract/replay.js'
import { requestedPlan } from '../domain/call-purpose.js'
import { counted } from '../text/counted.js'
import { MAX_DIFFERENCES } from './compare.js'

/** Number of steps before a difference that are told. */
const CONTEXT = 2

/** Maximum length of a value that is told, in characters. */
const MAX_VALUE = 300

/** Sums a replay up in one line. */
export function summaryText ({ timeline }: Case, { equal, requests, skipped, differences: [first] }: Replay): string {
  const left = skipped === 0 ? '' : `; ${counted(skipped, 'request')} could not be sent again, for lack of the body`
  if (equal) return `equal: ${counted(requests, 'request')} answered alike, and the end is the same${left}`
  const where = first!.step === null ? 'at the end' : `at step ${first!.step + 1} of ${timeline.length}`
  return `different, first ${where}${left}`
}

/** Tells the first difference with its context, a line for each part, and how many more there are. */
export function differenceLines (saved: Case, { differences }: Replay): string[] {
  const [first, ...others] = differences as [Difference, ...Difference[]]
  const { step } = first
  const position = step ?? saved.timeline.length
  const before = saved.timeline.slice(Math.max(0, position - CONTEXT), position)
  const more = differences.length === MAX_DIFFERENCES ? `at least ${others.length}` : String(others.length)
  return [
    `in ${step === null ? 'the world at the end' : stepText(saved.timeline[step]!)}`,
    ...before.map(earlier => `after ${stepText(earlier)}${outcomeText(earlier)}`),
    differenceText(first),
    ...others.length === 0 ? [] : [`and ${more} more, which may follow from it`]
  ]
}

/** Tells what was expected at a place, and what was found there. */
export function differenceText ({ pointer, expected, found }: Difference): string {
  return `${pointer === '' ? 'expected' : `at ${pointer}: expected`} ${valueText(expected)}, found ${valueText(found)}`
}

/** Tells a step in words. */
export function stepText (step: CaseStep): string {
  switch (step.step) {
    case 'request': return `${callText(step)}, at ${step.request.emulated_at} (request ${step.request.id})`
    case 'control': {
      const { method, path, body, emulated_at: at } = step
      return `${method} /__admin${path}${body === undefined ? '' : ` ${valueText(body)}`}, at ${at}`
    }
    case 'events': {
      const { events: [first], total } = step
      return `${counted(total, 'event')} that time brought${first === undefined ? '' : `, first ${valueText(first)}`}`
    }
    case 'removal': return `the removal of ${step.account}, whose ttl was over`
  }
}

/** Names a request by its call, its account, and what it is about. */
export function callText ({ request: { endpoint, method, path, account, request: { body } } }: CaseRequest): string {
  const { project_id: project } = Object(body) as Readonly<Record<string, unknown>>
  const plan = requestedPlan(endpoint, body) ?? undefined
  const parts = [
    endpoint ?? `${method} ${path}`,
    ...project === undefined ? [] : [`of project ${idText(project)}`],
    ...plan === undefined ? [] : [`with plan ${idText(plan)}`],
    account === null ? 'with the token of no account' : `by ${account}`
  ]
  return parts.join(' ')
}

function outcomeText (step: CaseStep): string {
  if (step.step !== 'request') return ''
  const { response, api_status: status, fault } = step.request
  const answer = response === null ? ', left without an answer' : `, answered ${response.http_status}${status === null ? '' : ` with status ${status}`}`
  return fault === null ? answer : `${answer}, under the fault ${fault.kind}`
}

/** A client may send anything in place of an id. */
function idText (id: unknown): string {
  return typeof id === 'string' ? id : valueText(id)
}

function valueText (value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length <= MAX_VALUE ? text : `${text.slice(0, MAX_VALUE)}…`
}
