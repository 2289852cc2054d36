import type { FastifyReply, FastifyRequest } from 'fastify'

/** Lets pages of other origins read answers of the emulated API; what the vendor's API allowed is unknown. */
export interface Cors {
  /** Adds what allows a page to read the answer, however it is delivered later. */
  readonly allow: (request: FastifyRequest, reply: FastifyReply) => void
  /** Tells whether a browser asks whether it may send a request, which is not one of the client's own. */
  readonly isPreflight: (request: Pick<FastifyRequest['raw'], 'method' | 'headers'>) => boolean
  /** Answers a preflight: with what it asks for, or, for an origin that is not allowed, with nothing. */
  readonly answerPreflight: (request: FastifyRequest, reply: FastifyReply) => FastifyReply
}

/** Creates the grants for origins as browsers send them, such as `http://localhost:5173`; for none, browsers are treated like any other client. */
export function corsFor (origins: readonly string[]): Cors {
  const allowed = new Set(origins.map(origin => origin.toLowerCase()))
  const isAllowed = (origin: string | undefined): origin is string => origin !== undefined && allowed.has(origin.toLowerCase())

  return {
    allow ({ headers: { origin } }, { raw }) {
      if (allowed.size === 0) return
      raw.setHeader('vary', 'origin')
      if (!isAllowed(origin)) return
      raw.setHeader('access-control-allow-origin', origin)
      // Nothing here looks at cookies. But a page may be set to send them to its API, and a beacon always does.
      raw.setHeader('access-control-allow-credentials', 'true')
      raw.setHeader('access-control-expose-headers', EXPOSED)
    },
    isPreflight: ({ method, headers }) =>
      allowed.size > 0 && method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined,
    answerPreflight ({ headers }, reply) {
      reply.code(204)
      if (!isAllowed(headers.origin)) return reply.send()
      // The documented method: a page that asks for another is stopped by its browser, as it would be by the API.
      reply.header('access-control-allow-methods', 'POST').header('access-control-max-age', MAX_AGE)
      const asked = headers['access-control-request-headers']
      if (asked !== undefined) reply.header('access-control-allow-headers', asked)
      if (headers['access-control-request-private-network'] === 'true') reply.header('access-control-allow-private-network', 'true')
      return reply.send()
    }
  }
}

const EXPOSED = 'x-emulator-assumptions'

/** How long, in seconds, a browser may keep the answer to a preflight: briefly, because the next start may allow other origins. */
const MAX_AGE = 5
