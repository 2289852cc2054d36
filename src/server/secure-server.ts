import { createServer, type ServerOptions } from 'node:https'
import type { ServerIdentity } from '../tls/certificate.js'
import { PLAIN, type ServerKind } from './connection.js'

/** How long, in milliseconds, a client may take for the handshake. */
const HANDSHAKE_TIMEOUT = 30_000

/** HTTP over TLS. HTTP/1.1 is all it agrees on, with clients that offer HTTP/2 as well. */
export function secure ({ key, cert, ca }: ServerIdentity): ServerKind {
  // It asks no client for a certificate, so it trusts none: without `ca`, Node would load all of its roots.
  const tls: ServerOptions = { key, cert: cert + ca, ca, ALPNProtocols: ['http/1.1'], handshakeTimeout: HANDSHAKE_TIMEOUT }
  return {
    ...PLAIN,
    setting: '--tls-port',
    create (options, listener) {
      const server = createServer({ ...options, ...tls }, listener)
      // Node would take what is no TLS for bad HTTP, which can be answered.
      return server.removeAllListeners('tlsClientError').on('tlsClientError', (_error, socket) => { socket.destroy() })
    },
    opened: 'secureConnection'
  }
}
