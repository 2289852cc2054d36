/** A request and its outcome as the journal shows it: without secrets, a JSON body as JSON, any other as text. */
export interface JournalEntry {
  readonly id: string
  /** Account of the token; `null` if the token is unknown. */
  readonly account: string | null
  /** Last part of the endpoint's path, such as `change-billing`; `null` if it reached no endpoint. */
  readonly endpoint: string | null
  readonly method: string
  /** With the query. */
  readonly path: string
  /** The machine's time. */
  readonly at: string
  /** The account's time. */
  readonly emulated_at: string
  readonly duration_ms: number
  readonly request: { readonly headers: Readonly<Record<string, string>>, readonly body: unknown }
  /** `null` where a fault left the request without an answer. */
  readonly response: { readonly http_status: number, readonly headers: Readonly<Record<string, string>>, readonly body: unknown } | null
  /** The vendor's status, if the client saw one. */
  readonly api_status: number | null
  /** The rule that refused it; `null` if it was granted. */
  readonly rule: string | null
  readonly assumptions: readonly string[]
  /** True if the wallet was debited. */
  readonly charged: boolean
  /** Client errors that the real API might not tolerate. */
  readonly lint: ReadonlyArray<{ readonly name: string, readonly says: string }>
  readonly fault: { readonly id: string, readonly kind: string, readonly when: 'before' | 'after', readonly matched: number } | null
}
