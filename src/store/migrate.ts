import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../package.js'
import { Problem } from '../problem.js'
import { APPLICATION_ID, type Db } from './database.js'

const MIGRATIONS = join(packageRoot, 'migrations')

/** Schema that all migrations have made of a new database: one statement an object, where they take several steps to it. */
let newest: string | undefined

/**
 * Migrates a database to the newest schema, one numbered file after another, within the open transaction. Throws a `Problem` for
 * a database with a schema newer than this version knows.
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
  else for (const step of steps.slice(done)) db.exec(readFileSync(join(folder, step), 'utf8'))
  if (isNew) newest ??= schemaOf(db)
  // Written even if the schema is already the newest, to detect a file that can't be written.
  db.pragma(`application_id = ${APPLICATION_ID}`)
  db.pragma(`user_version = ${steps.length}`)
}

/** Gives the statements that make the tables and indexes of a database. It must have no rows yet, which they would not make. */
function schemaOf (db: Db): string {
  return db.prepare<[], string>("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid").pluck().all().join(';\n')
}
