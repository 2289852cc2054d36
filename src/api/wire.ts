import type { Instant } from '../domain/clock.js'
import { usd, usdNumber, type Mills } from '../domain/money.js'
import type { WireDialect } from '../domain/settings.js'
import { lastOf } from '../last-of.js'

/** Value of a field that does not apply: neither null nor absent (documented sample of get-projects). */
export const NOT_APPLICABLE = ''

/**
 * Formats a date like the documented samples: ISO 8601 with the numeric offset `+00:00`, never `Z`, and without milliseconds.
 * Keeps the last result, because plans bought on the same day end at the same instant.
 */
export const wireDate = lastOf((instant: Instant): string => `${new Date(instant).toISOString().slice(0, 19)}+00:00`)

/** Formats an amount in USD: a string in the sample, a number in the table. */
export function wireAmount (mills: Mills, types: WireDialect['types']): string | number {
  return types === 'sample' ? usd(mills) : usdNumber(mills)
}
