import { printParseErrorCode, visit, type JSONPath, type ParseErrorCode } from 'jsonc-parser'

/** What is wrong with a JSON text, and where: the JSON pointer of the key, if it is about a key, and a line and column from 1. */
export interface JsonIssue {
  readonly pointer: string
  readonly what: string
  readonly line: number
  readonly column: number
}

export type Json = { readonly value: unknown } | { readonly issue: JsonIssue }

/**
 * Reads JSON more strictly than `JSON.parse`, which keeps the last of two equal keys and lets `__proto__` pass: both
 * are issues here, because one reader or another would take them for something else.
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

/** The JSON pointer (RFC 6901) of a path. */
export function pointerTo (path: JSONPath): string {
  return path.map(segment => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/**
 * Almost every request is one flat object: as many colons as keys means that no key came twice, and spares the
 * visit of the text. A colon within a string, or anything nested, only means that the text is visited.
 */
function isPlainlyFlat (text: string, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value) || Object.hasOwn(value, '__proto__')) return false
  let colons = 0
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at + 1)) colons++
  return colons === Object.keys(value).length
}

/** How many levels a text may have: more than anybody needs, and far fewer than would fill the stack of those who read its value. */
const MAX_LEVELS = 500

function issueIn (text: string): JsonIssue | undefined {
  const issues: JsonIssue[] = []
  const keys: Array<Set<string>> = []
  let level = 0
  const enter = (line: number, column: number): void => {
    if (++level <= MAX_LEVELS) return
    issues.push({ pointer: '', what: 'it is nested too deeply', line: line + 1, column: column + 1 })
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
        const place = { line: line + 1, column: column + 1 }
        if (seen.has(key)) issues.push({ pointer: pointerTo([...pathToObject(), key]), what: `the key ${JSON.stringify(key.slice(0, 40))} is there twice`, ...place })
        if (key === '__proto__') issues.push({ pointer: pointerTo([...pathToObject(), key]), what: 'the key "__proto__" is not allowed', ...place })
        seen.add(key)
      }
    }, { disallowComments: true, allowTrailingComma: false })
  } catch {
    // The visitor calls itself for each level, so it is cut short; why is among the issues.
  }
  return issues[0]
}

/** `CommaExpected` → `comma expected`. */
function words (code: ParseErrorCode): string {
  return printParseErrorCode(code).replace(/(?!^)[A-Z]/g, letter => ` ${letter}`).toLowerCase()
}
