import type { Account } from '../domain/account.js'
import type { BillingEvent } from '../domain/billing-events.js'
import { timeOn, type Instant } from '../domain/clock.js'
import type { PlanTable } from '../domain/plan.js'
import { settingsFor, type Settings } from '../domain/settings.js'
import { settle } from '../domain/settlement.js'
import type { Store } from '../store/index.js'

/** Tells whether anything may be due of an account's projects. */
export function isDue ({ dueAt }: Account, now: Instant): boolean {
  return dueAt !== null && dueAt <= now
}

/** Outcome of settling an account. */
export interface Settled {
  /** Account in its new state. */
  readonly account: Account
  readonly billingEvents: readonly BillingEvent[]
  readonly isComplete: boolean
}

/** Books what is due of an account's projects up to now, but no more events than the limit, within the caller's transaction. */
export function settleAccount (
  store: Store,
  account: Account,
  now: Instant,
  settings: Settings,
  limit: number,
  plans: PlanTable = store.plans.table()
): Settled {
  const { accountId } = account
  const due = store.projects.listDue(accountId, now)
  const { balanceMills, balanceRestsOn, entries, projects, events: billingEvents, isComplete } =
    settle(account, due, plans, settings, now, limit)
  const [first] = billingEvents
  // A renewal that is free, or that failed, has no entry; an account must have opened before those as well.
  if (first !== undefined) store.ledger.openBy(accountId, first.at)
  store.history.insert(accountId, billingEvents)
  store.ledger.insertAll(accountId, entries)
  store.projects.updateBillings(accountId, projects)
  if (entries.length > 0 || balanceRestsOn !== account.balanceRestsOn) store.accounts.updateBalance(accountId, balanceMills, balanceRestsOn)
  const dueAt = store.projects.nextDue(accountId, settings.assumptions.deletion === 'after-14-days')
  store.accounts.updateDue(accountId, dueAt)
  return { account: { ...account, balanceMills, balanceRestsOn, dueAt }, billingEvents, isComplete }
}

/** Settles an account by its clock and settings, or else the world's, within the caller's transaction. */
export function settleByItsClock (store: Store, account: Account, machineTime: Instant, limit: number): Settled {
  const world = store.world.find()!
  const now = timeOn(account.clock ?? world.clock, machineTime)
  if (!isDue(account, now)) return { account, billingEvents: [], isComplete: true }
  return settleAccount(store, account, now, settingsFor(world.settings, account.settings), limit)
}

/** Settles all accounts that are due, within the caller's transaction. The limit of events applies to all of them together. */
export function settleAll (store: Store, machineTime: Instant, limit: number): Pick<Settled, 'billingEvents' | 'isComplete'> {
  const all: BillingEvent[] = []
  // Read once: of many accounts, each would read them anew.
  const { clock, settings } = store.world.find()!
  const plans = store.plans.table()
  for (const account of dueAccounts(store, machineTime)) {
    const now = timeOn(account.clock ?? clock, machineTime)
    const ownSettings = settingsFor(settings, account.settings)
    const { billingEvents, isComplete } = settleAccount(store, account, now, ownSettings, limit - all.length, plans)
    for (const event of billingEvents) all.push(event)
    if (!isComplete) return { billingEvents: all, isComplete }
  }
  return { billingEvents: all, isComplete: true }
}

/** Lists the accounts of which anything may be due, each by its own clock or the world's. */
export function dueAccounts (store: Store, machineTime: Instant): Account[] {
  const { clock } = store.world.find()!
  return store.accounts.listDue(timeOn(clock, machineTime))
    .filter(account => isDue(account, timeOn(account.clock ?? clock, machineTime)))
}
