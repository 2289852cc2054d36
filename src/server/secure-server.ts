import { createServer, type ServerOptions } from 'node:https'
import type { Socket } from 'node:net'
import type { ServerIdentity } from '../tls/certificate.js'
import { PLAIN, type ServerKind } from './connection.js'
import { dropUnsecured, refusePlain } from './refuse-unreadable.js'
import { isTls } from './unreadable-request.js'

/** How long, in milliseconds, a client may take for its first byte, and for the handshake. */
const HANDSHAKE_TIMEOUT = 30_000

/** HTTP over TLS. HTTP/1.1 is all it agrees on, with clients that offer HTTP/2 as well. */
export function secure ({ key, cert, ca }: ServerIdentity, handshakeTimeout = HANDSHAKE_TIMEOUT): ServerKind {
  // It asks no client for a certificate, so it trusts none: without `ca`, Node would load all of its roots.
  const tls: ServerOptions = { key, cert: cert + ca, ca, ALPNProtocols: ['http/1.1'], handshakeTimeout }
  return {
    ...PLAIN,
    setting: '--tls-port',
    create (options, listener, limits, report) {
      const server = createServer({ ...options, ...tls }, listener)
      const handshakes = server.listeners('connection')
      // A client without TLS can be answered only before Node takes its bytes for a handshake, and drops them.
      server.removeAllListeners('connection').on('connection', (socket: Socket) => {
        socket.on('error', () => {}).setTimeout(handshakeTimeout, () => { socket.destroy() })
        socket.once('data', bytes => {
          socket.pause().removeAllListeners('timeout').setTimeout(0)
          if (!isTls(bytes)) return refusePlain(socket, bytes, limits, report)
          socket.unshift(bytes)
          for (const begin of handshakes) begin.call(server, socket)
        })
      })
      // Node would take what is no TLS for bad HTTP, which can be answered.
      return server.removeAllListeners('tlsClientError').on('tlsClientError', (error, socket) => { dropUnsecured(error, socket, report) })
    },
    opened: 'secureConnection'
  }
}
