import type { RequestState } from '../contract/journal-entry.js'
import { sharedText } from '../last-of.js'
import { createDerived, type Derived } from './derived.js'
import { knownSecrets, type ReadTokens } from './known-secrets.js'
import { isUnreadable, type Entry, type Recorded } from './record.js'
import { hideSecrets, hideSecretsFrom, redactText } from './redact.js'

/** Size of a journal, or its limits. */
export interface JournalLimits {
  readonly entries: number
  readonly bytes: number
}

/** Requests and their answers, kept in memory. */
export interface Journal {
  /** Adds an entry and returns it, even if it is too large for the journal to keep. Such an entry displaces no other. */
  readonly add: (recorded: Recorded) => Entry
  /** Whether listeners still hear of an entry: as long as it is kept, and in a journal without room for any, always. */
  readonly isFollowed: (entry: Entry) => boolean
  /**
   * Gives an entry that is under way its final state, and the time that it took. Returns `false` for one that has been removed, which
   * nobody is to hear of any more.
   */
  readonly settle: (entry: Entry, state: RequestState, durationMs: number) => boolean
  /** Lists all entries or an account's, oldest first. */
  readonly list: (account?: string) => Iterable<Entry>
  readonly find: (id: string) => Entry | undefined
  /** Gives an entry as JSON text, without its secrets. Once the entry no longer changes, it is made when first asked for, and kept. */
  readonly textOf: (entry: Entry) => string
  /** What is made of the entry that was last looked at. */
  readonly derived: Derived
  /** Removes entries, and returns how many of them were still there. */
  readonly removeAll: (entries: Iterable<Entry>) => number
  /** Puts entries back in their places. Listeners are not told of them again. */
  readonly restore: (removed: Iterable<Entry>) => void
  /** Calls back for every new entry, and again when its state changes, until the returned function is called. */
  readonly listen: (listener: (entry: Entry) => void) => () => void
  readonly size: () => JournalLimits
  /** Removes secrets from a text that belongs to no entry. */
  readonly redact: (text: string) => string
  /** Removes only the tokens not to be shown from a text, and its middle where it is longer than `most`. */
  readonly hideTokens: (text: string, most?: number) => string
  /** Removes them from what a text has from `from` on; a token may begin before that. */
  readonly hideTokensFrom: (text: string, from: number) => string
  /** Lists these tokens, for what hides them in another way. */
  readonly tokens: () => Iterable<string>
}

/** Entries of one account. */
interface AccountEntries {
  readonly entries: Set<Entry>
  /** Last charged request by its body. (Bodies from a saved world lack their secrets, so a token does not tell accounts apart.) */
  readonly charged: Map<string, Entry>
}

/** Approximate cost of an entry in bytes, besides its texts. */
const OVERHEAD = 1024

/** Approximate length of an entry's JSON text, besides what it repeats of the entry's texts. */
const JSON_OVERHEAD = 1024

/** Share of the journal's limits that unreadable requests may take, and the maximum number of them: garbage must not displace requests. */
const UNREADABLE_SHARE = 0.1
const MAX_UNREADABLE = 100

/** Maximum size of a line in the books, as an object and as JSON. */
const LINE = 512

/** Approximate size of a removed token in bytes, and the number of them that are looked for however small the journal is. */
const REMOVED_TOKEN = 1024
const MIN_REMOVED = 1000

/** Number of removed entries that the order of arrival may still list before it is rebuilt. */
const SLACK = 1024

const NO_TOKENS: ReadTokens = () => ({ isAll: false, tokens: [] })

/** Creates a journal, which drops the oldest entries when it exceeds a limit. `readTokens` reads the tokens not to be shown. */
export function createJournal (limits: JournalLimits, readTokens = NO_TOKENS): Journal {
  const entries = new Map<string, Entry>()
  const jsonTexts = new Map<Entry, string>()
  const derived = createDerived()
  // Order of arrival, for dropping the oldest: a Map whose first entries were deleted is slow to find its first one. It holds
  // only ids, so that it does not keep removed entries in memory.
  let arrivals: string[] = []
  let oldest = 0
  const byAccount = new Map<string, AccountEntries>()
  const listeners = new Set<(entry: Entry) => void>()
  const unreadable = new Set<Entry>()
  let bytesUnreadable = 0
  let bytes = 0
  let added = 0
  const known = knownSecrets(readTokens, () => added, limits.entries, Math.max(MIN_REMOVED, Math.floor(limits.bytes / REMOVED_TOKEN)))
  // Most clients send the same ones every time.
  const headersOf = sharedText()

  return {
    add (recorded) {
      const { account, body } = recorded
      const charged = account === null ? undefined : byAccount.get(account)?.charged.get(body)
      const retryOf = charged !== undefined && charged.url === recorded.url ? charged.id : null
      const entry = entryFrom(recorded, headersOf(recorded.headers), ++added, retryOf, known)
      if (limits.entries === 0 && listeners.size === 0) return entry
      if (entry.bytes <= limits.bytes) keep(entry)
      keepWithinLimits()
      if (arrivals.length > 2 * entries.size + SLACK) [arrivals, oldest] = [[...entries.keys()], 0]
      tell(entry)
      return entry
    },
    isFollowed,
    settle (entry, state, durationMs) {
      entry.state = state
      entry.durationMs = durationMs
      if (!isFollowed(entry)) return false
      tell(entry)
      return true
    },
    list: account => account === undefined ? entries.values() : byAccount.get(account)?.entries.values() ?? [],
    find: id => entries.get(id),
    textOf (entry) {
      if (entry.state === 'under-way') return derived.textUnderWayOf(entry)
      const kept = jsonTexts.get(entry)
      if (kept !== undefined) return kept
      // That of the last one also where it is too large to keep.
      const text = derived.textOf(entry)
      if (isKept(entry) && sizeOfText(text) <= roomForText(entry)) jsonTexts.set(entry, text)
      return text
    },
    derived,
    removeAll (selected) {
      // Chosen a while ago: since then they may have been dropped, and their ids given to others by a loaded world.
      const removed = [...selected].filter(isKept)
      removed.forEach(remove)
      return removed.length
    },
    restore (removed) {
      const present = [...entries.values()]
      present.forEach(remove)
      const all = new Map([...present, ...removed].map(entry => [entry.id, entry]))
      arrivals = []
      oldest = 0
      for (const entry of [...all.values()].sort((a, b) => a.serial - b.serial)) keep(entry)
      keepWithinLimits()
    },
    listen (listener) {
      listeners.add(listener)
      return () => { listeners.delete(listener) }
    },
    size: () => ({ entries: entries.size, bytes }),
    redact: text => redactText(text, [known()]),
    hideTokens: (text, most) => hideSecrets(text, known(), most),
    hideTokensFrom: (text, from) => hideSecretsFrom(text, known(), from),
    tokens: () => known().values()
  }

  function tell (entry: Entry): void {
    for (const listener of listeners) listener(entry)
  }

  function isKept (entry: Entry): boolean {
    return entries.get(entry.id) === entry
  }

  /** A journal without room holds no entry that could have been removed. */
  function isFollowed (entry: Entry): boolean {
    return isKept(entry) || limits.entries === 0
  }

  function keep (entry: Entry): void {
    const { id, account, body } = entry
    entries.set(id, entry)
    arrivals.push(id)
    if (isUnreadable(entry)) {
      unreadable.add(entry)
      bytesUnreadable += entry.bytes
    }
    if (account !== null) {
      const ofAccount = entriesOf(account)
      ofAccount.entries.add(entry)
      if (entry.charged) ofAccount.charged.set(body, entry)
    }
    bytes += entry.bytes
  }

  function entriesOf (account: string): AccountEntries {
    const existing = byAccount.get(account)
    if (existing !== undefined) return existing
    const created: AccountEntries = { entries: new Set(), charged: new Map() }
    byAccount.set(account, created)
    return created
  }

  function keepWithinLimits (): void {
    const most = Math.min(Math.ceil(limits.entries * UNREADABLE_SHARE), MAX_UNREADABLE)
    for (const entry of unreadable) {
      if (unreadable.size <= most && bytesUnreadable <= limits.bytes * UNREADABLE_SHARE) break
      remove(entry)
    }
    while (entries.size > limits.entries || bytes > limits.bytes) removeOldest()
  }

  function removeOldest (): void {
    let entry: Entry | undefined
    // What was removed since has left its id behind.
    while ((entry = entries.get(arrivals[oldest]!)) === undefined) oldest++
    remove(entry)
  }

  function remove (entry: Entry): void {
    const { id, account, body } = entry
    entries.delete(id)
    jsonTexts.delete(entry)
    bytes -= entry.bytes
    if (unreadable.delete(entry)) bytesUnreadable -= entry.bytes
    if (account === null) return
    const ofAccount = byAccount.get(account)!
    ofAccount.entries.delete(entry)
    if (entry.charged && ofAccount.charged.get(body) === entry) ofAccount.charged.delete(body)
    if (ofAccount.entries.size === 0) byAccount.delete(account)
  }
}

/**
 * Makes an entry of what was recorded. The object stays the same: V8 makes a copy with that many properties a slow object, which cost more
 * than the rest of the bookkeeping, and `Object.assign` takes twice as long.
 */
function entryFrom (recorded: Recorded, headers: string, serial: number, retryOf: string | null, known: Entry['known']): Entry {
  const entry = recorded as { -readonly [Key in keyof Entry]: Entry[Key] }
  entry.headers = headers
  entry.serial = serial
  entry.retryOf = retryOf
  entry.bytes = sizeOf(recorded)
  entry.known = known
  return entry
}

/** Estimates the size of an entry in memory, where a character takes up to two bytes, with room for its JSON text. */
function sizeOf (recorded: Recorded): number {
  return OVERHEAD + 2 * lengthOf(recorded) + LINE * linesOf(recorded) + roomForText(recorded)
}

/**
 * Gives the room for an entry's JSON text, which is reserved from the start: a look at the journal must not push entries out of it. A body is in
 * it as its value and as its text, whose quotes are escaped.
 */
function roomForText (recorded: Recorded): number {
  return JSON_OVERHEAD + Math.ceil(2.5 * lengthOf(recorded)) + LINE * linesOf(recorded)
}

/** Counts the lines that a request has in the books. */
function linesOf ({ booked }: Recorded): number {
  return booked === null ? 0 : booked.entries.length + booked.subscriptions.length + booked.due.length
}

function lengthOf ({ url, headers, body, answer }: Recorded): number {
  return url.length + headers.length + body.length + (answer?.body.length ?? 0)
}

/** Gives the size of a text in memory: V8 takes one byte for each character as long as that is enough for all of them. */
function sizeOfText (text: string): number {
  return /[\u0100-\uffff]/.test(text) ? 2 * text.length : text.length
}
