import type { JournalEntry } from '../contract/journal-entry.js'
import { FAULTS, type FaultKind } from '../domain/fault.js'
import { ownHeaders } from './request-headers.js'
import type { ControlStep, RequestStep, ScriptFault } from './script.js'
import { type Reference, termOf, type Term } from './terms.js'

/** Values of a case that stand in variables, found by what they are. */
export interface Values {
  /** Reference for a value in a request, by its key. */
  readonly inRequest: (value: unknown, path: ReadonlyArray<string | number>) => Reference | undefined
  /** Reference for a value in an answer. */
  readonly inAnswer: (value: unknown, path: ReadonlyArray<string | number>) => Reference | undefined
}

/** Methods that no client library sends. */
const UNUSUAL_METHODS = /^(?:CONNECT|TRACE|TRACK)$/i

const HEADER_VALUE = /^[\t\x20-\x7e]*$/
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/

/** Tells why a request can't be sent again as it was; `null` if it can. */
export function whyNotSent ({ method, path, request: { text }, response, fault }: JournalEntry): string | null {
  const isUsual = TOKEN.test(method) && !UNUSUAL_METHODS.test(method) && isPlainPath(path)
  if (!isUsual) return 'its method or its path is one that client libraries do not send'
  if (/\[\d+ characters left out\]/.test(text)) return 'its body was too long to be kept whole'
  if (response === null && (fault === null || deliveryOf(fault) !== 'nothing')) return 'its answer is not known'
  return null
}

/** Tells whether a client library sends a path as it is. */
function isPlainPath (path: string): boolean {
  if (!path.startsWith('/') || path.startsWith('//') || !URL.canParse(path, 'http://localhost')) return false
  const { pathname, search } = new URL(path, 'http://localhost')
  return pathname + search === path
}

/** Makes the step of a request that can be sent. */
export function requestStep (entry: JournalEntry, says: string, fault: ControlStep | null, values: Values): RequestStep {
  const { method, path, request: { headers, text } } = entry
  const hasBody = text !== '' && method !== 'GET' && method !== 'HEAD'
  const json = hasBody ? exactJson(text) : undefined
  const sent = Object.fromEntries(Object.entries(ownHeaders(headers)).filter(([name, value]) =>
    TOKEN.test(name) && HEADER_VALUE.test(value) && name !== 'content-encoding' && (name !== 'content-type' || hasBody)))
  const isUsual = !hasBody || sent['content-type'] === 'application/json'
  if (isUsual) delete sent['content-type']
  return {
    step: 'request',
    says,
    fault,
    method,
    path,
    headers: sent,
    body: !hasBody ? null : json === undefined ? { text } : { json: termOf(json.value, values.inRequest) },
    answer: answerOf(entry, values),
    keeps: []
  }
}

function answerOf ({ method, response, fault }: JournalEntry, values: Values): RequestStep['answer'] {
  if (fault?.kind === 'hang') return 'never'
  if (response === null || (fault !== null && deliveryOf(fault) === 'part')) return 'lost'
  return { http: response.http_status, ...method !== 'HEAD' && { body: termOf(response.body, values.inAnswer) } }
}

/** Tells whether a body can be written as a value, in which variables can stand. */
export function isExactJson (text: string): boolean {
  return exactJson(text) !== undefined
}

/** Gives the value of a JSON text that is the same when it is written again; a number may have digits that no number in a program has. */
function exactJson (text: string): { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return JSON.stringify(value) === text.replace(/("(?:[^"\\]|\\.)*")|[ \t\r\n]+/g, '$1') ? { value } : undefined
  } catch {
    return undefined
  }
}

function deliveryOf ({ kind }: { readonly kind: string }): string | undefined {
  return Object.hasOwn(FAULTS, kind) ? FAULTS[kind as FaultKind].delivers : undefined
}

/** Milliseconds for which a script delays an answer, however long it took: nothing is asserted of it. */
const DELAY = 100

/** Gives the fault that does to a request what one did to it in the case; `null` for none. */
export function faultOf ({ fault, endpoint, account, response, api_status: status }: JournalEntry): ScriptFault | null {
  if (fault === null || !Object.hasOwn(FAULTS, fault.kind)) return null
  const kind = fault.kind as FaultKind
  const http = response?.http_status ?? 500
  const text: Term = typeof response?.body === 'string' ? response.body : JSON.stringify(response?.body)
  return {
    kind,
    ...fault.when === 'after' && { when: 'after' },
    ...account === null && endpoint !== null && { endpoint },
    ...kind === 'delay' && { delay: { fixed: DELAY } },
    ...kind === 'slow_body' && { duration: DELAY },
    ...kind === 'http_error' && { ...http !== 500 && { http_status: http }, ...text !== USUAL_ERROR && { body: text } },
    ...kind === 'api_refusal' && { status: status! },
    times: 1
  }
}

const USUAL_ERROR = '<html><body><h1>Internal Server Error</h1></body></html>'
