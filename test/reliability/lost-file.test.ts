import { appendFileSync, cpSync, renameSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openStore, type Store } from '../../src/store/index.js'
import { CLI, run } from '../support/built.js'
import { buy, control, edit, made, OUT_OF_SERVICE, restarted, shop } from './shop.js'

t.test('a file that is no longer in its place: nothing is booked that would be lost', async t => {
  const rows: Array<[string, (file: string) => unknown, 'all' | 'before' | 'nothing' | 'unusable', RegExp]> = [
    ['the file is deleted', file => rmSync(file), 'nothing', /world\.db has been deleted, moved or replaced/],
    ['its folder is deleted', file => rmSync(join(file, '..'), { recursive: true }), 'nothing', /world\.db has been deleted, moved or replaced/],
    ['its folder is moved', file => renameSync(join(file, '..'), join(file, '../../elsewhere')), 'nothing', /world\.db has been deleted, moved or replaced/],
    ['another file is put in its place', file => { writeFileSync(`${file}.new`, ''); renameSync(`${file}.new`, file) }, 'nothing', /world\.db has been deleted, moved or replaced/],
    ['its log is deleted', file => rmSync(`${file}-wal`), 'all', /world\.db-wal has been deleted, moved or replaced/],
    ['its shared memory is deleted', file => rmSync(`${file}-shm`), 'all', /world\.db-shm has been deleted, moved or replaced/],
    ['both are deleted', file => ['-wal', '-shm'].forEach(end => rmSync(file + end)), 'all', /world\.db-wal has been deleted, moved or replaced/],
    ['it is emptied', file => truncateSync(file), 'unusable', /world\.db has been truncated/],
    ['it is cut in half', file => truncateSync(file, Math.floor(statSync(file).size / 2)), 'unusable', /world\.db has been truncated/],
    ['it is cut in the middle of its header', file => truncateSync(file, 50), 'unusable', /world\.db has been truncated/],
    ['its log is emptied', file => truncateSync(`${file}-wal`), 'before', /world\.db-wal has been truncated/],
    ['its log is cut in half', file => truncateSync(`${file}-wal`, Math.floor(statSync(`${file}-wal`).size / 2)), 'before', /world\.db-wal has been truncated/],
    ['its shared memory is cut in half', file => truncateSync(`${file}-shm`, statSync(`${file}-shm`).size / 2), 'all', /world\.db-shm has been truncated/]
  ]
  const world = await made(t, t.testdir())
  for (const [name, lose, left, word] of rows) {
    const file = join(t.testdirName, name, 'world.db')
    cpSync(world.file, file)
    const { emulator, sell, sold, endAfter } = await shop(t, file, { sold: [...world.sold] })
    await sell(2)
    lose(file)
    for (let tries = 0; tries < 2; tries++) t.match(await buy(emulator), OUT_OF_SERVICE, name)
    t.match(await control(emulator, '/health'), { http: 503, body: { status: 'unavailable', reason: word } }, name)
    t.match(await control(emulator, '/accounts/demo/wallet', { credit: '1' }), { http: 503, body: { detail: word, advice: /^save the world with GET \/__admin\/state, then restart/ } }, name)
    const state = await control(emulator, '/state')
    t.equal(state.http, 200, `${name}: the world can still be saved`)
    await endAfter(word)
    if (left === 'unusable') t.match(await run(process.execPath, [CLI, '--port', '0', '--db', file]), { code: 2, stderr: /can't be used: / }, name)
    else await restarted(t, file, { all: sold, before: world.sold, nothing: [] }[left], `${name}, and it starts again`)

    const scenario = join(t.testdirName, `${name}.json`)
    writeFileSync(scenario, JSON.stringify(state.body))
    await restarted(t, join(t.testdirName, `${name}.db`), sold, `${name}, in the world that was saved`, ['--scenario', scenario])
  }
})

t.test('a file that is moved away and put back: it goes on without a restart', async t => {
  const file = join(t.testdir(), 'world.db')
  const { emulator, sold, sell, hasBooked, endAfter } = await shop(t, file)
  await sell(1)
  renameSync(file, `${file}.away`)
  t.match(await buy(emulator), OUT_OF_SERVICE)
  renameSync(`${file}.away`, file)
  await sell(2)
  await hasBooked('put back')
  await endAfter(/world\.db has been deleted, moved or replaced; no more writes are accepted, because they would be lost/)
  await restarted(t, file, sold, 'when it starts again')
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
  t.throws(write, { name: 'Problem', status: 503, message: /link\.db can't be accessed \(ELOOP\); no more writes/ }, 'and so is one that leads nowhere')
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
