import { deriveApiToken } from '../world/generated.js'

/** API token that an emulator may have made up, and what it was derived from. */
export interface DerivedToken {
  readonly token: string
  readonly projectId: number
  readonly index: number
}

/** Number of candidates that may still be derived. */
export interface Budget { left: number }

/** Maximum number of candidates that are derived to look for one token: some milliseconds of work. */
const MAX_TRIES = 4000

/** Lists the tokens that may have been derived for projects, the first `count` of each. */
export function * derivedTokens (master: string, projectIds: Iterable<number>, count: number): Iterable<DerivedToken> {
  for (const projectId of projectIds) {
    for (let index = 0; index < count; index++) yield { token: deriveApiToken(master, projectId, index), projectId, index }
  }
}

/**
 * Gives a function that finds out which of the candidates a token is. Each is derived once, when a token is first not among those before
 * it, and none beyond the budget: a client may send any number of tokens that were never derived.
 */
export function searchIn (candidates: Iterable<DerivedToken>, budget: Budget): (token: string) => DerivedToken | undefined {
  const rest = candidates[Symbol.iterator]()
  const known = new Map<string, DerivedToken>()
  return token => {
    if (!DERIVED.test(token)) return undefined
    for (let tries = 0; tries < MAX_TRIES && budget.left > 0 && !known.has(token); tries++) {
      const { done, value } = rest.next() as IteratorResult<DerivedToken, undefined>
      if (done === true) break
      known.set(value.token, value)
      budget.left--
    }
    return known.get(token)
  }
}

const DERIVED = /^[\da-f]{40}$/
