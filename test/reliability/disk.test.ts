import { once } from 'node:events'
import { closeSync, cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { runCommand } from '../../src/cli/command.js'
import { openStore } from '../../src/store/index.js'
import { CLI, run, spawnOutside, textOf } from '../support/built.js'
import { effort } from '../support/effort.js'
import { NO_SHUTDOWN } from '../support/shutdown.js'
import { onDisks, smallDisk } from '../support/small-disk.js'
import { told } from '../support/told.js'
import { buy, control, edit, made, OUT_OF_SERVICE, shop } from './shop.js'
import { Database } from '../support/sqlite.js'

function pageOf (file: string, table: string): number {
  const db = new Database(file, { readonly: true })
  try {
    return db.prepare<[string], number>('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(table)! - 1
  } finally {
    db.close()
  }
}

const PAGE = 4096

/** The tests of the store try the same in process, and in less time. */
const inFull = effort({ skip: 'npm run prove runs it' }, {})

function overwrite (file: string, page: number, bytes: Buffer): void {
  const open = openSync(file, 'r+')
  writeSync(open, bytes, 0, PAGE, page * PAGE)
  closeSync(open)
}

const GARBAGE = Buffer.alloc(PAGE, 'Buy milk. ')

t.test('a file that can\'t be used is told in one line when it starts, and stays as it is', async t => {
  const { file: world } = await made(t, t.testdir())
  const rows: Array<[string, (file: string) => unknown, RegExp]> = [
    ['garbage instead of a header', file => overwrite(file, 0, GARBAGE), /^picky-emulator: the database .*world\.db can't be used: it is not a SQLite database$/],
    ['garbage in the middle', file => overwrite(file, pageOf(file, 'ledger_entry'), GARBAGE), /^picky-emulator: the database .*world\.db can't be used: it is damaged \(.*\); use another file or a backup$/],
    ['nothing in the middle', file => overwrite(file, pageOf(file, 'account'), Buffer.alloc(PAGE)), /^picky-emulator: the database .*world\.db can't be used: it is damaged \(.*\); use another file or a backup$/],
    ['a half', file => truncateSync(file, statSync(file).size / 2), /^picky-emulator: the database .*world\.db can't be used: database disk image is malformed$/],
    ['a part of the header', file => truncateSync(file, 50), /^picky-emulator: the database .*world\.db can't be used: database disk image is malformed$/],
    ['another program\'s', file => edit(file, 'PRAGMA application_id = 7'), /^picky-emulator: the database .*world\.db belongs to another program; use a new file, or one created by the emulator$/],
    ['a newer emulator\'s', file => edit(file, 'PRAGMA user_version = 99'), /^picky-emulator: the database .*world\.db was created by a newer version of the emulator \(its schema is 99, this version knows \d+\); use that version or another file$/],
    ['a folder', file => { rmSync(file); mkdirSync(file) }, /^picky-emulator: the database .*world\.db can't be used: it is not a regular file$/],
    ['a folder where its log would be', file => { rmSync(file); mkdirSync(`${file}-wal`) }, /^picky-emulator: the database .*world\.db can't be used: .*world\.db-wal is not a regular file$/],
    ['a folder where its shared memory would be', file => mkdirSync(`${file}-shm`), /^picky-emulator: the database .*world\.db can't be used: .*world\.db-shm is not a regular file$/]
  ]
  for (const [name, spoil, word] of effort(rows.slice(0, 2), rows)) {
    const file = join(mkdtempSync(join(t.testdirName, 'row-')), 'world.db')
    cpSync(world, file)
    spoil(file)
    const before = statSync(file, { throwIfNoEntry: false })?.isFile() === true ? readFileSync(file) : null
    const { code, stdout, stderr } = await told(t, ['--port', '0', '--db', file])
    t.strictSame({ code, stdout, lines: stderr.split('\n').length }, { code: 2, stdout: '', lines: 2 }, `${name}: ${stderr}`)
    t.match(stderr.trimEnd(), word, name)
    if (before !== null) t.ok(before.equals(readFileSync(file)), `${name}: as it was`)
  }
})

t.test('an empty file is a new one, and a log that is garbage is passed over', async t => {
  for (const [name, contents] of [['empty', {}], ['log', { 'world.db-wal': 'Buy milk. '.repeat(1000) }]] as const) {
    const file = join(t.testdir({ 'world.db': '', ...contents }), 'world.db')
    const { sell, hasBooked, emulator } = await shop(t, file)
    await sell(1)
    await hasBooked(name)
    t.equal(await emulator.end('SIGTERM'), 0)
  }
})

t.test('damage that comes while it runs fails what meets it, until it is mended', async t => {
  const { file, sold } = await made(t, t.testdir())
  const page = pageOf(file, 'ledger_entry')
  const good = readFileSync(file).subarray(page * PAGE, (page + 1) * PAGE)
  const { emulator, sell, hasBooked, endAfter } = await shop(t, file, { sold })
  // What another process writes makes it read the file again.
  const lay = (bytes: Buffer): void => {
    overwrite(file, page, bytes)
    edit(file, "UPDATE plan SET name = name || '.'")
  }
  lay(GARBAGE)
  t.match(await buy(emulator), OUT_OF_SERVICE)
  t.match(await control(emulator, '/accounts/demo/ledger'), { http: 503, body: { detail: /world\.db can't be used: database disk image is malformed/ } })
  t.match(await control(emulator, '/accounts/demo/wallet'), { http: 200, body: { balance: '90' } }, 'what is whole is still shown')
  lay(good)
  await hasBooked('mended')
  await sell(1)
  await hasBooked('it goes on')
  await endAfter(/"code":"SQLITE_CORRUPT/)
})

t.test('a start that comes as far as its first write and no further is told in one line, too', async t => {
  const file = join(t.testdir(), 'world.db')
  openStore(file).close()
  // There is no room for another row: SQLite says then what it says of a full disk.
  edit(file, `CREATE TABLE full (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO full VALUES (9223372036854775807);
              CREATE TRIGGER no_room BEFORE INSERT ON world BEGIN INSERT INTO full VALUES (NULL); END`)
  const stderr = t.capture(process.stderr, 'write')
  const code = await runCommand(['--db', file, '--port', '0', '--log-level', 'silent'], {}, NO_SHUTDOWN)
  stderr.restore()
  t.equal(code, 2)
  t.strictSame(stderr().map(({ args: [text] }) => text), [`picky-emulator: the database ${file} can't be used: its disk is full\n`])
})

/** Until a process sleeps, as SQLite does between two tries to get a lock, and Node.js never does. Where the system does not tell, three seconds pass. */
async function waitsForLock (pid: number): Promise<void> {
  const place = `/proc/${pid}/wchan`
  for (let tries = 0; tries < 300; tries++) {
    if (existsSync(place) && readFileSync(place, 'utf8').includes('nanosleep')) return
    await sleep(10)
  }
}

t.test('a file that another process has locked', inFull, async t => {
  const { file, sold } = await made(t, t.testdir())
  const alone = new Database(file)
  alone.pragma('locking_mode = EXCLUSIVE')
  alone.exec('BEGIN EXCLUSIVE')
  t.strictSame(await run(process.execPath, [CLI, '--port', '0', '--db', file]), { code: 2, stdout: '', stderr: `picky-emulator: the database ${file} can't be used: another process has locked it\n` }, 'is refused at the start')
  alone.close()

  const other = new Database(file)
  t.teardown(() => other.close())
  other.exec('BEGIN IMMEDIATE')
  const starting = spawnOutside(process.execPath, [CLI, '--port', '0', '--db', file])
  t.teardown(() => starting.kill('SIGKILL'))
  const text = textOf(starting)
  await waitsForLock(starting.pid!)
  t.strictSame(text, { stdout: '', stderr: '' }, 'it waits at the start')
  other.exec('COMMIT')
  await once(starting.stdout!, 'data')
  starting.kill('SIGTERM')
  await once(starting, 'close')
  const { emulator, sell, hasBooked, endAfter } = await shop(t, file, { sold })

  other.exec('BEGIN IMMEDIATE')
  let answered = false
  const waiting = sell(1).then(() => { answered = true })
  await waitsForLock(emulator.pid)
  t.notOk(answered, 'a request waits')
  other.exec('COMMIT')
  await waiting
  await hasBooked('when a request has waited')

  other.exec('BEGIN IMMEDIATE')
  t.match(await buy(emulator), OUT_OF_SERVICE, 'a request does not wait for ever')
  await hasBooked('while it is locked, what is there can be looked at')
  other.exec('COMMIT')
  await sell(1)
  await hasBooked('when the lock is gone')
  await endAfter(/"code":"SQLITE_BUSY"/)
})

/** Starts the command with a database on a disk. */
const start = async (disk: Awaited<ReturnType<typeof smallDisk>>, file: string) => await disk.run(process.execPath, CLI, '--port', '0', '--db', join(disk.folder, file))

t.test('a full disk', onDisks, async t => {
  const disk = await smallDisk(t)
  const file = join(disk.folder, 'world.db')
  const { emulator, sold, sell, hasBooked, endAfter } = await shop(t, file, { under: disk.under })
  for (let times = 0; times < effort(1, 2); times++) {
    await sell(2)
    disk.fill(0)
    for (let tries = 0; tries < 3; tries++) t.match(await buy(emulator), OUT_OF_SERVICE)
    t.match(await control(emulator, '/accounts/demo/wallet', { set: '7' }), { http: 503, body: { detail: /world\.db can't be used: its disk is full/ } }, 'nor is anything else done')
    t.match(await control(emulator, '/health'), { http: 503, body: { reason: /disk is full/ } })
    await hasBooked('while it is full')
    disk.free()
    await sell(2)
    await hasBooked('when there is room again, without a restart')
  }
  disk.fill(0)
  t.match(await buy(emulator), OUT_OF_SERVICE)
  await endAfter(/"code":"SQLITE_FULL"/)
  t.match(await start(disk, 'world.db'), { code: 2, stdout: '', stderr: /^picky-emulator: the database [^\n]*\/world\.db can't be used: its disk is full[^\n]*\n$/ }, 'it can\'t be started on one')
  disk.free()
  const again = await shop(t, file, { under: disk.under, sold })
  await again.hasBooked('when it starts with room')
  await again.sell(1)
  await again.hasBooked('and goes on')
  t.equal(await again.emulator.end('SIGTERM'), 0)
})

t.test('a disk on which there is not room enough for a new world', { ...onDisks, ...inFull }, async t => {
  const disk = await smallDisk(t)
  const answers: string[] = []
  for (let room = 0; answers.at(-1) !== 'started'; room += 6 * PAGE) {
    for (const end of ['', '-wal', '-shm']) rmSync(join(disk.seen, `world.db${end}`), { force: true })
    disk.fill(room)
    try {
      const { emulator, sell } = await shop(t, join(disk.folder, 'world.db'), { under: disk.under })
      disk.free()
      await sell(1)
      await emulator.end('SIGTERM')
      answers.push('started')
    } catch (error) {
      answers.push((error as Error).message)
    }
  }
  t.ok(answers.length > 3)
  for (const answer of answers.slice(0, -1)) t.match(answer, /^the command has ended: picky-emulator: the database [^\n]*\/world\.db can't be used: its disk is full[^\n]*\n$/)
})

t.test('what is read-only can\'t be used, also by root', { ...onDisks, ...inFull }, async t => {
  const disk = await smallDisk(t)
  const { emulator, sell } = await shop(t, join(disk.folder, 'world.db'), { under: disk.under })
  await sell(1)
  t.equal(await emulator.end('SIGTERM'), 0)
  const readOnly = (what: string): string => `mount --bind "$0/${what}" "$0/${what}"; mount -o remount,bind,ro "$0/${what}"`
  const rows: Array<[string, string, string, RegExp]> = [
    ['a file', `cp "$0/world.db" "$0/file.db"; ${readOnly('file.db')}`, 'file.db', /this user has no permission to write to it$/],
    ['a folder', `mkdir "$0/folder"; cp "$0/world.db" "$0/folder"; ${readOnly('folder')}`, 'folder/world.db', /this user has no permission to write to it$/],
    ['a new file in it', ':', 'folder/new.db', /it can't be opened or created; does this user lack permission to write there\?$/],
    ['a new folder in it', ':', 'folder/new/new.db', /this user has no permission to write to it$/],
    ['a folder with a file that is not, beside which there can be no log', 'mkdir "$0/log"; touch "$0/log/world.db"; mount --bind "$0/log" "$0/log"; mount --bind "$0/world.db" "$0/log/world.db"; mount -o remount,bind,ro "$0/log"', 'log/world.db', /it can't be opened or created; does this user lack permission to write there\?$/],
    ['a log', `mkdir "$0/wal"; cp "$0/world.db" "$0/wal"; touch "$0/wal/world.db-wal"; ${readOnly('wal/world.db-wal')}`, 'wal/world.db', /this user has no permission to write to it$/]
  ]
  for (const [name, set, file, word] of rows) {
    await disk.sh(set)
    const { code, stdout, stderr } = await start(disk, file)
    t.match({ code, stdout, stderr: stderr.trimEnd() }, { code: 2, stdout: '', stderr: word }, name)
    t.match(stderr, /^picky-emulator: the database [^\n]*\n$/, name)
  }
})
