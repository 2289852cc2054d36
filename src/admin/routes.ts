import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Endpoint } from '../api/endpoint.js'
import { Problem } from '../problem.js'
import { BodyRefused } from '../runtime/bodies.js'
import type { Context } from '../runtime/context.js'
import { databaseProblem, isDiskTrouble } from '../store/database.js'
import { pathOf, routedPath } from '../text/url.js'
import { Unwanted } from '../time-slices.js'
import { accountRoutes } from './accounts.js'
import { auditRoutes } from './audit.js'
import { caseRoutes } from './case.js'
import { clockRoutes } from './clock.js'
import { accountCreationRoutes } from './create-accounts.js'
import { eventRoutes } from './events.js'
import { faultRoutes } from './faults.js'
import { guard, type Access } from './guard.js'
import { HEALTH_PATH, healthRoutes } from './health.js'
import { historyRoutes } from './history.js'
import { IN_PARTS, LARGE_BODY, LargeBody, parse } from './large-body.js'
import { openApiOf, type AdminRoute } from './openapi.js'
import { partChecker } from './part-checker.js'
import { sendProblem } from './problem-document.js'
import { ADMIN_PATH } from './path.js'
import { projectRoutes } from './projects.js'
import { oneAtATime, replayRoutes, type Replayer } from './replay.js'
import { requestRoutes } from './requests.js'
import { accountResetRoutes } from './reset-account.js'
import { settingsRoutes } from './settings.js'
import { snapshotRoutes } from './snapshots.js'
import { stateRoutes } from './state.js'
import { summaryRoutes } from './summary.js'
import { recordCalls } from './timeline.js'
import { walletRoutes } from './wallet.js'

/** Maximum size of a body in bytes, unless a route says that it takes scenarios. */
const BODY_LIMIT = 1_048_576

/** Query of a call that takes no parameters. */
const NoQuery = Type.Object({}, { additionalProperties: false, description: 'no parameters, as this call takes none' })

declare module 'fastify' {
  interface FastifySchema { summary?: string }
}

export interface AdminOptions {
  readonly context: Context
  readonly access: Access
  /** The endpoints of the emulated API that the OpenAPI document describes, by their paths. */
  readonly endpoints: ReadonlyMap<string, Endpoint>
  /** Plays cases; none in the world of a replay, which has no such calls. */
  readonly replayer?: Replayer
}

/** The control API, with a plugin for each topic. Its errors are RFC 9457 problem documents. */
export async function adminRoutes (app: FastifyInstance, { context, access, endpoints, replayer }: AdminOptions): Promise<void> {
  const routes: AdminRoute[] = []
  app.addHook('onRoute', route => {
    route.bodyLimit ??= BODY_LIMIT
    // Whoever adds a parameter means something by it, such as to change nothing. But a probe may add anything.
    if (route.url !== ADMIN_PATH + HEALTH_PATH) route.schema = { querystring: NoQuery, ...route.schema }
    for (const method of [route.method].flat()) routes.push({ method, url: route.url, schema: route.schema! })
  })
  guard(app, access, request => request.routeOptions.url === ADMIN_PATH + HEALTH_PATH)

  recordCalls(app, context)

  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', (request, payload, done) => {
    if (isCompressed(request)) return done(COMPRESSED)
    context.bodies.read(payload, request.routeOptions.bodyLimit, (error, bytes) => {
      if (error !== null) return done(error)
      request.bodyLength = bytes!.length
      if (request.routeOptions.config.isReadInTurn === true && bytes!.length >= LARGE_BODY) done(null, new LargeBody(bytes!))
      else parse(bytes!, done)
    })
  })
  app.setErrorHandler(async (error: Error & { code?: string, statusCode?: number }, request, reply) => {
    // It reaches no one. A client may also go just before a stream is sent to it.
    if (error instanceof Unwanted || error.code === 'ERR_STREAM_PREMATURE_CLOSE') return await sendProblem(reply, GONE, context.journal)
    // With the method QUERY, Fastify asks for a content type before it looks for a route.
    const isMiss = error.code === 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE'
    const problem = isMiss ? missOf(request, reply) : error instanceof Problem ? error : problemOf(error, context.store.file)
    // What the caller can't help belongs in the log.
    if (problem === undefined || problem.status >= 500) context.log.error({ err: error, request: request.id }, 'failed')
    return await sendProblem(reply, problem ?? BUG, context.journal)
  })
  app.setNotFoundHandler(async (request, reply) => { throw missOf(request, reply) })

  // Called, not registered: a context of Fastify's for each would take a fifth of a start, and they share all that one can have.
  const typed = app.withTypeProvider<TypeBoxTypeProvider>()
  for (const topic of TOPICS) await topic(typed, { context })
  if (replayer !== undefined) {
    const alone = oneAtATime(replayer)
    await caseRoutes(typed, { context, replayer: alone })
    await replayRoutes(typed, { replayer: alone })
  }
  app.get('/openapi.json', { schema: { summary: 'Show this OpenAPI document' } }, async () => openApiOf(endpoints, routes))

  /** The problem of a call that reaches no route: because of its path, or of its method. */
  function missOf (request: FastifyRequest, reply: FastifyReply): Problem {
    const path = routedPath(request.url)
    const allowed = [...new Set(routes.filter(({ url }) => patternOf(url).test(path)).map(({ method }) => method))].join(', ')
    if (allowed === '') return unknownRoute(request)
    reply.header('allow', allowed)
    return new Problem(`${path} accepts ${allowed}, not ${request.method}`, { status: 405 })
  }
}

/** What checks and writes by the schemas of routes. Fastify's usual compilers take time to load. */
export const SCHEMA_COMPILERS = {
  // For the type, every such compiler is Ajv's.
  buildValidator: () => partChecker as never,
  // The schemas of answers describe them; they must not drop fields.
  buildSerializer: () => () => (value: unknown) => JSON.stringify(value)
}

const TOPICS = [
  healthRoutes,
  stateRoutes,
  accountRoutes,
  accountCreationRoutes,
  accountResetRoutes,
  walletRoutes,
  summaryRoutes,
  auditRoutes,
  projectRoutes,
  clockRoutes,
  historyRoutes,
  settingsRoutes,
  faultRoutes,
  requestRoutes,
  snapshotRoutes,
  eventRoutes
]

/** The problem of a call that the control API does not have. */
export function unknownRoute (request: FastifyRequest): Problem {
  return new Problem(`the control API has no ${request.method} ${pathOf(request)}`, { status: 404, advice: `${ADMIN_PATH}/openapi.json lists its routes` })
}

/** Tells whether a body is declared to be compressed. */
function isCompressed ({ headers: { 'content-encoding': encoding = '' } }: FastifyRequest): boolean {
  return !['', 'identity'].includes(encoding.trim().toLowerCase())
}

const COMPRESSED = new Problem('compressed bodies are not read', { status: 415, advice: 'send the body as it is, without the header content-encoding' })

/** A pattern that matches the paths of a route such as `/accounts/:account`. */
function patternOf (url: string): RegExp {
  return new RegExp(`^${url.replaceAll('.', '\\.').replace(/:[^/]+/g, '[^/]+')}$`)
}

const GONE = new Problem('the client closed its connection')

const BUG = new Problem('the emulator failed; its log says why', { status: 500, advice: 'this is a bug in the emulator; nothing was changed' })

/** Translates errors of Fastify and of the database file. */
function problemOf (error: NodeJS.ErrnoException, file: string): Problem | undefined {
  if (isDiskTrouble(error)) return databaseProblem(file, error)
  if (error instanceof BodyRefused) {
    return new Problem(`the body can't be read: ${error.message}`, {
      status: error.httpStatus,
      advice: IN_PARTS
    })
  }
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE': return new Problem('the body must be JSON and be declared as such', {
      status: 415,
      advice: 'send the header "content-type: application/json"'
    })
    // The client disconnected in the middle of its body: the answer reaches no one, and nothing failed here.
    case 'ECONNRESET': return new Problem('the connection closed before the whole body had arrived')
    default: return undefined
  }
}
