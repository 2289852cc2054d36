import { setMaxListeners } from 'node:events'
import { AbortController } from '../machine.js'

/**
 * Aborts pending work: delays, hanging answers, waiting clients. A reset or the stop begins a new generation, so that no request
 * from before can affect the next test.
 */
export interface Pending {
  /** Returns the signal of this generation, aborted when the next one begins. */
  readonly generation: () => AbortSignal
  /** Returns the signal of an account (`null` for none), aborted with its generation and when the account is reset or removed. */
  readonly signalFor: (account: string | null) => AbortSignal
  /** Aborts the pending work of an account; or all work, which begins a new generation. */
  readonly abort: (account?: string) => void
}

export function createPending (): Pending {
  let generation = abortController()
  // Created when an account first has pending work, removed when that is aborted.
  const accounts = new Map<string, AbortController>()

  return {
    generation: () => generation.signal,
    signalFor (account) {
      if (account === null) return generation.signal
      let controller = accounts.get(account)
      if (controller === undefined) accounts.set(account, controller = abortController())
      return controller.signal
    },
    abort (account) {
      const aborted = account === undefined ? [generation, ...accounts.values()] : [accounts.get(account)]
      if (account === undefined) {
        generation = abortController()
        accounts.clear()
      } else {
        accounts.delete(account)
      }
      // Last, because aborted work may request the next signal at once.
      for (const controller of aborted) controller?.abort()
    }
  }
}

/** Creates a controller without a limit of listeners, since any amount of work may be pending. */
function abortController (): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}
