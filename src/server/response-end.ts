import type { FastifyReply } from 'fastify'
import type { RequestState } from '../contract/journal-entry.js'

/**
 * Tells what has become of a request whose response has just been sent, or is held back. Almost always, the operating system has taken
 * all of it at once: then there is nothing to listen to.
 */
export function stateOf (reply: FastifyReply): RequestState {
  const { socket } = reply.request.raw
  // Node sends nothing more to a client that has closed its side. What it throws away, it counts as finished.
  if (socket.destroyed || socket.readableEnded) return whoClosed(reply)
  // `writableFinished` comes a moment later in newer versions of Node.js.
  return reply.raw.writableEnded && reply.raw.writableLength === 0 ? 'answered' : 'under-way'
}

/** Calls back when a response that is under way ends. */
export function onEnd (reply: FastifyReply, ended: (state: RequestState) => void): void {
  const { raw } = reply
  const finished = (): void => { settle('answered') }
  const closed = (): void => { settle(whoClosed(reply)) }
  raw.on('finish', finished).on('close', closed)

  function settle (state: RequestState): void {
    raw.off('finish', finished).off('close', closed)
    ended(state)
  }
}

/** Tells which side closed a connection. A client does it in an orderly way, which ends what can be read, or by a reset, which is an error. */
function whoClosed (reply: FastifyReply): RequestState {
  const { socket } = reply.request.raw
  return socket.readableEnded || socket.errored !== null ? 'client-gone' : 'cut'
}
