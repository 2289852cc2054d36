import { isSecretName, lettersOf, LISTS, OPEN_FIELDS, SECRET_FIELDS } from '../api/secret-fields.js'

const REDACTED = '[redacted]'

/** Headers that carry credentials by their nature, beside those named like a secret field. */
const SECRET_HEADERS = /auth|cookie|secret|password|api-?key/

/** A parameter of a query, its name as it is meant. */
export function parametersOf (url: string): Array<{ readonly text: string, readonly name: string, readonly value: string }> {
  return url.split('?').slice(1).join('?').split('&').map(text => {
    const [[name, value] = ['', '']] = new URLSearchParams(text)
    return { text, name, value }
  })
}

/** Takes the secrets out of what belongs to one request: first those in their places, then all of it `everywhere`. */
export interface Redactor {
  readonly url: (url: string) => string
  readonly headers: (headers: Readonly<Record<string, string>>) => Record<string, string>
  /** A body as JSON, or as text where it is no JSON that can be looked through. */
  readonly body: (text: string) => unknown
  /** Any text or value about the request, once its parts are known: what was a secret in one of them is one anywhere. */
  readonly everywhere: <T>(value: T) => T
}

/** What is shorter than this, in characters, is not looked for elsewhere: it would be found in everything. */
const MIN_SECRET_LENGTH = 6

/** How many levels of a body are looked through. */
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

  /** Throws where a value is nested too deeply. */
  function redactValue (value: unknown, level: number): unknown {
    if (level > MAX_LEVELS) throw new RangeError('too many levels')
    if (typeof value === 'string') return redactNested(value, level)
    if (typeof value !== 'object' || value === null) return value
    // {"name":"token","value":"…"} and ["token","…"] name their secret too; a project that is called so does not.
    const namesOne = Object.entries(value).some(([name, held]) => !isSecretName(name) && !OPEN_FIELDS.has(name) && isSecretField(held))
    const inner = (name: string, held: unknown): unknown => {
      if (isListOf(name, held) || (!isSecretName(name) && (!namesOne || isSecretField(held)))) return redactValue(held, level + 1)
      remember(held)
      return REDACTED
    }
    return Array.isArray(value)
      ? value.map(held => inner('', held))
      : Object.fromEntries(Object.entries(value).map(([name, held]) => [name, inner(name, held)]))
  }

  /** A text may hold JSON in turn, as a body does that was made to JSON twice. */
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

// In a text: a secret field's name, and what stands behind it, however it is put.
// Every repetition before the value has a bound: a text that is full of beginnings would take forever otherwise.
const NAME = `(?:${[...SECRET_FIELDS].map(spellings).join('|')})(?:[\\w.[\\]-]|%5[bd]){0,20}`
const QUOTE = '(?:\\\\{0,8}["\'`“”‘’]|%(?:25){0,4}2[27])'
const EQUALS = `${QUOTE}?\\s{0,1000}(?:=>|[:=>]|%(?:25){0,4}3[ade])\\s{0,1000}`
/** Between the name and the value of a form's part: the line's rest, more headers, an empty line. */
const FORM_PART = '"[^\\n]{0,200}\\n(?:[^\\S\\n]{0,20}\\S[^\\n]{0,200}\\n){0,5}\\r?\\n'
const VALUE = [
  '\\[redacted\\]',
  '"(?:[^"\\\\]|\\\\[^])*"?',
  '\'(?:[^\'\\\\]|\\\\[^])*\'?',
  '(?<quote>\\\\+["\'])[^]*?(?:\\k<quote>|$)',
  // What is nested ends nobody knows where.
  '[{[][^]*',
  '(?:bearer\\s+|basic\\s+)?[^\\s&<]+'
].join('|')
const SECRET_IN_TEXT = new RegExp(`(${NAME}(?:${EQUALS}|${FORM_PART}))(?:${VALUE})`, 'gi')

/** A name each of whose letters may be escaped, as JSON (`\u0074`) or as a URL (`%74`) does. */
function spellings (name: string): string {
  return [...name].map(letter => {
    const codes = [letter.toLowerCase(), letter.toUpperCase()].map(form => form.charCodeAt(0).toString(16))
    return `(?:${letter}|\\\\{1,8}u00(?:${codes.join('|')})|%(?:25){0,4}(?:${codes.join('|')}))`
  }).join('')
}

/** Whether it is such a list, and nothing else is in it. */
function isListOf (name: string, value: unknown): boolean {
  const item = LISTS.get(name)
  return item !== undefined && Array.isArray(value) &&
    value.every((held: unknown) => typeof held === 'object' && Object.keys(Object(held)).every(key => Object.hasOwn(item.properties as object, key)))
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
