import { cpSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { CLI, run } from '../support/built.js'
import { effort } from '../support/effort.js'
import { buy, control, made, OUT_OF_SERVICE, restarted, shop } from './shop.js'

t.test('a file that has been deleted, moved or replaced: nothing is booked that would be lost', async t => {
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
  const tried = ['its log is cut in half']
  for (const [name, lose, left, word] of effort(rows.filter(([name]) => tried.includes(name)), rows)) {
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
