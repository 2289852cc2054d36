import { isSecretName, LISTS, SECRET_FIELDS } from '../api/secret-fields.js'
import { stringsIn } from '../text/json-strings.js'
import { isOrdinary } from '../text/ordinary.js'
import { withoutTrailing } from '../text/trailing.js'
import { balancedEnd, blockEnd, openingQuote, quotedEnd } from './notation.js'
import { secretCells } from './secret-cells.js'
import { isListOf } from './secret-lists.js'
import type { Span } from './secret-finder.js'
import { unescape, unescapeJson, type Unescaped } from './unescape.js'

// Every repetition in these patterns is bounded, and a search goes on behind the value that it found: the time is linear.
const NAME = new RegExp([...SECRET_FIELDS].map(field => field.replaceAll('_', '[-_. ]?')).join('|'), 'gi')

/** Maximum length, in characters, of what may stand around a name within a word, such as `my-` in `my-token`. */
const MAX_AFFIX = 40
const AFTER_WORD = /[\w-]{0,40}/y

/** What may stand between a name and its value, as in `name: value`, `name[]=value` and, from PHP, `"name";s:5:"value"`. */
const QUOTES = '\\\\{0,8}["\'`“”‘’]?'
const SEPARATOR = new RegExp(`[\\][.\\w-]{0,20}${QUOTES}[\\])]{0,3}\\s{0,100}(?::=|=>|[:=>]|<-|->|;[a-z]:(?:\\d{1,7}:)?)\\s{0,100}`, 'y')
/** Another field, whose value is meant: `"name":"token","value":"…"`, `<name>token</name><value>…`, `name=token&value=…`. */
const VALUE_FIELD = new RegExp(`${QUOTES}(?:</[\\w:]{1,20}>)?[\\s,;&|]{0,100}<?${QUOTES}(?:\\w{1,20}:)?(?:value|val|content|data|text)\\b`, 'iy')
/** The second of two quoted texts: `["token","…"]`, `token "…"`. */
const SECOND_TEXT = new RegExp(`${QUOTES}[ \\t]{0,20}[, \\t]\\s{0,20}(?=\\\\{0,8}["'\`“‘])`, 'y')
const OPENS_PAIR = /[[(]\s{0,3}\\{0,8}["']$/
/** The rest of a line of a form's part, its other headers, and the empty line behind them. */
const FORM_PART = /"[^\n]{0,200}\n(?:[^\S\n]{0,20}\S[^\n]{0,200}\n){0,5}\r?\n/y
const END_OF_PART = /\r?\n--|$/g
const OPENS_TAG = /<(\/?)(?:[\w.-]{1,40}:)?$/
const REST_OF_TAG = /[^<>]{0,1000}>/y

/** What may stand in front of a value and tells nothing of it. */
const PREFIX = /(?:<\w{1,20}>\s{0,20}|<!\[CDATA\[)?(?:(?:bearer|basic|token)\s{1,100}|!!?\w{0,20}\s{1,20}|[a-z@$]{1,2}(?=["']))?/iy
const BLOCK = /[|>][-+\d]{0,2}[^\S\n]{0,20}\r?\n/y
/** No value. */
const NOTHING = /null(?=\s*(?:[,}\]]|$))/y
/** A value of JSON without quotes. */
const LITERAL = /(?:-?\d[\d.eE+-]*|true|false)(?=\s*[,\]}])/y
const KEY = /[\w.-]{1,40}\s{0,20}[:=]/y
/** The beginning of a URL's authority; what a name there has behind it: a port, which is no secret, or a password, which ends before the host. */
const IN_AUTHORITY = /:\/\/[^\s/?#"'<>@]{0,253}$/
const MAX_AUTHORITY = 256
const PORT = /\d{1,5}(?![^\s/?#"'<>,;)\]}])/y
const PASSWORD = /[^\s/?#"'<>]{0,256}(?=@)/y
/** What leads from a name to the next part of a path, or to the next word of a sentence. */
const NEXT_PART = /\//y
const NEXT_WORD = /[ \t]{1,20}(?:(?:is|was)[ \t]{1,20})?/y
const WORD = /[^\s/?#"'`<>&,;()[\]{}]*/y
/** The end of a value without quotes: a line's, a field's, or where another name follows. */
const END_OF_WORDS = /[&<\r\n]|[,;\s]\s{0,20}\\{0,8}["'“]?[\w.-]{1,40}\\{0,8}["'”]?\s{0,20}[:=]|$/g

/** Tells whether a text can hold a secret only as what it is: nothing in it is escaped, it is no table, and names no secret field. */
export function isBare (text: string): boolean {
  NAME.lastIndex = 0
  return !/[\\%&\0\n]/.test(text) && !NAME.test(text)
}

/** Decides about a secret that stands beside a name in a text: what of it is replaced, and by what. */
export type Hide = (text: string, span: Span) => readonly Span[]

/**
 * Finds the secrets that the names of their fields stand beside, or above in a table. A string of a JSON text is read as a text of its own, as
 * often as JSON is within it: whatever is hidden there ends where the string does.
 */
export function secretsBesideNames (text: string, unescaped: Unescaped, hide: Hide = (_text, span) => [span]): Span[] {
  const spans = namedSecrets(text, unescaped, hide)
  for (const span of secretCells(unescaped)) spans.push(...hide(text, span))
  return spans
}

/** Finds the secrets within a string of JSON. */
function secretsInString (literal: string, at: number, hide: Hide): Span[] {
  const { plain, origin } = unescapeJson(literal)
  return secretsBesideNames(plain, unescape(plain), hide).map(({ start, end, by }) =>
    ({ start: at + origin(start), end: at + origin(end), by: by && JSON.stringify(by).slice(1, -1) }))
}

/** Finds the values that the name of a secret field stands beside, in any notation, whole or cut off. */
function namedSecrets (text: string, { plain, origin }: Unescaped, hide: Hide): Span[] {
  const spans: Span[] = []
  const strings = stringsIn(text)[Symbol.iterator]()
  let string = strings.next()
  let hiddenUntil = 0
  let searchedUntil = 0
  NAME.lastIndex = 0
  for (let match = NAME.exec(plain); match !== null; match = NAME.exec(plain)) {
    const at = origin(match.index)
    if (at < hiddenUntil) continue
    const end = endOf(AFTER_WORD, plain, NAME.lastIndex)!
    const start = startOfWord(plain, match.index)
    if (end === plain.length) break
    NAME.lastIndex = end
    if (!isSecretName(plain.slice(start, end))) continue
    while (string.done !== true && string.value.end < at) string = strings.next()
    const around = string.done !== true && string.value.start <= at ? string.value : undefined
    if (around !== undefined && searchedUntil < around.end) {
      for (const span of secretsInString(text.slice(around.start, around.end), around.start, hide)) spans.push(span)
      searchedUntil = around.end
      // The search within has moved it.
      NAME.lastIndex = end
    }
    const isWhole = /^s?$/i.test(plain.slice(match.index + match[0].length, end))
    for (const span of around === undefined ? valuesOf(start, end, isWhole) : valueBehind(around.end, start, end)) {
      if (span.end > span.start) spans.push(...hide(text, span))
      hiddenUntil = Math.max(hiddenUntil, span.end)
    }
  }
  return spans

  function valuesOf (start: number, end: number, isWhole: boolean): Span[] {
    const before = plain.slice(Math.max(0, start - MAX_AFFIX), start)
    const tag = OPENS_TAG.exec(before)
    if (tag !== null) return tag[1] === '/' ? [] : elementOf(start - tag[0].length + 1, end)
    const part = before.endsWith('name="') ? endOf(FORM_PART, plain, end) : undefined
    if (part !== undefined) return [{ start: origin(part), end: indexOf(END_OF_PART, text, origin(part)) }]
    const value = indexOfValue(before, start, end)
    if (value === undefined) return isWhole ? nextWord(start, end) : []
    if (IN_AUTHORITY.test(plain.slice(Math.max(0, start - MAX_AUTHORITY), start))) {
      if (endOf(PORT, plain, value) !== undefined) return []
      const password = endOf(PASSWORD, plain, value)
      if (password !== undefined) return [{ start: origin(value), end: origin(password) }]
    }
    return [valueAt(start, value, plain.slice(start, end), plain.charAt(end) === '"')]
  }

  /** The value beside a string of JSON that a name is in. */
  function valueBehind (stringEnd: number, start: number, end: number): Span[] {
    const value = indexOfValue(plain.slice(Math.max(0, start - MAX_AFFIX), start), start, end)
    if (value === undefined || origin(value) <= stringEnd) return []
    return [valueAt(start, value, plain.slice(start, end), plain.charAt(end) === '"')]
  }

  function indexOfValue (before: string, start: number, end: number): number | undefined {
    return endOf(SEPARATOR, plain, endOf(VALUE_FIELD, plain, end) ?? end) ?? secondText(before, start, end)
  }

  /** What follows a name without any notation, `/token/…` or `token …`: most of it is no value, so only what is no ordinary word. */
  function nextWord (start: number, end: number): Span[] {
    const word = endOf(plain.charAt(start - 1) === '/' ? NEXT_PART : NEXT_WORD, plain, end)
    if (word === undefined) return []
    const wordEnd = endOf(WORD, plain, word)!
    return isOrdinary(withoutTrailing(plain.slice(word, wordEnd), '.:!')) ? [] : [{ start: origin(word), end: origin(wordEnd) }]
  }

  function secondText (before: string, start: number, end: number): number | undefined {
    if (plain.startsWith('-', start) && /\s/.test(plain.charAt(end))) return end + 1
    const second = endOf(SECOND_TEXT, plain, end)
    return second !== undefined && (OPENS_PAIR.test(before) || !plain.slice(end, second).includes(',')) ? second : undefined
  }

  /** An XML element: its attributes and its content. */
  function elementOf (nameStart: number, end: number): Span[] {
    const content = endOf(REST_OF_TAG, plain, end)
    if (content === undefined) return [{ start: origin(end), end: text.length }]
    const isEmpty = plain.charAt(content - 2) === '/'
    const attributes = /\S/.test(plain.slice(end, content - (isEmpty ? 2 : 1)))
      ? [{ start: origin(end + 1), end: origin(content - (isEmpty ? 2 : 1)) }]
      : []
    if (isEmpty) return attributes
    const close = plain.indexOf(`</${plain.slice(nameStart, end)}`, content)
    return [...attributes, { start: origin(content), end: origin(close === -1 ? plain.length : close) }]
  }

  /** The value at an index of the plain text. Its end is that of its notation in the text as it is. */
  function valueAt (nameStart: number, index: number, name: string, isQuotedName: boolean): Span {
    const at = origin(index)
    const start = endOf(PREFIX, text, at)!
    // In JSON, a text in place of a number or an object leaves the rest readable.
    const by = isQuotedName ? '"[redacted]"' : undefined
    const quote = openingQuote(text, start)
    if (quote !== undefined) return { start: quote.end, end: quotedEnd(text, quote) }
    if (text.charAt(start) === '[' || text.charAt(start) === '{') {
      const end = balancedEnd(text, start)
      return LISTS.has(name) && isList(name, text.slice(start, end)) ? { start, end: start } : { start, end, by }
    }
    const literal = isQuotedName ? endOf(LITERAL, text, start) : undefined
    if (literal !== undefined) return { start, end: literal, by }
    const block = endOf(BLOCK, text, start)
    if (block !== undefined) return { start: block, end: blockEnd(text, origin(nameStart), block) }
    if (text.slice(origin(nameStart), at).includes('\n')) {
      const end = blockEnd(text, origin(nameStart), start)
      if (end > start) return { start, end }
      if (endOf(KEY, text, start) !== undefined) return { start, end: start }
    }
    return { start, end: endOf(NOTHING, text, start) === undefined ? indexOf(END_OF_WORDS, text, start) : start, by }
  }
}

/** Gives the end of a pattern's match at an index. */
function endOf (sticky: RegExp, text: string, index: number): number | undefined {
  sticky.lastIndex = index
  return sticky.test(text) ? sticky.lastIndex : undefined
}

/** Gives the index of a pattern's next match, which it has at the end of the text at the latest. */
function indexOf (pattern: RegExp, text: string, index: number): number {
  pattern.lastIndex = index
  return pattern.exec(text)!.index
}

function startOfWord (text: string, index: number): number {
  let start = index
  while (start > 0 && index - start < MAX_AFFIX && /[\w-]/.test(text.charAt(start - 1))) start--
  return start
}

function isList (name: string, text: string): boolean {
  try {
    return isListOf(name, JSON.parse(text))
  } catch {
    return false
  }
}
