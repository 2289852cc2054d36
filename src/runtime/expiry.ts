import { clearTimeout, setTimeout } from '../machine.js'
import type { Context } from './context.js'

/** Discards the state of an account outside the database: faults, journaled requests, and anything pending. */
export function discardAccountState ({ activeFaults, pending, journal, eventBus }: Context, name: string): void {
  pending.abort(name)
  activeFaults.removeAll(name)
  journal.removeAll(journal.list(name))
  eventBus.publish('account', name, () => null)
}

/** Maximum delay of a timer, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1

/** Delay, in milliseconds, before a failed removal is retried. */
const RETRY_DELAY = 250

const timers = new WeakMap<Context['store'], NodeJS.Timeout>()

/** Schedules the removal of expired accounts. Must be called whenever an account with a `ttl` is created. */
export function scheduleExpiry (context: Context): void {
  const { store, machineTime } = context
  clearTimeout(timers.get(store))
  const minimum = removeExpired(context) ? 0 : RETRY_DELAY
  const next = store.accounts.nextExpiry()
  if (next === null) return
  const timer = setTimeout(() => scheduleExpiry(context), Math.min(Math.max(next - machineTime(), minimum), MAX_TIMER))
  timers.set(store, timer.unref())
}

/** Cancels the scheduled removal. */
export function stopExpiry ({ store }: Context): void {
  clearTimeout(timers.get(store))
}

/** Removes expired accounts. Returns `false` on failure, such as when another process has locked the file. */
function removeExpired (context: Context): boolean {
  const { store, machineTime, log } = context
  const expired = store.accounts.listExpired(machineTime())
  if (expired.length === 0) return true
  try {
    store.transaction(() => {
      for (const { accountId } of expired) store.accounts.remove(accountId)
    })
  } catch (error) {
    log.error({ err: error }, 'could not remove expired accounts')
    return false
  }
  for (const { name } of expired) discardAccountState(context, name)
  return true
}
