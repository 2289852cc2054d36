import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readReadyFile, readyFile as readyFileAt } from '../../src/server/ready-file.js'
import { start } from '../../src/server/start.js'
import { until } from '../support/until.js'

function readyIn (t: Test): { folder: string, readyFile: string } {
  const folder = t.testdir()
  return { folder, readyFile: join(folder, 'ready.json') }
}

t.test('a ready file says where the emulator is, and is gone when it has stopped', async t => {
  const { folder, readyFile } = readyIn(t)
  const { url, urls, stop } = await start({ readyFile })
  t.strictSame(JSON.parse(readFileSync(readyFile, 'utf8')), { url, urls, pid: process.pid, token: '132321343dsfsdf' })
  t.strictSame(readdirSync(folder), ['ready.json'])
  await stop()
  t.strictSame(readdirSync(folder), [])
})

t.test('a ready file and a case are where their relative paths led at the start, though a test changes the working folder', async t => {
  const [folder, before] = [t.testdir({ elsewhere: {} }), process.cwd()]
  process.chdir(folder)
  const { stop } = await start({ readyFile: 'ready.json', caseDir: 'cases' }).finally(() => { process.chdir(before) })
  process.emit('SIGUSR2', 'SIGUSR2')
  await until(() => readdirSync(join(folder, 'cases')).some(name => name.endsWith('.json')))
  await stop()
  t.strictSame(readdirSync(folder), ['cases', 'elsewhere'])
  t.strictSame(readdirSync(join(folder, 'elsewhere')), [])
})

t.test('a ready file of a world without accounts has no token', async t => {
  const { readyFile } = readyIn(t)
  const { stop } = await start({ readyFile, scenario: { accounts: [] } })
  t.match(JSON.parse(readFileSync(readyFile, 'utf8')), { token: null })
  await stop()
})

t.test('a ready file that a killed run has left is gone when a start fails, and nothing is left', async t => {
  const { folder, readyFile } = readyIn(t)
  writeFileSync(readyFile, '{"url":"http://127.0.0.1:4290","urls":["http://127.0.0.1:4290"],"pid":4711,"token":null}\n')
  const other = await start({ host: '127.0.0.1' })
  t.teardown(other.stop)
  await t.rejects(start({ readyFile, host: '127.0.0.1', port: Number(new URL(other.url).port) }), { message: /another program/ })
  t.strictSame(readdirSync(folder), [])
})

t.test('a file with nothing in it, as mktemp, echo or a power failure makes it, becomes the ready file', async t => {
  const { readyFile } = readyIn(t)
  for (const nothing of ['', '\r\n', '\0'.repeat(120)]) {
    writeFileSync(readyFile, nothing)
    const { url, stop } = await start({ readyFile })
    t.match(readReadyFile(readyFile), { url })
    await stop()
  }
})

t.test('a ready file never takes the place of another file, such as the database', async t => {
  const { readyFile: db } = readyIn(t)
  const first = await start({ db })
  await first.stop()
  await t.rejects(start({ db, readyFile: db }), { message: `the option readyFile is wrong: ${db} holds something else, which would be lost` })
  const again = await start({ db })
  t.ok(again.resumed)
  await again.stop()
  for (const other of ['{"name":"client"}', '{"url":1,"pid":1}', '{"url":"http://127.0.0.1:4290"}', 'null', 'x'.repeat(70_000)]) {
    writeFileSync(db, other)
    await t.rejects(start({ readyFile: db }), { message: /holds something else/ })
    t.equal(readFileSync(db, 'utf8'), other)
  }
})

t.test('a ready file that another emulator has written meanwhile stays', async t => {
  const { readyFile } = readyIn(t)
  const first = await start({ readyFile })
  const second = await start({ readyFile })
  await first.stop()
  t.match(JSON.parse(readFileSync(readyFile, 'utf8')), { url: second.url })
  await second.stop()
  t.notOk(existsSync(readyFile))
})

t.test('a ready file that can no longer be removed stays, and does not keep the emulator from stopping', async t => {
  const { readyFile } = readyIn(t)
  const { write, remove } = readyFileAt(readyFile, undefined, () => { throw Object.assign(new Error('permission denied'), { code: 'EACCES' }) })
  write({ url: 'http://127.0.0.1:1', urls: [], pid: 1, token: null })
  t.doesNotThrow(remove)
  t.ok(existsSync(readyFile))
})

t.test('a ready file that can\'t be written is a problem at the start', async t => {
  const folder = t.testdir({ taken: {} })
  symlinkSync('/dev/null', join(folder, 'link'))
  const cases: ReadonlyArray<[file: string, says: string]> = [
    [join(folder, 'none/ready.json'), "can't be written (ENOENT)"],
    ['/proc/none/ready.json', "can't be written (ENOENT)"],
    [join(folder, 'x'.repeat(255)), "can't be written (ENAMETOOLONG)"],
    [join(folder, 'taken'), 'is not a regular file'],
    [join(folder, 'link'), 'is not a regular file']
  ]
  for (const [file, says] of cases) {
    await t.rejects(start({ readyFile: file }), { name: 'Problem', message: `the option readyFile is wrong: ${file} ${says}` })
    await t.rejects(start({ readyFile: file }, () => '--ready-file'), { message: /^--ready-file is wrong: / })
  }
  t.strictSame(readdirSync(folder), ['link', 'taken'])
})

t.test('a ready file that can no longer be written, as on a full disk, is a problem, and nothing goes on', async t => {
  const { folder, readyFile } = readyIn(t)
  const other = await start({ host: '127.0.0.1' })
  await other.stop()
  const port = Number(new URL(other.url).port)
  await t.rejects(start({ readyFile, host: '127.0.0.1', port }, undefined, { observe: () => { rmSync(folder, { recursive: true }) } }), { name: 'Problem', message: `the option readyFile is wrong: ${readyFile} can't be written (ENOENT)` })
  const again = await start({ host: '127.0.0.1', port })
  t.equal(again.url, other.url, 'the port is free')
  await again.stop()
})

t.test('a ready file that is missing, or is not whole, is none', async t => {
  const { readyFile } = readyIn(t)
  t.equal(readReadyFile(readyFile), null)
  writeFileSync(readyFile, '{"url":')
  t.equal(readReadyFile(readyFile), null)
  t.equal(readReadyFile('/dev/zero'), null, 'nor is a file that does not end')
})
