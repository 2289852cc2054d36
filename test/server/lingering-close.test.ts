import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import pino from 'pino'
import t, { type Test } from 'tap'
import { servedAt } from '../../src/api/index.js'
import type { FaultKind } from '../../src/domain/fault.js'
import { createContext } from '../../src/runtime/context.js'
import { bundledPlans } from '../../src/scenario/bundled.js'
import { loadSeed } from '../../src/scenario/load.js'
import { readScenario } from '../../src/scenario/read.js'
import { buildApp } from '../../src/server/app.js'
import { PLAIN, type ServerKind } from '../../src/server/connection.js'
import { LIMITS, type Limits } from '../../src/server/limits.js'
import { listen } from '../../src/server/listen.js'
import { secure } from '../../src/server/secure-server.js'
import { openStore } from '../../src/store/index.js'
import { createIdentity } from '../../src/tls/certificate.js'
import { CHANGE_BILLING, emulate } from '../support/emulator.js'
import { CONNECT, connected, endOf, GARBAGE, GET, GET_AND_CLOSE, holdResponses, until } from '../support/raw-http.js'

const SIZE = 4_194_304
const PIECE = 'x'.repeat(65_536)
const CHUNK = `10000\r\n${PIECE}\r\n`

/** Sends a few megabytes, piece by piece, and reads nothing meanwhile. */
async function sendMore (client: Socket, piece = PIECE): Promise<void> {
  client.pause()
  for (let sent = 0; sent < SIZE; sent += piece.length) {
    await new Promise(resolve => { client.write(piece, resolve) })
    await turn()
  }
}

t.test('a client that is still sending gets the whole response that closes its connection:', async t => {
  const { url } = await emulate(t)
  const port = Number(new URL(url).port)
  const post = (path: string, headers: string): string => `POST ${path} HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n\r\n`
  const cases: Array<[name: string, head: string, piece: string, http: number, text: RegExp]> = [
    ['a body that is too large for the API', post(CHANGE_BILLING, `content-length: ${SIZE}`), PIECE, 200, /it is larger than 1048576 bytes"}$/],
    ['one in chunks', post(CHANGE_BILLING, 'transfer-encoding: chunked'), CHUNK, 200, /it is larger than 1048576 bytes"}$/],
    ['one at an unknown path', post('/unknown', `content-length: ${SIZE}`), PIECE, 404, /no endpoint at this path; [^"]*"}$/],
    ['a body that is too large for the control API', post('/__admin/accounts', 'content-type: application/json\r\ncontent-length: 134217729'), PIECE, 413, /"status":413,.*}$/],
    ['a body that the guard of the control API refuses', post('/__admin/accounts', `origin: http://example.com\r\nconnection: close\r\ncontent-length: ${SIZE}`), PIECE, 403, /"status":403,.*}$/],
    ['headers that are too large', 'GET / HTTP/1.1\r\nx: ', PIECE, 431, /\(request header fields too large\)"}$/],
    ['trailers that are too large', `${post(CHANGE_BILLING, 'transfer-encoding: chunked')}0\r\nx: `, PIECE, 431, /\(request header fields too large\)"}$/],
    ['a chunk without a size', post(CHANGE_BILLING, 'transfer-encoding: chunked'), PIECE, 400, /\(bad request\)"}$/],
    ['garbage', GARBAGE, PIECE, 400, /\(bad request\)"}$/],
    ['garbage behind a request', post(CHANGE_BILLING, 'content-length: 0') + GARBAGE, PIECE, 200, /it is empty"}HTTP\/1\.1 400 [^]*\(bad request\)"}$/],
    ['CONNECT', CONNECT, PIECE, 405, /CONNECT"}$/],
    ['more requests behind the last one', post(CHANGE_BILLING, 'connection: close\r\ncontent-length: 0'), GET.repeat(2000), 200, /it is empty"}$/]
  ]
  for (const [name, head, piece, http, text] of cases) {
    t.test(name, async t => {
      const client = await connected(port)
      client.write(head)
      await sendMore(client, piece)
      const response = await endOf(client)
      t.match(response, new RegExp(`^HTTP/1\\.1 ${http} `))
      t.match(response, text)
    })
  }

  t.test('a request that takes too long', async t => {
    const { server, port, held } = await holdResponses(t, { connectionsCheckingInterval: 10 })
    const client = await connected(port)
    client.pause().write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n')
    await until(() => held.length === 1)
    server.headersTimeout = server.requestTimeout = 1
    await until(() => held[0]!.req.socket.writableEnded)
    await sendMore(client)
    t.match(await endOf(client), /^HTTP\/1\.1 408 [^]*\(request timeout\)"}$/)
  })

  t.test('a request that is refused, and keeps its connection', async t => {
    const client = await connected(port)
    client.write(post('/__admin/accounts', `origin: http://example.com\r\ncontent-length: ${SIZE}`))
    await sendMore(client)
    client.write('GET /__admin/health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
    t.match(await endOf(client), /^HTTP\/1\.1 403 [^]*HTTP\/1\.1 200 /)
  })
})

t.test('after the response that closes a connection, no request of it is handled', async t => {
  const { port, held } = await holdResponses(t)
  const client = await connected(port)
  client.write(GET_AND_CLOSE + GET.repeat(100))
  await until(() => held.length === 1)
  held[0]!.end('last')
  await sendMore(client, GET.repeat(2000))
  t.match(await endOf(client), /^HTTP\/1\.1 200 (?:(?!HTTP\/1)[^])*last$/)
  t.equal(held.length, 1)
})

t.test('a client that does not leave is cut off', async t => {
  const cases = [['after the last response', GET_AND_CLOSE], ['after garbage', GARBAGE], ['after CONNECT', CONNECT]] as const
  for (const [name, bytes] of cases) {
    t.test(`${name}, when it is silent`, async t => {
      const { server, port, held } = await holdResponses(t, { lingeringTimeout: 50 })
      const [[socket], client] = await Promise.all([once(server, 'connection') as Promise<[Socket]>, connected(port)])
      client.write(bytes)
      await until(() => held.pop()?.end() !== undefined || socket.writableEnded)
      await until(() => socket.closed)
      t.equal(client.closed, false)
      client.destroy()
    })

    t.test(`${name}, when it never stops sending`, async t => {
      const { server, port, held } = await holdResponses(t, { lingeringTime: 50 })
      const [[socket], client] = await Promise.all([once(server, 'connection') as Promise<[Socket]>, connected(port)])
      client.write(bytes)
      await until(() => held.pop()?.end() !== undefined || socket.writableEnded)
      while (!socket.closed) await sendMore(client)
      t.equal(socket.readableLength, 0, 'nothing that it has sent is kept')
      client.destroy()
    })

    t.test(`${name}, at once when the server closes`, async t => {
      const sockets: Socket[] = []
      const { port, close } = await listen((request, response) => {
        sockets.push(request.socket)
        response.end()
      }, ['127.0.0.1'], 0, { ...LIMITS, lingeringTimeout: 3_600_000, lingeringTime: 3_600_000 })
      const client = await connected(port)
      client.write(GET + bytes)
      await until(() => sockets[0]?.writableFinished === true)
      t.equal(sockets[0]!.closed, false)
      await close()
      t.equal(sockets[0]!.closed, true)
      client.destroy()
    })
  }
})

/** An emulator with a fault, and within limits; gives its port, and the connections of the requests that come. */
async function failing (t: Test, kind: FaultKind, sockets: Socket[], limits: Limits, server: ServerKind): Promise<number> {
  const store = openStore()
  const seed = readScenario({ faults: [{ kind }] }, { plans: bundledPlans(), machineTime: Date.now(), seed: 1 })
  loadSeed(store, seed)
  const context = createContext({ store, log: pino({ enabled: false }), machineTime: Date.now, seed: 1, journal: { entries: 100, bytes: 1e8 } })
  for (const fault of seed.faults) context.activeFaults.add(fault)
  const app = await buildApp(context, { access: { token: null, hosts: [] }, endpoints: servedAt({}), hasConsole: false })
  const { port, close } = await listen((request, response) => {
    sockets.push(request.socket)
    app.routing(request, response)
  }, ['127.0.0.1'], 0, limits, server)
  t.teardown(async () => {
    await close()
    await app.close()
    store.close()
  })
  return port
}

const identity = createIdentity()

t.test('a client that does not leave is cut off after what a fault leaves of an answer:', async t => {
  for (const kind of ['empty_response', 'truncated_body'] as const) {
    for (const isTls of [false, true]) {
      for (const [who, limit] of [['is silent', { lingeringTimeout: 50 }], ['never stops sending', { lingeringTime: 50 }]] as const) {
        t.test(`${kind}${isTls ? ' over TLS' : ''}, when it ${who}`, async t => {
          const sockets: Socket[] = []
          const port = await failing(t, kind, sockets, { ...LIMITS, ...limit }, isTls ? secure(identity) : PLAIN)
          const tcp = await connected(port)
          const client = isTls ? connectTls({ socket: tcp, ca: identity.ca, servername: 'pickyassist.com' }) : tcp
          client.on('error', () => {}).write(`POST ${CHANGE_BILLING} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}`)
          await until(() => sockets.length === 1)
          const [socket] = sockets
          if (who === 'is silent') await until(() => socket!.closed)
          else while (!socket!.closed) await sendMore(client)
          t.equal(socket!.readableLength, 0, 'nothing that it has sent is kept')
          t.equal(sockets.length, 1)
          client.destroy()
          tcp.destroy()
        })
      }
    }
  }
})
