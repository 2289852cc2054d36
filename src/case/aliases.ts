import type { Scenario, ScenarioProject } from '../contract/scenario.js'
import { Problem } from '../problem.js'
import { doAtOnce, type Work } from '../time-slices.js'
import { deriveApiToken, deriveLicenseKey } from '../world/generated.js'
import { derivedTokens, searchIn, type Budget, type DerivedToken } from './derived-tokens.js'
import { replacingTokens, type Aliases } from './replace-tokens.js'

const SECRETS_IN_ANSWERS = /"(?:license_key|token)"/

/** Number of tokens of one project, besides those that exist, that may have been derived: some may have been deleted. */
const MAX_DELETED = 32

/** Maximum number of tokens that are derived to find out whose a token is that nothing in the world has. */
const MAX_DERIVED = 100_000

/** Maximum length of what an alias has of a name, in characters: a token has at most 200. */
const MAX_NAME = 100

/** Collector of the tokens of a world, and of what is derived from them. */
export interface AliasCollector {
  readonly addScenario: (scenario: Scenario) => void
  /** Gives the steps of `addScenario`, for a large one. */
  readonly stepsOf: (scenario: Scenario) => Iterable<() => void>
  /** Learns from the body of an answer what was created since. */
  readonly addAnswer: (account: string, body: string) => void
  /** Learns from a request which tokens an account had whose answers never came, or no longer exist. To be called after all others. */
  readonly addRequest: (account: string, body: string) => void
  /** Gives the aliases; `others` are secrets that have none, and are taken out. */
  readonly aliases: (others?: Iterable<string>) => Aliases
  /** Does so, and pauses after some of them. */
  readonly gatheringAliases: (others: Iterable<string>) => Work<Aliases>
}

/** Number of projects, beyond those known of an account, that it may have had. */
const MAX_UNKNOWN = 50

/** Creates a collector, which throws a `Problem` if there are more tokens and licence keys than a maximum. */
export function collectAliases (max = Infinity): AliasCollector {
  /** Aliases by what they stand for: tokens and licence keys. */
  const known = new Map<string, string>()
  const masters = new Map<string, string>()
  const projectsOf = new Map<string, Set<number>>()
  const taken = new Set<string>()
  /** Number of aliases that were wanted twice, by what was wanted. */
  const repeated = new Map<string, number>()
  const searches = new Map<string, ReturnType<typeof searchIn>>()
  const budget: Budget = { left: MAX_DERIVED }

  const gatheringAliases = (others: Iterable<string>): Work<Aliases> => replacingTokens(known, others)
  return { addScenario, stepsOf, addAnswer, addRequest, aliases: (others = []) => doAtOnce(gatheringAliases(others)), gatheringAliases }

  function know (secret: string, alias: string): void {
    known.set(secret, alias)
    if (known.size > max) {
      throw new Problem(`the case has more than ${max} tokens and licence keys, for which there is no memory`, {
        status: 503,
        advice: 'save the case of one account, or start the emulator with a larger heap: NODE_OPTIONS=--max-old-space-size=MEGABYTES'
      })
    }
  }

  function addScenario (scenario: Scenario): void {
    for (const add of stepsOf(scenario)) add()
  }

  function * stepsOf ({ accounts = [] }: Scenario): Iterable<() => void> {
    for (const account of accounts) {
      const { name, token, projects = [] } = account
      if (name === undefined || token === undefined) continue
      yield () => { addAccount(name, token) }
      for (const project of projects) yield () => { addProject(name, project) }
    }
  }

  function addAccount (name: string, token: string): void {
    // What is also a name is shown everywhere.
    if (!known.has(token)) know(token, aliasFor(token, token === name ? name : aliasOf(name)))
    masters.set(name, token)
    if (!projectsOf.has(name)) projectsOf.set(name, new Set())
  }

  function addProject (account: string, { project_id: id, license_key: key, api_tokens: tokens = [] }: ScenarioProject): void {
    if (id === undefined) return
    addLicenseKey(account, id, key)
    const find = searchOf(account, [id], tokens.length + MAX_DELETED)
    for (const { token } of tokens) if (token !== undefined) addApiToken(account, id, token, find)
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
    if (typeof token === 'string' && !known.has(token) && !addDerived(account, token)) know(token, aliasFor(token, aliasOf(account)))
  }

  /** Finds out which project a token was derived for. */
  function addDerived (account: string, token: string): boolean {
    if (known.has(token)) return true
    let find = searches.get(account)
    if (find === undefined) {
      const ids = projectsOf.get(account)!
      const last = [...ids].reduce((highest, id) => Math.max(highest, id), 0)
      const beyond = Array.from({ length: MAX_UNKNOWN }, (_, index) => [index + 1, last + index + 1]).flat()
      searches.set(account, find = searchIn(derivedTokens(masters.get(account)!, new Set([...ids, ...beyond]), 1 + MAX_DELETED), budget))
    }
    return addFound(account, find(token))
  }

  function learn (value: unknown, account: string, project: number | undefined): void {
    if (typeof value !== 'object' || value === null) return
    const { project_id: id, license_key: key, token } = value as Readonly<Record<string, unknown>>
    const here = /^\d{1,15}$/.test(String(id)) ? Number(id) : project
    if (here !== undefined && typeof key === 'string') addLicenseKey(account, here, key)
    if (here !== undefined && typeof token === 'string') addApiToken(account, here, token, searchOf(account, [here], 1 + MAX_DELETED))
    for (const inner of Object.values(value)) learn(inner, account, here)
  }

  /** Adds a project's key: the derived one, and one that it was given. */
  function addLicenseKey (account: string, projectId: number, given?: string): void {
    projectsOf.get(account)!.add(projectId)
    const master = masters.get(account)!
    const alias = deriveLicenseKey(known.get(master)!, projectId)
    know(given ?? deriveLicenseKey(master, projectId), alias)
  }

  function addApiToken (account: string, projectId: number, token: string, find: ReturnType<typeof searchIn>): void {
    if (!known.has(token) && !addFound(account, find(token))) know(token, aliasFor(token, `${aliasOf(account)}-${projectId}`))
  }

  function addFound (account: string, found: DerivedToken | undefined): boolean {
    if (found === undefined) return false
    know(found.token, deriveApiToken(known.get(masters.get(account)!)!, found.projectId, found.index))
    return true
  }

  /** Gives what finds tokens of a project that is known, whose number follows that of its tokens. */
  function searchOf (account: string, projectIds: readonly number[], count: number): ReturnType<typeof searchIn> {
    return searchIn(derivedTokens(masters.get(account)!, projectIds, count), { left: Infinity })
  }

  /** Gives a token's alias: one that no other has. What is one already, as in the world of a case, stays what it is. */
  function aliasFor (token: string, wanted: string): string {
    const isAlias = token.startsWith(wanted) && /^(?:-\d+)?$/.test(token.slice(wanted.length))
    const first = isAlias ? token : wanted
    let count = repeated.get(first) ?? 1
    let alias = first
    while (taken.has(alias)) alias = `${first}-${++count}`
    repeated.set(first, count)
    taken.add(alias)
    return alias
  }
}

/** Gives an alias for an account, of characters that stay as they are wherever a client may put a token: in JSON, a URL, a form, a header. */
function aliasOf (account: string): string {
  return `token-of-${account.replace(/[^\w.-]+/g, '-').slice(0, MAX_NAME)}`
}

/** Reads JSON; `undefined` for anything else, which teaches nothing. */
function jsonIn (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
