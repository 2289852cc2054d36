import type { TSchema } from '@sinclair/typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isUtf8 } from 'node:buffer'
import { STATUS_CODES } from 'node:http'
import type { Endpoint } from '../api/endpoint.js'
import { Problem } from '../problem.js'
import type { Context } from '../runtime/context.js'
import { schemaIssues, throwIfInvalid } from '../scenario/issues.js'
import { databaseProblem, isDiskTrouble } from '../store/database.js'
import { readJson } from '../text/json.js'
import { pathOf } from '../text/url.js'
import { accountRoutes } from './accounts.js'
import { clockRoutes } from './clock.js'
import { eventRoutes } from './events.js'
import { faultRoutes } from './faults.js'
import { guard, type Access } from './guard.js'
import { HEALTH_PATH, healthRoute } from './health.js'
import { openApiOf, type AdminRoute } from './openapi.js'
import { projectRoutes } from './projects.js'
import { requestRoutes } from './requests.js'
import { settingsRoutes } from './settings.js'
import { stateRoutes } from './state.js'
import { walletRoutes } from './wallet.js'

/** The path below which the emulator is controlled: not the vendor's. */
export const ADMIN_PATH = '/__admin'

/** The largest body that is read here, in bytes: a world of a hundred thousand projects. */
const BODY_LIMIT = 128 * 1_048_576

declare module 'fastify' {
  interface FastifySchema { summary?: string }
}

export interface AdminOptions {
  readonly context: Context
  readonly access: Access
  /** The endpoints of the emulated API that are served, by their whole paths: the OpenAPI document has them too. */
  readonly endpoints: ReadonlyMap<string, Endpoint>
}

/** The control API: one file a topic. Its errors are RFC 9457 problem documents. */
export async function adminRoutes (app: FastifyInstance, { context, access, endpoints }: AdminOptions): Promise<void> {
  const routes: AdminRoute[] = []
  app.addHook('onRoute', route => {
    route.bodyLimit = BODY_LIMIT
    for (const method of [route.method].flat()) routes.push({ method, url: route.url, schema: route.schema! })
  })
  guard(app, access, request => request.routeOptions.url === ADMIN_PATH + HEALTH_PATH)

  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: FastifyRequest, bytes: Buffer) => readBody(bytes))
  app.setValidatorCompiler<TSchema>(({ schema, httpPart }) => value => {
    try {
      throwIfInvalid(`the ${httpPart === 'querystring' ? 'query' : httpPart}`, schemaIssues(schema, value))
      return { value }
    } catch (error) {
      return { error: error as Error }
    }
  })
  // The schemas of answers are there to be read, not to cut fields away.
  app.setSerializerCompiler(() => value => JSON.stringify(value))

  app.setErrorHandler(async (error: Error & { code?: string, statusCode?: number }, request, reply) => {
    const problem = error instanceof Problem ? error : problemOf(error, context.store.file)
    // What is nobody's mistake out there belongs into the log.
    if (problem === undefined || problem.status >= 500) context.log.error({ err: error, request: request.id }, 'failed')
    const { status, message, issues, advice, more } = problem ?? BUG
    return await reply.code(status).header('content-type', 'application/problem+json').serializer(String).send(JSON.stringify({
      type: 'about:blank',
      title: STATUS_CODES[status],
      status,
      detail: message,
      ...issues.length > 0 && { errors: issues },
      advice: advice ?? `${ADMIN_PATH}/openapi.json describes this call`,
      ...more
    }))
  })
  app.setNotFoundHandler(async (request, reply) => {
    const path = pathOf(request)
    const allowed = [...new Set(routes.filter(({ url }) => patternOf(url).test(path)).map(({ method }) => method))].join(', ')
    if (allowed === '') throw new Problem(`the control API has no ${request.method} ${path}`, { status: 404, advice: `${ADMIN_PATH}/openapi.json lists what it has` })
    reply.header('allow', allowed)
    throw new Problem(`${path} takes ${allowed}, not ${request.method}`, { status: 405 })
  })

  await healthRoute(app, context)
  await stateRoutes(app, context)
  await accountRoutes(app, context)
  await walletRoutes(app, context)
  await projectRoutes(app, context)
  await clockRoutes(app, context)
  await settingsRoutes(app, context)
  await faultRoutes(app, context)
  await requestRoutes(app, context)
  await eventRoutes(app, context)
  app.get('/openapi.json', { schema: { summary: 'Describe both APIs' } }, async () => openApiOf(endpoints, routes))
}

/** What fits a route's path, such as `/accounts/:account`. */
function patternOf (url: string): RegExp {
  return new RegExp(`^${url.replaceAll('.', '\\.').replace(/:[^/]+/g, '[^/]+')}$`)
}

/** A body's value; none for an empty one, which some clients announce as JSON where there is nothing to send. */
function readBody (bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  if (!isUtf8(bytes)) throw new Problem('the body is not UTF-8 text')
  const json = readJson(bytes.toString().replace(/^\uFEFF/, ''))
  if ('value' in json) return json.value
  throw new Problem(`the body is not JSON: ${json.issue.what} (line ${json.issue.line}, column ${json.issue.column})`)
}

const BUG = new Problem('the emulator failed; its log says why', { status: 500, advice: 'this is a bug: nothing has been changed' })

/** What Fastify itself has against a request, or what is wrong with the database's file. */
function problemOf (error: NodeJS.ErrnoException, file: string): Problem | undefined {
  if (isDiskTrouble(error)) return databaseProblem(file, error)
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE': return new Problem('the body must be JSON and say so', { status: 415, advice: 'send the header "content-type: application/json"' })
    case 'FST_ERR_CTP_BODY_TOO_LARGE': return new Problem(`the body is larger than ${BODY_LIMIT} bytes`, { status: 413, advice: 'send it in parts: PUT /__admin/state without accounts, then POST /__admin/accounts' })
    // The client went away in the middle of its body: nobody reads the answer, and nothing failed here.
    case 'ECONNRESET': return new Problem('the body broke off')
    default: return undefined
  }
}
