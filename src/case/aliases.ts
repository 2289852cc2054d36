import { isSecretFieldName, isSecretName } from '../api/secret-fields.js'
import type { Scenario, ScenarioAccount, ScenarioProject } from '../contract/scenario.js'
import { namedSecrets, secretCells } from '../journal/named-secrets.js'
import { REDACTED, replaceSpans, SECRET_HEADERS, type Redactor } from '../journal/redact.js'
import { secretFinder, type Span } from '../journal/secret-finder.js'
import { unescape } from '../journal/unescape.js'
import { deriveApiToken, deriveLicenseKey } from '../world/generated.js'

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

const SECRETS_IN_ANSWERS = /"(?:license_key|token)"/

/** Fields that name an account, which stays what it is called. */
const NAMES = new Set(['name', 'account', 'copy_of'])

/** Number of tokens of one project, besides those that exist, that may have been derived: some may have been deleted. */
const MAX_DELETED = 32

/** Collector of the tokens of a world, and of what is derived from them. */
export interface AliasCollector {
  readonly addScenario: (scenario: Scenario) => void
  /** Learns from the body of an answer what was created since. */
  readonly addAnswer: (account: string, body: string) => void
  /** Learns from a request which tokens an account had whose answers never came, or no longer exist. To be called after all others. */
  readonly addRequest: (account: string, body: string) => void
  /** Gives the aliases; `others` are secrets that have none, and are taken out. */
  readonly aliases: (others?: Iterable<string>) => Aliases
}

/** Number of projects, beyond those known of an account, that it may have had. */
const MAX_UNKNOWN = 50

export function collectAliases (): AliasCollector {
  /** Aliases by what they stand for: tokens and licence keys. */
  const known = new Map<string, string>()
  const masters = new Map<string, string>()
  const projectsOf = new Map<string, Set<number>>()
  const taken = new Set<string>()

  return { addScenario, addAnswer, addRequest, aliases: (others = []) => aliasesOf(known, others) }

  function addScenario ({ accounts = [] }: Scenario): void {
    for (const account of accounts) addAccount(account)
  }

  function addAccount ({ name, token, projects = [] }: ScenarioAccount): void {
    if (name === undefined || token === undefined) return
    // What is also a name is shown everywhere.
    if (!known.has(token)) known.set(token, token === name ? unique(name) : aliasOf(name))
    masters.set(name, token)
    if (!projectsOf.has(name)) projectsOf.set(name, new Set())
    for (const project of projects) addProject(name, project)
  }

  function addProject (account: string, { project_id: id, license_key: key, api_tokens: tokens = [] }: ScenarioProject): void {
    if (id === undefined) return
    addLicenseKey(account, id, key)
    for (const { token } of tokens) if (token !== undefined) addApiToken(account, id, token, tokens.length)
  }

  function addAnswer (account: string, body: string): void {
    // The fault malformed_json leaves the last character out.
    if (masters.has(account) && SECRETS_IN_ANSWERS.test(body)) learn(jsonIn(body) ?? jsonIn(`${body}}`), account, undefined)
  }

  function addRequest (account: string, body: string): void {
    const { token, api_token: named } = Object(jsonIn(body)) as Readonly<Record<string, unknown>>
    if (!masters.has(account)) return
    // The token of a request that belongs to an account was valid, while another one in it may be anything.
    if (typeof named === 'string') addDerived(account, named)
    if (typeof token === 'string' && !known.has(token) && !addDerived(account, token)) known.set(token, aliasOf(account))
  }

  /** Finds out which project a token was derived for. */
  function addDerived (account: string, token: string): boolean {
    const ids = projectsOf.get(account)!
    const last = Math.max(0, ...ids)
    const beyond = Array.from({ length: MAX_UNKNOWN }, (_, index) => [index + 1, last + index + 1]).flat()
    return known.has(token) || [...ids, ...beyond].some(id => addDerivedFor(account, id, token, 1))
  }

  function learn (value: unknown, account: string, project: number | undefined): void {
    if (typeof value !== 'object' || value === null) return
    const { project_id: id, license_key: key, token } = value as Readonly<Record<string, unknown>>
    const here = /^\d{1,15}$/.test(String(id)) ? Number(id) : project
    if (here !== undefined && typeof key === 'string') addLicenseKey(account, here, key)
    if (here !== undefined && typeof token === 'string') addApiToken(account, here, token, 1)
    for (const inner of Object.values(value)) learn(inner, account, here)
  }

  /** Adds a project's key: the derived one, and one that it was given. */
  function addLicenseKey (account: string, projectId: number, given?: string): void {
    projectsOf.get(account)!.add(projectId)
    const master = masters.get(account)!
    const alias = deriveLicenseKey(known.get(master)!, projectId)
    known.set(given ?? deriveLicenseKey(master, projectId), alias)
  }

  function addApiToken (account: string, projectId: number, token: string, count: number): void {
    if (!known.has(token) && !addDerivedFor(account, projectId, token, count)) known.set(token, aliasOf(account, `-${projectId}`))
  }

  function addDerivedFor (account: string, projectId: number, token: string, count: number): boolean {
    const master = masters.get(account)!
    for (let index = 0; index < count + MAX_DELETED; index++) {
      if (deriveApiToken(master, projectId, index) !== token) continue
      known.set(token, deriveApiToken(known.get(master)!, projectId, index))
      return true
    }
    return false
  }

  /** Names an alias after an account, in characters that are themselves in JSON, forms, URLs and headers: it stands wherever a token did. */
  function aliasOf (account: string, more = ''): string {
    return unique(`token-of-${account.replace(/[^\w.~-]+/g, '-')}${more}`)
  }

  function unique (wanted: string): string {
    let alias = wanted
    for (let count = 2; taken.has(alias); count++) alias = `${wanted}-${count}`
    taken.add(alias)
    return alias
  }
}

/** Reads JSON; `undefined` for anything else, which teaches nothing. */
function jsonIn (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function aliasesOf (collected: ReadonlyMap<string, string>, others: Iterable<string>): Aliases {
  // An alias stands for itself, as a text may come by twice.
  const known = new Map([...[...collected.values()].map((alias): [string, string] => [alias, alias]), ...collected])
  const finder = secretFinder()
  for (const secret of known.keys()) finder.add(secret)
  for (const secret of others) finder.add(secret)

  const inText = (text: string): string => {
    const unescaped = unescape(text)
    const { plain, origin } = unescaped
    const found = finder.find(plain).map(({ start, end }): Span => ({ start: origin(start), end: origin(end), by: known.get(plain.slice(start, end)) }))
    const named = [...namedSecrets(text, unescaped), ...secretCells(unescaped)].flatMap(span => hidden(text, span))
    return found.length + named.length === 0 ? text : replaceSpans(text, [...found, ...named])
  }

  /** Replaces what stands beside a secret field's name: a token by its alias, anything else by what JSON has of the same kind. */
  function hidden (text: string, { start, end }: Span): Span[] {
    const value = text.slice(start, end)
    const alias = known.get(value)
    if (alias !== undefined) return [{ start, end, by: alias }]
    if (/^(?:true|false|null)?$/.test(value)) return []
    const isBare = text.charAt(start - 1) !== '"'
    // A short number is no secret: refusals quote it.
    if (isBare && /^-?\d[\d.eE+-]*$/.test(value)) return value.length <= MAX_NUMBER ? [] : [{ start, end, by: '0' }]
    if (isBare && /^[[{]/.test(value)) return [{ start, end, by: value.startsWith('[') ? '[]' : '{}' }]
    return [{ start, end, by: REDACTED }]
  }

  const inHeader = (name: string, value: string): string => {
    if (!isSecretName(name) && !SECRET_HEADERS.test(name)) return inText(value)
    const [, scheme = '', secret = ''] = /^(.* )?(.*)$/s.exec(value)!
    return scheme + (known.get(secret) ?? REDACTED)
  }

  return {
    url: inText,
    headers: headers => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, inHeader(name, value)])),
    body (text) {
      const shown = inText(text)
      try {
        return JSON.parse(shown) as unknown
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
        if (typeof inner !== 'string' || NAMES.has(name)) return [name, typeof inner === 'string' ? inner : inValue(inner)]
        return [name, isSecretFieldName(name) ? known.get(inner) ?? REDACTED : inText(inner)]
      }))
  }
}
