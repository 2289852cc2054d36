import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect as connectSecurely } from 'node:tls'
import t, { type Test } from 'tap'
import type { StartOptions } from '../../src/contract/start-options.js'
import { FAULT_KINDS, type FaultKind } from '../../src/domain/fault.js'
import { intercept } from '../../src/server/interception.js'
import { LIMITS } from '../../src/server/limits.js'
import { listen } from '../../src/server/listen.js'
import { secure } from '../../src/server/secure-server.js'
import { start } from '../../src/server/start.js'
import { createIdentity } from '../../src/tls/certificate.js'
import { closed } from '../support/closed.js'
import { emulate, SAMPLE_ANSWER } from '../support/emulator.js'
import { listens } from '../support/listens.js'
import { until } from '../support/until.js'
import { exchange, plainConnection, REQUEST, secureConnection, tunnel, visibleTls, type Ending } from '../support/vendor-client.js'

async function intercepting (t: Test, options: StartOptions = {}) {
  const emulator = await emulate(t, { tlsPort: 0, proxyPort: 0, ...options })
  return { ...emulator, interception: emulator.interception! }
}

const bodyOf = ({ text }: Ending): unknown => JSON.parse(text.slice(text.indexOf('\r\n\r\n')))

const CLOSING = REQUEST.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n')

t.test('the vendor\'s hosts are answered over TLS, at the port and through the proxy, and plainly through the proxy', async t => {
  const { interception, ask } = await intercepting(t)
  const proxyPort = interception.proxyPort!
  const ways = {
    'the TLS port': async () => await secureConnection(interception),
    'a host below': async () => await secureConnection(interception, 'app.pickyassist.com'),
    'CONNECT and TLS': async () => await secureConnection(interception, 'pickyassist.com', (await tunnel(proxyPort, 'pickyassist.com:443')).socket),
    'CONNECT in other letters, with the root\'s dot': async () =>
      await secureConnection(interception, 'pickyassist.com', (await tunnel(proxyPort, 'PickyAssist.COM.:443')).socket),
    'CONNECT and no TLS': async () => (await tunnel(proxyPort, 'pickyassist.com:80')).socket,
    'a redirected connection without TLS': async () => await plainConnection(proxyPort)
  }
  for (const [name, open] of Object.entries(ways)) {
    await ask('/__admin/reset', { method: 'POST' })
    t.strictSame(bodyOf(await exchange(await open(), CLOSING)), JSON.parse(SAMPLE_ANSWER), name)
  }
  for (const origin of ['http://pickyassist.com', 'http://APP.pickyassist.com.:80', 'https://pickyassist.com']) {
    await ask('/__admin/reset', { method: 'POST' })
    const absolute = CLOSING.replace('POST ', `POST ${origin}`)
    t.strictSame(bodyOf(await exchange(await plainConnection(proxyPort), absolute)), JSON.parse(SAMPLE_ANSWER), origin)
    const { requests } = (await ask('/__admin/requests?limit=1', {})).body as { requests: Array<{ path: string }> }
    t.equal(requests[0]!.path, '/app/api/v2/pm/change-billing', 'in the journal as a request to the vendor')
  }
})

t.test('bytes that come with CONNECT are the first of the tunnel', async t => {
  const { interception } = await intercepting(t)
  const socket = await plainConnection(interception.proxyPort!)
  const { text } = await exchange(socket, `CONNECT pickyassist.com:80 HTTP/1.1\r\n\r\n${CLOSING}`)
  t.match(text, /^HTTP\/1\.1 200 Connection Established\r\n\r\nHTTP\/1\.1 200 OK\r\n/)
})

t.test('a client that offers HTTP/2 gets HTTP/1.1, and one that knows nothing else is told by the handshake', async t => {
  const { interception } = await intercepting(t)
  const both = await secureConnection(interception)
  t.equal(both.alpnProtocol, 'http/1.1')
  both.destroy()
  const only = connectSecurely({ port: interception.tlsPort, host: '127.0.0.1', servername: 'pickyassist.com', ca: interception.ca, ALPNProtocols: ['h2'] })
  const [{ code }] = await once(only, 'error') as [NodeJS.ErrnoException]
  t.equal(code, 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL')
})

t.test('what is no TLS is told so at the TLS port, also through the proxy', async t => {
  const { interception } = await intercepting(t)
  for (const socket of [await plainConnection(interception.tlsPort), (await tunnel(interception.proxyPort!, 'pickyassist.com:443')).socket]) {
    const { text } = await exchange(socket, REQUEST)
    t.match(text, /^HTTP\/1\.1 400 Bad Request\r\n.*\r\n\r\n\{"status":410,"message":"Invalid Request: this port speaks HTTPS only"\}$/s)
  }
})

t.test('a client that says nothing at the TLS port is dropped in time', async t => {
  const { port, close } = await listen((_request, response) => { response.end('x') }, ['127.0.0.1'], 0, LIMITS, secure(createIdentity(), 50))
  t.teardown(close)
  const silent = await plainConnection(port)
  t.strictSame(await exchange(silent, ''), { text: '', end: 'closed' })
  silent.destroy()
})

/** What is seen of a fault by a client: the answer's head and body, and how the connection ends. */
const SEEN: Readonly<Record<FaultKind, { readonly text: RegExp, readonly end: Ending['end'] }>> = {
  delay: { text: /^HTTP\/1\.1 200 OK.*"next_billing_date":"[^"]+"\}$/s, end: 'open' },
  http_error: { text: /^HTTP\/1\.1 500 .*<\/html>$/s, end: 'open' },
  api_refusal: { text: /^HTTP\/1\.1 200 OK.*"status":101.*\}$/s, end: 'open' },
  connection_reset: { text: /^$/, end: 'reset' },
  empty_response: { text: /^$/, end: 'closed' },
  hang: { text: /^$/, end: 'open' },
  truncated_body: { text: /^HTTP\/1\.1 200 OK.*content-length: 147\r\n.*\r\n\r\n.{73}$/s, end: 'closed' },
  malformed_json: { text: /^HTTP\/1\.1 200 OK.*content-length: 146\r\n.*"next_billing_date":"[^"]+"$/s, end: 'open' },
  slow_body: { text: /^HTTP\/1\.1 200 OK.*"next_billing_date":"[^"]+"\}$/s, end: 'open' }
}

t.test('a fault is the same on the wire below TLS as it is without', async t => {
  const { interception, ask } = await intercepting(t)
  const proxyPort = interception.proxyPort!
  const journaled = async (): Promise<void> => {
    await until(async () => ((await ask('/__admin/requests', {})).body as { total: number }).total > 0)
    // By now, an answer would have been on its way.
    await ask('/__admin/health', {})
  }
  for (const kind of FAULT_KINDS) {
    for (const [way, open] of Object.entries({
      plain: async () => await plainConnection(proxyPort),
      TLS: async () => await plainConnection(interception.tlsPort),
      'TLS through the proxy': async () => (await tunnel(proxyPort, 'pickyassist.com:443')).socket
    })) {
      await ask('/__admin/reset', { method: 'POST' })
      const fault = { kind, ...kind === 'delay' && { delay: { fixed: 1 } }, ...kind === 'slow_body' && { duration: 1 } }
      await ask('/__admin/faults', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(fault) })
      const wire = await open()
      // Behind the handshake, TLS 1.3 sends tickets. Where they are read at the moment of a RST, Node reports an end without an error.
      const options = SEEN[kind].end === 'reset' ? { maxVersion: 'TLSv1.2' } as const : {}
      const socket = way === 'plain' ? wire : (await visibleTls(interception, wire, options)).socket
      // What stays open is not waited for: the answer is whole, or never comes.
      const waiting = kind === 'hang' ? { patience: journaled } : SEEN[kind].end === 'open' ? { enough: SEEN[kind].text } : {}
      const { text, end } = await exchange(socket, REQUEST, { ...waiting, wire })
      t.match(text, SEEN[kind].text, `${kind}, ${way}`)
      t.equal(end, SEEN[kind].end, `${kind}, ${way}`)
    }
  }
})

/** How a connection ends under each kind of fault, and the last that was sent in TLS: an alert (`close_notify`) announces the end. */
const TLS_ENDS: Readonly<Record<FaultKind, readonly [Ending['end'], 'alert' | 'data' | 'handshake']>> = {
  delay: ['closed', 'alert'],
  http_error: ['closed', 'alert'],
  api_refusal: ['closed', 'alert'],
  connection_reset: ['reset', 'handshake'],
  empty_response: ['closed', 'alert'],
  hang: ['reset', 'handshake'],
  truncated_body: ['closed', 'data'],
  malformed_json: ['closed', 'alert'],
  slow_body: ['closed', 'alert']
}

t.test('over TLS, each kind of fault ends as the table of faults says: with the alert of an end, without it, or by a reset', async t => {
  const { interception, ask } = await intercepting(t)
  const post = async (path: string, body: object): Promise<unknown> =>
    await ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  const untilJournaled = async (): Promise<void> => {
    await until(async () => ((await ask('/__admin/requests', {})).body as { total: number }).total > 0)
  }
  for (const kind of FAULT_KINDS) {
    await ask('/__admin/reset', { method: 'POST' })
    await post('/__admin/faults', { kind, ...kind === 'delay' && { delay: { fixed: 1 } }, ...kind === 'slow_body' && { duration: 1 } })
    const wire = await plainConnection(interception.tlsPort)
    // TLS 1.3 would hide the types of records.
    const { socket, received } = await visibleTls(interception, wire, { maxVersion: 'TLSv1.2' })
    const exchanged = exchange(socket, CLOSING, { wire })
    if (kind === 'hang') await untilJournaled().then(() => ask('/__admin/reset', { method: 'POST' }))
    const { end } = await exchanged
    t.strictSame([end, lastRecord(Buffer.concat(received))], TLS_ENDS[kind], kind)
  }

  /** The type of the last record that the server has sent. */
  function lastRecord (bytes: Buffer): string | undefined {
    let type: number | undefined
    for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) type = bytes[at]
    return { 21: 'alert', 22: 'handshake', 23: 'data' }[type!]
  }
})

t.test('the control API and the console are not reached under the vendor\'s name, however they are written', async t => {
  const { interception, url } = await intercepting(t, { allowHost: 'pickyassist.com' })
  const paths = ['/__admin/state', '/__admin', '/%5F%5fadmin/accounts', 'http://pickyassist.com/__admin/state', 'http://localhost/__admin/state', '/', '/__console/console.js', '/__admin/health?x',
    'http://pickyassist.com', 'HTTP://pickyassist.com?x/y', '*', '*__admin/state', '*%5F_admin']
  for (const path of paths) {
    for (const [way, socket] of [['TLS', await secureConnection(interception)], ['plain', await plainConnection(interception.proxyPort!)]] as const) {
      const { text } = await exchange(socket, `GET ${path} HTTP/1.1\r\nhost: pickyassist.com\r\nconnection: close\r\n\r\n`)
      if (way === 'plain' && path.startsWith('http://localhost')) t.match(text, /^HTTP\/1\.1 403 /, path)
      else if (way === 'plain' && path.startsWith('*')) t.match(text, /^HTTP\/1\.1 400 /, path)
      else t.match(text, new RegExp(`^HTTP/1\\.1 404 .*use ${url}"}$`, 's'), `${path}, ${way}`)
    }
  }
})

t.test('what a browser asks for by itself is nothing of the console, so that it may be a request under the vendor\'s name', async t => {
  const answerTo = async ({ interception }: Awaited<ReturnType<typeof intercepting>>, method: string): Promise<string> => {
    const socket = await secureConnection(interception)
    return (await exchange(socket, `${method} /favicon.ico HTTP/1.1\r\nhost: pickyassist.com\r\nconnection: close\r\n\r\n`)).text
  }
  const unknown = /^HTTP\/1\.1 404 .*there is no endpoint at this path/s
  const [shown, without] = [await intercepting(t), await intercepting(t, { console: false })]
  t.match(await answerTo(shown, 'POST'), unknown)
  t.match(await shown.last(), { id: '1-1', path: '/favicon.ico' })
  t.match(await answerTo(shown, 'GET'), /^HTTP\/1\.1 404 .*content-length: 0\r\n/s)
  t.match(await shown.last(), { id: '1-1' })
  t.match(await answerTo(without, 'GET'), unknown)
  t.match(await without.last(), { id: '1-1', path: '/favicon.ico' })
})

t.test('a start whose port for TLS or for the proxy is taken fails in one line, and leaves nothing open', async t => {
  const { interception } = await intercepting(t)
  const taken = (port: number, flag: string): RegExp =>
    new RegExp(`^can't listen on port ${port} of .*: another program is listening there; choose another ${flag}, or 0 for a free one$`)
  await t.rejects(start({ tlsPort: interception.tlsPort }), { name: 'Problem', message: taken(interception.tlsPort, '--tls-port') })
  await t.rejects(start({ proxyPort: interception.proxyPort! }), { name: 'Problem', message: taken(interception.proxyPort!, '--proxy-port') })
})

t.test('with a folder, the same CA is shown at the next start', async t => {
  const tlsDir = t.testdir({})
  const cas = []
  for (let n = 0; n < 2; n++) {
    const { interception, stop } = await emulate(t, { tlsPort: 0, tlsDir })
    t.equal(interception!.proxyPort, null)
    cas.push(interception!.ca)
    await stop()
  }
  t.equal(cas[0], cas[1])
})

t.test('a stop closes the doors, also to clients in the middle of a handshake or a tunnel', async t => {
  const emulator = await start({ tlsPort: 0, proxyPort: 0 })
  const { tlsPort, proxyPort } = emulator.interception!
  t.same([tlsPort, proxyPort!].map(listens), [true, true])
  const half = await plainConnection(tlsPort)
  half.on('error', () => {}).write(Buffer.from([0x16, 0x03, 0x01]))
  const { socket } = await tunnel(proxyPort!, 'pickyassist.com:443')
  const talking = await secureConnection(emulator.interception!)
  talking.on('error', () => {})
  const ends = [half, socket, talking].map(async socket => await closed(socket.resume()))
  await emulator.stop()
  await Promise.all(ends)
  t.same([tlsPort, proxyPort!].map(listens), [false, false])
})

t.test('a stop closes the proxy\'s door first, while what is in flight is answered', async t => {
  const held: ServerResponse[] = []
  const options = { tlsHosts: ['127.0.0.1'], tlsPort: 0, tlsDir: null, proxyPort: 0, offline: true, upstream: null }
  const interception = await intercept((_request, response) => { held.push(response) }, options, { url: 'http://127.0.0.1:1', port: 1 }, { record () {}, note () {} })
  const proxyPort = interception.proxyPort!
  const answer = exchange(await secureConnection(interception), REQUEST)
  const open = await plainConnection(proxyPort)
  await until(() => held.length === 1)
  const closing = interception.close()
  t.notOk(listens(proxyPort), 'to new clients')
  const { text } = await exchange(open, 'CONNECT pickyassist.com:443 HTTP/1.1\r\n\r\n')
  t.match(text, /^HTTP\/1\.1 503 Service Unavailable\r\n[^]*picky-emulator: the emulator is stopping\n$/, 'and to those that are there')
  held[0]!.end('whole')
  t.match((await answer).text, /whole$/)
  await closing
})

t.test('a stop answers what is in flight over TLS and through the proxy', async t => {
  const held: ServerResponse[] = []
  const options = { tlsHosts: ['127.0.0.1'], tlsPort: 0, tlsDir: null, proxyPort: 0, offline: true, upstream: null }
  const interception = await intercept((_request, response) => { held.push(response) }, options, { url: 'http://127.0.0.1:1', port: 1 }, { record () {}, note () {} })
  const proxyPort = interception.proxyPort!
  const ways = {
    'the TLS port': await secureConnection(interception),
    'CONNECT and TLS': await secureConnection(interception, 'pickyassist.com', (await tunnel(proxyPort, 'pickyassist.com:443')).socket),
    'CONNECT and no TLS': (await tunnel(proxyPort, 'pickyassist.com:80')).socket,
    'no tunnel': await plainConnection(proxyPort)
  }
  const answers = Object.entries(ways).map(async ([way, socket]) => [way, await exchange(socket, REQUEST)] as const)
  await until(() => held.length === answers.length)
  const closing = interception.close()
  for (const response of held) response.end('whole')
  for (const [way, { text, end }] of await Promise.all(answers)) {
    t.match(text, /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\nwhole$/s, way)
    t.equal(end, 'closed', way)
  }
  await closing
})

t.test('faults of the options are set at the start, in a new world and in one that is resumed', async t => {
  const { db, ask, stop } = await emulate(t, { faults: [{ kind: 'http_error', times: 1 }] })
  t.match((await ask('/__admin/faults', {})).body, { faults: [{ kind: 'http_error', times: 1, matched: 0 }] })
  await stop()
  const again = await start({ db, faults: [{ kind: 'delay', account: 'demo' }] })
  t.teardown(again.stop)
  t.match(await (await fetch(`${again.url}/__admin/faults`)).json(), { faults: [{ kind: 'delay', account: 'demo' }] })
})

t.test('faults of the options that could not trigger are refused', async t => {
  await t.rejects(start({ faults: [{ kind: 'delay', account: 'dem' }] }), { name: 'Problem', message: 'there is no account "dem"; did you mean "demo"?' })
  await t.rejects(start({ faults: [{ kind: 'delay', endpoint: 'nowhere' }] }), { name: 'Problem', message: /^the option faults is wrong at \/0\/endpoint: / })
  await t.rejects(start({ scenario: { faults: [{ kind: 'delay' }] }, faults: Array(1000).fill({ kind: 'delay' }) }), { name: 'Problem', message: 'there are more than 1000 faults: 1 in the scenario, 1000 more' })
})

t.test('options that only a proxy or a port for TLS has are refused without one', async t => {
  for (const options of [{ tlsDir: 'x' }, { upstreamProxy: 'http://proxy.example' }, { offline: true }]) {
    const [name] = Object.keys(options)
    await t.rejects(start(options), { name: 'Problem', message: `the option ${name} is wrong: it needs the option tlsPort or the option proxyPort` })
  }
})
