import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { LIMITS, type Limits } from '../../src/server/limits.js'
import { resetConnection } from '../../src/server/reset.js'
import { CHANGE_BILLING, ROOT, SAMPLE, spawnOutside, textOf } from '../support/built.js'
import { closed } from '../support/closed.js'
import { effort } from '../support/effort.js'
import { CONNECT, connected, endOf, GARBAGE, GET, GET_AND_CLOSE, holdResponses, until } from '../support/raw-http.js'
import { startWatched, type Watched } from '../support/watched.js'
import { answersIn, exchange, opened, request } from './wire.js'

const EVENTS = '/__admin/events'
const MEBIBYTE = 1_048_576
const LAST = request('GET', '/__admin/health', '', 'connection: close\r\n')

const post = (path: string, body: unknown, headers = ''): string => request('POST', path, JSON.stringify(body), headers)
const ask = (project: number): string => post(CHANGE_BILLING, { ...SAMPLE, project_id: project })

/** A good client: sends one request after the other on one connection, and reports the 99th percentile of their times. */
const METER = `
import { Agent, request } from 'node:http'
const [url, body, duration] = process.argv.slice(1)
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
const took = []
let wrong = 0
for (const end = performance.now() + Number(duration); performance.now() < end || took.length < 100;) {
  const from = performance.now()
  const text = await new Promise((resolve, reject) => request(url, { method: 'POST', agent }, response => {
    let text = ''
    response.on('data', chunk => { text += chunk }).on('end', () => resolve(text))
  }).on('error', reject).end(body))
  took.push(performance.now() - from)
  if (!text.startsWith('{"status":410,"message":"Invalid Request: this account has no project 99"')) wrong++
}
took.sort((a, b) => a - b)
console.log(JSON.stringify({ wrong, p99: took[Math.floor(took.length * 0.99)] }))
process.exit()
`

async function measure ({ url }: Watched, duration: number): Promise<{ wrong: number, p99: number }> {
  const child = spawnOutside(process.execPath, ['--input-type=module', '-e', METER, url + CHANGE_BILLING, JSON.stringify({ ...SAMPLE, project_id: 99 }), String(duration)])
  const text = textOf(child)
  await once(child, 'close')
  if (text.stdout === '') throw new Error(text.stderr)
  return JSON.parse(text.stdout) as { wrong: number, p99: number }
}

/** Opens many connections, each of which begins in the same way. */
async function crowd (port: number, size: number, begin: (socket: Socket) => void = () => {}): Promise<Socket[]> {
  const sockets: Socket[] = []
  while (sockets.length < size) sockets.push(...await Promise.all(Array.from({ length: Math.min(250, size - sockets.length) }, async () => await opened(port))))
  sockets.forEach(begin)
  return sockets
}

const leave = (sockets: readonly Socket[]) => (): void => { for (const socket of sockets) resetConnection(socket) }

/** How many files a process may have open; each connection is one. */
const MAX_FILES = Number(/^Max open files +\d+ +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? Infinity)
const MANY = effort(500, 10_000)
const CROWD = Math.min(MANY, MAX_FILES - 500)

/** How many are sent at once on one connection. */
const REQUESTS = effort(1000, 10_000)

const TIMED_OUT = /^HTTP\/1\.1 408 Request Timeout\r\n[^]*\r\n\r\n{"status":410,"message":"Invalid Request: [^"]* \(request timeout\)"}$/

t.test('each limit is documented', async t => {
  const documented = readFileSync(`${ROOT}docs/reliability.md`, 'utf8')
  for (const [name, value] of Object.entries(LIMITS)) t.match(documented, new RegExp(`^\\| \`${name}\`: [^|]* \\| ${value}( ms| bytes|; less where the heap is smaller)? \\|`, 'm'), name)
})

t.test('each limit holds, here with small numbers:', async t => {
  t.test('a request that is not complete in time is answered with 408', async t => {
    const slowBody = { headersTimeout: 50, requestTimeout: 100 }
    const cases: Array<[string, Partial<Limits>, string, string?]> = [
      ['one that never begins', { headersTimeout: 100 }, ''],
      ['one whose headers never end', { headersTimeout: 100 }, 'GET / HTTP/1.1\r\nx: y'],
      ['one whose headers come byte by byte', { headersTimeout: 100 }, 'GET / HTTP/1.1\r\nx: y', 'y'],
      ['one whose body never ends', slowBody, 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n1'],
      ['one whose body comes byte by byte', slowBody, 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 99999\r\n\r\n1', 'x'],
      ['one whose body comes chunk by chunk', slowBody, 'POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n', '1\r\nx\r\n']
    ]
    for (const [name, limits, bytes, more] of cases) {
      const { port } = await holdResponses(t, { connectionsCheckingInterval: 10, ...limits })
      const client = await connected(port)
      const end = endOf(client)
      client.write(bytes)
      const drip = setInterval(() => { if (more !== undefined) client.write(more) }, 5)
      t.match(await end, TIMED_OUT, name)
      clearInterval(drip)
    }
  })

  t.test('so is one behind another that is answered', async t => {
    const { server, port, held } = await holdResponses(t, { connectionsCheckingInterval: 10 })
    const client = await connected(port)
    const end = endOf(client)
    client.write(`${GET}GET`)
    await until(() => held.length === 1)
    held[0]!.end()
    // Only now: however slow the machine, the first request is in time.
    server.headersTimeout = 1
    const [, first, rest] = /^(HTTP\/1\.1 200 [^]*?\r\n\r\n)([^]*)$/.exec(await end)!
    t.ok(first)
    t.match(rest, TIMED_OUT)
  })

  t.test('a connection that is idle after a response is closed', async t => {
    const { port, held } = await holdResponses(t, { keepAliveTimeout: 50 })
    const client = await connected(port)
    const end = endOf(client)
    client.write(GET)
    await until(() => held.length === 1)
    held[0]!.end('x')
    t.match(await end, /^HTTP\/1\.1 200 OK\r\n[^]*x$/)
  })

  t.test('a client that reads nothing is cut off', async t => {
    const { server, port, held } = await holdResponses(t, { unreadTimeout: 1234 })
    t.equal(server.timeout, 1234, 'after this much silence, by default')
    const large = Buffer.alloc(50 * MEBIBYTE)
    const cases = [['a response', GET], ['one before CONNECT', GET + CONNECT], ['one before garbage', GET + GARBAGE]] as const
    for (const [name, bytes] of cases) {
      const client = await connected(port)
      client.pause().write(bytes)
      await until(() => held.length === 1)
      const response = held.pop()!
      const { socket } = response.req
      response.end(large)
      // Only now: however slow the machine, the request is in time.
      socket.setTimeout(50)
      await until(() => socket.closed)
      t.pass(name)
      client.destroy()
    }
  })

  t.test('a client that waits for a response is not', async t => {
    const { port, held } = await holdResponses(t)
    const client = await connected(port)
    const end = endOf(client)
    client.write(GET_AND_CLOSE)
    await until(() => held.length === 1)
    const { socket } = held[0]!.req
    socket.setTimeout(10)
    await once(socket, 'timeout')
    held[0]!.end('at last')
    t.match(await end, /at last$/)
  })

  t.test('a connection too many is closed at once, until there is room again', async t => {
    const { port, held } = await holdResponses(t, { maxConnections: 2 })
    const [first, second] = await crowd(port, 2) as [Socket, Socket]
    t.equal(await endOf(await opened(port)), '')
    first.destroy()
    const answering = setInterval(() => { held.pop()?.end('x') }, 5)
    await until(async () => (await exchange(port, LAST)).length > 0)
    clearInterval(answering)
    second.destroy()
  })
})

t.test('the built command:', async t => {
  /** In memory, with an account of many projects: a small request for a large response. */
  const emulator = await startWatched(t, ['--journal-entries', '200'])
  const { port, resident, files } = emulator
  await exchange(port, post('/__admin/accounts', { name: 'large', token: 'large', projects: Array.from({ length: 100 }, () => ({})) }, 'content-type: application/json\r\nconnection: close\r\n'))
  const large = post('/app/api/v2/pm/get-projects', { token: 'large', project_id: 0 })

  t.test('requests that are too large are refused in the documented format', async t => {
    const line = `POST ${CHANGE_BILLING} HTTP/1.1\r\nhost: localhost\r\n`
    const end = 'content-length: 2\r\nconnection: close\r\n\r\n'
    const filled = (size: number): string => `${line}x: ${'x'.repeat(size - line.length - end.length - 5)}\r\n${end}{}`
    const sized = (size: number): string => post(CHANGE_BILLING, { token: 'x'.repeat(size - 12) }, 'connection: close\r\n')
    const cases: Array<[string, string, number, RegExp]> = [
      ['headers that just fit', filled(LIMITS.maxHeaderSize - 50), 200, /"status":401/],
      ['headers that do not', filled(LIMITS.maxHeaderSize + 50), 431, /request header fields too large/],
      ['thousands of headers, the last of which is the length', `${line}${'a:\r\n'.repeat(3500)}${end}[]`, 200, /it is an array/],
      ['a path of fifteen thousand characters', request('GET', `/${'x'.repeat(15_000)}`, '', 'connection: close\r\n'), 404, /no endpoint at this path/],
      ['a path of a million', request('GET', `/${'x'.repeat(1_000_000)}`), 431, /request header fields too large/],
      ['a body of a mebibyte', sized(MEBIBYTE), 200, /"status":401/],
      ['one byte more', sized(MEBIBYTE + 1), 200, /it is larger than 1048576 bytes/],
      ['one byte more at an unknown path', sized(MEBIBYTE + 1).replace(CHANGE_BILLING, '/nothing'), 404, /no endpoint at this path/],
      ['a body announced as a terabyte', `${line}content-length: 1099511627776\r\n\r\n{`, 200, /it is larger than/],
      ['chunks without end', `${line}transfer-encoding: chunked\r\n\r\n${`10000\r\n${'x'.repeat(65_536)}\r\n`.repeat(30)}`, 200, /it is larger than/],
      ['trailers that do not fit', `${line}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431, /request header fields too large/]
    ]
    for (const [name, bytes, http, expected] of cases) {
      const [answer, ...more] = answersIn(await exchange(port, bytes))
      t.match({ http: answer!.http, text: answer!.text, more: more.length }, { http, text: expected, more: 0 }, name)
      t.match(answer!.text, /^{"status":4[01][01],"message":"/)
    }
  })

  t.test(`${REQUESTS} requests at once on one connection are all answered, in their order`, async t => {
    const answers = answersIn(await exchange(port, Array.from({ length: REQUESTS }, (_, index) => ask(1_000_000 + index)).join('') + LAST))
    t.equal(answers.length, REQUESTS + 1)
    t.equal(answers.findIndex(({ text }, index) => index < REQUESTS && !text.includes(`no project ${1_000_000 + index}"`)), -1)
  })

  /** Repeats something, two at a time. */
  const again = (act: () => Promise<void>) => async (): Promise<() => void> => {
    const over = new AbortController()
    const next = async (): Promise<void> => { if (!over.signal.aborted) await act().then(next) }
    for (let index = 0; index < 2; index++) next().catch(t.threw)
    await sleep(100)
    return () => { over.abort() }
  }
  /** Waits until the emulator no longer works for a crowd (measured in hundredths of a second): the system's buffers are full, or all is answered. */
  const standstill = async (sockets: Socket[]): Promise<() => void> => {
    const worked = (): number => readFileSync(`/proc/${emulator.pid}/stat`, 'utf8').split(' ').slice(13, 15).reduce((sum, ticks) => sum + Number(ticks), 0)
    for (let before = -1000; worked() - before > 4;) {
      before = worked()
      await sleep(200)
    }
    return leave(sockets)
  }
  /** Sends the same without end, as fast as it is taken. */
  const flood = (bytes: string) => (socket: Socket): void => {
    const more = (): void => { if (!socket.destroyed) socket.write(bytes, () => setImmediate(more)) }
    more()
  }
  const crowds: Array<[string, () => Promise<() => void>]> = [
    [`${CROWD} idle connections${CROWD < MANY ? ` (instead of ${MANY}: a process may open only ${MAX_FILES} files here)` : ''}`, async () => {
      const silent = await crowd(port, CROWD / 2)
      const asked = await crowd(port, CROWD / 2, socket => { socket.resume().write(request('GET', '/__admin/health')) })
      return leave([...silent, ...asked])
    }],
    [`${effort(100, 1000)} requests that are half sent`, async () => leave(await crowd(port, effort(100, 1000), socket => { socket.write(ask(99).slice(0, -9)) }))],
    [`${effort(20, 200)} bodies that come byte by byte`, async () => {
      const sockets = await crowd(port, effort(20, 200), socket => { socket.write(`POST ${CHANGE_BILLING} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100000\r\n\r\n`) })
      const drip = setInterval(() => { for (const socket of sockets) socket.write('x') }, 50)
      return () => {
        clearInterval(drip)
        leave(sockets)()
      }
    }],
    ['one that sends requests without end, and reads all responses', async () => leave(await crowd(port, 1, socket => { flood(ask(99).repeat(100))(socket.resume()) }))],
    [`${effort(4, 20)} that send requests without end, and read no response`, async () => await standstill(await crowd(port, effort(4, 20), socket => { flood('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(1000))(socket.pause()) }))],
    [`${effort(4, 20)} that ask for large responses without end, and read none`, async () => await standstill(await crowd(port, effort(4, 20), socket => { flood(large.repeat(100))(socket.pause()) }))],
    [`${effort(4, 20)} that open the event stream, and send requests without end behind it`, async () => await standstill(await crowd(port, effort(4, 20), socket => { flood(request('GET', EVENTS).repeat(100))(socket.pause()) }))],
    ['headers that are too large', again(async () => { await exchange(port, `GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}`) })],
    ['garbage', again(async () => { await exchange(port, GARBAGE) })],
    ['connections that are reset in the middle of a response', again(async () => {
      const socket = await opened(port)
      socket.write(large)
      await Promise.race([new Promise(resolve => socket.once('data', resolve)), closed(socket)])
      resetConnection(socket)
    })],
    ['fifty that open the event stream, and do not read', async () => leave(await crowd(port, 50, socket => { socket.pause().write(request('GET', EVENTS)) }))]
  ]
  /** What `npm test` measures once only. */
  let quiet: Awaited<ReturnType<typeof measure>> | undefined
  for (const [name, others] of crowds) {
    t.test(`a good client is answered beside ${name}`, async t => {
      const [open, before] = [files(), resident()]
      const alone = quiet = effort(quiet, undefined) ?? await measure(emulator, effort(100, 1000))
      const stop = await others()
      const among = await measure(emulator, effort(100, 1500))
      const grown = (resident() - before) / MEBIBYTE
      stop()
      t.equal(alone.wrong + among.wrong, 0)
      t.comment(`p99 ${among.p99.toFixed(2)} ms, alone ${alone.p99.toFixed(2)} ms: ${(among.p99 / alone.p99).toFixed(2)} times; ${Math.round(grown)} MiB more`)
      t.ok(grown < 600, 'the memory that it takes is bounded')
      // While the emulator doesn't read, it notices that a client has gone only when it sends to it; this request makes it send.
      await until(async () => {
        await exchange(port, ask(99) + LAST)
        return files() <= open
      })
    })
  }

  /** Waits until no connection of an earlier test is left. */
  const settled = async (): Promise<void> => { await until(async () => (await emulator.look()).open.TCPSocketWrap === undefined) }

  t.test('a client of the event stream that does not read is cut off', async t => {
    await settled()
    const [open, before] = [files(), resident()]
    const listeners = await crowd(port, 50, socket => { socket.pause().write(request('GET', EVENTS)) })
    await until(() => files() === open + 50)
    // More than the system's buffers take.
    while (files() > open) await exchange(port, post(CHANGE_BILLING, { token: 'nobody', note: 'x'.repeat(500_000) }, 'connection: close\r\n'))
    t.comment(`${Math.round((resident() - before) / MEBIBYTE)} MiB more`)
    leave(listeners)()
  })

  t.test('after all of that, it has logged no complaint and holds nothing', async t => {
    await settled()
    t.equal(emulator.isRunning(), true)
    t.equal(emulator.complaints(), '')
    t.same((await emulator.look()).open, { PipeWrap: 2, TCPServerWrap: 1 })
  })
})

t.test('with fewer files than clients, those beyond are turned away, and the others served', async t => {
  const { port, files, complaints, isRunning } = await startWatched(t, [], ['sh', '-c', 'ulimit -n 200 && exec "$@"', 'sh'])
  const open = files()
  const [early] = await crowd(port, 1) as [Socket]
  const sockets = await crowd(port, 400)
  const end = endOf(early)
  early.write(ask(99) + LAST)
  t.match(await end, /no project 99/)
  leave(sockets)()
  await until(() => files() <= open)
  t.match(answersIn(await exchange(port, LAST)), [{ http: 200 }])
  t.equal(isRunning(), true)
  t.equal(complaints(), '')
})
