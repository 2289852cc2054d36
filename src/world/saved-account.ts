import type { Account, LedgerEntry } from '../domain/account.js'
import type { HistoryEvent } from '../domain/history.js'
import type { Project } from '../domain/project.js'
import type { AccountRecord } from '../store/accounts.js'
import type { Tables } from '../store/index.js'

/** Account with all that belongs to it, as it is in the store. */
export interface SavedAccount {
  readonly accountId: number
  readonly account: Omit<Account, 'accountId' | 'dueAt'>
  readonly record: AccountRecord
  readonly projects: readonly Project[]
  readonly entries: readonly LedgerEntry[]
  readonly history: readonly HistoryEvent[]
}

/** Reads an account with all that belongs to it. */
export function saveAccount (tables: Tables, { accountId, dueAt: _, ...account }: Account): SavedAccount {
  return {
    accountId,
    account,
    record: tables.accounts.findRecord(accountId),
    projects: tables.projects.list(accountId),
    entries: tables.ledger.list(accountId),
    history: tables.history.list(accountId)
  }
}
