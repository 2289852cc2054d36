import type { JournalEntry, SubscriptionState as SubscriptionRow } from '../contract/journal-entry.js'
import { instantText } from '../domain/clock.js'
import type { SubscriptionState } from '../world/book.js'
import { historyRow } from '../world/history-row.js'
import { entryRow } from '../world/ledger-row.js'
import { headersOf } from './headers.js'
import { lintOf } from './lint.js'
import type { Entry, EntryFacts, RecordedBooking } from './record.js'
import { redactor, type Redactor } from './redact.js'

/** Shows an entry without its secrets, with JSON bodies as JSON and all others as text. */
export function entryOf (entry: Entry): JournalEntry {
  return entryWithout(redactor(entry.known()), entry)
}

/** Shows an entry as a redactor leaves it. */
export function entryWithout (redactor: Redactor, entry: EntryFacts): JournalEntry {
  const { answer } = entry
  const sent = headersOf(entry.headers)
  // It reads the body as well: of one that takes much memory, there are no two values at a time.
  const lint = lintOf(entry, sent)
  const { path, headers, asked, answered, everywhere } = partsOf(redactor, entry, sent)
  return {
    id: entry.id,
    account: entry.account,
    endpoint: entry.endpoint,
    method: entry.method,
    path: everywhere(path),
    at: new Date(entry.at).toISOString(),
    emulated_at: instantText(entry.emulatedAt),
    state: entry.state,
    duration_ms: Math.round(entry.durationMs * 100) / 100,
    request: requestOf(everywhere, headers, asked, entry.body),
    response: answer && { http_status: answer.httpStatus, headers: answer.headers, body: everywhere(answered) },
    api_status: entry.apiStatus,
    rule: entry.rule,
    assumptions: entry.assumptions,
    charged: entry.charged,
    booked: entry.booked && bookedRows(entry.booked),
    lint: lint.map(({ name, says }) => ({ name, says: everywhere(says) })),
    fault: entry.fault
  }
}

/** Shows what was sent. A long body takes time to search: one that is no JSON, and is shown as its text, is searched once for both. */
function requestOf (everywhere: Redactor['everywhere'], headers: Readonly<Record<string, string>>, asked: unknown, text: string): JournalEntry['request'] {
  const shown = { headers: everywhere(headers), body: everywhere(asked) }
  return { ...shown, text: asked === text ? shown.body as string : everywhere(text) }
}

/** An entry's path without its secrets, and what takes them out of a text about the entry. */
export interface Hiding {
  readonly path: string
  readonly hide: (text: string) => string
}

/** Looks for the secrets of an entry, to hide them. */
export function hidingOf (entry: Entry): Hiding {
  const { path, everywhere } = partsOf(redactor(entry.known()), entry, headersOf(entry.headers))
  return { path: everywhere(path), hide: everywhere }
}

function bookedRows ({ entries, subscriptions, due, total }: RecordedBooking): JournalEntry['booked'] {
  return {
    ledger: entries.map(entryRow),
    subscriptions: subscriptions.map(({ projectId, service, before, after }) =>
      ({ project_id: projectId, service, before: before && stateRow(before), after: stateRow(after) })),
    due: { events: due.map(historyRow), total }
  }
}

function stateRow ({ planId, status, nextBillingAt }: SubscriptionState): SubscriptionRow {
  return { plan_id: planId, project_status: status, next_billing_date: nextBillingAt === null ? null : instantText(nextBillingAt) }
}

function partsOf ({ url, headers, body, everywhere }: Redactor, entry: Pick<Entry, 'url' | 'body' | 'answer'>, sent: Readonly<Record<string, string>>) {
  return {
    path: url(entry.url),
    headers: headers(sent),
    asked: body(entry.body),
    answered: entry.answer && body(entry.answer.body),
    everywhere
  }
}
