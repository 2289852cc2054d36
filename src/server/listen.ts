import type { RequestListener, Server } from 'node:http'
import { isIPv4, isIPv6, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { checkMayListen } from '../node-options.js'
import { Problem } from '../problem.js'
import { isLoopback, isWildcard, urlOf } from '../text/address.js'
import { limitedServer, PLAIN, type ServerKind } from './connection.js'
import { drainable, type Drainable } from './drain.js'
import { LIMITS, type Limits } from './limits.js'
import type { ReportUnreadable } from './unreadable-request.js'

/** How many free ports are tried, as the one that the first address got may be taken on the second. */
const PORT_TRIES = 10

export interface Listening {
  readonly port: number
  /** One for each address, such as `http://127.0.0.1:4290`. */
  readonly urls: readonly string[]
  /** Takes a connection that was accepted elsewhere. */
  readonly accept: (socket: Socket) => void
  /** Takes no more connections; those that are open go on. */
  readonly stopListening: () => void
  /** Stops listening, answers what is in flight, and closes all connections. */
  readonly close: () => Promise<void>
  /** Lets the process end although it is listening, and whatever connections are open. */
  readonly unref: () => void
}

/**
 * Listens on the same port of every host; port 0 picks a free one. Hosts that the machine lacks, such as `::1` without IPv6, are skipped
 * unless they come first; of loopback addresses, the first is skipped too if there is another. So are hosts that others already stand for, as
 * `localhost` does for `127.0.0.1`. Requests that don't reach the handler are reported. Throws a `Problem` that says why it can't listen.
 */
export async function listen (
  handler: RequestListener, hosts: readonly string[], port: number, limits: Limits = LIMITS, kind: ServerKind = PLAIN,
  report: ReportUnreadable = () => {}, tries = PORT_TRIES
): Promise<Listening> {
  checkMayListen()
  try {
    return await listenOnce(handler, hosts, port, limits, kind, report)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE' && port === 0 && tries > 1) return await listen(handler, hosts, port, limits, kind, report, tries - 1)
    throw new Problem(`can't listen on port ${port} of ${hosts.join(' and ')}: ${reason(code, kind) ?? message}`)
  }
}

async function listenOnce (
  handler: RequestListener, hosts: readonly string[], requested: number, limits: Limits, kind: ServerKind, report: ReportUnreadable
): Promise<Listening> {
  const opened: Array<{ readonly server: Server, readonly end: Drainable }> = []
  const handedOver = new Set<Duplex>()
  const close = async (): Promise<void> => {
    await Promise.all(opened.map(({ end }) => end.drain()))
  }
  const urls: string[] = []
  let port = requested
  // An address that a wildcard stands for is taken by then, and skipped; the other way round, the wildcard would be refused.
  for (const host of hosts.toSorted((a, b) => Number(isWildcard(b)) - Number(isWildcard(a)))) {
    const server = limitedServer(handler, limits, handedOver, kind, report)
    const end = drainable(server, limits, kind.opened, handedOver)
    try {
      port = await listening(server, host, port, hosts.length === 1)
    } catch (error) {
      const isDispensable = urls.length > 0 || (hosts.every(isLoopback) && host !== hosts.at(-1))
      if (isDispensable && isMissing(error as NodeJS.ErrnoException)) continue
      if (opened.some(({ server }) => listensFor(server, error as Refused))) continue
      await close()
      throw error
    }
    opened.push({ server, end })
    urls.push(urlOf(host, port))
  }
  const unref = (): void => {
    for (const { server } of opened) server.unref().on('connection', socket => { socket.unref() })
  }
  const stopListening = (): void => { for (const { end } of opened) end.stopListening() }
  return { port, urls, accept: socket => { opened[0]!.server.emit('connection', socket) }, stopListening, close, unref }
}

function listening (server: Server, host: string, port: number, alone: boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    // Beside another host, `::` must not take the IPv4 addresses too: `0.0.0.0` could then not listen on the same port. Not exclusively, the
    // workers of a cluster would share a port, even a free one, and with it the requests of each other's clients.
    server.listen({ host, port, ipv6Only: !alone && host.includes(':'), exclusive: true }, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

/** Error of a server that can't listen, with the address that its host stands for. */
type Refused = NodeJS.ErrnoException & { readonly address?: string }

/** Tells whether a server listens on an address that was refused to another one for that: one host may be given by several names. */
function listensFor (server: Server, { code, address }: Refused): boolean {
  const taken = (server.address() as AddressInfo).address
  return code === 'EADDRINUSE' && address !== undefined && (taken === address || (taken === '0.0.0.0' && isIPv4(address)) || (taken === '::' && isIPv6(address)))
}

/** True if the machine has no such address, such as `::1` where IPv6 is disabled. */
function isMissing ({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'
}

function reason (code: string | undefined, { setting }: ServerKind): string | undefined {
  switch (code) {
    case 'EADDRINUSE': return `another program is listening there; choose another ${setting}, or 0 for a free one`
    case 'EADDRNOTAVAIL': return 'this machine has no such address'
    case 'EACCES': return 'this user may not listen there'
    case 'ENOTFOUND': return 'there is no such host'
    default: return undefined
  }
}
