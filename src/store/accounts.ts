import type { Account } from '../domain/account.js'
import type { Clock } from '../domain/clock.js'
import type { Mills } from '../domain/money.js'
import type { SettingsChange } from '../domain/settings.js'
import type { Db } from './database.js'
import { json } from './json.js'

interface AccountRow { account_id: number, name: string, token: string, balance_mills: number, clock: string | null, settings: string }

export function accountTable (db: Db) {
  const clocks = json<Clock>()
  const settings = json<SettingsChange>()
  const findByToken = db.prepare<{ token: string }, AccountRow>('SELECT * FROM account WHERE token = @token')
  const list = db.prepare<[], AccountRow>('SELECT * FROM account ORDER BY account_id')
  const count = db.prepare<[], number>('SELECT count(*) FROM account').pluck()
  const updateBalance = db.prepare<{ accountId: number, balanceMills: number }>(
    'UPDATE account SET balance_mills = @balanceMills WHERE account_id = @accountId')
  const insert = db.prepare<Omit<AccountRow, 'account_id'>>(
    'INSERT INTO account (name, token, balance_mills, clock, settings) VALUES (@name, @token, @balance_mills, @clock, @settings)')

  const accountOf = (row: AccountRow): Account => ({
    accountId: row.account_id,
    name: row.name,
    token: row.token,
    balanceMills: row.balance_mills,
    clock: row.clock === null ? null : clocks.parse(row.clock),
    settings: settings.parse(row.settings)
  })

  return {
    findByToken (token: string): Account | undefined {
      const row = findByToken.get({ token })
      return row && accountOf(row)
    },
    /** In the order in which they were made, read one by one as they are asked for. */
    * list (): Iterable<Account> {
      for (const row of list.iterate()) yield accountOf(row)
    },
    count (): number {
      return count.get()!
    },
    /** Gives the id that the account got. */
    insert (account: Omit<Account, 'accountId'>): number {
      const { lastInsertRowid } = insert.run({
        name: account.name,
        token: account.token,
        balance_mills: account.balanceMills,
        clock: account.clock && JSON.stringify(account.clock),
        settings: JSON.stringify(account.settings)
      })
      return Number(lastInsertRowid)
    },
    updateBalance (accountId: number, balanceMills: Mills): void {
      updateBalance.run({ accountId, balanceMills })
    }
  }
}
