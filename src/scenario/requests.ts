import type { JournalEntry } from '../contract/journal-entry.js'
import type { AssumptionName } from '../domain/assumptions.js'
import type { FaultKind } from '../domain/fault.js'
import type { Rule } from '../domain/refusal.js'
import { headerLines } from '../journal/headers.js'
import type { Lint, Recorded } from '../journal/record.js'
import type { SeedAccount } from './accounts.js'
import { readInstant } from './clock.js'
import { rejectDuplicates, type Issues } from './issues.js'

/** Reads requests that were saved with a world, so that the journal shows them again. What was redacted stays so. */
export function readRequests (given: readonly JournalEntry[], issues: Issues): Recorded[] {
  const requests = given.map((entry, index): Recorded => {
    const here = issues.at(index)
    return {
      id: entry.id,
      account: entry.account,
      endpoint: entry.endpoint,
      method: entry.method,
      url: entry.path,
      at: readInstant(entry.at, here.at('at')),
      emulatedAt: readInstant(entry.emulated_at, here.at('emulated_at')),
      // Only lint asks for it, and that is known.
      disabledAt: Infinity,
      lint: entry.lint as readonly Lint[],
      durationMs: entry.duration_ms,
      headers: headerLines(Object.entries(entry.request.headers).flat().map(inOneLine)),
      body: textOf(entry.request.body),
      answer: entry.response && { httpStatus: entry.response.http_status, headers: entry.response.headers, body: textOf(entry.response.body) },
      apiStatus: entry.api_status,
      rule: entry.rule as Rule | null,
      assumptions: entry.assumptions as readonly AssumptionName[],
      charged: entry.charged,
      fault: entry.fault as { id: string, kind: FaultKind, when: 'before' | 'after', matched: number } | null
    }
  })
  rejectDuplicates(requests.map(({ id }) => id), index => issues.at(index, 'id'))
  return requests
}

/** No header can hold a line break, but a text in a file can. */
function inOneLine (text: string): string {
  return text.replace(/[\r\n]+/g, ' ')
}

/** The journal shows a JSON body as JSON and any other as text. */
function textOf (body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body)
}

const EPOCH = /^(\d{1,9})-\d+$/

/** The highest number with which an id of a request begins that a world knows of: new ones must begin with another. */
export function lastEpoch (accounts: readonly SeedAccount[], requests: readonly Recorded[]): number {
  let last = 0
  const see = (id: string | null): void => { last = Math.max(last, Number(EPOCH.exec(id ?? '')?.[1] ?? 0)) }
  for (const { entries } of accounts) for (const { requestId } of entries) see(requestId)
  for (const { id } of requests) see(id)
  return last
}
