import { baseUrl } from './base-url.js'
import type { Resendable } from './resend.js'

export interface Sent { readonly status: number, readonly text: string, readonly headers: ReadonlyArray<readonly [string, string]>, readonly ms: number }

/**
 * Maximum number of requests from a page that wait for an answer. A browser opens six connections to a host: were all of them held by a fault,
 * the page could not even remove that.
 */
const MAX_WAITING = 2

const waiting: AbortController[] = []

/** Sends a request to the emulated API, as a client would. Rejects if there is no answer, or if it was given up for a later one. */
export async function send ({ method, path, headers, body }: Resendable): Promise<Sent> {
  const giveUp = new AbortController()
  if (waiting.push(giveUp) > MAX_WAITING) waiting[0]!.abort()
  try {
    return await exchanged({ method, path, headers, body }, giveUp.signal)
  } finally {
    waiting.splice(waiting.indexOf(giveUp), 1)
  }
}

/** Tells whether a request was given up, rather than left without an answer. */
export function isGivenUp (error: unknown): boolean {
  return (error as Error).name === 'AbortError'
}

async function exchanged ({ method, path, headers, body }: Resendable, signal: AbortSignal): Promise<Sent> {
  const began = performance.now()
  // For a Blob the browser adds no content type of its own.
  const response = await fetch(baseUrl() + (path.startsWith('/') ? path : `/${path}`), {
    method,
    headers,
    signal,
    ...!['GET', 'HEAD'].includes(method) && { body: new Blob([body]) }
  })
  const text = await response.text()
  return { status: response.status, text, headers: [...response.headers], ms: performance.now() - began }
}
