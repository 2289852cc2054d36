import { closest } from 'fastest-levenshtein'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { BODY_LIMIT, readBody, unreadable, type Body } from '../api/body.js'
import { refused, requestHandler, type Answer, type Endpoint, type RequestHandler } from '../api/endpoint.js'
import { DIGITS } from '../api/fields.js'
import { isCarriedOut, type Target } from '../domain/fault.js'
import { Refusal, type Rule } from '../domain/refusal.js'
import { headerLines } from '../journal/headers.js'
import { bookingOf, type Entry, type Recorded } from '../journal/record.js'
import { publishBillingEvents } from '../runtime/billing-events.js'
import { BodyRefused } from '../runtime/bodies.js'
import type { Context } from '../runtime/context.js'
import type { TriggeredFault } from '../runtime/faults.js'
import type { Decision } from '../runtime/probe.js'
import { STEP_OVERHEAD, type TimelineRequest } from '../runtime/timeline.js'
import { originForm, pathOf } from '../text/url.js'
import { findTokenOwner } from '../world/token-owner.js'
import { viewOf } from '../world/view.js'
import type { Cors } from './cors.js'
import { cutOff, deliver, isAnswered, isCutAtOnce, isCutShort, outgoingOf, pause, type Outgoing } from './deliver.js'
import { onEnd, stateOf } from './response-end.js'

/** Outcome of a request to the emulated API, kept on the request for the access log. */
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
    /** Generation in which the request arrived; aborted by a reset. */
    generation: AbortSignal
  }
}

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
  const { store, timeline, activeFaults, pending, machineTime, usage, bodies, probe, log } = context
  const served = new Map([...endpoints].map(([path, endpoint]) => [path, { name: endpoint.name, handle: requestHandler(endpoint) }]))

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

  async function serve ({ name, handle }: Served, body: Body, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
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
    const step = requestStep(from, body, arrivedAt, isDelayed ? { position: timeline.position(), at: arrivedAt } : null)
    if (isDelayed && !await pause(delayMs, reply, pending.signalFor(triggered!.account), context.sleep)) {
      step.at = machineTime()
      timeline.place(step)
      timeline.complete(step, { ...undecided(context, name, body, triggered!, request), retryOf: null }, STEP_OVERHEAD)
      return reply
    }
    const keep = triggered === null || isCarriedOut(triggered.fault)
    const input = { id: request.id, body: body.value, text: body.text, query: request.query, from, keep }
    if (isDelayed) step.at = machineTime()
    const answer = await store.commit(() => {
      timeline.place(step)
      return handle(store, input, step.at)
    })
    if (call !== undefined) call.decision = decisionOf(answer)
    if (keep && !generation.aborted) usage.note(answer)
    if (answer.billingEvents.length > 0) publishBillingEvents(context, answer.billingEvents)
    return await send(context, answer, name, body, triggered, step, request, reply)
  }
}

interface Served { readonly name: Endpoint['name'], readonly handle: RequestHandler }

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
  return send(context, { ...refused(refusal, view), httpStatus: 404 }, null, body, null, step, request, reply)
}

function bodyOf ({ body, headers }: FastifyRequest): Body {
  return readBody(body as Buffer | undefined, headers['content-encoding'])
}

/** Maximum length, in characters, of the part of a path that is compared with the known ones. */
const MAX_PATH_LENGTH = 200

/** Answer when the emulator itself fails, and has changed nothing. */
const OUT_OF_SERVICE = { status: 101, message: 'Service Unavailable: the emulator failed and changed nothing; its log says why' }

function send (
  context: Context,
  answer: Answer,
  endpoint: string | null,
  body: Body,
  triggered: TriggeredFault | null,
  step: TimelineRequest,
  request: FastifyRequest,
  reply: FastifyReply
): FastifyReply | Promise<FastifyReply> {
  const { pending, log, timeline, sleep } = context
  if (request.generation.aborted) {
    // The world was reset while the request was decided on. An undo of the reset brings back what it did.
    const recorded = recordedOf(context, answer, null, endpoint, body, triggered, request, reply.elapsedTime)
    timeline.complete(step, { ...recorded, retryOf: null }, STEP_OVERHEAD)
    return cutOff(reply)
  }
  const outgoing = outgoingOf(answer, triggered)
  const { rule, assumptions, account } = answer
  request.outcome = {
    status: outgoing.apiStatus,
    rule,
    account,
    assumptions: assumptions.length > 0 ? assumptions.join(', ') : undefined,
    fault: triggered?.fault.kind
  }
  const isDelayed = triggered !== null && triggered.delayMs > 0 && triggered.fault.when === 'after'
  const signal = (): AbortSignal => pending.signalFor(account)
  if (isDelayed) {
    record(context, answer, outgoing, endpoint, body, triggered, step, request, reply)
    return pause(triggered.delayMs, reply, signal(), sleep).then(isOver => isOver ? deliver(reply, outgoing, triggered, signal, sleep) : reply)
  }
  const delivered = deliver(reply, outgoing, triggered, signal, sleep)
  // After the delivery, which tells the state; before anyone else has a turn, the client included.
  record(context, answer, outgoing, endpoint, body, triggered, step, request, reply)
  if (isCutShort(triggered)) {
    log.info({ request: request.id, method: request.method, path: loggedPath(context, request), ...request.outcome }, 'cut short')
  }
  return delivered
}

/** Records a request in the journal and the timeline, publishes it, and follows it to its end. */
function record (
  context: Context,
  answer: Answer,
  outgoing: Outgoing,
  endpoint: string | null,
  body: Body,
  triggered: TriggeredFault | null,
  step: TimelineRequest,
  request: FastifyRequest,
  reply: FastifyReply
): void {
  const { journal, timeline, eventBus } = context
  const { account } = answer
  const recorded = recordedOf(context, answer, outgoing, endpoint, body, triggered, request, reply.elapsedTime)
  recorded.state = isCutAtOnce(triggered) ? 'cut' : stateOf(reply)
  const entry = journal.add(recorded)
  timeline.complete(step, entry, entry.bytes)
  eventBus.publishText('request', account, () => journal.textOf(entry))
  if (entry.state !== 'under-way') return
  onEnd(reply, state => {
    if (journal.settle(entry, state, reply.elapsedTime)) eventBus.publishText('request-ended', account, () => journal.textOf(entry))
  })
}

/** What is recorded of an answer besides what goes out. */
type Facts = Pick<Answer, 'account' | 'rule' | 'assumptions' | 'emulatedAt' | 'disabledAt' | 'charged' | 'booked' | 'billingEvents'>

/** Puts together what is recorded of a request; `outgoing` is `null` where no answer goes out, not even a part of one. */
function recordedOf (
  { machineTime }: Context,
  { account, rule, assumptions, emulatedAt, disabledAt, charged, booked, billingEvents }: Facts,
  outgoing: Outgoing | null,
  endpoint: string | null,
  body: Body,
  triggered: TriggeredFault | null,
  request: FastifyRequest,
  durationMs: number
): Omit<Recorded, 'state'> & Pick<Entry, 'state'> {
  return {
    id: request.id,
    account,
    endpoint,
    method: request.method,
    url: originForm(request.url),
    at: machineTime() - durationMs,
    emulatedAt,
    disabledAt,
    state: 'cut',
    durationMs,
    headers: headerLines(request.raw.rawHeaders),
    body: body.text,
    answer: isAnswered(triggered) ? outgoing : null,
    apiStatus: outgoing === null ? null : outgoing.apiStatus,
    rule,
    assumptions,
    charged,
    booked: bookingOf(booked, billingEvents),
    fault: triggered && { id: triggered.id, kind: triggered.fault.kind, when: triggered.fault.when, matched: triggered.matched }
  }
}

/** What is recorded of a request that a reset cut off while a fault delayed it: nothing was decided. */
function undecided (context: Context, endpoint: string, body: Body, triggered: TriggeredFault, request: FastifyRequest): Recorded {
  const { facts } = viewOf(context.store, undefined, context.machineTime())
  const nothing = { rule: null, assumptions: [], charged: false, booked: null, billingEvents: [], emulatedAt: facts.now, disabledAt: Infinity }
  return recordedOf(context, { account: triggered.account, ...nothing }, null, endpoint, body, triggered, request, 0)
}

/** Makes the step of a request, to be placed in the timeline when it is decided. */
function requestStep (from: string, { isWhole }: Body, at: number, arrived: TimelineRequest['arrived']): TimelineRequest {
  return { kind: 'request', at, arrived, from, isSendable: isWhole, recorded: null, isPlaced: false, bytes: STEP_OVERHEAD }
}

/** Gives a request's path for the log: without its query, and without secrets in the path itself, such as `/api/v2&token=…`. */
export function loggedPath ({ journal }: Pick<Context, 'journal'>, request: FastifyRequest, route = request.routeOptions.url): string {
  const path = pathOf(request)
  return path === route ? path : journal.redact(path)
}

function decisionOf ({ body: { status }, rule, assumptions, charged, emulatedAt, disabledAt }: Answer): Decision {
  return { status, rule, assumptions, charged, emulatedAt, disabledAt }
}

/** Extracts the parts of a request that faults look at, before it is decided on. */
function targetOf (endpoint: string, { value }: Body, { store }: Context): Target {
  const { token, project_id: projectId, plan_id: planId, billing_plan: billingPlan } = value as Readonly<Record<string, unknown>>
  const account = typeof token === 'string' ? findTokenOwner(store, token)?.account.name ?? null : null
  return { account, endpoint, projectId: numberOf(projectId), planId: numberOf(planId ?? billingPlan) }
}

/** Reads a number. A numeric string counts as well, even for a `strict` account: the client meant that project. */
function numberOf (value: unknown): number | null {
  return typeof value === 'number' || (typeof value === 'string' && DIGITS.test(value)) ? Number(value) : null
}
