import fastify, { type FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { healthRoute } from './admin/health.js'
import { BODY_LIMIT } from './api/body.js'
import { answerUnknownPath, apiRoutes, pathOf } from './api/routes.js'
import type { Store } from './store/index.js'

/** The path below which the emulator is controlled: not the vendor's. */
export const ADMIN_PATH = '/__admin'

const HEALTH_PATH = `${ADMIN_PATH}/health`

export interface AppContext {
  readonly store: Store
  readonly log: Logger
  /** The machine's time in milliseconds; the clocks of the world and its accounts are set against it. */
  readonly machineTime: () => number
}

/** The whole emulator as a value: a Fastify instance with everything registered and ready, which does not listen. */
export async function buildApp ({ store, log, machineTime }: AppContext): Promise<FastifyInstance> {
  const { starts } = store.world.find()!
  let requests = 0
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    exposeHeadRoutes: false,
    // A path that can't be decoded reaches no route.
    frameworkErrors: (_error, request, reply) => { answerUnknownPath(store, request, reply) },
    genReqId: () => `${starts}-${++requests}`
  })
  app.decorateRequest('answered', null)

  // One line of our own: Fastify's two lines a request cost a quarter of the throughput. Health checks come every few
  // seconds and would drown it.
  app.addHook('onResponse', async (request, reply) => {
    const level = request.routeOptions.url === HEALTH_PATH ? 'debug' : 'info'
    log[level]({
      request: request.id,
      method: request.method,
      path: pathOf(request),
      http: reply.statusCode,
      ...request.answered,
      ms: Math.round(reply.elapsedTime * 100) / 100
    }, 'answered')
  })

  await app.register(apiRoutes, {
    store,
    machineTime,
    onBug: (err: unknown, request: string) => log.error({ err, request }, 'failed')
  })
  await app.register(healthRoute, { prefix: ADMIN_PATH, store, machineTime })
  await app.ready()
  return app
}
