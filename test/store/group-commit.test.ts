import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openDatabase, type Db } from '../../src/store/database.js'
import { groupCommit, MAX_RESULTS } from '../../src/store/group-commit.js'
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

/** A store, and work that notes its name when it is done, and again when it is answered. */
function large (t: Test) {
  const { store, insert, commits } = fileStore(t)
  const order: string[] = []
  const begin = async (name: string, size: number, { whose = 'any', isReading = true } = {}): Promise<void> => {
    await store.commit(() => { order.push(name) }, { sizeOf: () => size, whose, isReading })
    order.push(`${name} is answered`)
  }
  return { store, insert, commits, order, begin }
}

t.test('a group ends with results that are large, which are answered before more are made', async t => {
  const { store, order, begin, insert, commits } = large(t)
  const begun = commits()
  const half = MAX_RESULTS / 2
  await Promise.all([begin('a', half), begin('b', half), begin('c', half), begin('d', half - 1), begin('e', 0), store.commit(() => insert('f')), begin('g', 1), begin('h', 0)])
  t.strictSame(order, ['a', 'b', 'a is answered', 'b is answered', 'c', 'd', 'e', 'g', 'c is answered', 'd is answered', 'e is answered', 'g is answered', 'h', 'h is answered'])
  t.equal(commits() - begun, 1, 'of which one has written')
})

t.test('after a large result, the work of others comes first', async t => {
  const { order, begin } = large(t)
  const done = [begin('a1', MAX_RESULTS, { whose: 'a' }), begin('a2', MAX_RESULTS, { whose: 'a' }), begin('b1', MAX_RESULTS, { whose: 'b' }), begin('a3', 0, { whose: 'a' }), begin('b2', 0, { whose: 'b' })]
  await done[0]
  // Arrives behind all of them.
  done.push(begin('c', 0, { whose: 'c' }))
  await Promise.all(done)
  t.strictSame(order.filter(name => !name.endsWith('answered')), ['a1', 'b1', 'a2', 'c', 'b2', 'a3'], 'and each one\'s own in order')
})

t.test('work that writes is done by a flush behind large results, too, and work that reads is left for later turns', async t => {
  const { store, order, begin } = large(t)
  const done = ['a', 'b', 'c', 'd'].map(name => begin(name, MAX_RESULTS, { isReading: name !== 'c' }))
  store.flush()
  t.strictSame(order, ['a', 'c'])
  store.flush()
  t.strictSame(order, ['a', 'c'], 'and not by another one')
  await Promise.all(done)
  t.strictSame(order.filter(name => !name.endsWith('answered')), ['a', 'c', 'b', 'd'])
})

t.test('a job that throws is undone alone beside large results', async t => {
  const { store, order, begin, insert } = large(t)
  const half = MAX_RESULTS / 2
  const done = [begin('a', half)]
  const failed = t.rejects(store.commit(() => {
    insert('x')
    throw new Error('boom')
  }), { message: 'boom' })
  done.push(begin('b', half), begin('c', half))
  await Promise.all(done)
  t.strictSame(order, ['a', 'a', 'b', 'a is answered', 'b is answered', 'c', 'c is answered'], 'what comes before it is done anew')
  await failed
  t.strictSame(namesIn(store), [])
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
