import { assume, type AssumptionLog } from './assumptions.js'
import { DAY, dayOfMonth, midnightOf, monthsLater } from './calendar.js'
import type { Instant } from './clock.js'

export type Cycle = 'month' | 'year'
export type MonthLength = 'calendar' | '30-days'

/** End of a billing cycle. */
export interface CycleEnd {
  readonly nextBillingAt: Instant
  /** Day of the month on which the plan was bought; absent if the cycle ends on that day. */
  readonly anchorDay?: number
}

/**
 * Returns the end of a billing cycle that starts at an instant: 23:59:59 UTC on its last day (documented sample). A calendar
 * month ends on the same day of the next month, or on `day`, or on the last day of a shorter one. With `30-days`, a month ends
 * 30 days later and a year 365 days later.
 */
export function endOfCycle (startsAt: Instant, cycle: Cycle, monthLength: MonthLength, day?: number): Instant {
  const lastDay = monthLength === 'calendar'
    ? monthsLater(startsAt, cycle === 'month' ? 1 : 12, day)
    : startsAt + (cycle === 'month' ? 30 : 365) * DAY
  return midnightOf(lastDay) + DAY - 1000
}

/**
 * Returns the end of the cycle that starts at an instant. After a cycle that a short month cut, `anchorDay` is the day of the
 * month on which the plan was bought: it is kept whatever `billing-anchor` says, so that the choice can still be made later.
 * Choices are recorded only where they make a difference.
 */
export function nextCycle (startsAt: Instant, anchorDay: number | undefined, cycle: Cycle, assumptions: AssumptionLog): CycleEnd {
  const { choices } = assumptions
  const drifting = endOfCycle(startsAt, cycle, 'calendar')
  const keeping = anchorDay === undefined ? drifting : endOfCycle(startsAt, cycle, 'calendar', anchorDay)
  const byCalendar = choices['billing-anchor'] === 'drifts' ? drifting : keeping
  const byDays = endOfCycle(startsAt, cycle, '30-days')
  if (byCalendar !== byDays) assume(assumptions, 'month-length')
  if (choices['month-length'] === '30-days') return { nextBillingAt: byDays }
  if (drifting !== keeping) assume(assumptions, 'billing-anchor')
  const day = anchorDay ?? dayOfMonth(startsAt)
  return day === dayOfMonth(byCalendar) ? { nextBillingAt: byCalendar } : { nextBillingAt: byCalendar, anchorDay: day }
}
