import type { TimeEvent } from '../contract/control.js'
import { instantText } from '../domain/clock.js'
import { usd } from '../domain/money.js'
import type { Happening } from '../domain/settlement.js'
import type { Context } from './context.js'

/** Tells listeners what time has brought with it. */
export function tellHappenings ({ news }: Pick<Context, 'news'>, happenings: readonly Happening[]): void {
  const byAccount = new Map<string, Happening[]>()
  for (const happening of happenings) {
    const known = byAccount.get(happening.account)
    if (known === undefined) byAccount.set(happening.account, [happening])
    else known.push(happening)
  }
  for (const [account, its] of byAccount) news.tell('billing', account, () => ({ events: its.slice(0, MOST_EVENTS).map(happeningRow), total: its.length }))
}

/** How many events are listed; there may be more, which are counted. */
export const MOST_EVENTS = 1000

/** What happened, as the control API writes it. */
export function happeningRow (happening: Happening): TimeEvent {
  const { event, account, projectId } = happening
  const row = { at: instantText(happening.at), event, account, project_id: projectId }
  switch (happening.event) {
    case 'renewed': return { ...row, service: happening.service, plan_id: happening.planId, amount: usd(happening.priceMills), balance: usd(happening.balanceMills) }
    case 'expired': return { ...row, service: happening.service, plan_id: happening.planId }
    case 'deleted': return row
  }
}
