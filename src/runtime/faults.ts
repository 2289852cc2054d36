import { type ArmedFault, delayOf, type Fault, fits, strikes, type Target } from '../domain/fault.js'

/** A fault that strikes a request. */
export interface Struck {
  readonly id: string
  readonly fault: Fault
  /** How many requests it had fitted before this one. */
  readonly matched: number
  /** The account whose request it strikes; `null` for nobody's. */
  readonly account: string | null
  /** How long the delay takes, in milliseconds. */
  readonly delayMs: number
}

export interface Armory {
  /** Gives the id of the fault. */
  readonly arm: (armed: ArmedFault) => string
  readonly find: (id: string) => ArmedFault | undefined
  /** In the order in which they were set, each with its id. */
  readonly list: () => Array<{ readonly id: string, readonly armed: ArmedFault }>
  readonly remove: (id: string) => boolean
  /** Removes an account's faults, or all of them. */
  readonly removeAll: (account?: string) => void
  /** The first fault that strikes this request, and counts that it did. */
  readonly strike: (target: Target) => Struck | null
  readonly isEmpty: () => boolean
}

/** Keeps the faults that are set and how far each has come. One whose time is over is gone. */
export function createArmory (machineTime: () => number): Armory {
  const faults = new Map<string, ArmedFault>()
  let made = 0

  return {
    arm (armed) {
      const id = `fault-${++made}`
      faults.set(id, armed)
      return id
    },
    find (id) {
      dropExpired()
      return faults.get(id)
    },
    list () {
      dropExpired()
      return [...faults].map(([id, armed]) => ({ id, armed }))
    },
    remove: id => faults.delete(id),
    removeAll (account) {
      for (const [id, { fault }] of faults) if (account === undefined || fault.account === account) faults.delete(id)
    },
    strike (target) {
      dropExpired()
      for (const [id, armed] of faults) {
        if (!fits(armed.fault, target)) continue
        const hit = strikes(armed.fault, armed)
        faults.set(id, { ...armed, matched: armed.matched + 1, struck: armed.struck + (hit ? 1 : 0) })
        if (hit) return { id, fault: armed.fault, matched: armed.matched, account: target.account, delayMs: delayOf(armed.fault, armed.matched) }
      }
      return null
    },
    isEmpty: () => faults.size === 0
  }

  function dropExpired (): void {
    for (const [id, { expiresAt }] of faults) if (expiresAt !== null && expiresAt <= machineTime()) faults.delete(id)
  }
}
