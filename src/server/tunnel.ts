import { connect, isIP, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import { guardedLookup, LEADS_BACK, type Destination } from './destination.js'
import type { Limits } from './limits.js'
import { resetConnection } from './reset.js'

/** A proxy that was set before the emulator's, for all hosts but the vendor's. */
export interface Upstream {
  readonly host: string
  readonly port: number
  /** Whether it is itself reached over TLS. */
  readonly secure: boolean
  /** Value of `proxy-authorization`; none by default. */
  readonly authorization?: string
}

/** How long, in milliseconds, it may take until a connection is there. */
const CONNECT_TIMEOUT = 30_000

/** Maximum size, in bytes, of an upstream proxy's answer to CONNECT. */
const MAX_ANSWER = 16_384

/** Connects to a destination for a client, through the upstream proxy if there is one. */
export async function openTunnel (
  client: Socket, { host, port }: Destination, upstream: Upstream | null, ownPorts: ReadonlySet<number>, { unreadTimeout }: Limits
): Promise<Socket> {
  if (upstream === null) return await connected(client, connect({ host, port, allowHalfOpen: true, lookup: guardedLookup(port, ownPorts) }))
  await mustNotLeadBack(host, port, ownPorts)
  const socket = await connectedTo(client, upstream)
  const authorization = upstream.authorization === undefined ? '' : `proxy-authorization: ${upstream.authorization}\r\n`
  socket.write(`CONNECT ${host}:${port} HTTP/1.1\r\nhost: ${host}:${port}\r\n${authorization}\r\n`)
  return await dropWith(client, socket, accepted(socket, unreadTimeout))
}

/** Connects to an upstream proxy for a client. */
export async function connectedTo (client: Socket, { host, port, secure }: Upstream): Promise<Socket> {
  if (!secure) return await connected(client, connect({ host, port, allowHalfOpen: true }))
  // An address is no server name in TLS, and newer versions of Node.js refuse it as one.
  const named = isIP(host) === 0 && { servername: host }
  return await connected(client, connectSecurely({ host, port, ...named, ALPNProtocols: ['http/1.1'] }), 'secureConnect')
}

/** Fails for a name that leads back. One that only the upstream proxy can resolve is left to it. */
export async function mustNotLeadBack (host: string, port: number, ownPorts: ReadonlySet<number>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    guardedLookup(port, ownPorts)(host, { all: true }, error => {
      if (error?.code === LEADS_BACK) reject(error)
      else resolve()
    })
  })
}

async function connected (client: Socket, socket: Socket, event = 'connect'): Promise<Socket> {
  // Whether the process may end is up to the listeners and their clients.
  socket.unref()
  return await dropWith(client, socket, new Promise((resolve, reject) => {
    socket.setTimeout(CONNECT_TIMEOUT, () => { socket.destroy(new Error('no connection in time')) })
    socket.once('error', reject).once(event, () => {
      socket.off('error', reject).removeAllListeners('timeout').setTimeout(0)
      resolve(socket)
    })
  }))
}

/** Drops a connection whose client goes away while it is being opened. */
async function dropWith (client: Socket, socket: Socket, opened: Promise<Socket>): Promise<Socket> {
  const drop = (): void => { socket.destroy(new Error('the client is gone')) }
  client.once('close', drop)
  try {
    return await opened
  } finally {
    client.off('close', drop)
  }
}

/** Waits until the upstream proxy has opened the tunnel. What comes behind its answer is the first of the tunnel. */
function accepted (socket: Socket, timeout: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0)
    const fail = (why: string): void => {
      socket.destroy()
      reject(new Error(`the proxy that was set before ${why}`))
    }
    const ended = (): void => { fail('has closed the connection') }
    const read = (chunk: Buffer): void => {
      answer = Buffer.concat([answer, chunk])
      const end = answer.indexOf('\r\n\r\n')
      if (end === -1) {
        if (answer.length > MAX_ANSWER) fail('answered without end')
        return
      }
      const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(answer.toString('latin1')) ?? []
      if (status !== '200') return fail(`answered ${status ?? 'something else than HTTP'}`)
      socket.pause().off('data', read).off('end', ended).off('close', ended).removeAllListeners('timeout').setTimeout(0)
      if (answer.length > end + 4) socket.unshift(answer.subarray(end + 4))
      resolve(socket)
    }
    socket.on('data', read).on('error', () => {}).once('end', ended).once('close', ended).setTimeout(timeout, () => { fail('does not answer') })
  })
}

/** Joins two connections until both sides have ended. A reset of one is a reset of the other. */
export function join (client: Socket, server: Socket): void {
  for (const [one, other] of [[client, server], [server, client]] as const) {
    one.on('error', () => {}).pipe(other)
    one.once('close', hadError => {
      if (hadError) resetConnection(other)
      else other.destroySoon()
    })
  }
}
