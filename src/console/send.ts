import { baseUrl } from './base-url.js'
import type { Resendable } from './resend.js'

export interface Sent { readonly status: number, readonly text: string, readonly headers: ReadonlyArray<readonly [string, string]>, readonly ms: number }

/** Sends a request to the emulated API, as a client would. Rejects if there is no answer. */
export async function send ({ method, path, headers, body }: Resendable): Promise<Sent> {
  const began = performance.now()
  // For a Blob the browser adds no content type of its own.
  const response = await fetch(baseUrl() + (path.startsWith('/') ? path : `/${path}`), {
    method,
    headers,
    ...!['GET', 'HEAD'].includes(method) && { body: new Blob([body]) }
  })
  const text = await response.text()
  return { status: response.status, text, headers: [...response.headers], ms: performance.now() - began }
}
