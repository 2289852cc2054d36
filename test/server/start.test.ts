import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import t from 'tap'
import { open, start } from '../../src/server/start.js'
import { closed } from '../support/closed.js'
import { changeBehind, damagedDatabase } from '../support/damaged.js'
import { until } from '../support/until.js'

/** Servers and connections that keep this process from ending. */
function keeping (): string[] {
  return process.getActiveResourcesInfo().filter(name => name.startsWith('TCP'))
}

t.test('an emulator keeps the process from ending, unless it is started with unref', async t => {
  // A server of another file's test may still be closing.
  const servers = (): string[] => keeping().filter(name => name === 'TCPServerWrap')
  await until(() => servers().length === 0)
  const kept = await start({ host: '127.0.0.1' })
  t.strictSame(servers(), ['TCPServerWrap'])
  await kept.stop()
  const free = await start({ unref: true })
  t.teardown(free.stop)
  t.equal((await fetch(`${free.url}/__admin/health`)).status, 200)
  const intercepting = await start({ unref: true, intercept: true })
  t.teardown(intercepting.stop)
  t.strictSame(servers(), [])
})

// Libraries that are loaded meanwhile have listeners too.
const ours = () => process.listeners('exit').filter(({ name }) => name === 'runAll')

t.test('an emulator that is not stopped closes its files when the process ends', async t => {
  const folder = t.testdir()
  const readyFile = join(folder, 'ready.json')
  const [stopped, left] = await Promise.all([start({ unref: true }), start({ db: join(folder, 'world.db'), readyFile })])
  const [listener, ...more] = ours()
  t.strictSame(more, [], 'one listener, however many there are')
  await stopped.stop()
  t.ok(existsSync(readyFile))
  process.off('exit', listener!)
  listener!(0)
  t.strictSame(readdirSync(folder), ['world.db'])
  await left.stop()
  t.strictSame(ours(), [])
})

t.test('so does one whose stop nobody waits for', async t => {
  const folder = t.testdir()
  const { stop } = await start({ db: join(folder, 'world.db') })
  const stopped = stop()
  t.ok(readdirSync(folder).length > 1, 'not yet')
  for (const listener of ours()) listener.call(process, 0)
  t.strictSame(readdirSync(folder), ['world.db'])
  await stopped
  t.strictSame(ours(), [])
})

t.test('a start that fails by damage rejects with a Problem, and leaves nothing open', async t => {
  const file = await damagedDatabase(t)
  // So the world is made anew, and the accounts of the old one removed.
  changeBehind(file, db => db.exec('DELETE FROM world'))
  await t.rejects(start({ db: file }), { name: 'Problem', message: `the database ${file} can't be used: database disk image is malformed` })
  t.strictSame(readdirSync(dirname(file)), ['world.db'], 'no log, no shared memory')
})

t.test('an emulator that is open keeps requests waiting until it answers', async t => {
  const { url, answer, stop } = await open({})
  t.teardown(stop)
  const waiting = fetch(`${url}/__admin/health`)
  await new Promise(resolve => { setImmediate(resolve) })
  await answer()
  t.equal((await waiting).status, 200)
  t.equal((await fetch(`${url}/__admin/health`)).status, 200)
})

t.test('an emulator that is stopped before it answers cuts off those who wait', async t => {
  const { url, stop } = await open({})
  const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {}).resume()
  await once(socket, 'connect')
  socket.write('GET /__admin/health HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await Promise.all([closed(socket), stop()])
  t.equal(socket.bytesRead, 0)
})
