import type { RequestListener, Server, ServerResponse } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import { setImmediate, sleep } from '../machine.js'
import type { Limits } from './limits.js'
import { lingeringClose } from './lingering-close.js'
import { lastResponse } from './pipeline.js'

/** How long an idle client has to close its side, in milliseconds. One in the same process needs a turn of the event loop. */
const IDLE_TIME = 5

/**
 * Prepares a server for its end, and returns the way to end it: it stops listening, answers what is in flight or arrives meanwhile on
 * connections that were kept, each time with `connection: close`, and closes the others. So no request of a client with a pool of
 * connections is lost, even if another server takes the port next. Responses that go on without end are cut.
 */
export function drainable (server: Server, limits: Limits): () => Promise<void> {
  const sockets = new Set<Socket>()
  let isDraining = false
  const closeAfterResponse: RequestListener = (_request, response) => { if (isDraining) response.shouldKeepAlive = false }
  server.prependListener('request', closeAfterResponse).prependListener('checkExpectation', closeAfterResponse)
  server.on('connection', socket => {
    sockets.add(socket)
    socket.once('close', () => { sockets.delete(socket) })
  })

  return async () => {
    isDraining = true
    // An HTTP server would destroy its idle connections now, also those whose client has just sent a request.
    const closed = new Promise<void>(resolve => { NetServer.prototype.close.call(server, () => resolve()) })
    for (const socket of sockets) {
      const response = lastResponse(socket)
      if (response?.headersSent === false) response.shouldKeepAlive = false
    }
    if (sockets.size > 0) await turn().then(turn)
    const pending = [...sockets].map(socket => endAfterResponse(socket)).filter(end => end !== undefined)
    if (pending.length > 0) await Promise.race([Promise.all(pending), sleep(limits.drainTime, undefined, { ref: false })])
    if (sockets.size > 0) await Promise.race([closed, sleep(IDLE_TIME)])
    for (const socket of sockets) socket.destroy()
    // Ends its timers.
    server.close()
    await closed
  }

  /** Closes a connection, now or after the response that it is still owed, whose end is returned. */
  function endAfterResponse (socket: Socket): Promise<void> | undefined {
    const response = lastResponse(socket)
    if (response === undefined) {
      lingeringClose(socket, limits)
    } else if (response.headersSent && !response.writableEnded) {
      socket.destroy()
    } else {
      return endOf(response).then(() => { lingeringClose(socket, limits) })
    }
  }
}

function endOf (response: ServerResponse): Promise<void> {
  return new Promise(resolve => { response.once('close', () => resolve()) })
}

/** Lets what has arrived be read. */
function turn (): Promise<void> {
  return new Promise(resolve => { setImmediate(resolve) })
}
