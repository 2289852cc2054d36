import fastify, { type FastifyInstance } from 'fastify'
import type { IncomingMessage } from 'node:http'
import type { Access } from '../admin/guard.js'
import { HEALTH_PATH } from '../admin/health.js'
import { ADMIN_PATH, isControlPath } from '../admin/path.js'
import type { Replayer } from '../admin/replay.js'
import { sendProblem } from '../admin/problem-document.js'
import { adminRoutes, SCHEMA_COMPILERS, unknownRoute } from '../admin/routes.js'
import { BODY_LIMIT } from '../api/body.js'
import type { Endpoint } from '../api/endpoint.js'
import type { Context } from '../runtime/context.js'
import { writeFields } from '../runtime/log.js'
import { MIN_COUNTED } from '../runtime/unread-answers.js'
import { routedPath } from '../text/url.js'
import { answerUnknownPath, apiRoutes } from './api-routes.js'
import { BROWSER_PATHS, consoleRoutes } from './console-files.js'
import { corsFor, type Cors } from './cors.js'
import { loggedPath, type RequestOutcome } from './exchange.js'
import { PROTECTIVE_HEADERS } from './protective-headers.js'
import { requestNumbers } from './request-numbers.js'

/** Parts of the app that the options decide on. */
export interface AppOptions {
  /** Conditions for using the control API. */
  readonly access: Access
  /** Endpoints of the emulated API to serve, by their full paths. */
  readonly endpoints: ReadonlyMap<string, Endpoint>
  /** Whether the web console is served. */
  readonly hasConsole: boolean
  /** Origins whose pages may read answers of the emulated API; none by default. */
  readonly origins?: readonly string[]
  /** Plays cases for the control API. */
  readonly replayer?: Replayer
}

/** Builds the emulator as a Fastify instance with everything registered and ready, which does not listen yet. */
export async function buildApp (context: Context, { access, endpoints, hasConsole, origins = [], replayer }: AppOptions): Promise<FastifyInstance> {
  const { log } = context
  const cors = corsFor(origins)
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 1000 },
    schemaController: { compilersFactory: SCHEMA_COMPILERS },
    // A path that can't be decoded, or has a part that is too long, reaches no route, not even the control API's own handler.
    frameworkErrors: (_error, request, reply) => {
      const isControl = isControlPath(routedPath(request.url))
      reply.headers(PROTECTIVE_HEADERS)
      if (!isControl) cors.allow(request, reply)
      const answer = isControl
        ? sendProblem(reply, unknownRoute(request), context.journal)
        : cors.isPreflight(request.raw) ? cors.answerPreflight(request, reply) : answerUnknownPath({ context, endpoints }, request, reply)
      Promise.resolve(answer).catch(error => log.error({ err: error }, 'failed'))
    },
    genReqId: requestIds(context, hasConsole, cors)
  })
  app.decorateRequest('outcome', null)
  app.decorateRequest('generation')

  // Before anything can answer: whatever the answer is, and whoever gives it, it has these.
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(PROTECTIVE_HEADERS)
    done()
  })

  // Whoever asks for a large answer and does not read it keeps it in memory. As bytes it is outside the heap; of a text, Node.js would keep
  // a second copy in the heap, behind the headers.
  app.addHook('onSend', (_request, reply, payload, done) => {
    const sent = typeof payload === 'string' && payload.length >= MIN_COUNTED ? Buffer.from(payload) : payload
    // That of a stream is declared.
    const size = typeof sent === 'string' || Buffer.isBuffer(sent) ? sent.length : Number(reply.getHeader('content-length') ?? 0)
    context.unreadAnswers.add(size, reply.raw)
    done(null, sent)
  })

  // A custom line, because Fastify's two lines per request cost a quarter of the throughput. Health checks come every few
  // seconds and would drown out the rest.
  app.addHook('onResponse', (request, reply, done) => {
    done()
    // Fastify makes a new object of the route's options each time.
    const route = request.routeOptions.url
    const level = route === ADMIN_PATH + HEALTH_PATH ? 'debug' : 'info'
    if (!log.isLevelEnabled(level)) return
    const { status, rule, account, assumptions, fault } = request.outcome ?? NOT_DECIDED
    writeFields(log, level, {
      request: request.id,
      method: request.method,
      path: loggedPath(context, request, route),
      http: reply.statusCode,
      status,
      rule,
      account,
      assumptions,
      fault,
      ms: Math.round(reply.elapsedTime * 100) / 100
    }, 'answered')
  })

  await app.register(apiRoutes, { context, endpoints, cors })
  if (hasConsole) consoleRoutes(app)
  await app.register(adminRoutes, { prefix: ADMIN_PATH, context, access, endpoints, ...replayer && { replayer } })
  await app.ready()
  return app
}

/** Outcome of a request that was not decided by a rule: its line in the log lacks these fields. */
const NOT_DECIDED: Partial<RequestOutcome> = {}

/**
 * Numbers the requests that are journaled. Calls to the control API and the console, and preflights, are counted separately: neither a
 * look at the journal nor what a browser remembers changes the ids in it.
 */
function requestIds (
  context: Context,
  hasConsole: boolean,
  cors: Cors
): (request: IncomingMessage) => string {
  const next = requestNumbers(context)
  let calls = 0
  let preflights = 0
  return request => {
    const { method, url } = request
    const path = routedPath(url!)
    const isConsole = hasConsole && (method === 'GET' || method === 'HEAD') && BROWSER_PATHS.has(path)
    if (isControlPath(path) || isConsole) return `control-${++calls}`
    if (cors.isPreflight(request)) return `preflight-${++preflights}`
    return context.requestId(next)
  }
}
