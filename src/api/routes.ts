import { closest } from 'fastest-levenshtein'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { relianceOn } from '../domain/assumptions.js'
import { Refusal } from '../domain/refusal.js'
import { changeSettings, DEFAULT_SETTINGS } from '../domain/settings.js'
import type { Store } from '../store/index.js'
import { BODY_LIMIT, readBody, unreadable } from './body.js'
import { refused, type Answer, type Answerer } from './endpoint.js'
import { answerers, BASE_PATH, ENDPOINTS } from './index.js'

/** What an answer was decided by; kept on the request for the access log. */
export type Answered = Pick<Answer, 'rule' | 'account' | 'restsOn'> & { readonly status: number }

declare module 'fastify' {
  interface FastifyRequest { answered: Answered | null }
}

export interface ApiContext {
  readonly store: Store
  readonly machineTime: () => number
  /** Told of what should not happen; the client only learns that it did. */
  readonly onBug: (error: unknown, requestId: string) => void
}

/**
 * Serves the emulated API below `BASE_PATH`. Whatever comes in, there or at a path that nobody serves, is answered in
 * the documented format.
 */
export async function apiRoutes (app: FastifyInstance, { store, machineTime, onBug }: ApiContext): Promise<void> {
  const endpoints = answerers()

  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  // Whatever a body's content type says, also one that is no content type at all, it is read as JSON.
  app.addHook('onRequest', async ({ raw }) => { delete raw.headers['content-type'] })

  for (const [path, answerTo] of endpoints) {
    app.post(path, (request, reply) => serve(answerTo, readBody(request.body as Buffer | undefined), request, reply))
  }

  app.setNotFoundHandler(async (request, reply) => {
    const answerTo = endpoints.get(pathOf(request))
    return answerTo === undefined
      ? answerUnknownPath(store, request, reply)
      : await serve(answerTo, new Refusal('method-must-be-post', `this endpoint takes only POST, not ${request.method}`), request, reply.header('allow', 'POST'))
  })

  app.setErrorHandler((error: Error & { code?: string }, request, reply) => {
    const answerTo = endpoints.get(pathOf(request))
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE' && answerTo !== undefined) {
      return serve(answerTo, unreadable(`it is larger than ${BODY_LIMIT} bytes`), request, reply)
    }
    onBug(error, request.id)
    return send(OUT_OF_SERVICE, request, reply)
  })

  async function serve (answerTo: Answerer, body: object | Refusal, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const asked = { id: request.id, body, query: request.query }
    return send(await store.commit(() => answerTo(store, asked, machineTime())), request, reply)
  }
}

/**
 * Answers a request to a path that nobody serves. It is not the vendor's program that says so but the server before it,
 * so it is a 404 in every dialect (assumed).
 */
export function answerUnknownPath (store: Store, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const settings = changeSettings(DEFAULT_SETTINGS, store.world.find()!.settings)
  const meant = closest(pathOf(request).slice(0, LONGEST_PATH), ENDPOINTS.map(endpoint => BASE_PATH + endpoint.path))
  const refusal = new Refusal('path-must-be-known', `there is nothing at this path; the nearest known path is ${meant}`)
  return send({ ...refused(refusal, settings, relianceOn(settings.assumptions), null), httpStatus: 404 }, request, reply)
}

/** As much of a path as is compared with the known ones. */
const LONGEST_PATH = 200

/** What a client gets when the emulator itself fails. Nothing has been changed then. */
const OUT_OF_SERVICE: Answer = {
  httpStatus: 500,
  contentType: 'application/json',
  body: { status: 101, message: 'Service Unavailable: the emulator failed and changed nothing; its log says why' },
  rule: null,
  restsOn: [],
  account: null
}

function send (answer: Answer, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { httpStatus, contentType, body, rule, restsOn, account } = answer
  request.answered = { status: body.status, rule, restsOn, account }
  const assumptions = restsOn.length > 0 ? { 'x-emulator-assumptions': restsOn.join(', ') } : {}
  return reply.code(httpStatus).headers({ 'content-type': contentType, ...assumptions }).serializer(String).send(JSON.stringify(body))
}

/** Without the query, which may hold a token. */
export function pathOf (request: FastifyRequest): string {
  const query = request.url.indexOf('?')
  return query === -1 ? request.url : request.url.slice(0, query)
}
