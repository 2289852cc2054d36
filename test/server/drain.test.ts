import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, get, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { LIMITS } from '../../src/server/limits.js'
import { listen } from '../../src/server/listen.js'
import { start } from '../../src/server/start.js'
import { CHANGE_BILLING, SAMPLE_REQUEST } from '../support/emulator.js'
import { listens } from '../support/listens.js'
import { connected, endOf, GET, until } from '../support/raw-http.js'

/** A pool of connections that are kept. */
function pool (t: Test) {
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  return async (url: string): Promise<string> => await new Promise((resolve, reject) => {
    get(url, { agent }, response => {
      text(response).then(body => resolve(`${response.statusCode} ${response.headers.connection} ${body.slice(0, 5)}`), reject)
    }).on('error', reject)
  })
}

/** A server whose responses are left to the test. */
async function holding (t: Test, drainTime = 120_000) {
  const held: ServerResponse[] = []
  const { port, close } = await listen((_request, response) => { held.push(response) }, ['127.0.0.1'], 0, { ...LIMITS, drainTime })
  t.teardown(close)
  return { held, port, close, url: `http://127.0.0.1:${port}/` }
}

t.test('no request of a pool is lost when an emulator stops and another one starts on its port', async t => {
  const ask = pool(t)
  let emulator = await start({ host: '127.0.0.1' })
  const port = Number(new URL(emulator.url).port)
  const health = `${emulator.url}/__admin/health`
  const eight = (): Promise<string[]> => Promise.all(Array.from({ length: 8 }, async () => await ask(health)))
  const kept = Array.from({ length: 8 }, () => '200 keep-alive {"sta')
  const closed = Array.from({ length: 8 }, () => '200 close {"sta')
  for (let round = 0; round < 3; round++) {
    t.strictSame(await eight(), kept)
    // Sent on connections that are kept, while it stops.
    const stopping = emulator.stop()
    t.strictSame(await eight(), closed)
    await stopping
    emulator = await start({ host: '127.0.0.1', port })
  }
  t.strictSame(await eight(), kept)
  await emulator.stop()
})

t.test('a request that has arrived, be it without its body, is decided, answered and numbered as ever', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'picky-drain-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  const db = join(folder, 'world.db')
  const emulator = await start({ host: '127.0.0.1', db })
  const client = await connected(Number(new URL(emulator.url).port))
  let received = ''
  client.setEncoding('latin1').on('data', (text: string) => { received += text })
  const head = `POST ${CHANGE_BILLING} HTTP/1.1\r\nhost: x\r\ncontent-length: ${SAMPLE_REQUEST.length}\r\n`
  client.write(`${head}\r\n${SAMPLE_REQUEST}`)
  await until(() => received.includes('"status":100'))
  client.write(`${head}expect: 100-continue\r\n\r\n`)
  await until(() => received.includes('100 Continue'))
  const stopping = emulator.stop()
  client.write(SAMPLE_REQUEST.replace('"plan_id":2', '"plan_id":3'))
  await endOf(client)
  t.match(received, /100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n.*connection: close\r\n.*"status":100,/is)
  await stopping
  const next = await start({ host: '127.0.0.1', db })
  const { ledger } = await (await fetch(`${next.url}/__admin/accounts/demo/ledger`)).json() as { ledger: Array<{ request_id: string }> }
  t.strictSame(ledger.slice(1).map(({ request_id: id }) => id), ['1-1', '1-2'])
  await next.stop()
})

t.test('a client in the same process has noticed the end of its connections before the next start, however slow the process is', async t => {
  const ask = async (): Promise<string> => await (await fetch(`http://127.0.0.1:${port}/`)).text()
  const open = async (port: number) => await listen(({ socket }, response) => {
    const { end } = socket
    socket.end = (...given: unknown[]) => {
      Reflect.apply(end, socket, given)
      // From now on, the process has no turn for longer than an idle client is given.
      process.nextTick(() => {
        const until = performance.now() + 50
        while (performance.now() < until);
      })
      return socket
    }
    response.end('fine')
  }, ['127.0.0.1'], port)
  let server = await open(0)
  t.teardown(() => server.close())
  const { port } = server
  for (let round = 0; round < 4; round++) {
    t.equal(await ask(), 'fine')
    await server.close()
    server = await open(port)
  }
})

t.test('what is in flight is answered, and its connection closed, before the end', async t => {
  const { held, url, port, close } = await holding(t)
  const ask = pool(t)
  const idle = await connected(port)
  const answer = ask(url)
  await until(() => held.length === 1)
  const closing = close()
  await endOf(idle)
  t.equal(held[0]!.socket!.destroyed, false, 'an idle connection does not wait for it')
  held[0]!.end('whole')
  t.equal(await answer, '200 close whole')
  await closing
  t.notOk(listens(port))
})

t.test('a response that is being sent is sent to its end', async t => {
  const { held, port, close } = await holding(t)
  const client = await connected(port)
  client.write(GET)
  await until(() => held.length === 1)
  const size = 20_000_000
  held[0]!.end(Buffer.alloc(size))
  const closing = close()
  const all = await endOf(client)
  t.ok(all.length > size)
  await closing
})

t.test('what has no end is cut: a response that goes on, at once, and one that does not come, after a while', async t => {
  const { held, port, close } = await holding(t, 1)
  const clients = await Promise.all([connected(port), connected(port)])
  for (const client of clients) client.write(GET)
  const ends = clients.map(endOf)
  await until(() => held.length === 2)
  held[0]!.write('begun')
  await close()
  t.match((await Promise.all(ends)).sort(), ['', /begun\r\n$/])
})
