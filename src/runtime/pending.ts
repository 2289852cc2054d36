import { setMaxListeners } from 'node:events'
import { AbortController } from '../machine.js'

/**
 * Aborts pending work: delays, hanging answers, waiting clients. A reset begins a new generation, so that no request from before can
 * affect the next test. The stop does not: whatever waits for nothing is still answered.
 */
export interface Pending {
  /** Returns the signal of this generation, aborted when the next one begins. */
  readonly generation: () => AbortSignal
  /** Returns the signal of an account (`null` for none), aborted with its generation, at the stop, and when the account is reset or removed. */
  readonly signalFor: (account: string | null) => AbortSignal
  /** Lists the accounts that have had pending work. */
  readonly accounts: () => Iterable<string>
  /** Aborts the pending work of an account; or all work, which begins a new generation. */
  readonly abort: (account?: string) => void
  /** Aborts all pending work within this generation. */
  readonly stop: () => void
}

export function createPending (): Pending {
  let generation = abortController()
  // Of all that belongs to no account.
  let world = abortController()
  // Created when an account first has pending work, removed when that is aborted.
  const accounts = new Map<string, AbortController>()

  return {
    generation: () => generation.signal,
    signalFor (account) {
      if (account === null) return world.signal
      let controller = accounts.get(account)
      if (controller === undefined) accounts.set(account, controller = abortController())
      return controller.signal
    },
    accounts: () => accounts.keys(),
    abort (account) {
      if (account === undefined) {
        const over = generation
        generation = abortController()
        abortEach([over, ...takeAll()])
      } else {
        const its = accounts.get(account)
        accounts.delete(account)
        its?.abort()
      }
    },
    stop () { abortEach(takeAll()) }
  }

  function takeAll (): AbortController[] {
    const all = [world, ...accounts.values()]
    world = abortController()
    accounts.clear()
    return all
  }
}

/** Comes last, because aborted work may request the next signal at once. */
function abortEach (controllers: readonly AbortController[]): void {
  for (const controller of controllers) controller.abort()
}

/** Creates a controller without a limit of listeners, since any amount of work may be pending. */
function abortController (): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}
