/** Requests whose decision a fault delays. */
export interface Undecided {
  /**
   * Adds a request for an account (`null` for none), until the function that is returned is called. `letGo` ends its delay. `isByProbe` tells
   * whether the fault is a probe's, which no reset disarms, and not the world's.
   */
  readonly add: (account: string | null, isByProbe: boolean, letGo: () => void) => () => void
  /** Ends the delays of an account's requests, or of all (`null`), and waits until they have been decided or cut off. */
  readonly decide: (account: string | null) => Promise<void>
  /** Does so for those that a probe's fault delays. */
  readonly decideProbed: (account: string | null) => Promise<void>
}

interface Delayed {
  readonly account: string | null
  readonly isByProbe: boolean
  readonly letGo: () => void
  readonly over: Promise<void>
}

export function createUndecided (): Undecided {
  const delayed = new Set<Delayed>()

  return {
    add (account, isByProbe, letGo) {
      let end!: () => void
      const over = new Promise<void>(resolve => { end = resolve })
      const added = { account, isByProbe, letGo, over }
      delayed.add(added)
      return () => {
        delayed.delete(added)
        end()
      }
    },
    decide: async account => { await decideEach(account, () => true) },
    decideProbed: async account => { await decideEach(account, ({ isByProbe }) => isByProbe) }
  }

  async function decideEach (account: string | null, isMeant: (other: Delayed) => boolean): Promise<void> {
    const its = [...delayed].filter(other => (account === null || other.account === account) && isMeant(other))
    for (const { letGo } of its) letGo()
    await Promise.all(its.map(({ over }) => over))
  }
}
