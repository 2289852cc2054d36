import type { ScenarioLedgerEntry } from '../contract/scenario.js'
import type { LedgerEntry } from '../domain/account.js'
import { instantText } from '../domain/clock.js'
import { usd } from '../domain/money.js'

/** Writes a ledger entry as a scenario has it. */
export function entryRow ({ at, kind, amountMills, balanceMills, projectId, planId, requestId }: LedgerEntry): Required<ScenarioLedgerEntry> {
  return {
    at: instantText(at),
    kind,
    amount: usd(amountMills),
    balance: usd(balanceMills),
    project_id: projectId,
    plan_id: planId,
    request_id: requestId
  }
}
