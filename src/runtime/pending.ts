/** Something that is under way and can be broken off: a delay, an answer that never comes, a client that waits. */
export interface UnderWay {
  /** The account that it belongs to; `null` for none. */
  readonly account: string | null
  readonly breakOff: () => void
}

/** What is under way, so that a reset or a stop can break it off. */
export interface Pending {
  /** Gives the function that ends the registration. */
  readonly register: (underWay: UnderWay) => () => void
  /** Breaks off what an account has under way; or everything, and then a new epoch begins. */
  readonly breakOff: (account?: string) => void
  /** A request that came in before a reset belongs to another epoch, and its answer must not reach the next test. */
  readonly epoch: () => number
}

export function createPending (): Pending {
  const all = new Set<UnderWay>()
  let epoch = 0
  return {
    register (underWay) {
      all.add(underWay)
      return () => { all.delete(underWay) }
    },
    breakOff (account) {
      if (account === undefined) epoch++
      for (const underWay of [...all]) {
        if (account !== undefined && underWay.account !== account) continue
        all.delete(underWay)
        underWay.breakOff()
      }
    },
    epoch: () => epoch
  }
}
