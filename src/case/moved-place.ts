import type { JournalEntry } from '../contract/journal-entry.js'
import { issueText, readJsonBytes, type JsonIssue } from '../text/json.js'

/**
 * Gives a request of a case whose answer quotes the place of a mistake in its body as that is in the case: what stands for a token may be longer or
 * shorter than the token was. `undefined` if the body in the case has another mistake, or none, as it was within a secret.
 */
export function withMovedPlace (entry: JournalEntry, sent: string): JournalEntry | undefined {
  const { rule, request, response } = entry
  if (rule !== 'body-must-be-json-object' || request.text === sent) return entry
  const [before, after] = [issueIn(sent), issueIn(request.text)]
  if (before?.what !== after?.what) return undefined
  if (before === undefined || after === undefined || response === null) return entry
  const body = JSON.stringify(response.body).replace(placeText(before), placeText(after))
  return { ...entry, response: { ...response, body: JSON.parse(body) as unknown } }
}

function issueIn (text: string): JsonIssue | undefined {
  const json = readJsonBytes(Buffer.from(text), text)
  return 'issue' in json ? json.issue : undefined
}

function placeText (issue: JsonIssue): string {
  return issueText({ ...issue, what: '' })
}
