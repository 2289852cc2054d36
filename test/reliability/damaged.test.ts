import Database from 'better-sqlite3'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { connect } from '../../src/client/connect.js'
import { start } from '../../src/server/start.js'

/** A database in which an index misses an entry, which nobody notices before the row is removed: what is looked for at the start does not include it. */
async function damaged (t: Test): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'picky-damaged-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'world.db')
  await (await start({ db: file })).stop()

  const index = changed(file, db => {
    const index = db.prepare('SELECT * FROM sqlite_schema WHERE name = \'account_by_due\'').get()
    db.exec('DELETE FROM sqlite_schema WHERE name = \'account_by_due\'')
    return index
  })
  changed(file, db => {
    db.exec('UPDATE account SET due_at = 1000000000000000')
    db.prepare('INSERT INTO sqlite_schema VALUES (@type, @name, @tbl_name, @rootpage, @sql)').run(index)
  })
  return file
}

/** Changes a database behind its own back, and makes all that have it open read its schema anew. */
function changed<T> (file: string, change: (db: Database.Database) => T): T {
  const db = new Database(file).unsafeMode()
  db.pragma('writable_schema = ON')
  const result = change(db)
  db.pragma(`schema_version = ${Number(db.pragma('schema_version', { simple: true })) + 1}`)
  db.close()
  return result
}

t.test('a start that fails by damage is told by a Problem, and leaves nothing open', async t => {
  const file = await damaged(t)
  // So the world is made anew, and the accounts of the old one removed.
  changed(file, db => db.exec('DELETE FROM world'))
  await t.rejects(start({ db: file }), { name: 'Problem', message: `the database ${file} can't be used: database disk image is malformed` })
})

t.test('a call that fails by damage says so, changes nothing, and the others are answered', async t => {
  const { url, stop } = await start({ db: await damaged(t) })
  t.teardown(stop)
  const response = await fetch(`${url}/__admin/accounts/demo`, { method: 'DELETE' })
  t.equal(response.status, 503)
  t.equal(response.headers.get('content-type'), 'application/problem+json')
  t.match(await response.json(), { title: 'Service Unavailable', detail: /world\.db can't be used: database disk image is malformed$/ })
  t.equal(await (await connect(url).account('demo')).wallet.balance(), '100')
  t.ok((await connect(url).audit()).ok)
})
