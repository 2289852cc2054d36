import type { FastifyInstance, FastifyRequest } from 'fastify'
import { createHash, timingSafeEqual } from 'node:crypto'
import { Problem } from '../problem.js'

/** Who may use the control API. */
export interface Access {
  /** The bearer token it requires; `null` for none. */
  readonly token: string | null
  /** Names under which it may be called, beside those of the loopback. */
  readonly hosts: readonly string[]
}

const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/**
 * Keeps the web out of the control API: no web page may use it, be it with a script or a form of another site, or under
 * a name that was made to point to this machine (DNS rebinding).
 */
export function guard (app: FastifyInstance, { token, hosts }: Access, isOpen: (request: FastifyRequest) => boolean): void {
  const names = [...LOOPBACK_NAMES, ...hosts.map(host => host.toLowerCase())]
  app.addHook('onRequest', async (request, reply) => {
    hostMustBeAllowed(request, names)
    originMustBeOwn(request)
    if (token === null || isOpen(request) || isToken(request.headers.authorization, token)) return
    reply.header('www-authenticate', 'Bearer')
    throw new Problem('the control API requires the token that the emulator was started with', {
      status: 401,
      advice: 'send the header "authorization: Bearer TOKEN" with the token given as --admin-token'
    })
  })
}

function hostMustBeAllowed ({ headers }: FastifyRequest, names: readonly string[]): void {
  const host = (headers.host ?? '').toLowerCase().replace(/:\d*$/, '')
  if (names.includes(host) || host.endsWith('.localhost')) return
  throw new Problem(`the control API is not served under the name ${JSON.stringify(host)}`, {
    status: 403,
    advice: 'use localhost, or start the emulator with --allow-host and this name'
  })
}

/** How a page of this origin was loaded: directly, or through a proxy that adds TLS and keeps the `Host` header. */
const OWN_SCHEMES = ['http', 'https']

/** A browser tells where a request comes from. Other programs don't, and are let in. */
function originMustBeOwn ({ headers }: FastifyRequest): void {
  const { origin, host, 'sec-fetch-site': site } = headers
  const isCrossSite = site !== undefined && site !== 'same-origin' && site !== 'none'
  if (!isCrossSite && (origin === undefined || OWN_SCHEMES.some(scheme => origin === `${scheme}://${host}`))) return
  throw new Problem('the control API accepts no requests from other sites', {
    status: 403,
    advice: 'open it at its own address, or call it from a program that is not a browser'
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
