import type { RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { clearImmediate, setImmediate } from '../machine.js'
import { isDiscarding } from './lingering-close.js'

/** The responses that a connection is still owed. */
interface Pipeline {
  /** The response being sent, or the next one to send. */
  current: ServerResponse | null
  last: ServerResponse | null
  /** How many are behind the current one. */
  waiting: number
  /** Listens to each response's end, so that an idle connection does not keep its last request in memory. */
  readonly release: (this: ServerResponse) => void
}

const pipelines = new WeakMap<Socket, Pipeline>()

/**
 * Handles the requests of a connection one after the other, and pauses reading while more than `maxWaiting` wait. Otherwise a
 * client that sends without end and reads no response would fill the memory and keep all others waiting.
 */
export function oneAtATime (handler: RequestListener, maxWaiting: number): RequestListener {
  return (request, response) => {
    const { socket } = request
    const pipeline = pipelines.get(socket) ?? begin(socket)
    response.on('close', pipeline.release)
    // Node gives the socket to one response at a time. Almost every request is the first in line.
    if (response.socket !== null) {
      pipeline.current = pipeline.last = response
      return handler(request, response)
    }
    pipeline.waiting++
    if (isFull(pipeline, socket)) socket.pause()
    pipeline.last!.once('close', () => {
      pipeline.waiting--
      // The response before was the last one of the connection, or the connection is gone.
      if (response.socket === null) return
      pipeline.current = response
      if (socket.isPaused() && !isFull(pipeline, socket)) socket.resume()
      // Not at once: requests that are answered immediately would be handled in one go, before those of any other connection.
      const turn = setImmediate(handler, request, response)
      response.once('close', () => { clearImmediate(turn) })
    })
    pipeline.last = response
  }

  function begin (socket: Socket): Pipeline {
    const pipeline: Pipeline = {
      current: null,
      last: null,
      waiting: 0,
      release () { if (pipeline.last === this) pipeline.current = pipeline.last = null }
    }
    pipelines.set(socket, pipeline)
    // Node resumes reading by itself once what it has sent is taken.
    socket.on('resume', () => { if (isFull(pipeline, socket)) socket.pause() })
    return pipeline
  }

  function isFull ({ waiting }: Pipeline, socket: Socket): boolean {
    return waiting > maxWaiting && !isDiscarding(socket)
  }
}

/** The response being sent on a connection, or the next one to send. Node takes the socket from a response that is complete. */
export function pendingResponse (socket: Socket): ServerResponse | undefined {
  const current = pipelines.get(socket)?.current
  return current?.socket === socket ? current : undefined
}

/** The last of the responses that a connection is owed. */
export function lastResponse (socket: Socket): ServerResponse | undefined {
  return pipelines.get(socket)?.last ?? undefined
}

/**
 * Acts once all requests that have arrived in full are answered: anything written earlier would be taken for the response to one of
 * them. If the response to a request that hasn't is already being sent, nothing can be said any more, and the connection is cut: it is
 * then, or if the client has gone, `tooLate`.
 */
export function afterPendingResponses (socket: Socket, act: () => void, tooLate: () => void): void {
  const response = pendingResponse(socket)
  if (response?.req.complete === true) {
    response.once('close', () => {
      if (socket.writable) afterPendingResponses(socket, act, tooLate)
      else tooLate()
    })
  } else if (response?.headersSent === true) {
    socket.destroy()
    tooLate()
  } else {
    act()
  }
}
