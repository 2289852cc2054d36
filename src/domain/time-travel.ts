import type { Instant } from './clock.js'
import { later, parseIsoDuration } from './duration.js'
import type { Service } from './plan.js'

/** Something that a clock passes when it moves. */
export type TimeEvent =
  | { readonly at: Instant, readonly event: 'api-disabled' | 'api-enabled' }
  | { readonly at: Instant, readonly event: 'cycle-ended', readonly account: string, readonly projectId: number, readonly service: Service, readonly planId: number }

/** A cycle of an account that goes by the clock that moves. */
export interface RunningCycle {
  readonly account: string
  readonly projectId: number
  readonly service: Service
  readonly planId: number
  readonly nextBillingAt: Instant
}

/** What happens on the way from one instant to another, in the order in which it happens; backwards only the switch-off does. */
export function eventsBetween (from: Instant, to: Instant, disabledAt: Instant, cycles: readonly RunningCycle[]): TimeEvent[] {
  const events: TimeEvent[] = cycles
    .filter(({ nextBillingAt }) => nextBillingAt > from && nextBillingAt <= to)
    .map(({ nextBillingAt, ...cycle }) => ({ at: nextBillingAt, event: 'cycle-ended', ...cycle }))
  if (from < disabledAt && disabledAt <= to) events.push({ at: disabledAt, event: 'api-disabled' })
  if (to < disabledAt && disabledAt <= from) events.push({ at: disabledAt, event: 'api-enabled' })
  return events.sort((a, b) => a.at - b.at)
}

/** The instants that have a name: `disabled` and `next-billing`; absent where there is no such instant. */
export interface NamedInstants {
  readonly disabled?: Instant | undefined
  readonly 'next-billing'?: Instant | undefined
}

const NAMED = /^(disabled|next-billing)(?:([+-])(?:(\d{1,9})(ms|s|m|h|d)|(P.+)))?$/
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Where a jump leads: `disabled`, `next-billing`, either with a span before or behind it (`disabled-1s`,
 * `next-billing+P1D`). `unknown` for a text that names no instant, `nowhere` for a name that leads to none now, `beyond`
 * for one that leads where no clock can stand.
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
