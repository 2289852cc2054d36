import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../package.js'
import { Problem } from '../problem.js'
import { APPLICATION_ID, IN_MEMORY, openDatabase, type Db } from './database.js'

const MIGRATIONS = join(packageRoot, 'migrations')

/** Schema that all migrations have made of a new database: one statement an object, where they take several steps to it. */
let newest: string | undefined

/** Tables and columns of the newest schema, as `columnsOf` gives them. */
let expected: readonly string[] | undefined

/**
 * Migrates a database to the newest schema, one numbered file after another, within the open transaction. Throws a `Problem` for
 * a database with a schema newer than this version knows, or other than its number says: made by a checkout between two versions, whose
 * migrations were still to change, or altered since.
 */
export function migrate (db: Db, folder: string = MIGRATIONS): void {
  const steps = readdirSync(folder).filter(file => /^\d{4}-.*\.sql$/.test(file)).sort()
  const done = db.pragma('user_version', { simple: true }) as number
  if (done > steps.length) {
    throw new Problem(`the database ${db.name} was created by a newer version of the emulator (its schema is ${done}, \
this version knows ${steps.length}); use that version or another file`)
  }
  const isNew = done === 0 && folder === MIGRATIONS
  if (isNew && newest !== undefined) db.exec(newest)
  else for (const step of steps.slice(done)) migrateBy(db, readFileSync(join(folder, step), 'utf8'), done)
  if (isNew) newest ??= schemaOf(db)
  if (done > 0 && folder === MIGRATIONS) refuseOtherSchema(db, done)
  // Written even if the schema is already the newest, to detect a file that can't be written.
  db.pragma(`application_id = ${APPLICATION_ID}`)
  db.pragma(`user_version = ${steps.length}`)
}

function migrateBy (db: Db, step: string, done: number): void {
  try {
    db.exec(step)
  } catch (error) {
    // The statements are right, unless what they change is not what they expect.
    if ((error as NodeJS.ErrnoException).code === 'SQLITE_ERROR' && done > 0) throw otherSchema(db, done, (error as Error).message)
    throw error
  }
}

/** Without this, the first request to need what is missing would fail. Whatever else is in the file, such as a backup tool's table, is no matter. */
function refuseOtherSchema (db: Db, done: number): void {
  expected ??= expectedColumns()
  const present = new Set(columnsOf(db))
  const missing = expected.find(column => !present.has(column))
  if (missing !== undefined) throw otherSchema(db, done, `it has no ${missing}`)
}

function otherSchema (db: Db, done: number, reason: string): Problem {
  return new Problem(`the database ${db.name} has another schema than its number, ${done}, says (${reason}): it was altered, or created \
by an unreleased version of the emulator; nothing in it was changed; use that version or another file`)
}

function expectedColumns (): readonly string[] {
  const db = openDatabase(IN_MEMORY)
  migrate(db)
  const columns = columnsOf(db)
  db.close()
  return columns
}

function columnsOf (db: Db): readonly string[] {
  return db.prepare<[], string>(`SELECT format('column %s in table %s', info.name, tables.name)
    FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS info
    WHERE tables.type = 'table' ORDER BY tables.rowid, info.cid`).pluck().all()
}

/** Gives the statements that make the tables and indexes of a database. It must have no rows yet, which they would not make. */
function schemaOf (db: Db): string {
  return db.prepare<[], string>("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid").pluck().all().join(';\n')
}
