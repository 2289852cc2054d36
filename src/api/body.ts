import { Refusal } from '../domain/refusal.js'
import { issueText, readJsonBytes } from '../text/json.js'
import { shown } from './fields.js'

/** The largest body that is read, in bytes. A request of this API needs a few hundred. */
export const BODY_LIMIT = 1_048_576

/** A body as it came in, and what it says if it can be read. */
export interface Body {
  readonly text: string
  readonly value: object | Refusal
}

/** Reads a body as a JSON object, whatever its content type says (observed: clients send it with several). */
export function readBody (bytes: Buffer | undefined): Body {
  if (bytes === undefined || bytes.length === 0) return { text: '', value: unreadable('it is empty') }
  return { text: bytes.toString(), value: readObject(bytes) }
}

function readObject (bytes: Buffer): object | Refusal {
  const json = readJsonBytes(bytes)
  if ('issue' in json) return unreadable(issueText(json.issue))
  if (typeof json.value !== 'object' || json.value === null || Array.isArray(json.value)) return unreadable(`it is ${shown(json.value)}`)
  return json.value
}

/** The token in a body. Tokens are looked for nowhere else, but a client that put it elsewhere is told so. */
export function readToken (body: object | Refusal, query: unknown): string | Refusal {
  const token = body instanceof Refusal ? undefined : (body as { token?: unknown }).token
  if (typeof token === 'string' && token !== '') return token
  if (token !== undefined) return new Refusal('token-must-be-known', `token must be the account's master API token, a string, not ${token === '' ? 'an empty one' : kindOf(token)}`)
  const elsewhere = Object.hasOwn(Object(query), 'token') ? ', not in the query string' : ''
  return new Refusal('token-must-be-known', `token is missing; the account's master API token must be in the JSON body${elsewhere}`)
}

/** Only the kind of what is in the place of a token: the value may be one. */
function kindOf (value: unknown): string {
  return typeof value === 'number' ? 'a number' : shown(value)
}

export function unreadable (why: string): Refusal {
  return new Refusal('body-must-be-json-object', `the body must be a JSON object: ${why}`)
}
