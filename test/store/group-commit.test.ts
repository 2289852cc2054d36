import { join } from 'node:path'
import t from 'tap'
import { openDatabase, type Db } from '../../src/store/database.js'
import { groupCommit } from '../../src/store/group-commit.js'
import { createMemo } from '../../src/store/memo.js'
import { fileStore, namesIn } from '../support/store.js'
import { Database } from '../support/sqlite.js'

t.test('jobs of one turn share one transaction, and are answered after it', async t => {
  const { store, insert, others, commits } = fileStore(t)
  const begun = commits()
  const whileRunning: number[] = []
  const whenAnswered: number[] = []
  const jobs = ['a', 'b', 'c'].map(async name => {
    await store.commit(() => {
      insert(name)
      whileRunning.push(others())
    })
    whenAnswered.push(others())
  })
  t.strictSame(whileRunning, [], 'which has not begun within the turn')
  await Promise.all(jobs)
  t.strictSame(whileRunning, [0, 0, 0], 'another process sees nothing of it while it is open')
  t.strictSame(whenAnswered, [3, 3, 3], 'and all of it before the first one is answered')
  t.equal(commits() - begun, 1)

  for (const name of ['d', 'e']) await store.commit(() => insert(name))
  t.equal(commits() - begun, 3, 'jobs of other turns have one of their own')
})

t.test('each job sees what those before it did, and gives its own value', async t => {
  const { store, insert } = fileStore(t)
  const seen = await Promise.all(['a', 'b', 'c'].map(name => store.commit(() => {
    const names = namesIn(store)
    insert(name)
    return names.join()
  })))
  t.strictSame(seen, ['', 'a', 'a,b'])
})

t.test('a job that throws is undone alone', async t => {
  const { store, insert, others, commits } = fileStore(t)
  const begun = commits()
  const boom = new Error('boom')
  const fail = (name: string, error: unknown) => (): never => {
    insert(name)
    throw error
  }
  const results = await Promise.allSettled([
    store.commit(() => insert('a')),
    store.commit(fail('b', boom)),
    store.commit(() => namesIn(store)),
    store.commit(fail('d', undefined)),
    store.commit(() => insert('a')),
    store.commit(() => insert('f'))
  ])
  t.strictSame(results.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'rejected', 'fulfilled'])
  t.equal((results[1] as PromiseRejectedResult).reason, boom)
  t.strictSame((results[2] as PromiseFulfilledResult<string[]>).value, ['a'], 'before the next one looks')
  t.equal((results[3] as PromiseRejectedResult).reason, undefined)
  t.match((results[4] as PromiseRejectedResult).reason, { code: 'SQLITE_CONSTRAINT_UNIQUE' })
  t.strictSame(namesIn(store), ['a', 'f'])
  t.equal(others(), 2)
  t.equal(commits() - begun, 1)
})

t.test('a job may ask for another one, which comes in a later transaction', async t => {
  const { store, insert, commits } = fileStore(t)
  const begun = commits()
  let inner: Promise<number> | undefined
  await store.commit(() => {
    insert('outer')
    inner = store.commit(() => insert('inner'))
  })
  t.strictSame(namesIn(store), ['outer'])
  await inner
  t.strictSame(namesIn(store), ['outer', 'inner'])
  t.equal(commits() - begun, 2)
})

t.test('closing commits what is waiting, and later jobs are refused', async t => {
  const { store, insert, others } = fileStore(t)
  const waiting = [store.commit(() => insert('a')), store.commit(() => insert('b'))]
  store.close()
  t.equal(others(), 2, 'at once')
  t.strictSame(await Promise.all(waiting), [1, 2])
  await t.rejects(store.commit(() => insert('c')), { message: 'The database connection is not open' })
  t.doesNotThrow(store.close, 'may be closed again')
})

// Whatever fails the transaction as a whole: every job hears of the cause, nothing is kept, the next group is well.
const failures: Array<[string, (db: Db) => { job: () => unknown, mend: () => unknown }, object]> = [
  ['a commit that fails', db => ({
    job () {
      db.pragma('defer_foreign_keys = ON')
      db.exec('INSERT INTO child VALUES (77)')
    },
    mend () {}
  }), { code: 'SQLITE_CONSTRAINT_FOREIGNKEY' }],
  ['a full disk, on which SQLite gives up the whole transaction', db => ({
    job () {
      db.pragma(`max_page_count = ${String(db.pragma('page_count', { simple: true }))}`)
      db.exec('INSERT INTO parent (name) VALUES (hex(zeroblob(100000)))')
    },
    mend: () => db.pragma('max_page_count = 1000000')
  }), { code: 'SQLITE_FULL' }],
  ['a transaction that can\'t begin', db => {
    const other = new Database(db.name)
    db.pragma('busy_timeout = 0')
    other.exec('BEGIN IMMEDIATE')
    return { job () {}, mend: () => other.close() }
  }, { code: 'SQLITE_BUSY' }]
]
for (const [name, prepare, cause] of failures) {
  t.test(`${name} fails the whole group and nothing more`, async t => {
    const db = openDatabase(join(t.testdir(), 'world.db'))
    t.teardown(() => db.close())
    db.exec(`CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
             CREATE TABLE child (parent INTEGER REFERENCES parent) STRICT`)
    const { commit } = groupCommit(db, createMemo(db))
    const insert = (name: string) => (): unknown => db.prepare('INSERT INTO parent (name) VALUES (?)').run(name)
    const names = (): unknown => db.prepare('SELECT name FROM parent').pluck().all()

    const { job, mend } = prepare(db)
    const results = await Promise.allSettled([commit(insert('before')), commit(job), commit(insert('after'))])
    for (const result of results) t.match(result, { status: 'rejected', reason: cause })
    t.equal(db.inTransaction, false)
    t.strictSame(names(), [])

    mend()
    await Promise.all([commit(insert('x')), commit(insert('y'))])
    t.strictSame(names(), ['x', 'y'])
  })
}
