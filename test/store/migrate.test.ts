import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { connect } from '../../src/client/connect.js'
import { packageRoot } from '../../src/package.js'
import { start } from '../../src/server/start.js'
import { openDatabase, type Db } from '../../src/store/database.js'
import { openStore } from '../../src/store/index.js'
import { migrate } from '../../src/store/migrate.js'
import { using } from '../support/store.js'

t.test('migrations', async t => {
  const folder = t.testdir({
    '0001-one.sql': 'CREATE TABLE one (a INTEGER) STRICT; INSERT INTO one VALUES (1);',
    '0002-two.sql': 'ALTER TABLE one ADD COLUMN b INTEGER NOT NULL DEFAULT 2;',
    'README.md': 'not SQL',
    '03-not-numbered.sql': 'not SQL either'
  })
  const db = openDatabase(':memory:')
  t.teardown(() => db.close())
  const version = (): unknown => db.pragma('user_version', { simple: true })

  migrate(db, folder)
  t.strictSame(db.prepare('SELECT * FROM one').all(), [{ a: 1, b: 2 }], 'run in their order, and only numbered files do')
  t.equal(version(), 2)

  writeFileSync(join(folder, '0003-three.sql'), 'INSERT INTO one VALUES (3, 3);')
  migrate(db, folder)
  migrate(db, folder)
  t.equal(db.prepare('SELECT count(*) FROM one').pluck().get(), 2, 'run once each')
  t.equal(version(), 3)

  writeFileSync(join(folder, '0004-four.sql'), 'CREATE TABLE four (a INTEGER) STRICT; INSERT INTO four VALUES (4);')
  writeFileSync(join(folder, '0005-five.sql'), 'INSERT INTO nowhere VALUES (5);')
  t.throws(() => db.transaction(() => migrate(db, folder)).immediate(), { message: 'no such table: nowhere' })
  writeFileSync(join(folder, '0005-five.sql'), "INSERT INTO four VALUES ('five');")
  t.throws(() => db.transaction(() => migrate(db, folder)).immediate(), { code: 'SQLITE_CONSTRAINT_DATATYPE' })
  t.equal(version(), 3, 'leave nothing when one of them fails')
  t.throws(() => db.prepare('SELECT * FROM four'), { message: 'no such table: four' })
})

t.test('a new database has the same schema whether it is the first of its process or a later one, and no rows', t => {
  const first = openDatabase(':memory:')
  const steps = readdirSync(join(packageRoot, 'migrations')).filter(file => file.endsWith('.sql')).sort()
  for (const step of steps) first.exec(readFileSync(join(packageRoot, 'migrations', step), 'utf8'))
  const later = [openDatabase(':memory:'), openDatabase(':memory:')]
  t.teardown(() => { for (const db of [first, ...later]) db.close() })
  const schema = (db: Db): unknown => db.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name').all()
  for (const db of later) {
    migrate(db)
    t.strictSame(schema(db), schema(first))
    t.equal(db.pragma('user_version', { simple: true }), steps.length)
    const tables = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()
    t.strictSame(tables.filter(table => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() !== 0), [], 'what a migration inserts would be missing from later ones')
  }
  t.end()
})

t.test('a database of the first schema is brought to the newest, and settles', async t => {
  const file = join(t.testdir(), 'old.db')
  const old = openDatabase(file)
  old.exec(readFileSync(join(packageRoot, 'migrations/0001-world.sql'), 'utf8'))
  old.pragma('application_id = 0x5069636b')
  old.pragma('user_version = 1')
  const [first, second] = [Date.UTC(2020, 6, 16, 23, 59, 59), Date.UTC(2020, 6, 20, 23, 59, 59)]
  old.exec(`
    INSERT INTO world VALUES (1, 1, '{"mode":"frozen","at":${first - 1}}', '{}', '{"clock":{"mode":"frozen","at":"2020-06-16T12:00:00Z"}}');
    INSERT INTO plan VALUES (1, 'Pay As You Go', NULL, NULL, NULL), (2, 'Phone Automation Small', 1, 5000, 'month'), (3, 'Phone Automation Medium', 1, 10000, 'month'), (4, 'Phone Automation Large', 1, 14000, 'month');
    INSERT INTO account VALUES (1, 'demo', 'secret', 95000, NULL, '{}', '{"name":"demo"}', NULL), (2, 'free', 'other', 0, NULL, '{}', '{"name":"free"}', NULL);
    INSERT INTO project VALUES (1, 7, 'shop', 'Active'), (1, 8, 'bar', 'Active'), (2, 7, 'free', 'Active');
    INSERT INTO subscription VALUES (1, 7, 1, 2, ${second}), (1, 8, 1, 2, ${first}), (2, 7, 1, 1, NULL);
    INSERT INTO ledger_entry VALUES (1, 1, 3, 'opening', 105000, 105000, NULL, NULL, NULL), (2, 1, 1, 'plan-change', -5000, 100000, 7, 2, '1-1'), (3, 1, 2, 'plan-change', -5000, 95000, 8, 2, '1-2'), (4, 2, 9, 'opening', 0, 0, NULL, NULL, NULL)`)
  old.close()

  using(openStore(file), store => {
    t.strictSame(store.accounts.list().map(({ dueAt }) => dueAt), [first, null])
    t.strictSame([2, 3, 4].map(id => store.plans.table().get(id)!.price), [{ mills: 5000, cycle: 'month' }, { mills: 10_000, cycle: 'month', isAssumed: true }, { mills: 14_000, cycle: 'month' }], 'prices that were assumed are known again')
    t.strictSame(store.projects.find(1, 7), { projectId: 7, projectName: 'shop', status: 'Active', subscriptions: [{ service: 1, planId: 2, nextBillingAt: second }], details: {}, apiTokens: [] })
    t.strictSame([1, 2].map(accountId => store.ledger.list(accountId).map(({ at }) => at)), [[1, 1, 2], [9]], 'an opening entry is no longer later than what follows')
  })
  const emulator = await start({ db: file })
  t.teardown(emulator.stop)
  const control = connect(emulator.url)
  const demo = await control.account('demo')
  t.equal(await demo.wallet.balance(), '95', 'one millisecond before, nothing has happened')
  t.match((await control.clock.jump('2020-07-21')).events, [
    { at: '2020-07-16T23:59:59Z', event: 'renewed', account: 'demo', project_id: 8, balance: '90' },
    { at: '2020-07-20T23:59:59Z', event: 'renewed', account: 'demo', project_id: 7, balance: '85' }
  ])
  t.same((await demo.ledger()).map(({ kind }) => kind), ['opening', 'plan-change', 'plan-change', 'renewal', 'renewal'])
  t.strictSame(await control.audit(), { ok: true, accounts: 2, violations: [], unmet: [] })
})

t.test('a database whose schema is not what its number says is refused in one line, and stays as it is', async t => {
  const steps = readdirSync(join(packageRoot, 'migrations')).filter(file => file.endsWith('.sql')).sort()
  const remedy = 'it was altered, or created by an unreleased version of the emulator; nothing in it was changed; use that version or another file'
  for (const [name, done, alter, reason] of [
    ['without a table', steps.length, 'DROP TABLE history_event', /^it has no column \w+ in table history_event$/],
    ['without a column', steps.length, 'ALTER TABLE plan DROP COLUMN price_assumed', /^it has no column price_assumed in table plan$/],
    ['in an earlier number', 2, 'DROP TABLE account_origin', /^it has no column \w+ in table account_origin$/],
    ['that a migration stumbles on', 1, 'DROP TABLE project', /^no such table: \S+$/]
  ] as const) {
    const file = join(t.testdir(), 'altered.db')
    const db = openDatabase(file)
    for (const step of steps.slice(0, done)) db.exec(readFileSync(join(packageRoot, 'migrations', step), 'utf8'))
    db.pragma('application_id = 0x5069636b')
    db.pragma(`user_version = ${done}`)
    db.exec(alter)
    const schema = (): unknown => db.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all()
    const before = schema()
    const said = await start({ db: file }).then(() => '', (error: Error) => error.message)
    const [, which, why, rest] = /^the database (.*) has another schema than its number, \d, says \((.*)\): (.*)$/.exec(said) ?? [said]
    t.equal(which, file, name)
    t.match(why, reason, name)
    t.equal(rest, remedy, name)
    t.strictSame(schema(), before, name)
    t.equal(db.pragma('user_version', { simple: true }), done, name)
    db.close()
  }
})

t.test('what else is in a file, such as a table of a backup tool, is no matter', async t => {
  const file = join(t.testdir(), 'backed-up.db')
  await (await start({ db: file })).stop()
  const db = openDatabase(file)
  db.exec('CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER)')
  db.close()
  const emulator = await start({ db: file })
  t.strictSame((await connect(emulator.url).audit()).ok, true)
  await emulator.stop()
})
