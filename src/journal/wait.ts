import { matches, matching, type Filter } from './filter.js'
import type { Journal } from './journal.js'
import type { Entry } from './record.js'

export interface WaitOptions {
  readonly filter: Filter
  /** How many matching requests are waited for; with 0, that none comes. */
  readonly count: number
  /** How long, in milliseconds. */
  readonly timeout: number
  /** The serial number of an entry; only those after it count. */
  readonly after: number
}

export interface WaitResult {
  /** What was waited for has come; it has not within the time; or the waiting was broken off before either was certain. */
  readonly end: 'fulfilled' | 'unfulfilled' | 'aborted'
  readonly found: readonly Entry[]
}

/**
 * Waits until enough matching requests are in the journal, those that are there already included; or, for a count of
 * 0, that none is and none comes. `signal` breaks it off.
 */
export function waitFor (journal: Journal, { filter, count, timeout, after }: WaitOptions, signal: AbortSignal): Promise<WaitResult> {
  const found = matching(journal, filter, after)
  const isDecided = (): boolean => count === 0 ? found.length > 0 : found.length >= count
  const outcome = (): WaitResult => ({ end: isDecided() === (count > 0) ? 'fulfilled' : 'unfulfilled', found })
  if (isDecided() || timeout === 0) return Promise.resolve(outcome())

  return new Promise(resolve => {
    const end = (waited: WaitResult): void => {
      clearTimeout(timer)
      stopListening()
      signal.removeEventListener('abort', breakOff)
      resolve(waited)
    }
    const breakOff = (): void => end({ end: 'aborted', found })
    const timer = setTimeout(() => end(outcome()), timeout)
    const stopListening = journal.listen(entry => {
      if (!matches(entry, filter)) return
      found.push(entry)
      if (isDecided()) end(outcome())
    })
    signal.addEventListener('abort', breakOff)
  })
}
