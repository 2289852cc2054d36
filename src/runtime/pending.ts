import { setMaxListeners } from 'node:events'

/**
 * Aborts what is pending: delays, answers that never come, clients that wait. A reset or the stop begins a new generation,
 * and nothing that came in before it may reach the next test.
 */
export interface Pending {
  /** The signal of this generation, aborted when the next one begins. */
  readonly generation: () => AbortSignal
  /** Aborted with its generation, and when the account (`null` for none) is reset or removed. */
  readonly signalFor: (account: string | null) => AbortSignal
  /** Aborts what an account has pending; or everything, and a new generation begins. */
  readonly abort: (account?: string) => void
}

export function createPending (): Pending {
  let generation = abortController()
  // Made when an account has something pending for the first time, gone when it is aborted.
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
      // Last: who is aborted may ask for the next signal at once.
      for (const controller of aborted) controller?.abort()
    }
  }
}

/** Any number of things may be pending at a time. */
function abortController (): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}
