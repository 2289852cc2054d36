import { BILLING_EVENTS, type BillingEvent } from './billing-events.js'
import type { Clock, Instant } from './clock.js'

/** Event in the history of an account, or of the world: what time brought, and the moves of the clock. */
export type HistoryEvent = WithoutAccount<BillingEvent> | ClockMove

/** Move of a clock by a user: the one that the history belongs to, or the world's, which an account follows. */
export interface ClockMove {
  /** Time that the clock showed after the move. */
  readonly at: Instant
  readonly event: 'clock-moved' | 'world-clock-moved'
  /** Time that it showed before. */
  readonly from: Instant
  readonly mode: Clock['mode']
}

/** Event as the history of its account has it. */
export type WithoutAccount<Event> = Event extends unknown ? Omit<Event, 'account'> : never

export const HISTORY_EVENTS = [...BILLING_EVENTS, 'clock-moved', 'world-clock-moved'] as const satisfies ReadonlyArray<HistoryEvent['event']>
