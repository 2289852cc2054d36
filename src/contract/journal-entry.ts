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
  /** Time until it was answered, in milliseconds. */
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
  /** The response as it was sent; `null` where a fault left the client without one. */
  readonly response: {
    /** HTTP status. */
    readonly http_status: number
    /** Headers by their names in lower case. */
    readonly headers: Readonly<Record<string, string>>
    /** JSON as a value, any other body as text. */
    readonly body: unknown
  } | null
  /** The vendor's status, if the client saw one. */
  readonly api_status: number | null
  /** The rule that refused it; `null` if it was granted. */
  readonly rule: string | null
  /** Names of the open questions that the response depends on. */
  readonly assumptions: readonly string[]
  /** True if the wallet was debited. */
  readonly charged: boolean
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
    /** Number of requests that it had matched by then, this one included. */
    readonly matched: number
  } | null
}
