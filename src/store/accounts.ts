import type { Account } from '../domain/account.js'
import type { Clock, Instant } from '../domain/clock.js'
import type { Mills } from '../domain/money.js'
import type { SettingsChange } from '../domain/settings.js'
import { lastOf } from '../last-of.js'
import type { Db } from './database.js'

interface AccountRow { account_id: number, name: string, token: string, balance_mills: number, clock: string | null, settings: string, due_at: number | null }

/** What an account has beside what decisions are made from. */
export interface AccountRecord {
  /** How it was made, as a scenario has it: what a reset goes back to. */
  readonly origin: unknown
  /** When it goes by itself, in the machine's time; `null`: never. */
  readonly expiresAt: Instant | null
}

const COLUMNS = 'account_id, name, token, balance_mills, clock, settings, due_at'

export function accountTable (db: Db) {
  // The same few texts are read with every request.
  const parseClock = lastOf((text: string) => JSON.parse(text) as Clock)
  const parseSettings = lastOf((text: string) => JSON.parse(text) as SettingsChange)
  const find = db.prepare<{ accountId: number }, AccountRow>(`SELECT ${COLUMNS} FROM account WHERE account_id = @accountId`)
  const findByToken = db.prepare<{ token: string }, AccountRow>(`SELECT ${COLUMNS} FROM account WHERE token = @token`)
  const findByName = db.prepare<{ name: string }, AccountRow>(`SELECT ${COLUMNS} FROM account WHERE name = @name`)
  const findRecord = db.prepare<{ accountId: number }, { origin: string, expires_at: number | null }>(
    'SELECT scenario AS origin, expires_at FROM account JOIN account_origin USING (account_id) WHERE account_id = @accountId')
  const list = db.prepare<{ limit: number }, AccountRow>(`SELECT ${COLUMNS} FROM account ORDER BY account_id LIMIT @limit`)
  const listExpired = db.prepare<{ at: number }, AccountRow>(`SELECT ${COLUMNS} FROM account WHERE expires_at <= @at`)
  const listDue = db.prepare<{ at: number }, AccountRow>(
    `SELECT ${COLUMNS} FROM account WHERE due_at IS NOT NULL AND (clock IS NOT NULL OR due_at <= @at) ORDER BY account_id`)
  const nextExpiry = db.prepare<[], number | null>('SELECT min(expires_at) FROM account WHERE expires_at IS NOT NULL').pluck()
  const count = db.prepare<[], number>('SELECT count(*) FROM account').pluck()
  const updateBalance = db.prepare<{ accountId: number, balanceMills: number }>(
    'UPDATE account SET balance_mills = @balanceMills WHERE account_id = @accountId')
  const updateDue = db.prepare<{ accountId: number, dueAt: number | null }>(
    'UPDATE account SET due_at = @dueAt WHERE account_id = @accountId')
  const updateClock = db.prepare<{ accountId: number, clock: string | null }>(
    'UPDATE account SET clock = @clock WHERE account_id = @accountId')
  const updateSettings = db.prepare<{ accountId: number, settings: string }>(
    'UPDATE account SET settings = @settings WHERE account_id = @accountId')
  const insert = db.prepare<Omit<AccountRow, 'account_id' | 'due_at'> & { account_id: number | null, expires_at: number | null }>(
    `INSERT INTO account (account_id, name, token, balance_mills, clock, settings, expires_at)
     VALUES (@account_id, @name, @token, @balance_mills, @clock, @settings, @expires_at)`)
  const insertOrigin = db.prepare<{ accountId: number, scenario: string }>('INSERT INTO account_origin (account_id, scenario) VALUES (@accountId, @scenario)')
  const remove = db.prepare<{ accountId: number }>('DELETE FROM account WHERE account_id = @accountId')
  const removeAll = db.prepare('DELETE FROM account')

  const accountOf = (row: AccountRow): Account => ({
    accountId: row.account_id,
    name: row.name,
    token: row.token,
    balanceMills: row.balance_mills,
    clock: row.clock === null ? null : parseClock(row.clock),
    settings: parseSettings(row.settings),
    dueAt: row.due_at
  })
  const found = (row: AccountRow | undefined): Account | undefined => row && accountOf(row)

  return {
    find: (accountId: number) => found(find.get({ accountId })),
    findByToken: (token: string) => found(findByToken.get({ token })),
    findByName: (name: string) => found(findByName.get({ name })),
    findRecord (accountId: number): AccountRecord {
      const { origin, expires_at: expiresAt } = findRecord.get({ accountId })!
      return { origin: JSON.parse(origin) as unknown, expiresAt }
    },
    /** In the order in which they were made; all of them, or only the first. */
    list: (limit = -1) => list.all({ limit }).map(accountOf),
    listExpired: (at: Instant) => listExpired.all({ at }).map(accountOf),
    /** Those of which something may be due: by the world's clock at an instant, or by a clock of their own at any. */
    listDue: (at: Instant) => listDue.all({ at }).map(accountOf),
    /** When the next account goes by itself, in the machine's time. */
    nextExpiry: () => nextExpiry.get() ?? null,
    count: () => count.get()!,
    /** Gives the id that the account got; `accountId` keeps one that it had. */
    insert (account: Omit<Account, 'accountId' | 'dueAt'>, { origin, expiresAt }: AccountRecord, accountId: number | null = null): number {
      const { lastInsertRowid } = insert.run({
        account_id: accountId,
        name: account.name,
        token: account.token,
        balance_mills: account.balanceMills,
        clock: account.clock && JSON.stringify(account.clock),
        settings: JSON.stringify(account.settings),
        expires_at: expiresAt
      })
      const id = Number(lastInsertRowid)
      insertOrigin.run({ accountId: id, scenario: JSON.stringify(origin) })
      return id
    },
    updateBalance (accountId: number, balanceMills: Mills): void {
      updateBalance.run({ accountId, balanceMills })
    },
    updateDue (accountId: number, dueAt: Instant | null): void {
      updateDue.run({ accountId, dueAt })
    },
    /** `null` gives the account back to the world's clock. */
    updateClock (accountId: number, clock: Clock | null): void {
      updateClock.run({ accountId, clock: clock && JSON.stringify(clock) })
    },
    updateSettings (accountId: number, change: SettingsChange): void {
      updateSettings.run({ accountId, settings: JSON.stringify(change) })
    },
    /** Its projects and its ledger go with it. */
    remove (accountId: number): void {
      remove.run({ accountId })
    },
    removeAll (): void {
      removeAll.run()
    }
  }
}
