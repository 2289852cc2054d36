import { isDeepStrictEqual } from 'node:util'
import type { Case, CaseRequest } from '../contract/case.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import type { Difference } from '../contract/replay.js'
import type { Scenario } from '../contract/scenario.js'
import { pointerTo } from '../text/json.js'
import type { Received } from './send.js'

/** Maximum number of differences to list. */
export const MAX_DIFFERENCES = 100

/** Maximum number of differences to list of one value. */
const MAX_OF_ONE = 10

/** Lists the differences between what a client got and what a request of a case was answered with. */
export function compareAnswers (step: number, { response, state }: JournalEntry, { httpStatus, headers, body, isWhole }: Received): Difference[] {
  // Its client had gone, or a reset had cut it: how much of the answer it would have got is not known.
  if (state !== 'answered' || response === null) return []
  const expected = { http_status: response.http_status, headers: response.headers, body: textOf(response.body), whole: true }
  const found = { http_status: httpStatus, headers: pick(headers, Object.keys(response.headers)), body, whole: isWhole }
  return differencesOf(expected, found).map(difference => ({ step, ...difference, pointer: `/received${difference.pointer}` }))
}

/**
 * Lists the differences between a case and what its replay has become: each request with its answer and what it booked, and the world
 * at the end. What is known to differ is left out: ids of requests, times of the machine, and the headers of connections.
 */
export function compareCases (saved: Case, again: Case, faultId: (id: string) => string): Difference[] {
  const sent = saved.timeline.map((step, index) => ({ step, index })).filter(isSent)
  const found = again.timeline.filter(step => step.step === 'request')
  const ids = new Map(sent.map(({ step }, index) => [step.request.id, found[index]?.request.id ?? step.request.id]))
  const differences: Difference[] = []
  for (const [index, { step, index: at }] of sent.entries()) {
    const expected = comparable(step.request, ids, faultId)
    const replayed = found[index]
    const compared = replayed === undefined ? undefined : comparable(replayed.request, NO_IDS, id => id)
    const isStateKnown = step.request.state === 'answered'
    for (const difference of differencesOf(expected, compared, isStateKnown ? [] : ['state'])) {
      differences.push({ step: at, ...difference })
    }
    if (differences.length >= MAX_DIFFERENCES) return differences.slice(0, MAX_DIFFERENCES)
  }
  const ends = differencesOf(withIds(saved.end.scenario, ids), again.end.scenario)
  return [...differences, ...ends.map(difference => ({ step: null, ...difference }))].slice(0, MAX_DIFFERENCES)
}

const NO_IDS: ReadonlyMap<string, string> = new Map()

function isSent (placed: { readonly step: Case['timeline'][number], readonly index: number }): placed is { readonly step: CaseRequest, readonly index: number } {
  return placed.step.step === 'request' && placed.step.sendable
}

function comparable (entry: JournalEntry, ids: ReadonlyMap<string, string>, faultId: (id: string) => string): object {
  const { id: _id, at: _at, duration_ms: _duration, path: _path, method: _method, request: _request, booked, fault, ...rest } = entry
  return {
    ...rest,
    booked: booked && { ...booked, ledger: booked.ledger.map(line => ({ ...line, request_id: mapped(line.request_id, ids) })) },
    fault: fault && { ...fault, id: faultId(fault.id) }
  }
}

function withIds (scenario: Scenario, ids: ReadonlyMap<string, string>): Scenario {
  const accounts = scenario.accounts?.map(account => ({
    ...account,
    ...account.ledger && { ledger: account.ledger.map(line => ({ ...line, request_id: mapped(line.request_id, ids) })) }
  }))
  return { ...scenario, ...accounts && { accounts } }
}

function mapped (id: string | null | undefined, ids: ReadonlyMap<string, string>): string | null {
  return id === null || id === undefined ? null : ids.get(id) ?? id
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
