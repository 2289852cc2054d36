import { delayOf, matches, triggers, type ActiveFault, type Fault, type Target } from '../domain/fault.js'

/** A fault that triggers on a request. */
export interface TriggeredFault {
  readonly id: string
  readonly fault: Fault
  /** How many requests it had matched before this one. */
  readonly matched: number
  /** The account that sent the request; `null` if its token names none. */
  readonly account: string | null
  /** The length of the delay, in milliseconds; 0 for a kind that has none. */
  readonly delayMs: number
}

/** The faults that are set, and how far each has come. */
export interface ActiveFaults {
  /** Returns the id of the fault. */
  readonly add: (active: ActiveFault) => string
  readonly find: (id: string) => ActiveFault | undefined
  /** In the order in which they were set, each with its id. */
  readonly list: () => Array<{ readonly id: string, readonly active: ActiveFault }>
  readonly remove: (id: string) => boolean
  /** Removes an account's faults, or all of them. */
  readonly removeAll: (account?: string) => void
  /** Finds the first fault that triggers on this request, and counts every fault that matched it. */
  readonly trigger: (target: Target) => TriggeredFault | null
  readonly isEmpty: () => boolean
}

/** Keeps faults in memory. A fault whose `ttl` is over is gone. */
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
    trigger (target) {
      dropExpired()
      for (const [id, active] of faults) {
        const { fault, matched, triggered } = active
        if (!matches(fault, target)) continue
        const isTriggered = triggers(fault, active)
        faults.set(id, { ...active, matched: matched + 1, triggered: triggered + (isTriggered ? 1 : 0) })
        if (isTriggered) return { id, fault, matched, account: target.account, delayMs: delayOf(fault, matched) }
      }
      return null
    },
    isEmpty: () => faults.size === 0
  }

  function dropExpired (): void {
    for (const [id, { expiresAt }] of faults) if (expiresAt !== null && expiresAt <= machineTime()) faults.delete(id)
  }
}
