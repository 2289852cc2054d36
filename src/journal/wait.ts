import { clearTimeout, setTimeout } from '../machine.js'
import { matches, matching, type Filter } from './filter.js'
import type { Journal } from './journal.js'
import type { Entry } from './record.js'

/** Condition to wait for. */
export interface WaitOptions {
  readonly filter: Filter
  /** Number of matching requests to wait for; with 0, none may arrive. */
  readonly count: number
  /** Maximum time to wait, in milliseconds. */
  readonly timeout: number
  /** Serial number of an entry; only later ones count. */
  readonly after: number
}

/** Outcome of a wait. */
export interface WaitResult {
  /** Whether the condition was met, was not met in time, or the wait was aborted before either was certain. */
  readonly end: 'fulfilled' | 'unfulfilled' | 'aborted'
  readonly found: readonly Entry[]
}

/**
 * Waits until enough matching requests are in the journal, including those already there; or, with a count of 0, waits for the
 * whole time to see that there are none. `signal` aborts the wait.
 */
export function waitFor (journal: Journal, { filter, count, timeout, after }: WaitOptions, signal: AbortSignal): Promise<WaitResult> {
  const found = matching(journal, filter, after)
  const isDecided = (): boolean => count === 0 ? found.length > 0 : found.length >= count
  const outcome = (): WaitResult => ({ end: isDecided() === (count > 0) ? 'fulfilled' : 'unfulfilled', found })
  if (isDecided() || timeout === 0) return Promise.resolve(outcome())

  return new Promise(resolve => {
    const end = (result: WaitResult): void => {
      clearTimeout(timer)
      stopListening()
      signal.removeEventListener('abort', abort)
      resolve(result)
    }
    const abort = (): void => end({ end: 'aborted', found })
    const timer = setTimeout(() => end(outcome()), timeout)
    const stopListening = journal.listen(entry => {
      if (!matches(entry, filter)) return
      found.push(entry)
      if (isDecided()) end(outcome())
    })
    signal.addEventListener('abort', abort)
  })
}
