import type { FastifyRequest } from 'fastify'

/** Gives the path of a request without its query, which may hold a token. */
export function pathOf ({ url }: Pick<FastifyRequest, 'url'>): string {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}
