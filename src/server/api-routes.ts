import { closest } from 'fastest-levenshtein'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { BODY_LIMIT, readBody, unreadable, type Body } from '../api/body.js'
import { refused, requestHandler, type Answer, type Endpoint, type RequestHandler } from '../api/endpoint.js'
import { DIGITS } from '../api/fields.js'
import { mappedHttpStatus, STATUS_TEXTS, type StatusCode } from '../api/status-codes.js'
import type { Target } from '../domain/fault.js'
import { Refusal, type Rule } from '../domain/refusal.js'
import { entryOf } from '../journal/entry.js'
import { headerLines } from '../journal/headers.js'
import { publishBillingEvents } from '../runtime/billing-events.js'
import type { Context } from '../runtime/context.js'
import type { TriggeredFault } from '../runtime/faults.js'
import { pathOf } from '../text/url.js'
import { findTokenOwner } from '../world/token-owner.js'
import { viewOf } from '../world/view.js'
import { cutOff, deliver, pause, type Outgoing } from './deliver.js'

/** What an answer was decided by; kept on the request for the access log. */
export interface RequestOutcome {
  readonly status: number | null
  readonly rule: Rule | null
  readonly account: string | null
  readonly assumptions?: string | undefined
  readonly fault?: string | undefined
}

declare module 'fastify' {
  interface FastifyRequest {
    answered: RequestOutcome | null
    /** In which epoch it came in; a reset begins a new one. */
    epoch: number
  }
}

/**
 * Serves the endpoints of the emulated API. Whatever comes in, there or at a path that nobody serves, is answered in
 * the documented format.
 */
export async function apiRoutes (app: FastifyInstance, context: Context): Promise<void> {
  const { store, activeFaults, pending, machineTime, log } = context
  const served = new Map([...context.endpoints].map(([path, endpoint]) => [path, { name: endpoint.name, answerTo: requestHandler(endpoint) }]))

  app.removeAllContentTypeParsers()
  // Once by the name that every body gets below: what is found by `*` alone is looked for anew with each request.
  app.addContentTypeParser(['application/json', '*'], { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.addHook('onRequest', (request, _reply, done) => {
    request.epoch = pending.epoch()
    // Whatever a body's content type says, also one that is no content type at all, it is read as JSON.
    const { headers } = request.raw
    if (headers['content-type'] !== undefined) headers['content-type'] = 'application/json'
    done()
  })

  for (const [path, endpoint] of served) {
    app.post(path, (request, reply) => serve(endpoint, readBody(request.body as Buffer | undefined), request, reply))
  }

  app.setNotFoundHandler(async (request, reply) => await answerMiss(request, reply))

  app.setErrorHandler(async (error: Error & { code?: string }, request, reply) => {
    // What Fastify itself refuses, the second for the method QUERY alone.
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE' || error.code === 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE') return await answerMiss(request, reply)
    // A client that has gone is no fault of ours, and nobody reads the answer.
    log[request.raw.socket.destroyed ? 'debug' : 'error']({ err: error, request: request.id }, 'failed')
    request.answered = { status: OUT_OF_SERVICE.status, rule: null, account: null }
    return reply.code(500).header('content-type', 'application/json').serializer(String).send(JSON.stringify(OUT_OF_SERVICE))
  })

  /** Answers a request that its endpoint did not get to see: by its method, because its body is too large, or because there is no endpoint. */
  async function answerMiss (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    // The route's path where there is one: that of the request may be spelled in another way.
    const endpoint = served.get(request.routeOptions.url ?? pathOf(request))
    if (endpoint === undefined) return await answerUnknownPath(context, request, reply)
    if (request.method === 'POST') return await serve(endpoint, { text: '', value: unreadable(`it is larger than ${BODY_LIMIT} bytes`) }, request, reply)
    const refusal = new Refusal('method-must-be-post', `this endpoint takes only POST, not ${request.method}`)
    return await serve(endpoint, { text: '', value: refusal }, request, reply.header('allow', 'POST'))
  }

  async function serve ({ name, answerTo }: Served, body: Body, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    // Its body came in while the world was reset: it belongs to the test before.
    if (request.epoch !== pending.epoch()) return cutOff(reply)
    // Read before anything is waited for: a client that has gone has no address any more.
    const from = String(request.ip)
    const triggered = activeFaults.isEmpty() ? null : activeFaults.trigger(targetOf(name, body, context))
    const delayed = triggered?.fault.kind === 'delay' ? triggered.fault.when : null
    if (delayed === 'before' && !await pause(triggered!.delayMs, reply, triggered!.account, pending)) return reply
    // What is struck before it is decided on is only found out, not done; unless the whole answer comes all the same, late
    // or slowly: then what it says must be true.
    const keep = triggered === null || triggered.fault.when === 'after' || triggered.fault.kind === 'delay' || triggered.fault.kind === 'slow_body'
    const asked = { id: request.id, body: body.value, query: request.query, from, keep }
    const answer = await store.commit(() => answerTo(store, asked, machineTime()))
    if (answer.billingEvents.length > 0) publishBillingEvents(context.eventBus, answer.billingEvents)
    // A reset in the very moment of the commit has nothing to break off yet.
    const isLate = request.epoch !== pending.epoch()
    if (delayed === 'after' && !isLate && !await pause(triggered!.delayMs, reply, answer.account, pending)) return reply
    return await send(context, answer, name, body, triggered, request, reply)
  }
}

interface Served { readonly name: Endpoint['name'], readonly answerTo: RequestHandler }

/**
 * Answers a request to a path that nobody serves. It is not the vendor's program that says so but the server before it,
 * so it is a 404 in every dialect (assumed).
 */
export function answerUnknownPath (context: Context, request: FastifyRequest, reply: FastifyReply): FastifyReply | Promise<FastifyReply> {
  request.epoch = context.pending.epoch()
  const view = viewOf(context.store, undefined, context.machineTime())
  const meant = closest(pathOf(request).slice(0, MAX_PATH_LENGTH), [...context.endpoints.keys()])
  const refusal = new Refusal('path-must-be-known', `there is nothing at this path; the nearest known path is ${meant}`)
  return send(context, { ...refused(refusal, view), httpStatus: 404 }, null, readBody(request.body as Buffer | undefined), null, request, reply)
}

/** As much of a path as is compared with the known ones. */
const MAX_PATH_LENGTH = 200

/** What a client gets when the emulator itself fails. Nothing has been changed then. */
const OUT_OF_SERVICE = { status: 101, message: 'Service Unavailable: the emulator failed and changed nothing; its log says why' }

function send (context: Context, answer: Answer, endpoint: string | null, body: Body, triggered: TriggeredFault | null, request: FastifyRequest, reply: FastifyReply): FastifyReply | Promise<FastifyReply> {
  const { pending, journal, log, machineTime, eventBus } = context
  if (request.epoch !== pending.epoch()) return cutOff(reply)
  const outgoing = outgoingOf(answer, triggered)
  const status = statusSent(answer, triggered)
  const isAnswered = triggered === null || !['connection_reset', 'empty_response', 'hang'].includes(triggered.fault.kind)
  const { rule, assumptions, account, emulatedAt, disabledAt, charged } = answer
  request.answered = { status, rule, account, assumptions: assumptions.length > 0 ? assumptions.join(', ') : undefined, fault: triggered?.fault.kind }
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
    answer: isAnswered ? outgoing : null,
    apiStatus: status,
    rule,
    assumptions,
    charged,
    fault: triggered && { id: triggered.id, kind: triggered.fault.kind, when: triggered.fault.when, matched: triggered.matched }
  })
  eventBus.publish('request', account, () => entryOf(entry))
  // An answer that is cut short never finishes, so the access log's hook does not hear of it.
  if (!isAnswered || triggered?.fault.kind === 'truncated_body') log.info({ request: request.id, method: request.method, path: pathOf(request), ...request.answered }, 'cut short')
  return deliver(reply, outgoing, triggered, account, pending)
}

/** The answer as it goes over the wire, changed by the fault where that changes its text. */
function outgoingOf ({ httpStatus, contentType, body, assumptions, wire }: Answer, triggered: TriggeredFault | null): Outgoing {
  const headers: Record<string, string> = assumptions.length > 0 ? { 'content-type': contentType, 'x-emulator-assumptions': assumptions.join(', ') } : { 'content-type': contentType }
  switch (triggered?.fault.kind) {
    case 'http_error': return { httpStatus: triggered.fault.httpStatus, headers: { 'content-type': 'text/html' }, body: triggered.fault.body }
    case 'malformed_json': return { httpStatus, headers, body: JSON.stringify(body).slice(0, -1) }
    case 'api_refusal': {
      const status = triggered.fault.status as StatusCode
      const refusal = { status, message: STATUS_TEXTS[status] }
      return { httpStatus: wire.httpStatus === 'mapped' ? mappedHttpStatus(null, status) : 200, headers: { 'content-type': contentType }, body: JSON.stringify(refusal) }
    }
    default: return { httpStatus, headers, body: JSON.stringify(body) }
  }
}

/** The vendor's status that the client got to see, if any. */
function statusSent ({ body }: Answer, triggered: TriggeredFault | null): number | null {
  switch (triggered?.fault.kind) {
    case undefined: case 'delay': case 'slow_body': case 'truncated_body': case 'malformed_json': return body.status
    case 'api_refusal': return triggered.fault.status
    default: return null
  }
}

/** What faults look at in a request, before it is decided on. */
function targetOf (endpoint: string, { value }: Body, { store }: Context): Target {
  const { token, project_id: projectId, plan_id: planId, billing_plan: billingPlan } = value as Readonly<Record<string, unknown>>
  const account = typeof token === 'string' ? findTokenOwner(store, token)?.account.name ?? null : null
  return { account, endpoint, projectId: numberOf(projectId), planId: numberOf(planId ?? billingPlan) }
}

/** A numeric string counts as the number, also where an account is `strict`: the client meant that project. */
function numberOf (value: unknown): number | null {
  return typeof value === 'number' || (typeof value === 'string' && DIGITS.test(value)) ? Number(value) : null
}
