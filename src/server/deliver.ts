import type { FastifyReply } from 'fastify'
import type { Socket } from 'node:net'
import { finished } from 'node:stream'
import type { TriggeredFault } from '../runtime/faults.js'
import type { Pending } from '../runtime/pending.js'

/** An answer as it goes over the wire. */
export interface Outgoing {
  readonly httpStatus: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Waits; `false` if that was broken off, and then the connection is gone. */
export function pause (ms: number, reply: FastifyReply, account: string | null, pending: Pending): Promise<boolean> {
  return new Promise(resolve => {
    const timer = setTimeout(() => {
      done()
      resolve(true)
    }, ms)
    const done = pending.register({
      account,
      breakOff () {
        clearTimeout(timer)
        cutOff(reply)
        resolve(false)
      }
    })
  })
}

/** Resets the connection instead of an answer. */
export function cutOff (reply: FastifyReply): FastifyReply {
  reply.hijack()
  socketOf(reply).resetAndDestroy()
  return reply
}

/** Sends an answer the way that the fault has it, which may be not at all. */
export function deliver (reply: FastifyReply, outgoing: Outgoing, triggered: TriggeredFault | null, account: string | null, pending: Pending): FastifyReply | Promise<FastifyReply> {
  switch (triggered?.fault.kind) {
    case 'connection_reset':
      return cutOff(reply)
    case 'empty_response':
      reply.hijack()
      socketOf(reply).end()
      return reply
    case 'hang':
      hang(reply, account, pending)
      return reply
    case 'truncated_body':
      truncate(reply, outgoing)
      return reply
    case 'slow_body':
      return drip(reply, outgoing, triggered.fault.duration, account, pending).then(() => reply)
    default:
      return reply.code(outgoing.httpStatus).headers(outgoing.headers).serializer(String).send(outgoing.body)
  }
}

function socketOf (reply: FastifyReply): Socket {
  return reply.request.raw.socket
}

function hang (reply: FastifyReply, account: string | null, pending: Pending): void {
  reply.hijack()
  const socket = socketOf(reply)
  const done = pending.register({ account, breakOff: () => { socket.resetAndDestroy() } })
  // Unlike an event, this comes to be known also where the client had gone before.
  finished(socket, done)
}

/** Announces the whole body, sends half of it, and closes the connection. */
function truncate (reply: FastifyReply, { httpStatus, headers, body }: Outgoing): void {
  reply.hijack()
  const bytes = Buffer.from(body)
  reply.raw.writeHead(httpStatus, { ...headers, 'content-length': bytes.length })
  reply.raw.write(bytes.subarray(0, bytes.length >> 1), () => { socketOf(reply).end() })
}

/** In how many pieces a slow body comes at the most. */
const MAX_PIECES = 100

async function drip (reply: FastifyReply, { httpStatus, headers, body }: Outgoing, duration: number, account: string | null, pending: Pending): Promise<void> {
  reply.hijack()
  const bytes = Buffer.from(body)
  reply.raw.writeHead(httpStatus, { ...headers, 'content-length': bytes.length })
  const size = Math.ceil(bytes.length / MAX_PIECES)
  const pieces = Math.ceil(bytes.length / size)
  for (let piece = 0; piece < pieces && !socketOf(reply).destroyed; piece++) {
    reply.raw.write(bytes.subarray(piece * size, (piece + 1) * size))
    if (!await pause(duration / pieces, reply, account, pending)) return
  }
  reply.raw.end()
}
