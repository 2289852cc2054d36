/** Requests whose decision a fault delays. */
export interface Undecided {
  /** Adds a request for an account (`null` for none), until the function that is returned is called. `letGo` ends its delay. */
  readonly add: (account: string | null, letGo: () => void) => () => void
  /** Ends the delays of an account's requests, or of all (`null`), and waits until they have been decided or cut off. */
  readonly decide: (account: string | null) => Promise<void>
}

interface Delayed {
  readonly account: string | null
  readonly letGo: () => void
  readonly over: Promise<void>
}

export function createUndecided (): Undecided {
  const delayed = new Set<Delayed>()

  return {
    add (account, letGo) {
      let end!: () => void
      const over = new Promise<void>(resolve => { end = resolve })
      const added = { account, letGo, over }
      delayed.add(added)
      return () => {
        delayed.delete(added)
        end()
      }
    },
    async decide (account) {
      const its = [...delayed].filter(other => account === null || other.account === account)
      for (const { letGo } of its) letGo()
      await Promise.all(its.map(({ over }) => over))
    }
  }
}
