import { instantText, parseInstant, type Instant } from './clock.js'

/**
 * Time from which the vendor's API is switched off. The documented cutoff is a *day*, February 1st 2023, without a time
 * zone: the assumption `disabled-time-zone` decides at which instant it begins. A cutoff given as an instant is exact.
 */
export type Cutoff =
  | { readonly kind: 'day', readonly utcMidnight: Instant }
  | { readonly kind: 'instant', readonly at: Instant }
  | { readonly kind: 'never' }

export type CutoffTimeZone = 'utc' | 'utc+14' | 'utc-12'

const HOUR = 3_600_000

/** Offset of a day's beginning from its beginning in UTC: earliest in UTC+14, latest in UTC-12. */
const START_OFFSETS: Record<CutoffTimeZone, number> = { 'utc+14': -14 * HOUR, utc: 0, 'utc-12': 12 * HOUR }

/** Returns the first instant at which the API is disabled; `Infinity` if it never is. */
export function disabledFrom (cutoff: Cutoff, timeZone: CutoffTimeZone): Instant {
  switch (cutoff.kind) {
    case 'day': return cutoff.utcMidnight + START_OFFSETS[timeZone]
    case 'instant': return cutoff.at
    case 'never': return Infinity
  }
}

/** Tells whether the time zone decides if the API is disabled now. */
export function hingesOnTimeZone (cutoff: Cutoff, now: Instant): boolean {
  return cutoff.kind === 'day' && now >= disabledFrom(cutoff, 'utc+14') && now < disabledFrom(cutoff, 'utc-12')
}

/** Reads `2023-02-01`, `2023-02-01T05:30:00Z` or `never`; returns `undefined` for anything else. */
export function parseCutoff (text: string): Cutoff | undefined {
  if (text === 'never') return { kind: 'never' }
  const instant = parseInstant(text)
  if (instant === undefined) return undefined
  return text.includes('T') ? { kind: 'instant', at: instant } : { kind: 'day', utcMidnight: instant }
}

export function cutoffText (cutoff: Cutoff): string {
  switch (cutoff.kind) {
    case 'day': return instantText(cutoff.utcMidnight).slice(0, 10)
    case 'instant': return instantText(cutoff.at)
    case 'never': return 'never'
  }
}
