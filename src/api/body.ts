import { isUtf8 } from 'node:buffer'
import { Refusal } from '../domain/refusal.js'
import { literalAt } from '../text/json-literal.js'
import { issueText, isWithin, readJsonBytes } from '../text/json.js'
import { shown } from './fields.js'

/** Maximum size of a body in bytes. A request to this API needs a few hundred. */
export const BODY_LIMIT = 1_048_576

/** Body as it came in, and its value if it can be read. */
export interface Body {
  /** Of bytes that are no text, how many there are and what of. */
  readonly text: string
  /** Whether the text is all that was sent, and can be sent again. */
  readonly isWhole: boolean
  readonly value: object | Refusal
}

/** Reads a body as a JSON object, whatever its content type says (observed: clients send it with several). */
export function readBody (bytes: Buffer | undefined, contentEncoding = ''): Body {
  if (bytes === undefined || bytes.length === 0) return { text: '', isWhole: true, value: unreadable('it is empty') }
  const text = bytes.toString()
  const json = readJsonBytes(bytes, text)
  if ('value' in json) return { text, isWhole: true, value: objectIn(json.value, text) }
  const compression = isUtf8(bytes) ? undefined : compressionOf(bytes, contentEncoding)
  if (compression !== undefined) {
    return { text: `[${bytes.length} bytes of ${compression}]`, isWhole: false, value: unreadable(`it is compressed (${compression}); only plain JSON is read`) }
  }
  const utf16 = utf16In(bytes)
  if (utf16 !== undefined) return { text: utf16, isWhole: false, value: unreadable('it is UTF-16, not UTF-8') }
  return { text, isWhole: isUtf8(bytes), value: unreadable(issueText(json.issue)) }
}

/**
 * Tells whether there is memory to parse the text of a body once more. One that has been saved may be longer than it was sent, as secrets are
 * written in other words, but there is no more in it.
 */
export function canBeParsed (text: string): boolean {
  return text.length <= BODY_LIMIT || isWithin(text, BODY_LIMIT)
}

function objectIn (value: unknown, text: string): object | Refusal {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  return unreadable(`it is ${shown(value, () => literalAt(text, []))}`)
}

/** Names the compression of a body: as its header does, or else by its first bytes. */
function compressionOf (bytes: Buffer, contentEncoding: string): string | undefined {
  const named = contentEncoding.trim().toLowerCase()
  if (named.length > MAX_ENCODING_LENGTH) return `a content-encoding of ${named.length} characters`
  if (named !== '' && named !== 'identity') return `content-encoding: ${named}`
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? 'gzip' : undefined
}

/** Maximum length, in characters, of a content encoding that is quoted. */
const MAX_ENCODING_LENGTH = 40

/** Reads UTF-16 that begins with a byte order mark. */
function utf16In (bytes: Buffer): string | undefined {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return bytes.toString('utf16le', 2)
  if (first === 0xfe && second === 0xff && bytes.length % 2 === 0) return Buffer.from(bytes).swap16().toString('utf16le', 2)
  return undefined
}

/** Reads the token from a body, the only place where it counts; the refusal points out a token in the query string. */
export function readToken (body: object | Refusal, query: unknown): string | Refusal {
  const token = body instanceof Refusal ? undefined : (body as { token?: unknown }).token
  if (typeof token === 'string' && token !== '') return token
  if (token !== undefined) {
    return new Refusal('token-must-be-known', `token must be a string, the account's master API token, not ${kindOf(token)}`)
  }
  const elsewhere = Object.hasOwn(Object(query), 'token') ? ', not in the query string' : ''
  return new Refusal('token-must-be-known', `token is missing; the account's master API token must be in the JSON body${elsewhere}`)
}

/** Names the kind of a wrong token without its value, which may be a secret. */
function kindOf (value: unknown): string {
  if (value === '') return 'an empty string'
  return shown(value, () => 'a number')
}

/** Refuses a body that is not a JSON object; `why` follows a colon. */
export function unreadable (why: string): Refusal {
  return new Refusal('body-must-be-json-object', `the body must be a JSON object: ${why}`)
}
