import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../package.js'
import { Problem } from '../problem.js'
import { APPLICATION_ID, type Db } from './database.js'

/**
 * Migrates a database to the newest schema, one numbered file after another, within the open transaction. Throws a `Problem` for
 * a database with a schema newer than this version knows.
 */
export function migrate (db: Db, folder: string = join(packageRoot, 'migrations')): void {
  const steps = readdirSync(folder).filter(file => /^\d{4}-.*\.sql$/.test(file)).sort()
  const done = db.pragma('user_version', { simple: true }) as number
  if (done > steps.length) {
    throw new Problem(`the database ${db.name} was created by a newer version of the emulator (its schema is ${done}, \
this version knows ${steps.length}); use that version or another file`)
  }
  for (const step of steps.slice(done)) db.exec(readFileSync(join(folder, step), 'utf8'))
  // Written even if the schema is already the newest, to detect a file that can't be written.
  db.pragma(`application_id = ${APPLICATION_ID}`)
  db.pragma(`user_version = ${steps.length}`)
}
