import { URLSearchParams } from 'node:url'
import { isSecretFieldName, isSecretName, OPEN_FIELDS } from '../api/secret-fields.js'
import { isBare, secretsBesideNames } from './named-secrets.js'
import { findSecrets, secretFinder, type SecretFinder, type Span } from './secret-finder.js'
import { isListOf } from './secret-lists.js'
import { CUT_MARGIN, leftOut } from '../text/shortened.js'
import { unescape } from './unescape.js'

export const REDACTED = '[redacted]'

/** Pattern of headers that carry credentials, besides those named like a secret field. */
export const SECRET_HEADERS = /auth|cookie|secret|password|api-?key/

/** Lists the parameters of a query, with decoded names. */
export function parametersOf (url: string): Array<{ readonly text: string, readonly name: string, readonly value: string }> {
  if (!url.includes('?')) return []
  return url.split('?').slice(1).join('?').split('&').map(text => {
    const [[name, value] = ['', '']] = new URLSearchParams(text)
    return { text, name, value }
  })
}

/** Removes the secrets of one request: first where they are expected, then, once they are known, `everywhere`. */
export interface Redactor {
  readonly url: (url: string) => string
  readonly headers: (headers: Readonly<Record<string, string>>) => Record<string, string>
  /** Returns a body as JSON, or as text if it is not JSON, has what no reader takes, or is so long that only parts of it are shown. */
  readonly body: (text: string) => unknown
  /** Removes secrets from any text or value about the request, once the parts above have revealed them. */
  readonly everywhere: <T>(value: T) => T
}

/** Maximum nesting of a body that is searched. */
const MAX_LEVELS = 100

/** Tells whether a value can be shown as JSON: it can be read again, neither nested too deeply nor with a key that no reader here takes. */
export function isShowable (value: unknown, level = 0): boolean {
  if (level > MAX_LEVELS) return false
  return typeof value !== 'object' || value === null || (!hasProto(value) && Object.values(value).every(inner => isShowable(inner, level + 1)))
}

/** As `JSON.parse` makes of it, it is a key like any other. */
function hasProto (value: object): boolean {
  return Object.hasOwn(value, '__proto__')
}

/** Maximum length of a body that is shown whole, in characters. Of a longer one, the beginning and the end are. */
export const MAX_SHOWN = 262_144

/** Maximum length of a body that is searched to its end. Of a longer one, only the beginning is shown. */
export const MAX_SEARCHED = 1_048_576

/** Maximum length of a text that is looked at as a whole first. */
const MAX_BARE = 1024

/** Length of the shortest name of a secret field. No secret to look for is shorter. */
const MIN_NAME_LENGTH = 5

/** Creates a redactor. `known` are the secrets to hide anywhere, whatever the request says of them. */
export function redactor (known: SecretFinder): Redactor {
  const revealed = secretFinder()

  return {
    url (url) {
      const [path] = url.split('?')
      const query = parametersOf(url).map(({ text, name, value }) => {
        if (!isSecretName(name)) return text
        note(value)
        return `${text.split('=')[0]}=${REDACTED}`
      })
      return url.includes('?') ? `${path}?${query.join('&')}` : url
    },
    headers: headers => Object.fromEntries(Object.entries(headers).map(([name, value]) => {
      if (!isSecretName(name) && !SECRET_HEADERS.test(name)) return [name, value]
      note(value.slice(value.lastIndexOf(' ') + 1))
      return [name, REDACTED]
    })),
    body (text) {
      if (text.length > MAX_SHOWN) return text
      try {
        return redactValue(JSON.parse(text), 0)
      } catch {
        return text
      }
    },
    everywhere: value => mapTexts(value, text => redactText(text, [known, revealed])) as typeof value
  }

  /** Notes a secret to hide where it is sent once more. Almost always it is the account's token, which is looked for anyway. */
  function note (secret: string): void {
    if (!known.has(secret)) revealed.add(secret)
  }

  /** Notes a secret, or all texts and numbers in one. */
  function reveal (secret: unknown): void {
    if (typeof secret === 'string' || typeof secret === 'number') note(String(secret))
    else if (typeof secret === 'object' && secret !== null) Object.values(secret).forEach(reveal)
  }

  /** Replaces the secrets in a value. Throws if it can't be shown as JSON. */
  function redactValue (value: unknown, level: number): unknown {
    if (level > MAX_LEVELS) throw new RangeError('too many levels')
    if (typeof value === 'string') return redactNested(value, level)
    if (typeof value !== 'object' || value === null) return value
    if (hasProto(value)) throw new TypeError('no reader takes its key')
    // {"name":"token","value":"…"} and ["token","…"] name a secret as well, unlike the name of a project.
    const namesSecret = Object.entries(value)
      .some(([name, item]) => isSecretField(item) && !isSecretName(name) && !OPEN_FIELDS.has(name))
    const redactItem = (name: string, item: unknown): unknown => {
      if (isListOf(name, item) || (!isSecretName(name) && (!namesSecret || isSecretField(item)))) return redactValue(item, level + 1)
      reveal(item)
      return REDACTED
    }
    return Array.isArray(value)
      ? value.map(item => redactItem('', item))
      : Object.fromEntries(Object.entries(value).map(([name, item]) => [name, redactItem(name, item)]))
  }

  /** Redacts JSON within a string, such as a body that was serialized twice. */
  function redactNested (text: string, level: number): unknown {
    if (!/^\s*["[{]/.test(text)) return text
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return text
    }
    const redacted = JSON.stringify(redactValue(value, level + 1))
    return redacted === JSON.stringify(value) ? text : redacted
  }
}

/** Removes secrets from a text in one pass: those given, and those that stand beside the name of a secret field. */
export function redactText (text: string, finders: readonly SecretFinder[] = []): string {
  if (text.length < MIN_NAME_LENGTH) return text
  // As almost all texts of a request are. The rest takes several times as long.
  if (text.length <= MAX_BARE && isBare(text)) return replaceSpans(text, findSecrets(text, finders))
  const searched = text.length <= MAX_SEARCHED ? text : text.slice(0, MAX_SEARCHED)
  const unescaped = unescape(searched)
  const { plain, origin } = unescaped
  const spans = secretsBesideNames(searched, unescaped)
  for (const { start, end } of findSecrets(plain, finders)) spans.push({ start: origin(start), end: origin(end) })
  if (spans.length === 0 && text.length <= MAX_SHOWN) return text
  spans.sort((a, b) => a.start - b.start)
  return text.length <= MAX_SHOWN ? spliced(text, spans, 0, text.length) : withoutMiddle(text, spans)
}

/**
 * Removes only the given secrets from a text, such as a message, which may well name a secret field and then say what is wrong. Of one that
 * is longer than `most`, the middle is left out, and most of it not even looked at: what a message quotes can be as long as a body.
 */
export function hideSecrets (text: string, finder: SecretFinder, most = Infinity): string {
  if (text.length <= most) return spliced(text, spansOf(text, finder), 0, text.length)
  const half = Math.floor(most / 2)
  const [beginning, end] = [text.slice(0, half + CUT_MARGIN), text.slice(-half - CUT_MARGIN)]
  const head = spliced(beginning, spansOf(beginning, finder), 0, half)
  const tail = spliced(end, spansOf(end, finder), end.length - half, end.length)
  return `${head}${leftOut(text.length - 2 * half)}${tail}`
}

/** Removes only the given secrets from what a text has from `from` on. Of one that begins before that, no part is told. */
export function hideSecretsFrom (text: string, finder: SecretFinder, from: number): string {
  return spliced(text, spansOf(text, finder), from, text.length)
}

function spansOf (text: string, finder: SecretFinder): Span[] {
  const { plain, origin } = unescape(text)
  return findSecrets(plain, [finder]).map(({ start, end }) => ({ start: origin(start), end: origin(end) }))
}

/** Shows the beginning and the end of a long text, and how much there is between them. */
function withoutMiddle (text: string, spans: readonly Span[]): string {
  const isSearched = text.length <= MAX_SEARCHED
  const head = isSearched ? MAX_SHOWN / 2 : MAX_SHOWN
  const tail = isSearched ? text.length - MAX_SHOWN / 2 : text.length
  return `${spliced(text, spans, 0, head)}${leftOut(tail - head)}${spliced(text, spans, tail, text.length)}`
}

/** Gives a text with each span replaced; where spans overlap, by the first. */
export function replaceSpans (text: string, spans: readonly Span[]): string {
  return spans.length === 0 ? text : spliced(text, [...spans].sort((a, b) => a.start - b.start), 0, text.length)
}

/** Gives a part of a text without the spans in it, which are in order but may overlap. */
function spliced (text: string, spans: readonly Span[], from: number, to: number): string {
  const pieces: string[] = []
  let at = from
  for (const { start, end, by = REDACTED } of spans) {
    if (end <= at || start >= to) continue
    pieces.push(text.slice(at, Math.max(start, at)), start >= at || at === from ? by : '')
    at = end
  }
  return pieces.join('') + text.slice(Math.min(at, to), to)
}

function isSecretField (value: unknown): boolean {
  return typeof value === 'string' && isSecretFieldName(value)
}

function mapTexts (value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return value === REDACTED ? value : change(value)
  if (typeof value === 'number') return change(String(value)) === String(value) ? value : REDACTED
  if (typeof value !== 'object' || value === null) return value
  return Array.isArray(value)
    ? value.map(inner => mapTexts(inner, change))
    : Object.fromEntries(Object.entries(value).map(([name, inner]) => [change(name), mapTexts(inner, change)]))
}
