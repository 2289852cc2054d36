import type { Socket } from 'node:net'
import type { Limits } from './limits.js'
import { discardInput, isDiscarding, lingeringClose } from './lingering-close.js'
import { afterPendingResponses, pendingResponse } from './pipeline.js'
import { PROTECTIVE_LINES } from './protective-headers.js'

const STATUSES: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout'
}

/** Answers bytes that are not an HTTP request, and so never reach a route, in the documented error format. */
export function answerGarbage ({ code }: NodeJS.ErrnoException, socket: Socket, limits: Limits): void {
  // Everything behind the first garbage is discarded with it; so is what the client leaves unfinished when it closes its side.
  if (isDiscarding(socket)) return
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  // The client may have sent it in time: behind other requests, it is not read before their responses are sent.
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT' && pendingResponse(socket)?.req.complete === true) return
  const status = STATUSES[String(code)] ?? '400 Bad Request'
  respondAndClose(socket, status, `this is not a readable HTTP/1.1 request (${status.slice(4).toLowerCase()})`, limits)
}

/** Refuses to open a tunnel, which is what a client asks a proxy for. */
export function answerConnect (socket: Socket, limits: Limits): void {
  respondAndClose(socket, '405 Method Not Allowed', 'this is not a proxy and does not accept CONNECT', limits)
}

function respondAndClose (socket: Socket, status: string, message: string, limits: Limits): void {
  discardInput(socket)
  afterPendingResponses(socket, () => {
    const body = JSON.stringify({ status: 410, message: `Invalid Request: ${message}` })
    const lines = ['content-type: application/json', `content-length: ${Buffer.byteLength(body)}`, 'connection: close', ...PROTECTIVE_LINES]
    const head = [`HTTP/1.1 ${status}`, ...lines]
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
    lingeringClose(socket, limits)
  })
}
