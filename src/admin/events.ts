import { Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import type { Context } from '../runtime/context.js'

/** How much may wait for a listener that does not read, in bytes; at the next event it is cut off. */
const MAX_WAITING = 1_048_576

/** How often a line is sent that says nothing, so that neither side takes the connection for dead, in milliseconds. */
const HEARTBEAT = 15_000

/** What happens, as server-sent events. */
export async function eventRoutes (app: FastifyInstance, { eventBus }: Context): Promise<void> {
  app.get('/events', {
    schema: { summary: 'Listen to requests and changes as server-sent events', querystring: Type.Object({ account: Type.Optional(Type.String({ description: 'only what is about this account' })) }, { additionalProperties: false }), response: { 200: Type.String({ contentMediaType: 'text/event-stream' }) } }
  }, (request, reply) => {
    const { account } = request.query as { account?: string }
    const { raw } = reply
    const { socket } = request.raw
    reply.hijack()
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    raw.write(': listening\n\n')
    const heartbeat = setInterval(() => raw.write(':\n\n'), HEARTBEAT).unref()
    const stop = eventBus.subscribe(item => {
      if (account !== undefined && item.account !== account) return
      // Looked at before: one event alone may be larger, and is no fault of the listener's.
      if (raw.writableLength > MAX_WAITING) socket.destroy()
      raw.write(`event: ${item.event}\ndata: {"account":${JSON.stringify(item.account)},"data":${item.data}}\n\n`)
    })
    socket.once('close', () => {
      clearInterval(heartbeat)
      stop()
    })
  })
}
