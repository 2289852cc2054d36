import { clearTimeout, setTimeout } from '../machine.js'
import { matches, matching, type Filter } from './filter.js'
import type { Journal } from './journal.js'
import type { Entry } from './record.js'
import type { IsWanted } from '../time-slices.js'

/** Condition to wait for. */
export interface WaitOptions {
  readonly filter: Filter
  /** Number of requests to wait for that match, if only for a time; with 0, there must be none. */
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
export async function waitFor (
  journal: Journal, { filter, count, timeout, after }: WaitOptions, signal: AbortSignal, isWanted?: IsWanted
): Promise<WaitResult> {
  let end!: () => void
  const ended = new Promise<void>(resolve => { end = resolve })
  const timer = setTimeout(end, timeout)
  signal.addEventListener('abort', end)
  // Looking back may take a while, and what arrives meanwhile counts as well. Each new request is looked at when it arrives, and again
  // when its state changes: that slows down a client that sends too many, where keeping them for later would fill the memory.
  const found = new Set<Entry>()
  let hasLookedBack = false
  const isDecided = (): boolean => hasLookedBack && found.size >= Math.max(count, 1)
  const stopListening = journal.listen(entry => {
    if (entry.serial <= after || found.has(entry) || !matches(journal, entry, filter)) return
    found.add(entry)
    if (isDecided()) end()
  })
  const result = (end: WaitResult['end']): WaitResult => ({ end, found: [...found].sort((a, b) => a.serial - b.serial) })
  try {
    for (const entry of await matching(journal, filter, after, isWanted)) found.add(entry)
    hasLookedBack = true
    if (!isDecided() && timeout > 0 && !signal.aborted) await ended
    if (signal.aborted && !isDecided()) return result('aborted')
    return result(isDecided() === (count > 0) ? 'fulfilled' : 'unfulfilled')
  } finally {
    clearTimeout(timer)
    stopListening()
    signal.removeEventListener('abort', end)
  }
}
