import type { FastifyRequest } from 'fastify'

/** Gives the path of a request without its query, which may hold a token. */
export function pathOf ({ url }: Pick<FastifyRequest, 'url'>): string {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}

/**
 * Gives the path of a request as the router reads it: without a host in front, and with letters that need not be encoded decoded.
 * What is encoded for a reason stays so, such as the slash within a name.
 */
export function routedPath (url: string): string {
  if (url.startsWith('/') && !/[%#]/.test(url)) return pathOf({ url })
  const [path = ''] = url.replace(ORIGIN, '/').split(/[?#]/)
  return path.replace(/%[0-7][0-9a-f]/gi, decodeURI)
}

const ORIGIN = /^https?:\/\/[^/]*\//i

/** Gives the host, with its port, that a request's target names beside the `Host` header; `undefined` for a mere path. */
export function targetHost (url: string): string | undefined {
  return /^[a-z][a-z\d+.-]*:\/\/([^/?#]*)/i.exec(url)?.[1]
}
