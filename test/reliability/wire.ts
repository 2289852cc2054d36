import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** An answer as it came over the wire. */
export interface Answer {
  readonly http: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** A request as it goes over the wire, with the length of its body. */
export function request (method: string, target: string, body = '', headers = ''): string {
  return `${method} ${target} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`
}

/**
 * Takes the bytes that came back on a connection apart. An answer to a HEAD has no body: which ones are, is told by the
 * methods of the requests in their order. Throws where something else than whole answers came.
 */
export function answersIn (bytes: Buffer, methods: readonly string[] = []): Answer[] {
  const answers: Answer[] = []
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf('\r\n\r\n', at)
    const head = bytes.toString('latin1', at, end).split('\r\n')
    const http = Number(/^HTTP\/1\.1 ([1-5]\d\d) [\x20-\x7e]*$/.exec(head[0]!)?.[1])
    if (end === -1 || !http) throw new Error(`no answer: ${JSON.stringify(bytes.toString('latin1', at, at + 200))}`)
    at = end + 4
    if (http === 100) continue
    const headers = Object.fromEntries(head.slice(1).map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]))
    const hasBody = methods[answers.length] !== 'HEAD' && http !== 204
    const length = hasBody ? Number(headers['content-length']) : 0
    if (!(at + length <= bytes.length)) throw new Error(`a body that is too short: ${JSON.stringify(bytes.toString('latin1', at - 200))}`)
    answers.push({ http, headers, text: bytes.toString('utf8', at, at + length) })
    at += length
  }
  return answers
}

export interface Exchanged {
  readonly bytes: Buffer
  /** Whether the server has ended the connection. */
  readonly isEnded: boolean
}

/** Sends bytes on a new connection, and returns all that comes back until the server ends it. */
export async function exchange (port: number, bytes: string | Buffer | readonly Buffer[]): Promise<Buffer> {
  const socket = await opened(port)
  const received = collected(socket)
  socket.write(typeof bytes === 'string' || Buffer.isBuffer(bytes) ? bytes : Buffer.concat(bytes))
  await new Promise(resolve => { socket.once('close', resolve) })
  return received().bytes
}

/**
 * Sends each of several bytes on a connection of its own, and gives what comes back on each until nothing comes any more:
 * until nothing has while the server answered others several times.
 */
export async function exchangeAll (port: number, all: readonly Buffer[], others: () => Promise<unknown>): Promise<Exchanged[]> {
  const sockets = await Promise.all(all.map(async () => await opened(port)))
  const received = sockets.map(collected)
  sockets.forEach((socket, index) => socket.write(all[index]!))
  const seen = (): number => received.reduce((sum, each) => sum + each().bytes.length + Number(each().isEnded), 0)
  for (let before = -1; before !== seen();) {
    before = seen()
    await sleep(40)
    for (let time = 0; time < 3; time++) await others()
  }
  for (const socket of sockets) socket.destroy()
  return received.map(each => each())
}

function collected (socket: Socket): () => Exchanged {
  const chunks: Buffer[] = []
  let isEnded = false
  socket.on('data', chunk => { chunks.push(chunk) })
  socket.on('end', () => { isEnded = true })
  return () => ({ bytes: Buffer.concat(chunks), isEnded: isEnded || socket.destroyed })
}

/** A connection that has been made. */
export async function opened (port: number): Promise<Socket> {
  return await new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.off('error', reject)
      socket.on('error', () => {})
      resolve(socket)
    }).on('error', reject)
  })
}
