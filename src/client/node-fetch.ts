import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import type { CallInit, CallResponse } from '../contract/fetch.js'

/** What calls of a replay set. */
export interface NodeInit extends CallInit { readonly signal?: AbortSignal }

/** What calls of a replay read. */
export interface NodeResponse extends CallResponse { readonly headers: { readonly get: (name: string) => string | null } }

/**
 * A function like `fetch` for Node.js, in place of the global one. Node's own frees a connection by the global `setImmediate`: while a test
 * fakes that, the next call never returns. A page's, which jsdom and happy-dom give tests, would ask the emulator whether a page of its origin
 * may call the control API, which none may.
 */
export async function nodeFetch (url: string, { method, headers, body, signal }: NodeInit): Promise<NodeResponse> {
  const { request } = url.startsWith('https:') ? await import('node:https') : await import('node:http')
  // No agent: a connection that is kept could be one to an emulator that has been stopped.
  const options = { method, headers, agent: false, ...signal !== undefined && { signal } } satisfies RequestOptions
  return await new Promise((resolve, reject) => {
    const fail = (cause: Error): void => { reject(Object.assign(new Error('fetch failed'), { cause })) }
    // After an answer that Node takes for no response, such as one that switches protocols, nothing else comes.
    const closed = (): void => { fail(new Error('it has closed the connection')) }
    const sent: ClientRequest = request(url, options, response => {
      sent.off('close', closed)
      received(response).then(resolve, fail)
    })
    sent.once('error', fail).once('close', closed).end(body)
  })
}

async function received (response: IncomingMessage): Promise<NodeResponse> {
  const { headers } = response
  const status = response.statusCode!
  let text = ''
  for await (const part of response.setEncoding('utf8')) text += part
  return {
    ok: status >= 200 && status < 300,
    status,
    headers: { get: name => headers[name]?.toString() ?? null },
    text: async () => text
  }
}
