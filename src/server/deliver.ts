import type { FastifyReply } from 'fastify'
import type { Socket } from 'node:net'
import { finished } from 'node:stream'
import type { Body } from '../api/body.js'
import type { Answer } from '../api/endpoint.js'
import { mappedHttpStatus, STATUS_TEXTS, type StatusCode } from '../api/status-codes.js'
import { AbortController, monotonicTime } from '../machine.js'
import { FAULTS, type Fault, type FaultKind, type FaultKindDelivering } from '../domain/fault.js'
import type { Context } from '../runtime/context.js'
import type { TriggeredFault } from '../runtime/faults.js'
import { closeAbruptly } from './lingering-close.js'
import { resetConnection } from './reset.js'

/** Answer as it goes over the wire. */
export interface Outgoing {
  readonly httpStatus: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Status of the vendor that the client receives; `null` for none. */
  readonly apiStatus: number | null
}

/** Returns the outgoing answer: the real one, or the replacement by a fault. */
export function outgoingOf (answer: Answer, triggered: TriggeredFault | null): Outgoing {
  const { httpStatus, contentType, status, body, assumptions } = answer
  const headers: Record<string, string> = assumptions.length > 0
    ? { 'content-type': contentType, 'x-emulator-assumptions': assumptions.join(', ') }
    : { 'content-type': contentType }
  const outgoing = { httpStatus, headers, body, apiStatus: status }
  if (triggered === null) return outgoing
  const { fault } = triggered
  if (isReplacing(fault.kind)) return REPLACEMENTS[fault.kind](outgoing, fault, answer)
  return isAnswered(triggered) ? outgoing : { ...outgoing, apiStatus: null }
}

/** Tells whether any part of the answer reaches the client. */
export function isAnswered (triggered: TriggeredFault | null): boolean {
  return triggered === null || FAULTS[triggered.fault.kind].delivers !== 'nothing'
}

/** Tells whether the answer never finishes, so that Fastify's `onResponse` hook is not called. */
export function isCutShort (triggered: TriggeredFault | null): boolean {
  if (triggered === null) return false
  const { delivers } = FAULTS[triggered.fault.kind]
  return delivers === 'nothing' || delivers === 'part'
}

/** Tells whether the delivery of the answer cuts the connection, rather than leaving it open for ever. */
export function isCutAtOnce (triggered: TriggeredFault | null): boolean {
  return isCutShort(triggered) && triggered!.fault.kind !== 'hang'
}

/** Delivers an answer in the manner of the fault. If `signal` aborts a slow delivery, the connection is reset. */
export function deliver (
  reply: FastifyReply,
  outgoing: Outgoing,
  triggered: TriggeredFault | null,
  signal: () => AbortSignal,
  holding: Holding
): FastifyReply | Promise<FastifyReply> {
  if (triggered === null) return sendWhole(reply, outgoing)
  return DELIVERIES[triggered.fault.kind](reply, outgoing, triggered.fault, signal, holding)
}

/** How a fault holds a request. */
export interface Holding {
  readonly sleep: Context['sleep']
  /** Counts the request as held until the function that is returned is called. It may be let go before. */
  readonly hold: (letGo: () => void) => () => void
}

/** How faults hold a request with this body, and with its answer once there is one. */
export function holdingOf ({ sleep, heldRequests }: Pick<Context, 'sleep' | 'heldRequests'>, { text }: Body, answer = ''): Holding {
  return { sleep, hold: letGo => heldRequests.hold(text.length + answer.length, letGo) }
}

/**
 * Waits, or for less time if too many requests are waiting. Resolves to `false` if the wait was aborted, in which case the connection has
 * been reset.
 */
export async function pause (ms: number, reply: FastifyReply, signal: AbortSignal, { sleep, hold }: Holding): Promise<boolean> {
  const end = new AbortController()
  let isOver = true
  // At once, not when the promise settles: a stop closes all connections next, which would not be a reset.
  const reset = (): void => {
    isOver = false
    cutOff(reply)
    end.abort()
  }
  signal.addEventListener('abort', reset)
  const release = hold(() => { end.abort() })
  await sleep(ms, end.signal).catch(() => {})
  release()
  signal.removeEventListener('abort', reset)
  return isOver
}

/** Resets the connection instead of answering. */
export function cutOff (reply: FastifyReply): FastifyReply {
  reply.hijack()
  resetConnection(socketOf(reply))
  return reply
}

type Replacement = (outgoing: Outgoing, fault: Fault, answer: Answer) => Outgoing

const REPLACEMENTS: { readonly [Kind in FaultKindDelivering<'replaced'>]: Replacement } = {
  http_error: (_outgoing, { httpStatus, body }) => ({ httpStatus, headers: { 'content-type': 'text/html' }, body, apiStatus: null }),
  api_refusal (_outgoing, { status: apiStatus }, { wire, contentType }) {
    const status = apiStatus as StatusCode
    return {
      httpStatus: wire.httpStatus === 'mapped' ? mappedHttpStatus(null, status) : 200,
      headers: { 'content-type': contentType },
      body: JSON.stringify({ status, message: STATUS_TEXTS[status] }),
      apiStatus
    }
  },
  malformed_json: outgoing => ({ ...outgoing, body: outgoing.body.slice(0, -1) })
}

function isReplacing (kind: FaultKind): kind is FaultKindDelivering<'replaced'> {
  return FAULTS[kind].delivers === 'replaced'
}

type Delivery = (
  reply: FastifyReply,
  outgoing: Outgoing,
  fault: Fault,
  signal: () => AbortSignal,
  holding: Holding
) => FastifyReply | Promise<FastifyReply>

const DELIVERIES: { readonly [Kind in FaultKind]: Delivery } = {
  // By now the delay is over.
  delay: sendWhole,
  http_error: sendWhole,
  api_refusal: sendWhole,
  connection_reset: cutOff,
  empty_response (reply) {
    reply.hijack()
    socketOf(reply).destroySoon()
    return reply
  },
  hang (reply, _outgoing, _fault, signal, { hold }) {
    reply.hijack()
    const socket = socketOf(reply)
    const aborted = signal()
    const reset = (): void => { resetConnection(socket) }
    aborted.addEventListener('abort', reset)
    const release = hold(reset)
    // Unlike the event `close`, this is called even if the client has already disconnected.
    finished(socket, () => {
      aborted.removeEventListener('abort', reset)
      release()
    })
    return reply
  },
  /** Announces the whole body, sends half of it, and closes the connection. */
  truncated_body (reply, { httpStatus, headers, body }) {
    reply.hijack()
    const bytes = Buffer.from(body)
    writeHead(reply, httpStatus, { ...headers, 'content-length': String(bytes.length) })
    // To HEAD, nothing of the body is written, and the head would never be.
    if (reply.request.method === 'HEAD') reply.raw.flushHeaders()
    reply.raw.write(bytes.subarray(0, bytes.length >> 1), () => { closeAbruptly(socketOf(reply)) })
    return reply
  },
  malformed_json: sendWhole,
  async slow_body (reply, { httpStatus, headers, body }, { duration }, signal, holding) {
    reply.hijack()
    const bytes = Buffer.from(body)
    writeHead(reply, httpStatus, { ...headers, 'content-length': String(bytes.length) })
    const size = Math.ceil(bytes.length / MAX_PIECES)
    const pauses = Math.ceil(bytes.length / size) - 1
    const length = duration / pauses
    let piece = 0
    // A busy machine ends each pause late, which the next ones make up for: a hundred times as late, it would be past any client's patience.
    let late = 0
    const held = { isLetGo: false }
    const hold: Holding['hold'] = letGo => holding.hold(() => {
      held.isLetGo = true
      letGo()
    })
    // Held again, one that is let go would let go of the next, and that of the one behind it, all in one turn.
    for (; piece < pauses && !held.isLetGo && !socketOf(reply).destroyed; piece++) {
      const began = monotonicTime()
      reply.raw.write(bytes.subarray(piece * size, (piece + 1) * size))
      if (!await pause(Math.max(0, length - late), reply, signal(), { ...holding, hold })) return reply
      late = Math.max(0, late + monotonicTime() - began - length)
    }
    // The last piece is the end: a client that has it has the whole answer.
    reply.raw.end(bytes.subarray(piece * size))
    return reply
  }
}

/** Maximum number of pieces of a slow body. */
const MAX_PIECES = 100

function sendWhole (reply: FastifyReply, { httpStatus, headers, body }: Outgoing): FastifyReply {
  return reply.code(httpStatus).headers(headers).serializer(String).send(body)
}

/** Writes the head of a hijacked answer. Fastify no longer adds what the hooks have set. */
function writeHead (reply: FastifyReply, httpStatus: number, headers: Readonly<Record<string, string>>): void {
  reply.raw.writeHead(httpStatus, { ...reply.getHeaders() as Record<string, string>, ...headers })
}

function socketOf (reply: FastifyReply): Socket {
  return reply.request.raw.socket
}
