import { closest } from 'fastest-levenshtein'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { BODY_LIMIT, readBody, unreadable, type Body } from '../api/body.js'
import { refused, requestHandler, type Answer, type Endpoint, type RequestHandler } from '../api/endpoint.js'
import { DIGITS } from '../api/fields.js'
import { isCarriedOut, type Target } from '../domain/fault.js'
import { Refusal, type Rule } from '../domain/refusal.js'
import { entryOf } from '../journal/entry.js'
import { headerLines } from '../journal/headers.js'
import { publishBillingEvents } from '../runtime/billing-events.js'
import type { Context } from '../runtime/context.js'
import type { TriggeredFault } from '../runtime/faults.js'
import { pathOf } from '../text/url.js'
import { findTokenOwner } from '../world/token-owner.js'
import { viewOf } from '../world/view.js'
import { cutOff, deliver, isAnswered, isCutShort, outgoingOf, pause } from './deliver.js'

/** The outcome of a request of the emulated API; kept on the request for the access log. */
export interface RequestOutcome {
  readonly status: number | null
  readonly rule: Rule | null
  readonly account: string | null
  readonly assumptions?: string | undefined
  readonly fault?: string | undefined
}

declare module 'fastify' {
  interface FastifyRequest {
    outcome: RequestOutcome | null
    /** The generation in which it came in; aborted by a reset. */
    generation: AbortSignal
  }
}

export interface ApiRoutesOptions {
  readonly context: Context
  /** The endpoints that are served, by their whole paths. */
  readonly endpoints: ReadonlyMap<string, Endpoint>
}

/**
 * Serves the endpoints of the emulated API. Every request to them, and to any path that is not served, is answered in the
 * documented format.
 */
export async function apiRoutes (app: FastifyInstance, options: ApiRoutesOptions): Promise<void> {
  const { context, endpoints } = options
  const { store, activeFaults, pending, machineTime, eventBus, log } = context
  const served = new Map([...endpoints].map(([path, endpoint]) => [path, { name: endpoint.name, handle: requestHandler(endpoint) }]))

  app.removeAllContentTypeParsers()
  // Once by the name that every body gets below: what is found by `*` alone is looked for anew with each request.
  app.addContentTypeParser(['application/json', '*'], { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.addHook('onRequest', (request, _reply, done) => {
    request.generation = pending.generation()
    // A body is read as JSON whatever its content type says, even if that is no content type at all.
    const { headers } = request.raw
    if (headers['content-type'] !== undefined) headers['content-type'] = 'application/json'
    done()
  })

  for (const [path, endpoint] of served) {
    app.post(path, (request, reply) => serve(endpoint, readBody(request.body as Buffer | undefined), request, reply))
  }

  app.setNotFoundHandler(async (request, reply) => await answerMiss(request, reply))

  app.setErrorHandler(async (error: Error & { code?: string }, request, reply) => {
    // Fastify's own refusals; the second is for the method QUERY alone.
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE' || error.code === 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE') return await answerMiss(request, reply)
    // A client that has gone is not a failure, and does not read the answer.
    log[request.raw.socket.destroyed ? 'debug' : 'error']({ err: error, request: request.id }, 'failed')
    request.outcome = { status: OUT_OF_SERVICE.status, rule: null, account: null }
    return reply.code(500).header('content-type', 'application/json').serializer(String).send(JSON.stringify(OUT_OF_SERVICE))
  })

  /** Answers a request that did not reach its endpoint: because of its method or the size of its body, or because there is no endpoint. */
  async function answerMiss (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    // The route's path where there is one: the request may spell it in another way.
    const endpoint = served.get(request.routeOptions.url ?? pathOf(request))
    if (endpoint === undefined) return await answerUnknownPath(options, request, reply)
    if (request.method === 'POST') return await serve(endpoint, { text: '', value: unreadable(`it is larger than ${BODY_LIMIT} bytes`) }, request, reply)
    const refusal = new Refusal('method-must-be-post', `this endpoint takes only POST, not ${request.method}`)
    return await serve(endpoint, { text: '', value: refusal }, request, reply.header('allow', 'POST'))
  }

  async function serve ({ name, handle }: Served, body: Body, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { generation } = request
    // The world was reset while its body came in: it belongs to the test before.
    if (generation.aborted) return cutOff(reply)
    // Read before any wait: the socket of a client that has gone has no address any more.
    const from = String(request.ip)
    const triggered = activeFaults.isEmpty() ? null : activeFaults.trigger(targetOf(name, body, context))
    const { delayMs, fault } = triggered ?? NOT_DELAYED
    if (delayMs > 0 && fault.when === 'before' && !await pause(delayMs, reply, pending.signalFor(triggered!.account))) return reply
    const keep = triggered === null || isCarriedOut(triggered.fault)
    const input = { id: request.id, body: body.value, query: request.query, from, keep }
    const answer = await store.commit(() => handle(store, input, machineTime()))
    if (answer.billingEvents.length > 0) publishBillingEvents(eventBus, answer.billingEvents)
    // After a reset in the very moment of the commit there is nothing left to wait for.
    if (delayMs > 0 && fault.when === 'after' && !generation.aborted && !await pause(delayMs, reply, pending.signalFor(answer.account))) return reply
    return await send(context, answer, name, body, triggered, request, reply)
  }
}

interface Served { readonly name: Endpoint['name'], readonly handle: RequestHandler }

const NOT_DELAYED = { delayMs: 0, fault: { when: 'before' } } as const

/**
 * Answers a request to a path that is not served. The server in front of the vendor's program would answer it, so it is a
 * 404 in every dialect (assumed).
 */
export function answerUnknownPath ({ context, endpoints }: ApiRoutesOptions, request: FastifyRequest, reply: FastifyReply): FastifyReply | Promise<FastifyReply> {
  request.generation = context.pending.generation()
  const view = viewOf(context.store, undefined, context.machineTime())
  const meant = closest(pathOf(request).slice(0, MAX_PATH_LENGTH), [...endpoints.keys()])
  const refusal = new Refusal('path-must-be-known', `there is nothing at this path; the nearest known path is ${meant}`)
  return send(context, { ...refused(refusal, view), httpStatus: 404 }, null, readBody(request.body as Buffer | undefined), null, request, reply)
}

/** The part of a path, in characters, that is compared with the known ones. */
const MAX_PATH_LENGTH = 200

/** The answer when the emulator itself fails. Nothing has been changed then. */
const OUT_OF_SERVICE = { status: 101, message: 'Service Unavailable: the emulator failed and changed nothing; its log says why' }

function send (context: Context, answer: Answer, endpoint: string | null, body: Body, triggered: TriggeredFault | null, request: FastifyRequest, reply: FastifyReply): FastifyReply | Promise<FastifyReply> {
  const { pending, journal, log, machineTime, eventBus } = context
  if (request.generation.aborted) return cutOff(reply)
  const outgoing = outgoingOf(answer, triggered)
  const { httpStatus, headers, body: sent, apiStatus } = outgoing
  const { rule, assumptions, account, emulatedAt, disabledAt, charged } = answer
  request.outcome = {
    status: apiStatus,
    rule,
    account,
    assumptions: assumptions.length > 0 ? assumptions.join(', ') : undefined,
    fault: triggered?.fault.kind
  }
  const entry = journal.add({
    id: request.id,
    account,
    endpoint,
    method: request.method,
    url: request.url,
    at: machineTime() - reply.elapsedTime,
    emulatedAt,
    disabledAt,
    durationMs: reply.elapsedTime,
    headers: headerLines(request.raw.rawHeaders),
    body: body.text,
    answer: isAnswered(triggered) ? { httpStatus, headers, body: sent } : null,
    apiStatus,
    rule,
    assumptions,
    charged,
    fault: triggered && { id: triggered.id, kind: triggered.fault.kind, when: triggered.fault.when, matched: triggered.matched }
  })
  eventBus.publish('request', account, () => entryOf(entry))
  if (isCutShort(triggered)) log.info({ request: request.id, method: request.method, path: pathOf(request), ...request.outcome }, 'cut short')
  return deliver(reply, outgoing, triggered, () => pending.signalFor(account))
}

/** The parts of a request that faults look at, before it is decided on. */
function targetOf (endpoint: string, { value }: Body, { store }: Context): Target {
  const { token, project_id: projectId, plan_id: planId, billing_plan: billingPlan } = value as Readonly<Record<string, unknown>>
  const account = typeof token === 'string' ? findTokenOwner(store, token)?.account.name ?? null : null
  return { account, endpoint, projectId: numberOf(projectId), planId: numberOf(planId ?? billingPlan) }
}

/** A numeric string counts as the number, even for a `strict` account: the client meant that project. */
function numberOf (value: unknown): number | null {
  return typeof value === 'number' || (typeof value === 'string' && DIGITS.test(value)) ? Number(value) : null
}
