import type { Socket } from 'node:net'
import { clearTimeout, setTimeout } from '../machine.js'
import type { Limits } from './limits.js'
import { tcpOf } from './reset.js'

const discarding = new WeakSet<Socket>()

/** Whether what arrives on a connection is discarded. */
export function isDiscarding (socket: Socket): boolean {
  return discarding.has(socket)
}

/** Discards whatever else arrives on a connection: it reaches no parser, so it can neither become a request nor use up memory. */
export function discardInput (socket: Socket): void {
  discarding.add(socket)
  socket.removeAllListeners('data')
  // Node's parser reads below the stream, until the stream has a listener for data. The stream still considers its first read
  // unfinished and would not start the next one if the parser has paused; an empty chunk finishes it.
  socket.on('data', () => {}).push('')
  socket.resume()
}

/**
 * Closes a connection after what is written to it, so that the client gets all of it even while it is still sending. Closing at
 * once, with bytes unread, would make the kernel reset the connection, and the client would lose the response. So only this side
 * is closed, and input is discarded until the client closes its side too or a limit is reached.
 */
export function lingeringClose (socket: Socket, limits: Limits): void {
  linger(socket, limits, socket)
}

const limitsOf = new WeakMap<Socket, Limits>()

/** Makes a connection linger within these limits, whoever closes it. */
export function limitLingering (socket: Socket, limits: Limits): void {
  limitsOf.set(socket, limits)
  // Node calls this after the last response of a connection, such as one with `connection: close`.
  socket.destroySoon = () => { lingeringClose(socket, limits) }
}

/**
 * Closes a connection whose lingering is limited as a server that has crashed would (TCP FIN): on TLS, without the alert that says that
 * all was sent.
 */
export function closeAbruptly (socket: Socket): void {
  linger(socket, limitsOf.get(socket)!, tcpOf(socket))
}

/** Ends this side of a connection, or of what is below it, and waits for the other one. */
function linger (socket: Socket, { lingeringTimeout, lingeringTime }: Limits, ended: Socket): void {
  discardInput(socket)
  // Until everything is sent, the limit for unread responses applies.
  ended.end().once('finish', () => {
    const destroy = (): void => { socket.destroy() }
    socket.setTimeout(lingeringTimeout, destroy)
    const timer = setTimeout(destroy, lingeringTime)
    socket.once('close', () => { clearTimeout(timer) })
  })
}
