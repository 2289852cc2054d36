import Database from 'better-sqlite3'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { connect } from '../../src/client/connect.js'
import type { Account, LedgerEntry } from '../../src/domain/account.js'
import { API_TOKEN_STATUSES } from '../../src/domain/api-token.js'
import type { ProjectStatus } from '../../src/domain/project.js'
import { packageRoot } from '../../src/package.js'
import { Problem } from '../../src/problem.js'
import { start } from '../../src/server/start.js'
import { openDatabase, retryWhileBusy, type Db } from '../../src/store/database.js'
import { groupCommit } from '../../src/store/group-commit.js'
import { openStore, type Store } from '../../src/store/index.js'
import { createMemo } from '../../src/store/memo.js'
import { migrate } from '../../src/store/migrate.js'

const MIGRATIONS = readdirSync(join(packageRoot, 'migrations')).length

const NOBODY = 65_534

const DEMO: Omit<Account, 'accountId' | 'dueAt'> = { name: 'demo', token: 'secret', balanceMills: 100_000, clock: null, settings: {} }

const KEEPING = { origin: { name: 'demo' }, expiresAt: null }

const OPENING: LedgerEntry = {
  at: 0, kind: 'opening', amountMills: 100_000, balanceMills: 100_000, projectId: null, planId: null, requestId: null
}

t.test('a new file', async t => {
  const file = join(t.testdir(), 'a/b/world.db')
  openStore(file).close()
  t.strictSame(readdirSync(dirname(file)), ['world.db'], 'is all that is left after a close')

  const db = look(t, file)
  t.equal(db.pragma('application_id', { simple: true }), 0x5069636b, 'is marked as ours')
  t.equal(db.pragma('user_version', { simple: true }), MIGRATIONS, 'has the newest schema')
  t.equal(db.pragma('journal_mode', { simple: true }), 'wal')
  t.equal(db.pragma('integrity_check', { simple: true }), 'ok')
  const tables = db.prepare<[], { name: string, strict: number }>(
    "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name").all()
  t.strictSame(tables, ['account', 'account_origin', 'api_token', 'ledger_entry', 'plan', 'project', 'subscription', 'world', 'world_origin'].map(name => ({ name, strict: 1 })), 'has only strict tables')
})

t.test('a connection waits for others, writes through and keeps references', async t => {
  const db = openDatabase(join(t.testdir(), 'world.db'))
  t.teardown(() => db.close())
  const settings = ['synchronous', 'foreign_keys', 'busy_timeout'].map(name => db.pragma(name, { simple: true }))
  t.strictSame(settings, [2, 1, 5000])
})

t.test('an empty file counts as new', async t => {
  const file = join(t.testdir({ 'world.db': '' }), 'world.db')
  openStore(file).close()
  t.equal(look(t, file).pragma('user_version', { simple: true }), MIGRATIONS)
})

t.test('opening a second time changes nothing', async t => {
  const file = join(t.testdir(), 'world.db')
  using(openStore(file), store => store.accounts.insert(DEMO, KEEPING))
  const before = contentOf(file)
  openStore(file).close()
  t.strictSame(contentOf(file), before)
  t.match(before, /INSERT INTO account .*secret/, 'and there was something to change')
})

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
  t.equal(version(), 3, 'leave nothing when one of them fails')
  t.throws(() => db.prepare('SELECT * FROM four'), { message: 'no such table: four' })
})

t.test('a file that can\'t be used is a problem told in one line, and stays as it is', async t => {
  const cases: Array<[string, (folder: string) => string, RegExp]> = [
    ['of a newer emulator', newer, /^the database .*newer\.db was created by a newer version of the emulator \(its schema is 99, this version knows \d+\); use that version or another file$/],
    ['of another program', foreign, /^the database .*foreign\.db belongs to another program; use a new file, or one created by the emulator$/],
    ['a text file', text, /^the database .*notes\.txt can't be used: it is not a SQLite database$/],
    ['a damaged database', damaged, /^the database .*damaged\.db can't be used: database disk image is malformed$/],
    ['a folder', folder => folder, /^the database .* can't be used: it can't be opened or created; is it a folder, or does this user lack permission to write there\?$/],
    ['a file in a file', folder => join(text(folder), 'world.db'), /^the database .*notes\.txt\/world\.db can't be used: EEXIST: file already exists/],
    ['a file in a folder in a file', folder => join(text(folder), 'a/world.db'), /^the database .*notes\.txt\/a\/world\.db can't be used: ENOTDIR: not a directory/]
  ]
  for (const [name, make, message] of cases) {
    t.test(name, async t => {
      const folder = t.testdir()
      const file = make(folder)
      const before = bytesIn(folder)
      const problem = thrownBy(() => openStore(file))
      t.type(problem, Problem)
      t.match(problem.message, message)
      t.ok(problem.message.includes(file) && !problem.message.includes('\n'), 'names the file, in one line')
      t.strictSame(bytesIn(folder), before)
    })
  }
})

t.test('a file that this user may not write is a problem', async t => {
  const cases: Array<[string, number, (folder: string) => string, RegExp]> = [
    ['a new file in a folder of others', 0o555, folder => join(folder, 'new.db'), /it can't be opened or created; is it a folder, or does this user lack permission to write there\?$/],
    ['a new folder in a folder of others', 0o555, folder => join(folder, 'a/new.db'), /this user has no permission to write to it$/],
    ['a file for all in a folder of others', 0o555, folder => ours(folder, 0o666), /this user has no permission to write to it$/],
    ['a file for all in a folder of others, without a write-ahead log', 0o555, folder => withoutLog(ours(folder, 0o666)), /can't be used: .*write/],
    ['a file of others in a folder of others', 0o555, folder => ours(folder, 0o444), /this user has no permission to write to it$/],
    ['a file of others in a folder for all', 0o777, folder => ours(folder, 0o444), /this user has no permission to write to it$/]
  ]
  for (const [name, mode, make, message] of cases) {
    t.test(name, async t => {
      // Not the test's own folder: everybody must be able to reach it.
      const folder = mkdtempSync(join(tmpdir(), 'picky-'))
      t.teardown(() => {
        chmodSync(folder, 0o755)
        rmSync(folder, { recursive: true })
      })
      const file = make(folder)
      chmodSync(folder, mode)
      const problem = thrownBy(() => asNobody(() => openStore(file).close()))
      t.type(problem, Problem)
      t.match(problem.message, message)
    })
  }
})

t.test('a file that another process has locked is a problem, after some patience', async t => {
  const file = ours(t.testdir())
  const other = look(t, file)
  other.exec('BEGIN EXCLUSIVE')
  const problem = thrownBy(() => openStore(file).close())
  t.type(problem, Problem)
  t.match(problem.message, /^the database .*ours\.db can't be used: another process has locked it$/)
  other.exec('ROLLBACK')
  openStore(file).close()
})

t.test('a file that another process has just begun to use is waited for', async t => {
  const file = withoutLog(ours(t.testdir()))
  const program = `
    const db = require('better-sqlite3')(process.argv[1])
    db.exec('BEGIN')
    db.prepare('SELECT * FROM world').all()
    console.log('reading')
    setTimeout(() => db.close(), 200)
  `
  const other = spawn(process.execPath, ['-e', program, file], { cwd: packageRoot, stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(other, 'close')
  await once(other.stdout, 'data')
  openStore(file).close()
  t.equal(look(t, file).pragma('journal_mode', { simple: true }), 'wal')
  await closed
})

t.test('what SQLite does not wait for is tried again', async t => {
  const file = ours(t.testdir())
  const [one, other] = [look(t, file), look(t, file)]
  one.pragma('busy_timeout = 0')
  other.exec('BEGIN IMMEDIATE')
  let tries = 0
  const begin = (): number => {
    if (++tries === 4) other.exec('ROLLBACK')
    one.exec('BEGIN IMMEDIATE')
    return tries
  }
  t.throws(() => retryWhileBusy(begin, Date.now()), { code: 'SQLITE_BUSY' }, 'but not when the time is up')
  t.equal(retryWhileBusy(begin), 4)
  t.throws(() => retryWhileBusy(begin), { code: 'SQLITE_ERROR' }, 'and not when it would be of no use')
  t.equal(tries, 5)
})

t.test('work that is done at once', async t => {
  const store = openStore()
  t.teardown(store.close)
  const insert = (name: string): number => store.accounts.insert({ ...DEMO, name, token: name }, KEEPING)

  t.equal(store.file, ':memory:')
  t.equal(store.transaction(() => insert('kept')), 1, 'gives what the work gives')
  t.throws(() => store.transaction(() => {
    insert('undone')
    throw new Error('no')
  }), { message: 'no' })
  t.strictSame(namesIn(store), ['kept'], 'is kept, or undone when it throws')

  t.equal(store.dryRun(() => insert('rehearsed') > 0 && store.accounts.count()), 2, 'sees itself in a rehearsal')
  t.throws(() => store.dryRun(() => {
    insert('undone')
    throw new Error('no')
  }), { message: 'no' })
  t.strictSame(namesIn(store), ['kept'], 'which leaves nothing')
  t.throws(() => store.dryRun(() => insert('kept')), { code: 'SQLITE_CONSTRAINT_UNIQUE' }, 'and fails where a write would')
})

t.test('the tables', async t => {
  const store = openStore()
  t.teardown(store.close)

  t.equal(store.world.find(), undefined, 'hold no world until a scenario is loaded')
  store.world.update({ starts: 0, clock: { mode: 'system' }, settings: {} })
  store.world.update({ starts: 1, clock: { mode: 'frozen', at: 5 }, settings: { strict: true } })
  t.strictSame(store.world.find(), { starts: 1, clock: { mode: 'frozen', at: 5 }, settings: { strict: true } })
  t.equal(store.world.find()!.clock, store.world.find()!.clock, 'and parse a clock only when it has changed')

  const free = { planId: 1, name: 'free', service: null, price: null }
  const paid = { planId: 2, name: 'paid', service: 1, price: { mills: 5000, cycle: 'month' } } as const
  const dearer = { ...paid, price: { mills: 6000, cycle: 'year' } } as const
  for (const plan of [paid, free, dearer]) store.plans.update(plan)
  t.strictSame(store.plans.list(), [free, dearer], 'keep the last word on a plan, in the order of ids')
  t.strictSame([1, 2, 3].map(planId => store.plans.table().get(planId)), [free, dearer, undefined])

  const second = { ...DEMO, name: 'second', token: 'other', clock: { mode: 'frozen', at: 7 }, settings: { strict: true } } as const
  const [demoId, secondId] = [store.accounts.insert(DEMO, KEEPING), store.accounts.insert(second, KEEPING)]
  store.accounts.updateBalance(demoId, 1)
  t.strictSame([...store.accounts.list()], [{ ...DEMO, accountId: demoId, balanceMills: 1, dueAt: null }, { ...second, accountId: secondId, dueAt: null }])
  t.strictSame(store.accounts.findByToken('other'), { ...second, accountId: secondId, dueAt: null })
  t.equal(store.accounts.findByToken('nobody\'s'), undefined)
  t.equal(store.accounts.count(), 2)

  const project = { projectId: 9, projectName: 'nine', status: 'Expired', subscriptions: [{ service: 2, planId: 1, nextBillingAt: null }], details: { notes: 'ü', country: 'IN' }, apiTokens: [] } as const
  const apiTokens = ['b', 'a', 'c'].map((token, index) => ({ token, ip: index === 1 ? '::1' : '', status: API_TOKEN_STATUSES[index]! }))
  for (const accountId of [secondId, demoId]) store.projects.insert(accountId, { ...project, apiTokens: accountId === demoId ? apiTokens : [] })
  store.projects.insert(demoId, { ...project, projectId: 3, subscriptions: [] })
  store.projects.updateSubscription(store.accounts.find(demoId)!, 9, { service: 1, planId: 2, nextBillingAt: 11 })
  store.projects.updateSubscription(store.accounts.find(demoId)!, 9, { service: 2, planId: 2, nextBillingAt: 12 })
  t.strictSame(store.projects.find(demoId, 9), {
    ...project,
    subscriptions: [{ service: 1, planId: 2, nextBillingAt: 11 }, { service: 2, planId: 2, nextBillingAt: 12 }],
    apiTokens
  }, 'keep a project\'s tokens in the order in which they were made')
  t.strictSame(store.projects.find(secondId, 9), project, 'and two accounts apart that have the same project_id')
  t.equal(store.projects.find(secondId, 3), undefined)
  store.projects.updateApiToken({ ...apiTokens[1]!, status: 'enabled' })
  t.strictSame(store.projects.findByApiToken('a'), { accountId: demoId, projectId: 9, apiToken: { token: 'a', ip: '::1', status: 'enabled' } })
  t.equal(store.projects.findByApiToken('secret'), undefined, 'tell a project\'s token from an account\'s')
  store.projects.insertApiToken(secondId, 9, { token: 'd', ip: '', status: 'enabled' })
  store.projects.updateDetails(secondId, 9, { companyName: 'nine' })
  t.match(store.projects.find(secondId, 9), { details: { companyName: 'nine' }, apiTokens: [{ token: 'd' }] })
  t.strictSame(store.projects.find(demoId, 9)!.details, project.details)
  store.projects.updateDetails(secondId, 9, project.details)
  t.strictSame(store.projects.list(demoId).map(({ projectId }) => projectId), [3, 9])
  t.strictSame(store.projects.list(demoId, 1).map(({ projectId }) => projectId), [3])
  t.equal(store.projects.count(), 3)

  t.test('refuse what can\'t be', async t => {
    const wrong: Array<[string, () => unknown]> = [
      ['a balance below zero', () => store.accounts.updateBalance(demoId, -1)],
      ['a balance in parts of a mill', () => store.accounts.updateBalance(demoId, 0.5)],
      ['a name that is taken', () => store.accounts.insert({ ...DEMO, token: 'new' }, KEEPING)],
      ['a token that is taken', () => store.accounts.insert({ ...DEMO, name: 'new' }, KEEPING)],
      ['a price below zero', () => store.plans.update({ ...paid, price: { mills: -1, cycle: 'month' } })],
      ['a plan with a price and no service', () => store.plans.update({ ...paid, service: null } as never)],
      ['a service that does not exist', () => store.projects.updateSubscription(store.accounts.find(demoId)!, 9, { service: 3 as 1, planId: 1, nextBillingAt: null })],
      ['a subscription to no plan', () => store.projects.updateSubscription(store.accounts.find(demoId)!, 9, { service: 1, planId: 77, nextBillingAt: null })],
      ['a subscription of no project', () => store.projects.updateSubscription(store.accounts.find(demoId)!, 77, { service: 1, planId: 1, nextBillingAt: null })],
      ['a project of no account', () => store.projects.insert(77, project)],
      ['a project that is there', () => store.projects.insert(demoId, project)],
      ['a token that a project has', () => store.projects.insertApiToken(secondId, 9, { token: 'a', ip: '', status: 'enabled' })],
      ['a token of no project', () => store.projects.insertApiToken(demoId, 77, { token: 'new', ip: '', status: 'enabled' })],
      ['a token\'s status of another spelling', () => store.projects.updateApiToken({ token: 'a', ip: '', status: 'gone' as 'deleted' })],
      ['a status of another spelling', () => store.projects.insert(demoId, { ...project, projectId: 4, status: 'active' as 'Active' })],
      ['an entry of no account', () => store.ledger.insert(77, OPENING)],
      ['an entry that leaves a balance below zero', () => store.ledger.insert(demoId, { ...OPENING, balanceMills: -1 })]
    ]
    const before = [[...store.accounts.list()], store.plans.list(), store.projects.find(demoId, 9), store.projects.count()]
    for (const [name, write] of wrong) t.throws(write, { code: /^SQLITE_CONSTRAINT_/ }, name)
    t.strictSame([[...store.accounts.list()], store.plans.list(), store.projects.find(demoId, 9), store.projects.count()], before)
  })
})

t.test('the id of the next project', async t => {
  const store = openStore()
  t.teardown(store.close)
  const [one, other] = ['one', 'other'].map(name => store.accounts.insert({ ...DEMO, name, token: name }, KEEPING)) as [number, number]
  const next = (projectId: number): number => {
    store.projects.insert(one, { projectId, projectName: '', status: 'Active', subscriptions: [], details: {}, apiTokens: [] })
    return store.projects.nextId(one)
  }
  t.equal(store.projects.nextId(one), 1, 'is 1 where there is none')
  t.equal(next(1), 2)
  t.equal(next(7), 8, 'is one more than the highest')
  store.projects.remove(one, 7)
  t.equal(store.projects.nextId(one), 2)
  t.equal(next(Number.MAX_SAFE_INTEGER), 2, 'or the first gap where there is no higher one')
  t.equal(next(2), 3)
  store.projects.remove(one, 1)
  t.equal(store.projects.nextId(one), 1)
  t.equal(store.projects.nextId(other), 1, 'whatever another account has')
})

t.test('when something is due', async t => {
  const store = openStore()
  t.teardown(store.close)
  store.plans.update({ planId: 2, name: 'paid', service: 1, price: { mills: 5000, cycle: 'month' } })
  const [one, other, own] = ['one', 'other', 'own'].map(name => store.accounts.insert({ ...DEMO, name, token: name, clock: name === 'own' ? { mode: 'system' } : null }, KEEPING)) as [number, number, number]
  const [day, kept] = [86_400_000, 14 * 86_400_000]
  const put = (accountId: number, projectId: number, status: ProjectStatus, ...ends: Array<number | null>): void => store.projects.insert(accountId, {
    projectId, projectName: '', status, details: {}, apiTokens: [], subscriptions: ends.map((nextBillingAt, index) => ({ service: index === 0 ? 1 : 2, planId: 2, nextBillingAt }))
  })
  const due = (accountId: number) => store.accounts.find(accountId)!.dueAt
  const listed = (at: number) => store.projects.listDue(one, at).map(({ projectId }) => projectId).sort((a, b) => a - b)

  put(other, 1, 'Active', null)
  t.equal(due(other), null, 'nothing is, of an account without a cycle')
  t.equal(store.projects.nextDue(other), null)
  put(one, 1, 'Active', 20 * day, 18 * day)
  t.equal(due(one), 18 * day, 'a cycle that is earlier than all others says so')
  put(one, 2, 'Active', 19 * day)
  t.equal(due(one), 18 * day, 'and a later one does not')
  put(one, 3, 'Expired', 5 * day, 30 * day)
  put(one, 4, 'Delete', 1 * day)
  t.ok(due(one)! <= 18 * day, 'it may be early, but is never late')
  t.equal(store.projects.nextDue(one), 18 * day, 'an expired project is due 14 days after its cycle, a deleted one never')
  put(own, 1, 'Active', 90 * day)
  put(other, 2, 'Expired', 3 * day)
  t.equal(store.projects.nextDue(other), 3 * day + kept)

  t.strictSame([listed(4 * day), listed(5 * day), listed(18 * day), listed(19 * day)], [[], [3], [1, 3], [1, 2, 3]])
  t.strictSame(store.projects.listDue(one, 18 * day).find(({ projectId }) => projectId === 1), store.projects.findStanding(one, 1), 'with all that billing asks of them')
  t.strictSame([0, 17, 18, 19, 20].map(days => store.projects.nextCycleEnd(one, days * day)), [18 * day, 18 * day, 19 * day, 20 * day, null], 'the next cycle is an active project\'s, and later')

  store.accounts.updateDue(one, 100 * day)
  store.accounts.updateDue(other, null)
  const dueAccounts = (at: number): string[] => store.accounts.listDue(at).map(({ name }) => name)
  t.strictSame([dueAccounts(100 * day - 1), dueAccounts(100 * day)], [['own'], ['one', 'own']], 'an account with a clock of its own may be at any time')

  store.projects.updateStatus(one, 3, 'Active')
  t.equal(due(one), 5 * day, 'what is active again is due at the end of its cycle')
  store.projects.updateStatus(other, 1, 'Active')
  t.equal(due(other), null)

  const standing = { projectId: 1, status: 'Expired', subscriptions: [{ service: 1, planId: 2, nextBillingAt: 20 * day }, { service: 2, planId: 2, nextBillingAt: 40 * day }] } as const
  store.projects.updateBilling(one, standing)
  t.strictSame(store.projects.findStanding(one, 1), standing)
  t.match(store.projects.findStanding(one, 2), { status: 'Active', subscriptions: [{ nextBillingAt: 19 * day }] })
  t.equal(store.projects.findStanding(one, 77), undefined)
  t.strictSame(store.projects.findStanding(other, 1)!.subscriptions, [{ service: 1, planId: 2, nextBillingAt: null }])
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
    INSERT INTO plan VALUES (1, 'Pay As You Go', NULL, NULL, NULL), (2, 'Phone Automation Small', 1, 5000, 'month');
    INSERT INTO account VALUES (1, 'demo', 'secret', 95000, NULL, '{}', '{"name":"demo"}', NULL), (2, 'free', 'other', 0, NULL, '{}', '{"name":"free"}', NULL);
    INSERT INTO project VALUES (1, 7, 'shop', 'Active'), (1, 8, 'bar', 'Active'), (2, 7, 'free', 'Active');
    INSERT INTO subscription VALUES (1, 7, 1, 2, ${second}), (1, 8, 1, 2, ${first}), (2, 7, 1, 1, NULL);
    INSERT INTO ledger_entry VALUES (1, 1, 0, 'opening', 105000, 105000, NULL, NULL, NULL), (2, 1, 1, 'plan-change', -5000, 100000, 7, 2, '1-1'), (3, 1, 2, 'plan-change', -5000, 95000, 8, 2, '1-2')`)
  old.close()

  using(openStore(file), store => {
    t.strictSame(store.accounts.list().map(({ dueAt }) => dueAt), [first, null])
    t.strictSame(store.projects.find(1, 7), { projectId: 7, projectName: 'shop', status: 'Active', subscriptions: [{ service: 1, planId: 2, nextBillingAt: second }], details: {}, apiTokens: [] })
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
  t.strictSame(await control.audit(), { ok: true, accounts: 2, violations: [] })
})

t.test('the ledger keeps every field of an entry', async t => {
  const file = join(t.testdir(), 'world.db')
  const debit: LedgerEntry = { at: 5, kind: 'plan-change', amountMills: -5000, balanceMills: 95_000, projectId: 9, planId: 2, requestId: '1-1' }
  using(openStore(file), store => {
    const accountId = store.accounts.insert(DEMO, KEEPING)
    for (const entry of [OPENING, debit]) store.ledger.insert(accountId, entry)
  })
  t.strictSame(look(t, file).prepare('SELECT * FROM ledger_entry ORDER BY entry_id').all(), [
    { entry_id: 1, account_id: 1, at: 0, kind: 'opening', amount_mills: 100_000, balance_mills: 100_000, project_id: null, plan_id: null, request_id: null },
    { entry_id: 2, account_id: 1, at: 5, kind: 'plan-change', amount_mills: -5000, balance_mills: 95_000, project_id: 9, plan_id: 2, request_id: '1-1' }
  ])
})

t.test('group commit', async t => {
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
})

/** A store on a file, and what another process sees of it. */
function fileStore (t: Test) {
  const file = join(t.testdir(), 'world.db')
  const store = openStore(file)
  t.teardown(store.close)
  const other = look(t, file)
  return {
    store,
    insert: (name: string): number => store.accounts.insert({ ...DEMO, name, token: name }, KEEPING),
    others: (): number => other.prepare<[], number>('SELECT count(*) FROM account').pluck().get()!,
    commits: (): number => commitsIn(`${file}-wal`)
  }
}

/** How many transactions a WAL holds: the last frame of each has the size of the database in its header. */
function commitsIn (wal: string): number {
  const [HEADER, FRAME_HEADER] = [32, 24]
  const bytes = readFileSync(wal)
  const frame = FRAME_HEADER + bytes.readUInt32BE(8)
  let commits = 0
  for (let at = HEADER; at + frame <= bytes.length; at += frame) if (bytes.readUInt32BE(at + 4) > 0) commits++
  return commits
}

function look (t: Test, file: string): Db {
  const db = new Database(file)
  t.teardown(() => db.close())
  return db
}

function using (store: Store, use: (store: Store) => unknown): void {
  use(store)
  store.close()
}

function namesIn (store: Store): string[] {
  return [...store.accounts.list()].map(({ name }) => name)
}

/** Schema, versions and rows as text. */
function contentOf (file: string): string {
  const db = new Database(file)
  const names = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()
  const rows = names.flatMap(name => db.prepare(`SELECT * FROM ${name}`).all().map(row => `INSERT INTO ${name} ${JSON.stringify(row)}`))
  const schema = db.prepare('SELECT sql FROM sqlite_schema').pluck().all()
  const versions = ['application_id', 'user_version'].map(pragma => db.pragma(pragma, { simple: true }))
  db.close()
  return [...schema, ...versions, ...rows].join('\n')
}

function bytesIn (folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder).map(file => [file, readFileSync(join(folder, file), 'latin1')]))
}

function thrownBy (action: () => unknown): Error {
  try {
    action()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

/** Permissions don't bind root, so root steps down for the moment. */
function asNobody (action: () => void): void {
  const isRoot = process.geteuid!() === 0
  if (isRoot) process.seteuid!(NOBODY)
  try {
    action()
  } finally {
    if (isRoot) process.seteuid!(0)
  }
}

function ours (folder: string, mode = 0o644): string {
  const file = join(folder, 'ours.db')
  openStore(file).close()
  chmodSync(file, mode)
  return file
}

function withoutLog (file: string): string {
  const db = new Database(file)
  db.pragma('journal_mode = DELETE')
  db.close()
  return file
}

function newer (folder: string): string {
  const file = join(folder, 'newer.db')
  openStore(file).close()
  const db = new Database(file)
  db.pragma('user_version = 99')
  db.close()
  return file
}

function foreign (folder: string): string {
  const file = join(folder, 'foreign.db')
  const db = new Database(file)
  db.exec('CREATE TABLE theirs (a)')
  db.close()
  return file
}

function text (folder: string): string {
  const file = join(folder, 'notes.txt')
  writeFileSync(file, 'Buy milk. '.repeat(100))
  return file
}

function damaged (folder: string): string {
  const file = join(folder, 'damaged.db')
  writeFileSync(file, readFileSync(foreign(folder)).subarray(0, 100))
  return file
}
