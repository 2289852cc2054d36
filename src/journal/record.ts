import type { RequestState } from '../contract/journal-entry.js'
import type { AssumptionName } from '../domain/assumptions.js'
import type { BillingEvent } from '../domain/billing-events.js'
import type { Instant } from '../domain/clock.js'
import type { FaultKind, FaultMoment } from '../domain/fault.js'
import type { WithoutAccount } from '../domain/history.js'
import type { Rule } from '../domain/refusal.js'
import type { Booked } from '../world/book.js'
import type { SecretFinder } from './secret-finder.js'

/** Mistakes of clients that the real API might not tolerate. */
export const LINTS = {
  'token-outside-body': 'A token is sent in a header or in the query; only the body is searched for one.',
  'numeric-string': 'A number is sent as a string.',
  'content-type': 'A JSON body is sent with a content type other than application/json.',
  'unknown-field': 'The endpoint documents no such field.',
  accept: 'The Accept header excludes JSON.',
  'charged-retry': 'An identical request had already been charged.',
  'near-switch-off': 'The API is switched off within thirty days.',
  'https-to-http-port': 'TLS came to a port of plain HTTP.',
  'http-to-https-port': 'Something else than TLS came to the port of HTTPS.',
  'tls-handshake': 'No TLS connection came about.',
  unreadable: 'What came is no readable HTTP/1.1 request, or never arrived in full.'
} as const

export type LintName = keyof typeof LINTS

/** Lints of what reached no route, as it could not be read. The journal's room for it is limited. */
export const UNREADABLE_LINTS = ['https-to-http-port', 'http-to-https-port', 'tls-handshake', 'unreadable'] as const satisfies readonly LintName[]

export type UnreadableLint = typeof UNREADABLE_LINTS[number]

/** True for what reached no route, as it could not be read. */
export function isUnreadable ({ lint }: { readonly lint?: ReadonlyArray<{ readonly name: string }> }): boolean {
  return lint !== undefined && lint.some(({ name }) => UNREADABLE_LINTS.some(unreadable => unreadable === name))
}

export interface Lint {
  readonly name: LintName
  readonly says: string
}

export const REQUEST_STATES = ['under-way', 'answered', 'client-gone', 'cut'] as const satisfies readonly RequestState[]

/** What a request booked, and what time had brought by then. */
export interface RecordedBooking extends Booked {
  /** At most `MAX_DUE` of the events that were due. */
  readonly due: readonly WithoutAccount<BillingEvent>[]
  /** Number of all of them. */
  readonly total: number
}

/** Maximum number of events to keep with a request: a clock may have passed a hundred thousand. */
export const MAX_DUE = 100

/** Puts together what a request booked, and what was settled before it was decided; `null` for neither. */
export function bookingOf (booked: Booked | null, due: readonly BillingEvent[]): RecordedBooking | null {
  if (booked === null && due.length === 0) return null
  return { entries: booked?.entries ?? [], subscriptions: booked?.subscriptions ?? [], due: due.slice(0, MAX_DUE), total: due.length }
}

/** Request and its outcome, recorded when it was decided on. Still contains secrets, which `entryOf` removes. */
export interface Recorded {
  readonly id: string
  readonly account: string | null
  /** Last segment of the endpoint's path; `null` if no endpoint was reached. */
  readonly endpoint: string | null
  /** Empty, as `url` is, where it could not be read. */
  readonly method: string
  /** Path with the query. */
  readonly url: string
  /** In the machine's time. */
  readonly at: number
  readonly emulatedAt: Instant
  /** Instant at which the API is disabled for this account. */
  readonly disabledAt: Instant
  readonly state: RequestState
  readonly durationMs: number
  /** Headers as they came in, joined by `headerLines`. */
  readonly headers: string
  readonly body: string
  /** `null` if a fault leaves the request without an answer. */
  readonly answer: { readonly httpStatus: number, readonly headers: Readonly<Record<string, string>>, readonly body: string } | null
  readonly apiStatus: number | null
  readonly rule: Rule | null
  readonly assumptions: readonly AssumptionName[]
  readonly charged: boolean
  /** `null` if nothing was booked, as for almost every request that was refused. */
  readonly booked: RecordedBooking | null
  /** Lints of an entry from a saved world, or of an unreadable request; otherwise they are computed when the entry is shown. */
  readonly lint?: readonly Lint[]
  readonly fault: { readonly id: string, readonly kind: FaultKind, readonly when: FaultMoment, readonly matched: number } | null
}

/** What of an entry is shown. */
export type EntryFacts = Omit<Entry, 'serial' | 'bytes' | 'known'>

export interface Entry extends Recorded {
  /** Written by the journal alone, which knows what has been made of the former value; so is `durationMs`. */
  state: RequestState
  durationMs: number
  /** Unique position in the order in which requests were decided on. */
  readonly serial: number
  /** Id of an identical earlier request that was charged. */
  readonly retryOf: string | null
  /** Approximate size in memory. */
  readonly bytes: number
  /** Gives the secrets that the emulator knows by now. */
  readonly known: () => SecretFinder
}
