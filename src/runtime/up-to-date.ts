import type { Account } from '../domain/account.js'
import { timeOn } from '../domain/clock.js'
import { dueAccounts, isDue, settleAll, settleByItsClock } from '../world/settle.js'
import { tellHappenings } from './billing-events.js'
import type { Context } from './context.js'

/** The account as it is when everything due is settled: what the control API shows and changes. */
export function upToDate ({ store, machineTime, news }: Context, account: Account): Account {
  const at = machineTime()
  if (!isDue(account, timeOn(account.clock ?? store.world.find()!.clock, at))) return account
  const settled = store.transaction(() => settleByItsClock(store, store.accounts.find(account.accountId)!, at))
  tellHappenings({ news }, settled.happened)
  return settled.account
}

/** Sees to it that everything due of every account is settled, or as much of it as is settled at once. */
export function bringAllUpToDate ({ store, machineTime, news }: Context): void {
  const at = machineTime()
  if (dueAccounts(store, at).length === 0) return
  tellHappenings({ news }, store.transaction(() => settleAll(store, at)).happened)
}
