import { assume, type AssumptionLog } from './assumptions.js'
import { DAY, midnightOf, monthsLater } from './calendar.js'
import type { Instant } from './clock.js'

export type Cycle = 'month' | 'year'
export type MonthLength = 'calendar' | '30-days'

/**
 * The instant at which a billing cycle that starts now ends: 23:59:59 UTC of its last day (documented sample).
 * A calendar month ends on the same day of the next month, or on that month's last day where it is shorter; a month
 * of `30-days` ends thirty days later, and its year 365.
 */
export function endOfCycle (startsAt: Instant, cycle: Cycle, monthLength: MonthLength): Instant {
  const lastDay = monthLength === 'calendar'
    ? monthsLater(startsAt, cycle === 'month' ? 1 : 12)
    : startsAt + (cycle === 'month' ? 30 : 365) * DAY
  return midnightOf(lastDay) + DAY - 1000
}

/** The same by the choice that was made, which is noted only where another one would give another end. */
export function endOfNextCycle (startsAt: Instant, cycle: Cycle, assumptions: AssumptionLog): Instant {
  const ends = endOfCycle(startsAt, cycle, 'calendar')
  if (ends === endOfCycle(startsAt, cycle, '30-days')) return ends
  return endOfCycle(startsAt, cycle, assume(assumptions, 'month-length'))
}
