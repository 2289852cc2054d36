import type { Account } from '../domain/account.js'
import { timeOn } from '../domain/clock.js'
import { dueAccounts, isDue, settleAll, settleByItsClock } from '../world/settle.js'
import { publishBillingEvents } from './billing-events.js'
import type { Context } from './context.js'

/** The account as it is when everything due is settled: what the control API shows and changes. */
export function upToDate ({ store, machineTime, eventBus }: Context, account: Account): Account {
  const at = machineTime()
  if (!isDue(account, timeOn(account.clock ?? store.world.find()!.clock, at))) return account
  const settled = store.transaction(() => settleByItsClock(store, store.accounts.find(account.accountId)!, at))
  publishBillingEvents(eventBus, settled.billingEvents)
  return settled.account
}

/** Sees to it that everything due of every account is settled, or as much of it as is settled at once. */
export function bringAllUpToDate ({ store, machineTime, eventBus }: Context): void {
  const at = machineTime()
  if (dueAccounts(store, at).length === 0) return
  publishBillingEvents(eventBus, store.transaction(() => settleAll(store, at)).billingEvents)
}
