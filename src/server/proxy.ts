import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { URL } from 'node:url'
import { hostName, isVendorHost } from '../text/vendor-host.js'
import { PLAIN, type ServerKind } from './connection.js'
import { LEADS_BACK, readDestination, refusalOf, type Destination } from './destination.js'
import { forward, pathIn } from './forward.js'
import { LIMITS } from './limits.js'
import { PROTECTIVE_HEADERS } from './protective-headers.js'
import { join, openTunnel, type Upstream } from './tunnel.js'

/** What a proxy does with the hosts that it is asked for. */
export interface ProxyOptions {
  /** Answers requests to the vendor's hosts. */
  readonly handler: RequestListener
  /** Takes connections to the vendor's hosts on which TLS is to be spoken. */
  readonly acceptSecure: (socket: Socket) => void
  /** Whether all other hosts are refused. */
  readonly offline: boolean
  /** The proxy that leads to all other hosts; `null` for none. */
  readonly upstream: Upstream | null
  /** Ports that the emulator listens on. */
  readonly ownPorts: ReadonlySet<number>
}

export interface Proxy {
  readonly kind: ServerKind
  readonly listener: RequestListener
  /** Hosts that were refused because of `offline`, each once. */
  readonly refusedHosts: () => string[]
  /** Opens no more tunnels: what they lead to is about to end. */
  readonly refuseTunnels: () => void
}

/** Maximum number of refused hosts that are remembered. */
const MAX_REFUSED_HOSTS = 100

const HTTP_PORT = 80
const HTTPS_PORT = 443

/** An answer of the proxy itself: its status, and one line that says why. */
class ProxyRefusal extends Error {
  constructor (readonly status: '400 Bad Request' | '403 Forbidden' | '502 Bad Gateway' | '503 Service Unavailable', why: string) {
    super(why)
  }
}

/**
 * Creates an HTTP proxy that answers for the vendor's hosts, and leads to all others, or to none. It is a door of the machine: it does
 * not lead back to the machine, and so not to the control API either.
 */
export function createProxy ({ handler, acceptSecure, offline, upstream, ownPorts }: ProxyOptions): Proxy {
  const refused = new Set<string>()
  let isEnding = false
  // Connections that the client has to the vendor's port 80 through a tunnel, or by a redirect.
  let acceptPlain: (socket: Socket) => void

  return {
    listener: (request, response) => { answer(request, response).catch(error => { answerRefusal(request, response, error as ProxyRefusal) }) },
    kind: {
      ...PLAIN,
      setting: '--proxy-port',
      create (options, listener) {
        const server = createServer(options, listener)
        acceptPlain = socket => { server.emit('connection', socket) }
        return server
      },
      connect (socket, _limits, { url }, _report, head) {
        // From here on, whoever speaks through it watches for silence.
        socket.setTimeout(0)
        if (head.length > 0) socket.unshift(head)
        open(socket, url!).catch(error => { socket.end(refusalText(error as ProxyRefusal)) })
      }
    },
    refusedHosts: () => [...refused],
    refuseTunnels () { isEnding = true }
  }

  async function open (socket: Socket, authority: string): Promise<void> {
    if (isEnding) throw new ProxyRefusal('503 Service Unavailable', 'the emulator is stopping')
    const destination = readDestination(authority)
    if (destination === undefined) throw new ProxyRefusal('400 Bad Request', 'CONNECT needs HOST:PORT')
    const accept = isVendorHost(destination.host) ? ofVendor(destination) : await tunnelTo(socket, destination)
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    accept(socket)
  }

  function ofVendor ({ host, port }: Destination): (socket: Socket) => void {
    if (port === HTTPS_PORT) return acceptSecure
    if (port === HTTP_PORT) return acceptPlain
    throw new ProxyRefusal('502 Bad Gateway', `${host} is emulated on the ports ${HTTP_PORT} and ${HTTPS_PORT} only`)
  }

  async function tunnelTo (client: Socket, destination: Destination): Promise<(socket: Socket) => void> {
    mustBeAllowed(destination)
    const server = await openTunnel(client, destination, upstream, ownPorts, LIMITS).catch(error => { throw failureOf(destination, error as Error) })
    return () => { join(client, server) }
  }

  async function answer (request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url!
    // A client whose connections are redirected knows nothing of a proxy.
    if (target.startsWith('/') && isVendorHost((request.headers.host ?? '').replace(/:\d+$/, ''))) return handler(request, response)
    const url = /^https?:\/\//i.test(target) && URL.canParse(target) ? new URL(target) : undefined
    if (url === undefined) throw new ProxyRefusal('400 Bad Request', 'this is a proxy, for requests such as GET http://HOST/PATH, and CONNECT')
    const isSecure = url.protocol === 'https:'
    const destination = { host: hostName(url.hostname), port: Number(url.port || (isSecure ? HTTPS_PORT : HTTP_PORT)) }
    if (isVendorHost(destination.host)) {
      ofVendor(destination)
      request.url = pathIn(target)
      return handler(request, response)
    }
    mustBeAllowed(destination)
    if (isSecure) throw new ProxyRefusal('400 Bad Request', `${destination.host} is reached over TLS by CONNECT only`)
    await forward(request, response, url, destination, upstream, ownPorts).catch(error => { throw failureOf(destination, error as Error) })
  }

  function mustBeAllowed ({ host }: Destination): void {
    if (offline) {
      if (refused.size < MAX_REFUSED_HOSTS) refused.add(host)
      throw new ProxyRefusal('502 Bad Gateway', `${host} is not reached, because of --offline`)
    }
    const why = refusalOf(host)
    if (why !== undefined) throw new ProxyRefusal('403 Forbidden', `${host}: ${why}`)
  }
}

function failureOf ({ host, port }: Destination, { message, code }: NodeJS.ErrnoException): ProxyRefusal {
  return code === LEADS_BACK ? new ProxyRefusal('403 Forbidden', message) : new ProxyRefusal('502 Bad Gateway', `${host}:${port} is not reached: ${message}`)
}

function answerRefusal (request: IncomingMessage, response: ServerResponse, { status, message }: ProxyRefusal): void {
  request.resume()
  const body = bodyOf(message)
  response.writeHead(Number(status.slice(0, 3)), { ...HEADERS, 'content-length': Buffer.byteLength(body) }).end(body)
}

function refusalText ({ status, message }: ProxyRefusal): string {
  const body = bodyOf(message)
  const headers = { ...HEADERS, 'content-length': Buffer.byteLength(body), connection: 'close' }
  return [`HTTP/1.1 ${status}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), '', body].join('\r\n')
}

const HEADERS = { ...PROTECTIVE_HEADERS, 'content-type': 'text/plain; charset=utf-8' }

function bodyOf (message: string): string {
  return `picky-emulator: ${message}\n`
}
