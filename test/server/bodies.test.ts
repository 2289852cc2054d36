import { request as requestOf } from 'node:http'
import pino from 'pino'
import t, { type Test } from 'tap'
import { servedAt } from '../../src/api/index.js'
import { createBodies } from '../../src/runtime/bodies.js'
import { createContext, type Context } from '../../src/runtime/context.js'
import { bundledPlans } from '../../src/scenario/bundled.js'
import { loadSeed } from '../../src/scenario/load.js'
import { readScenario } from '../../src/scenario/read.js'
import { buildApp } from '../../src/server/app.js'
import { intercept } from '../../src/server/interception.js'
import { listen } from '../../src/server/listen.js'
import { resetConnection } from '../../src/server/reset.js'
import { start } from '../../src/server/start.js'
import { openStore } from '../../src/store/index.js'
import { CHANGE_BILLING, SAMPLE_REQUEST } from '../support/emulator.js'
import { send } from '../support/http.js'
import { connected, endOf, until } from '../support/raw-http.js'
import { secureConnection, tunnel } from '../support/vendor-client.js'

const BOUND = 10_000

/** An emulator whose unfinished bodies may take little memory. `begin` sends a part of a body and leaves it at that. */
async function bounded (t: Test) {
  const store = openStore()
  loadSeed(store, readScenario({}, { plans: bundledPlans(), machineTime: Date.now(), seed: 1 }))
  const made = createContext({ store, log: pino({ enabled: false }), machineTime: Date.now, seed: 1, journal: { entries: 100, bytes: 1e8 } })
  const context = { ...made, bodies: createBodies(BOUND) }
  const app = await buildApp(context, { access: { token: null, hosts: [] }, endpoints: servedAt({}), hasConsole: false })
  const { urls: [url], port, close } = await listen(app.routing, ['127.0.0.1'], 0)
  t.teardown(async () => {
    await close()
    await app.close()
    store.close()
  })
  const begin = async (head: string, part = '') => {
    const client = await connected(port)
    client.write(`${head}\r\nhost: localhost\r\ncontent-type: application/json\r\n\r\n${part}`)
    return client
  }
  return { url: url!, port, routing: app.routing, journal: made.journal, begin, call: (path: string, body: string) => send(url!, { method: 'POST', path, body, headers: { 'content-type': 'application/json' } }) }
}

const REFUSED = 'it would bring all unfinished bodies together to more than 10000 bytes; send it again later'

t.test('a body for which unfinished ones leave no room is refused before it is read, on every path', async t => {
  const { url, journal, begin, call } = await bounded(t)
  const post = (path: string, length: number): string => `POST ${path} HTTP/1.1\r\ncontent-length: ${length}`
  const holders = [await begin(post(CHANGE_BILLING, 6000), 'x'.repeat(5000)), await begin(post('/__admin/accounts', 4000), 'x'.repeat(3000))]
  // Nobody can see whether the parts have arrived; so it is tried until they had.
  await until(async () => (await call(CHANGE_BILLING, ' '.repeat(2001))).text.includes('unfinished'))

  const cases: Array<[head: string, http: number, text: string]> = [
    [post(CHANGE_BILLING, 2001), 200, `{"status":410,"message":"Invalid Request: the body must be a JSON object: ${REFUSED}"}`],
    [post('/unknown', 2001), 404, 'there is no endpoint at this path'],
    [`PUT ${CHANGE_BILLING} HTTP/1.1\r\ncontent-length: 2001`, 200, 'this endpoint accepts only POST'],
    [post('/__admin/accounts', 2001), 503, `"status":503,"detail":"the body can't be read: ${REFUSED}"`],
    ['PUT /__admin/state HTTP/1.1\r\ncontent-length: 2001', 503, `"detail":"the body can't be read: ${REFUSED}"`],
    [post('/__admin/nothing', 2001), 503, '"status":503']
  ]
  for (const [head, http, text] of cases) {
    const answer = await endOf(await begin(head))
    t.match(answer, new RegExp(`^HTTP/1\\.1 ${http} [^]*\r\nconnection: close\r\n`), head)
    t.ok(answer.includes(text), answer)
  }
  t.match([...journal.list(undefined)].find(({ body }) => body === ''), { rule: 'body-must-be-json-object', apiStatus: 410, answer: { httpStatus: 200 } })

  t.match(await call(CHANGE_BILLING, SAMPLE_REQUEST), { http: 200, body: { message: /token/ } }, 'what there is room for is read')
  resetConnection(holders[0]!)
  await until(async () => !(await call(CHANGE_BILLING, ' '.repeat(7000))).text.includes('unfinished'))
  t.pass('when a client goes, so does its body')
  const { http } = await send(url, { path: '/__admin/health' })
  t.equal(http, 200)
  for (const holder of holders) holder.destroy()
})

t.test('a body that outgrows the room while it arrives is refused, and its client gets the answer while it sends', async t => {
  const { begin } = await bounded(t)
  const piece = `1000\r\n${'x'.repeat(4096)}\r\n`
  for (const [path, answer] of [[CHANGE_BILLING, /^HTTP\/1\.1 200 [^]*unfinished bodies/], ['/__admin/accounts', /^HTTP\/1\.1 503 [^]*unfinished bodies/]] as const) {
    const client = await begin(`POST ${path} HTTP/1.1\r\ntransfer-encoding: chunked`)
    client.pause()
    for (let sent = 0; sent < 100; sent++) await new Promise(resolve => { client.write(piece, resolve) })
    t.match(await endOf(client), answer, path)
  }
})

t.test('unfinished bodies over TLS and through a proxy are bounded together with all others', async t => {
  const { url, port, routing, call } = await bounded(t)
  const options = { tlsHosts: ['127.0.0.1'], tlsPort: 0, tlsDir: null, proxyPort: 0, offline: true, upstream: null }
  const interception = await intercept(routing, options, { url, port }, { record () {}, note () {} })
  t.teardown(interception.close)
  const { socket: plain } = await tunnel(interception.proxyPort!, 'pickyassist.com:80')
  for (const holder of [plain, await secureConnection(interception)]) {
    holder.on('error', () => {}).write(`POST ${CHANGE_BILLING} HTTP/1.1\r\nhost: pickyassist.com\r\ncontent-length: 4500\r\n\r\n${'x'.repeat(4000)}`)
  }
  // Each of them alone leaves room.
  await until(async () => (await call(CHANGE_BILLING, ' '.repeat(2001))).text.includes('unfinished'))
  t.match((await call(CHANGE_BILLING, ' '.repeat(2001))).text, REFUSED)
})

t.test('a call whose length was not announced counts in the timeline with what has arrived', async t => {
  let timeline!: Context['timeline']
  const emulator = await start({}, undefined, { observe (context) { timeline = context.timeline } })
  t.teardown(emulator.stop)
  const sizes: number[] = []
  for (const announced of [true, false]) {
    const body = JSON.stringify({ accounts: Array.from({ length: 500 }, (_, index) => ({ name: `account ${index}`, balance: '1' })) })
    const headers = { 'content-type': 'application/json', ...announced ? { 'content-length': body.length } : { 'transfer-encoding': 'chunked' } }
    await new Promise((resolve, reject) => {
      requestOf(`${emulator.url}/__admin/state`, { method: 'PUT', agent: false, headers }, response => { response.resume().on('end', resolve) })
        .on('error', reject).end(body)
    })
    sizes.push(timeline.steps().steps.at(-1)!.bytes)
    t.ok(sizes[0]! > 4 * body.length)
  }
  t.equal(sizes[1], sizes[0])
})
