import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import tls from 'node:tls'
import { isVendorHost } from '../text/vendor-host.js'

/** Where connections of this process to the vendor's hosts lead instead. */
export interface RedirectTarget {
  /** Ports of the loopback for what is meant for the ports 443 and 80. */
  readonly tlsPort: number
  readonly plainPort: number
  /** The CA to trust there, as PEM. */
  readonly ca: string
}

/** Marks that connections are redirected: on what all copies of this file have in common, whatever else wraps the functions. */
const MARK = Symbol.for('picky-assist-emulator.redirect')
const marked = net.Socket as unknown as { [MARK]?: boolean }

/** Keeps connections of this process from being redirected by anybody else. Returns false if they already are, or soon will be. */
export function reserveRedirect (): boolean {
  if (marked[MARK] === true) return false
  marked[MARK] = true
  return true
}

/** Gives up what was reserved. */
export function releaseRedirect (): void {
  marked[MARK] = false
}

interface Options {
  readonly host?: unknown
  readonly port?: unknown
  readonly servername?: unknown
  readonly ca?: unknown
}

/**
 * Leads this process's connections to the vendor's hosts elsewhere, below every HTTP client: host names, headers and TLS stay as they are.
 * Returns what undoes it.
 */
export function redirectVendor ({ tlsPort, plainPort, ca }: RedirectTarget): () => void {
  const ports = new Map([[443, tlsPort], [80, plainPort]])
  let isActive = true
  marked[MARK] = true

  const { prototype } = net.Socket
  const connectSocket = prototype.connect as (...args: unknown[]) => net.Socket
  function connect (this: net.Socket, ...args: unknown[]): net.Socket {
    if (isActive) {
      // Node hands the arguments of its own functions on as a list that it knows again.
      const given = Array.isArray(args[0]) ? args[0] as unknown[] : args
      const options = optionsOf(given)
      const port = typeof options.host === 'string' && isVendorHost(options.host) ? ports.get(Number(options.port)) : undefined
      if (port !== undefined) {
        const redirected = { ...options, host: '127.0.0.1', port }
        if (given === args) args = [redirected, args.findLast(arg => typeof arg === 'function')]
        else given[0] = redirected
      }
    }
    return connectSocket.apply(this, args)
  }

  const connectTls = tls.connect as (...args: unknown[]) => tls.TLSSocket
  function connectSecurely (...args: unknown[]): tls.TLSSocket {
    const options = optionsOf(args)
    const name = options.servername ?? options.host
    if (!isActive || typeof name !== 'string' || !isVendorHost(name)) return connectTls(...args)
    // Only the emulator can be there. A client that brings the CAs it trusts gets ours beside them.
    const trusting = { ...options, ca: options.ca === undefined ? ca : [options.ca, ca].flat() }
    return connectTls(trusting, args.findLast(arg => typeof arg === 'function'))
  }

  prototype.connect = connect as typeof prototype.connect
  tls.connect = connectSecurely as typeof tls.connect
  syncBuiltinESMExports()

  return () => {
    // By now, another emulator may have reserved it.
    if (!isActive) return
    isActive = false
    releaseRedirect()
    // What has been wrapped meanwhile is left in its place: it leads on to ours, which changes nothing any more.
    if (prototype.connect as unknown === connect) prototype.connect = connectSocket as typeof prototype.connect
    if (tls.connect as unknown === connectSecurely) tls.connect = connectTls as typeof tls.connect
    syncBuiltinESMExports()
  }
}

/** Reads arguments of a connect function: `(options)`, or `(port, host, options)` of which host and options may be missing. */
function optionsOf (args: readonly unknown[]): Options {
  const options = args.find(arg => typeof arg === 'object' && arg !== null) as Options | undefined
  if (options !== undefined && options === args[0]) return options
  return { port: args[0], ...typeof args[1] === 'string' && { host: args[1] }, ...options }
}
