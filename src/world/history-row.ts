import type { ScenarioHistoryEvent } from '../contract/scenario.js'
import { instantText } from '../domain/clock.js'
import type { HistoryEvent } from '../domain/history.js'
import { usd } from '../domain/money.js'

/** Writes an event of a history as a scenario has it. */
export function historyRow (event: HistoryEvent): ScenarioHistoryEvent {
  const row = { at: instantText(event.at), event: event.event }
  switch (event.event) {
    case 'renewed': {
      const { projectId, service, planId, priceMills, balanceMills } = event
      return { ...row, project_id: projectId, service, plan_id: planId, amount: usd(priceMills), balance: usd(balanceMills) }
    }
    case 'lapsed': case 'expired': {
      const { projectId, service, planId, reason, priceMills, balanceMills } = event
      return { ...row, project_id: projectId, service, plan_id: planId, reason, price: usd(priceMills), balance: usd(balanceMills) }
    }
    case 'deleted': return { ...row, project_id: event.projectId }
    default: return { ...row, from: instantText(event.from), mode: event.mode }
  }
}
