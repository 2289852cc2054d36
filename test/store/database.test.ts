import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../../src/package.js'
import { Problem } from '../../src/problem.js'
import { start } from '../../src/server/start.js'
import { databaseProblem, openDatabase, retryWhileBusy } from '../../src/store/database.js'
import { openStore, type Store } from '../../src/store/index.js'
import { DEMO, fileStore, look, RECORD, using } from '../support/store.js'
import { Database } from '../support/sqlite.js'

const MIGRATIONS = readdirSync(join(packageRoot, 'migrations')).length

const NOBODY = 65_534

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
  t.strictSame(tables, ['account', 'account_origin', 'api_token', 'history_event', 'ledger_entry', 'plan', 'project', 'subscription', 'world', 'world_origin'].map(name => ({ name, strict: 1 })), 'has only strict tables')
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
  using(openStore(file), store => store.accounts.insert(DEMO, RECORD))
  const before = contentOf(file)
  openStore(file).close()
  t.strictSame(contentOf(file), before)
  t.match(before, /INSERT INTO account .*secret/, 'and there was something to change')
})

t.test('a file that can\'t be used is a problem told in one line, and stays as it is', async t => {
  const cases: Array<[string, (folder: string) => string, RegExp]> = [
    ['of a newer emulator', newer, /^the database .*newer\.db was created by a newer version of the emulator \(its schema is 99, this version knows \d+\); use that version or another file$/],
    ['of another program', foreign, /^the database .*foreign\.db belongs to another program; use a new file, or one created by the emulator$/],
    ['a text file', text, /^the database .*notes\.txt can't be used: it is not a SQLite database$/],
    ['a damaged database', damaged, /^the database .*damaged\.db can't be used: database disk image is malformed$/],
    ['a folder', folder => folder, /^the database .* can't be used: it is not a regular file$/],
    ['a device', () => '/dev/null', /^the database \/dev\/null can't be used: it is not a regular file$/],
    ['a name that ends with a line end of Windows', folder => `${ours(folder)}\r`, /can't be used: its name ends with a blank$/],
    ['a file in a file', folder => join(text(folder), 'world.db'), /^the database .*notes\.txt\/world\.db can't be used: .*notes\.txt is not a folder$/],
    ['a file in a folder in a file', folder => join(text(folder), 'a/world.db'), /^the database .*notes\.txt\/a\/world\.db can't be used: the folder .*notes\.txt\/a can't be created \(ENOTDIR\)$/]
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

t.test('a folder or a named pipe where SQLite keeps a file beside the database is refused, and not waited for', async t => {
  const makers: ReadonlyArray<(file: string) => void> = [file => { execFileSync('mkfifo', [file]) }, file => { mkdirSync(file) }]
  for (const ending of ['-journal', '-wal', '-shm']) {
    for (const make of makers) {
      const folder = t.testdir()
      const link = join(folder, 'link.db')
      const file = ours(folder)
      symlinkSync(file, link)
      for (const path of [file, link, join(folder, 'new.db')]) {
        const beside = `${path === link ? file : path}${ending}`
        if (path !== link) make(beside)
        t.throws(() => openDatabase(path), { name: 'Problem', message: `the database ${path} can't be used: ${beside} is not a regular file` })
      }
    }
  }
})

t.test('an error of the disk is told as one, with the code that SQLite has for it', async t => {
  const error = Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_WRITE' })
  t.equal(databaseProblem('world.db', error).message, 'the database world.db can\'t be used: its disk is full or failing (SQLITE_IOERR_WRITE)')
})

t.test('damage is found when a file is opened, whichever page it is on', async t => {
  const PAGE = 4096
  const file = join(t.testdir(), 'world.db')
  await (await start({ db: file })).stop()
  const good = readFileSync(file)
  const overwrite = (page: number, bytes: Buffer): void => {
    const open = openSync(file, 'r+')
    writeSync(open, bytes, 0, PAGE, page * PAGE)
    closeSync(open)
  }
  for (const [what, bytes] of [['garbage', Buffer.alloc(PAGE, 'Buy milk. ')], ['zeros', Buffer.alloc(PAGE)]] as const) {
    for (let page = 0; page < good.length / PAGE; page++) {
      overwrite(page, bytes)
      t.throws(() => openStore(file).close(), { name: 'Problem', message: /it is damaged \(.*\); use another file|is malformed|not a SQLite database/ }, `${what} on page ${page}`)
      overwrite(page, good.subarray(page * PAGE, (page + 1) * PAGE))
    }
  }
  openStore(file).close()
})

t.test('a file in a working folder that is gone is a problem', t => {
  const [folder, before] = [t.testdir({}), process.cwd()]
  process.chdir(folder)
  rmSync(folder, { recursive: true })
  const problem = thrownBy(() => openDatabase('world.db'))
  process.chdir(before)
  t.match(problem, { name: 'Problem', message: /^the database world\.db can't be used: ENOENT/ })
  t.end()
})

t.test('the folders of a new database are created', async t => {
  const folder = t.testdir({})
  openDatabase(join(folder, 'a/b/c/world.db')).close()
  t.strictSame(readdirSync(join(folder, 'a/b/c')), ['world.db'])
})

t.test('a folder that can\'t be created is a problem told in one line, also where none can be', async t => {
  const link = join(t.testdir({}), 'link')
  symlinkSync('nowhere', link)
  const cases: ReadonlyArray<[folder: string, says: string]> = [
    ['/proc/x', 'the folder /proc/x can\'t be created (ENOENT)'],
    ['/proc/self/x/y', 'the folder /proc/self/x can\'t be created (ENOENT)'],
    [link, `the folder ${link} can't be created (EEXIST)`],
    [join(link, 'a'), `the folder ${link} can't be created (EEXIST)`],
    [join(dirname(link), 'x'.repeat(300)), `the folder ${dirname(link)}/${'x'.repeat(300)} can't be created (ENAMETOOLONG)`]
  ]
  for (const [folder, says] of cases) {
    t.throws(() => openStore(join(folder, 'world.db')), { name: 'Problem', message: `the database ${folder}/world.db can't be used: ${says}` })
  }
})

t.test('a file that this user may not write is a problem', async t => {
  const cases: Array<[string, number, (folder: string) => string, RegExp]> = [
    ['a new file in a folder of others', 0o555, folder => join(folder, 'new.db'), /it can't be opened or created; does this user lack permission to write there\?$/],
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
  const problem = thrownBy(() => openStore(file, 50).close())
  t.type(problem, Problem)
  t.match(problem.message, /^the database .*ours\.db can't be used: another process has locked it$/)
  other.exec('ROLLBACK')
  openStore(file).close()
})

t.test('how long a transaction waits for another process can be changed, and changed back', async t => {
  const file = ours(t.testdir())
  const store = openStore(file, 50)
  t.teardown(store.close)
  const other = look(t, file)
  const write = (): void => { store.transaction(store.checkWritable) }
  other.exec('BEGIN IMMEDIATE')
  t.equal(store.waitAtMost(600_000), 50)
  t.equal(store.waitAtMost(50), 600_000)
  t.throws(write, { code: 'SQLITE_BUSY' }, 'as before')
  other.exec('ROLLBACK')
  store.waitAtMost(1)
  t.doesNotThrow(write)
})

t.test('a file that another process has just begun to use is waited for', async t => {
  const file = withoutLog(ours(t.testdir()))
  const program = `import('./tools/sqlite.js').then(({ Database }) => {
    const db = Database(process.argv[1])
    db.exec('BEGIN')
    db.prepare('SELECT * FROM world').all()
    console.log('reading')
    setTimeout(() => db.close(), 200)
  })`
  const other = spawn(process.execPath, ['-e', program, file], { cwd: packageRoot, stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(other, 'close')
  await once(other.stdout, 'data')
  openStore(file, 120_000).close()
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

t.test('a file that is lost while it is open: no more writes are accepted', async t => {
  const rows: Array<[string, (file: string) => unknown, RegExp]> = [
    ['the file is deleted', file => rmSync(file), /world\.db has been deleted, moved or replaced; no more writes are accepted/],
    ['its folder is moved', file => renameSync(dirname(file), `${dirname(file)} elsewhere`), /world\.db has been deleted, moved or replaced/],
    ['another file is put in its place', file => { writeFileSync(`${file}.new`, ''); renameSync(`${file}.new`, file) }, /world\.db has been deleted, moved or replaced/],
    ['its log is deleted', file => rmSync(`${file}-wal`), /world\.db-wal has been deleted, moved or replaced/],
    ['its shared memory is deleted', file => rmSync(`${file}-shm`), /world\.db-shm has been deleted, moved or replaced/],
    ['it is emptied', file => truncateSync(file), /world\.db has been truncated/],
    ['it is cut in half', file => truncateSync(file, Math.floor(statSync(file).size / 2)), /world\.db has been truncated/],
    ['its log is cut in half', file => truncateSync(`${file}-wal`, Math.floor(statSync(`${file}-wal`).size / 2)), /world\.db-wal has been truncated/],
    ['its shared memory is cut in half', file => truncateSync(`${file}-shm`, statSync(`${file}-shm`).size / 2), /world\.db-shm has been truncated/]
  ]
  for (const [name, lose, message] of rows) {
    t.test(name, async t => {
      const file = join(t.testdir(), name, 'world.db')
      await (await start({ db: file })).stop()
      const store = openStore(file)
      t.teardown(store.close)
      store.transaction(() => store.plans.update({ planId: 77, name: 'before', service: null, price: null }))
      lose(file)
      t.throws(() => store.transaction(() => store.accounts.count()), { name: 'Problem', status: 503, message, advice: /^save the world with GET / })
      await t.rejects(store.commit(() => store.accounts.count()), { name: 'Problem', status: 503, message })
    })
  }
})

t.test('a closed store says that it is closed, whatever has become of its file', async t => {
  const { store, insert } = fileStore(t)
  store.close()
  rmSync(dirname(store.file), { recursive: true })
  for (const write of [() => insert('a'), () => store.transaction(() => insert('a'))]) t.throws(write, { message: 'The database connection is not open' })
  await t.rejects(store.commit(() => insert('a')), { message: 'The database connection is not open' })
})

t.test('what is no loss is not taken for one', async t => {
  const folder = t.testdir()
  const file = join(folder, 'world.db')
  const other = join(folder, 'other.db')
  symlinkSync(file, join(folder, 'link.db'))
  const store = openStore(join(folder, 'link.db'))
  t.teardown(store.close)
  const write = (): void => store.transaction(() => store.world.update({ starts: 1, clock: { mode: 'system' }, settings: {} }))
  const fill = (from: Store): void => from.transaction(() => { for (let id = 0; id < 200; id++) from.plans.update({ planId: id, name: 'x'.repeat(1000), service: null, price: null }) })

  write()
  fill(store)
  edit(file, 'PRAGMA wal_checkpoint')
  write()
  const before = statSync(file).size
  edit(file, 'DELETE FROM plan; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)')
  t.ok(statSync(file).size < before, 'it is smaller')
  t.doesNotThrow(write, 'because another process has tidied up')
  fill(store)
  edit(file, 'PRAGMA wal_checkpoint')
  write()
  edit(file, `DELETE FROM plan; VACUUM; PRAGMA wal_checkpoint(TRUNCATE); CREATE TABLE more AS SELECT zeroblob(${20 * 4096}) AS bytes`)
  t.ok(statSync(file).size < before, 'it is smaller than its content')
  t.ok(statSync(`${file}-wal`).size > 20 * 4096, 'which is in the log')
  t.doesNotThrow(write, 'because another process has tidied up and gone on')
  edit(file, 'PRAGMA wal_checkpoint(TRUNCATE)')
  t.equal(statSync(`${file}-wal`).size, 0)
  t.doesNotThrow(write, 'a log that another process has emptied')

  rmSync(join(folder, 'link.db'))
  t.throws(write, { name: 'Problem', status: 503, message: /link\.db has been deleted, moved or replaced/ }, 'but a link that is gone is')
  symlinkSync('link.db', join(folder, 'link.db'))
  t.throws(write, { name: 'Problem', status: 503, message: /link\.db can't be accessed \(ELOOP\); no more writes are accepted/ }, 'and so is one that leads nowhere')
  rmSync(join(folder, 'link.db'))
  openStore(other).close()
  symlinkSync(other, join(folder, 'link.db'))
  t.throws(write, { name: 'Problem', status: 503, message: /link\.db has been deleted, moved or replaced/ }, 'and so is one that leads to another file')
  await t.rejects(store.commit(() => store.accounts.count()), { name: 'Problem', status: 503 })
  rmSync(join(folder, 'link.db'))
  symlinkSync(file, join(folder, 'link.db'))
  t.equal(await store.commit(() => store.accounts.count()), 0)
  fill(store)
  edit(file, 'PRAGMA wal_checkpoint')
  write()
  truncateSync(file, statSync(file).size - 1)
  t.throws(write, { name: 'Problem', status: 503, message: /link\.db has been truncated/ }, 'and so is a file that lacks a byte')
  appendFileSync(file, '\0')
  t.doesNotThrow(write, 'until it is back')
  for (let times = 0; times < 3; times++) edit(file, "UPDATE plan SET name = name || '.'")
  truncateSync(file, 2 * 4096)
  t.throws(write, { name: 'Problem', status: 503, message: /link\.db has been truncated/ }, 'and so is one that lacks what is not in the log')
  truncateSync(`${file}-shm`, statSync(`${file}-shm`).size / 2)
  t.throws(write, { name: 'Problem', status: 503, message: /world\.db-shm has been truncated/ }, 'and so is shared memory')
})

/** Writes to a file as another program does. */
function edit (file: string, sql: string): string {
  const db = new Database(file)
  db.exec(sql)
  db.close()
  return file
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
