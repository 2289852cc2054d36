import type { RequestListener } from 'node:http'
import { createIdentity, type ServerIdentity } from '../tls/certificate.js'
import { identityIn } from '../tls/folder.js'
import { interceptedHandler } from './intercepted.js'
import { LIMITS } from './limits.js'
import { listen, type Listening } from './listen.js'
import { createProxy } from './proxy.js'
import { secure } from './secure-server.js'
import type { Upstream } from './tunnel.js'
import type { UnreadableReports } from './unreadable-reports.js'

/** How requests that are meant for the vendor's hosts are intercepted. */
export interface InterceptionOptions {
  /** Addresses and port to answer on over TLS; port 0 picks a free one. */
  readonly tlsHosts: readonly string[]
  readonly tlsPort: number
  /** Folder that keeps the certificates, and the setting that named it; `null` to make new ones in memory. */
  readonly tlsDir: { readonly path: string, readonly setting: string } | null
  /** Certificates that were made already. */
  readonly identity?: ServerIdentity | undefined
  /** Port of the proxy; `null` for none. */
  readonly proxyPort: number | null
  /** Whether the proxy refuses all other hosts. */
  readonly offline: boolean
  readonly upstream: Upstream | null
}

/** Listeners for requests that are meant for the vendor's hosts. */
export interface Interception {
  /** Port that answers for the vendor's hosts over TLS. */
  readonly tlsPort: number
  /** Port of the proxy, on the loopback, which also answers plain requests to the vendor's hosts; `null` without a proxy. */
  readonly proxyPort: number | null
  /** The CA to trust, as PEM. */
  readonly ca: string
  /** Hosts that were refused because of `offline`. */
  readonly refusedHosts: () => string[]
  /** Answers what is in flight, and closes all connections, those of tunnels last. */
  readonly close: () => Promise<void>
  /** Lets the process end although they are listening. */
  readonly unref: () => void
}

const PROXY_HOST = '127.0.0.1'

/** Starts the listeners; `url` and `port` are the emulator's own; who speaks to the proxy may mean another host. If that fails, throws a `Problem` and leaves nothing open. */
export async function intercept (
  routing: RequestListener,
  { tlsHosts, tlsPort, tlsDir, identity: given, proxyPort, offline, upstream }: InterceptionOptions,
  { url, port }: { readonly url: string, readonly port: number },
  { record, note }: Pick<UnreadableReports, 'record' | 'note'>
): Promise<Interception> {
  const identity = given ?? (tlsDir === null ? createIdentity() : identityIn(tlsDir.path, tlsDir.setting))
  const handler = interceptedHandler(routing, url)
  const tls = await listen(handler, tlsHosts, tlsPort, LIMITS, secure(identity), record)
  const own = new Set([port, tls.port])
  const proxy = createProxy({ handler, acceptSecure: tls.accept, offline, upstream, ownPorts: own })
  let listening: Listening | null = null
  const close = async (): Promise<void> => {
    proxy.refuseTunnels()
    listening?.stopListening()
    // Connections of the proxy carry those over TLS.
    await tls.close()
    await listening?.close()
  }
  const unref = (): void => {
    tls.unref()
    listening?.unref()
  }
  try {
    if (proxyPort !== null) listening = await listen(proxy.listener, [PROXY_HOST], proxyPort, LIMITS, proxy.kind, note)
  } catch (error) {
    await close()
    throw error
  }
  if (listening !== null) own.add(listening.port)
  return { tlsPort: tls.port, proxyPort: listening?.port ?? null, ca: identity.ca, refusedHosts: proxy.refusedHosts, close, unref }
}
