/** Bounds the memory of all requests that faults hold: those that are delayed, left hanging, or answered slowly. */
export interface HeldRequests {
  /**
   * Counts a request, with a body of that length, until the function that is returned is called. For it, those that have been held for
   * longest are let go: their clients are most likely to have gone.
   */
  readonly hold: (bodyLength: number, letGo: () => void) => () => void
}

/** Approximate cost of a held request in bytes, besides its body. */
export const REQUEST_OVERHEAD = 16_384

/** What a body costs for each of its characters: its bytes, its text, and its value. */
export const BODY_COST = 4

/** Creates the bound; `maxBytes` is for all held requests together. */
export function createHeldRequests (maxBytes: number): HeldRequests {
  const held = new Map<() => void, number>()
  let bytes = 0

  return {
    hold (bodyLength, letGo) {
      const cost = REQUEST_OVERHEAD + BODY_COST * bodyLength
      const release = (): void => {
        if (held.delete(letGo)) bytes -= cost
      }
      for (const [letOldestGo, itsCost] of held) {
        if (bytes + cost <= maxBytes) break
        held.delete(letOldestGo)
        bytes -= itsCost
        letOldestGo()
      }
      held.set(letGo, cost)
      bytes += cost
      return release
    }
  }
}
