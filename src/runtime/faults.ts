import { delayOf, matches, MAX_FAULT_COUNT, triggers, type ActiveFault, type Fault, type Target } from '../domain/fault.js'

/** Fault that triggers on a request. */
export interface TriggeredFault {
  readonly id: string
  readonly fault: Fault
  /** Number of requests that it had matched before this one. */
  readonly matched: number
  /** Name of the account that sent the request; `null` if its token names none. */
  readonly account: string | null
  /** Length of the delay, in milliseconds; 0 for a kind without a delay. */
  readonly delayMs: number
}

/** Faults that are set, with the progress of each. */
export interface ActiveFaults {
  /** Adds a fault and returns its id. */
  readonly add: (active: ActiveFault) => string
  readonly find: (id: string) => ActiveFault | undefined
  /** Lists faults with their ids, in the order in which they were set. */
  readonly list: () => Array<{ readonly id: string, readonly active: ActiveFault }>
  readonly remove: (id: string) => boolean
  /** Removes an account's faults, or all of them. */
  readonly removeAll: (account?: string) => void
  /** Brings back an account's faults (`null`: all) as they were, under their ids. */
  readonly restore: (saved: ReturnType<ActiveFaults['list']>, account: string | null) => void
  /** Finds the first fault that triggers on a request of this moment, and counts every fault that matched it. */
  readonly trigger: (target: Target, now?: number) => TriggeredFault | null
  readonly isEmpty: () => boolean
}

/** Creates a list of faults in memory, which drops those whose `ttl` has passed. */
export function createActiveFaults (machineTime: () => number): ActiveFaults {
  const faults = new Map<string, ActiveFault>()
  let added = 0

  return {
    add (active) {
      const id = `fault-${++added}`
      faults.set(id, active)
      return id
    },
    find (id) {
      dropExpired()
      return faults.get(id)
    },
    list () {
      dropExpired()
      return [...faults].map(([id, active]) => ({ id, active }))
    },
    remove: id => faults.delete(id),
    removeAll (account) {
      for (const [id, { fault }] of faults) if (account === undefined || fault.account === account) faults.delete(id)
    },
    restore (saved, account) {
      const others = [...faults].filter(([, { fault }]) => account !== null && fault.account !== account)
      faults.clear()
      const restored = saved.map(({ id, active }) => [id, active] as const)
      for (const [id, active] of [...others, ...restored].sort(([a], [b]) => numberOf(a) - numberOf(b))) faults.set(id, active)
    },
    trigger (target, now) {
      dropExpired(now)
      for (const [id, active] of faults) {
        const met = meet(id, active, target)
        if (met === undefined) continue
        faults.set(id, met.active)
        if (met.triggered !== null) return met.triggered
      }
      return null
    },
    isEmpty: () => faults.size === 0
  }

  function dropExpired (now = machineTime()): void {
    for (const [id, { expiresAt }] of faults) if (expiresAt !== null && expiresAt <= now) faults.delete(id)
  }
}

/** Gives the number of bytes that the bodies of faults take at most. */
export function bytesOfBodies (faults: ReturnType<ActiveFaults['list']>): number {
  return faults.reduce((sum, { active }) => sum + bytesOfBody(active.fault), 0)
}

/** A string takes two bytes for each of its characters as soon as one of them is beyond Latin-1. */
export function bytesOfBody ({ body }: Pick<Fault, 'body'>): number {
  return 2 * body.length
}

/** Counts a request that a fault matches, and tells whether the fault triggers on it; `undefined` if it does not match. */
export function meet (
  id: string, active: ActiveFault, target: Target
): { readonly active: ActiveFault, readonly triggered: TriggeredFault | null } | undefined {
  const { fault, matched, triggered } = active
  if (!matches(fault, target)) return undefined
  const isTriggered = triggers(fault, active)
  return {
    active: { ...active, matched: oneMore(matched), triggered: isTriggered ? oneMore(triggered) : triggered },
    triggered: isTriggered ? { id, fault, matched, account: target.account, delayMs: delayOf(fault, matched) } : null
  }
}

/** Ids are numbered in the order in which faults are set. */
function numberOf (id: string): number {
  return Number(id.slice('fault-'.length))
}

/** Counts one more, up to what a state may say: one whose counts are higher could not be loaded. */
function oneMore (count: number): number {
  return Math.min(count + 1, MAX_FAULT_COUNT)
}
