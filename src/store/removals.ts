import type { Account } from '../domain/account.js'

/** Announces accounts that are about to be removed, while everything that belongs to them can still be read. */
export interface Removals {
  /** Calls back before an account is removed, alone or with all others. Nothing is announced in a dry run. */
  readonly listen: (listener: RemovalListener) => void
}

type RemovalListener = (account: Account, isWholeWorld: boolean) => void

export interface RemovalFeed extends Removals {
  readonly isHeard: () => boolean
  readonly announce: RemovalListener
  /** Runs work whose removals do not last. */
  readonly silently: <T>(work: () => T) => T
}

export function removalFeed (): RemovalFeed {
  const listeners: RemovalListener[] = []
  let isSilent = false
  return {
    listen (listener) { listeners.push(listener) },
    isHeard: () => listeners.length > 0 && !isSilent,
    announce (account, isWholeWorld) { for (const listener of listeners) listener(account, isWholeWorld) },
    silently (work) {
      isSilent = true
      try {
        return work()
      } finally {
        isSilent = false
      }
    }
  }
}
