import type { Account } from '../domain/account.js'
import { timeOn } from '../domain/clock.js'
import { dueAccounts, isDue, settleAll, settleByItsClock } from '../world/settle.js'
import { publishDue } from './billing-events.js'
import type { Context } from './context.js'
import { memoryBounds } from './memory.js'

/** Settles everything due of an account, and returns it as the control API shows and changes it. */
export function upToDate (context: Context, account: Account): Account {
  const { store, machineTime } = context
  const at = machineTime()
  if (!isDue(account, timeOn(account.clock ?? store.world.find()!.clock, at))) return account
  const settled = store.transaction(() => settleByItsClock(store, store.accounts.find(account.accountId)!, at, memoryBounds().billingEvents))
  publishDue(context, at, account.name, settled.billingEvents)
  return settled.account
}

/** Settles everything due of all accounts, up to the limit of events settled at once. */
export function bringAllUpToDate (context: Context): void {
  const { store, machineTime } = context
  const at = machineTime()
  if (dueAccounts(store, at).length === 0) return
  publishDue(context, at, null, store.transaction(() => settleAll(store, at, memoryBounds().billingEvents)).billingEvents)
}
