import { isDeepStrictEqual } from 'node:util'
import type { Case, CaseRequest, CaseStep } from '../contract/case.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import type { Difference } from '../contract/replay.js'
import { pointerTo } from '../text/json.js'
import { forEachInSlices, type IsWanted } from '../time-slices.js'
import type { Received } from './send.js'

/** Maximum number of differences to list. */
export const MAX_DIFFERENCES = 100

/** Maximum number of differences to list of one value. */
const MAX_OF_ONE = 10

/** Lists the differences between what a client got and what a request of a case was answered with. */
export function compareAnswers (step: number, { method, response, state }: JournalEntry, { httpStatus, headers, body, isWhole }: Received): Difference[] {
  // Its client had gone, or a reset had cut it: how much of the answer it would have got is not known.
  if (state !== 'answered' || response === null) return []
  const expected = { http_status: response.http_status, headers: response.headers, body: sentBody(method, textOf(response.body)), whole: true }
  const found = { http_status: httpStatus, headers: pick(headers, Object.keys(response.headers)), body, whole: isWhole }
  return differencesOf(expected, found).map(difference => ({ step, ...difference, pointer: `/received${difference.pointer}` }))
}

/** Gives what a client gets of a body: of the answer to `HEAD`, nothing. */
export function sentBody<T> (method: string, body: T): T | '' {
  return method === 'HEAD' ? '' : body
}

/**
 * Lists the differences between a case and what its replay has become: each request with its answer and what it booked, and the world
 * at the end. What is known to differ is left out: times of the machine, and what the request itself was.
 */
export async function compareCases (saved: Case, again: Case, faultId: (id: string) => string, isWanted?: IsWanted): Promise<Difference[]> {
  const replayed = new Map(again.timeline.filter(isRequest).map(({ request }) => [request.id, request]))
  const differences: Difference[] = []
  await forEachInSlices(saved.timeline.entries(), ([index, step]) => {
    if (!isRequest(step) || !step.sendable || differences.length >= MAX_DIFFERENCES) return
    const { request } = step
    const found = replayed.get(request.id)
    // A client that had gone, or a connection that a reset cut, comes at another moment.
    const ignored = request.state === 'answered' ? [] : isUndecided(request) ? ['state', 'emulated_at'] : isUnsent(request) ? UNSENT : ['state']
    for (const difference of differencesOf(comparable(request, faultId), found && comparable(found, id => id), ignored)) {
      differences.push({ step: index, ...difference })
    }
  }, isWanted)
  const ends = differencesOf(saved.end.scenario, again.end.scenario)
  return [...differences, ...ends.map(difference => ({ step: null, ...difference }))].slice(0, MAX_DIFFERENCES)
}

/** True for a request that a reset cut off while a fault delayed it: nothing was decided at any time. */
function isUndecided ({ fault, response }: JournalEntry): boolean {
  return fault?.kind === 'delay' && fault.when === 'before' && response === null
}

/** True for a request that a reset cut off once it had been decided, but not answered. Its replay may be answered: it comes before the reset. */
function isUnsent ({ fault, state, response }: JournalEntry): boolean {
  return fault === null && state === 'cut' && response === null
}

/** What is not known of such a request. */
const UNSENT = ['state', 'response', 'api_status', 'lint']

/** Tells a request from the other steps. */
export function isRequest (step: CaseStep): step is CaseRequest {
  return step.step === 'request'
}

function comparable (entry: JournalEntry, faultId: (id: string) => string): object {
  const { at: _at, duration_ms: _duration, path: _path, method: _method, request: _request, fault, ...rest } = entry
  return { ...rest, fault: fault && { ...fault, id: faultId(fault.id) } }
}

/** Lists the innermost places where two values differ. */
export function differencesOf (expected: unknown, found: unknown, ignored: readonly string[] = []): Array<Omit<Difference, 'step'>> {
  const differences: Array<Omit<Difference, 'step'>> = []
  const compare = (a: unknown, b: unknown, path: Array<string | number>): void => {
    if (differences.length === MAX_OF_ONE || isDeepStrictEqual(a, b)) return
    if (isObject(a) && isObject(b) && Array.isArray(a) === Array.isArray(b)) {
      for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
        if (path.length > 0 || !ignored.includes(key)) compare(a[key], b[key], [...path, key])
      }
      return
    }
    differences.push({ pointer: pointerTo(path), ...a !== undefined && { expected: a }, ...b !== undefined && { found: b } })
  }
  compare(expected, found, [])
  return differences
}

function isObject (value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function textOf (body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body)
}

function pick (headers: Received['headers'], names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap(name => headers[name] === undefined ? [] : [[name, String(headers[name])]]))
}
