import type { Instant } from '../domain/clock.js'
import { usd, usdNumber, type Mills } from '../domain/money.js'
import type { WireDialect } from '../domain/settings.js'
import { lastOf } from '../last-of.js'

/** What a field holds that does not apply: not null, and not absent (documented sample of get-projects). */
export const NOT_APPLICABLE = ''

/**
 * A date as the documented samples write it: ISO 8601 with the numeric offset `+00:00`, never `Z`, without milliseconds. Every
 * plan bought in the same month ends on the same day, so the last one is kept.
 */
export const wireDate = lastOf((instant: Instant): string => `${new Date(instant).toISOString().slice(0, 19)}+00:00`)

/** An amount in USD: a string in the sample, a number in the table. */
export function wireAmount (mills: Mills, types: WireDialect['types']): string | number {
  return types === 'sample' ? usd(mills) : usdNumber(mills)
}
