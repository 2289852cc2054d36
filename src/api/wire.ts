import type { Instant } from '../domain/clock.js'
import { usd, usdNumber, type Mills } from '../domain/money.js'
import type { WireDialect } from '../domain/settings.js'

/** What a field holds that does not apply: not null, and not absent (documented sample of get-projects). */
export const NOT_APPLICABLE = ''

/** A date as the documented samples write it: ISO 8601 with the numeric offset `+00:00`, never `Z`, without milliseconds. */
export function wireDate (instant: Instant): string {
  // Whoever asks in the same month is told the same date.
  if (instant !== lastInstant) [lastInstant, lastDate] = [instant, `${new Date(instant).toISOString().slice(0, 19)}+00:00`]
  return lastDate
}

let lastInstant: Instant | undefined
let lastDate = ''

/** An amount in USD: a string in the sample, a number in the table. */
export function wireAmount (mills: Mills, types: WireDialect['types']): string | number {
  return types === 'sample' ? usd(mills) : usdNumber(mills)
}
