import { once } from 'node:events'
import { request as askPlain } from 'node:http'
import https, { request as askSecurely } from 'node:https'
import net, { connect, type Socket } from 'node:net'
import tls, { connect as connectSecurely, rootCertificates, type TLSSocket } from 'node:tls'
import t from 'tap'
import { startEmulator } from '../../src/index.js'
import { CHANGE_BILLING, SAMPLE_ANSWER, SAMPLE_REQUEST } from '../support/emulator.js'

const URL_OF_VENDOR = `https://pickyassist.com${CHANGE_BILLING}`

async function textOf (request: ReturnType<typeof askPlain>): Promise<string> {
  const [response] = await once(request.end(SAMPLE_REQUEST), 'response') as [NodeJS.ReadableStream]
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return text
}

const post = { method: 'POST', agent: false, headers: { 'content-length': SAMPLE_REQUEST.length } } as const

t.test('with intercept, a client of this process reaches the emulator at the vendor\'s address, and after stop() no more', async t => {
  const before = { connect: net.Socket.prototype.connect, tls: tls.connect }
  const emulator = await startEmulator({ intercept: true })
  t.teardown(emulator.stop)
  const ways: Readonly<Record<string, () => Promise<string>>> = {
    fetch: async () => await (await fetch(URL_OF_VENDOR, { method: 'POST', body: SAMPLE_REQUEST })).text(),
    'fetch, plain': async () => await (await fetch(URL_OF_VENDOR.replace('https', 'http'), { method: 'POST', body: SAMPLE_REQUEST })).text(),
    'fetch, a host below': async () => await (await fetch(URL_OF_VENDOR.replace('picky', 'app.picky'), { method: 'POST', body: SAMPLE_REQUEST })).text(),
    https: async () => await textOf(askSecurely(URL_OF_VENDOR, post)),
    'https as a whole': async () => await textOf(https.request(URL_OF_VENDOR, post)),
    'https with CAs of its own': async () => await textOf(askSecurely(URL_OF_VENDOR, { ...post, ca: [...rootCertificates] })),
    http: async () => await textOf(askPlain(URL_OF_VENDOR.replace('https', 'http'), post))
  }
  for (const [name, ask] of Object.entries(ways)) {
    await emulator.reset()
    t.strictSame(JSON.parse(await ask()), JSON.parse(SAMPLE_ANSWER), name)
  }
  await emulator.stop()
  t.equal(net.Socket.prototype.connect, before.connect)
  t.equal(tls.connect, before.tls)
})

t.test('sockets are redirected by whatever arguments they are opened, and others are left alone', async t => {
  const emulator = await startEmulator({ intercept: true })
  t.teardown(emulator.stop)
  const { tlsPort, proxyPort } = emulator.interception!
  const ports: ReadonlyArray<[string, () => Socket, number]> = [
    ['options', () => connect({ host: 'pickyassist.com', port: 443 }), tlsPort],
    ['port and host', () => connect(80, 'PickyAssist.com.'), proxyPort!],
    ['port as text', () => connect({ host: 'pickyassist.com', port: '80' as unknown as number }), proxyPort!],
    ['a socket of its own', () => new net.Socket().connect(443, 'app.pickyassist.com', () => {}), tlsPort],
    ['a socket of its own, with options', () => new net.Socket().connect({ port: 80, host: 'pickyassist.com' }), proxyPort!],
    ['tls, options', () => connectSecurely({ host: 'pickyassist.com', port: 443, servername: 'pickyassist.com' }), tlsPort],
    ['tls, port, host and options', () => connectSecurely(443, 'pickyassist.com', { servername: 'pickyassist.com' }, () => {}), tlsPort],
    ['another host', () => connect(Number(new URL(emulator.url).port), '127.0.0.1'), Number(new URL(emulator.url).port)],
    ['no host', () => connect(tlsPort), tlsPort]
  ]
  for (const [name, open, port] of ports) {
    const socket = open().on('error', () => {})
    await once(socket, (socket as TLSSocket).encrypted ? 'secureConnect' : 'connect')
    t.equal(socket.remotePort, port, name)
    if ((socket as TLSSocket).encrypted) t.ok((socket as TLSSocket).authorized, name)
    socket.destroy()
  }
  await t.rejects(once(connect('/nowhere/socket'), 'connect'), { code: 'ENOENT' }, 'a path')
  const other = connectSecurely({ port: tlsPort, host: '127.0.0.1', servername: 'example.com' }).on('error', () => {})
  await t.rejects(once(other, 'secureConnect'), { code: /SELF_SIGNED|ALTNAME/ }, 'our CA is for the vendor only')
})

t.test('a second emulator that intercepts is refused, one that does not is beside it', async t => {
  const emulator = await startEmulator({ intercept: true })
  const beside = await startEmulator()
  t.equal(beside.interception, null)
  const message = "the option intercept is wrong: this process's connections to the vendor already lead to another emulator; stop that one first"
  await t.rejects(startEmulator({ intercept: true }), { name: 'Problem', message })
  await emulator.stop()
  await beside.stop()
  const both = await Promise.allSettled([startEmulator({ intercept: true }), startEmulator({ intercept: true })])
  t.strictSame(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], 'also at the same moment')
  for (const one of both) if (one.status === 'fulfilled') await one.value.stop()
  const next = await startEmulator({ intercept: true })
  await emulator.stop()
  await t.rejects(startEmulator({ intercept: true }), { message }, 'a second stop() of the first one changes nothing')
  await next.stop()
  await t.rejects(startEmulator({ intercept: true, port: 70_000 }), { name: 'Problem', message: /port is wrong/ })
  await (await startEmulator({ intercept: true })).stop()
})

t.test('what has wrapped the functions meanwhile stays, and leads to the vendor again after stop()', async t => {
  const real = { connect: net.Socket.prototype.connect, tls: tls.connect }
  const emulator = await startEmulator({ intercept: true })
  const [ours, oursTls] = [net.Socket.prototype.connect, tls.connect]
  net.Socket.prototype.connect = function (this: Socket, ...args: unknown[]) { return (ours as (...args: unknown[]) => Socket).apply(this, args) } as typeof ours
  tls.connect = ((...args: unknown[]) => (oursTls as (...args: unknown[]) => TLSSocket)(...args)) as typeof tls.connect
  const wrappers = [net.Socket.prototype.connect, tls.connect]
  await emulator.stop()
  t.strictSame([net.Socket.prototype.connect, tls.connect], wrappers)
  const asked: string[] = []
  const lookup = (host: string, _options: object, callback: (error: Error) => void): void => {
    asked.push(host)
    callback(new Error('not in this test'))
  }
  await t.rejects(once(net.connect({ host: 'pickyassist.com', port: 80, lookup: lookup as never }), 'connect'), /not in this test/)
  await once(tls.connect({ host: 'pickyassist.com', port: 443, lookup: lookup as never }), 'error').catch(() => {})
  t.strictSame(asked, ['pickyassist.com', 'pickyassist.com'])
  Object.assign(net.Socket.prototype, { connect: real.connect })
  tls.connect = real.tls
})
