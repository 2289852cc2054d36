import type { ScenarioSettings } from '../contract/scenario.js'
import { disabledFrom, parseCutoff, type CutoffTimeZone } from '../domain/cutoff.js'

/** `1234.5` as `1,234.500`: always three decimals, so that amounts line up. */
export function money (amount: string): string {
  const [whole = '0', decimals = ''] = amount.split('.')
  return `${whole.replace(/\B(?=(?:\d{3}){1,4}(?!\d))/g, ',')}.${decimals.padEnd(3, '0')}`
}

/** `1 request`, `1,200 requests`. */
export function count (number: number, thing: string): string {
  return `${number.toLocaleString('en')} ${thing}${number === 1 ? '' : 's'}`
}

/** An instant for people, in UTC: `2020-06-16 12:00:00`. */
export function instant (text: string): string {
  return text.replace('T', ' ').replace(/(\.\d+)?(Z|\+00:00)$/, '')
}

/** What a user may write for an instant, as the control API takes it: also as this page shows one, in UTC, with or without seconds. */
export function instantOf (text: string): string {
  return text.trim().replace(/^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(:\d\d)?$/, (_, day: string, time: string, seconds = ':00') => `${day}T${time}${seconds}Z`)
}

export function day (text: string): string {
  return text.slice(0, 10)
}

export function isoOf (at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z')
}

/** The time at which these settings switch the API off, in milliseconds; `Infinity` if never. */
export function switchOff ({ cutoff, assumptions }: ScenarioSettings): number {
  return disabledFrom(parseCutoff(cutoff ?? '2023-02-01')!, (assumptions?.['disabled-time-zone'] ?? 'utc') as CutoffTimeZone)
}

const UNITS: ReadonlyArray<readonly [string, number]> = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000], ['second', 1000]]

const MOMENT = 'less than a second'

/** A span in its largest unit: `958 days`. */
export function span (ms: number): string {
  const unit = UNITS.find(([, size]) => ms >= size)
  return unit === undefined ? MOMENT : count(Math.floor(ms / unit[1]), unit[0])
}

/** Whether the API is enabled, and how far away its switch-off is, in plain words. */
export function apiState (now: number, disabledAt: number): string {
  if (disabledAt === Infinity) return 'The API is enabled and is never switched off'
  if (now >= disabledAt) return `The API has been disabled for ${span(now - disabledAt)}`
  const left = span(disabledAt - now)
  return `The API is enabled for ${left === MOMENT ? `${left} more` : `another ${left}`}`
}

export function duration (ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toFixed(1)} ms`
}

export function pretty (value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}

/** JSON with its lines indented; anything else as it is. */
export function indented (text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
