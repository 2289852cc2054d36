import { request as send, type IncomingMessage, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { guardedLookup, type Destination } from './destination.js'
import { connectedTo, mustNotLeadBack, type Upstream } from './tunnel.js'

/** Headers that are between two neighbours only. */
const HOP_BY_HOP = new Set([
  'connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'
])

/** Passes a plain HTTP request on to its destination, or to the upstream proxy, and the answer back. Rejects if no answer comes. */
export async function forward (
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  { host, port }: Destination,
  upstream: Upstream | null,
  ownPorts: ReadonlySet<number>
): Promise<void> {
  const headers = endToEnd(request.rawHeaders)
  const options = { method: request.method!, headers, setHost: false }
  if (upstream !== null) await mustNotLeadBack(host, port, ownPorts)
  const socket = upstream && await connectedTo(request.socket, upstream)
  if (upstream?.authorization !== undefined) headers.push('proxy-authorization', upstream.authorization)
  const sent = socket === null
    ? send({ ...options, agent: false, host, port, path: url.pathname + url.search, lookup: guardedLookup(port, ownPorts) })
    : send({ ...options, path: url.href, createConnection: () => socket })
  // Whether the process may end is up to the listener and its client.
  sent.on('socket', socket => { socket.unref() })
  await new Promise<void>((resolve, reject) => {
    sent.on('error', reject).on('response', answer => {
      // From here on, the answer has begun, and can only be cut off.
      sent.off('error', reject).on('error', () => {})
      response.writeHead(answer.statusCode!, answer.statusMessage, endToEnd(answer.rawHeaders))
      pipeline(answer, response, () => { resolve() })
    })
    request.pipe(sent)
    response.on('close', () => { sent.destroy() })
  })
}

/** Leaves out the headers that are not meant for whoever is behind a neighbour. */
function endToEnd (raw: readonly string[]): string[] {
  const pairs = raw.flatMap((name, index) => index % 2 === 0 ? [[name, raw[index + 1]!] as const] : [])
  const named = pairs.filter(([name]) => name.toLowerCase() === 'connection').flatMap(([, value]) => value.toLowerCase().split(/\s*,\s*/))
  return pairs.filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()) && !named.includes(name.toLowerCase())).flat()
}
