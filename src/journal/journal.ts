import type { Entry, Recorded } from './record.js'

export interface JournalLimits {
  readonly entries: number
  readonly bytes: number
}

export interface Journal {
  /** Gives what was made of it, which is in the journal unless it is too large for it. */
  readonly add: (recorded: Recorded) => Entry
  /** Oldest first; all of them, or an account's. */
  readonly list: (account?: string) => Iterable<Entry>
  readonly find: (id: string) => Entry | undefined
  /** Gives how many there were. */
  readonly removeAll: (entries: Iterable<Entry>) => number
  /** Calls back for every entry from now on, until the function that it gives is called. */
  readonly listen: (listener: (entry: Entry) => void) => () => void
  readonly size: () => JournalLimits
}

/** What is kept of one account. */
interface AccountEntries {
  readonly entries: Set<Entry>
  /** By the body: a token in it names the account, but not in one that was saved without its secrets. */
  readonly charged: Map<string, Entry>
}

/** What an entry costs beside its texts: the objects around them, roughly. */
const OVERHEAD = 1024

/** How many entries that are gone may still be in the order of arrival before it is made anew. */
const SLACK = 1024

/** What was asked and answered, in memory: the oldest entries go when there are too many, or when they are too large together. */
export function createJournal (limits: JournalLimits): Journal {
  const entries = new Map<string, Entry>()
  // In the order of arrival, for dropping the oldest: a Map from which the first were deleted is slow to find its first.
  // Only their ids: what is gone must not be held by it.
  let arrivals: string[] = []
  let oldest = 0
  const byAccount = new Map<string, AccountEntries>()
  const listeners = new Set<(entry: Entry) => void>()
  let bytes = 0
  let added = 0

  return {
    add (recorded) {
      const { account, body } = recorded
      const before = account === null ? undefined : byAccount.get(account)?.charged.get(body)
      const retryOf = before !== undefined && before.url === recorded.url ? before.id : null
      // Not a spread: a copy of so many properties is a slow object, and cost more than all the rest of the request's bookkeeping.
      const entry: Entry = Object.assign(recorded, { serial: ++added, retryOf, bytes: sizeOf(recorded) })
      if (limits.entries === 0 && listeners.size === 0) return entry
      entries.set(entry.id, entry)
      arrivals.push(entry.id)
      if (account !== null) {
        const { entries, charged } = keptOf(account)
        entries.add(entry)
        if (entry.charged) charged.set(body, entry)
      }
      bytes += entry.bytes
      while (entries.size > limits.entries || bytes > limits.bytes) removeOldest()
      if (arrivals.length > 2 * entries.size + SLACK) [arrivals, oldest] = [[...entries.keys()], 0]
      for (const listener of listeners) listener(entry)
      return entry
    },
    list: account => account === undefined ? entries.values() : byAccount.get(account)?.entries.values() ?? [],
    find: id => entries.get(id),
    removeAll (doomed) {
      const found = [...doomed]
      found.forEach(remove)
      return found.length
    },
    listen (listener) {
      listeners.add(listener)
      return () => { listeners.delete(listener) }
    },
    size: () => ({ entries: entries.size, bytes })
  }

  function keptOf (account: string): AccountEntries {
    const existing = byAccount.get(account)
    if (existing !== undefined) return existing
    const made: AccountEntries = { entries: new Set(), charged: new Map() }
    byAccount.set(account, made)
    return made
  }

  function removeOldest (): void {
    while (!entries.has(arrivals[oldest]!)) oldest++
    remove(entries.get(arrivals[oldest]!)!)
  }

  function remove (entry: Entry): void {
    const { id, account, body } = entry
    entries.delete(id)
    bytes -= entry.bytes
    if (account === null) return
    const kept = byAccount.get(account)!
    kept.entries.delete(entry)
    if (kept.charged.get(body) === entry) kept.charged.delete(body)
    if (kept.entries.size === 0) byAccount.delete(account)
  }
}

/** In memory a character takes up to two bytes. */
function sizeOf ({ url, headers, body, answer }: Recorded): number {
  return OVERHEAD + 2 * (url.length + headers.length + body.length + (answer?.body.length ?? 0))
}
