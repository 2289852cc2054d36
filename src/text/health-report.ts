/** What may be in the body of `GET /__admin/health`; another program on the same port may send anything. */
export interface HealthReport {
  readonly status?: unknown
  readonly version?: unknown
  readonly clock?: { readonly now?: unknown, readonly api?: unknown } | null
  readonly reason?: unknown
}

/** Reads such a body; of any other text, nothing. */
export function healthIn (text: string): HealthReport {
  try {
    return Object(JSON.parse(text)) as HealthReport
  } catch {
    return {}
  }
}
