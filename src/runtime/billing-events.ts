import type { ClockEvent } from '../contract/control.js'
import type { BillingEvent } from '../domain/billing-events.js'
import { historyRow } from '../world/history-row.js'
import type { EventBus } from './events.js'

/** Publishes billing events, grouped by account. */
export function publishBillingEvents (eventBus: EventBus, billingEvents: readonly BillingEvent[]): void {
  const byAccount = new Map<string, BillingEvent[]>()
  for (const event of billingEvents) {
    const ofAccount = byAccount.get(event.account)
    if (ofAccount === undefined) byAccount.set(event.account, [event])
    else ofAccount.push(event)
  }
  for (const [account, events] of byAccount) {
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
