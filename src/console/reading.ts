import type { AccountState, ClockState, FaultState } from '../contract/control.js'
import type { JournalEntry } from '../contract/journal-entry.js'
import type { ScenarioPlan, ScenarioSettings } from '../contract/scenario.js'
import { call, type ControlError } from './control.js'
import { update, worldNow, type Account } from './state.js'

// All of these read a part of the world through the control API. What comes after the connection has been given up, as its
// signal says, is of another world and dropped.

export async function readAll (signal: AbortSignal): Promise<void> {
  const [clock, settings, { accounts }, { plans }] = await Promise.all([
    call<ClockState>('GET', '/clock'),
    call<ScenarioSettings>('GET', '/settings'),
    call<{ accounts: AccountState[] }>('GET', '/accounts'),
    call<{ plans: ScenarioPlan[] }>('GET', '/plans'),
    readFaults(signal)
  ])
  if (!signal.aborted) update({ clock, readAt: Date.now(), settings, accounts: sameWhereEqual(accounts), plans, isKnown: true })
}

/** An account that is as it was stays the same object, so that it need not be drawn again. */
function sameWhereEqual (accounts: readonly AccountState[]): readonly Account[] {
  const known = new Map(worldNow().accounts.map(account => [account.name, account]))
  return accounts.map(account => {
    const before = known.get(account.name)
    return before !== undefined && JSON.stringify(before) === JSON.stringify({ ...account, readAt: before.readAt }) ? before : { ...account, readAt: Date.now() }
  })
}

export async function readFaults (signal: AbortSignal): Promise<void> {
  const { faults } = await call<{ faults: FaultState[] }>('GET', '/faults')
  if (!signal.aborted) update({ faults })
}

export async function readAccount (name: string, signal: AbortSignal): Promise<void> {
  const found = await call<AccountState>('GET', `/accounts/${encodeURIComponent(name)}`).catch(error => {
    if ((error as ControlError).status === 404) return null
    throw error
  })
  if (signal.aborted) return
  const { accounts } = worldNow()
  const read = found === null ? [] : [{ ...found, readAt: Date.now() }]
  const isNew = !accounts.some(account => account.name === name)
  update({ accounts: isNew ? [...accounts, ...read] : accounts.flatMap(account => account.name === name ? read : [account]) })
}

/** The emulated API's endpoints as they are served here, and the scenarios that come with the emulator. */
export async function readDescription (): Promise<void> {
  const { paths } = await call<{ paths: Record<string, { post?: { tags?: string[], summary?: string, 'x-provenance'?: string } }> }>('GET', '/openapi.json')
  const endpoints = Object.entries(paths)
    .filter(([, { post }]) => post?.tags?.includes('emulated API'))
    .map(([path, { post }]) => ({ path, name: post!.summary!.replace('Emulated: ', ''), known: post!['x-provenance']! }))
  const { scenarios } = await call<{ scenarios: string[] }>('GET', '/scenarios')
  update({ endpoints, scenarios })
}

/** As many requests as are kept here: as many as the journal holds by default. */
const MAX_REQUESTS = 10_000

/** As many as the control API gives at once. */
const PAGE = 1000

/** What is read of a journal that has been cleared since is dropped. */
let clearings = 0

export function clearJournal (): void {
  clearings++
  update({ requests: [], isJournalRead: false })
}

/** The whole journal, newest first, a page after the other. */
export async function readJournal (signal: AbortSignal): Promise<void> {
  const before = clearings
  let last: string | undefined
  for (let read = 0; read < MAX_REQUESTS; read += PAGE) {
    const { requests } = await call<{ requests: JournalEntry[] }>('GET', `/requests?limit=${PAGE}${last === undefined ? '' : `&before=${encodeURIComponent(last)}`}`)
    if (signal.aborted || clearings !== before) return
    last = requests[0]?.id
    update({ requests: joined(worldNow().requests, requests.reverse()) })
    if (requests.length < PAGE) break
  }
  update({ isJournalRead: true })
}

/** Newer requests before older ones; what comes in while the journal is read is among both. */
export function joined (newer: readonly JournalEntry[], older: readonly JournalEntry[]): readonly JournalEntry[] {
  const known = new Set(newer.map(({ id }) => id))
  return [...newer, ...older.filter(({ id }) => !known.has(id))].slice(0, MAX_REQUESTS)
}

/**
 * Nobody tells when requests are taken out of the journal. Where it has fewer than are shown, either the oldest have gone,
 * or it is read again.
 */
export async function checkJournal (signal: AbortSignal): Promise<void> {
  const before = clearings
  // All requests come after one that is not there.
  const { requests: [oldest], total } = await call<{ requests: JournalEntry[], total: number }>('GET', '/requests?limit=1&after=-')
  const { requests, isJournalRead } = worldNow()
  if (signal.aborted || clearings !== before || !isJournalRead || total >= requests.length) return
  if (requests[total - 1]?.id === oldest?.id) return update({ requests: requests.slice(0, total) })
  clearJournal()
  await readJournal(signal)
}
