import type { Account } from '../domain/account.js'
import { timeOn, type Clock, type Instant } from '../domain/clock.js'
import type { Store } from '../store/index.js'

/**
 * Records that a clock was moved, so that a history shows why its times jump: in that of the account, or, for the world's clock
 * (`null`), in that of the world and of each account that follows it. Must come before the settlement that the move brings.
 */
export function recordMove (store: Store, account: Account | null, before: Clock, after: Clock, machineTime: Instant): void {
  const move = { at: timeOn(after, machineTime), from: timeOn(before, machineTime), mode: after.mode }
  store.history.insert(account?.accountId ?? null, [{ event: 'clock-moved', ...move }])
  if (account !== null) return
  store.history.insertForFollowers({ event: 'world-clock-moved', ...move })
}
