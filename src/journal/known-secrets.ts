import { secretFinder, type SecretFinder } from './secret-finder.js'

/** Reads the tokens of the world: those added since the last time, or all of them. */
export type ReadTokens = (all: boolean) => { readonly isAll: boolean, readonly tokens: readonly string[] }

/** Number of tokens added since the finder was made, beyond as many as there were in the world, before it is made anew. */
const SLACK = 1000

/**
 * Creates a function that gives the secrets the emulator knows, up to date. A removed token stays a secret for as long as the
 * journal may hold a request from before its removal: one of the last `kept` up to the serial number `newest`. Of more than `most`
 * of them, those that were removed last do: accounts may come and go without a request.
 */
export function knownSecrets (readTokens: ReadTokens, newest: () => number, kept: number, most: number): () => SecretFinder {
  let finder = secretFinder()
  let atReplacement = { inWorld: 0, size: 0, serial: 0 }
  /** Last serial number of a request that may hold a removed token. */
  let removed = new Map<string, number>()

  return () => {
    const { isAll, tokens } = readTokens(isDue())
    if (isAll) replace(new Set(tokens))
    else for (const token of tokens) finder.add(token)
    return finder
  }

  /** Making it anew pays when as many tokens have come as it holds; or when the removed ones that it holds can be left out by now. */
  function isDue (): boolean {
    const { inWorld, size, serial } = atReplacement
    const come = finder.size() - size
    return come > inWorld + SLACK && (come > size || newest() >= serial + kept)
  }

  function replace (tokens: ReadonlySet<string>): void {
    const serial = newest()
    const stillHeld = [...finder.values()]
      .filter(secret => !tokens.has(secret))
      .map(secret => [secret, removed.get(secret) ?? serial] as const)
      .filter(([, last]) => last > serial - kept)
      .sort(([, one], [, other]) => one - other)
    removed = new Map(stillHeld.slice(-most))
    finder = secretFinder()
    for (const token of [...tokens, ...removed.keys()]) finder.add(token)
    atReplacement = { inWorld: tokens.size, size: finder.size(), serial }
  }
}
