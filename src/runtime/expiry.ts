import type { Context } from './context.js'

/** Discards what is kept of an account outside the database: faults, journaled requests, whatever is pending. */
export function discardAccountState ({ activeFaults, pending, journal, eventBus }: Context, name: string): void {
  pending.abort(name)
  activeFaults.removeAll(name)
  journal.removeAll(journal.list(name))
  eventBus.publish('account', name, () => null)
}

/** The longest time that a timer can be set for, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1

/** How long to wait, in milliseconds, before a removal that failed is tried again. */
const RETRY = 250

const timers = new WeakMap<Context['store'], NodeJS.Timeout>()

/** Sees to it that accounts that were made for a while are removed when it is over. To be called when one was made. */
export function scheduleExpiry (context: Context): void {
  const { store, machineTime } = context
  clearTimeout(timers.get(store))
  const shortest = removeExpired(context) ? 0 : RETRY
  const next = store.accounts.nextExpiry()
  if (next === null) return
  const timer = setTimeout(() => scheduleExpiry(context), Math.min(Math.max(next - machineTime(), shortest), MAX_TIMER))
  timers.set(store, timer.unref())
}

/** Ends what `scheduleExpiry` began. */
export function stopExpiry ({ store }: Context): void {
  clearTimeout(timers.get(store))
}

/** `false` where that failed, such as on a file that another process has locked. */
function removeExpired (context: Context): boolean {
  const { store, machineTime, log } = context
  const expired = store.accounts.listExpired(machineTime())
  if (expired.length === 0) return true
  try {
    store.transaction(() => {
      for (const { accountId } of expired) store.accounts.remove(accountId)
    })
  } catch (error) {
    log.error({ err: error }, 'accounts whose time is over could not be removed')
    return false
  }
  for (const { name } of expired) discardAccountState(context, name)
  return true
}
