import { canBeParsed } from '../api/body.js'
import type { JournalEntry, RequestState, SubscriptionState as SubscriptionRow } from '../contract/journal-entry.js'
import type { AssumptionName } from '../domain/assumptions.js'
import type { FaultKind } from '../domain/fault.js'
import type { Rule } from '../domain/refusal.js'
import { headerLines } from '../journal/headers.js'
import { isUnreadable, type Lint, type Recorded, type RecordedBooking } from '../journal/record.js'
import type { SubscriptionState } from '../world/book.js'
import { readEntry, type SeedAccount } from './accounts.js'
import { readInstant } from './clock.js'
import { readHistory } from './history.js'
import { rejectDuplicates, type Issues } from './issues.js'
import { TOKEN } from './schema.js'

/** Reads requests saved with a world, so that the journal shows them again. Redacted values stay redacted. */
export function readRequests (given: readonly JournalEntry[], issues: Issues): Recorded[] {
  const requests = given.map((entry, index): Recorded => {
    const here = issues.at(index)
    rejectUnsendable(entry, here)
    return {
      id: entry.id,
      account: entry.account,
      endpoint: entry.endpoint,
      method: entry.method,
      url: entry.path,
      at: readInstant(entry.at, here.at('at')),
      emulatedAt: readInstant(entry.emulated_at, here.at('emulated_at')),
      // Needed for lint only, which has been saved.
      disabledAt: Infinity,
      lint: entry.lint as readonly Lint[],
      state: stateOf(entry),
      durationMs: entry.duration_ms,
      headers: headerLines(Object.entries(entry.request.headers).flat().map(inOneLine)),
      body: sentText(entry.request),
      answer: entry.response && { httpStatus: entry.response.http_status, headers: entry.response.headers, body: textOf(entry.response.body) },
      apiStatus: entry.api_status,
      rule: entry.rule as Rule | null,
      assumptions: entry.assumptions as readonly AssumptionName[],
      charged: entry.charged,
      booked: readBooked(entry.booked ?? null, here.at('booked')),
      fault: entry.fault as { id: string, kind: FaultKind, when: 'before' | 'after', matched: number } | null
    }
  })
  rejectDuplicates(requests.map(({ id }) => id), index => issues.at(index, 'id'))
  return requests
}

/** Reads what a request booked. A file from before this was saved has nothing of it. */
function readBooked (given: JournalEntry['booked'], issues: Issues): RecordedBooking | null {
  if (given === null) return null
  const { ledger, subscriptions, due: { events, total } } = given
  const readState = ({ plan_id: planId, project_status: status, next_billing_date: date }: SubscriptionRow, here: Issues): SubscriptionState =>
    ({ planId, status, nextBillingAt: date === null ? null : readInstant(date, here.at('next_billing_date')) })
  return {
    entries: ledger.map((row, index) => readEntry(row, issues.at('ledger', index))),
    subscriptions: subscriptions.map(({ project_id: projectId, service, before, after }, index) => {
      const here = issues.at('subscriptions', index)
      return { projectId, service, before: before && readState(before, here.at('before')), after: readState(after, here.at('after')) }
    }),
    due: readHistory(events, issues.at('due', 'events')) as RecordedBooking['due'],
    total
  }
}

/** Gives the state of a saved request. Its connection is gone: what was under way has been cut. Older files have no states. */
function stateOf ({ state, response }: Omit<JournalEntry, 'state'> & { readonly state?: RequestState }): RequestState {
  if (state === undefined) return response === null ? 'cut' : 'answered'
  return state === 'under-way' ? 'cut' : state
}

/** Adds an issue for whatever no request can have. */
export function rejectUnsendable (entry: JournalEntry, issues: Issues): void {
  rejectHeaderNames(entry.request.headers, issues.at('request', 'headers'))
  if (!isUnreadable(entry)) rejectMissing(entry, issues)
}

/** Adds an issue for each name that no header can have, such as one that would make curl read a file. */
function rejectHeaderNames (headers: Readonly<Record<string, string>>, issues: Issues): void {
  for (const name of Object.keys(headers)) if (!HEADER_NAME.test(name)) issues.at(name).add(name, 'the name of a header')
}

/** Only what could not be read has no method or path. */
function rejectMissing ({ method, path }: JournalEntry, issues: Issues): void {
  if (method === '') issues.at('method').add(method, 'a method of HTTP, such as "POST"')
  if (!/^[/*]|:\/\//.test(path)) issues.at('path').add(path, 'a path that begins with a slash')
}

const HEADER_NAME = new RegExp(TOKEN)

/** Removes line breaks: a string in a file can hold them, a header can't. */
function inOneLine (text: string): string {
  return text.replace(/[\r\n]+/g, ' ')
}

/**
 * Gives the text of a body as it was sent. A file from before it was saved has none; and where a number in it was redacted, it is no
 * longer the JSON that it was.
 */
function sentText ({ body, text }: { readonly body: unknown, readonly text?: string }): string {
  return text === undefined || (typeof body !== 'string' && !isJson(text)) ? textOf(body) : text
}

function isJson (text: string): boolean {
  if (!canBeParsed(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Gives the text of a body: the journal shows JSON as JSON, and anything else as a string. */
function textOf (body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body)
}

const EPOCH = /^(\d{1,9})-u?\d+$/

/** Finds the highest number that a request id of this world begins with; new ids begin with a higher one. */
export function lastEpoch (accounts: readonly SeedAccount[], requests: readonly Recorded[]): number {
  let last = 0
  const include = (id: string | null): void => { last = Math.max(last, Number(EPOCH.exec(id ?? '')?.[1] ?? 0)) }
  for (const { entries } of accounts) for (const { requestId } of entries) include(requestId)
  for (const { id } of requests) include(id)
  return last
}
