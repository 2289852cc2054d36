import type { Unmet } from '../contract/control.js'
import type { Account } from '../domain/account.js'
import type { AccountBooks } from '../domain/account-books.js'
import type { AssumptionName } from '../domain/assumptions.js'
import type { Instant } from '../domain/clock.js'
import type { ActiveFault, Fault, Target } from '../domain/fault.js'
import type { Rule } from '../domain/refusal.js'
import type { Store } from '../store/index.js'
import { accountBooks, chargesIn } from '../world/account-books.js'
import { meet, type TriggeredFault } from './faults.js'

/** Call to an endpoint, as a probe observed it. */
export interface ObservedCall extends Target {
  readonly id: string
  /** Fault of the watch that triggered on it. */
  readonly triggered: TriggeredFault | null
  /** Whether a fault of the world triggered on it, such as one that a test has set. */
  readonly hasOwnFault: boolean
  /** What it was decided to be; `null` for a call that was not decided on. */
  decision: Decision | null
}

export interface Decision {
  readonly status: number
  readonly rule: Rule | null
  readonly assumptions: readonly AssumptionName[]
  readonly charged: boolean
  readonly emulatedAt: Instant
  /** Instant at which the API is disabled for the account. */
  readonly disabledAt: Instant
}

/** One run under observation. */
export interface Watch {
  /** Calls in the order in which they arrived: at most `MAX_CALLS`. */
  readonly calls: readonly ObservedCall[]
  /** Number of all calls. */
  readonly total: () => number
  /** Books of the accounts as they are, and of those removed meanwhile as they were then. */
  readonly books: () => AccountBooks[]
  /** What was set since the watch began, by whoever was watched, and was never met: by now, or until it was removed with its account. */
  readonly unmet: () => Unmet[]
  /** Whether the world was replaced. */
  readonly isReplaced: () => boolean
  /** Whether the world's faults were asked for, or removed. */
  readonly isFaultAsked: () => boolean
  readonly end: () => void
}

/**
 * Observes calls and books from outside of the world, and arms faults there: no reset and no call of the control API shows, disarms or
 * forgets anything of it.
 */
export interface Probe {
  /** Begins to observe an account, or all (`null`), with a fault for its calls. */
  readonly watch: (account: string | null, fault: Fault | null) => Watch
  /**
   * Records a call, and finds the fault that triggers on it; `undefined` if it is not observed. A fault of the world has precedence: the
   * reference had it as well, and what a test means to be lost must not be booked.
   */
  readonly call: (id: string, target: Target, hasOwnFault?: boolean) => ObservedCall | undefined
  /** Notes accounts that have just been written: what their ledgers came with was not charged now, but is of a copy, a save, or before an undo. */
  readonly begin: (accounts: readonly Account[]) => void
  /** Notes a control call that tells of the world's faults, or removes them. */
  readonly askFaults: () => void
}

/** Maximum number of things to keep that were removed without being met: a suite may set one in each of many tests. */
export const MAX_UNMET = 1000

/** Maximum number of calls to keep of a run: a client that never stops must not take all memory. */
export const MAX_CALLS = 10_000

interface OpenWatch {
  readonly calls: ObservedCall[]
  readonly closed: AccountBooks[]
  /** What was removed without being met, by what it says. */
  readonly unmet: Map<string, Unmet>
  active: ActiveFault | null
  total: number
  isReplaced: boolean
  isFaultAsked: boolean
}

export function createProbe (
  store: Pick<Store, 'accounts' | 'ledger' | 'projects' | 'removals' | 'flush'>,
  unmetOf: (accounts: readonly Account[], isWorldIncluded: boolean) => Unmet[]
): Probe {
  const watches = new Map<string | null, OpenWatch>()
  /** Numbers of charges that accounts came with. */
  const brought = new Map<string, number>()
  store.removals.listen((account, isWholeWorld) => {
    for (const key of [null, account.name]) {
      const watch = watches.get(key)
      if (watch === undefined) continue
      watch.closed.push(booksOf(account))
      watch.isReplaced ||= isWholeWorld
      // With the world, what is set for it goes as well.
      keepUnmet(watch, unmetOf([account], isWholeWorld && key === null))
    }
    brought.delete(account.name)
  })

  return {
    watch (account, fault) {
      const watch: OpenWatch = {
        calls: [],
        closed: [],
        unmet: new Map(),
        active: fault && { fault, matched: 0, triggered: 0, expiresAt: null },
        total: 0,
        isReplaced: false,
        isFaultAsked: false
      }
      watches.set(account, watch)
      const before = new Set(unmetNow(account).map(textOf))
      return {
        calls: watch.calls,
        total: () => watch.total,
        books () {
          store.flush()
          // One that is reset or made again may be that of a worker, whose tests are others each time.
          const again = new Set(watch.closed.map(({ account }) => account))
          // One that is never charged in the reference may be in a run, in place of another one.
          return [...watch.closed, ...present(account).map(booksOf)]
            .map(books => ({ ...books, isNamed: books.isNamed && !again.has(books.account) }))
            .filter(books => books.isNamed || isNotEmpty(books))
        },
        unmet () {
          store.flush()
          return [...new Map([...watch.unmet, ...keyed(unmetNow(account))])].filter(([text]) => !before.has(text)).map(([, unmet]) => unmet)
        },
        isReplaced: () => watch.isReplaced,
        isFaultAsked: () => watch.isFaultAsked,
        end () { watches.delete(account) }
      }
    },
    call (id, target, hasOwnFault = false) {
      const watch = watches.get(null) ?? watches.get(target.account)
      if (watch === undefined) return undefined
      // Its turn has come, whether or not it gets it: the next call is another point.
      const triggered = triggerOn(watch, target)
      const [projectId, planId] = [nameable(target.projectId), nameable(target.planId)]
      const call = { id, ...target, projectId, planId, triggered: hasOwnFault ? null : triggered, hasOwnFault, decision: null }
      if (++watch.total <= MAX_CALLS) watch.calls.push(call)
      return call
    },
    begin (accounts) {
      for (const account of accounts) brought.set(account.name, chargesIn(store.ledger, account).length)
    },
    askFaults () {
      const watch = watches.get(null)
      if (watch !== undefined) watch.isFaultAsked = true
    }
  }

  function booksOf (account: Account): AccountBooks {
    const books = accountBooks(store, account)
    return { ...books, charges: books.charges.slice(brought.get(account.name) ?? 0) }
  }

  function present (name: string | null): Account[] {
    return name === null ? store.accounts.list() : [store.accounts.findByName(name)].filter(found => found !== undefined)
  }

  function unmetNow (name: string | null): Unmet[] {
    return unmetOf(present(name), name === null)
  }
}

function keepUnmet ({ unmet: kept }: OpenWatch, found: readonly Unmet[]): void {
  for (const [text, unmet] of keyed(found)) if (kept.size < MAX_UNMET) kept.set(text, unmet)
}

function keyed (unmet: readonly Unmet[]): Array<[string, Unmet]> {
  return unmet.map(one => [textOf(one), one])
}

/** Writes what a thing is, rather than which one: after a reset, a fault of the scenario has another id. */
function textOf ({ account, says }: Unmet): string {
  return JSON.stringify([account, says])
}

/** Keeps an id that a fault can name. A client may send any number, such as -1 or 1e309. */
function nameable (id: number | null): number | null {
  return Number.isSafeInteger(id) && id! >= 0 ? id : null
}

function triggerOn (watch: OpenWatch, target: Target): TriggeredFault | null {
  const met = watch.active === null ? undefined : meet('sweep', watch.active, target)
  if (met === undefined) return null
  watch.active = met.active
  return met.triggered
}

function isNotEmpty ({ charges, projects }: AccountBooks): boolean {
  return charges.length + projects.length > 0
}
