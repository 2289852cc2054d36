import type { Entry, Recorded } from './record.js'

/** Size of a journal, or its limits. */
export interface JournalLimits {
  readonly entries: number
  readonly bytes: number
}

/** Requests and their answers, kept in memory. */
export interface Journal {
  /** Adds an entry and returns it, even if it is too large for the journal to keep. */
  readonly add: (recorded: Recorded) => Entry
  /** Lists all entries or an account's, oldest first. */
  readonly list: (account?: string) => Iterable<Entry>
  readonly find: (id: string) => Entry | undefined
  /** Removes entries and returns their number. */
  readonly removeAll: (entries: Iterable<Entry>) => number
  /** Calls back for every new entry, until the returned function is called. */
  readonly listen: (listener: (entry: Entry) => void) => () => void
  readonly size: () => JournalLimits
}

/** Entries of one account. */
interface AccountEntries {
  readonly entries: Set<Entry>
  /** Last charged request by its body. (Bodies from a saved world lack their secrets, so a token does not tell accounts apart.) */
  readonly charged: Map<string, Entry>
}

/** Approximate cost of an entry in bytes, besides its texts. */
const OVERHEAD = 1024

/** Number of removed entries that the order of arrival may still list before it is rebuilt. */
const SLACK = 1024

/** Creates a journal, which drops the oldest entries when it exceeds a limit. */
export function createJournal (limits: JournalLimits): Journal {
  const entries = new Map<string, Entry>()
  // Order of arrival, for dropping the oldest: a Map whose first entries were deleted is slow to find its first one. It holds
  // only ids, so that it does not keep removed entries in memory.
  let arrivals: string[] = []
  let oldest = 0
  const byAccount = new Map<string, AccountEntries>()
  const listeners = new Set<(entry: Entry) => void>()
  let bytes = 0
  let added = 0

  return {
    add (recorded) {
      const { account, body } = recorded
      const charged = account === null ? undefined : byAccount.get(account)?.charged.get(body)
      const retryOf = charged !== undefined && charged.url === recorded.url ? charged.id : null
      // Not a spread: V8 makes a copy with that many properties a slow object, which cost more than the rest of the bookkeeping.
      const entry: Entry = Object.assign(recorded, { serial: ++added, retryOf, bytes: sizeOf(recorded) })
      if (limits.entries === 0 && listeners.size === 0) return entry
      entries.set(entry.id, entry)
      arrivals.push(entry.id)
      if (account !== null) {
        const ofAccount = entriesOf(account)
        ofAccount.entries.add(entry)
        if (entry.charged) ofAccount.charged.set(body, entry)
      }
      bytes += entry.bytes
      while (entries.size > limits.entries || bytes > limits.bytes) removeOldest()
      if (arrivals.length > 2 * entries.size + SLACK) [arrivals, oldest] = [[...entries.keys()], 0]
      for (const listener of listeners) listener(entry)
      return entry
    },
    list: account => account === undefined ? entries.values() : byAccount.get(account)?.entries.values() ?? [],
    find: id => entries.get(id),
    removeAll (selected) {
      const removed = [...selected]
      removed.forEach(remove)
      return removed.length
    },
    listen (listener) {
      listeners.add(listener)
      return () => { listeners.delete(listener) }
    },
    size: () => ({ entries: entries.size, bytes })
  }

  function entriesOf (account: string): AccountEntries {
    const existing = byAccount.get(account)
    if (existing !== undefined) return existing
    const created: AccountEntries = { entries: new Set(), charged: new Map() }
    byAccount.set(account, created)
    return created
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
    const ofAccount = byAccount.get(account)!
    ofAccount.entries.delete(entry)
    if (ofAccount.charged.get(body) === entry) ofAccount.charged.delete(body)
    if (ofAccount.entries.size === 0) byAccount.delete(account)
  }
}

/** Estimates the size of an entry in memory, where a character takes up to two bytes. */
function sizeOf ({ url, headers, body, answer }: Recorded): number {
  return OVERHEAD + 2 * (url.length + headers.length + body.length + (answer?.body.length ?? 0))
}
