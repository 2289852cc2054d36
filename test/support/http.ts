import { Agent, request } from 'node:http'

export interface Call {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Buffer | undefined
}

export interface Received {
  readonly http: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** Empty unless the answer is a JSON object. */
  readonly body: Record<string, unknown>
}

/** Keeps connections: a new one takes longer than what most requests ask for. */
const agent = new Agent({ keepAlive: true })

/** Sends a request with exactly these headers, also those that `fetch` reserves or would add. */
export function send (url: string, { method = 'GET', path, headers = {}, body }: Call): Promise<Received> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const length = body !== undefined && headers['transfer-encoding'] === undefined && { 'content-length': Buffer.byteLength(body) }
    const all = { ...length, ...headers as Record<string, string> }
    const options = { hostname: hostname.replace(/[[\]]/g, ''), port, method, path, headers: all, agent }
    const sent = request(options, response => {
      let text = ''
      response.setEncoding('utf8').on('data', chunk => { text += chunk })
      response.on('end', () => resolve({
        http: response.statusCode!,
        headers: response.headers,
        text,
        body: text.startsWith('{') ? JSON.parse(text) as Record<string, unknown> : {}
      }))
    })
    sent.on('error', reject).setTimeout(120_000, () => { sent.destroy(new Error('no answer')) })
    sent.end(body)
  })
}
