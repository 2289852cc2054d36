import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Body } from '../api/body.js'
import type { Answer } from '../api/endpoint.js'
import type { Rule } from '../domain/refusal.js'
import { headerLines } from '../journal/headers.js'
import { bookingOf, type Entry, type Recorded } from '../journal/record.js'
import type { Context } from '../runtime/context.js'
import type { TriggeredFault } from '../runtime/faults.js'
import { STEP_OVERHEAD, type TimelineRequest } from '../runtime/timeline.js'
import { originForm, pathOf } from '../text/url.js'
import { viewOf } from '../world/view.js'
import { cutOff, deliver, holdingOf, isAnswered, isCutAtOnce, isCutShort, outgoingOf, pause, type Outgoing } from './deliver.js'
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

/** Request to the emulated API, from its arrival to its answer. */
export interface Exchange {
  /** Last segment of the endpoint's path; `null` if no endpoint was reached. */
  readonly endpoint: string | null
  readonly body: Body
  readonly triggered: TriggeredFault | null
  /** Its place in the timeline. */
  readonly step: TimelineRequest
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** Makes the step of a request, to be placed in the timeline when it is decided. */
export function requestStep (from: string, { isWhole }: Body, at: number, arrived: TimelineRequest['arrived']): TimelineRequest {
  return { kind: 'request', at, arrived, from, isSendable: isWhole, recorded: null, isPlaced: false, bytes: STEP_OVERHEAD }
}

/** Sends the answer to a request, in the manner of its fault, and records both. */
export function send (context: Context, exchange: Exchange, answer: Answer): FastifyReply | Promise<FastifyReply> {
  const { pending, log, timeline } = context
  const { body, triggered, step, request, reply } = exchange
  if (request.generation.aborted) {
    // The world was reset while the request was decided on. An undo of the reset brings back what it did.
    timeline.complete(step, { ...recordedOf(context, exchange, answer, null, reply.elapsedTime), retryOf: null }, STEP_OVERHEAD)
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
  const holding = holdingOf(context, body, outgoing.body)
  if (isDelayed) {
    record(context, exchange, answer, outgoing)
    return pause(triggered.delayMs, reply, signal(), holding).then(isOver => isOver ? deliver(reply, outgoing, triggered, signal, holding) : reply)
  }
  const delivered = deliver(reply, outgoing, triggered, signal, holding)
  // After the delivery, which tells the state; before anyone else has a turn, the client included.
  record(context, exchange, answer, outgoing)
  if (isCutShort(triggered)) {
    log.info({ request: request.id, method: request.method, path: loggedPath(context, request), ...request.outcome }, 'cut short')
  }
  return delivered
}

/** Records a request in the journal and the timeline, publishes it, and follows it to its end. */
function record (context: Context, exchange: Exchange, answer: Answer, outgoing: Outgoing): void {
  const { journal, timeline, eventBus } = context
  const { triggered, step, reply } = exchange
  const { account } = answer
  const recorded = recordedOf(context, exchange, answer, outgoing, reply.elapsedTime)
  recorded.state = isCutAtOnce(triggered) ? 'cut' : stateOf(reply)
  const entry = journal.add(recorded)
  timeline.complete(step, entry, entry.bytes)
  eventBus.publishText('request', account, () => journal.textOf(entry))
  // What is too large to be kept must not stay until it is read.
  if (entry.state !== 'under-way' || !journal.isFollowed(entry)) return
  onEnd(reply, state => {
    if (journal.settle(entry, state, reply.elapsedTime)) eventBus.publishText('request-ended', account, () => journal.textOf(entry))
  })
}

/** Records a request that a reset cut off while a fault delayed it: nothing was decided. */
export function recordUndecided (context: Context, exchange: Exchange): void {
  const { store, timeline, machineTime } = context
  const { triggered, step } = exchange
  const { facts } = viewOf(store, undefined, machineTime())
  const undecided = {
    account: triggered!.account,
    rule: null,
    assumptions: [],
    charged: false,
    booked: null,
    billingEvents: [],
    emulatedAt: facts.now,
    disabledAt: Infinity
  }
  timeline.place(step)
  timeline.complete(step, { ...recordedOf(context, exchange, undecided, null, 0), retryOf: null }, STEP_OVERHEAD)
}

/** What is recorded of an answer besides what goes out. */
type Facts = Pick<Answer, 'account' | 'rule' | 'assumptions' | 'emulatedAt' | 'disabledAt' | 'charged' | 'booked' | 'billingEvents'>

/** Puts together what is recorded of a request; `outgoing` is `null` where no answer goes out, not even a part of one. */
function recordedOf (
  { machineTime }: Context,
  { endpoint, body, triggered, request }: Exchange,
  { account, rule, assumptions, emulatedAt, disabledAt, charged, booked, billingEvents }: Facts,
  outgoing: Outgoing | null,
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

/** Gives a request's path for the log: without its query, and without secrets in the path itself, such as `/api/v2&token=…`. */
export function loggedPath ({ journal }: Pick<Context, 'journal'>, request: FastifyRequest, route = request.routeOptions.url): string {
  const path = pathOf(request)
  return path === route ? path : journal.redact(path)
}
