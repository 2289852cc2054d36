import { printParseErrorCode, visit, type JSONPath, type ParseErrorCode } from 'jsonc-parser'
import { isUtf8 } from 'node:buffer'
import { endOfString, squeeze } from './json-strings.js'

/** An error in a JSON text, and its place: the JSON pointer of the key, if it is about a key, and a line and column from 1. */
export interface JsonIssue {
  readonly pointer: string
  readonly what: string
  readonly line: number
  readonly column: number
  /** Set where the text may be JSON, and has more in it than this process has memory for. */
  readonly isTooMuch?: true
}

/** Value of a JSON text, or its first error. */
export type Json = { readonly value: unknown } | { readonly issue: JsonIssue }

/**
 * Reads the bytes of a JSON text: UTF-8, with or without a byte order mark, and no less strict than `readJson`. `decoded` is for a caller
 * that needs the text as well; `room` for how many values there is memory.
 */
export function readJsonBytes (bytes: Buffer, decoded = bytes.toString(), room = Infinity): Json {
  const text = withoutMark(decoded)
  return isUtf8(bytes) ? readJson(text, room) : { issue: { pointer: '', what: 'invalid UTF-8', ...placeIn(text, text.indexOf('\uFFFD')) } }
}

/** Decodes UTF-8 text without its byte order mark; each invalid byte becomes U+FFFD. */
export function decodeText (bytes: Buffer): string {
  return withoutMark(bytes.toString())
}

function withoutMark (text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

/** Gives line and column, both from 1, of an offset in a text. */
export function placeIn (text: string, offset: number): { readonly line: number, readonly column: number } {
  let line = 1
  let start = 0
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', start)) [line, start] = [line + 1, at + 1]
  return { line, column: Math.max(offset, 0) - start + 1 }
}

/** Writes an issue for a message: `invalid symbol at line 1, column 1`. */
export function issueText ({ what, line, column }: JsonIssue): string {
  return `${what} at line ${line}, column ${column}`
}

/**
 * Reads JSON more strictly than `JSON.parse`, which keeps the last of two equal keys and lets `__proto__` pass: both
 * are issues here, because readers would disagree about them. So is nesting too deep for a recursive function.
 */
export function readJson (text: string, room = Infinity): Json {
  const bulk = text.length > SMALL ? bulkOf(text, room) : undefined
  if (bulk !== undefined && 'issue' in bulk) return bulk
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { issue: issueIn(text)! }
  }
  const counted = bulk ?? (isPlainlyFlat(text, value) ? undefined : bulkOf(text, room))
  const isUnambiguous = counted === undefined || ('members' in counted && membersOf(value) === counted.members)
  return isUnambiguous ? { value } : { issue: issueIn(text)! }
}

/** Tells whether a text has no more values, levels and keys than there is room for, whether or not it is JSON. */
export function isWithin (text: string, room: number): boolean {
  return !('issue' in bulkOf(text, room))
}

/** Length below which no text can hold too much: `JSON.parse` takes a few megabytes for the worst of them. */
const SMALL = 65_536

/** Maximum number of values in a text: a world of a hundred thousand projects has half as many. */
export const MAX_VALUES = 4_000_000

/** How many values take as much memory as a key does that no other object has. */
const VALUES_PER_KEY = 2

/** How many values take as much memory as what becomes of an object: of an account or a project, there is more than of what it is read from. */
const VALUES_PER_OBJECT = 32

/**
 * Maximum length of a key as it is written. The body of a request, which a file may hold, is shorter; and what checks a key may take a hundred
 * times as much memory.
 */
export const MAX_KEY = 2_097_152

/**
 * Finds the place where a text has too many values or levels, or too long a key, before `JSON.parse` makes them all: 64 MB of `[]` become
 * gigabytes in memory. Counts the members of all objects if there is none.
 */
function bulkOf (text: string, room: number): { readonly members: number } | { readonly issue: JsonIssue } {
  let level = 0
  let values = 0
  let members = 0
  let objects = 0
  let stringLength = 0
  const issueAt = (what: string, at: number): { readonly issue: JsonIssue } => ({ issue: { pointer: '', what, ...placeIn(text, at) } })
  const tooMuch = (what: string, at: number): { readonly issue: JsonIssue } => ({ issue: { ...issueAt(what, at).issue, isTooMuch: true } })
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // a quotation mark
        stringLength = -at - 1
        at = endOfString(text, at)
        stringLength += at
        break
      case 0x5b: case 0x7b: // [ and {
        values++
        if (text.charCodeAt(at) === 0x7b) objects++
        if (++level > MAX_LEVELS) return issueAt('nested too deeply', at)
        break
      case 0x5d: case 0x7d: // ] and }
        level--
        break
      case 0x2c: // a comma
        values++
        break
      case 0x3a: // a colon
        members++
        if (stringLength > MAX_KEY) return issueAt(`a key of more than ${MAX_KEY} characters`, at)
    }
    if (values > MAX_VALUES) return tooMuch(`more than ${MAX_VALUES} values`, at)
    if (values + VALUES_PER_KEY * members + VALUES_PER_OBJECT * objects > room) return tooMuch('more values and keys than there is memory for', at)
  }
  return { members }
}

/**
 * Counts the members of all objects in a value: as many as in its text, unless a key came twice. NaN if one is `__proto__`. This takes a
 * fifth of the time of visiting the text.
 */
function membersOf (value: unknown): number {
  if (!isNested(value)) return 0
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + membersOf(item), 0)
  let members = 0
  for (const key of Object.keys(value)) members += key === '__proto__' ? NaN : 1 + membersOf((value as Readonly<Record<string, unknown>>)[key])
  return members
}

/** Writes a path as a JSON pointer (RFC 6901). */
export function pointerTo (path: JSONPath): string {
  return path.map(segment => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/**
 * True for an object without nesting that has as many colons as keys, so that no key came twice. Almost every request
 * is one, and is spared all else; a colon within a string only means that the text is read once more.
 */
function isPlainlyFlat (text: string, value: unknown): boolean {
  if (!isNested(value)) return true
  if (Array.isArray(value) || Object.hasOwn(value, '__proto__')) return false
  const values: unknown[] = Object.values(value)
  if (values.some(isNested)) return false
  let colons = 0
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at + 1)) colons++
  return colons === values.length
}

function isNested (value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Maximum nesting: far more than any use needs, and far from overflowing the stack of a recursive function. */
const MAX_LEVELS = 500

/** Maximum length of a key that a message quotes, in characters: of a token, a part would no longer be known as one. */
const MAX_QUOTED = 40

/** Finds the first issue, and reads no further: a text that is wrong in every place would take as much again for each. */
function issueIn (text: string): JsonIssue | undefined {
  let issue: JsonIssue | undefined
  const keys: Array<Set<string>> = []
  let level = 0
  const { squeezed, leftOut, original } = squeeze(text)
  // The visitor can only be stopped by throwing.
  const stop = (what: string, offset: number, line: number, column: number, pointer = ''): never => {
    issue = { pointer, what, line: line + 1, column: column + leftOut(offset - column, offset) + 1 }
    throw new SyntaxError(what)
  }
  const enter = (offset: number, line: number, column: number): void => { if (++level > MAX_LEVELS) stop('nested too deeply', offset, line, column) }
  try {
    visit(squeezed, {
      onError (code, offset, _length, line, column) { stop(words(code), offset, line, column) },
      onArrayBegin (offset, _length, line, column) { enter(offset, line, column) },
      onArrayEnd () { level-- },
      onObjectBegin (offset, _length, line, column) {
        enter(offset, line, column)
        keys.push(new Set())
      },
      onObjectEnd () {
        level--
        keys.pop()
      },
      onObjectProperty (key, offset, _length, line, column, pathToObject) {
        const seen = keys.at(-1)!
        const refuse = (what: string): void => { stop(what, offset, line, column, pointerTo([...pathToObject(), key].map(original))) }
        const { length } = String(original(key))
        if (seen.has(key)) refuse(`duplicate key ${length > MAX_QUOTED ? `of ${length} characters` : JSON.stringify(key)}`)
        if (key === '__proto__') refuse('the key "__proto__" is not allowed')
        seen.add(key)
      }
    }, { disallowComments: true, allowTrailingComma: false })
  } catch {
    // Thrown by `stop`, which has noted the issue.
  }
  return issue
}

/** `CommaExpected` → `comma expected`. */
function words (code: ParseErrorCode): string {
  return printParseErrorCode(code).replace(/(?!^)[A-Z]/g, letter => ` ${letter}`).toLowerCase()
}
