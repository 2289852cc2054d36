import fastify, { type FastifyInstance } from 'fastify'
import type { IncomingMessage } from 'node:http'
import { HEALTH_PATH } from '../admin/health.js'
import { ADMIN_PATH, adminRoutes, sendProblem, unknownRoute } from '../admin/routes.js'
import { BODY_LIMIT } from '../api/body.js'
import type { Context } from '../runtime/context.js'
import { pathOf } from '../text/url.js'
import { answerUnknownPath, apiRoutes, type RequestOutcome } from './api-routes.js'
import { CONSOLE_PATHS, consoleRoutes } from './console-files.js'

/** The whole emulator as a value: a Fastify instance with everything registered and ready, which does not listen. */
export async function buildApp (context: Context): Promise<FastifyInstance> {
  const { log } = context
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 1000 },
    // A path that can't be decoded, or has a part that is too long, reaches no route, not even the control API's own handler.
    frameworkErrors: (_error, request, reply) => {
      const isControl = request.url.startsWith(`${ADMIN_PATH}/`)
      const answer = isControl ? sendProblem(reply, unknownRoute(request)) : answerUnknownPath(context, request, reply)
      Promise.resolve(answer).catch(error => log.error({ err: error }, 'failed'))
    },
    genReqId: requestIds(context)
  })
  app.decorateRequest('answered', null)
  app.decorateRequest('epoch', 0)

  // One line of our own: Fastify's two lines a request cost a quarter of the throughput. Health checks come every few
  // seconds and would drown it.
  app.addHook('onResponse', (request, reply, done) => {
    done()
    const level = request.routeOptions.url === ADMIN_PATH + HEALTH_PATH ? 'debug' : 'info'
    if (!log.isLevelEnabled(level)) return
    const { status, rule, account, assumptions, fault } = request.answered ?? NOT_DECIDED
    log[level]({
      request: request.id,
      method: request.method,
      path: pathOf(request),
      http: reply.statusCode,
      status,
      rule,
      account,
      assumptions,
      fault,
      ms: Math.round(reply.elapsedTime * 100) / 100
    }, 'answered')
  })

  await app.register(apiRoutes, context)
  if (context.hasConsole) consoleRoutes(app)
  await app.register(adminRoutes, { prefix: ADMIN_PATH, context, access: context.access, endpoints: context.endpoints })
  await app.ready()
  return app
}

/** Of a request that no rule was asked about: the line of the log has none of these then. */
const NOT_DECIDED: Partial<RequestOutcome> = {}

const IS_CONTROL = new RegExp(`^${ADMIN_PATH}(?:[/?]|$)`)

/**
 * `1-1`, `1-2`, …: the first number is another after each start on the same database, and after each reset. Calls of the
 * control API and of the console are counted apart, so that looking at the journal does not change what comes into it.
 */
function requestIds ({ store, pending, hasConsole }: Context): (request: Pick<IncomingMessage, 'method' | 'url'>) => string {
  let { starts } = store.world.find()!
  let epoch = pending.epoch()
  let count = 0
  let calls = 0
  return ({ method, url }) => {
    if (IS_CONTROL.test(url!) || (hasConsole && method === 'GET' && CONSOLE_PATHS.has(pathOf({ url: url! })))) return `control-${++calls}`
    if (epoch !== pending.epoch()) [epoch, starts, count] = [pending.epoch(), store.world.find()!.starts, 0]
    return `${starts}-${++count}`
  }
}
