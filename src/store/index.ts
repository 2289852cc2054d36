import { accountTable } from './accounts.js'
import { createChanges, type Changes } from './changes.js'
import { APPLICATION_ID, databaseProblem, dataVersionOf, fileGuard, IN_MEMORY, openDatabase, openedCopy, withoutLog } from './database.js'
import { groupCommit, type Commit } from './group-commit.js'
import { historyTable } from './history.js'
import { ledgerTable } from './ledger.js'
import { createMemo, type Memo } from './memo.js'
import { migrate } from './migrate.js'
import { planTable } from './plans.js'
import { projectTable } from './projects.js'
import { removalFeed, type RemovalFeed, type Removals } from './removals.js'
import { addStaged, closeStaging, copyStaged, fillingStaged, isAnyTaken, openStaging, qualified, STAGED } from './staging.js'
import { statementsOf, type Statements } from './statements.js'
import { tokenFeed, type TokenFeed } from './tokens.js'
import { worldTable } from './world.js'

/** Tables of a database. */
export interface Tables {
  readonly world: ReturnType<typeof worldTable>
  readonly plans: ReturnType<typeof planTable>
  readonly accounts: ReturnType<typeof accountTable>
  readonly projects: ReturnType<typeof projectTable>
  readonly ledger: ReturnType<typeof ledgerTable>
  readonly history: ReturnType<typeof historyTable>
}

/** Database, table by table. */
export interface Store extends Tables {
  readonly file: string
  readonly tokens: TokenFeed
  readonly removals: Removals
  /** Runs work in a transaction shared with others that arrive at the same moment. */
  readonly commit: Commit
  /** Runs work at once, in a separate transaction. */
  readonly transaction: <T>(work: () => T) => T
  /** Runs work that only reads: it sees the tables as they are at one moment, whatever another process writes to the file meanwhile. */
  readonly atOneMoment: <T>(work: () => T) => T
  /**
   * Runs work that replaces the world or removes an account, in the same way, but without foreign keys if they need no check, or the present
   * world is large: they take most of the time of a removal. To turn them off and on costs more than it saves where there is little.
   */
  readonly replace: <T>(work: () => T, areKeysChecked?: boolean) => T
  /**
   * Opens tables for another world, in memory, that nobody else sees: a large one is written there part by part, each in a transaction, and
   * `copy` then makes it the world, within `replace`. One at a time.
   */
  readonly stage: () => Staging
  /** Runs work in a transaction that is rolled back, to see its outcome. Throws if a write would fail. */
  readonly dryRun: <T>(work: () => T, areKeysChecked?: boolean) => T
  /** Tells whether the world, or one account, has so many accounts, projects or ledger entries that going through all of them takes long. */
  readonly isLarge: (accountId?: number) => boolean
  /** Copies the committed database, for `openCopied`; returns `undefined` if that would take more bytes than a limit. */
  readonly copy: (limit: number) => Buffer | undefined
  /** Watches what is written. */
  readonly watch: Changes['watch']
  /** Gives a number that changes when another process has written to the file. */
  readonly dataVersion: () => number
  /** Forces a write within the open transaction even if nothing changes: SQLite skips an update that changes nothing. */
  readonly checkWritable: () => void
  /** Sets how long transactions wait for another process that holds the lock of the file, in milliseconds, and returns how long they did before. */
  readonly waitAtMost: (ms: number) => number
  /** Checks that the files are still those that were opened; otherwise throws a `Problem`. Transactions do so themselves. */
  readonly checkFiles: () => void
  /** Commits waiting work at once. */
  readonly flush: () => void
  /** Commits waiting work and closes the database. */
  readonly close: () => void
}

/** World that is being written. */
export interface Staging {
  readonly tables: Tables
  readonly transaction: <T>(work: () => T) => T
  /** Gives the parts of filling it with a world that was copied, each to be done in a transaction. */
  readonly fillingWith: (copy: Buffer) => Iterable<() => void>
  /** Makes it the world, in place of the present one. */
  readonly copy: () => void
  /** Adds its accounts to the world, under the ids that they have, or under new ones. */
  readonly add: (ids: 'same' | 'new') => void
  /** Tells whether the world has accounts or projects with their names or tokens. */
  readonly isAnyTaken: () => boolean
  readonly close: () => void
}

/** Opens a store on a file or in memory, migrated to the newest schema. Throws a `Problem` if that fails; see `openDatabase`. */
export function openStore (file: string = IN_MEMORY, patience?: number): Store {
  const db = openDatabase(file, patience)
  let check: () => void
  try {
    db.transaction(() => migrate(db)).immediate()
    check = fileGuard(db)
  } catch (error) {
    db.close()
    throw databaseProblem(db.name, error)
  }
  const memo = createMemo(db)
  const tokens = tokenFeed(statementsOf(db), dataVersionOf(db))
  const removals = removalFeed()
  const { commit, flush } = groupCommit(db, memo, check)
  const begin = db.prepare('BEGIN IMMEDIATE')
  const rollback = db.prepare('ROLLBACK')
  const page = db.pragma('page_size', { simple: true }) as number
  const pages = db.prepare<[], number>('PRAGMA page_count').pluck()
  const dataVersion = dataVersionOf(db)
  const lastId = db.prepare<[], number | null>('SELECT max(account_id) FROM account').pluck()
  const { note, watch } = createChanges(dataVersion)
  const isLarge = db.prepare<[], 0 | 1>(
    `SELECT EXISTS (SELECT 1 FROM project LIMIT 1 OFFSET 999)
       OR EXISTS (SELECT 1 FROM ledger_entry LIMIT 1 OFFSET 4999)
       OR EXISTS (SELECT 1 FROM account LIMIT 1 OFFSET 499)`).pluck()
  const isLargeAccount = db.prepare<{ accountId: number }, 0 | 1>(
    `SELECT EXISTS (SELECT 1 FROM project WHERE account_id = @accountId LIMIT 1 OFFSET 999)
       OR EXISTS (SELECT 1 FROM ledger_entry WHERE account_id = @accountId LIMIT 1 OFFSET 4999)`).pluck()
  const run = db.transaction((work: () => unknown) => work())
  const withoutKeys = <T>(work: () => T): T => {
    db.pragma('foreign_keys = OFF')
    try {
      return work()
    } finally {
      db.pragma('foreign_keys = ON')
    }
  }
  return {
    file: db.name,
    ...tablesOf(statementsOf(db, undefined, note), memo, tokens, removals),
    tokens,
    removals,
    commit,
    flush,
    transaction (work) {
      check()
      return run.immediate(work) as ReturnType<typeof work>
    },
    atOneMoment: work => run.deferred(work) as ReturnType<typeof work>,
    isLarge: accountId => (accountId === undefined ? isLarge.get() : isLargeAccount.get({ accountId })) === 1,
    replace (work, areKeysChecked = isLarge.get() === 0) {
      return areKeysChecked ? this.transaction(work) : withoutKeys(() => this.transaction(work))
    },
    stage () {
      openStaging(db)
      const noted: string[] = []
      const feed = { note (token: string) { noted.push(token) }, read: tokens.read }
      const tables = tablesOf(statementsOf(db, sql => qualified(sql, STAGED)), createMemo(db), feed, removalFeed())
      const noteTokens = (): void => { for (const token of noted) tokens.note(token) }
      return {
        tables,
        transaction: work => run.deferred(work) as ReturnType<typeof work>,
        * fillingWith (copy) {
          const source = openedCopy(copy)
          try {
            yield * fillingStaged(db, source)
          } finally {
            source.close()
          }
        },
        copy () {
          copyStaged(db)
          noteTokens()
        },
        add (ids) {
          addStaged(db, ids === 'same' ? 0 : lastId.get() ?? 0)
          noteTokens()
        },
        isAnyTaken: () => isAnyTaken(db),
        // A stop closes the database, and with it all that is attached.
        close () { if (db.open) closeStaging(db) }
      }
    },
    dryRun (work, areKeysChecked = true) {
      if (!areKeysChecked) return withoutKeys(() => this.dryRun(work))
      begin.run()
      try {
        return removals.silently(work)
      } finally {
        rollback.run()
      }
    },
    copy: limit => pages.get()! * page > limit ? undefined : withoutLog(db.serialize()),
    watch,
    dataVersion,
    waitAtMost (ms) {
      // As where the process has ended before a stop.
      if (!db.open) return ms
      const before = db.pragma('busy_timeout', { simple: true }) as number
      db.pragma(`busy_timeout = ${ms}`)
      return before
    },
    checkFiles: check,
    checkWritable () {
      db.pragma(`application_id = ${APPLICATION_ID}`)
    },
    close () {
      flush()
      db.close()
    }
  }
}

/** Copy of a store that is open. */
interface OpenCopy {
  readonly tables: Tables
  readonly close: () => void
}

/** Opens a copy of a store as it is at this moment, to be read while the original changes. */
export function openCopy (store: Store): OpenCopy {
  return openCopied(store.copy(Infinity)!)
}

/** Opens what was copied of a store. */
export function openCopied (copy: Buffer): OpenCopy {
  const db = openedCopy(copy)
  const statements = statementsOf(db)
  return { tables: tablesOf(statements, createMemo(db), tokenFeed(statements, dataVersionOf(db)), removalFeed()), close: () => { db.close() } }
}

function tablesOf (statements: Statements, memo: Memo, tokens: TokenFeed, removals: RemovalFeed): Tables {
  const accounts = accountTable(statements, memo, tokens, removals)
  return {
    world: worldTable(statements, memo),
    plans: planTable(statements, memo),
    accounts,
    projects: projectTable(statements, memo, accounts, tokens),
    ledger: ledgerTable(statements, memo),
    history: historyTable(statements)
  }
}
