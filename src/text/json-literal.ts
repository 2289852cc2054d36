import { endOfString } from './json-strings.js'

/** Gives a value of a valid JSON text as it is written there: a number keeps its digits, which a parsed one may have lost. Empty if there is none. */
export function literalAt (text: string, path: ReadonlyArray<string | number>): string {
  let at = behindSpace(text, 0)
  for (const step of path) {
    const found = indexOfMember(text, at, String(step))
    if (found === undefined) return ''
    at = found
  }
  return text.slice(at, endOfValue(text, at))
}

/** Gives the index at which a value of a valid JSON text begins, or the innermost existing value around it. */
export function indexOfValue (text: string, path: readonly string[]): number {
  let at = behindSpace(text, 0)
  for (const step of path) {
    const found = indexOfMember(text, at, step)
    if (found === undefined) break
    at = found
  }
  return at
}

function indexOfMember (text: string, index: number, step: string): number | undefined {
  const isObject = text.charAt(index) === '{'
  if (!isObject && text.charAt(index) !== '[') return undefined
  let at = behindSpace(text, index + 1)
  for (let count = 0; at < text.length && !/[\]}]/.test(text.charAt(at)); count++) {
    let key = String(count)
    if (isObject) {
      const end = endOfValue(text, at)
      key = textOf(text.slice(at, end))
      at = behindSpace(text, behindSpace(text, end) + 1)
    }
    if (key === step) return at
    const end = behindSpace(text, endOfValue(text, at))
    at = text.charAt(end) === ',' ? behindSpace(text, end + 1) : end
  }
  return undefined
}

/** Reads a string; hardly any key has an escape. */
function textOf (literal: string): string {
  return literal.includes('\\') ? JSON.parse(literal) as string : literal.slice(1, -1)
}

/** Gives the index behind a value that begins at an index. */
function endOfValue (text: string, index: number): number {
  let level = 0
  for (let at = index; at < text.length; at++) {
    switch (text.charAt(at)) {
      case '"':
        at = endOfString(text, at)
        break
      case '[': case '{':
        level++
        break
      case ']': case '}':
        level--
        break
      default:
        if (level === 0) {
          END_OF_WORD.lastIndex = at
          return END_OF_WORD.exec(text)!.index
        }
    }
    if (level === 0) return at + 1
  }
  return text.length
}

/** The end of a number or of `true`, `false` and `null`. */
const END_OF_WORD = /[\s,\]}]|$/g

function behindSpace (text: string, index: number): number {
  SPACE.lastIndex = Math.min(index, text.length)
  SPACE.exec(text)
  return SPACE.lastIndex
}

/** White space, and a byte order mark. */
const SPACE = /\s*/y
