import { isSecretName, lettersOf, LISTS, OPEN_FIELDS, SECRET_FIELDS } from '../api/secret-fields.js'

const REDACTED = '[redacted]'

/** Pattern of headers that carry credentials, besides those named like a secret field. */
const SECRET_HEADERS = /auth|cookie|secret|password|api-?key/

/** Lists the parameters of a query, with decoded names. */
export function parametersOf (url: string): Array<{ readonly text: string, readonly name: string, readonly value: string }> {
  return url.split('?').slice(1).join('?').split('&').map(text => {
    const [[name, value] = ['', '']] = new URLSearchParams(text)
    return { text, name, value }
  })
}

/** Removes the secrets of one request: first where they are expected, then, once they are known, `everywhere`. */
export interface Redactor {
  readonly url: (url: string) => string
  readonly headers: (headers: Readonly<Record<string, string>>) => Record<string, string>
  /** Returns a body as JSON, or as text if it is not JSON or nested too deeply. */
  readonly body: (text: string) => unknown
  /** Removes secrets from any text or value about the request, once the parts above have revealed them. */
  readonly everywhere: <T>(value: T) => T
}

/** Minimum length, in characters, of a secret to search for elsewhere: a shorter one would match too much. */
const MIN_SECRET_LENGTH = 6

/** Maximum nesting of a body that is searched. */
const MAX_LEVELS = 100

export function redactor (): Redactor {
  const secrets = new Set<string>()

  return {
    url (url) {
      const [path] = url.split('?')
      const query = parametersOf(url).map(({ text, name, value }) => {
        if (!isSecretName(name)) return text
        remember(value)
        return `${text.split('=')[0]}=${REDACTED}`
      })
      return url.includes('?') ? `${path}?${query.join('&')}` : url
    },
    headers: headers => Object.fromEntries(Object.entries(headers).map(([name, value]) => {
      if (!isSecretName(name) && !SECRET_HEADERS.test(name)) return [name, value]
      remember(value.split(/\s+/).at(-1))
      return [name, REDACTED]
    })),
    body (text) {
      try {
        return redactValue(JSON.parse(text), 0)
      } catch {
        return text
      }
    },
    everywhere: value => mapTexts(value, withoutSecrets) as typeof value
  }

  function remember (secret: unknown): void {
    if (typeof secret !== 'string' && typeof secret !== 'number') return
    const text = String(secret)
    if (text.length < MIN_SECRET_LENGTH) return
    for (const form of [text, JSON.stringify(text).slice(1, -1), new URLSearchParams({ '': text }).toString().slice(1)]) secrets.add(form)
  }

  /** Replaces the secrets in a value. Throws if it is nested too deeply. */
  function redactValue (value: unknown, level: number): unknown {
    if (level > MAX_LEVELS) throw new RangeError('too many levels')
    if (typeof value === 'string') return redactNested(value, level)
    if (typeof value !== 'object' || value === null) return value
    // {"name":"token","value":"…"} and ["token","…"] name a secret as well, unlike the name of a project.
    const namesSecret = Object.entries(value)
      .some(([name, item]) => !isSecretName(name) && !OPEN_FIELDS.has(name) && isSecretField(item))
    const redactItem = (name: string, item: unknown): unknown => {
      if (isListOf(name, item) || (!isSecretName(name) && (!namesSecret || isSecretField(item)))) return redactValue(item, level + 1)
      remember(item)
      return REDACTED
    }
    return Array.isArray(value)
      ? value.map(item => redactItem('', item))
      : Object.fromEntries(Object.entries(value).map(([name, item]) => [name, redactItem(name, item)]))
  }

  /** Redacts JSON within a string, such as a body that was serialized twice. */
  function redactNested (text: string, level: number): unknown {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return text
    }
    const redacted = JSON.stringify(redactValue(value, level + 1))
    return redacted === JSON.stringify(value) ? text : redacted
  }

  function withoutSecrets (text: string): string {
    const unnamed = text.replace(SECRET_IN_TEXT, (_all, before: string) => before + REDACTED)
    return [...secrets].reduce((rest, secret) => rest.replaceAll(secret, REDACTED), unnamed)
  }
}

// Matches, in any text, the name of a secret field and the value after it in any notation. All repetitions before the value are
// bounded, so that matching time stays linear.
const NAME = `(?:${[...SECRET_FIELDS].map(spellings).join('|')})(?:[\\w.[\\]-]|%5[bd]){0,20}`
const QUOTE = '(?:\\\\{0,8}["\'`“”‘’]|%(?:25){0,4}2[27])'
const EQUALS = `${QUOTE}?\\s{0,1000}(?:=>|[:=>]|%(?:25){0,4}3[ade])\\s{0,1000}`
/** Text between the name and the value of a form part: the rest of the line, more headers, an empty line. */
const FORM_PART = '"[^\\n]{0,200}\\n(?:[^\\S\\n]{0,20}\\S[^\\n]{0,200}\\n){0,5}\\r?\\n'
const VALUE = [
  '\\[redacted\\]',
  '"(?:[^"\\\\]|\\\\[^])*"?',
  '\'(?:[^\'\\\\]|\\\\[^])*\'?',
  '(?<quote>\\\\+["\'])[^]*?(?:\\k<quote>|$)',
  // The end of a nested value can't be told by a pattern, so everything after its beginning is removed.
  '[{[][^]*',
  '(?:bearer\\s+|basic\\s+)?[^\\s&<]+'
].join('|')
const SECRET_IN_TEXT = new RegExp(`(${NAME}(?:${EQUALS}|${FORM_PART}))(?:${VALUE})`, 'gi')

/** Builds a pattern for a name in which any letter may be escaped as in JSON (`\u0074`) or in a URL (`%74`). */
function spellings (name: string): string {
  return [...name].map(letter => {
    const codes = [letter.toLowerCase(), letter.toUpperCase()].map(form => form.charCodeAt(0).toString(16))
    return `(?:${letter}|\\\\{1,8}u00(?:${codes.join('|')})|%(?:25){0,4}(?:${codes.join('|')}))`
  }).join('')
}

/** Tells whether a value is a known list of items with secrets, and contains nothing else. */
function isListOf (name: string, value: unknown): boolean {
  const item = LISTS.get(name)
  return item !== undefined && Array.isArray(value) &&
    value.every((entry: unknown) =>
      typeof entry === 'object' && Object.keys(Object(entry)).every(key => Object.hasOwn(item.properties as object, key)))
}

function isSecretField (value: unknown): boolean {
  return typeof value === 'string' && [...SECRET_FIELDS].some(field => lettersOf(field) === lettersOf(value))
}

function mapTexts (value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (typeof value === 'number') return change(String(value)) === String(value) ? value : REDACTED
  if (typeof value !== 'object' || value === null) return value
  return Array.isArray(value)
    ? value.map(inner => mapTexts(inner, change))
    : Object.fromEntries(Object.entries(value).map(([name, inner]) => [change(name), mapTexts(inner, change)]))
}
