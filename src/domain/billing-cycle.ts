import { assume, type AssumptionLog } from './assumptions.js'
import { DAY, midnightOf, monthsLater } from './calendar.js'
import type { Instant } from './clock.js'

export type Cycle = 'month' | 'year'
export type MonthLength = 'calendar' | '30-days'

/**
 * Returns the end of a billing cycle that starts at an instant: 23:59:59 UTC on its last day (documented sample). A calendar
 * month ends on the same day of the next month, or on the last day of a shorter one. With `30-days`, a month ends 30 days
 * later and a year 365 days later.
 */
export function endOfCycle (startsAt: Instant, cycle: Cycle, monthLength: MonthLength): Instant {
  const lastDay = monthLength === 'calendar'
    ? monthsLater(startsAt, cycle === 'month' ? 1 : 12)
    : startsAt + (cycle === 'month' ? 30 : 365) * DAY
  return midnightOf(lastDay) + DAY - 1000
}

/** Returns the end of a cycle by the choice of `month-length`, which is recorded only where it makes a difference. */
export function endOfNextCycle (startsAt: Instant, cycle: Cycle, assumptions: AssumptionLog): Instant {
  const ends = endOfCycle(startsAt, cycle, 'calendar')
  if (ends === endOfCycle(startsAt, cycle, '30-days')) return ends
  return endOfCycle(startsAt, cycle, assume(assumptions, 'month-length'))
}
