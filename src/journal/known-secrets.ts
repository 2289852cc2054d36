import { secretFinder, type SecretFinder } from './secret-finder.js'

/** Reads the tokens of the world: those added since the last time, or all of them. */
export type ReadTokens = (all: boolean) => { readonly isAll: boolean, readonly tokens: readonly string[] }

/** Number of removed tokens beyond which the finder is made anew, besides as many as there were. */
const SLACK = 1000

/**
 * Creates a function that gives the secrets the emulator knows, up to date. A removed token stays a secret for as long as the
 * journal may hold a request from before its removal: one of the last `kept` up to the serial number `newest`.
 */
export function knownSecrets (readTokens: ReadTokens, newest: () => number, kept: number): () => SecretFinder {
  let finder = secretFinder()
  let lastSize = 0
  /** Last serial number of a request that may hold a removed token. */
  let removed = new Map<string, number>()

  return () => {
    const { isAll, tokens } = readTokens(finder.size() > 2 * lastSize + SLACK)
    if (isAll) replace(new Set(tokens))
    else for (const token of tokens) finder.add(token)
    return finder
  }

  function replace (tokens: ReadonlySet<string>): void {
    const serial = newest()
    const stillHeld = [...finder.values()]
      .filter(secret => !tokens.has(secret))
      .map(secret => [secret, removed.get(secret) ?? serial] as const)
      .filter(([, last]) => last > serial - kept)
    removed = new Map(stillHeld)
    finder = secretFinder()
    for (const token of [...tokens, ...removed.keys()]) finder.add(token)
    lastSize = finder.size()
  }
}
