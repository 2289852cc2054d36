import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** How far a client can go; times are in milliseconds. `docs/reliability.md` says what happens beyond. */
export interface Limits {
  /** How long the headers of a request may take and how long the whole of it, from its first byte on; the first one's from the connection on. */
  readonly headersTimeout: number
  readonly requestTimeout: number
  /** How often these two are looked at. */
  readonly connectionsCheckingInterval: number
  /** How long a connection may be idle after an answer. */
  readonly keepAliveTimeout: number
  /** How long it may read nothing of what is sent to it, or stay when nothing more is to come. */
  readonly unreadTimeout: number
  /** The request line and all headers together, in bytes. */
  readonly maxHeaderSize: number
  /** At each address. */
  readonly maxConnections: number
  /** How many requests of one connection may wait for the answer before theirs; while more do, nothing is read. */
  readonly requestsWaiting: number
}

export const LIMITS: Limits = {
  headersTimeout: 30_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 5000,
  keepAliveTimeout: 72_000,
  unreadTimeout: 60_000,
  maxHeaderSize: 16_384,
  maxConnections: 16_384,
  requestsWaiting: 16
}

export function bounded (handler: RequestListener, limits: Limits, handedOver: Set<Duplex>): Server {
  const { maxConnections, requestsWaiting, unreadTimeout: timeout } = limits
  const work = inTurn(handler, requestsWaiting)
  // What Node would answer itself, without a body, is left to the app.
  const server: Server = createServer({ ...limits, requireHostHeader: false }, work)
    .on('checkExpectation', work)
    .on('clientError', answerGarbage)
    .on('connect', (_request, socket) => {
      // Node hands it over: it reads no more of it, no longer looks at how long it is silent, and does not close it with the others.
      handedOver.add(socket)
      socket.on('error', () => {}).on('timeout', () => server.emit('timeout', socket)).on('close', () => { handedOver.delete(socket) }).resume()
      afterAnswers(socket, () => endWith(socket, '405 Method Not Allowed', 'this is no proxy, and takes no CONNECT'))
    })
    // A client may send many requests at once over one connection, each of which waits for its end.
    .on('connection', socket => { socket.setMaxListeners(0) })
    // Silent is also who waits for an answer that takes its time.
    .on('timeout', socket => { if (!answerOn(socket) || socket.writableLength > 0) socket.destroy() })
  // As many headers as there is room for: Node would pass over those beyond two thousand.
  return Object.assign(server, { maxConnections, timeout, maxHeadersCount: 0 })
}

/**
 * Works on the requests of a connection one after the other, and reads no more of them while many wait: a client that sends
 * without end and reads no answer would fill the memory otherwise, and keep everybody else waiting.
 */
function inTurn (handler: RequestListener, mostWaiting: number): RequestListener {
  const lines = new WeakMap<Socket, number>()
  return (request, response) => {
    // The first one in line, as almost every request is.
    if (response.socket !== null) return handler(request, response)
    const { socket } = request
    const isTooLong = (): boolean => lines.get(socket)! > mostWaiting
    // Node reads on by itself when what it has sent was taken.
    if (!lines.has(socket)) socket.on('resume', () => { if (isTooLong()) socket.pause() })
    lines.set(socket, (lines.get(socket) ?? 0) + 1)
    if (isTooLong()) socket.pause()
    response.once('socket', () => {
      lines.set(socket, lines.get(socket)! - 1)
      if (socket.isPaused() && !isTooLong()) socket.resume()
      // After everybody else: whatever is answered at once would come all in one go.
      const turn = setImmediate(handler, request, response)
      response.once('close', () => { clearImmediate(turn) })
    })
  }
}

const GARBAGE_STATUSES: Record<string, string> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout'
}

/** Connections that will bring nothing more that can be read. */
const broken = new WeakSet<Duplex>()

/** Bytes that are no HTTP request never reach a route; they too are answered in the documented error format. */
function answerGarbage ({ code }: NodeJS.ErrnoException, socket: Duplex): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  // What comes behind what can't be read can't be read either, and is answered already.
  if (broken.has(socket)) return
  // It may have been sent long ago: what is behind others is not read before their answers.
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT' && answerOn(socket)?.req.complete === true) return
  broken.add(socket)
  const status = GARBAGE_STATUSES[String(code)] ?? '400 Bad Request'
  afterAnswers(socket, () => endWith(socket, status, `this is not an HTTP/1.1 request that can be read (${status.slice(4).toLowerCase()})`))
}

/**
 * Waits for the answers to the requests that came in whole before: each is somebody's, and what is written before it would be
 * taken for it.
 */
function afterAnswers (socket: Duplex, then: () => void): void {
  const answer = answerOn(socket)
  if (answer?.req.complete === true) {
    answer.once('close', () => { if (socket.writable) afterAnswers(socket, then) })
  } else if (answer?.headersSent === true) {
    socket.destroy()
  } else {
    then()
  }
}

/** The answer that is being sent on a connection, or is the next one. Node's own way to deal with garbage looks at the same property. */
function answerOn (socket: Duplex): ServerResponse | null | undefined {
  return (socket as Duplex & { readonly _httpMessage?: ServerResponse | null })._httpMessage
}

function endWith (socket: Duplex, status: string, message: string): void {
  const body = JSON.stringify({ status: 410, message: `Invalid Request: ${message}` })
  socket.end(`HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`)
}
