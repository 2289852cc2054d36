import { entryOf, withoutSecrets } from './entry.js'
import type { Journal } from './journal.js'
import { lintOf } from './lint.js'
import type { Entry } from './record.js'

type Found = string | number | boolean | null

/** Criteria of a filter by name, each with the values that it finds in an entry. */
const FOUND = {
  account: entry => [entry.account],
  endpoint: entry => [entry.endpoint],
  method: entry => [entry.method],
  path: entry => [entry.url.split('?')[0]!],
  api_status: entry => [entry.apiStatus],
  http_status: entry => [entry.answer?.httpStatus ?? null],
  rule: entry => [entry.rule],
  assumption: entry => orNone(entry.assumptions),
  lint: entry => orNone(lintOf(entry).map(({ name }) => name)),
  fault: ({ fault }) => fault === null ? [null] : [fault.kind, fault.id],
  charged: entry => [entry.charged],
  project_id: entry => [fieldOf(entry, 'project_id')],
  // Like faults: the requested plan, whatever an endpoint calls it.
  plan_id: entry => [fieldOf(entry, 'plan_id') ?? fieldOf(entry, 'billing_plan')]
} as const satisfies Readonly<Record<string, (entry: Entry) => readonly Found[]>>

/** Names of the criteria; `text` searches the whole entry. */
export type FilterName = keyof typeof FOUND | 'text'

/** Values that entries must have; the text `null` stands for no value. */
export type Filter = { readonly [Name in FilterName]?: string }

/** Difference between an entry and a filter. */
export interface Miss {
  readonly filter: string
  readonly wanted: string
  readonly found: string
}

interface NearMiss { readonly id: string, readonly path: string, readonly missed: readonly Miss[] }

/** Lists the entries that match, oldest first; only those after the serial number `after`. */
export function matching (journal: Journal, filter: Filter, after = 0): Entry[] {
  const { account } = filter
  const entries = account === undefined || account === String(null) ? journal.list() : journal.list(account)
  return [...entries].filter(entry => entry.serial > after && matches(entry, filter))
}

/** Tells whether an entry matches a filter. */
export function matches (entry: Entry, filter: Filter): boolean {
  return misses(entry, filter).length === 0
}

/** Maximum number of near misses to list. */
const MAX_MISSES = 5

/**
 * Lists the entries that came nearest to a filter without matching it, with their differences: those with the fewest differences
 * first, then the newest; another account's entries come last. Entries up to the serial number `after` are too early.
 */
export function nearestMisses (entries: Iterable<Entry>, filter: Filter, after: number): NearMiss[] {
  return [...entries].reverse()
    .map(entry => ({ entry, missed: [...misses(entry, filter), ...entry.serial > after ? [] : [TOO_EARLY]] }))
    .filter(({ missed }) => missed.length > 0)
    .sort((a, b) => Number(isForeign(a.entry, filter)) - Number(isForeign(b.entry, filter)) || a.missed.length - b.missed.length)
    .slice(0, MAX_MISSES)
    .map(({ entry, missed }) => ({
      id: entry.id,
      path: entryOf(entry).path,
      missed: missed.map(miss => ({ ...miss, found: withoutSecrets(entry, miss.found) }))
    }))
}

const TOO_EARLY: Miss = { filter: 'since', wanted: 'a later request', found: 'an earlier request' }

function misses (entry: Entry, filter: Filter): Miss[] {
  return (Object.entries(filter) as Array<[FilterName, string]>).flatMap(([name, wanted]): Miss[] => {
    if (name === 'text') {
      const isIn = JSON.stringify(entryOf(entry)).toLowerCase().includes(wanted.toLowerCase())
      return isIn ? [] : [{ filter: name, wanted, found: 'no such text' }]
    }
    const found = FOUND[name](entry).map(String)
    return found.includes(wanted) ? [] : [{ filter: name, wanted, found: found.join(', ') }]
  })
}

/** True for another account's entry. Entries without an account stay candidates. */
function isForeign ({ account }: Entry, filter: Filter): boolean {
  return filter.account !== undefined && account !== null && account !== filter.account
}

function orNone (names: readonly string[]): readonly Found[] {
  return names.length === 0 ? [null] : names
}

/** Returns a field of a JSON body if it is a string or a number, else `null`. */
function fieldOf ({ body }: Entry, name: string): Found {
  try {
    const value = (Object(JSON.parse(body)) as Record<string, unknown>)[name]
    return typeof value === 'string' || typeof value === 'number' ? value : null
  } catch {
    return null
  }
}
