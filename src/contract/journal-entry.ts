import type { ScenarioHistoryEvent, ScenarioLedgerEntry } from './books.js'

/**
 * What became of a request after it had been decided on:
 *
 * - `under-way`: the end of its response is still to be handed to the operating system. A fault holds it back, or the client is slow to read.
 * - `answered`: all of its response has been handed over. Whether the client has read it can't be known.
 * - `client-gone`: the client closed its connection before that.
 * - `cut`: the emulator closed the connection before that: for a fault, a reset, an undo or the stop, or because nothing was read for a minute.
 *
 * It changes at most once, from `under-way` to one of the others.
 */
export type RequestState = 'under-way' | 'answered' | 'client-gone' | 'cut'

/** A project's plan at a moment. */
export interface SubscriptionState {
  /** Plan that the project is on. */
  readonly plan_id: number
  /** Status of the project. */
  readonly project_status: 'Active' | 'Expired' | 'Delete'
  /** End of the paid cycle; `null` on Pay As You Go. */
  readonly next_billing_date: string | null
}

/** A request and its outcome as the journal shows it: without secrets, a JSON body as JSON, any other as text. */
export interface JournalEntry {
  /** Id such as `1-17`: the first number changes with each start on the same database and with each reset. */
  readonly id: string
  /** Account of the token; `null` if the token is unknown. */
  readonly account: string | null
  /** Last part of the endpoint's path, such as `change-billing`; `null` if it reached no endpoint. */
  readonly endpoint: string | null
  /** HTTP method; empty if it could not be read. */
  readonly method: string
  /** Path with the query; empty if it could not be read. The authority, such as `pickyassist.com:443`, for `CONNECT`. */
  readonly path: string
  /** Arrival by the machine's time. */
  readonly at: string
  /** Time of the account's clock, at which it was decided. */
  readonly emulated_at: string
  /** What became of it. */
  readonly state: RequestState
  /** Time from its arrival to its end, in milliseconds; until it was decided, as long as it is under way. */
  readonly duration_ms: number
  /** The request as it was sent. */
  readonly request: {
    /** Headers by their names in lower case. */
    readonly headers: Readonly<Record<string, string>>
    /** JSON as a value, any other body as text. */
    readonly body: unknown
    /** The body as it was sent: a number has all its digits, and a key that was sent twice is there twice. */
    readonly text: string
  }
  /** The response that was decided on; `state` tells how far it got. `null` where a fault leaves the client without one. */
  readonly response: {
    /** HTTP status. */
    readonly http_status: number
    /** Headers by their names in lower case. */
    readonly headers: Readonly<Record<string, string>>
    /** JSON as a value, any other body as text. */
    readonly body: unknown
  } | null
  /** The vendor's status, if there is one in the response. */
  readonly api_status: number | null
  /** The rule that refused it; `null` if it was granted. */
  readonly rule: string | null
  /** Names of the open questions that the response depends on. */
  readonly assumptions: readonly string[]
  /** True if the wallet was debited. */
  readonly charged: boolean
  /** What was written to the books of the account in the course of the request; `null` for nothing. */
  readonly booked: {
    /** Ledger entries of the request itself, as the account's ledger has them. */
    readonly ledger: ReadonlyArray<Required<ScenarioLedgerEntry>>
    /** Plans that the request itself changed. */
    readonly subscriptions: ReadonlyArray<{
      /** Project that is on the plan. */
      readonly project_id: number
      /** Service of the plan. */
      readonly service: 1 | 2
      /** What it was before; `null` if the request created the project. */
      readonly before: SubscriptionState | null
      /** What it was afterwards. */
      readonly after: SubscriptionState
    }>
    /** What had fallen due by then, and was booked before the request was decided: the doing of time, not of the request. */
    readonly due: {
      /** The first hundred, as the account's history has them. */
      readonly events: readonly ScenarioHistoryEvent[]
      /** Number of all of them. */
      readonly total: number
    }
  } | null
  /** Client errors that the real API might not tolerate. */
  readonly lint: ReadonlyArray<{
    /** Name of the error, such as `numeric-string`. */
    readonly name: string
    /** Description in one line. */
    readonly says: string
  }>
  /** The fault that was triggered; `null` for none. */
  readonly fault: {
    /** Id of the fault, such as `fault-1`. */
    readonly id: string
    /** Kind of the fault, such as `delay`. */
    readonly kind: string
    /** Whether it acted before the request was decided, or after it was booked. */
    readonly when: 'before' | 'after'
    /** Number of requests that it had matched before this one. */
    readonly matched: number
  } | null
}
