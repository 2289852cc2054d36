import type { RequestState } from '../contract/journal-entry.js'
import { forEachInSlices, mapInSlices, type IsWanted } from '../time-slices.js'
import type { Journal } from './journal.js'
import type { Entry } from './record.js'

type Found = string | number | boolean | null

/** Criteria of a filter by name, each with the values that it finds in an entry of a journal. */
const FOUND = {
  account: entry => [entry.account],
  endpoint: entry => [entry.endpoint],
  method: entry => [entry.method],
  path: entry => [entry.url.split('?')[0]!],
  api_status: entry => [entry.apiStatus],
  http_status: entry => [entry.answer?.httpStatus ?? null],
  rule: entry => [entry.rule],
  assumption: entry => orNone(entry.assumptions),
  lint: (entry, { derived }) => orNone(derived.lintOf(entry).map(({ name }) => name)),
  fault: ({ fault }) => fault === null ? [null] : [fault.kind, fault.id],
  state: entry => [entry.state],
  charged: entry => entry.charged && LEFT_UNANSWERED.has(entry.state) ? [true, 'unanswered'] : [entry.charged],
  project_id: (entry, { derived }) => [derived.fieldsOf(entry).projectId],
  plan_id: (entry, { derived }) => [derived.fieldsOf(entry).planId]
} as const satisfies Readonly<Record<string, (entry: Entry, journal: Journal) => readonly Found[]>>

/** States of requests whose clients never got the whole response. */
const LEFT_UNANSWERED: ReadonlySet<RequestState> = new Set(['client-gone', 'cut'])

/** Names of the criteria; `text` searches the whole entry. */
export type FilterName = keyof typeof FOUND | 'text'

/** Values that entries must have; the text `null` stands for no value. `state` takes several, separated by commas. */
export type Filter = { readonly [Name in FilterName]?: string }

/** Difference between an entry and a filter. */
export interface Miss {
  readonly filter: string
  readonly wanted: string
  readonly found: string
}

interface NearMiss { readonly id: string, readonly path: string, readonly missed: readonly Miss[] }

/**
 * Lists the entries that match, oldest first; only those after the serial number `after`. Looks at the entries that are there at the
 * call, even if some are removed before it has seen them all.
 */
export async function matching (journal: Journal, filter: Filter, after = 0, isWanted?: IsWanted): Promise<Entry[]> {
  const { account } = filter
  const entries = [...account === undefined || account === String(null) ? journal.list() : journal.list(account)]
  const found: Entry[] = []
  await forEachInSlices(entries, entry => { if (entry.serial > after && matches(journal, entry, filter)) found.push(entry) }, isWanted)
  return found
}

/** Tells whether an entry matches a filter. */
export function matches (journal: Journal, entry: Entry, filter: Filter): boolean {
  return misses(journal, entry, filter).length === 0
}

/** Maximum number of near misses to list. */
const MAX_MISSES = 5

interface Candidate { readonly entry: Entry, readonly missed: readonly Miss[] }

/**
 * Lists the entries that came nearest to a filter without matching it, with their differences: those with the fewest differences
 * first, then the newest; another account's entries come last. Entries up to the serial number `after` are too early.
 */
export async function nearestMisses (journal: Journal, filter: Filter, after: number, isWanted?: IsWanted): Promise<NearMiss[]> {
  const nearest: Candidate[] = []
  await forEachInSlices([...journal.list()].reverse(), entry => {
    const missed = [...misses(journal, entry, filter), ...entry.serial > after ? [] : [TOO_EARLY]]
    if (missed.length === 0) return
    const candidate = { entry, missed }
    const place = nearest.findIndex(other => isNearer(candidate, other, filter))
    nearest.splice(place === -1 ? nearest.length : place, 0, candidate)
    if (nearest.length > MAX_MISSES) nearest.pop()
  }, isWanted)
  return await mapInSlices(nearest, ({ entry, missed }) => {
    const { path, hide } = journal.derived.hidingOf(entry)
    return { id: entry.id, path, missed: missed.map(({ filter, wanted, found }) => ({ filter, wanted: hide(wanted), found: hide(found) })) }
  }, isWanted)
}

function isNearer (a: Candidate, b: Candidate, filter: Filter): boolean {
  const [aIsForeign, bIsForeign] = [isForeign(a.entry, filter), isForeign(b.entry, filter)]
  return aIsForeign === bIsForeign ? a.missed.length < b.missed.length : bIsForeign
}

const TOO_EARLY: Miss = { filter: 'since', wanted: 'a later request', found: 'an earlier request' }

function misses (journal: Journal, entry: Entry, filter: Filter): Miss[] {
  return (Object.entries(filter) as Array<[FilterName, string]>).flatMap(([name, wanted]): Miss[] => {
    if (name === 'text') {
      const isIn = journal.textOf(entry).toLowerCase().includes(wanted.toLowerCase())
      return isIn ? [] : [{ filter: name, wanted, found: 'no such text' }]
    }
    const found = FOUND[name](entry, journal).map(String)
    const isFound = name === 'state' ? wanted.split(',').some(state => found.includes(state)) : found.includes(wanted)
    return isFound ? [] : [{ filter: name, wanted, found: found.join(', ') }]
  })
}

/** True for another account's entry. Entries without an account stay candidates. */
function isForeign ({ account }: Entry, filter: Filter): boolean {
  return filter.account !== undefined && account !== null && account !== filter.account
}

function orNone (names: readonly string[]): readonly Found[] {
  return names.length === 0 ? [null] : names
}
