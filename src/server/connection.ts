import { createServer, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { answerConnect, answerGarbage } from './garbage.js'
import type { Limits } from './limits.js'
import { lingeringClose } from './lingering-close.js'
import { oneAtATime, pendingResponse } from './pipeline.js'

/** An HTTP server whose clients can't exceed the limits. Connections that it no longer closes itself are added to `handedOver`. */
export function limitedServer (handler: RequestListener, limits: Limits, handedOver: Set<Duplex>): Server {
  const { maxConnections, requestsWaiting, unreadTimeout: timeout } = limits
  const listener = oneAtATime(handler, requestsWaiting)
  // Node would refuse some requests itself, without a body; they are left to the app.
  const server: Server = createServer({ ...limits, requireHostHeader: false }, listener)
    .on('checkExpectation', listener)
    // Node calls this after the last response of a connection, such as one with `connection: close`.
    .on('connection', socket => { socket.destroySoon = () => { lingeringClose(socket, limits) } })
    .on('clientError', (error, socket) => { answerGarbage(error, socket as Socket, limits) })
    .on('connect', (_request, duplex) => {
      const socket = duplex as Socket
      // Node hands the connection over: it no longer watches it for silence, nor closes it with the others.
      handedOver.add(socket)
      socket.on('error', () => {}).on('timeout', () => server.emit('timeout', socket)).on('close', () => { handedOver.delete(socket) })
      answerConnect(socket, limits)
    })
    // A client that waits for a slow response is silent too.
    .on('timeout', socket => { if (pendingResponse(socket) === undefined || socket.writableLength > 0) socket.destroy() })
  // All headers that fit are read; by default, Node would ignore those beyond two thousand.
  return Object.assign(server, { maxConnections, timeout, maxHeadersCount: 0 })
}
