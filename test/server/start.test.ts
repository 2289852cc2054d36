import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import t from 'tap'
import { start } from '../../src/server/start.js'
import { changeBehind, damagedDatabase } from '../support/damaged.js'

t.test('a start that fails by damage rejects with a Problem, and leaves nothing open', async t => {
  const file = await damagedDatabase(t)
  // So the world is made anew, and the accounts of the old one removed.
  changeBehind(file, db => db.exec('DELETE FROM world'))
  await t.rejects(start({ db: file }), { name: 'Problem', message: `the database ${file} can't be used: database disk image is malformed` })
  t.strictSame(readdirSync(dirname(file)), ['world.db'], 'no log, no shared memory')
})
