/** Observer of what is written while something is prepared that depends on it. */
export interface Watch {
  /** Whether anything has been written meanwhile, by this process or another one, that the preparation depends on. */
  readonly isChanged: () => boolean
  readonly end: () => void
}

/** Writes, for those who watch them. */
export interface Changes {
  /** Notes a statement with its parameters. */
  readonly note: (params: unknown) => void
  /** Watches what belongs to some accounts, and what belongs to none. Other accounts may come, change and go. */
  readonly watch: (accountIds: ReadonlySet<number>) => Watch
}

/** Parameters that name an account; `null` for a new one, or for the world's history. */
interface OfAccount { readonly accountId?: number | null, readonly account_id?: number | null | undefined }

/** Creates the feed of what is written; `dataVersion` changes when another process writes. */
export function createChanges (dataVersion: () => number): Changes {
  const watches = new Set<{ readonly accountIds: ReadonlySet<number>, isChanged: boolean }>()
  return {
    note (params) {
      // Hardly ever does anybody watch.
      if (watches.size === 0) return
      // Those that are bound by position begin with it.
      const { accountId, account_id: id = accountId } = Array.isArray(params) ? { accountId: params[0] as number } : Object(params) as OfAccount
      for (const watch of watches) if (id === undefined || (id !== null && watch.accountIds.has(id))) watch.isChanged = true
    },
    watch (accountIds) {
      const watch = { accountIds, isChanged: false }
      const before = dataVersion()
      watches.add(watch)
      return {
        isChanged: () => watch.isChanged || dataVersion() !== before,
        end () { watches.delete(watch) }
      }
    }
  }
}
