import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../package.js'
import { Problem } from '../problem.js'
import { APPLICATION_ID, type Db } from './database.js'

/**
 * Brings a database to the newest schema, one numbered file after the other, all in the transaction that is open.
 * Throws a `Problem` for a database that a newer emulator has brought further than this one knows.
 */
export function migrate (db: Db, folder: string = join(packageRoot, 'migrations')): void {
  const steps = readdirSync(folder).filter(file => /^\d{4}-.*\.sql$/.test(file)).sort()
  const done = db.pragma('user_version', { simple: true }) as number
  if (done > steps.length) {
    throw new Problem(`the database ${db.name} was made by a newer emulator (its schema is ${done}, this one knows ${steps.length}); use that one, or another file`)
  }
  for (const step of steps.slice(done)) db.exec(readFileSync(join(folder, step), 'utf8'))
  // Also where it is the newest already: a file that can't be written is found out here.
  db.pragma(`application_id = ${APPLICATION_ID}`)
  db.pragma(`user_version = ${steps.length}`)
}
