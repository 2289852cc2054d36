import { EventEmitter } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Readable, Writable } from 'node:stream'
import type { CallResponse, Fetch } from '../contract/fetch.js'

/** Calls of this process to what answers an emulator's requests. */
export interface InProcess {
  /** A `fetch` without a socket. The request passes the same hooks and guards as one that came over the network. */
  readonly fetch: Fetch
  /** Refuses calls from now on, as a closed port does, and waits for those under way. */
  readonly close: () => Promise<void>
}

/** Leads calls to a listener as if they had come over a connection to `base`. */
export function inProcess (listener: RequestListener, base: string): InProcess {
  const host = base.slice(base.indexOf('//') + 2)
  const underWay = new Set<Promise<CallResponse>>()
  let isClosed = false
  return {
    async fetch (url, { method, headers, body }) {
      if (isClosed) throw Object.assign(new Error('fetch failed'), { cause: { code: 'ECONNREFUSED' } })
      const answered = new Promise<CallResponse>((resolve, reject) => {
        const request = new CallRequest(method, url.slice(base.length), { host, ...headers }, body)
        const response = new Response(resolve).on('error', reject)
        listener(request as unknown as IncomingMessage, response as unknown as ServerResponse<IncomingMessage> & { req: IncomingMessage })
      })
      underWay.add(answered)
      try {
        return await answered
      } finally {
        underWay.delete(answered)
      }
    },
    async close () {
      isClosed = true
      await Promise.allSettled(underWay)
    }
  }
}

/** What the app reads of a request: no more than a parser makes of one. */
class CallRequest extends Readable {
  readonly rawHeaders: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  /** Nothing closes it: a call in this process can't go away. */
  readonly socket = new EventEmitter()
  readonly httpVersion = '1.1'

  constructor (readonly method: string, readonly url: string, headers: Readonly<Record<string, string>>, private readonly body = '') {
    super()
    this.headers = body === '' ? headers : { ...headers, 'content-length': String(Buffer.byteLength(body)) }
    this.rawHeaders = Object.entries(this.headers).flat()
  }

  override _read (): void {
    if (this.body !== '') this.push(this.body)
    this.push(null)
  }
}

/** What the app writes a response to. */
class Response extends Writable {
  statusCode = 200
  headersSent = false
  private readonly chunks: Buffer[] = []

  constructor (private readonly answer: (response: CallResponse) => void) {
    super()
  }

  writeHead (status: number): this {
    this.statusCode = status
    this.headersSent = true
    return this
  }

  // The app keeps headers itself until it sends them, and no caller in this process reads one.
  readonly setHeader = nothing
  readonly getHeader = nothing
  readonly removeHeader = nothing

  override _write (chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk)
    done()
  }

  override _final (done: () => void): void {
    const { statusCode: status, chunks } = this
    this.answer({ ok: status >= 200 && status < 300, status, text: async () => Buffer.concat(chunks).toString() })
    done()
  }
}

function nothing (): void {}
