import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Limits } from './limits.js'
import { discardInput, isDiscarding, lingeringClose } from './lingering-close.js'
import { afterPendingResponses, pendingResponse } from './pipeline.js'
import { PROTECTIVE_HEADERS } from './protective-headers.js'
import { arrived, beginningOf, isTls, type ClientError, type ReportUnreadable, type UnreadableRequest } from './unreadable-request.js'

const STATUSES: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout'
}

/** Answers what is not a readable HTTP request, or not in time, and so never reaches a route, in the documented error format. */
export function refuseUnreadable (error: ClientError, socket: Socket, limits: Limits, report: ReportUnreadable): void {
  // Everything behind the first garbage is discarded with it; so is what the client leaves unfinished when it closes its side.
  if (isDiscarding(socket)) return
  const { code } = error
  const request = { ...causeOf(error, limits), ...arrived(error, socket), port: socket.localPort }
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    // A connection may be closed at any time, but not amid a request.
    if (request.head !== undefined) report({ ...request, says: 'the client had gone before the request was complete', answer: null })
    return
  }
  const isLate = code === 'ERR_HTTP_REQUEST_TIMEOUT'
  // The client may have sent it in time: behind other requests, it is not read before their responses are sent.
  if (isLate && pendingResponse(socket)?.req.complete === true) return
  const status = STATUSES[String(code)] ?? '400 Bad Request'
  // A connection that was opened in advance, as browsers do, and not used is no request.
  const reportIfAny = isLate && socket.bytesRead === 0 ? () => {} : report
  respondAndClose(socket, status, `this is not a readable HTTP/1.1 request (${status.slice(4).toLowerCase()})`, limits, request, reportIfAny)
}

/** Refuses to open a tunnel, which is what a client asks a proxy for. */
export function refuseTunnel (socket: Socket, limits: Limits, head: IncomingMessage, report: ReportUnreadable): void {
  const says = 'CONNECT was sent to the emulator itself, which is not a proxy; --proxy-port starts one'
  const request = { lint: 'unreadable', says, head, bytes: Buffer.alloc(0), isBeginning: true, port: socket.localPort } as const
  respondAndClose(socket, '405 Method Not Allowed', 'this is not a proxy and does not accept CONNECT', limits, request, report)
}

/** Answers a client that does not speak TLS on a port that does. */
export function refusePlain (socket: Socket, bytes: Buffer, limits: Limits, report: ReportUnreadable): void {
  const says = 'bytes without TLS came to the port of HTTPS: use https:// there, or http:// with the emulator\'s own port'
  const request = { lint: 'http-to-https-port', says, bytes: beginningOf(bytes), isBeginning: true, port: socket.localPort } as const
  respondAndClose(socket, '400 Bad Request', 'this port speaks HTTPS only', limits, request, report)
}

/** Reports a client with which no TLS connection came about. Nothing can be said to it. */
export function dropUnsecured ({ code, reason, message }: ClientError, socket: Socket, report: ReportUnreadable): void {
  const [why, advice] = code === 'ECONNRESET' || /ALERT|CERT/.test(String(code))
    ? ['the client ended it', '; does it trust the emulator\'s CA, and is the host the vendor\'s?']
    : [reason ?? message, '']
  const says = `the TLS handshake failed: ${why}${reason !== undefined && advice !== '' ? ` (${reason})` : ''}${advice}`
  report({ lint: 'tls-handshake', says, bytes: Buffer.alloc(0), isBeginning: true, port: socket.localPort, answer: null })
  socket.destroy()
}

function causeOf ({ code, rawPacket, reason }: ClientError, { maxHeaderSize }: Limits): Pick<UnreadableRequest, 'lint' | 'says'> {
  if (rawPacket !== undefined && isTls(rawPacket)) {
    return { lint: 'https-to-http-port', says: 'TLS came to a port of plain HTTP: use http:// there, or https:// with the port that --tls-port sets' }
  }
  return { lint: 'unreadable', says: saysOf(code, reason, maxHeaderSize) }
}

function saysOf (code: string | undefined, reason: string | undefined, maxHeaderSize: number): string {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW': return `the request line and the headers, or the trailers, are longer than ${maxHeaderSize} bytes`
    case 'ERR_HTTP_REQUEST_TIMEOUT': return 'the request was not complete in time'
    case 'HPE_INVALID_EOF_STATE': return 'the client closed its side before the request was complete'
    case 'HPE_PAUSED_H2_UPGRADE': return 'this is HTTP/2 without TLS; only HTTP/1.1 is understood'
    default: return `this is not HTTP/1.1 (${reason ?? code})`
  }
}

function respondAndClose (
  socket: Socket, status: string, message: string, limits: Limits, request: Omit<UnreadableRequest, 'answer'>, report: ReportUnreadable
): void {
  discardInput(socket)
  afterPendingResponses(socket, () => {
    const body = JSON.stringify({ status: 410, message: `Invalid Request: ${message}` })
    const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), connection: 'close', ...PROTECTIVE_HEADERS }
    report({ ...request, answer: { httpStatus: Number(status.slice(0, 3)), headers, body } })
    const head = [`HTTP/1.1 ${status}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)]
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
    lingeringClose(socket, limits)
  }, () => { report({ ...request, answer: null }) })
}
