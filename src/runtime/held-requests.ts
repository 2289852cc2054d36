/** Bounds the memory of all requests that faults hold: those that are delayed, left hanging, or answered slowly. */
export interface HeldRequests {
  /**
   * Counts a request, with a body and an answer of that length together, until the function that is returned is called. For it, those that
   * have been held for longest are let go: their clients are most likely to have gone.
   */
  readonly hold: (length: number, letGo: () => void) => () => void
}

/** Approximate cost of a held request in bytes, besides its body and its answer. */
export const REQUEST_OVERHEAD = 16_384

/** What each character of the two costs: its bytes, its text, and of a body its value. */
export const TEXT_COST = 4

/** Creates the bound; `maxBytes` is for all held requests together. */
export function createHeldRequests (maxBytes: number): HeldRequests {
  const held = new Map<() => void, number>()
  let bytes = 0

  return {
    hold (length, letGo) {
      const cost = REQUEST_OVERHEAD + TEXT_COST * length
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
