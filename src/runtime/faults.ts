import { delayOf, fits, triggers, type ActiveFault, type Fault, type Target } from '../domain/fault.js'

/** A fault that strikes a request. */
export interface TriggeredFault {
  readonly id: string
  readonly fault: Fault
  /** How many requests it had fitted before this one. */
  readonly matched: number
  /** The account whose request it strikes; `null` for nobody's. */
  readonly account: string | null
  /** How long the delay takes, in milliseconds. */
  readonly delayMs: number
}

export interface ActiveFaults {
  /** Gives the id of the fault. */
  readonly add: (active: ActiveFault) => string
  readonly find: (id: string) => ActiveFault | undefined
  /** In the order in which they were set, each with its id. */
  readonly list: () => Array<{ readonly id: string, readonly active: ActiveFault }>
  readonly remove: (id: string) => boolean
  /** Removes an account's faults, or all of them. */
  readonly removeAll: (account?: string) => void
  /** The first fault that strikes this request, and counts that it did. */
  readonly trigger: (target: Target) => TriggeredFault | null
  readonly isEmpty: () => boolean
}

/** Keeps the faults that are set and how far each has come. One whose time is over is gone. */
export function createActiveFaults (machineTime: () => number): ActiveFaults {
  const faults = new Map<string, ActiveFault>()
  let made = 0

  return {
    add (active) {
      const id = `fault-${++made}`
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
        if (!fits(active.fault, target)) continue
        const hit = triggers(active.fault, active)
        faults.set(id, { ...active, matched: active.matched + 1, triggered: active.triggered + (hit ? 1 : 0) })
        if (hit) return { id, fault: active.fault, matched: active.matched, account: target.account, delayMs: delayOf(active.fault, active.matched) }
      }
      return null
    },
    isEmpty: () => faults.size === 0
  }

  function dropExpired (): void {
    for (const [id, { expiresAt }] of faults) if (expiresAt !== null && expiresAt <= machineTime()) faults.delete(id)
  }
}
