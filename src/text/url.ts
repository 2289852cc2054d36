import type { FastifyRequest } from 'fastify'
import { URL } from 'node:url'

/** Gives the path of a request without its query, which may hold a token. */
export function pathOf ({ url }: Pick<FastifyRequest, 'url'>): string {
  const target = originForm(url)
  const query = target.indexOf('?')
  return query === -1 ? target : target.slice(0, query)
}

/**
 * Gives the target of a request, path and query, without the origin that clients put in front of it when they call a proxy. Of an asterisk
 * with more behind it, which is no target, the router takes the first character for a slash, and so does whoever loads it again. A target
 * that the router refuses stays as it is: what is behind `http://` could be a path that it takes.
 */
export function originForm (url: string): string {
  if (url.startsWith('/')) return url
  const origin = originOf(url)
  if (origin === '') return url.replace(/^\*(?=.)/, '/')
  const target = url.slice(origin.length)
  return target.startsWith('/') ? target : `/${target}`
}

/**
 * Gives the path of a request as the router reads it: without an origin in front, and with letters that need not be encoded decoded.
 * What is encoded for a reason stays so, such as the slash within a name.
 */
export function routedPath (url: string): string {
  if (url.startsWith('/') && !/[%#]/.test(url)) return pathOf({ url })
  const [path = ''] = url.slice(originOf(url).length).split(/[?#]/)
  // The router takes the first character for a slash, and no path for the root.
  return `/${path.slice(1)}`.replace(/%[0-7][0-9a-f]/gi, decodeURI)
}

/** Gives the origin in front of a target, as the router reads it; an empty text for none. */
function originOf (url: string): string {
  return url.startsWith('/') || !URL.canParse(url) ? '' : ORIGIN.exec(url)?.[0] ?? ''
}

/** The origin in front of a path. With a fragment, the router refuses the whole. */
const ORIGIN = /^https?:\/\/[^/?#]+(?=[/?][^#]*$|$)/i

/** Gives the host, with its port, that a request's target names beside the `Host` header; `undefined` for a mere path. */
export function targetHost (url: string): string | undefined {
  return /^[a-z][a-z\d+.-]*:\/\/([^/?#]*)/i.exec(url)?.[1]
}
