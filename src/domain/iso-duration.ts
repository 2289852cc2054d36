import { DAY, monthsLater } from './calendar.js'
import { FIRST_INSTANT, LAST_INSTANT, type Instant } from './clock.js'

/** Span of emulated time. Months are calendar months, whose length depends on when they begin. */
export interface Duration {
  readonly months: number
  readonly ms: number
}

const ISO_DURATION = /^([+-]?)P(?!$)(?:(\d{1,5})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,7})D)?(?:T(?!$)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,12})(?:\.(\d{1,3}))?S)?)?$/

/** Reads an ISO 8601 duration such as `P1M`, `PT1H30M` or, going backwards, `-P1D`; returns `undefined` for anything else. */
export function parseIsoDuration (text: string): Duration | undefined {
  const parts = ISO_DURATION.exec(text)
  if (parts === null) return undefined
  const numbers = parts.slice(2).map(part => Number(part ?? 0))
  const [years, months, weeks, days, hours, minutes, seconds] = numbers as [number, number, number, number, number, number, number]
  const sign = parts[1] === '-' ? -1 : 1
  const ms = (weeks * 7 + days) * DAY + hours * 3_600_000 + minutes * 60_000 + seconds * 1000 + Number((parts[9] ?? '').padEnd(3, '0'))
  return { months: sign * (years * 12 + months), ms: sign * ms }
}

/** Moves an instant by a duration, months first; returns `undefined` if the result is outside the range of clocks. */
export function later (instant: Instant, { months, ms }: Duration): Instant | undefined {
  const moved = monthsLater(instant, months) + ms
  return moved >= FIRST_INSTANT && moved <= LAST_INSTANT ? moved : undefined
}
