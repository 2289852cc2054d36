import { isSecretFieldName, isSecretName } from '../api/secret-fields.js'
import { secretsBesideNames } from '../journal/named-secrets.js'
import { isShowable, replaceSpans, SECRET_HEADERS, type Redactor } from '../journal/redact.js'
import { findSecrets, formsOf, secretFinder, type SecretFinder, type Span } from '../journal/secret-finder.js'
import { unescape, unescapeJson } from '../journal/unescape.js'
import type { Work } from '../time-slices.js'
import { LIST, NUMBER, OBJECT, standIns, TEXT } from './stand-ins.js'

/**
 * Other tokens for those of a world, named after their accounts: `token-of-demo`. What is derived from a token, such as a licence key, is
 * derived from its alias instead: what results is the world that accounts with these tokens would have become.
 */
export interface Aliases extends Redactor {
  /** Replaces the tokens in texts at any depth, and takes other secrets out. */
  readonly in: <T>(value: T) => T
}

/** Length, in characters, of the longest number that is shown where a secret is expected. */
const MAX_NUMBER = 8

/** Fields that name an account, which stays what it is called. */
const NAMES = new Set(['name', 'account', 'copy_of'])

/** True for the name of a plan, which may say anything. */
function isOfPlan (name: string, value: object): boolean {
  return name === 'name' && 'plan_id' in value
}

/** Pattern of the scheme of an authorization header, which is no secret. */
const SCHEME = /^[a-z]{1,12} /i

/** Name of the cookie that stands for all of a header that names a token. */
const SECRET_COOKIE = 'token='

/** Number of tokens between two pauses. */
const PART = 64

/**
 * Gives what replaces the tokens that are collected by their aliases, and pauses after some of them; `others` are secrets that have none, and
 * are taken out.
 */
export function * replacingTokens (collected: ReadonlyMap<string, string>, others: Iterable<string>): Work<Aliases> {
  const known = new Map<string, string>()
  const finder = secretFinder()
  const secretOf = new Map<string, string>()
  const learn = (secret: string, alias: string): void => {
    known.set(secret, alias)
    finder.add(secret)
    for (const form of formsOf(secret)) secretOf.set(form, secret)
  }
  // An alias stands for itself, as a text may come by twice.
  yield * eachInParts(collected.values(), alias => { learn(alias, alias) })
  yield * eachInParts(collected, ([secret, alias]) => { learn(secret, alias) })
  yield * eachInParts(others, finder.add)
  return aliasesBy(known, finder, secretOf)
}

function * eachInParts<Item> (items: Iterable<Item>, act: (item: Item) => void): Iterable<void> {
  let count = 0
  for (const item of items) {
    act(item)
    if (++count % PART === 0) yield
  }
}

function aliasesBy (known: ReadonlyMap<string, string>, finder: SecretFinder, secretOf: ReadonlyMap<string, string>): Aliases {
  const standInFor = standIns()

  const aliasOf = (secret: string): string => known.get(secret) ?? standInFor(secret, TEXT)

  const inText = (text: string): string => {
    const unescaped = unescape(text)
    const { plain, origin } = unescaped
    const found = findSecrets(plain, [finder]).map((span): Span => {
      const [start, end] = [origin(span.start), origin(span.end)]
      const form = plain.slice(span.start, span.end)
      const secret = secretOf.get(form)
      const alias = secret === undefined ? standInFor(form, TEXT) : known.get(secret)!
      // What stands for itself stays as it was written, with its escapes.
      return { start, end, by: alias === secret ? text.slice(start, end) : alias }
    })
    const named = secretsBesideNames(text, unescaped, hidden)
    return found.length + named.length === 0 ? text : replaceSpans(text, [...found, ...named])
  }

  /** Replaces what stands beside a secret field's name: a token by its alias, anything else by what JSON has of the same kind. */
  function hidden (text: string, { start, end }: Span): Span[] {
    const isBare = text.charAt(start - 1) !== '"'
    const literal = text.slice(start, end)
    // However JSON writes it, it has the same alias as where it is a value of its own.
    const value = isBare ? literal : unescapeJson(literal).plain
    const alias = known.get(value)
    if (alias !== undefined) return [{ start, end, by: alias }]
    if (/^(?:true|false|null)?$/.test(value) || TEXT.form.test(value)) return []
    // A short number is no secret: refusals quote it.
    if (isBare && /^-?\d[\d.eE+-]*$/.test(value)) return value.length <= MAX_NUMBER ? [] : [{ start, end, by: standInFor(value, NUMBER) }]
    if (isBare && /^[[{]/.test(value)) return [{ start, end, by: standInFor(value, value.startsWith('[') ? LIST : OBJECT) }]
    return [{ start, end, by: standInFor(value, TEXT) }]
  }

  const inHeader = (name: string, value: string): string => {
    if (!isSecretName(name) && !SECRET_HEADERS.test(name)) return inText(value)
    // A replay notes that a cookie is called after a token.
    if (/^cookie$/i.test(name) && isSecretName(value)) return `${SECRET_COOKIE}${aliasOf(value.replace(SECRET_COOKIE, ''))}`
    const scheme = /authorization$/i.test(name) && SCHEME.test(value) ? value.slice(0, value.indexOf(' ') + 1) : ''
    return scheme + aliasOf(value.slice(scheme.length))
  }

  return {
    url: inText,
    headers: headers => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, inHeader(name, value)])),
    body (text) {
      const shown = inText(text)
      try {
        const value = JSON.parse(shown) as unknown
        // As in the journal; neither JSON.stringify nor a reader of the case could follow it.
        return isShowable(value) ? value : shown
      } catch {
        return shown
      }
    },
    // The body's text is all that has not been through one of these.
    everywhere: value => (typeof value === 'string' ? inText(value) : value) as typeof value,
    in: value => inValue(value) as typeof value
  }

  function inValue (value: unknown): unknown {
    if (typeof value === 'string') return inText(value)
    if (typeof value !== 'object' || value === null) return value
    return Array.isArray(value)
      ? value.map(inValue)
      : Object.fromEntries(Object.entries(value).map(([name, inner]) => {
        if (typeof inner !== 'string' || (NAMES.has(name) && !isOfPlan(name, value))) return [name, typeof inner === 'string' ? inner : inValue(inner)]
        return [name, isSecretFieldName(name) ? aliasOf(inner) : inText(inner)]
      }))
  }
}
