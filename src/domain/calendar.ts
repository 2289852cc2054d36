import type { Instant } from './clock.js'

export const DAY = 86_400_000

/** The same day and time so many months later (or earlier), or the last day of that month where it has no such day. */
export function monthsLater (instant: Instant, months: number): Instant {
  const date = new Date(instant)
  const year = date.getUTCFullYear()
  const month = date.getUTCMonth() + months
  const daysInMonth = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  return Date.UTC(year, month, Math.min(date.getUTCDate(), daysInMonth)) + (instant - midnightOf(instant))
}

/** The midnight, in UTC, with which the instant's day began. */
export function midnightOf (instant: Instant): Instant {
  return Math.floor(instant / DAY) * DAY
}
