import type { AssumptionName } from '../domain/assumptions.js'
import type { Instant } from '../domain/clock.js'
import type { FaultKind, FaultMoment } from '../domain/fault.js'
import type { Rule } from '../domain/refusal.js'

/** What a client did that the real API might not have forgiven. */
export const LINTS = {
  'token-outside-body': 'A token is in a header or in the query; only the body\'s is looked at.',
  'numeric-string': 'A number is sent as a string.',
  'content-type': 'A JSON body does not say that it is application/json.',
  'unknown-field': 'The endpoint does not document this field.',
  accept: 'The Accept header does not allow JSON.',
  'charged-retry': 'The very same request had already been charged.',
  'near-switch-off': 'The API is switched off within thirty days.'
} as const

export type LintName = keyof typeof LINTS

export interface Lint {
  readonly name: LintName
  readonly says: string
}

/** A request and what became of it, as it was when it was answered. Secrets are still in it: `entryOf` takes them out. */
export interface Recorded {
  readonly id: string
  readonly account: string | null
  /** The last part of an endpoint's path; `null` if no endpoint was reached. */
  readonly endpoint: string | null
  readonly method: string
  /** With the query. */
  readonly url: string
  /** The machine's time. */
  readonly at: number
  readonly emulatedAt: Instant
  /** When the API is disabled for this account. */
  readonly disabledAt: Instant
  readonly durationMs: number
  /** As they came in; from `headerLines`. */
  readonly headers: string
  readonly body: string
  /** `null` where a fault left the request without an answer. */
  readonly answer: { readonly httpStatus: number, readonly headers: Readonly<Record<string, string>>, readonly body: string } | null
  readonly apiStatus: number | null
  readonly rule: Rule | null
  readonly assumptions: readonly AssumptionName[]
  readonly charged: boolean
  /** What was found in it when it was saved; where it is left out, it is looked for when it is shown. */
  readonly lint?: readonly Lint[]
  readonly fault: { readonly id: string, readonly kind: FaultKind, readonly when: FaultMoment, readonly matched: number } | null
}

export interface Entry extends Recorded {
  /** Its place in the order in which requests were answered; no two ever have the same. */
  readonly serial: number
  /** Which request before it had already been charged for the very same thing. */
  readonly retryOf: string | null
  /** What it costs, about. */
  readonly bytes: number
}
