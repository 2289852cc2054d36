import { ASSUMPTION_NAMES, restingOn, type AssumptionName } from '../domain/assumptions.js'
import type { BillingEvent } from '../domain/billing-events.js'
import type { Store } from '../store/index.js'

/** Setting that can be met: an open question that was settled, or a clock. */
export type Item = AssumptionName | 'clock'

/** Uses of what was set, since it was set: choices that something relied on, and clocks that something came by. */
export interface Usage {
  /** Notes what the answer to a request relied on; it was decided by a clock. */
  readonly note: (answer: { readonly account: string | null, readonly assumptions: readonly AssumptionName[] }) => void
  /** Notes what the events that time brought to an account relied on. */
  readonly noteEvents: (account: string, events: readonly BillingEvent[]) => void
  /** Tells whether anything met a setting of an account, or of the world (`null`). */
  readonly isMet: (account: string | null, item: Item) => boolean
  /** Whether the world's clock was set since it started: every world has a clock, and that is not one which somebody waits for. */
  readonly isWorldClockSet: () => boolean
  /** Begins anew with settings of an account, or of the world (`null`), that have been set or removed. */
  readonly begin: (account: string | null, items: Iterable<Item>) => void
  /** Begins anew with the world's clock, which has been set, or is back where it started. */
  readonly beginWorldClock: (isSet: boolean) => void
  /**
   * Takes everything set by an account, or by all and the world (`null`), for met: it has come back, and its past is not known. Forgets an
   * account that has gone again.
   */
  readonly takeForMet: (account: string | null) => void
  /** Takes choices of an account, or of the world (`null`), for met, whatever becomes of it: who is to meet them has not made them. */
  readonly exempt: (account: string | null, names: readonly string[]) => void
  /** Lists the accounts of which something is noted, some of them twice. */
  readonly accounts: () => Iterable<string>
  /** Forgets an account, or everything. */
  readonly forget: (account: string) => void
  readonly forgetAll: () => void
}

const ALL: readonly Item[] = [...ASSUMPTION_NAMES, 'clock']

/** Notes uses in memory, so that none is known from before the start. */
export function createUsage ({ accounts, projects, world }: Pick<Store, 'accounts' | 'projects' | 'world'>): Usage {
  /** What each account met (`null`: requests without one), whoever has set it: a second time, there is nothing to note. */
  const seen = new Map<string | null, Set<Item>>()
  /** What was met of each account's settings, and of the world's (`null`). */
  const met = new Map<string | null, Set<Item>>()
  const exempt = new Map<string | null, readonly string[]>()
  let isWorldClockSet = false

  function meet (name: string | null, item: Item, account = name === null ? undefined : accounts.findByName(name)): void {
    // It has been removed meanwhile.
    if (name !== null && account === undefined) return
    const isOwn = item === 'clock' ? (account?.clock ?? null) !== null : account?.settings.assumptions?.[item] !== undefined
    setOf(seen, name).add(item)
    setOf(met, isOwn ? name : null).add(item)
  }

  return {
    note ({ account, assumptions }) {
      const known = seen.get(account)
      if (known?.has('clock') !== true) meet(account, 'clock')
      for (const name of assumptions) if (known?.has(name) !== true) meet(account, name)
    },
    noteEvents (name, events) {
      const account = accounts.findByName(name)
      if (account === undefined) return
      meet(name, 'clock', account)
      // What an event relied on is kept with its project; that is looked up only where a choice may wait for it.
      if ((account.settings.assumptions ?? world.find()!.settings.assumptions) === undefined) return
      const standings = [...new Set(events.map(({ projectId }) => projectId))].map(projectId => projects.findStanding(account.accountId, projectId))
      const names = restingOn(...standings.flatMap(found => found === undefined ? [] : [found.statusRestsOn, ...found.subscriptions.map(({ restsOn }) => restsOn)]))
      for (const item of names ?? []) meet(name, item, account)
    },
    isMet: (account, item) => met.get(account)?.has(item) === true || exempt.get(account)?.includes(item) === true,
    isWorldClockSet: () => isWorldClockSet,
    begin (account, items) {
      for (const item of items) {
        met.get(account)?.delete(item)
        // Whichever account comes first may meet what is the world's.
        if (account === null) for (const each of seen.values()) each.delete(item)
        else seen.get(account)?.delete(item)
      }
    },
    beginWorldClock (isSet) {
      isWorldClockSet = isSet
      this.begin(null, ['clock'])
    },
    takeForMet (account) {
      if (account === null) this.forgetAll()
      else this.forget(account)
      // Whoever has no settings has none that could be met.
      const names = account === null ? [null, ...accounts.listSet().map(({ name }) => name)] : accounts.findByName(account) === undefined ? [] : [account]
      for (const name of names) met.set(name, new Set(ALL))
    },
    exempt (account, names) {
      if (names.length > 0) exempt.set(account, names)
      else exempt.delete(account)
    },
    accounts: () => [...seen.keys(), ...met.keys()].filter(name => name !== null),
    forget (account) {
      seen.delete(account)
      met.delete(account)
    },
    forgetAll () {
      seen.clear()
      met.clear()
      isWorldClockSet = false
    }
  }
}

function setOf (sets: Map<string | null, Set<Item>>, key: string | null): Set<Item> {
  let found = sets.get(key)
  if (found === undefined) sets.set(key, found = new Set())
  return found
}
