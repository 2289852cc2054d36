import type { Instant } from './clock.js'
import { later, parseIsoDuration } from './iso-duration.js'

/** Switch-off of the API, or its undoing when a clock goes back. */
interface Switch { readonly at: Instant, readonly event: 'api-disabled' | 'api-enabled' }

/** Finds the switch that a clock passes when it moves; `undefined` if it passes none. */
export function switchBetween (from: Instant, to: Instant, disabledAt: Instant): Switch | undefined {
  if (from < disabledAt && disabledAt <= to) return { at: disabledAt, event: 'api-disabled' }
  if (to < disabledAt && disabledAt <= from) return { at: disabledAt, event: 'api-enabled' }
  return undefined
}

/** Instants that have a name; absent if there is no such instant. */
export interface NamedInstants {
  readonly disabled?: Instant | undefined
  readonly 'next-billing'?: Instant | undefined
}

const NAMED = /^(disabled|next-billing)(?:([+-])(?:(\d{1,9})(ms|s|m|h|d)|(P.+)))?$/
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Finds the destination of a jump: `disabled` or `next-billing`, optionally with an offset (`disabled-1s`,
 * `next-billing+P1D`). Returns `unknown` for a text that is not of this form, `nowhere` for a name without an instant now, and
 * `beyond` for a destination outside the range of clocks.
 */
export function namedInstant (text: string, named: NamedInstants): Instant | 'unknown' | 'nowhere' | 'beyond' {
  const [, name, sign, count = '0', unit = 'ms', iso] = NAMED.exec(text) ?? []
  if (name === undefined) return 'unknown'
  const instant = named[name as keyof NamedInstants]
  if (instant === undefined || instant === Infinity) return 'nowhere'
  const span = iso === undefined ? { months: 0, ms: Number(count) * UNITS[unit]! } : parseIsoDuration(iso)
  if (span === undefined) return 'unknown'
  const factor = sign === '-' ? -1 : 1
  return later(instant, { months: factor * span.months, ms: factor * span.ms }) ?? 'beyond'
}
