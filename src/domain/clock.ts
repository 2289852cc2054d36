/** Point in time, in milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number

/** Range of instants that a clock can show. The end leaves room for one more billing cycle within four-digit years. */
export const FIRST_INSTANT: Instant = 0
export const LAST_INSTANT: Instant = Date.UTC(9998, 11, 31, 23, 59, 59, 999)

/** Latest end of a cycle: that of a year which begins at the last instant. */
export const LAST_CYCLE_END: Instant = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/**
 * Time of a world or of one account: the machine's time, a time running from an instant since it was set (`since`, in
 * machine time), or a time that stands still.
 */
export type Clock =
  | { readonly mode: 'system' }
  | { readonly mode: 'running', readonly at: Instant, readonly since: Instant }
  | { readonly mode: 'frozen', readonly at: Instant }

/** Clock as a user sets it. A running clock starts when it is set. */
export type ClockSetting =
  | { readonly mode: 'system' }
  | { readonly mode: 'running' | 'frozen', readonly at: Instant }

export function setClock (setting: ClockSetting, machineTime: Instant): Clock {
  return setting.mode === 'running' ? { ...setting, since: machineTime } : setting as Clock
}

/** Returns the time that a clock shows at a machine time, clamped to the range above. */
export function timeOn (clock: Clock, machineTime: Instant): Instant {
  switch (clock.mode) {
    case 'system': return machineTime
    case 'frozen': return clock.at
    case 'running': return Math.min(Math.max(clock.at + machineTime - clock.since, FIRST_INSTANT), LAST_INSTANT)
  }
}

const DATE = /^\d{4}-\d{2}-\d{2}$/
const DATE_AND_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/

/**
 * Reads an ISO 8601 instant with an offset (`2023-01-31T23:59:59.999Z`), or a date, which means its midnight in UTC.
 * Returns `undefined` for anything else: a local time without an offset, a day that does not exist, a time outside the range
 * above or later than `last`.
 */
export function parseInstant (text: string, last: Instant = LAST_INSTANT): Instant | undefined {
  if (!DATE.test(text) && !DATE_AND_TIME.test(text)) return undefined
  const midnight = Date.parse(`${text.slice(0, 10)}T00:00:00Z`)
  // Date.parse reads February 30th as March 1st.
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== text.slice(0, 10)) return undefined
  const instant = Date.parse(text)
  return instant >= FIRST_INSTANT && instant <= last ? instant : undefined
}

/** Formats an instant for people and files: `2020-06-16T12:00:00Z`, with milliseconds only if there are any. */
export function instantText (instant: Instant): string {
  return new Date(instant).toISOString().replace('.000Z', 'Z')
}
