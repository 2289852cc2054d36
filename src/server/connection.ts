import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerOptions } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Limits } from './limits.js'
import { limitLingering } from './lingering-close.js'
import { oneAtATime, pendingResponse } from './pipeline.js'
import { refuseTunnel, refuseUnreadable } from './refuse-unreadable.js'
import type { ReportUnreadable } from './unreadable-request.js'

/** What a server speaks, below HTTP and beside it. */
export interface ServerKind {
  /** The option that its port is set by. */
  readonly setting: string
  readonly create: (options: ServerOptions, listener: RequestListener, limits: Limits, report: ReportUnreadable) => Server
  /** The event by which it presents a connection that HTTP is spoken on. */
  readonly opened: 'connection' | 'secureConnection'
  /** Deals with a client that asks for a tunnel, on a connection that Node no longer watches. */
  readonly connect: (socket: Socket, limits: Limits, request: IncomingMessage, report: ReportUnreadable, head: Buffer) => void
}

/** Plain HTTP, no tunnels. */
export const PLAIN: ServerKind = { setting: '--port', create: createServer, opened: 'connection', connect: refuseTunnel }

/**
 * An HTTP server whose clients can't exceed the limits. Connections on which HTTP is no longer spoken with it are in `handedOver`;
 * requests that don't reach the handler are reported.
 */
export function limitedServer (
  handler: RequestListener, limits: Limits, handedOver: Set<Duplex>, kind: ServerKind = PLAIN, report: ReportUnreadable = () => {}
): Server {
  const { maxConnections, requestsWaiting, unreadTimeout: timeout } = limits
  const listener = oneAtATime(handler, requestsWaiting)
  // Node would refuse some requests itself, without a body; they are left to the app.
  const server: Server = kind.create({ ...limits, requireHostHeader: false }, listener, limits, report)
    .on('checkExpectation', listener)
    .on(kind.opened, (socket: Socket) => {
      // A tunnel may have led back to this server.
      handedOver.delete(socket)
      limitLingering(socket, limits)
    })
    .on('clientError', (error, socket) => { refuseUnreadable(error, socket as Socket, limits, report) })
    .on('connect', (request, duplex, head) => {
      const socket = duplex as Socket
      // Node hands the connection over: it no longer watches it for silence, nor closes it with the others.
      handedOver.add(socket)
      socket.on('error', () => {}).on('timeout', () => server.emit('timeout', socket)).on('close', () => { handedOver.delete(socket) })
      kind.connect(socket, limits, request, report, head)
    })
    // A client that waits for a slow response is silent too.
    .on('timeout', socket => { if (pendingResponse(socket) === undefined || socket.writableLength > 0) socket.destroy() })
  // All headers that fit are read; by default, Node would ignore those beyond two thousand.
  return Object.assign(server, { maxConnections, timeout, maxHeadersCount: 0 })
}
