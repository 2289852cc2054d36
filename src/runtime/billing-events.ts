import type { ClockEvent } from '../contract/control.js'
import type { BillingEvent } from '../domain/billing-events.js'
import type { Instant } from '../domain/clock.js'
import { historyRow } from '../world/history-row.js'
import type { Context } from './context.js'
import { eventsStep } from './timeline.js'

/** Notes what time brought when the control API looked at an account, or at all of them (`null`), and publishes it. */
export function publishDue (
  context: Pick<Context, 'eventBus' | 'usage' | 'timeline' | 'isTimeHeld'>, at: Instant, account: string | null, billingEvents: readonly BillingEvent[]
): void {
  if (billingEvents.length === 0) return
  const { timeline, isTimeHeld } = context
  timeline.place(eventsStep(at, account, isTimeHeld() ? timeline.lastCall() : null, billingEvents))
  publishBillingEvents(context, billingEvents)
}

/** Publishes billing events, grouped by account, and notes what they relied on. */
export function publishBillingEvents ({ eventBus, usage }: Pick<Context, 'eventBus' | 'usage'>, billingEvents: readonly BillingEvent[]): void {
  const byAccount = new Map<string, BillingEvent[]>()
  for (const event of billingEvents) {
    const ofAccount = byAccount.get(event.account)
    if (ofAccount === undefined) byAccount.set(event.account, [event])
    else ofAccount.push(event)
  }
  for (const [account, events] of byAccount) {
    usage.noteEvents(account, events)
    eventBus.publish('billing', account, () => ({
      events: events.slice(0, MAX_LISTED_EVENTS).map(billingEventRow),
      total: events.length
    }))
  }
}

/** Maximum number of events to list; the total counts all of them. */
export const MAX_LISTED_EVENTS = 1000

/** Converts a billing event to the format of the control API. */
export function billingEventRow (billingEvent: BillingEvent): ClockEvent {
  const { at, event, ...rest } = historyRow(billingEvent)
  return { at, event, account: billingEvent.account, ...rest } as ClockEvent
}
