import type { Case } from '../contract/case.js'
import type { ScenarioAccount, ScenarioHistoryEvent } from '../contract/scenario.js'
import type { ReadCall } from './control-calls.js'
import type { Actor, Closing } from './script.js'

/** Says what an account must be like at the end of the script. */
export function closingOf (
  { start }: Case,
  actor: Actor,
  { balance = '0', ledger = [], history = [] }: ScenarioAccount,
  calls: ReadonlyArray<ReadCall | null | undefined>
): Closing {
  const before = start.scenario.accounts?.find(({ name }) => name === actor.name)?.history ?? []
  return {
    step: 'closing',
    actor,
    balance,
    ledger: ledger.map(({ kind, amount, balance, project_id: projectId = null, plan_id: planId = null }) =>
      ({ kind, amount, balance, project_id: projectId, plan_id: planId })),
    history: isCarriedOver(calls) ? [] : withoutStart(history, before).flatMap(event => event.project_id === undefined ? [] : { ...event })
  }
}

/** A history that comes from another world has to be in that world, which is too much to read. */
function isCarriedOver (calls: ReadonlyArray<ReadCall | null | undefined>): boolean {
  return calls.some(call => call?.call === 'load' || call?.call === 'undo' || (call?.call === 'reset' && call.account === null))
}

/** The events since the start, which the script does not begin with. */
function withoutStart (history: readonly ScenarioHistoryEvent[], before: readonly ScenarioHistoryEvent[]): readonly ScenarioHistoryEvent[] {
  const hasAll = before.every((event, index) => JSON.stringify(event) === JSON.stringify(history[index]))
  return hasAll ? history.slice(before.length) : history
}
