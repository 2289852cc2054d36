import type { Instant } from './clock.js'

export const DAY = 86_400_000

/** Moves an instant by a number of months, to the same time on a day, by default the same, or on the last day of a month without it. */
export function monthsLater (instant: Instant, months: number, day: number = dayOfMonth(instant)): Instant {
  const date = new Date(instant)
  const year = date.getUTCFullYear()
  const month = date.getUTCMonth() + months
  const daysInMonth = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  return Date.UTC(year, month, Math.min(day, daysInMonth)) + (instant - midnightOf(instant))
}

/** Returns the midnight, in UTC, at which the day of an instant began. */
export function midnightOf (instant: Instant): Instant {
  return Math.floor(instant / DAY) * DAY
}

export function dayOfMonth (instant: Instant): number {
  return new Date(instant).getUTCDate()
}
