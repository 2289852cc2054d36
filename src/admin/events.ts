import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { clearInterval, setInterval } from '../machine.js'
import type { Context } from '../runtime/context.js'
import { AccountQuery } from './schemas.js'

/** How many bytes may wait for a listener that does not read; beyond that it is cut off at the next event. */
const MAX_WAITING = 1_048_576

/** The interval of the empty messages that keep a quiet connection from being taken for dead, in milliseconds. */
const HEARTBEAT = 15_000

/** Events as they happen, as server-sent events. */
export const eventRoutes: FastifyPluginAsyncTypebox<{ context: Context }> = async (app, { context: { eventBus } }) => {
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
    raw.write(': listening\n\n')
    const heartbeat = setInterval(() => raw.write(':\n\n'), HEARTBEAT).unref()
    const stop = eventBus.subscribe(item => {
      if (account !== undefined && item.account !== account) return
      // Checked before writing: a single event may be larger than the limit, and that is not the listener's fault.
      if (raw.writableLength > MAX_WAITING) socket.destroy()
      raw.write(`event: ${item.event}\ndata: {"account":${JSON.stringify(item.account)},"data":${item.data}}\n\n`)
    })
    socket.once('close', () => {
      clearInterval(heartbeat)
      stop()
    })
  })
}
