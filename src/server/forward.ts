import { request as send, type IncomingMessage, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { originForm } from '../text/url.js'
import { guardedLookup, type Destination } from './destination.js'
import { connectedTo, mustNotLeadBack, type Upstream } from './tunnel.js'

/** Headers that are between two neighbours only. */
const HOP_BY_HOP = [
  'connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'
]

/** Passes a plain HTTP request on to its destination, or to the upstream proxy, and the answer back. Rejects if no answer comes. */
export async function forward (
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  { host, port }: Destination,
  upstream: Upstream | null,
  ownPorts: ReadonlySet<number>
): Promise<void> {
  const headers = headersFor(request, url)
  const path = pathIn(request.url!)
  const options = { method: request.method!, headers, setHost: false }
  if (upstream !== null) await mustNotLeadBack(host, port, ownPorts)
  const socket = upstream && await connectedTo(request.socket, upstream)
  if (upstream?.authorization !== undefined) headers.push('proxy-authorization', upstream.authorization)
  const sent = socket === null
    ? send({ ...options, agent: false, host, port, path, lookup: guardedLookup(port, ownPorts) })
    : send({ ...options, path: `http://${url.host}${path}`, createConnection: () => socket })
  // Whether the process may end is up to the listener and its client.
  sent.on('socket', socket => { socket.unref() })
  await new Promise<void>((resolve, reject) => {
    // After an answer that Node takes for no response, such as one that switches protocols, nothing else comes.
    const closed = (): void => { reject(new Error('it has closed the connection')) }
    sent.on('error', reject).on('close', closed).on('response', answer => {
      sent.off('error', reject).off('close', closed).on('error', () => {})
      try {
        response.writeHead(answer.statusCode!, answer.statusMessage, endToEnd(answer.rawHeaders))
      } catch (error) {
        // Node reads more than it writes, such as control characters behind the status.
        response.statusMessage = ''
        sent.destroy()
        return reject(new Error(`its answer can't be passed on: ${(error as Error).message}`))
      }
      // From here on, the answer has begun, and can only be cut off.
      pipeline(answer, response, () => { resolve() })
    })
    request.pipe(sent)
    response.on('close', () => { sent.destroy() })
  })
}

/** Gives the target of a proxied request as its destination gets it: as it was sent, because a client may have signed it. */
export function pathIn (target: string): string {
  return originForm(target.replace(/#.*/, ''))
}

/**
 * Headers for a destination: with its own name, which a client need not have given, and with the request's framing, which is left to Node
 * otherwise. Node would send the body of a GET behind its end, where the destination takes it for another request.
 */
function headersFor ({ rawHeaders, headers }: IncomingMessage, { host }: URL): string[] {
  const { 'transfer-encoding': encoding, 'content-length': length } = headers
  const framing = encoding !== undefined ? ['transfer-encoding', encoding] : length !== undefined ? ['content-length', length] : []
  return ['host', host, ...endToEnd(rawHeaders, ['host', 'content-length']), ...framing]
}

/** Leaves out the headers that are not meant for whoever is behind a neighbour. */
function endToEnd (raw: readonly string[], others: readonly string[] = []): string[] {
  const pairs = raw.flatMap((name, index) => index % 2 === 0 ? [[name, raw[index + 1]!] as const] : [])
  const named = pairs.filter(([name]) => name.toLowerCase() === 'connection').flatMap(([, value]) => value.toLowerCase().split(',').map(name => name.trim()))
  const leftOut = new Set([...HOP_BY_HOP, ...named, ...others])
  return pairs.filter(([name]) => !leftOut.has(name.toLowerCase())).flat()
}
