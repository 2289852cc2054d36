import { accountTable } from './accounts.js'
import { APPLICATION_ID, databaseProblem, fileGuard, IN_MEMORY, openDatabase } from './database.js'
import { groupCommit, type Commit } from './group-commit.js'
import { ledgerTable } from './ledger.js'
import { createMemo } from './memo.js'
import { migrate } from './migrate.js'
import { planTable } from './plans.js'
import { projectTable } from './projects.js'
import { worldTable } from './world.js'

/** Database, table by table. */
export interface Store {
  readonly file: string
  readonly world: ReturnType<typeof worldTable>
  readonly plans: ReturnType<typeof planTable>
  readonly accounts: ReturnType<typeof accountTable>
  readonly projects: ReturnType<typeof projectTable>
  readonly ledger: ReturnType<typeof ledgerTable>
  /** Runs work in a transaction shared with others that arrive at the same moment. */
  readonly commit: Commit
  /** Runs work at once, in a separate transaction. */
  readonly transaction: <T>(work: () => T) => T
  /** Runs work in a transaction that is rolled back, to see its outcome. Throws if a write would fail. */
  readonly dryRun: <T>(work: () => T) => T
  /** Forces a write within the open transaction even if nothing changes: SQLite skips an update that changes nothing. */
  readonly checkWritable: () => void
  /** Commits waiting work at once. */
  readonly flush: () => void
  /** Commits waiting work and closes the database. */
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
  const { commit, flush } = groupCommit(db, memo, check)
  const begin = db.prepare('BEGIN IMMEDIATE')
  const rollback = db.prepare('ROLLBACK')
  return {
    file: db.name,
    world: worldTable(db, memo),
    plans: planTable(db, memo),
    accounts: accountTable(db),
    projects: projectTable(db),
    ledger: ledgerTable(db),
    commit,
    flush,
    transaction (work) {
      check()
      return db.transaction(work).immediate()
    },
    dryRun (work) {
      begin.run()
      try {
        return work()
      } finally {
        rollback.run()
      }
    },
    checkWritable () {
      db.pragma(`application_id = ${APPLICATION_ID}`)
    },
    close () {
      flush()
      db.close()
    }
  }
}
