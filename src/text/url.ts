import type { FastifyRequest } from 'fastify'

/** Without the query, which may hold a token. */
export function pathOf ({ url }: Pick<FastifyRequest, 'url'>): string {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}
