import { printParseErrorCode, visit, type JSONPath, type ParseErrorCode } from 'jsonc-parser'
import { isUtf8 } from 'node:buffer'

/** An error in a JSON text, and its place: the JSON pointer of the key, if it is about a key, and a line and column from 1. */
export interface JsonIssue {
  readonly pointer: string
  readonly what: string
  readonly line: number
  readonly column: number
}

/** Value of a JSON text, or its first error. */
export type Json = { readonly value: unknown } | { readonly issue: JsonIssue }

/** Reads the bytes of a JSON text: UTF-8, with or without a byte order mark, and no less strict than `readJson`. */
export function readJsonBytes (bytes: Buffer): Json {
  const text = decodeText(bytes)
  return isUtf8(bytes) ? readJson(text) : { issue: { pointer: '', what: 'invalid UTF-8', ...placeIn(text, text.indexOf('\uFFFD')) } }
}

/** Decodes UTF-8 text without its byte order mark; each invalid byte becomes U+FFFD. */
export function decodeText (bytes: Buffer): string {
  return bytes.toString().replace(/^\uFEFF/, '')
}

/** Gives line and column, both from 1, of an offset in a text. */
export function placeIn (text: string, offset: number): { readonly line: number, readonly column: number } {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: before.at(-1)!.length + 1 }
}

/** Writes an issue for a message: `invalid symbol at line 1, column 1`. */
export function issueText ({ what, line, column }: JsonIssue): string {
  return `${what} at line ${line}, column ${column}`
}

/**
 * Reads JSON more strictly than `JSON.parse`, which keeps the last of two equal keys and lets `__proto__` pass: both
 * are issues here, because readers would disagree about them. So is nesting too deep for a recursive function.
 */
export function readJson (text: string): Json {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { issue: issueIn(text)! }
  }
  if (isPlainlyFlat(text, value)) return { value }
  const issue = issueIn(text)
  return issue === undefined ? { value } : { issue }
}

/** Writes a path as a JSON pointer (RFC 6901). */
export function pointerTo (path: JSONPath): string {
  return path.map(segment => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/**
 * True for an object without nesting that has as many colons as keys, so that no key came twice. Almost every request
 * is one, and is spared the visit of its text; a colon within a string only means that the text is visited.
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

function issueIn (text: string): JsonIssue | undefined {
  const issues: JsonIssue[] = []
  const keys: Array<Set<string>> = []
  let level = 0
  const enter = (line: number, column: number): void => {
    if (++level <= MAX_LEVELS) return
    issues.push({ pointer: '', what: 'nested too deeply', line: line + 1, column: column + 1 })
    throw new RangeError('too many levels')
  }
  try {
    visit(text, {
      onError (code, _offset, _length, line, column) {
        issues.push({ pointer: '', what: words(code), line: line + 1, column: column + 1 })
      },
      onArrayBegin (_offset, _length, line, column) { enter(line, column) },
      onArrayEnd () { level-- },
      onObjectBegin (_offset, _length, line, column) {
        enter(line, column)
        keys.push(new Set())
      },
      onObjectEnd () {
        level--
        keys.pop()
      },
      onObjectProperty (key, _offset, _length, line, column, pathToObject) {
        const seen = keys.at(-1)!
        const refuse = (what: string): void => { issues.push({ pointer: pointerTo([...pathToObject(), key]), what, line: line + 1, column: column + 1 }) }
        if (seen.has(key)) refuse(`duplicate key ${JSON.stringify(key.slice(0, 40))}`)
        if (key === '__proto__') refuse('the key "__proto__" is not allowed')
        seen.add(key)
      }
    }, { disallowComments: true, allowTrailingComma: false })
  } catch {
    // Thrown by `enter`: the visitor recurses, and has to be stopped. The issue has been noted.
  }
  return issues[0]
}

/** `CommaExpected` → `comma expected`. */
function words (code: ParseErrorCode): string {
  return printParseErrorCode(code).replace(/(?!^)[A-Z]/g, letter => ` ${letter}`).toLowerCase()
}
