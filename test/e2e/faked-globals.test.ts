import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { ROOT, run } from '../support/built.js'
import { effort } from '../support/effort.js'

/** What a suite does with its emulator, all of which waits for something. */
const SUITE = `
const [realNow, realFetch] = [Date.now, fetch]
const [, , name, order] = process.argv
const load = () => Promise.all(['${pathToFileURL(join(ROOT, 'dist/index.js'))}', '${pathToFileURL(join(ROOT, 'dist/connect.js'))}'].map(file => import(file)))
const fakesFirst = order === 'fakes-first' && await import('./' + name)
const [{ startEmulator }, { connect }] = await load()
const fakes = fakesFirst || await import('./' + name)

async function use (text) {
  const emulator = await startEmulator({ clock: 'system' })
  const control = connect(emulator.url)
  const { now } = await control.clock.get()
  if (Math.abs(Date.parse(now) - realNow()) > 60_000) throw new Error('the clock follows the fake: ' + now)
  const account = await control.createAccount()
  const brief = await control.createAccount({ ttl: '50ms' })
  for (const fault of [{ kind: 'delay', delay: { fixed: 20 } }, { kind: 'slow_body', duration: 20 }]) {
    await account.fail({ ...fault, times: 1 })
    const response = await realFetch(emulator.url + '/app/api/v2/pm/get-projects', { method: 'POST', body: JSON.stringify({ token: account.token }) })
    await response.text()
  }
  await control.requests.wait({ count: 2 })
  await control.requests.expectNone({ path: '/nowhere', timeout: '20ms' })
  while ((await control.accounts()).some(({ name }) => name === brief.name)) await control.requests.expectNone({ path: '/nowhere', timeout: '50ms' })
  await emulator.stop()
  console.log(text)
}

await use('used among fakes')
await fakes.move?.()
await use('used again')
`

const FAKES: Readonly<Record<string, string>> = {
  'none.mjs': '',
  'node-test.mjs': `
    import { mock } from 'node:test'
    mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'], now: 0 })
    export const move = () => { mock.timers.tick(100_000) }
  `,
  // As sinon, Jest and Vitest do it when they fake all that they can: nothing ever happens.
  'everything.mjs': `
    import timers from 'node:timers'
    import promises from 'node:timers/promises'
    import { syncBuiltinESMExports } from 'node:module'
    const never = () => ({ ref () {}, unref () {}, refresh () {} })
    for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate']) {
      globalThis[name] = timers[name] = never
    }
    promises.setTimeout = promises.setImmediate = () => new Promise(never)
    syncBuiltinESMExports()
    // Node's own fetch needs the real ones: Jest gives its tests others, as here.
    const fakeInTests = real => (...given) => /[/]dist[/]/.test(new Error().stack.split('\\n')[2]) ? 0 : real(...given)
    globalThis.queueMicrotask = fakeInTests(queueMicrotask)
    globalThis.Date = class extends Date {
      constructor (...given) { super(...given.length > 0 ? given : [0]) }
      static now () { return 0 }
    }
    globalThis.fetch = () => Promise.reject(new Error('not in this test'))
    globalThis.process = Object.assign(Object.create(process), { nextTick: fakeInTests(process.nextTick) })
  `
}

/** Fakes that keep what they have replaced, as @sinonjs/fake-timers does, which Jest, Vitest and Sinon use. */
const KEEPING = `
  import timers from 'node:timers'
  import promises from 'node:timers/promises'
  import { syncBuiltinESMExports } from 'node:module'
  const clock = {}
  const fake = (object, name, by) => {
    clock['_' + name] = object[name]
    object[name] = Object.assign(by, { clock })
  }
  for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate']) {
    fake(globalThis, name, () => ({ ref () {}, unref () {} }))
    timers[name] = globalThis[name]
  }
  fake(globalThis, 'Date', class extends Date { static now () { return 0 } })
  performance.now = () => 0
  promises.setTimeout = promises.setImmediate = () => new Promise(() => {})
  syncBuiltinESMExports()
`

/** The library itself, which replaces functions that Node.js needs unless it is told which to. */
const SINONJS = `
  import { createRequire } from 'node:module'
  const toFake = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate', 'Date', 'performance']
  createRequire('${join(ROOT, 'proofs/package.json')}')('@sinonjs/fake-timers').install({ now: 0, toFake, shouldClearNativeTimers: true })
`

t.test('a package that is loaded among fakes finds what they have replaced', async t => {
  const folder = t.testdir({ 'keeping.mjs': KEEPING, 'sinonjs.mjs': SINONJS, 'suite.mjs': SUITE })
  for (const name of ['keeping.mjs', ...effort([], ['sinonjs.mjs'])]) {
    const { code, stdout, stderr } = await run('timeout', ['30', process.execPath, '--no-warnings', join(folder, 'suite.mjs'), name, 'fakes-first'])
    t.strictSame({ code, stdout, stderr }, { code: 0, stdout: 'used among fakes\nused again\n', stderr: '' }, name)
  }
})

for (const name of Object.keys(FAKES)) {
  t.test(`an emulator and its client wait, expire and stop in a suite whose fakes are ${name}`, async t => {
    const folder = t.testdir({ ...FAKES, 'suite.mjs': SUITE })
    const { code, stdout, stderr } = await run('timeout', ['30', process.execPath, '--no-warnings', join(folder, 'suite.mjs'), name])
    t.strictSame({ code, stdout, stderr }, { code: 0, stdout: 'used among fakes\nused again\n', stderr: '' })
  })
}
