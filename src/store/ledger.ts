import type { LedgerEntry } from '../domain/account.js'
import type { Instant } from '../domain/clock.js'
import { ACCOUNTS_ON_CLOCK, type Span } from './accounts.js'
import type { Statements } from './statements.js'
import type { Memo } from './memo.js'

/** Number of entries in a part. */
const PART = 500

/** Number of entries that are inserted at once. */
const INSERTED = 50

/** Creates the queries on ledger entries. */
export function ledgerTable (db: Statements, memo: Memo) {
  const insert = db.prepare<LedgerEntry & { accountId: number }>(
    `INSERT INTO ledger_entry (account_id, at, kind, amount_mills, balance_mills, project_id, plan_id, request_id)
     VALUES (@accountId, @at, @kind, @amountMills, @balanceMills, @projectId, @planId, @requestId)`)
  // Bound by position, several at once: that takes half the time.
  const insertPart = db.prepare<unknown[]>(
    `INSERT INTO ledger_entry (account_id, at, kind, amount_mills, balance_mills, project_id, plan_id, request_id)
     VALUES ${Array.from({ length: INSERTED }, () => '(?, ?, ?, ?, ?, ?, ?, ?)').join()}`)
  const moveOpening = db.prepare<{ accountId: number, at: number }>(
    `UPDATE ledger_entry SET at = @at
     WHERE entry_id = (SELECT entry_id FROM ledger_entry WHERE account_id = @accountId ORDER BY entry_id LIMIT 1)
       AND kind = 'opening' AND at > @at`)
  const LIST = `SELECT entry_id AS entryId, at, kind, amount_mills AS amountMills, balance_mills AS balanceMills,
       project_id AS projectId, plan_id AS planId, request_id AS requestId
     FROM ledger_entry WHERE account_id = @accountId AND entry_id > @after ORDER BY entry_id`
  const list = db.prepare<{ accountId: number, after: number }, LedgerEntry & { entryId: number }>(LIST)
  const listPart = db.prepare<{ accountId: number, after: number }, LedgerEntry & { entryId: number }>(`${LIST} LIMIT ${PART}`)

  const renewals = db.prepare<Span, { count: number, mills: number }>(
    `SELECT count(*) AS count, coalesce(-sum(amount_mills), 0) AS mills FROM ledger_entry
     WHERE account_id IN ${ACCOUNTS_ON_CLOCK} AND kind = 'renewal' AND at > @after AND at <= @until`)
  /** Instants at which accounts have opened by now, or earlier. */
  const opened = memo.rows<number, Instant>()

  return {
    insert (accountId: number, { at, kind, amountMills, balanceMills, projectId, planId, requestId }: LedgerEntry): void {
      if (kind === 'opening') opened.delete(accountId)
      insert.run({ accountId, at, kind, amountMills, balanceMills, projectId, planId, requestId })
    },
    /** Inserts entries of which none is the opening. */
    insertAll (accountId: number, entries: readonly LedgerEntry[]): void {
      const rest = entries.length % INSERTED
      for (const entry of entries.slice(0, rest)) this.insert(accountId, entry)
      for (let start = rest; start < entries.length; start += INSERTED) {
        const values: unknown[] = []
        for (const { at, kind, amountMills, balanceMills, projectId, planId, requestId } of entries.slice(start, start + INSERTED)) {
          values.push(accountId, at, kind, amountMills, balanceMills, projectId, planId, requestId)
        }
        insertPart.run(values)
      }
    },
    /** Inserts an entry that is booked now; the opening entry is never later. */
    book (accountId: number, entry: LedgerEntry): void {
      this.openBy(accountId, entry.at)
      this.insert(accountId, entry)
    },
    /** Dates the opening entry of an account back to an instant, unless it is that old: the balance was there before whatever moves it. */
    openBy (accountId: number, at: Instant): void {
      // Each booking asks, and the clock hardly ever goes back.
      const known = opened.get(accountId)
      if (known !== undefined && known <= at) return
      moveOpening.run({ accountId, at })
      opened.set(accountId, at)
    },
    /** Lists entries in the order in which they were written. */
    list: (accountId: number): LedgerEntry[] => list.all({ accountId, after: 0 }).map(entryOf),
    /** Lists them in parts that are read when they are asked for. */
    * listInParts (accountId: number): Iterable<LedgerEntry[]> {
      let part = listPart.all({ accountId, after: 0 })
      while (part.length > 0) {
        yield part.map(entryOf)
        part = part.length < PART ? [] : listPart.all({ accountId, after: part.at(-1)!.entryId })
      }
    },
    /** Counts the renewals, and what they cost, of an account or of those on the world's clock, later than one instant and up to another. */
    countRenewals: (span: Span) => renewals.get(span)!
  }
}

function entryOf ({ entryId: _, ...entry }: LedgerEntry & { entryId: number }): LedgerEntry {
  return entry
}
