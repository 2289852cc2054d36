import type { JournalEntry } from '../client/shapes.js'
import { instantText } from '../domain/clock.js'
import type { Entry } from './journal.js'
import { lintOf } from './lint.js'
import { redactor } from './redact.js'

/** An entry without its secrets, with JSON bodies as JSON and all others as text. */
export function entryOf (entry: Entry): JournalEntry {
  const { answer } = entry
  const { path, headers, asked, answered, everywhere } = partsOf(entry)
  return {
    id: entry.id,
    account: entry.account,
    endpoint: entry.endpoint,
    method: entry.method,
    path: everywhere(path),
    at: new Date(entry.at).toISOString(),
    emulated_at: instantText(entry.emulatedAt),
    duration_ms: Math.round(entry.durationMs * 100) / 100,
    request: { headers: everywhere(headers), body: everywhere(asked) },
    response: answer && { http_status: answer.httpStatus, headers: answer.headers, body: everywhere(answered) },
    api_status: entry.apiStatus,
    rule: entry.rule,
    assumptions: entry.assumptions,
    charged: entry.charged,
    lint: lintOf(entry).map(({ name, says }) => ({ name, says: everywhere(says) })),
    fault: entry.fault
  }
}

/** A text about an entry, without its secrets. */
export function withoutSecrets (entry: Entry, text: string): string {
  return partsOf(entry).everywhere(text)
}

function partsOf (entry: Entry) {
  const { url, headers, body, everywhere } = redactor()
  return {
    path: url(entry.url),
    headers: headers(headersOf(entry.headers)),
    asked: body(entry.body),
    answered: entry.answer && body(entry.answer.body),
    everywhere
  }
}

/**
 * Names and values in turn as one text, a line each: what the journal keeps is moved about by the garbage collector, and a
 * dozen texts in a list cost a dozen times as much as one. No header that came over HTTP holds a line break.
 */
export function headerLines (raw: readonly string[]): string {
  return raw.join('\n')
}

/** Headers by their lower-case names; one that came more than once is joined by commas, as HTTP has it. */
export function headersOf (lines: string): Record<string, string> {
  const raw = lines.split('\n')
  const headers: Record<string, string> = Object.create(null) as Record<string, string>
  for (let index = 1; index < raw.length; index += 2) {
    const name = raw[index - 1]!.toLowerCase()
    headers[name] = name in headers ? `${headers[name]}, ${raw[index]}` : raw[index]!
  }
  return { ...headers }
}
