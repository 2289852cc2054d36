/** Function like the global `fetch`, as far as calls of the control API need it. */
export type Fetch = (url: string, init: CallInit) => Promise<CallResponse>

/** A call's request. */
export interface CallInit {
  /** HTTP method. */
  readonly method: string
  /** Headers, with their names in small letters. */
  readonly headers: Readonly<Record<string, string>>
  /** JSON text; none for a call without a body. */
  readonly body?: string
}

/** A call's response. */
export interface CallResponse {
  /** Whether the status is from 200 to 299. */
  readonly ok: boolean
  /** HTTP status. */
  readonly status: number
  /** Gives the whole body. */
  readonly text: () => Promise<string>
}
