import type { RequestListener, Server, ServerResponse } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { sleep, turn } from '../machine.js'
import type { ServerKind } from './connection.js'
import type { Limits } from './limits.js'
import { lingeringClose } from './lingering-close.js'
import { lastResponse } from './pipeline.js'

/** How long an idle client has to close its side, in milliseconds. One in the same process needs a turn of the event loop. */
const IDLE_TIME = 5

/** Ways to end a server. */
export interface Drainable {
  /** Takes no more connections; those that are open go on. */
  readonly stopListening: () => void
  readonly drain: () => Promise<void>
}

/**
 * Prepares a server for its end. Draining it, it stops listening, answers what is in flight or arrives meanwhile on
 * connections that were kept, each time with `connection: close`, and closes the others. So no request of a client with a pool of
 * connections is lost, even if another server takes the port next. Responses that go on without end are cut.
 *
 * `opened` is the event of a connection on which HTTP is spoken. What else is spoken on those in `handedOver` is not ended, but cut.
 */
export function drainable (
  server: Server, limits: Limits, opened: ServerKind['opened'] = 'connection', handedOver: ReadonlySet<Duplex> = new Set()
): Drainable {
  const connections = openedBy(server, 'connection')
  // Below each of these, there is another one that only carries it, or does not do so yet.
  const sockets = opened === 'connection' ? connections : openedBy(server, opened)
  let isDraining = false
  const closeAfterResponse: RequestListener = (_request, response) => { if (isDraining) response.shouldKeepAlive = false }
  server.prependListener('request', closeAfterResponse).prependListener('checkExpectation', closeAfterResponse)

  let closed: Promise<void> | undefined
  // An HTTP server would destroy its idle connections now, also those whose client has just sent a request.
  const stopListening = (): void => { closed ??= new Promise(resolve => { NetServer.prototype.close.call(server, () => resolve()) }) }

  return { stopListening, drain }

  async function drain (): Promise<void> {
    isDraining = true
    stopListening()
    for (const socket of sockets) {
      const response = lastResponse(socket)
      if (response?.headersSent === false) response.shouldKeepAlive = false
    }
    // By the second turn, all that has arrived on them is read.
    if (sockets.size > 0) await turn().then(turn)
    const pending = [...sockets].filter(socket => !handedOver.has(socket)).map(socket => endAfterResponse(socket)).filter(end => end !== undefined)
    if (pending.length > 0) await Promise.race([Promise.all(pending), sleep(limits.drainTime, { ref: false })])
    if (connections.size > 0) await Promise.race([closed, sleep(IDLE_TIME)])
    const cut = [...sockets, ...connections]
    for (const socket of cut) socket.destroy()
    // Ends its timers.
    server.close()
    await closed
    // Where time passed without a turn, a client in this process would send its next request on one of these.
    if (cut.length > 0) await turn().then(turn)
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

/** Collects the connections that a server opens from now on, for as long as they are open. */
function openedBy (server: Server, event: ServerKind['opened']): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  server.on(event, (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => { sockets.delete(socket) })
  })
  return sockets
}

function endOf (response: ServerResponse): Promise<void> {
  return new Promise(resolve => { response.once('close', () => resolve()) })
}
