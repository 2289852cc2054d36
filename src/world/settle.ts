import type { Account } from '../domain/account.js'
import type { AssumptionName, Choices } from '../domain/assumptions.js'
import { timeOn, type Instant } from '../domain/clock.js'
import { settingsFor } from '../domain/settings.js'
import { MAX_BILLING_EVENTS, settle, type BillingEvent } from '../domain/settlement.js'
import type { Store } from '../store/index.js'

/** Whether anything may be due of an account's projects. */
export function isDue ({ dueAt }: Account, now: Instant): boolean {
  return dueAt !== null && dueAt <= now
}

export interface Settled {
  /** As it is now. */
  readonly account: Account
  readonly billingEvents: readonly BillingEvent[]
  /** Which open questions decided what happened. */
  readonly assumptions: ReadonlySet<AssumptionName>
  readonly isComplete: boolean
}

/** Books what is due of an account's projects up to now. To be run within the transaction that asks. */
export function settleAccount (store: Store, account: Account, now: Instant, choices: Choices, most: number = MAX_BILLING_EVENTS): Settled {
  const { accountId } = account
  const { balanceMills, entries, projects, events: happenings, assumptions, isComplete } = settle(account, store.projects.listDue(accountId, now), store.plans.table(), choices, now, most)
  for (const entry of entries) store.ledger.insert(accountId, entry)
  for (const standing of projects) store.projects.updateBilling(accountId, standing)
  if (entries.length > 0) store.accounts.updateBalance(accountId, balanceMills)
  const dueAt = store.projects.nextDue(accountId)
  store.accounts.updateDue(accountId, dueAt)
  return { account: { ...account, balanceMills, dueAt }, billingEvents: happenings, assumptions, isComplete }
}

/** Settles an account by the clock and the settings that hold for it, within the transaction that is open. */
export function settleByItsClock (store: Store, account: Account, machineTime: Instant, most?: number): Settled {
  const world = store.world.find()!
  const now = timeOn(account.clock ?? world.clock, machineTime)
  if (!isDue(account, now)) return { account, billingEvents: [], assumptions: new Set(), isComplete: true }
  return settleAccount(store, account, now, settingsFor(world.settings, account.settings).assumptions, most)
}

/** Settles every account of which something is due, within the transaction that is open. How much is settled at once holds for all of them together. */
export function settleAll (store: Store, machineTime: Instant): Pick<Settled, 'billingEvents' | 'isComplete'> {
  const all: BillingEvent[] = []
  for (const account of dueAccounts(store, machineTime)) {
    const { billingEvents: happened, isComplete } = settleByItsClock(store, account, machineTime, MAX_BILLING_EVENTS - all.length)
    for (const happening of happened) all.push(happening)
    if (!isComplete) return { billingEvents: all, isComplete }
  }
  return { billingEvents: all, isComplete: true }
}

export function dueAccounts (store: Store, machineTime: Instant): Account[] {
  const { clock } = store.world.find()!
  return store.accounts.listDue(timeOn(clock, machineTime)).filter(account => isDue(account, timeOn(account.clock ?? clock, machineTime)))
}
