import { once } from 'node:events'
import { connect as openSocket, type Socket } from 'node:net'
import pino from 'pino'
import t from 'tap'
import { servedAt } from '../../src/api/index.js'
import { connect, type Account, type JournalEntry, type RequestFilter, type ScenarioFault } from '../../src/client/connect.js'
import { createContext } from '../../src/runtime/context.js'
import { bundledPlans } from '../../src/scenario/bundled.js'
import { loadSeed } from '../../src/scenario/load.js'
import { readScenario } from '../../src/scenario/read.js'
import { buildApp } from '../../src/server/app.js'
import { listen } from '../../src/server/listen.js'
import { resetConnection } from '../../src/server/reset.js'
import { openStore } from '../../src/store/index.js'
import { CHANGE_BILLING, emulate } from '../support/emulator.js'
import { listenTo } from '../support/events.js'
import { refusal } from '../support/refusal.js'
import { until } from '../support/until.js'

/** Bytes of a request that puts project 1 of an account on a plan. */
function bytesFor (token: string, plan = 2): string {
  const body = JSON.stringify({ token, project_id: 1, service: 1, plan_id: plan })
  return `POST ${CHANGE_BILLING} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}

/** Sends bytes on a connection of their own, and collects what comes back. */
async function sent (url: string, bytes: string): Promise<{ readonly socket: Socket, readonly received: () => string }> {
  const { hostname, port } = new URL(url)
  const socket = openSocket(Number(port), hostname)
  let text = ''
  socket.on('data', chunk => { text += chunk.toString() }).on('error', () => {})
  await once(socket, 'connect')
  socket.write(bytes)
  return { socket, received: () => text }
}

const LONG = 600_000
const HELD_BACK: ScenarioFault = { kind: 'delay', delay: { fixed: LONG }, when: 'after' }
/** Ways of a client to leave. */
const LEAVING: ReadonlyArray<readonly [string, (socket: Socket) => unknown]> = [
  ['closes its connection', socket => socket.destroy()],
  ['closes its side of the connection', socket => socket.end()],
  ['resets its connection', socket => resetConnection(socket)]
]

t.test('what becomes of a request', async t => {
  const { url } = await emulate(t, { clock: 'frozen:2020-06-16T12:00:00Z' })
  const emulator = connect(url)
  const all = await listenTo(t, url)
  const statesOf = (id: string): Array<[string, string]> => all.events().filter(({ data }) => data?.id === id).map(({ event, data }) => [event, data.state])
  let names = 0
  const account = async (fault?: ScenarioFault): Promise<Account> => {
    const made = await emulator.createAccount({ name: `account ${++names}`, balance: '100', projects: [{ project_id: 1 }] })
    if (fault !== undefined) await made.fail(fault)
    return made
  }
  const only = async ({ requests }: Account, filter: RequestFilter = {}): Promise<JournalEntry> => {
    const [entry] = await requests.wait({ ...filter, timeout: '2m' })
    return entry!
  }

  for (const [name, fault] of [
    ['without a fault', undefined],
    ['with an answer in place of the real one', { kind: 'http_error', when: 'after' }],
    ['with a body that is no JSON', { kind: 'malformed_json', when: 'after' }],
    ['that was held back for a while', { kind: 'delay', delay: { fixed: 2 }, when: 'after' }],
    ['that arrived slowly', { kind: 'slow_body', duration: 1, when: 'after' }]
  ] as ReadonlyArray<readonly [string, ScenarioFault | undefined]>) {
    t.test(`a client that gets all of a response ${name} is answered`, async t => {
      const customer = await account(fault)
      const { socket, received } = await sent(url, bytesFor(customer.token))
      const entry = await only(customer, { state: 'answered' })
      t.match(entry, { state: 'answered', charged: true })
      t.match(received() === '' ? await once(socket, 'data').then(received) : received(), /^HTTP\/1\.1 /)
      socket.destroy()
      await until(() => statesOf(entry.id).length === (fault?.kind === 'delay' || fault?.kind === 'slow_body' ? 2 : 1))
      t.same(statesOf(entry.id), statesOf(entry.id).length === 1 ? [['request', 'answered']] : [['request', 'under-way'], ['request-ended', 'answered']])
      t.equal(await customer.requests.count({ charged: 'unanswered' }), 0)
      // A timer counts whole milliseconds, and may be up to one early.
      if (fault?.kind === 'delay') t.ok(entry.duration_ms >= 1, 'the time that it was held back counts')
    })
  }

  for (const fault of [HELD_BACK, { kind: 'hang', when: 'after' }, { kind: 'slow_body', duration: LONG, when: 'after' }] satisfies ScenarioFault[]) {
    for (const [way, leave] of LEAVING) {
      t.test(`a client that ${way} while ${fault.kind} keeps it waiting is gone, and has been charged`, async t => {
        const customer = await account(fault)
        const { socket } = await sent(url, bytesFor(customer.token))
        const before = await only(customer)
        t.match(before, { state: 'under-way', charged: true, rule: null, response: fault.kind === 'hang' ? null : { http_status: 200 } })
        t.same([await customer.requests.count({ charged: 'unanswered' }), await customer.requests.count({ state: 'under-way' })], [0, 1])
        const [missed] = (await refusal(customer.requests.wait({ state: 'client-gone', timeout: '1ms' }))).nearest_misses as Array<{ missed: unknown }>
        t.same(missed!.missed, [{ filter: 'state', wanted: 'client-gone', found: 'under-way' }])
        const waiting = only(customer, { charged: 'unanswered' })
        leave(socket)
        const after = await waiting
        t.same(after, { ...before, state: 'client-gone', duration_ms: after.duration_ms })
        t.same(await customer.requests.get(after.id), after)
        t.same(await customer.requests.list({ text: 'client-gone' }), [after], 'nothing remembers the former state')
        await until(() => statesOf(after.id).length === 2)
        t.same(statesOf(after.id), [['request', 'under-way'], ['request-ended', 'client-gone']])
      })
    }
  }

  t.test('a client that leaves before its request is decided on is gone, and may have been charged', async t => {
    const held = await account({ kind: 'delay', delay: { fixed: LONG }, when: 'before' })
    const { socket } = await sent(url, bytesFor(held.token))
    await until(async () => (await held.faults())[0]!.matched === 1)
    t.equal(await held.requests.count(), 0, 'it is not in the journal until it is decided on')
    socket.destroy()
    const customer = await account({ kind: 'delay', delay: { fixed: 1 }, when: 'before' })
    // Request and end are there before the emulator reads either.
    await sent(url, bytesFor(customer.token)).then(({ socket }) => socket.destroy())
    const entry = await only(customer)
    t.match(entry, { state: 'client-gone', charged: true, response: { http_status: 200 } })
    t.same(await customer.requests.list({ charged: 'unanswered' }), [entry])
    await until(() => statesOf(entry.id).length === 1)
    t.same(statesOf(entry.id), [['request', 'client-gone']])
  })

  for (const kind of ['connection_reset', 'empty_response', 'truncated_body'] as const) {
    t.test(`a request whose connection is closed by ${kind} is cut at once`, async t => {
      const customer = await account({ kind, when: 'after' })
      const { socket } = await sent(url, bytesFor(customer.token))
      const entry = await only(customer)
      t.match(entry, { state: 'cut', charged: true })
      t.same(await customer.requests.list({ charged: 'unanswered' }), [entry])
      await until(() => socket.closed)
      t.same(await customer.requests.list({ state: ['cut', 'client-gone'] }), [entry], 'and nothing changes it')
      t.same(statesOf(entry.id), [['request', 'cut']])
    })
  }

  t.test('pipelined requests are decided on one after the other: none behind one that is under way', async t => {
    const customer = await account()
    const { socket } = await sent(url, bytesFor(customer.token, 2) + bytesFor(customer.token, 3))
    await customer.requests.wait({ state: 'answered', count: 2 })
    await customer.fail({ kind: 'hang', when: 'after', times: 1 })
    socket.write(bytesFor(customer.token, 4) + bytesFor(customer.token, 5))
    t.match(await only(customer, { state: 'under-way' }), { request: { body: { plan_id: 4 } } })
    socket.destroy()
    await only(customer, { state: 'client-gone' })
    t.same((await customer.requests.list()).map(({ state }) => state), ['answered', 'answered', 'client-gone'])
  })

  t.test('requests are in the order in which they were decided on, not in that of their ends', async t => {
    const customer = await account({ ...HELD_BACK, times: 1 })
    const first = await sent(url, bytesFor(customer.token, 2))
    await only(customer)
    const second = await sent(url, bytesFor(customer.token, 3))
    await only(customer, { state: 'answered' })
    first.socket.destroy()
    t.match(await customer.requests.wait({ count: 2, state: ['answered', 'client-gone'] }), [{ state: 'client-gone' }, { state: 'answered' }])
    second.socket.destroy()
  })

  for (const [name, remove] of [
    ['was deleted', ({ requests }: Account) => requests.clear()],
    ['was removed by a reset', (customer: Account) => customer.reset()]
  ] as ReadonlyArray<readonly [string, (customer: Account) => Promise<unknown>]>) {
    t.test(`an entry that ${name} while under way does not come back with its end`, async t => {
      const customer = await account({ kind: 'hang', when: 'after' })
      const { socket } = await sent(url, bytesFor(customer.token))
      const { id } = await only(customer)
      await remove(customer)
      socket.destroy()
      // The end of a later one comes after it.
      await customer.fail({ kind: 'hang' })
      const later = await sent(url, bytesFor(customer.token))
      await only(customer)
      later.socket.destroy()
      const last = await only(customer, { state: 'client-gone' })
      await until(() => statesOf(last.id).length === 2)
      t.same(statesOf(id), [['request', 'under-way']])
      t.same(await customer.requests.list(), [last])
    })
  }

  t.test('what a reset cut off is cut when an undo brings it back', async t => {
    const customer = await account({ kind: 'hang', when: 'after' })
    const { socket } = await sent(url, bytesFor(customer.token))
    await only(customer)
    await customer.reset()
    await until(() => socket.closed)
    await customer.undo()
    t.match(await customer.requests.list(), [{ state: 'cut', charged: true }])
  })
})

t.test('an entry that made room while under way does not come back with its end', async t => {
  const { url } = await emulate(t, { journalEntries: 1 })
  const { requests, fail } = connect(url)
  await fail({ kind: 'hang', times: 1 })
  const { socket } = await sent(url, bytesFor('nobody'))
  await requests.wait({ state: 'under-way' })
  await sent(url, bytesFor('somebody'))
  const [last] = await requests.wait({ state: 'answered' })
  const all = await listenTo(t, url)
  socket.destroy()
  await fail({ kind: 'hang', times: 1 })
  const next = await sent(url, bytesFor('nobody'))
  await requests.wait({ state: 'under-way' })
  next.socket.destroy()
  await requests.wait({ state: 'client-gone' })
  await until(() => all.events().some(({ event }) => event === 'request-ended'))
  t.same(all.events().filter(({ event }) => event.startsWith('request')).map(({ event, data }) => [event, data.state]), [['request', 'under-way'], ['request-ended', 'client-gone']])
  t.same((await requests.list()).length, 1)
  t.not((await requests.list())[0]!.id, last!.id)
})

t.test('a journal without room still tells what becomes of a request', async t => {
  const { url } = await emulate(t, { journalEntries: 0 })
  const { requests, fail } = connect(url)
  const all = await listenTo(t, url)
  await fail({ kind: 'hang' })
  const { socket } = await sent(url, bytesFor('nobody'))
  await until(() => all.events().some(({ event }) => event === 'request'))
  const waiting = requests.wait({ state: 'client-gone', timeout: '2m' })
  const { socket: another } = await sent(url, bytesFor('nobody'))
  await until(() => all.events().filter(({ event }) => event === 'request').length === 2)
  socket.destroy()
  another.destroy()
  t.match(await waiting, [{ state: 'client-gone' }])
  await until(() => all.events().filter(({ event }) => event === 'request-ended').length === 2)
  t.equal(await requests.count(), 0)
})

t.test('the stop cuts what is under way', async t => {
  const store = openStore()
  loadSeed(store, readScenario({ accounts: [{ name: 'demo', token: 'demo' }], faults: [{ kind: 'hang' }] }, { plans: bundledPlans(), machineTime: Date.now(), seed: 1 }))
  const context = createContext({ store, log: pino({ enabled: false }), machineTime: Date.now, seed: 1, journal: { entries: 100, bytes: 1e8 } })
  context.activeFaults.add({ fault: { kind: 'hang', when: 'before', skip: 0, probability: 1, seed: 1, delay: { fixed: 0 }, httpStatus: 500, body: '', status: 101, duration: 0 }, matched: 0, triggered: 0, expiresAt: null })
  const app = await buildApp(context, { access: { token: null, hosts: [] }, endpoints: servedAt({}), hasConsole: false })
  const { urls, close } = await listen(app.routing, ['127.0.0.1'], 0)
  t.teardown(async () => {
    await app.close()
    store.close()
  })
  await sent(urls[0]!, bytesFor('demo'))
  await until(() => context.journal.size().entries === 1)
  const [entry] = [...context.journal.list()]
  t.equal(entry!.state, 'under-way')
  await close()
  await until(() => entry!.state !== 'under-way')
  t.equal(entry!.state, 'cut')
})
