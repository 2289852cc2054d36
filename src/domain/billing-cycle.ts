import type { Instant } from './clock.js'

export type Cycle = 'month' | 'year'
export type MonthLength = 'calendar' | '30-days'

const DAY = 86_400_000

/**
 * The instant at which a billing cycle that starts now ends: 23:59:59 UTC of its last day (documented sample).
 * A calendar month ends on the same day of the next month, or on that month's last day where it is shorter; a month
 * of `30-days` ends thirty days later, and its year 365.
 */
export function endOfCycle (startsAt: Instant, cycle: Cycle, monthLength: MonthLength): Instant {
  const start = new Date(startsAt)
  const lastDay = monthLength === 'calendar'
    ? sameDayLater(start, cycle === 'month' ? 1 : 12)
    : midnightOf(start) + (cycle === 'month' ? 30 : 365) * DAY
  return lastDay + DAY - 1000
}

function sameDayLater (start: Date, months: number): Instant {
  const year = start.getUTCFullYear()
  const month = start.getUTCMonth() + months
  const daysInMonth = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  return Date.UTC(year, month, Math.min(start.getUTCDate(), daysInMonth))
}

function midnightOf (date: Date): Instant {
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate())
}
