import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { connect as connectSecurely, type ConnectionOptions, type TLSSocket } from 'node:tls'
import type { Interception } from '../../src/server/interception.js'
import { closed } from './closed.js'
import { CHANGE_BILLING, SAMPLE_REQUEST } from './emulator.js'

/** The documented request, as raw bytes. */
export const REQUEST = `POST ${CHANGE_BILLING} HTTP/1.1\r\nhost: pickyassist.com\r\ncontent-length: ${SAMPLE_REQUEST.length}\r\n\r\n${SAMPLE_REQUEST}`

/** What a client sees of a connection, up to its end. */
export interface Ending {
  readonly text: string
  /** How it ended: `closed` by a FIN, `reset` by a RST; `open` if it did not. */
  readonly end: 'closed' | 'reset' | 'open'
}

/**
 * Sends bytes and reads until the connection ends, has brought `enough`, or is open when `patience` is over. `wire` is the TCP connection
 * below TLS.
 */
export async function exchange (
  socket: Socket, bytes: string, { patience, wire = socket, enough = /(?!)/ }: { patience?: () => Promise<unknown>, wire?: Socket, enough?: RegExp } = {}
): Promise<Ending> {
  let text = ''
  let end: Ending['end'] = 'closed'
  const leave = (): void => {
    end = 'open'
    wire.destroy()
  }
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    if (enough.test(text)) leave()
  }).on('error', () => {})
  wire.on('error', ({ code }: NodeJS.ErrnoException) => { if (code === 'ECONNRESET' || code === 'EPIPE') end = 'reset' })
  socket.write(bytes)
  if (patience !== undefined) await patience().then(leave)
  if (!wire.closed) await new Promise(resolve => { wire.once('close', resolve) })
  return { text, end }
}

/** Opens a connection to the vendor's server over TLS, at the emulator's own port or through a tunnel. */
export async function secureConnection (
  { tlsPort, ca }: Interception, servername = 'pickyassist.com', through?: Duplex, options: ConnectionOptions = {}
): Promise<TLSSocket> {
  const socket = connectSecurely({
    ...options, servername, ca, ALPNProtocols: ['h2', 'http/1.1'], ...through === undefined ? { port: tlsPort, host: '127.0.0.1' } : { socket: through }
  })
  await once(socket, 'secureConnect')
  return socket
}

/** TLS on a connection, all of whose bytes can be seen: TLS of Node would read below it. */
export async function visibleTls (
  interception: Interception, wire: Socket, options: ConnectionOptions = {}
): Promise<{ readonly socket: TLSSocket, readonly received: Buffer[] }> {
  const received: Buffer[] = []
  const between = new Duplex({
    read () { wire.resume() },
    write (chunk, _encoding, done) { wire.write(chunk as Buffer, () => done()) },
    final (done) { wire.end(done) }
  })
  wire.on('error', () => {}).on('end', () => { between.push(null) }).on('data', (chunk: Buffer) => {
    received.push(chunk)
    between.push(chunk)
  })
  return { socket: await secureConnection(interception, 'pickyassist.com', between, options), received }
}

/** Opens a plain connection to a port of the loopback. */
export async function plainConnection (port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

/** Asks a proxy for a tunnel, and gives the head and body of its answer, with the connection behind it. */
export async function tunnel (port: number, authority: string, more = ''): Promise<{ readonly answer: string, readonly socket: Socket }> {
  const socket = await plainConnection(port)
  socket.on('error', () => {}).write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n\r\n${more}`)
  let answer = ''
  while (!/\r\n\r\n/.test(answer)) {
    const [chunk] = await Promise.race([new Promise<[Buffer]>(resolve => socket.once('data', chunk => resolve([chunk]))), closed(socket).then(() => [undefined])])
    if (chunk === undefined) break
    answer += chunk.toString()
  }
  return { answer, socket }
}
