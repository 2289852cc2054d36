import type { LedgerEntry } from '../domain/account.js'
import type { Db } from './database.js'

export function ledgerTable (db: Db) {
  const insert = db.prepare<LedgerEntry & { accountId: number }>(
    `INSERT INTO ledger_entry (account_id, at, kind, amount_mills, balance_mills, project_id, plan_id, request_id)
     VALUES (@accountId, @at, @kind, @amountMills, @balanceMills, @projectId, @planId, @requestId)`)

  return {
    insert (accountId: number, entry: LedgerEntry): void {
      insert.run({ accountId, ...entry })
    }
  }
}
