import type { Account } from '../domain/account.js'
import type { RestsOn } from '../domain/assumptions.js'
import type { Clock, Instant } from '../domain/clock.js'
import type { Mills } from '../domain/money.js'
import type { SettingsChange } from '../domain/settings.js'
import { lastOf } from '../last-of.js'
import type { Statements } from './statements.js'
import type { Memo } from './memo.js'
import type { RemovalFeed } from './removals.js'
import { restsOnReader, restsOnText } from './rests-on.js'
import type { TokenFeed } from './tokens.js'

interface AccountRow {
  account_id: number
  name: string
  token: string
  balance_mills: number
  balance_rests_on: string
  clock: string | null
  settings: string
  due_at: number | null
}

/** Row as it is in the table, and the account that it makes, once that is asked for. */
interface CachedRow {
  readonly row: AccountRow
  account: Account | undefined
}

/** Parts of an account that no decision depends on. */
export interface AccountRecord {
  /** Scenario of its creation, to which a reset returns. */
  readonly origin: unknown
  /** Instant of its automatic removal, in the machine's time; `null` for never. */
  readonly expiresAt: Instant | null
}

/** Time between two instants, on an account's clock or (`null`) on the world's. */
export interface Span {
  readonly accountId: number | null
  readonly after: Instant
  readonly until: Instant
}

/** SQL of the accounts that the clock of a span moves. */
export const ACCOUNTS_ON_CLOCK = '(SELECT account_id FROM account WHERE account_id = @accountId OR (@accountId IS NULL AND clock IS NULL))'

/** Number of accounts in a part. */
const PART = 200

const COLUMNS = 'account_id, name, token, balance_mills, balance_rests_on, clock, settings, due_at'

/** Tables with rows of accounts, each before those that its foreign keys refer to. */
const OF_ACCOUNT = ['api_token', 'subscription', 'project', 'ledger_entry', 'account_origin', 'history_event', 'account']

/** Creates the queries on accounts. */
export function accountTable (db: Statements, memo: Memo, tokens: Pick<TokenFeed, 'note'>, removals: Pick<RemovalFeed, 'isHeard' | 'announce'>) {
  // Every request reads the same few texts.
  const parseClock = lastOf((text: string) => JSON.parse(text) as Clock)
  const parseSettings = lastOf((text: string) => JSON.parse(text) as SettingsChange)
  const restsOnOf = restsOnReader()
  const find = db.prepare<{ accountId: number }, AccountRow>(`SELECT ${COLUMNS} FROM account WHERE account_id = @accountId`)
  const findByToken = db.prepare<{ token: string }, AccountRow>(`SELECT ${COLUMNS} FROM account WHERE token = @token`)
  const findByName = db.prepare<{ name: string }, AccountRow>(`SELECT ${COLUMNS} FROM account WHERE name = @name`)
  const findRecord = db.prepare<{ accountId: number }, { origin: string, expires_at: number | null }>(
    'SELECT scenario AS origin, expires_at FROM account JOIN account_origin USING (account_id) WHERE account_id = @accountId')
  const originText = db.prepare<{ accountId: number }, string>('SELECT scenario FROM account_origin WHERE account_id = @accountId').pluck()
  const originLength = db.prepare<{ accountId: number }, number>('SELECT length(scenario) FROM account_origin WHERE account_id = @accountId').pluck()
  // A project with its subscriptions takes half a kilobyte as an object, a line of the books a quarter.
  const bytesOf = db.prepare<{ accountId: number }, number>(
    `SELECT 1024 + (SELECT length(scenario) FROM account_origin WHERE account_id = @accountId)
       + (SELECT coalesce(sum(512 + length(details)), 0) FROM project WHERE account_id = @accountId)
       + 256 * (SELECT count(*) FROM api_token WHERE account_id = @accountId)
       + 256 * (SELECT count(*) FROM ledger_entry WHERE account_id = @accountId)
       + 256 * (SELECT count(*) FROM history_event WHERE account_id = @accountId)`).pluck()
  const list = db.prepare<[], AccountRow>(`SELECT ${COLUMNS} FROM account ORDER BY account_id`)
  const listFirst = db.prepare<{ limit: number }, AccountRow>(`SELECT ${COLUMNS} FROM account ORDER BY account_id LIMIT @limit`)
  const listAfter = db.prepare<{ after: number }, AccountRow>(
    `SELECT ${COLUMNS} FROM account WHERE account_id > @after ORDER BY account_id LIMIT ${PART}`)
  const listExpired = db.prepare<{ at: number }, AccountRow>(`SELECT ${COLUMNS} FROM account WHERE expires_at <= @at`)
  const listDue = db.prepare<{ at: number }, AccountRow>(
    `SELECT ${COLUMNS} FROM account WHERE due_at IS NOT NULL AND (clock IS NOT NULL OR due_at <= @at) ORDER BY account_id`)
  const listSet = db.prepare<[], AccountRow>(`SELECT ${COLUMNS} FROM account WHERE clock IS NOT NULL OR settings <> '{}' ORDER BY account_id`)
  const expiryOf = db.prepare<{ accountId: number }, number | null>('SELECT expires_at FROM account WHERE account_id = @accountId').pluck()
  const nextExpiry = db.prepare<[], number | null>('SELECT min(expires_at) FROM account WHERE expires_at IS NOT NULL').pluck()
  const count = db.prepare<[], number>('SELECT count(*) FROM account').pluck()
  const updateBalance = db.prepare<{ accountId: number, balanceMills: number, restsOn: string }>(
    'UPDATE account SET balance_mills = @balanceMills, balance_rests_on = @restsOn WHERE account_id = @accountId')
  const updateDue = db.prepare<{ accountId: number, dueAt: number | null }>(
    'UPDATE account SET due_at = @dueAt WHERE account_id = @accountId')
  const lowerDue = db.prepare<{ accountId: number, at: number }>(
    'UPDATE account SET due_at = @at WHERE account_id = @accountId AND (due_at IS NULL OR due_at > @at)')
  const recheckDue = db.prepare<{ accountId: number | null }>(
    `UPDATE account SET due_at = (SELECT min(next_billing_at) FROM subscription WHERE subscription.account_id = account.account_id)
     WHERE @accountId IS NULL OR account_id = @accountId`)
  const updateClock = db.prepare<{ accountId: number, clock: string | null }>(
    'UPDATE account SET clock = @clock WHERE account_id = @accountId')
  const updateSettings = db.prepare<{ accountId: number, settings: string }>(
    'UPDATE account SET settings = @settings WHERE account_id = @accountId')
  const insert = db.prepare<Omit<AccountRow, 'account_id' | 'due_at'> & { account_id: number | null, expires_at: number | null }>(
    `INSERT INTO account (account_id, name, token, balance_mills, balance_rests_on, clock, settings, expires_at)
     VALUES (@account_id, @name, @token, @balance_mills, @balance_rests_on, @clock, @settings, @expires_at)`)
  const insertOrigin = db.prepare<{ accountId: number, scenario: string }>(
    'INSERT INTO account_origin (account_id, scenario) VALUES (@accountId, @scenario)')
  // From the bottom up, as nothing else would go without foreign keys; with them, it takes less than row by row of the parent's.
  const remove = OF_ACCOUNT.map(table => db.prepare<{ accountId: number }>(`DELETE FROM ${table} WHERE account_id = @accountId`))
  const removeAll = OF_ACCOUNT.map(table => db.prepare(`DELETE FROM ${table === 'history_event' ? `${table} WHERE account_id IS NOT NULL` : table}`))

  const accountOf = (row: AccountRow): Account => ({
    accountId: row.account_id,
    name: row.name,
    token: row.token,
    balanceMills: row.balance_mills,
    ...row.balance_rests_on !== '' && { balanceRestsOn: restsOnOf(row.balance_rests_on) },
    clock: row.clock === null ? null : parseClock(row.clock),
    settings: parseSettings(row.settings),
    dueAt: row.due_at
  })
  const found = (row: AccountRow | undefined): Account | undefined => row && accountOf(row)

  const rows = memo.rows<number, CachedRow>()
  const ids = memo.rows<string, number>()
  const keep = (row: AccountRow | undefined): Account | undefined => {
    if (row === undefined) return undefined
    const account = accountOf(row)
    rows.set(row.account_id, { row, account })
    ids.set(row.token, row.account_id)
    return account
  }
  const cached = (accountId: number | undefined): Account | undefined => {
    const known = accountId === undefined ? undefined : rows.get(accountId)
    return known && (known.account ??= accountOf(known.row))
  }
  /** Changes a cached row as a statement has changed it. */
  const change = (accountId: number, columns: Partial<AccountRow>): void => {
    const known = rows.get(accountId)
    if (known === undefined) return
    Object.assign(known.row, columns)
    known.account = undefined
  }

  return {
    find: (accountId: number) => cached(accountId) ?? keep(find.get({ accountId })),
    findByToken: (token: string) => cached(ids.get(token)) ?? keep(findByToken.get({ token })),
    findByName: (name: string) => found(findByName.get({ name })),
    findRecord (accountId: number): AccountRecord {
      const { origin, expires_at: expiresAt } = findRecord.get({ accountId })!
      return { origin: JSON.parse(origin) as unknown, expiresAt }
    },
    /** Returns the text of its scenario, for a reader that gives way. */
    originText: (accountId: number) => originText.get({ accountId })!,
    originLength: (accountId: number) => originLength.get({ accountId })!,
    /** Returns the instant of an account's automatic removal, in the machine's time; `null` for never. */
    expiryOf: (accountId: number) => expiryOf.get({ accountId })!,
    /** Estimates the memory that an account takes with all that belongs to it. */
    bytesOf: (accountId: number) => bytesOf.get({ accountId })!,
    /** Lists all accounts, or the first ones up to a limit, in the order in which they were created. */
    list: (limit?: number) => (limit === undefined ? list.all() : listFirst.all({ limit })).map(accountOf),
    /** Lists all accounts in the same order, in parts that are read when they are asked for. */
    * listInParts (): Iterable<Account[]> {
      let part = listAfter.all({ after: 0 })
      while (part.length > 0) {
        yield part.map(accountOf)
        part = part.length < PART ? [] : listAfter.all({ after: part.at(-1)!.account_id })
      }
    },
    listExpired: (at: Instant) => listExpired.all({ at }).map(accountOf),
    /** Lists accounts of which something may be due: at an instant of the world's clock, or at any by their own clock. */
    listDue: (at: Instant) => listDue.all({ at }).map(accountOf),
    /** Lists the accounts with a clock or settings that are not the world's. */
    listSet: () => listSet.all().map(accountOf),
    /** Returns the instant of the next automatic removal, in the machine's time. */
    nextExpiry: () => nextExpiry.get() ?? null,
    count: () => count.get()!,
    /** Inserts an account and returns its id, which is new unless `accountId` is given. */
    insert (
      account: Omit<Account, 'accountId' | 'dueAt'>,
      { origin, expiresAt }: AccountRecord,
      accountId: number | null = null
    ): number {
      const { lastInsertRowid } = insert.run({
        account_id: accountId,
        name: account.name,
        token: account.token,
        balance_mills: account.balanceMills,
        balance_rests_on: restsOnText(account.balanceRestsOn),
        clock: account.clock && JSON.stringify(account.clock),
        settings: JSON.stringify(account.settings),
        expires_at: expiresAt
      })
      const id = Number(lastInsertRowid)
      tokens.note(account.token)
      insertOrigin.run({ accountId: id, scenario: JSON.stringify(origin) })
      return id
    },
    /** Sets a balance, and the assumptions that it rests on: by default none. */
    updateBalance (accountId: number, balanceMills: Mills, restsOn?: RestsOn): void {
      const text = restsOnText(restsOn)
      updateBalance.run({ accountId, balanceMills, restsOn: text })
      change(accountId, { balance_mills: balanceMills, balance_rests_on: text })
    },
    updateDue (accountId: number, dueAt: Instant | null): void {
      updateDue.run({ accountId, dueAt })
      change(accountId, { due_at: dueAt })
    },
    /** Notes that something is due at an instant, unless something is due before it. */
    lowerDue (accountId: number, at: Instant): void {
      const dueAt = rows.get(accountId)?.row.due_at ?? null
      if (dueAt !== null && dueAt <= at) return
      lowerDue.run({ accountId, at })
      change(accountId, { due_at: at })
    },
    /**
     * Lets the next look at an account, or at every account (`null`), find out anew what is due: other settings may make it due. Before the
     * first end of a cycle, nothing is.
     */
    recheckDue (accountId: number | null): void {
      memo.invalidateRows()
      recheckDue.run({ accountId })
    },
    /** Sets an account's clock; `null` returns it to the world's clock. */
    updateClock (accountId: number, clock: Clock | null): void {
      rows.delete(accountId)
      updateClock.run({ accountId, clock: clock && JSON.stringify(clock) })
    },
    updateSettings (accountId: number, settings: SettingsChange): void {
      rows.delete(accountId)
      updateSettings.run({ accountId, settings: JSON.stringify(settings) })
    },
    /** Removes an account with its projects and its ledger. */
    remove (accountId: number): void {
      if (removals.isHeard()) removals.announce(found(find.get({ accountId }))!, false)
      memo.invalidateRows()
      for (const statement of remove) statement.run({ accountId })
    },
    removeAll (): void {
      if (removals.isHeard()) for (const account of this.list()) removals.announce(account, true)
      memo.invalidateRows()
      // Account by account, with all that belongs to each, it takes longer.
      for (const statement of removeAll) statement.run()
    }
  }
}
