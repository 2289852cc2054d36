import type { FastifyInstance, FastifyRequest } from 'fastify'
import { createHash, timingSafeEqual } from 'node:crypto'
import { Problem } from '../problem.js'
import { isLoopbackName } from '../text/address.js'
import { targetHost } from '../text/url.js'

/** Who may use the control API. */
export interface Access {
  /** The bearer token it requires; `null` for none. */
  readonly token: string | null
  /** Names under which it may be called, beside those of the loopback. */
  readonly hosts: readonly string[]
}

/**
 * Keeps the web out of the control API: no web page may use it, be it with a script or a form of another site, or under
 * a name that was made to point to this machine (DNS rebinding). What is open needs no token, and answers under any name.
 */
export function guard (app: FastifyInstance, { token, hosts }: Access, isOpen: (request: FastifyRequest) => boolean): void {
  const names = hosts.map(host => host.toLowerCase())
  app.addHook('onRequest', async (request, reply) => {
    // Another site can't read an answer, nor use it as an image, a script or a style.
    reply.header('cross-origin-resource-policy', 'same-origin')
    // Neither a browser nor a proxy on the way keeps an answer, which may hold tokens, and is another one a moment later.
    reply.header('cache-control', 'no-store')
    hostMustBeOne(request)
    const open = isOpen(request)
    // A probe asks by an address or a name that is not known here.
    if (!open) hostMustBeAllowed(request, names)
    originMustBeOwn(request)
    if (!open) pageMustBeOwn(request)
    if (token === null || open || isToken(request.headers.authorization, token)) return
    reply.header('www-authenticate', 'Bearer')
    throw new Problem('the control API requires the token that the emulator was started with', {
      status: 401,
      advice: 'send the header "authorization: Bearer TOKEN" with the token given as --admin-token'
    })
  })
}

/** Two hosts would be one for this guard and another for a proxy in front. */
function hostMustBeOne ({ raw, headers, url }: FastifyRequest): void {
  const hosts = raw.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length
  const target = targetHost(url)
  if (hosts <= 1 && (target === undefined || target.toLowerCase() === headers.host?.toLowerCase())) return
  throw new Problem('the control API accepts no request that names more than one host', {
    status: 400,
    advice: 'send one Host header, and the same host in the target if it names one'
  })
}

function hostOf (header = ''): string {
  return header.toLowerCase().replace(/:\d*$/, '')
}

function hostMustBeAllowed ({ headers }: FastifyRequest, names: readonly string[]): void {
  const host = hostOf(headers.host)
  if (names.includes(host) || isLoopbackName(host)) return
  throw new Problem(`the control API is not served under the name ${JSON.stringify(host)}`, {
    status: 403,
    advice: 'use localhost, or start the emulator with --allow-host and this name'
  })
}

/**
 * How a page of this origin was loaded, directly or through a proxy that adds TLS and keeps the `Host` header, with the port that a
 * browser leaves out of its origin and some proxies add to the header.
 */
const OWN_SCHEMES = [['http', ':80'], ['https', ':443']] as const

function isOwn (origin: string, host = ''): boolean {
  const [page, own] = [origin.toLowerCase(), host.toLowerCase()]
  return OWN_SCHEMES.some(([scheme, port]) =>
    page === `${scheme}://${own}` || (own.endsWith(port) && page === `${scheme}://${own.slice(0, -port.length)}`))
}

/** A browser tells where a request comes from. Other programs don't, and are let in. */
function originMustBeOwn ({ headers }: FastifyRequest): void {
  const { origin, host, 'sec-fetch-site': site, 'sec-purpose': purpose } = headers
  // What any page lets a browser load in advance is from no site, it says, like what is typed into its address bar. The console's own
  // requests are from this one, also on a page that was loaded in advance.
  const isTyped = site === 'none' && purpose === undefined
  const isCrossSite = site !== undefined && site !== 'same-origin' && !isTyped
  if (!isCrossSite && (origin === undefined || isOwn(origin, host))) return
  throw new Problem('the control API accepts no requests from other sites', {
    status: 403,
    advice: 'open it at its own address, let a proxy in between keep the Host header, or call it from a program that is not a browser'
  })
}

/**
 * Under a name that is not the loopback's, and so not trustworthy to a browser, it tells no site, and no origin with what a page of
 * another site embeds. But it lets none of them add a header like the one that the console and `connect` send.
 */
function pageMustBeOwn ({ headers }: FastifyRequest): void {
  const { 'sec-fetch-site': site, 'user-agent': agent = '', 'x-requested-with': by, authorization } = headers
  const isBrowser = agent.startsWith('Mozilla/') && !agent.includes('PowerShell')
  if (!isBrowser || site !== undefined || by !== undefined || authorization !== undefined || isLoopbackName(hostOf(headers.host))) return
  throw new Problem('the control API accepts requests of a browser only from its console', {
    status: 403,
    advice: 'open the console, or send the header "x-requested-with"'
  })
}

function isToken (authorization: string | undefined, token: string): boolean {
  const given = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1]
  return given !== undefined && timingSafeEqual(digest(given), digest(token))
}

/** Hashes a text to a fixed length, so that every comparison takes the same time. */
function digest (text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
