import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import t, { type Test } from 'tap'
import { Problem } from '../../src/problem.js'
import { PLAIN } from '../../src/server/connection.js'
import { LIMITS } from '../../src/server/limits.js'
import { listen, type Listening } from '../../src/server/listen.js'
import { PROTECTIVE_LINES } from '../../src/server/protective-headers.js'
import { resetConnection } from '../../src/server/reset.js'
import { LOOPBACK } from '../../src/text/address.js'
import { listens } from '../support/listens.js'
import { CONNECT, connected, endOf, GARBAGE, GET, GET_AND_CLOSE, holdResponses, until } from '../support/raw-http.js'

/** From a range reserved for documentation: no machine has it. */
const FOREIGN_ADDRESS = '192.0.2.1'

/** The user that owns nothing. */
const NOBODY = 65_534

const hasIPv6 = Object.values(networkInterfaces()).flat().some(address => address?.address === '::1')
const needsIPv6 = hasIPv6 ? {} : { skip: 'this machine has no IPv6 loopback' }

/** Answers with the address that a request came in on; never answers requests for `/hang`. */
function handler ({ url, socket }: IncomingMessage, response: ServerResponse): void {
  if (url !== '/hang') response.end(socket.localAddress)
}

t.test('listens on both loopback addresses, on the same port', needsIPv6, async t => {
  const { port, urls } = await listening(t, LOOPBACK, 0)
  t.strictSame(urls, [`http://127.0.0.1:${port}`, `http://[::1]:${port}`])
  t.strictSame(await Promise.all(urls.map(said)), ['127.0.0.1', '::1'])
  t.equal(await said(`http://localhost:${port}`).then(address => LOOPBACK.includes(address)), true)
})

t.test('listens on every address of both families', needsIPv6, async t => {
  for (const hosts of [['0.0.0.0', '::'], ['::']]) {
    const { port, urls } = await listening(t, hosts, 0)
    t.equal(urls[0], `http://127.0.0.1:${port}`, 'and names one that a client can connect to')
    t.match(await Promise.all([`http://127.0.0.1:${port}`, `http://[::1]:${port}`].map(said)), [/127\.0\.0\.1$/, '::1'])
  }
})

t.test('listens once on an address that several hosts stand for', needsIPv6, async t => {
  const cases = [
    [['127.0.0.1', '127.0.0.1'], 1], [['localhost', '127.0.0.1', '::1'], 2], [['0.0.0.0', '127.0.0.1'], 1], [['127.0.0.1', '0.0.0.0'], 1],
    [['::1', '127.0.0.1', '::', '0.0.0.0'], 2]
  ] as const
  for (const [hosts, count] of cases) {
    const { port, urls } = await listening(t, hosts, 0)
    t.equal(urls.length, count, hosts.join(', '))
    t.match(await said(`http://localhost:${port}`), /127\.0\.0\.1$|^::1$/, hosts.join(', '))
  }
})

t.test('listens on the port that is asked for, again and again', async t => {
  const { port, close } = await listening(t, ['127.0.0.1'], 0)
  for (let round = 0; round < 3; round++) {
    await close()
    const again = await listening(t, ['127.0.0.1'], port)
    t.strictSame(again.urls, [`http://127.0.0.1:${port}`])
    t.equal(await said(again.urls[0]!), '127.0.0.1')
    await again.close()
  }
})

t.test('does not share its port with other workers of a cluster', async t => {
  const asked: unknown[] = []
  const kind: typeof PLAIN = {
    ...PLAIN,
    create (options, handler, ...more) {
      const server = PLAIN.create(options, handler, ...more)
      const { listen: listenOn } = server
      server.listen = ((options: object, listening: () => void) => {
        asked.push(options)
        return listenOn.call(server, options, listening)
      }) as typeof listenOn
      return server
    }
  }
  const { close } = await listen(handler, ['127.0.0.1'], 0, LIMITS, kind)
  await close()
  t.match(asked, [{ port: 0, exclusive: true }])
})

t.test('skips a second address that the machine does not have', async t => {
  const { port, urls } = await listening(t, ['127.0.0.1', FOREIGN_ADDRESS], 0)
  t.strictSame(urls, [`http://127.0.0.1:${port}`])
})

t.test('listens on the other loopback address where the machine lacks one, such as 127.0.0.1 without IPv4', needsIPv6, async t => {
  const without = (lacking: readonly string[]): typeof PLAIN => ({
    ...PLAIN,
    create (options, handler, ...more) {
      const server = PLAIN.create(options, handler, ...more)
      const { listen: listenOn } = server
      const asForeign = (options: { host: string }, done: () => void): typeof server =>
        listenOn.call(server, { ...options, host: lacking.includes(options.host) ? FOREIGN_ADDRESS : options.host }, done)
      server.listen = asForeign as typeof listenOn
      return server
    }
  })
  const { urls, port, close } = await listen(handler, LOOPBACK, 0, LIMITS, without(['127.0.0.1']))
  t.teardown(close)
  t.strictSame(urls, [`http://[::1]:${port}`])
  t.equal(await said(urls[0]!), '::1')
  await t.rejects(listen(handler, LOOPBACK, 0, LIMITS, without(LOOPBACK)), { message: 'can\'t listen on port 0 of 127.0.0.1 and ::1: this machine has no such address' })
  await t.rejects(listen(handler, [FOREIGN_ADDRESS, '127.0.0.1'], 0), { message: /this machine has no such address$/ }, 'an address that was asked for is needed')
})

t.test('says in plain words why it can\'t listen', async t => {
  const { port } = await listening(t, ['127.0.0.1'], 0)
  const cases: Array<[string, readonly string[], number, string]> = [
    ['a port that is taken', ['127.0.0.1'], port,
      `can't listen on port ${port} of 127.0.0.1: another program is listening there; choose another --port, or 0 for a free one`],
    ['an address of another machine', [FOREIGN_ADDRESS], 0, `can't listen on port 0 of ${FOREIGN_ADDRESS}: this machine has no such address`],
    ['an unknown name', ['no such host'], 0, 'can\'t listen on port 0 of no such host: there is no such host'],
    ['an unknown name after a good address', ['127.0.0.1', 'no such host'], 0, 'can\'t listen on port 0 of 127.0.0.1 and no such host: there is no such host'],
    ['anything else, in the system\'s own words', ['ff02::1'], 0, 'can\'t listen on port 0 of ff02::1: listen EINVAL: invalid argument ff02::1']
  ]
  for (const [name, hosts, wish, message] of cases) {
    await t.rejects(listen(handler, hosts, wish), { name: 'Problem', message }, name)
  }
})

t.test('gives up where no other free port helps, as the second address is the first one', needsIPv6, async t => {
  const message = 'can\'t listen on port 0 of ::1 and ::1%lo: another program is listening there; choose another --port, or 0 for a free one'
  await t.rejects(listen(handler, ['::1', '::1%lo'], 0), { name: 'Problem', message })
})

t.test('says when this user may not listen there', async t => {
  const firstForAll = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'))
  if (!(firstForAll > 1)) return t.pass('any user may listen on any port of this machine', { skip: true })
  // Permissions don't bind root, so root steps down for the moment.
  const isRoot = process.geteuid!() === 0
  if (isRoot) process.seteuid!(NOBODY)
  const attempt = listen(handler, ['127.0.0.1'], 1)
  await attempt.catch(() => {})
  if (isRoot) process.seteuid!(0)
  await t.rejects(attempt, { name: 'Problem', message: 'can\'t listen on port 1 of 127.0.0.1: this user may not listen there' })
})

t.test('leaves nothing open when it can\'t listen on the second address', async t => {
  const { port, close } = await listening(t, ['127.0.0.1'], 0)
  await close()
  await t.rejects(listen(handler, ['127.0.0.1', 'no such host'], port), Problem)
  const { urls } = await listening(t, ['127.0.0.1'], port)
  t.equal(await said(urls[0]!), '127.0.0.1')
})

t.test('answers bytes that are not an HTTP request in the documented error format', async t => {
  const { port } = await listening(t, ['127.0.0.1'], 0)
  const unreadable = 'bad request'
  const cases: Array<[string, string, string]> = [
    ['garbage', 'garbage\r\n\r\n', unreadable],
    ['the beginning of a TLS connection', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', unreadable],
    ['a method that does not exist', 'CHARGE / HTTP/1.1\r\nhost: x\r\n\r\n', unreadable],
    ['a space before the colon of a header', 'POST / HTTP/1.1\r\nhost: x\r\nx-y : 1\r\n\r\n', unreadable],
    ['a length that is no number', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: five\r\n\r\nhello', unreadable],
    ['two lengths', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello', unreadable],
    ['a chunk without length', 'POST /hang HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nhello\r\n', unreadable],
    ['headers without end', `GET / HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(20_000)}`, 'request header fields too large']
  ]
  for (const [name, bytes, what] of cases) {
    t.test(name, async t => {
      const { head, body } = await answerTo(port, Buffer.from(bytes, 'latin1'))
      const code = what === unreadable ? '400 Bad Request' : '431 Request Header Fields Too Large'
      const message = `Invalid Request: this is not a readable HTTP/1.1 request (${what})`
      t.equal(body, JSON.stringify({ status: 410, message }))
      t.strictSame(head, [`HTTP/1.1 ${code}`, 'content-type: application/json', `content-length: ${body.length}`, 'connection: close', ...PROTECTIVE_LINES])
    })
  }

  t.test('also an incomplete request whose client still reads', async t => {
    const { head } = await answerTo(port, Buffer.from('POST /hang HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhell'), client => client.end())
    t.equal(head[0], 'HTTP/1.1 400 Bad Request')
  })

  t.test('and survives clients that have gone', async t => {
    for (const bytes of ['', 'POST / HT', 'POST /hang HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhell']) {
      const client = await connected(port)
      client.write(bytes)
      await passing(port)
      resetConnection(client)
      await passing(port)
    }
    t.equal(await said(`http://127.0.0.1:${port}`), '127.0.0.1')
  })
})

t.test('a refusal outside the app does not overtake the responses to earlier requests', async t => {
  const cases: Array<[string, string, RegExp]> = [
    ['garbage', GARBAGE, /^HTTP\/1\.1 400 Bad Request\r\n.*\(bad request\)"}$/s],
    ['a body that can\'t be read', 'POST /x HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nhello\r\n', /^HTTP\/1\.1 400 Bad Request\r\n.*\(bad request\)"}$/s],
    ['CONNECT', CONNECT, /^HTTP\/1\.1 405 Method Not Allowed\r\n.*"status":410,"message":"Invalid Request: this is not a proxy and does not accept CONNECT"}$/s]
  ]
  for (const [name, bytes, refusal] of cases) {
    t.test(name, async t => {
      const { port, held } = await holdResponses(t)
      const client = await connected(port)
      const all = endOf(client)
      client.write(`GET /1 HTTP/1.1\r\nhost: x\r\n\r\nGET /2 HTTP/1.1\r\nhost: x\r\n\r\n${bytes}`)
      await until(() => held.length === 1)
      client.write(`more ${GARBAGE}`)
      await passingSilently(port, held)
      t.equal(client.bytesRead, 0, 'no refusal is sent yet')
      held[0]!.end('first')
      await until(() => held.length === 2)
      held[1]!.end('second')
      const [, first, second, last] = /^(.*\r\n\r\nfirst)(.*\r\n\r\nsecond)(.*)$/s.exec(await all)!
      t.match(first, /^HTTP\/1\.1 200 OK/)
      t.match(second, /^HTTP\/1\.1 200 OK/)
      t.match(last, refusal, 'and it is sent once')
    })
  }

  t.test('and is not written into a response that has begun', async t => {
    const { port, held } = await holdResponses(t)
    const client = await connected(port)
    const all = endOf(client)
    client.write('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n')
    await until(() => held.length === 1)
    held[0]!.writeHead(200, { 'content-length': 9 }).write('begun')
    await until(() => client.bytesRead > 0)
    client.write('hello\r\n')
    t.match(await all, /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\nbegun$/s)
  })

  t.test('and is not sent to a client that has gone, however many of its requests wait', async t => {
    for (const bytes of [GARBAGE, CONNECT]) {
      for (const requests of [1, 10]) {
        const { port, held } = await holdResponses(t, { requestsWaiting: 2 })
        const client = await connected(port)
        client.write(GET.repeat(requests) + bytes)
        await until(() => held.length === 1)
        resetConnection(client)
        await until(() => held[0]!.closed)
        t.equal(held.length, 1)
      }
    }
  })
})

t.test('handles the requests of a connection one after the other, in their order', async t => {
  const { port, held } = await holdResponses(t)
  const warnings: Error[] = []
  const warn = (warning: Error): void => { warnings.push(warning) }
  process.on('warning', warn)
  t.teardown(() => process.off('warning', warn))
  const client = await connected(port)
  const all = endOf(client)
  const count = 40
  client.write(Array.from({ length: count }, (_, index) => `GET /${index} HTTP/1.1\r\nhost: x\r\n${index === count - 1 ? 'connection: close\r\n' : ''}\r\n`).join(''))
  for (let answered = 0; answered < count; answered++) {
    await until(() => held.length > answered)
    await passingSilently(port, held)
    t.equal(held.length, answered + 1, `after ${answered} that are answered`)
    held[answered]!.end(`answer ${answered}.`)
  }
  t.strictSame(warnings, [], 'no listeners pile up')
  t.strictSame((await all).match(/answer \d+\./g), Array.from({ length: count }, (_, index) => `answer ${index}.`))
})

t.test('lets other connections take their turn between two requests of one', async t => {
  let [inARow, most, count] = [0, 0, 0]
  const { port, close } = await listen((_request, response) => {
    most = Math.max(most, ++inARow)
    count++
    response.end()
  }, ['127.0.0.1'], 0)
  t.teardown(close)
  const next = (): void => {
    inARow = 0
    if (count < 100) setImmediate(next)
  }
  next()
  const client = await connected(port)
  client.resume().write(GET.repeat(100))
  await until(() => count === 100)
  t.ok(most < 5, `${most} in a row`)
  client.destroy()
})

t.test('stops reading from a connection while too many of its requests wait', async t => {
  const { port, held } = await holdResponses(t, { requestsWaiting: 2 })
  const { port: other } = await listening(t, ['127.0.0.1'], 0)
  const client = await connected(port)
  const [count, answer] = [1000, 'x'.repeat(100_000)]
  client.pause().write(Array.from({ length: count }, (_, index) => `GET /${index} HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(2000)}\r\n${index === count - 1 ? 'connection: close\r\n' : ''}\r\n`).join(''))
  await until(() => held.length === 1)
  const { socket } = held[0]!.req
  let answered = 0
  const answerAll = (): void => { while (answered < held.length) held[answered++]!.end(answer) }
  // The client doesn't read these responses, so at some point the next one is no longer taken.
  for (let before = -1; before !== answered;) {
    before = answered
    answerAll()
    await passing(other)
  }
  t.ok(socket.bytesRead < 1_000_000, `${socket.bytesRead} bytes are read of two million`)

  const all = endOf(client)
  client.resume()
  await until(() => {
    answerAll()
    return answered === count
  })
  t.equal((await all).match(/HTTP\/1\.1 200 OK/g)!.length, count, 'all are answered in the end')
})

t.test('a request behind others does not time out while it waits for them', async t => {
  const cases: Array<[name: string, behind: string, count: number]> = [
    ['whose body is not read yet', `POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 500000\r\n\r\n${'x'.repeat(500_000)}`, 1],
    ['of which only the first ones are read', GET.repeat(2999) + GET_AND_CLOSE, 3000]
  ]
  for (const [name, behind, count] of cases) {
    const { server, port, held } = await holdResponses(t, { connectionsCheckingInterval: 10 })
    const client = await connected(port)
    const all = endOf(client)
    client.write(GET + behind)
    await until(() => held.length === 1)
    const { socket } = held[0]!.req
    const { headersTimeout, requestTimeout } = server
    server.headersTimeout = server.requestTimeout = 1
    // Its silence is noticed long after both time-outs have passed, and is forgiven too.
    socket.setTimeout(200)
    await once(socket, 'timeout')
    socket.setTimeout(0)
    Object.assign(server, { headersTimeout, requestTimeout })
    for (let answered = 0; answered <= count; answered++) {
      await until(() => held.length > answered)
      held[answered]!.end()
    }
    const answers = await all
    t.equal(answers.match(/HTTP\/1\.1 200 OK/g)?.length, count + 1, name)
    t.notMatch(answers, ' 408 ')
  }
})

t.test('leaves to the app the requests that Node.js would refuse without a body', async t => {
  const { port } = await listening(t, ['127.0.0.1'], 0)
  for (const header of ['x-no: host', 'host: x\r\nexpect: the-impossible']) {
    const { head, body } = await answerTo(port, Buffer.from(`GET / HTTP/1.1\r\n${header}\r\nconnection: close\r\n\r\n`))
    t.match({ head, body }, { head: ['HTTP/1.1 200 OK'], body: /127\.0\.0\.1/ }, header)
  }
})

t.test('keeps an idle connection for longer than clients and proxies do', async t => {
  const { urls } = await listening(t, ['127.0.0.1'], 0)
  const response = await fetch(urls[0]!)
  await response.text()
  t.equal(response.headers.get('keep-alive'), 'timeout=72')
})

t.test('close() cuts all connections and frees the port', async t => {
  const { port, urls, close } = await listening(t, ['127.0.0.1'], 0)
  const clients = {
    'one that has sent nothing': '',
    'an idle one': GET,
    'one with half a header': 'POST / HTTP/1.1\r\nhost: x\r\ncontent-le',
    'one with half a body': 'POST /hang HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhell',
    'one that waits for its answer': 'GET /hang HTTP/1.1\r\nhost: x\r\n\r\n',
    'one with CONNECT behind it': `GET /hang HTTP/1.1\r\nhost: x\r\n\r\n${CONNECT}`,
    'one with many requests at once': 'GET /hang HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(100)
  }
  const ends = await Promise.all(Object.entries(clients).map(async ([name, bytes]) => {
    const client = await connected(port)
    const ended = endOf(client)
    client.write(bytes)
    return { name, client, ended }
  }))
  await passing(port)
  for (const { name, client } of ends) t.equal(client.closed, false, `${name} is open before`)

  await close()
  await Promise.all(ends.map(({ ended }) => ended))
  for (const { name, client } of ends) t.equal(client.closed, true, `${name} is cut`)
  t.notOk(listens(Number(new URL(urls[0]!).port)))
  await t.resolves(close(), 'and may be called again')
})

async function listening (t: Test, hosts: readonly string[], port: number): Promise<Listening> {
  const listening = await listen(handler, hosts, port)
  t.teardown(listening.close)
  return listening
}

async function said (url: string): Promise<string> {
  return (await fetch(url)).text()
}

/** Once this is answered, whatever other clients have sent before has been read. */
async function passing (port: number): Promise<void> {
  for (let round = 0; round < 3; round++) await said(`http://127.0.0.1:${port}`)
}

/** The same on a server that holds its responses; these are sent, and don't count among those held. */
async function passingSilently (port: number, held: ServerResponse[]): Promise<void> {
  for (let round = 0; round < 3; round++) {
    const before = held.length
    const answer = said(`http://127.0.0.1:${port}`)
    await until(() => held.length > before)
    held.pop()!.end()
    await answer
  }
}

async function answerTo (port: number, bytes: Buffer, then?: (socket: Socket) => void): Promise<{ head: string[], body: string }> {
  const socket = await connected(port)
  const answer = endOf(socket)
  socket.write(bytes)
  then?.(socket)
  const [head = '', body = ''] = (await answer).split('\r\n\r\n')
  return { head: head.split('\r\n'), body }
}
