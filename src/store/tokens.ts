import type { Statements } from './statements.js'

/** Tokens of the world, for whoever has to keep them out of sight. */
export interface TokenBatch {
  /** Whether these are all tokens that there are; else those added since the last time. */
  readonly isAll: boolean
  readonly tokens: readonly string[]
}

export interface TokenFeed {
  /** Notes a token that is inserted. It stays noted even if the transaction is rolled back: it may have been seen. */
  readonly note: (token: string) => void
  /** Reads the tokens added since the last time; all of them at first, on demand, and when they were not all noted. */
  readonly read: (all: boolean) => TokenBatch
}

/** Maximum number of tokens to note. Beyond it the oldest are dropped, and the next reader gets all tokens that there are. */
const MAX_NOTED = 20_000

/** Creates the feed of a world's tokens: reading it costs as much as has changed, not as much as there is. */
export function tokenFeed (db: Statements, dataVersion: () => number): TokenFeed {
  const list = db.prepare<[], string>('SELECT token FROM account UNION ALL SELECT token FROM api_token').pluck()
  let noted: string[] = []
  let areAllNoted = false
  let seen: number | undefined

  return {
    note (token) {
      noted.push(token)
      if (noted.length < 2 * MAX_NOTED) return
      noted = noted.slice(MAX_NOTED)
      areAllNoted = false
    },
    read (all) {
      const version = dataVersion()
      const isAll = all || !areAllNoted || version !== seen
      // Those noted count even if they have been removed since.
      const tokens = isAll ? [...list.all(), ...noted] : noted
      noted = []
      areAllNoted = true
      seen = version
      return { isAll, tokens }
    }
  }
}
