import { closest } from 'fastest-levenshtein'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { BODY_LIMIT, readBody, unreadable, type Body } from '../api/body.js'
import { refused, requestHandler, type Answer, type Endpoint, type RequestHandler } from '../api/endpoint.js'
import { DIGITS } from '../api/fields.js'
import { requestedPlan } from '../domain/call-purpose.js'
import { isCarriedOut, type Target } from '../domain/fault.js'
import { Refusal } from '../domain/refusal.js'
import { publishBillingEvents } from '../runtime/billing-events.js'
import { BodyRefused } from '../runtime/bodies.js'
import type { Context } from '../runtime/context.js'
import { memoryBounds } from '../runtime/memory.js'
import type { Decision } from '../runtime/probe.js'
import { pathOf } from '../text/url.js'
import { findTokenOwner } from '../world/token-owner.js'
import { viewOf } from '../world/view.js'
import type { Cors } from './cors.js'
import { cutOff, holdingOf, pause, type Holding } from './deliver.js'
import { recordUndecided, requestStep, send } from './exchange.js'

export interface ApiRoutesOptions {
  readonly context: Context
  /** Endpoints to serve, by their full paths. */
  readonly endpoints: ReadonlyMap<string, Endpoint>
  readonly cors: Cors
}

/**
 * Serves the endpoints of the emulated API. All requests to them, and to unknown paths, are answered in the documented format.
 */
export async function apiRoutes (app: FastifyInstance, options: ApiRoutesOptions): Promise<void> {
  const { context, endpoints, cors } = options
  const { store, timeline, activeFaults, pending, machineTime, usage, bodies, probe, undecided, log } = context
  const { billingEvents: maxEvents } = memoryBounds()
  const served = new Map([...endpoints].map(([path, endpoint]) => [path, { name: endpoint.name, isReading: endpoint.save === null, handle: requestHandler(endpoint, maxEvents) }]))

  app.removeAllContentTypeParsers()
  // Registered by the name that every body gets below as well: Fastify looks up a parser found by `*` anew for each request.
  app.addContentTypeParser(['application/json', '*'], (_request, payload, done) => bodies.read(payload, BODY_LIMIT, done))
  app.addHook('onRequest', (request, reply, done) => {
    request.generation = pending.generation()
    cors.allow(request, reply)
    if (cors.isPreflight(request.raw)) {
      cors.answerPreflight(request, reply)
      return
    }
    // A body is read as JSON whatever its content type, even an invalid one.
    const { headers } = request.raw
    if (headers['content-type'] !== undefined) headers['content-type'] = 'application/json'
    done()
  })

  for (const [path, endpoint] of served) {
    app.post(path, (request, reply) => serve(endpoint, bodyOf(request), request, reply))
  }

  app.setNotFoundHandler(async (request, reply) => await answerMiss(request, reply))

  app.setErrorHandler(async (error: Error & { code?: string }, request, reply) => {
    if (error instanceof BodyRefused) return await answerMiss(request, reply, error.message)
    // A refusal by Fastify itself, with the method QUERY only.
    if (error.code === 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE') return await answerMiss(request, reply)
    // A client that has disconnected is not a failure.
    log[request.raw.socket.destroyed ? 'debug' : 'error']({ err: error, request: request.id }, 'failed')
    request.outcome = { status: OUT_OF_SERVICE.status, rule: null, account: null }
    return reply.code(500).header('content-type', 'application/json').serializer(String).send(JSON.stringify(OUT_OF_SERVICE))
  })

  /** Answers a request that did not reach an endpoint: because of its path, of its method, or of why its body was not read. */
  async function answerMiss (request: FastifyRequest, reply: FastifyReply, whyUnread = ''): Promise<FastifyReply> {
    // The route's path if there is one: the request may spell it differently.
    const endpoint = served.get(request.routeOptions.url ?? pathOf(request))
    if (endpoint === undefined) return await answerUnknownPath(options, request, reply)
    if (request.method === 'POST') {
      return await serve(endpoint, { text: '', isWhole: whyUnread === '', value: unreadable(whyUnread) }, request, reply)
    }
    const refusal = new Refusal('method-must-be-post', `this endpoint accepts only POST, not ${request.method}`)
    return await serve(endpoint, { text: '', isWhole: true, value: refusal }, request, reply.header('allow', 'POST'))
  }

  async function serve ({ name, isReading, handle }: Served, body: Body, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { generation } = request
    // The world was reset while the body came in: the request belongs to the previous test.
    if (generation.aborted) return cutOff(reply)
    // Read before any wait: the socket of a disconnected client no longer has an address.
    const from = context.addressOf(request)
    const arrivedAt = machineTime()
    const own = activeFaults.isEmpty() ? null : activeFaults.trigger(targetOf(name, body, context), arrivedAt)
    const call = probe?.call(request.id, targetOf(name, body, context), own !== null)
    const triggered = own ?? call?.triggered ?? null
    const { delayMs, fault } = triggered ?? NOT_DELAYED
    const isDelayed = delayMs > 0 && fault.when === 'before'
    // Requests of the same turn that met the faults before this one come before it, and may still wait for their common commit.
    if (isDelayed) store.flush()
    const step = requestStep(from, body, arrivedAt, isDelayed ? { position: timeline.position(), at: arrivedAt } : null)
    const exchange = { endpoint: name, body, triggered, step, request, reply }
    let decided = (): void => {}
    if (isDelayed) {
      const { account } = triggered!
      const holding = holdingOf(context, body)
      const hold: Holding['hold'] = letGo => {
        decided = undecided.add(account, own === null, letGo)
        return holding.hold(letGo)
      }
      if (!await pause(delayMs, reply, pending.signalFor(account), { ...holding, hold })) {
        step.at = machineTime()
        recordUndecided(context, exchange)
        decided()
        return reply
      }
    }
    const keep = triggered === null || isCarriedOut(triggered.fault)
    const input = { id: request.id, body: body.value, text: body.text, query: request.query, from, keep }
    if (isDelayed) step.at = machineTime()
    const manner = { sizeOf: sizeOfAnswer, whose: tokenIn(body), isReading }
    let answer: Answer | null
    try {
      answer = await store.commit(() => {
        // One that only reads may have been left for a later turn, and the world was reset meanwhile.
        if (generation.aborted) return null
        timeline.place(step)
        return handle(store, input, step.at)
      }, manner)
    } finally {
      decided()
    }
    if (answer === null) return cutOff(reply)
    if (call !== undefined) call.decision = decisionOf(answer)
    if (keep && !generation.aborted) usage.note(answer)
    if (answer.billingEvents.length > 0) publishBillingEvents(context, answer.billingEvents)
    return await send(context, exchange, answer)
  }
}

interface Served { readonly name: Endpoint['name'], readonly isReading: boolean, readonly handle: RequestHandler }

const sizeOfAnswer = (answer: Answer | null): number => answer === null ? 0 : answer.body.length

const NOT_DELAYED = { delayMs: 0, fault: { when: 'before' } } as const

/**
 * Answers a request to an unknown path. The web server in front of the vendor's program would answer it, so it is a 404 in every
 * dialect (assumed).
 */
export function answerUnknownPath (
  { context, endpoints }: Pick<ApiRoutesOptions, 'context' | 'endpoints'>,
  request: FastifyRequest,
  reply: FastifyReply
): FastifyReply | Promise<FastifyReply> {
  request.generation = context.pending.generation()
  const at = context.machineTime()
  const view = viewOf(context.store, undefined, at)
  const nearest = closest(pathOf(request).slice(0, MAX_PATH_LENGTH), [...endpoints.keys()])
  const refusal = new Refusal('path-must-be-known', `there is no endpoint at this path; the nearest known path is ${nearest}`)
  const body = bodyOf(request)
  const step = requestStep(context.addressOf(request), body, at, null)
  context.timeline.place(step)
  return send(context, { endpoint: null, body, triggered: null, step, request, reply }, { ...refused(refusal, view), httpStatus: 404 })
}

function bodyOf ({ body, headers }: FastifyRequest): Body {
  return readBody(body as Buffer | undefined, headers['content-encoding'])
}

/** Maximum length, in characters, of the part of a path that is compared with the known ones. */
const MAX_PATH_LENGTH = 200

/** Answer when the emulator itself fails, and has changed nothing. */
const OUT_OF_SERVICE = { status: 101, message: 'Service Unavailable: the emulator failed and changed nothing; its log says why' }

function decisionOf ({ status, rule, assumptions, charged, emulatedAt, disabledAt }: Answer): Decision {
  return { status, rule, assumptions, charged, emulatedAt, disabledAt }
}

/** Extracts the parts of a request that faults look at, before it is decided on. */
function targetOf (endpoint: string, { value }: Body, { store }: Context): Target {
  const { project_id: projectId } = value as Readonly<Record<string, unknown>>
  const token = tokenIn({ value })
  const account = typeof token === 'string' ? findTokenOwner(store, token)?.account.name ?? null : null
  return { account, endpoint, projectId: numberOf(projectId), planId: numberOf(requestedPlan(endpoint, value)) }
}

function tokenIn ({ value }: Pick<Body, 'value'>): unknown {
  return (value as { readonly token?: unknown }).token
}

/** Reads a number. A numeric string counts as well, even for a `strict` account: the client meant that project. */
function numberOf (value: unknown): number | null {
  return typeof value === 'number' || (typeof value === 'string' && DIGITS.test(value)) ? Number(value) : null
}
