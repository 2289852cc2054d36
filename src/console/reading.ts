import type { AccountState, ClockState, FaultState } from '../contract/control.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import type { ScenarioPlan, ScenarioSettings } from '../contract/scenario.js'
import { call, problemOf } from './control.js'
import { stateNow, update, type Account } from './state.js'

// Each of these reads a part of the state from the control API. An answer that arrives after the connection was given up, as
// its signal tells, may be another emulator's and is dropped.

/** Reads everything. Accounts in which something may have changed, whether or not they look alike afterwards, become new objects: those of these names, or all. */
export async function readAll (signal: AbortSignal, changed: 'all' | readonly string[] = []): Promise<void> {
  const [settings, { accounts }, { plans }] = await Promise.all([
    call<ScenarioSettings>('GET', '/settings'),
    call<{ accounts: AccountState[] }>('GET', '/accounts'),
    call<{ plans: ScenarioPlan[] }>('GET', '/plans'),
    readClock(signal),
    readFaults(signal)
  ])
  if (signal.aborted) return
  const read = changed === 'all' ? accounts.map(account => ({ ...account, readAt: Date.now() })) : reuseUnchanged(accounts, changed)
  update({ settings, accounts: read, plans, isKnown: true })
}

/** Keeps the object of every account that has not changed, so that it is not rendered again. */
function reuseUnchanged (accounts: readonly AccountState[], changed: readonly string[]): readonly Account[] {
  const known = new Map(stateNow().accounts.map(account => [account.name, account]))
  return accounts.map(account => {
    const before = known.get(account.name)
    const isUnchanged = before !== undefined && !changed.includes(account.name) && JSON.stringify(before) === JSON.stringify({ ...account, readAt: before.readAt })
    return isUnchanged ? before : { ...account, readAt: Date.now() }
  })
}

/** It is not kept until all accounts have been read: meanwhile the clock may be moved, of which an event tells. */
async function readClock (signal: AbortSignal): Promise<void> {
  const clock = await call<ClockState>('GET', '/clock')
  if (!signal.aborted) update({ clock, readAt: Date.now() })
}

export async function readFaults (signal: AbortSignal): Promise<void> {
  const { faults } = await call<{ faults: FaultState[] }>('GET', '/faults')
  if (!signal.aborted) update({ faults })
}

export async function readAccount (name: string, signal: AbortSignal): Promise<void> {
  const found = await call<AccountState>('GET', `/accounts/${encodeURIComponent(name)}`).catch(error => {
    if (problemOf(error).status === 404) return null
    throw error
  })
  if (signal.aborted) return
  const { accounts } = stateNow()
  const read = found === null ? [] : [{ ...found, readAt: Date.now() }]
  const isNew = !accounts.some(account => account.name === name)
  update({ accounts: isNew ? [...accounts, ...read] : accounts.flatMap(account => account.name === name ? read : [account]) })
}

/** Reads the endpoints of the emulated API as they are served, and the names of the bundled scenarios. */
export async function readDescription (): Promise<void> {
  const { paths } = await call<{ paths: Record<string, { post?: { tags?: string[], summary?: string, 'x-provenance'?: string } }> }>('GET', '/openapi.json')
  const endpoints = Object.entries(paths)
    .filter(([, { post }]) => post?.tags?.includes('emulated API'))
    .map(([path, { post }]) => ({ path, name: post!.summary!.replace('Emulated: ', ''), known: post!['x-provenance']! }))
  const { scenarios } = await call<{ scenarios: string[] }>('GET', '/scenarios')
  update({ endpoints, scenarios })
}

/** The number of requests kept here: as many as the journal holds by default. */
const MAX_REQUESTS = 10_000

/** The number of requests that the control API gives at once. */
const MAX_PAGE = 1000

/** Counts up whenever the journal is cleared, or begins to be read: pages of it that are still being read are dropped then. */
let turns = 0

/** What the journal is replaced with once it has been read again to its end; `null` while it is not read again. */
let again: { readonly arrived: readonly JournalEntry[], readonly read: readonly JournalEntry[] } | null = null

/** The accounts whose requests were dropped while the journal is read, which a page under way may still have. */
let dropped: readonly string[] = []

export function clearJournal (): void {
  turns++
  ended.clear()
  again = null
  update({ requests: [], isJournalRead: false })
}

/**
 * Reads the whole journal, newest first, page by page. One that has been read before, and was not cleared, is shown until all of it has been
 * read again: somebody may be in the middle of it.
 */
export async function readJournal (signal: AbortSignal): Promise<void> {
  const isAgain = stateNow().isJournalRead
  // What an earlier attempt has read may be another emulator's.
  if (!isAgain) clearJournal()
  const turn = ++turns
  again = isAgain ? { arrived: [], read: [] } : null
  dropped = []
  let last: string | undefined
  for (let read = 0; read < MAX_REQUESTS; read += MAX_PAGE) {
    const before = last === undefined ? '' : `&before=${encodeURIComponent(last)}`
    const { length } = dropped
    const { requests } = await call<{ requests: JournalEntry[] }>('GET', `/requests?limit=${MAX_PAGE}${before}`)
    if (signal.aborted || turn !== turns) return
    last = requests[0]?.id
    // Those that came afterwards arrive by themselves.
    const late = new Set<string | null>(dropped.slice(length))
    const page = requests.reverse().filter(({ account }) => !late.has(account))
    if (again === null) update({ requests: joined(stateNow().requests, page).map(asEnded) })
    else again = { ...again, read: joined(again.read, page) }
    if (requests.length < MAX_PAGE) break
  }
  if (again !== null) update({ requests: joined(again.arrived, again.read).map(asEnded) })
  again = null
  ended.clear()
  update({ isJournalRead: true })
}

/** Requests that have ended, by their ids: a page of the journal that is just being read may show them as they were before. */
const ended = new Map<string, JournalEntry>()

/** Notes that a request has ended; the next ones to be shown bring it along. */
export function noteEnd (entry: JournalEntry): void {
  ended.set(entry.id, entry)
}

/** Shows requests that have arrived, newest first, and those that have ended. */
export function showRequests (arrived: readonly JournalEntry[]): void {
  const { requests, isJournalRead } = stateNow()
  const shown = joined(arrived, requests)
  update({ requests: ended.size > 0 ? shown.map(asEnded) : shown })
  if (again !== null) again = { ...again, arrived: joined(arrived, again.arrived) }
  else if (isJournalRead) ended.clear()
}

/** Drops the requests of an account that was removed or reset. */
export function dropRequests (name: string): void {
  const others = (entries: readonly JournalEntry[]): readonly JournalEntry[] => entries.filter(({ account }) => account !== name)
  if (again !== null) again = { arrived: others(again.arrived), read: others(again.read) }
  if (again !== null || !stateNow().isJournalRead) dropped = [...dropped, name]
  update({ requests: others(stateNow().requests) })
}

function asEnded (entry: JournalEntry): JournalEntry {
  return ended.get(entry.id) ?? entry
}

/** Newer requests before older ones. A request that arrives while the journal is read is in both. */
function joined (newer: readonly JournalEntry[], older: readonly JournalEntry[]): readonly JournalEntry[] {
  const known = new Set(newer.map(({ id }) => id))
  return [...newer, ...older.filter(({ id }) => !known.has(id))].slice(0, MAX_REQUESTS)
}

/**
 * Drops requests that are no longer in the journal; no event tells that they were removed. If the journal has fewer than are
 * shown, either the oldest ones were removed, or it is read again.
 */
export async function checkJournal (signal: AbortSignal): Promise<void> {
  const before = turns
  // An ID that no request has comes before all others, so this is the oldest request.
  const { requests: [oldest], total } = await call<{ requests: JournalEntry[], total: number }>('GET', '/requests?limit=1&after=0-0')
  const { requests, isJournalRead } = stateNow()
  if (signal.aborted || turns !== before || !isJournalRead || total >= requests.length) return
  if (requests[total - 1]?.id === oldest?.id) return update({ requests: requests.slice(0, total) })
  await readJournal(signal)
}
