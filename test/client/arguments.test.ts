import t from 'tap'
import type { Account, RemoteEmulator } from '../../src/client/connect.js'
import { connect as connectOfPackage } from '../../src/client/connect.js'
import { connect } from '../../src/index.js'
import { CHANGE_BILLING, emulate } from '../support/emulator.js'
import { failure } from '../support/refusal.js'

const PLAIN = { name: 'TypeError' }

/** What programs without types give by mistake. */
const ODD: ReadonlyArray<[value: unknown, shown: string]> = [
  ['change-billing', '"change-billing"'], [5, '5'], [null, 'null'], [true, 'true'], [NaN, 'NaN'], [new Date(0), 'Date'], [Promise.resolve(), 'Promise'],
  [new Map(), 'Map'], [() => {}, 'Function'], [Symbol('s'), 'Symbol'], ['x'.repeat(1e6), `"${'x'.repeat(60)}"`]
]

t.test('an argument of another kind than a call takes is refused before anything is sent, by the call\'s name', async t => {
  const { url } = await emulate(t, { clock: 'frozen:2020-06-16T12:00:00Z' })
  const control = connect(url)
  const account = await control.createAccount({ name: 'mine' })
  await fetch(url + CHANGE_BILLING, { method: 'POST', body: JSON.stringify({ token: account.token }) })
  const before = JSON.stringify(await control.state())
  const calls: Record<string, (value: never) => Promise<unknown>> = {
    'createAccount an object': control.createAccount,
    'createAccounts a list': control.createAccounts,
    'load an object': control.load,
    'settings.change an object': control.settings.change,
    'setProject an object': project => account.setProject(1, project),
    ...Object.fromEntries([control, account].flatMap((either: RemoteEmulator | Account, index) => [
      ...(['list', 'count', 'wait', 'expectNone', 'clear'] as const).map(name => [`requests.${name} an object ${index}`, either.requests[name]]),
      [`audit an object ${index}`, either.audit],
      [`case an object ${index}`, either.case]
    ]))
  }
  for (const [name, call] of Object.entries(calls)) {
    const [, asked, kind] = /^(\S+) an? (\w+)/.exec(name)!
    for (const [value, shown] of [...ODD, kind === 'list' ? [{}, 'Object'] : [[], 'Array']] as typeof ODD) {
      const { message } = await t.rejects(call(value as never), PLAIN, `${name} ${shown}`) as unknown as Error
      const start = `${asked!}: found ${shown}, expected ${kind === 'list' ? 'a list' : 'an object'} such as `
      t.ok(message.startsWith(start), message)
    }
    if (kind === 'list') await t.rejects(call(undefined as never), PLAIN)
  }
  t.equal(JSON.stringify(await control.state()), before)
  t.equal(await control.requests.count(), 1, 'clear has removed nothing')
})

t.test('a value that a query can\'t say is refused', async t => {
  const { url } = await emulate(t)
  const control = connect(url)
  const account = await control.createAccount({ name: 'mine' })
  for (const [filter, says] of [
    [{ text: {} }, 'requests.list: found Object for text, expected a text, a number, true, false or null'],
    [{ project_id: NaN }, 'requests.list: found NaN for project_id, expected a text, a number, true, false or null'],
    [{ state: [1] }, 'requests.list: found Array for state, expected a text, a number, true, false or null']
  ] as const) t.equal((await failure(account.requests.list(filter as never))).message, says)
  t.strictSame(await account.requests.list({ text: undefined, state: ['answered', 'cut'], http_status: null, charged: true, project_id: 1 } as never), [])
  t.match(await failure(account.audit({ strickt: true } as never)), { message: /found an unknown key, expected strict/ })
})

t.test('undo of an account takes no id, which another snapshot may have, and works as a hook of a test runner', async t => {
  const account = await connect((await emulate(t)).url).createAccount({ name: 'mine' })
  const undo = account.undo as (...given: unknown[]) => Promise<unknown>
  t.match(await failure(undo('snapshot-1')), { ...PLAIN, message: 'account.undo: found "snapshot-1", expected nothing: undo of the emulator restores a snapshot by its id' })
  await account.reset()
  t.match(await undo({ task: 'of vitest' }), { restored: {} })
})

t.test('connect refuses options that it does not have', async t => {
  for (const open of [connect, connectOfPackage] as Array<(url: string, options: unknown) => unknown>) {
    for (const [value, shown] of ODD) {
      t.throws(() => open('http://localhost:1', value), { ...PLAIN, message: `connect: found ${shown}, expected an object such as { adminToken: "…" }` })
    }
    t.throws(() => open('http://localhost:1', { token: 'x' }), { message: 'connect: found the unknown option "token", expected adminToken or fetch' })
    t.throws(() => open('http://localhost:1', { adminToken: 5 }), { message: 'connect: found an adminToken that is none, expected a string' })
    t.doesNotThrow(() => open('http://localhost:1', { adminToken: undefined, fetch: undefined }))
  }
})
