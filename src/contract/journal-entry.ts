/** A request and what became of it, as the journal shows it: without secrets, JSON bodies as JSON, all others as text. */
export interface JournalEntry {
  readonly id: string
  /** The account that the token named; `null` if it named none. */
  readonly account: string | null
  /** The last part of an endpoint's path, such as `change-billing`; `null` if no endpoint was reached. */
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
  /** The vendor's status, as far as the client got to see one. */
  readonly api_status: number | null
  /** The rule that refused it; `null` if it was granted. */
  readonly rule: string | null
  readonly assumptions: readonly string[]
  /** Whether money was taken from the wallet. */
  readonly charged: boolean
  /** What the client did that the real API might not have forgiven. */
  readonly lint: ReadonlyArray<{ readonly name: string, readonly says: string }>
  readonly fault: { readonly id: string, readonly kind: string, readonly when: 'before' | 'after', readonly matched: number } | null
}
