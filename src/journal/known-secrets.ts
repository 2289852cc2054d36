import { secretFinder, type SecretFinder } from './secret-finder.js'

/** Reads the tokens of the world: those added since the last time, or all of them. */
export type ReadTokens = (all: boolean) => { readonly isAll: boolean, readonly tokens: readonly string[] }

/** Number of tokens added since the finder was made, beyond as many as there were in the world, before it is made anew. */
const SLACK = 1000

/** What tokens have in common whose removal was noticed at the same moment: none knows which of them was removed first. */
interface Removal {
  readonly order: number
  /** Last serial number of a request that may hold one of them. */
  readonly last: number
}

/**
 * Creates a function that gives the secrets the emulator knows, up to date. A removed token stays a secret for as long as the
 * journal may hold a request from before its removal: one of the last `kept` up to the serial number `newest`. Once `most` others
 * have been removed after it, it does no longer: accounts may come and go without a request.
 */
export function knownSecrets (readTokens: ReadTokens, newest: () => number, kept: number, most: number): () => SecretFinder {
  let finder = secretFinder()
  let atReplacement = { inWorld: 0, size: 0, serial: 0 }
  let replacements = 0
  /** Removed tokens, in the order of their removals. */
  let removed = new Map<string, Removal>()

  return () => {
    const { isAll, tokens } = readTokens(isDue())
    if (isAll) replace(new Set(tokens))
    else tokens.forEach(add)
    return finder
  }

  function add (token: string): void {
    finder.add(token)
    // It is back, and its next removal counts.
    removed.delete(token)
  }

  /** Making it anew pays when as many tokens have come as it holds; or when the removed ones that it holds can be left out by now. */
  function isDue (): boolean {
    const { inWorld, size, serial } = atReplacement
    const come = finder.size() - size
    return come > inWorld + SLACK && (come > Math.min(size, most) || newest() >= serial + kept)
  }

  function replace (tokens: ReadonlySet<string>): void {
    const serial = newest()
    const now: Removal = { order: ++replacements, last: serial }
    const since = [...finder.values()].filter(secret => !removed.has(secret)).map(secret => [secret, now] as const)
    const all = [...removed, ...since].filter(([secret, { last }]) => !tokens.has(secret) && last > serial - kept)
    const oldest = all.at(-most)?.[1].order ?? 0
    removed = new Map(all.filter(([, { order }]) => order >= oldest))
    finder = secretFinder()
    for (const token of [...tokens, ...removed.keys()]) finder.add(token)
    atReplacement = { inWorld: tokens.size, size: finder.size(), serial }
  }
}
