import { IN_MEMORY } from '../store/database.js'
import type { Context } from './context.js'
import { STEP_OVERHEAD } from './timeline.js'

/** Maximum delay of a timer, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1

/** Delay, in milliseconds, before a failed removal is retried. */
const RETRY_DELAY = 250

/**
 * How long a removal waits, in milliseconds, for another process that holds the lock of the file. Nothing else is answered meanwhile, not
 * even what only reads, and there is another try.
 */
const PATIENCE = 100

/** Interval, in milliseconds, at which a file is searched for accounts of other processes, which may have been killed. */
const SEARCH_INTERVAL = 1000

/** How far ahead, in milliseconds, accounts are noted that another process may remove first: several searches, as one may be late. */
const HORIZON = 10 * SEARCH_INTERVAL

/** What is known of the accounts of a store that expire. */
interface Watch {
  cancel?: () => void
  isStopped: boolean
  /** Names of those that expire before long, or that another process may have removed already. */
  readonly soon: Set<string>
  hasFailed: boolean
}

const watches = new WeakMap<Context['store'], Watch>()

/** Discards the state of an account outside the database: faults, journaled requests, what was met, and anything pending. */
export function discardAccountState ({ store, activeFaults, usage, pending, journal, eventBus }: Context, name: string): void {
  watchOf(store).soon.delete(name)
  pending.abort(name)
  activeFaults.removeAll(name)
  usage.forget(name)
  journal.removeAll(journal.list(name))
  eventBus.publish('account', name, () => null)
}

/**
 * Removes expired accounts, and schedules the removal of others. Must be called at the start and whenever an account with a `ttl` is
 * created; accounts that other processes create in the same file are searched for.
 */
export function scheduleExpiry (context: Context): void {
  const { store, setAlarm } = context
  const watch = watchOf(store)
  // What a stop did not wait for may end after it.
  if (watch.isStopped) return
  watch.cancel?.()
  const delay = removeExpired(context, watch)
  const isShared = store.file !== IN_MEMORY
  if (delay === null && !isShared) return
  const maximum = isShared ? SEARCH_INTERVAL : MAX_TIMER
  watch.cancel = setAlarm(Math.min(delay ?? maximum, maximum), () => { scheduleExpiry(context) })
}

/** Cancels the scheduled removal, for good. */
export function stopExpiry ({ store }: Context): void {
  const watch = watchOf(store)
  watch.isStopped = true
  watch.cancel?.()
}

/**
 * Removes expired accounts. Returns the delay until the next one expires, or until a retry after a failure, such as when another
 * process has locked the file; `null` if none will expire. A failure is logged once until it is over.
 */
function removeExpired (context: Context, watch: Watch): number | null {
  const { store, machineTime, log, timeline } = context
  const { accounts } = store
  try {
    store.checkFiles()
    const now = machineTime()
    for (const { name } of accounts.listExpired(now + HORIZON)) watch.soon.add(name)
    const expired = accounts.listExpired(now)
    if (expired.length > 0) {
      const before = store.waitAtMost(PATIENCE)
      try {
        store.replace(() => {
          // Listed anew: by now another process may have removed one, and given its id to another account.
          for (const { accountId } of accounts.listExpired(now)) accounts.remove(accountId)
        }, !expired.some(({ accountId }) => store.isLarge(accountId)))
      } finally {
        store.waitAtMost(before)
      }
    }
    if (store.file !== IN_MEMORY) for (const name of removedElsewhere(context)) watch.soon.add(name)
    for (const name of watch.soon) {
      if (accounts.findByName(name) !== undefined) continue
      timeline.place({ kind: 'removal', at: now, account: name, bytes: STEP_OVERHEAD })
      discardAccountState(context, name)
    }
    watch.hasFailed = false
    const next = accounts.nextExpiry()
    return next === null ? null : Math.max(next - machineTime(), 0)
  } catch (error) {
    if (!watch.hasFailed) log.error({ err: error }, 'could not remove expired accounts')
    watch.hasFailed = true
    return RETRY_DELAY
  }
}

/**
 * Lists accounts that another process has removed and of which something is kept outside the database, once it must be so: there are more
 * names than accounts could have. Nothing tells of them, and to look for each of many takes long.
 */
function removedElsewhere ({ store, usage, pending, activeFaults }: Context): string[] {
  const ofFaults = new Set(activeFaults.list().flatMap(({ active: { fault } }) => fault.account ?? []))
  const names = [...usage.accounts(), ...pending.accounts(), ...ofFaults]
  return names.length > TIMES_LISTED * store.accounts.count() ? names.filter(name => store.accounts.findByName(name) === undefined) : []
}

/** How often an account is listed there at most. */
const TIMES_LISTED = 4

function watchOf (store: Context['store']): Watch {
  const watch = watches.get(store) ?? { soon: new Set(), isStopped: false, hasFailed: false }
  watches.set(store, watch)
  return watch
}
