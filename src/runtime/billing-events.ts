import type { ClockEvent } from '../contract/control.js'
import { instantText } from '../domain/clock.js'
import { usd } from '../domain/money.js'
import type { BillingEvent } from '../domain/settlement.js'
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
  const { event, account, projectId } = billingEvent
  const row = { at: instantText(billingEvent.at), event, account, project_id: projectId }
  switch (billingEvent.event) {
    case 'renewed': {
      const { service, planId, priceMills, balanceMills } = billingEvent
      return { ...row, service, plan_id: planId, amount: usd(priceMills), balance: usd(balanceMills) }
    }
    case 'lapsed': case 'expired': return { ...row, service: billingEvent.service, plan_id: billingEvent.planId }
    case 'deleted': return row
  }
}
