import { entryOf, withoutSecrets } from './entry.js'
import type { Journal } from './journal.js'
import { lintOf } from './lint.js'
import type { Entry } from './record.js'

type Found = string | number | boolean | null

/** What an entry is filtered by: each criterion's name, and what an entry has of it. */
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
  // As faults do it: the plan that is asked for, whatever an endpoint calls it.
  plan_id: entry => [fieldOf(entry, 'plan_id') ?? fieldOf(entry, 'billing_plan')]
} as const satisfies Readonly<Record<string, (entry: Entry) => readonly Found[]>>

export type FilterName = keyof typeof FOUND | 'text'

/** What entries must be; `null` as a text means that there is none. */
export type Filter = { readonly [Name in FilterName]?: string }

/** How an entry misses a filter. */
export interface Miss {
  readonly filter: string
  readonly wanted: string
  readonly found: string
}

/** The entries that match, oldest first; `after` leaves out those up to an entry's serial number. */
export function matching (journal: Journal, filter: Filter, after = 0): Entry[] {
  const { account } = filter
  const entries = account === undefined || account === String(null) ? journal.list() : journal.list(account)
  return [...entries].filter(entry => entry.serial > after && matches(entry, filter))
}

export function matches (entry: Entry, filter: Filter): boolean {
  return misses(entry, filter).length === 0
}

/** How many near misses are told. */
const MAX_MISSES = 5

/**
 * The entries that came nearest to a filter without matching it, and why each missed: fewest differences first, then
 * newest; what another account sent comes last. Those up to the serial number `after` missed by being too early.
 */
export function nearestMisses (entries: Iterable<Entry>, filter: Filter, after: number): Array<{ readonly id: string, readonly path: string, readonly missed: readonly Miss[] }> {
  return [...entries].reverse()
    .map(entry => ({ entry, missed: [...misses(entry, filter), ...entry.serial > after ? [] : [TOO_EARLY]] }))
    .filter(({ missed }) => missed.length > 0)
    .sort((a, b) => Number(isForeign(a.entry, filter)) - Number(isForeign(b.entry, filter)) || a.missed.length - b.missed.length)
    .slice(0, MAX_MISSES)
    .map(({ entry, missed }) => ({ id: entry.id, path: entryOf(entry).path, missed: missed.map(miss => ({ ...miss, found: withoutSecrets(entry, miss.found) })) }))
}

const TOO_EARLY: Miss = { filter: 'since', wanted: 'after it', found: 'before it' }

function misses (entry: Entry, filter: Filter): Miss[] {
  return (Object.entries(filter) as Array<[FilterName, string]>).flatMap(([name, wanted]): Miss[] => {
    if (name === 'text') return JSON.stringify(entryOf(entry)).toLowerCase().includes(wanted.toLowerCase()) ? [] : [{ filter: name, wanted, found: 'not in it' }]
    const found = FOUND[name](entry).map(String)
    return found.includes(wanted) ? [] : [{ filter: name, wanted, found: found.join(', ') }]
  })
}

/** Whether another account sent it than the filter wants; what nobody's token was in may well be meant. */
function isForeign ({ account }: Entry, filter: Filter): boolean {
  return filter.account !== undefined && account !== null && account !== filter.account
}

function orNone (names: readonly string[]): readonly Found[] {
  return names.length === 0 ? [null] : names
}

/** A field of a JSON body; `null` where it is none, or holds what is neither a text nor a number. */
function fieldOf ({ body }: Entry, name: string): Found {
  try {
    const value = (Object(JSON.parse(body)) as Record<string, unknown>)[name]
    return typeof value === 'string' || typeof value === 'number' ? value : null
  } catch {
    return null
  }
}
