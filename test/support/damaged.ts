import type BetterSqlite3 from 'better-sqlite3'
import { join } from 'node:path'
import type { Test } from 'tap'
import { start } from '../../src/server/start.js'
import { worldFolder } from './world-folder.js'
import { Database } from './sqlite.js'

/** A database with an index that misses an entry: this is not found at the start, but when the row is removed. */
export async function damagedDatabase (t: Test): Promise<string> {
  const file = join(worldFolder(t), 'world.db')
  await (await start({ db: file })).stop()

  const index = changeBehind(file, db => {
    const index = db.prepare('SELECT * FROM sqlite_schema WHERE name = \'account_by_due\'').get()
    db.exec('DELETE FROM sqlite_schema WHERE name = \'account_by_due\'')
    return index
  })
  changeBehind(file, db => {
    db.exec('UPDATE account SET due_at = 1000000000000000')
    db.prepare('INSERT INTO sqlite_schema VALUES (@type, @name, @tbl_name, @rootpage, @sql)').run(index)
  })
  return file
}

/** Changes a database behind SQLite's back, and makes all that have it open read its schema anew. */
export function changeBehind<T> (file: string, change: (db: BetterSqlite3.Database) => T): T {
  const db = new Database(file).unsafeMode()
  db.pragma('writable_schema = ON')
  const result = change(db)
  db.pragma(`schema_version = ${Number(db.pragma('schema_version', { simple: true })) + 1}`)
  db.close()
  return result
}
