import dns from 'node:dns'
import { once } from 'node:events'
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { createServer as createSecureServer } from 'node:tls'
import t, { type Test } from 'tap'
import type { StartOptions } from '../../src/contract/start-options.js'
import { guardedLookup, leadsBack, readDestination, refusalOf } from '../../src/server/destination.js'
import { resetConnection } from '../../src/server/reset.js'
import { createIdentity } from '../../src/tls/certificate.js'
import { closed } from '../support/closed.js'
import { emulate } from '../support/emulator.js'
import { until } from '../support/until.js'
import { exchange, plainConnection, tunnel } from '../support/vendor-client.js'

/** An address of this machine by which others reach it; without one, a test has no host that is not the loopback. */
const OUTER = Object.values(networkInterfaces()).flat().find(own => own!.family === 'IPv4' && !own!.internal)?.address
const SKIP = { skip: OUTER === undefined && 'this machine has no address but the loopback' }

/** Names that the tests make resolve to addresses. */
const NAMES = new Map<string, string[]>()
const realLookup = dns.lookup
t.before(() => {
  const fake = (host: string, ...rest: [object, (error: Error | null, addresses?: dns.LookupAddress[]) => void]): void => {
    if (!host.endsWith('.example')) return realLookup(host, ...rest as unknown as [dns.LookupAllOptions, () => void])
    const [, callback] = rest
    const addresses = NAMES.get(host)?.map(address => ({ address, family: address.includes(':') ? 6 : 4 }))
    if (addresses === undefined) callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' }))
    else callback(null, addresses)
  }
  dns.lookup = fake as unknown as typeof dns.lookup
  syncBuiltinESMExports()
})
t.teardown(() => {
  dns.lookup = realLookup
  syncBuiltinESMExports()
})

async function proxied (t: Test, options: StartOptions = {}) {
  const emulator = await emulate(t, { proxyPort: 0, ...options })
  return { ...emulator, interception: emulator.interception!, port: emulator.interception!.proxyPort! }
}

async function listening (t: Test, server: Server | HttpServer, host = '127.0.0.1'): Promise<number> {
  server.listen(0, host)
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  return (server.address() as AddressInfo).port
}

/** The proxy's answer to CONNECT, as a whole. */
async function connectAnswer (port: number, authority: string): Promise<string> {
  return (await exchange(await plainConnection(port), `CONNECT ${authority} HTTP/1.1\r\nhost: x\r\n\r\n`)).text
}

const get = async (port: number, url: string, headers = ''): Promise<string> =>
  (await exchange(await plainConnection(port), `GET ${url} HTTP/1.1\r\nhost: x\r\n${headers}connection: close\r\n\r\n`)).text

t.test('a destination is read as CONNECT has it', async t => {
  t.strictSame(readDestination('Example.COM.:443'), { host: 'example.com', port: 443 })
  t.strictSame(readDestination('[::1]:80'), { host: '[::1]', port: 80 })
  for (const authority of ['', 'example.com', 'example.com:', ':443', 'example.com:0', 'example.com:65536', 'a@b:443', 'http://a:80', 'a b:80', '[x]:80', '::1:80']) {
    t.equal(readDestination(authority), undefined, authority)
  }
  t.ok(readDestination('example.com:65535'))
  t.ok(readDestination('example.com:1'))
})

t.test('names are not refused, addresses and the loopback are, however they are spelt', async t => {
  for (const host of ['example.com', 'a1.example', '1password.com', 'xn--bcher-kva.example', 'localhost.example', '0x.example']) t.equal(refusalOf(host), undefined, host)
  for (const host of ['10.0.0.1', '[::1]', '[2001:db8::1]', '2130706433', '0x7f000001', '127.1', '0177.0.0.1', '0x7f.0.0.0x1', 'a.0x', '1.2.3.4.5']) {
    t.equal(refusalOf(host), host === '[::1]' ? 'this proxy does not lead back to this machine' : 'this proxy takes host names only, not addresses', host)
  }
  for (const host of ['localhost', 'a.localhost', '127.0.0.1']) t.equal(refusalOf(host), 'this proxy does not lead back to this machine', host)
})

t.test('an address leads back if it is of the loopback, or has a port of the emulator', async t => {
  const none = new Set<number>()
  for (const address of ['127.0.0.1', '127.8.9.10', '0.0.0.0', '::1', '::', '::ffff:127.0.0.1']) t.ok(leadsBack(address, 80, none), address)
  for (const address of ['192.0.2.1', '2001:db8::1', '::ffff:192.0.2.1', '128.0.0.1', '126.255.255.255', '1.0.0.0']) t.notOk(leadsBack(address, 80, new Set([80])), address)
  if (OUTER === undefined) return
  t.ok(leadsBack(OUTER, 80, new Set([80])))
  t.notOk(leadsBack(OUTER, 81, new Set([80])))
})

t.test('a name is resolved for callers that want one address as well', async t => {
  NAMES.set('single.example', ['192.0.2.1', '192.0.2.2'])
  const found = await new Promise(resolve => { guardedLookup(80, new Set())('single.example', {}, (...result) => { resolve(result) }) })
  t.strictSame(found, [null, '192.0.2.1', 4])
})

t.test('no way leads back to the machine, nor to what is no host', async t => {
  const { port, url } = await proxied(t)
  const own = new URL(url).port
  NAMES.set('rebound.example', ['127.0.0.1']).set('partly.example', ['192.0.2.1', '::1'])
  const refused: ReadonlyArray<[string, string]> = [
    [`localhost:${own}`, '403 Forbidden'], [`LOCALHOST.:${own}`, '403 Forbidden'], [`127.0.0.1:${own}`, '403 Forbidden'], [`[::1]:${own}`, '403 Forbidden'],
    [`2130706433:${own}`, '403 Forbidden'], [`127.1:${own}`, '403 Forbidden'], [`rebound.example:${own}`, '403 Forbidden'], ['rebound.example:9', '403 Forbidden'],
    ['partly.example:9', '403 Forbidden'], ['192.0.2.1:443', '403 Forbidden'], ['nowhere.example:443', '502 Bad Gateway'],
    ['pickyassist.com:8080', '502 Bad Gateway'], ['example.com', '400 Bad Request'], ['/', '400 Bad Request']
  ]
  for (const [authority, status] of refused) {
    const answer = await connectAnswer(port, authority)
    t.match(answer, new RegExp(`^HTTP/1\\.1 ${status}\r\n.*\r\n\r\npicky-emulator: [^\n]+\n$`, 's'), authority)
    if (authority.includes(':') && status.startsWith('403')) t.match(await get(port, `http://${authority}/__admin/state`), /^HTTP\/1\.1 403 /, authority)
  }
  for (const target of ['/', '/__admin/state', '/app/api/v2/pm/change-billing', 'ftp://example.com/', 'http://', '*']) t.match(await get(port, target), /^HTTP\/1\.1 40[04] /, target)
  t.match((await exchange(await plainConnection(port), 'GET / HTTP/1.0\r\n\r\n')).text, /^HTTP\/1\.1 400 .*this is a proxy/s)
  t.match(await get(port, 'https://example.com/'), /^HTTP\/1\.1 400 .*example.com is reached over TLS by CONNECT only/s)
  t.match(await get(port, 'http://nowhere.example/'), /^HTTP\/1\.1 502 .*nowhere.example:80 is not reached: getaddrinfo ENOTFOUND/s)
})

t.test('the control API is not reached by a name for an outer address of the machine either', SKIP, async t => {
  const { port, url } = await proxied(t, { host: ['127.0.0.1', OUTER!] })
  NAMES.set('this-machine.example', [OUTER!])
  const own = new URL(url).port
  t.match(await connectAnswer(port, `this-machine.example:${own}`), /^HTTP\/1\.1 403 .*this-machine.example leads back to this machine\n$/s)
  t.match(await get(port, `http://this-machine.example:${own}/__admin/health`), /^HTTP\/1\.1 403 /)
})

t.test('other hosts are reached as if there were no proxy', SKIP, async t => {
  const { port } = await proxied(t)
  NAMES.set('outer.example', [OUTER!])

  await t.test('by CONNECT, with both ends of each side', async t => {
    const server = createServer({ allowHalfOpen: true }, socket => {
      let text = ''
      socket.on('data', chunk => { text += chunk.toString() }).on('end', () => { socket.end(`got ${text}`) })
    })
    const { answer, socket } = await tunnel(port, `outer.example:${await listening(t, server, OUTER)}`, 'first')
    t.match(answer, /^HTTP\/1\.1 200 /)
    socket.end(', second')
    const [chunk] = await once(socket, 'data') as [Buffer]
    t.equal(chunk.toString(), 'got first, second')
    await once(socket.resume(), 'close')
  })

  await t.test('by CONNECT, with the reset of the other end', async t => {
    const server = createServer(socket => { socket.once('data', () => { resetConnection(socket) }) })
    const { socket } = await tunnel(port, `outer.example:${await listening(t, server, OUTER)}`)
    t.strictSame(await exchange(socket, 'x'), { text: '', end: 'reset' })
  })

  await t.test('with a plain request, without the headers between neighbours', async t => {
    const server = createHttpServer((request, response) => {
      let body = ''
      request.on('data', chunk => { body += String(chunk) }).on('end', () => {
        response.writeHead(418, 'Short', { 'x-mine': 'kept', connection: 'close, x-own', 'x-own': 'dropped' })
        response.end(`${request.method} ${request.url} ${JSON.stringify(request.rawHeaders)} ${body}`)
      })
    })
    const target = `outer.example:${await listening(t, server, OUTER)}`
    const socket = await plainConnection(port)
    const { text } = await exchange(socket, `POST http://${target}/a?b HTTP/1.1\r\nHost: ${target}\r\nX-Mine: 1\r\nproxy-connection: keep-alive\r\nConnection: close, X-Hop\r\nx-hop: 1\r\ncontent-length: 2\r\n\r\nhi`)
    t.match(text, /^HTTP\/1\.1 418 Short\r\nx-mine: kept\r\n(?!.*x-own)/s)
    t.match(text, `POST /a?b ["host","${target}","X-Mine","1","content-length","2","Connection","close"] hi`)
  })

  await t.test('with a plain request that they get as it was sent, body and target included, whatever its method and its headers say', async t => {
    const server = createHttpServer((request, response) => {
      let body = ''
      request.on('data', chunk => { body += String(chunk) }).on('end', () => { response.end(`${request.method} ${request.url} of ${request.headers.host}: ${body}`) })
    })
    const host = `outer.example:${await listening(t, server, OUTER)}`
    const smuggled = 'GET /other HTTP/1.1\r\nhost: x\r\n\r\n'
    const chunked = `transfer-encoding: chunked\r\n\r\n${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`
    const declared = `connection: content-length, host\r\ncontent-length: ${smuggled.length}\r\n\r\n${smuggled}`
    for (const method of ['GET', 'DELETE', 'OPTIONS', 'POST']) {
      for (const rest of [chunked, declared]) {
        const socket = await plainConnection(port)
        const { text } = await exchange(socket, `${method} http://a:b@${host}/b/../%zz?'c"#d HTTP/1.1\r\nhost: other.example\r\nconnection: close\r\n${rest}`)
        t.match(text, `${method} /b/../%zz?'c" of ${host}: ${smuggled}`, `${method} ${rest}`)
      }
    }
    const { text } = await exchange(await plainConnection(port), `GET http://${host} HTTP/1.0\r\n\r\n`)
    t.match(text, `GET / of ${host}: `, 'of an HTTP/1.0 client, which need not name the host')
  })

  await t.test('with a plain request whose answer Node reads, but would not write', async t => {
    for (const status of ['200 O\x01K', '000 None', '099 Low', '101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x']) {
      const server = createServer(socket => { socket.once('data', () => { socket.end(`HTTP/1.1 ${status}\r\ncontent-length: 2\r\n\r\nok`) }) })
      t.match(await get(port, `http://outer.example:${await listening(t, server, OUTER)}/`), /^HTTP\/1\.1 502 Bad Gateway\r\n.*is not reached: /s, status)
    }
  })

  await t.test('with a plain request whose answer is cut off', async t => {
    const server = createHttpServer((_request, response) => {
      response.writeHead(200, { 'content-length': 10 })
      response.write('half', () => { response.destroy() })
    })
    const { text } = await exchange(await plainConnection(port), `GET http://outer.example:${await listening(t, server, OUTER)}/ HTTP/1.1\r\nhost: x\r\n\r\n`)
    t.match(text, /content-length: 10\r\n.*half$/s)
  })
})

t.test('offline, every other host is refused by 502 and named once, whatever way is tried', async t => {
  const { port, interception } = await proxied(t, { offline: true })
  for (const host of ['example.com', 'EXAMPLE.com.', '192.0.2.1', '[2001:db8::1]', '3221225985', 'localhost', 'pickyassist.com.example', 'notpickyassist.com']) {
    t.match(await connectAnswer(port, `${host}:443`), /^HTTP\/1\.1 502 Bad Gateway\r\n.*is not reached, because of --offline\n$/s, host)
    t.match(await get(port, `http://${host}/`), /^HTTP\/1\.1 502 /, host)
  }
  t.strictSame(interception.refusedHosts(), ['example.com', '192.0.2.1', '[2001:db8::1]', '3221225985', '192.0.2.1', 'localhost', 'pickyassist.com.example', 'notpickyassist.com']
    .filter((host, index, all) => all.indexOf(host) === index))
  const { answer, socket } = await tunnel(port, 'app.pickyassist.com:443')
  socket.destroy()
  t.match(answer, /^HTTP\/1\.1 200 /)
  for (let n = 0; n < 200; n++) await connectAnswer(port, `host-${n}.example:443`)
  t.equal(interception.refusedHosts().length, 100, 'a client can\'t fill the memory with names')
})

/** A proxy that was set before: what it was asked for, and what it answers. */
async function upstreamProxy (t: Test, answer: (socket: Socket, asked: string) => void) {
  const asked: string[] = []
  const port = await listening(t, createServer(socket => {
    socket.on('error', () => {}).once('data', chunk => {
      asked.push(chunk.toString())
      answer(socket, chunk.toString())
    })
  }))
  return { asked, port }
}

t.test('other hosts are reached through the proxy that was set before, which alone resolves their names', async t => {
  const { asked, port: before } = await upstreamProxy(t, socket => {
    socket.write('HTTP/1.1 200 OK\r\n')
    setImmediate(() => { socket.write('x-more: 1\r\n\r\nearly') })
  })
  const { port } = await proxied(t, { upstreamProxy: `http://us%65r:p%40ss@127.0.0.1:${before}` })
  const { answer, socket } = await tunnel(port, 'inner.example:443')
  t.match(answer, /^HTTP\/1\.1 200 Connection Established\r\n\r\n/)
  const text = answer.endsWith('early') ? 'early' : (await once(socket, 'data') as [Buffer])[0].toString()
  t.equal(text, 'early')
  socket.destroy()
  t.strictSame(asked, [`CONNECT inner.example:443 HTTP/1.1\r\nhost: inner.example:443\r\nproxy-authorization: Basic ${Buffer.from('user:p@ss').toString('base64')}\r\n\r\n`])
})

t.test('a plain request goes through the proxy that was set before with its whole address', async t => {
  const { asked, port: before } = await upstreamProxy(t, socket => { socket.end('HTTP/1.1 204 No Content\r\n\r\n') })
  for (const [credentials, header] of [['', ''], ['a:b@', 'proxy-authorization: Basic YTpi\r\n']]) {
    const { port } = await proxied(t, { upstreamProxy: `http://${credentials}127.0.0.1:${before}` })
    t.match(await get(port, 'http://inner.example/x?y'), /^HTTP\/1\.1 204 /)
    t.equal(asked.pop(), `GET http://inner.example/x?y HTTP/1.1\r\nhost: inner.example\r\n${header}Connection: close\r\n\r\n`)
  }
})

t.test('a proxy that was set before leads back no more than this one', async t => {
  const { asked, port: before } = await upstreamProxy(t, socket => { socket.end('HTTP/1.1 200 OK\r\n\r\n') })
  const { port } = await proxied(t, { upstreamProxy: `http://127.0.0.1:${before}` })
  NAMES.set('rebound.example', ['127.0.0.1'])
  for (const host of ['localhost', '127.0.0.1', 'rebound.example']) {
    t.match(await connectAnswer(port, `${host}:80`), /^HTTP\/1\.1 403 /, host)
    t.match(await get(port, `http://${host}/`), /^HTTP\/1\.1 403 /, host)
  }
  t.strictSame(asked, [])
})

t.test('a proxy that was set before and fails is reported as such', async t => {
  const failures: ReadonlyArray<[string, (socket: Socket) => void, RegExp]> = [
    ['refuses', socket => { socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n') }, /the proxy that was set before answered 407/],
    ['is none', socket => { socket.end('hello\r\n\r\n') }, /answered something else than HTTP/],
    ['hangs up', socket => { socket.destroy() }, /has closed the connection/],
    ['talks without end', socket => { socket.write('x'.repeat(20_000)) }, /answered without end/]
  ]
  for (const [name, answer, message] of failures) {
    const { port: before } = await upstreamProxy(t, answer)
    const { port } = await proxied(t, { upstreamProxy: `http://127.0.0.1:${before}` })
    t.match(await connectAnswer(port, 'inner.example:443'), new RegExp(`^HTTP/1\\.1 502 .*inner\\.example:443 is not reached: .*${message.source}`, 's'), name)
  }
  const server = createServer()
  const gone = await listening(t, server)
  await new Promise(resolve => { server.close(resolve) })
  const { port } = await proxied(t, { upstreamProxy: `http://127.0.0.1:${gone}` })
  t.match(await connectAnswer(port, 'inner.example:443'), /^HTTP\/1\.1 502 .*ECONNREFUSED/s)
  t.match(await get(port, 'http://inner.example/'), /^HTTP\/1\.1 502 .*ECONNREFUSED/s)
})

t.test('a proxy that was set before and speaks TLS has to show a certificate that is trusted', async t => {
  const { key, cert } = createIdentity()
  const before = await listening(t, createSecureServer({ key, cert }).on('tlsClientError', () => {}))
  for (const host of ['127.0.0.1', 'localhost']) {
    const { port } = await proxied(t, { upstreamProxy: `https://${host}:${before}` })
    t.match(await connectAnswer(port, 'inner.example:443'), /^HTTP\/1\.1 502 .*inner\.example:443 is not reached: unable to verify/s, host)
  }
})

t.test('a stop ends what is still being opened', async t => {
  const { asked, port: before } = await upstreamProxy(t, () => {})
  const { stop, port } = await proxied(t, { upstreamProxy: `http://127.0.0.1:${before}` })
  const socket = await plainConnection(port)
  socket.on('error', () => {}).write('CONNECT inner.example:443 HTTP/1.1\r\nhost: x\r\n\r\n')
  await until(() => asked.length > 0)
  const ended = closed(socket.resume())
  await stop()
  await ended
})
