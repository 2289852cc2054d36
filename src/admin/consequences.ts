import { Type } from '@sinclair/typebox'
import type { BillingCounts, Consequences, Counts, UndoConsequences } from '../contract/control.js'
import type { BillingEvent } from '../domain/billing-events.js'
import { usd } from '../domain/money.js'
import type { Context } from '../runtime/context.js'
import { memoryBounds } from '../runtime/memory.js'
import { OneOf } from '../scenario/schema.js'
import type { Span } from '../store/accounts.js'
import type { Store } from '../store/index.js'
import { settleAll, settleByItsClock } from '../world/settle.js'

/** Query of a call that can tell what it would do, in numbers, without doing it. */
export const DryRunQuery = Type.Object({ dry_run: Type.Optional(OneOf(['true', 'false'])) }, { additionalProperties: false })

const Billing = Type.Object({ renewed: Type.Integer(), debited: Type.String(), expired: Type.Integer(), lapsed: Type.Integer(), deleted: Type.Integer() })
const Things = Type.Object({ accounts: Type.Integer(), projects: Type.Integer(), requests: Type.Integer(), faults: Type.Integer() })

const consequences = {
  dry_run: Type.Literal(true),
  due: Type.Composite([Billing], { description: 'what falls due: renewals, what they debit in USD, expiries and deletions' }),
  stays: Type.Composite([Billing], { description: 'the same of the time that a clock goes back over: none of it is undone' }),
  removes: Type.Composite([Things], { description: 'what is removed or replaced; a replaced account or project counts here and below' }),
  adds: Things
}

/** Answer to a dry run. */
export const ConsequencesAnswer = Type.Unsafe<Consequences>(Type.Object(consequences))

/** Answer to the dry run of an undo. */
export const UndoConsequencesAnswer = Type.Unsafe<UndoConsequences>(Type.Object({
  ...consequences,
  since: Type.Object({
    calls: Type.Integer({ description: 'calls of the control API that changed something' }),
    requests: Type.Integer({ description: 'granted requests that changed something' }),
    forgotten: Type.Integer({ description: 'earlier requests and calls, of any account, of which nothing is known any more' })
  }, { description: 'what has happened since the call that is undone, and is taken back as well' })
}))

const NO_EVENTS: BillingCounts = { renewed: 0, debited: '0', expired: 0, lapsed: 0, deleted: 0 }

const NOTHING: Counts = { accounts: 0, projects: 0, requests: 0, faults: 0 }

/** Parts of the consequences that a call has. */
interface Parts {
  readonly due?: readonly BillingEvent[]
  readonly removes?: Partial<Counts>
  readonly adds?: Partial<Counts>
  readonly wentBack?: Span
}

/** Tells what a call would do, in numbers. */
export function consequencesOf ({ store }: Context, { due = [], removes, adds, wentBack }: Parts): Consequences {
  const numberOf = (event: BillingEvent['event']): number => due.filter(found => found.event === event).length
  const debited = due.reduce((sum, found) => sum + (found.event === 'renewed' ? found.priceMills : 0), 0)
  return {
    dry_run: true,
    due: { renewed: numberOf('renewed'), debited: usd(debited), expired: numberOf('expired'), lapsed: numberOf('lapsed'), deleted: numberOf('deleted') },
    stays: wentBack === undefined ? NO_EVENTS : eventsIn(store, wentBack),
    removes: { ...NOTHING, ...removes },
    adds: { ...NOTHING, ...adds }
  }
}

function eventsIn ({ ledger, projects, history }: Store, span: Span): BillingCounts {
  const { count, mills } = ledger.countRenewals(span)
  const { expired, deleted } = projects.countEnded(span)
  return { renewed: count, debited: usd(mills), expired, lapsed: history.countLapsed(span), deleted }
}

/** Finds the billing events that are due at once after a change: of an account, or of all. The change is rolled back. */
export function dueAfter (
  { store, machineTime }: Context, name: string | null, change: () => void, areKeysChecked?: boolean
): readonly BillingEvent[] {
  return store.dryRun(() => {
    change()
    const at = machineTime()
    const { billingEvents: limit } = memoryBounds()
    if (name === null) return settleAll(store, at, limit).billingEvents
    const account = store.accounts.findByName(name)
    return account === undefined ? [] : settleByItsClock(store, account, at, limit).billingEvents
  }, areKeysChecked)
}

/** Counts what belongs to an account, or everything. */
export function countsOf ({ store, journal, activeFaults }: Context, account: { readonly accountId: number, readonly name: string } | null): Counts {
  const faults = activeFaults.list()
  if (account === null) {
    return { accounts: store.accounts.count(), projects: store.projects.count(), requests: journal.size().entries, faults: faults.length }
  }
  return {
    accounts: 1,
    projects: store.projects.countOf(account.accountId),
    requests: [...journal.list(account.name)].length,
    faults: faults.filter(({ active }) => active.fault.account === account.name).length
  }
}
