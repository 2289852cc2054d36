import { once } from 'node:events'
import { Duplex } from 'node:stream'
import { connect as connectSecurely } from 'node:tls'
import pino from 'pino'
import t, { type Test } from 'tap'
import { connect } from '../../src/client/connect.js'
import { UNREADABLE_LINTS, type UnreadableLint } from '../../src/journal/record.js'
import { createContext } from '../../src/runtime/context.js'
import { bundledPlans } from '../../src/scenario/bundled.js'
import { loadSeed } from '../../src/scenario/load.js'
import { readScenario } from '../../src/scenario/read.js'
import { LIMITS } from '../../src/server/limits.js'
import { listen } from '../../src/server/listen.js'
import { resetConnection } from '../../src/server/reset.js'
import { secure } from '../../src/server/secure-server.js'
import { unreadableReports } from '../../src/server/unreadable-reports.js'
import type { UnreadableRequest } from '../../src/server/unreadable-request.js'
import { openStore } from '../../src/store/index.js'
import { createIdentity } from '../../src/tls/certificate.js'
import { CHANGE_BILLING, emulate, SAMPLE } from '../support/emulator.js'
import { connected, CONNECT, endOf, holdResponses, GARBAGE, GET, until } from '../support/raw-http.js'
import { tunnel } from '../support/vendor-client.js'

const HELLO = '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'

/** Sends bytes to a port, and gives all that comes back; `end` closes the client's side. */
async function told (port: number, bytes: string, end = false): Promise<string> {
  const client = await connected(port)
  const all = endOf(client)
  client.write(Buffer.from(bytes, 'latin1'))
  if (end) client.end()
  return await all
}

t.test('what can\'t be read has an entry in the journal', async t => {
  const emulator = await emulate(t, { tlsPort: 0, proxyPort: 0, clock: 'frozen:2020-06-16T12:00:00Z' })
  const { tlsPort, proxyPort } = emulator.interception!
  const { requests, reset } = connect(emulator.url)
  const port = Number(new URL(emulator.url).port)
  const http = 400
  const line = `POST ${CHANGE_BILLING}?token=${SAMPLE.token} HTTP/1.1\r\n`

  type Sent = [name: string, port: number, bytes: string, end: boolean, lint: UnreadableLint, says: RegExp, entry: object]
  const cases: Sent[] = [
    ['TLS at the plain port', port, HELLO, false, 'https-to-http-port', /^TLS came to a port of plain HTTP/,
      { method: '', path: '', request: { headers: {}, text: '\\x16\\x03\\x01\\x02\\x00\\x01\\x00\\x01\\xfc\\x03\\x03' } }],
    ['its first byte alone', port, '\x16', false, 'https-to-http-port', /^TLS/, { request: { text: '\\x16' } }],
    ['plain HTTP at the TLS port', tlsPort, `${line}host: pickyassist.com\r\nauthorization: Basic eHg6eXl5eXl5eQ==\r\n\r\n{"token":"abcdefgh"}`, false, 'http-to-https-port', /^bytes without TLS/,
      { method: 'POST', path: `${CHANGE_BILLING}?token=[redacted]`, request: { headers: { host: 'pickyassist.com', authorization: '[redacted]' }, text: '{"token":"[redacted]"}' } }],
    ['anything else there', tlsPort, '\x80\x01SSLv2', false, 'http-to-https-port', /^bytes/, { method: '', request: { text: '\\x80\\x01SSLv2' } }],
    ['a TLS handshake of another kind', tlsPort, '\x16\x03\x01abc', false, 'tls-handshake', /^the TLS handshake failed: (?:packet|data) length too long$/, { method: '', response: null, api_status: null }],
    ['words', port, 'hello there\r\n\r\n', false, 'unreadable', /^this is not HTTP\/1\.1 \(Invalid method encountered\)$/, { method: '', request: { text: 'hello there' } }],
    ['a method that does not exist', port, 'CHARGE /x HTTP/1.1\r\nhost: x\r\nCookie : sid=1\r\n\r\nyes', false, 'unreadable', /not HTTP/,
      { method: 'CHARGE', path: '/x', request: { headers: { host: 'x', cookie: '[redacted]' }, text: 'yes' } }],
    ['HTTP/2 without TLS', port, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', false, 'unreadable', /^this is HTTP\/2 without TLS/, { method: '' }],
    ['headers that are too large', port, `POST /y HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(20_000)}`, false, 'unreadable', /longer than 16384 bytes$/,
      { method: 'POST', path: '/y', request: { headers: { host: 'x' } }, response: { http_status: 431 } }],
    ['a request line that is too long', port, `GET /${'x'.repeat(20_000)}`, false, 'unreadable', /longer than/, { method: 'GET', request: { text: '…' }, response: { http_status: 431 } }],
    ['a body that can\'t be read', port, `${line}host: x\r\ntransfer-encoding: chunked\r\n\r\ntoken=abcdefgh\r\n`, false, 'unreadable', /chunk size/,
      { method: 'POST', path: `${CHANGE_BILLING}?token=[redacted]`, request: { headers: { host: 'x' }, text: 'token=[redacted]\n' } }],
    ['a body that is not complete', port, `${line}host: x\r\ncontent-length: 10\r\n\r\nhell`, true, 'unreadable', /^the client closed its side/, { method: 'POST', request: { text: '' } }],
    ['a head that is not complete', port, 'POST /x HT', true, 'unreadable', /^the client closed/, { method: '', request: { text: '' } }],
    ['what follows a request', port, `${GET}rubbish ${SAMPLE.token}\r\n\r\n`, false, 'unreadable', /not HTTP/, { method: '', request: { text: 'rubbish [redacted]' } }],
    ['CONNECT', port, CONNECT, false, 'unreadable', /^CONNECT was sent to the emulator itself/,
      { method: 'CONNECT', path: 'example.com:443', request: { headers: { host: 'example.com' } }, response: { http_status: 405 } }],
    ['CONNECT over TLS as if there were none', tlsPort, CONNECT, false, 'http-to-https-port', /^bytes/, { method: '', request: { headers: { host: 'example.com' }, text: 'CONNECT example.com:443 HTTP/1.1' } }]
  ]
  for (const [name, to, bytes, end, lint, says, more] of cases) {
    t.test(name, async t => {
      await reset()
      const answer = await told(to, bytes, end)
      const [entry] = await requests.list({ lint })
      const common = { account: null, endpoint: null, emulated_at: '2020-06-16T12:00:00Z', response: { http_status: http }, api_status: 410, rule: null, charged: false, fault: null }
      t.match(entry, { ...common, ...more, id: /^\d+-u1$/, lint: [{ name: lint, says }] })
      if (entry!.response !== null) {
        t.match(answer, new RegExp(`HTTP/1\\.1 ${entry!.response.http_status} `), 'with the answer')
        t.ok(answer.endsWith(JSON.stringify(entry!.response.body)))
      }
      t.notMatch(JSON.stringify(entry), /abcdefgh|eHg6|sid=1/)
      t.notMatch(JSON.stringify(entry), SAMPLE.token)
      t.equal(await requests.count({ lint }), 1, 'one')
    })
  }

  t.test('also of a request that is not complete in time, of which Node keeps nothing', async t => {
    const { reported, port } = await reporting(t, { connectionsCheckingInterval: 10, headersTimeout: 50, requestTimeout: 100 })
    await told(port, 'GET / HTTP/1.1\r\nx: y')
    await told(port, 'POST /slow HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n1')
    t.match(reported, [
      { lint: 'unreadable', says: 'the request was not complete in time', head: undefined, answer: { httpStatus: 408 } },
      { says: 'the request was not complete in time', head: { url: '/slow' }, answer: { httpStatus: 408 } }
    ])
    await told(port, '')
    t.equal(reported.length, 2, 'but not of a connection on which nothing came')
  })

  t.test('a client that has gone is noted amid a request, and at no other time', async t => {
    const { reported, port } = await reporting(t)
    for (const bytes of ['', 'POST / HT', GET, 'POST /half HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhell']) {
      const client = await connected(port)
      client.write(bytes)
      await told(port, GARBAGE)
      resetConnection(client)
      await told(port, GARBAGE)
    }
    await until(() => reported.some(({ head }) => head !== undefined))
    const others = reported.filter(({ answer }) => answer === null)
    t.match(others, [{ head: { url: '/half' }, says: 'the client had gone before the request was complete' }])
  })

  t.test('one that gets no answer says so', async t => {
    const { reported, port, held } = await reporting(t)
    const client = await connected(port)
    client.write('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n')
    await until(() => held.length === 1)
    held.pop()!.writeHead(200, { 'content-length': 9 }).write('begun')
    await until(() => client.bytesRead > 0)
    client.write('more than a chunk')
    await until(() => reported.length === 1)
    t.match(reported, [{ answer: null, head: { method: 'POST' }, bytes: Buffer.alloc(0) }], 'since the answer had begun')
    client.destroy()
    const gone = await connected(port)
    gone.write(GET + GARBAGE)
    await until(() => held.length === 1)
    resetConnection(gone)
    await until(() => reported.length === 2)
    t.match(reported[1], { answer: null, bytes: Buffer.from(GARBAGE) }, 'since the client had gone')
  })

  t.test('a later packet is shown from its second line on, as its first may be the end of a secret', async t => {
    await reset()
    const client = await connected(port)
    const all = endOf(client)
    client.write('POST / HTTP/1.1\r\nhost: x\r\nauthorization: Basic eHg6')
    for (let round = 0; round < 3; round++) await emulator.ask('/__admin/health', {})
    client.write('eXl5eXl5eQ==\r\nx-next: 1\r\nno header\r\n\r\n')
    await all
    const [entry] = await requests.list()
    t.match(entry, { method: '', request: { headers: { 'x-next': '1' }, text: 'no header' } })
  })

  t.test('a client that does not trust the CA is noted', async t => {
    await reset()
    const client = connectSecurely({ port: tlsPort, host: '127.0.0.1', servername: 'pickyassist.com' })
    await once(client, 'error')
    const [entry] = (await requests.wait({ lint: 'tls-handshake' }))
    t.match(entry, { response: null, lint: [{ says: /^the TLS handshake failed: the client ended it; does it trust the emulator's CA/ }] })
  })

  t.test('so is one that says so, and one that never finishes', async t => {
    const reported: UnreadableRequest[] = []
    const { port, close } = await listen(() => {}, ['127.0.0.1'], 0, LIMITS, secure(createIdentity(), 50), request => { reported.push(request) })
    t.teardown(close)
    const hello = await new Promise<Buffer>(resolve => {
      const socket = new Duplex({
        read () {},
        write (bytes: Buffer, _encoding, done) {
          resolve(bytes)
          done()
        }
      })
      connectSecurely({ socket, servername: 'pickyassist.com', maxVersion: 'TLSv1.2' }).on('error', () => {})
    })
    await told(port, `${hello.toString('latin1')}\x15\x03\x03\x00\x02\x02\x30`)
    await told(port, '\x16\x03\x01\x00\x01\x01')
    t.match(reported.map(({ says }) => says), [/the client ended it \(tlsv1 alert unknown ca\); does it trust/, 'the TLS handshake failed: TLS handshake timeout'])
  })

  t.test('and one with nothing in common says what', async t => {
    await reset()
    const client = connectSecurely({ port: tlsPort, host: '127.0.0.1', servername: 'pickyassist.com', ALPNProtocols: ['h2'] })
    await once(client, 'error')
    t.match(await requests.wait({ lint: 'tls-handshake' }), [{ lint: [{ says: 'the TLS handshake failed: no application protocol' }] }])
  })

  t.test('garbage at the proxy is in the log only, as it may be meant for any host', async t => {
    await reset()
    t.match(await told(proxyPort!, GARBAGE), /^HTTP\/1\.1 400 /)
    t.match(await told(proxyPort!, HELLO), /^HTTP\/1\.1 400 /)
    t.equal(await requests.count(), 0)
    const { socket } = await tunnel(proxyPort!, 'pickyassist.com:443')
    socket.write(GARBAGE)
    t.match(await requests.wait({ lint: 'http-to-https-port' }), [{ request: { text: 'garbage' } }], 'unlike in a tunnel to the vendor')
    socket.destroy()
  })

  t.test('it is saved with a world, and loaded again; requests and their ids are as if there were none', async t => {
    await reset()
    for (const bytes of [HELLO, CONNECT, GARBAGE]) await told(port, bytes)
    await emulator.change(SAMPLE)
    const before = await requests.list()
    t.match(before.map(({ id }) => id.replace(/^\d+/, 'N')), ['N-u1', 'N-u2', 'N-u3', 'N-1'])
    const { body: state } = await emulator.ask('/__admin/state?requests=true', {})
    t.equal((await emulator.ask('/__admin/state', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(state) })).http, 200)
    t.same(await requests.list(), before)
    await told(port, GARBAGE)
    await emulator.change(SAMPLE)
    const ids = (await requests.list()).map(({ id }) => id)
    t.equal(new Set(ids).size, 6, 'no id is given twice')
  })

  t.same([...new Set(cases.map(([, , , , lint]) => lint))].sort(), [...UNREADABLE_LINTS].sort(), 'every such lint')
})

t.test('unreadable requests are bounded', async t => {
  const told: string[] = []
  const store = openStore()
  loadSeed(store, readScenario({}, { plans: bundledPlans(), machineTime: 0, seed: 1 }))
  store.world.countStart()
  const context = createContext({
    store, log: pino({ base: null }, { write (line) { told.push(line) } }), machineTime: () => 0, seed: 1, journal: { entries: 10_000, bytes: 1e8 }
  })
  const events: string[] = []
  context.eventBus.subscribe(({ data }) => { events.push(data) })
  const request: UnreadableRequest = {
    lint: 'unreadable', says: 'why', port: 1, bytes: Buffer.from('GET /?token=abcdefgh HTTP/9\r\n\r\n'), isBeginning: true, answer: null
  }
  const lines = (): object[] => told.splice(0).map(line => JSON.parse(line) as object)

  t.test('in the log', async t => {
    const { record, note, close } = unreadableReports(context, { lines: 2, period: 20 })
    for (let count = 0; count < 1000; count++) record(request)
    note(request)
    const line = { level: 40, port: 1, method: 'GET', path: '/', http: null, lint: 'unreadable', says: 'why', msg: 'unreadable request' }
    t.match(lines(), [{ ...line, request: '1-u1' }, { ...line, request: '1-u2' }])
    await until(() => told.length > 0)
    t.match(lines(), [{ requests: 999, msg: 'further unreadable requests' }], 'the others in one line, once the period is over')
    note(request)
    const [{ request: id } = { request: undefined }] = lines() as Array<{ request?: string }>
    t.equal(id, undefined, 'and then again one by one')
    note(request)
    note(request)
    close()
    t.match(lines(), [line, { requests: 1 }], 'a stop does not wait')
    close()
    t.same(lines(), [])
  })

  t.test('in the journal; each is an event, and its number says how many there were', async t => {
    const { ids } = { ids: [...context.journal.list()].map(({ id }) => id) }
    t.equal(ids.length, 100)
    t.equal(ids.at(-1), '1-u1000')
    t.equal(events.length, 1000)
    t.notMatch(events[0]!, 'abcdefgh')
  })

  t.test('and a world that can\'t be read is no reason to end', async t => {
    const { record, close } = unreadableReports(context)
    store.close()
    record(request)
    close()
    t.match(lines(), [{ lint: 'unreadable', request: undefined }])
  })
})

/** A server that holds its responses, and what it reports. */
async function reporting (t: Test, limits = {}) {
  const reported: UnreadableRequest[] = []
  return { reported, ...await holdResponses(t, limits, request => { reported.push(request) }) }
}
