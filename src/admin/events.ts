import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { lastOf } from '../last-of.js'
import { clearInterval, setInterval } from '../machine.js'
import type { Context } from '../runtime/context.js'
import type { EmulatorEvent } from '../runtime/events.js'
import { memoryBounds } from '../runtime/memory.js'
import { AccountQuery } from './schemas.js'

/** Maximum number of bytes that may wait for a listener that does not read; beyond that it is cut off at the next event. */
const MAX_WAITING = 1_048_576

/** The interval of the empty messages that keep a quiet connection from being taken for dead, in milliseconds. */
const HEARTBEAT = 15_000

/** Events as they happen, as server-sent events. */
export const eventRoutes: FastifyPluginAsyncTypebox<{ context: Context }> = async (app, { context: { eventBus } }) => {
  let listeners = 0
  const maxWaitingOfAll = memoryBounds().unreadEvents
  // All listeners share one text: each may keep it waiting.
  const textOf = lastOf(({ event, account, data }: EmulatorEvent) => `event: ${event}\ndata: {"account":${JSON.stringify(account)},"data":${data}}\n\n`)

  app.get('/events', {
    schema: {
      summary: 'Stream requests and changes as server-sent events, of everything or of one account',
      querystring: AccountQuery,
      response: { 200: Type.String({ contentMediaType: 'text/event-stream' }) }
    }
  }, (request, reply) => {
    const { account } = request.query
    const { raw } = reply
    const { socket } = request.raw
    reply.hijack()
    raw.writeHead(200, {
      ...reply.getHeaders() as Record<string, string>,
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // nginx would hold events back until its buffer is full.
      'x-accel-buffering': 'no'
    })
    listeners++
    raw.write(': listening\n\n')
    const heartbeat = setInterval(() => raw.write(':\n\n'), HEARTBEAT).unref()
    const stop = eventBus.subscribe(item => {
      if (account !== undefined && item.account !== account) return
      // Checked before writing: a single event may be larger than the limit, and that is not the listener's fault.
      if (raw.writableLength > Math.min(MAX_WAITING, maxWaitingOfAll / listeners)) socket.destroy()
      raw.write(textOf(item))
    })
    socket.once('close', () => {
      listeners--
      clearInterval(heartbeat)
      stop()
    })
  })
}
