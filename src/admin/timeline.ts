import type { FastifyInstance, FastifyRequest } from 'fastify'
import { URLSearchParams } from 'node:url'
import { timeOn, type Instant } from '../domain/clock.js'
import type { Context } from '../runtime/context.js'
import type { ActiveFaults } from '../runtime/faults.js'
import { STEP_OVERHEAD, type TimelineCall } from '../runtime/timeline.js'
import { originForm } from '../text/url.js'
import { ADMIN_PATH } from './path.js'
import { SNAPSHOT_HEADER } from './undoable.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** The step that the call is in the timeline, if it may change something. */
    step: TimelineCall | null
    /** Length of its body in bytes, as it has arrived: not every client announces it. */
    bodyLength: number
  }

  interface FastifyContextConfig {
    /** Whether calls change nothing of the world, although their method does not say so. */
    isLooking?: true
    /** Whether calls tell of the world's faults, or remove them. */
    asksFaults?: boolean
    /** Whether calls end the requests of an account, or all, that are under way. */
    endsRequests?: true
    /** Whether the handler places the step itself, by `placeCall`, as the call takes effect later than it is made. */
    isPlacedLater?: true
    /** Notes in a call's step what its answer tells, and later steps may refer to, such as the id of a fault. */
    noteAnswer?: (step: TimelineCall, answer: never) => void
  }
}

/** Size of a body in memory, of its length. */
const BODY_FACTOR = 4

/** Records the calls of the control API that change something in the timeline. */
export function recordCalls (app: FastifyInstance, context: Context): void {
  app.decorateRequest('step', null)
  app.decorateRequest('bodyLength', 0)

  // What a sweep delays must arrive, as late as it can: before its account goes.
  app.addHook('preHandler', (request, _reply, done) => {
    const { params, routeOptions: { config } } = request
    if (context.probe === undefined || config.endsRequests !== true || isLooking(request)) return done()
    context.undecided.decideProbed((params as { readonly account?: string }).account ?? null).then(() => { done() }, done)
  })

  app.addHook('preHandler', (request, _reply, done) => {
    const { routeOptions: { url, config, schema } } = request
    // Of a body that the route does not read, nothing has been checked: there may be secrets in its keys.
    if (schema?.body === undefined) request.body = undefined
    if (config.asksFaults === true) context.probe?.askFaults()
    // The handler comes next, in the same turn.
    if (!isLooking(request) && url !== undefined && config.isPlacedLater !== true) placeCall(context, request, request.body)
    done()
  })

  app.addHook('preSerialization', (request, _reply, payload, done) => {
    if (request.step !== null) request.routeOptions.config.noteAnswer?.(request.step, payload as never)
    done(null, payload)
  })

  app.addHook('onSend', (request, reply, payload, done) => {
    const { step } = request
    if (step !== null) {
      // A call that was refused has changed nothing.
      if (reply.statusCode >= 400) {
        step.isVoid = true
        step.body = undefined
      }
      const snapshot = reply.getHeader(SNAPSHOT_HEADER)
      if (snapshot !== undefined) step.snapshot = String(snapshot)
    }
    done(null, payload)
  })
}

/** Tells whether a call changes nothing. */
function isLooking ({ method, query, routeOptions: { config } }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD' || (query as { dry_run?: string }).dry_run === 'true' || config.isLooking === true
}

/**
 * Places a call in the timeline, as one that was made at an instant: by default, now. What it changes must follow in the same turn, at the
 * time that is held here.
 */
export function placeCall ({ store, timeline, activeFaults, holdTime }: Context, request: FastifyRequest, body: unknown, madeAt?: Instant): TimelineCall {
  // Requests that have arrived are decided before the call, and come before it in the timeline.
  store.flush()
  const account = accountOf(request, activeFaults)
  // What clocks show is of this moment: they may have been set since it was made.
  const now = holdTime()
  const at = holdTime(madeAt)
  const clock = (account === undefined ? undefined : store.accounts.findByName(account))?.clock ?? store.world.find()!.clock
  const step: TimelineCall = request.step = {
    kind: 'call',
    at,
    emulatedAt: timeOn(clock, now),
    accounts: account === undefined ? [] : [account],
    method: request.method,
    path: pathOf(request),
    body,
    faults: [],
    isVoid: false,
    bytes: STEP_OVERHEAD + BODY_FACTOR * request.bodyLength
  }
  timeline.place(step)
  return step
}

/** Gives a call's path below the control API's, with the query, however it was spelled. That it is no dry run goes without saying. */
function pathOf ({ routeOptions, params, url }: FastifyRequest): string {
  const path = routeOptions.url!.slice(ADMIN_PATH.length).replace(/:(\w+)/g, (_, name: string) => encodeURIComponent((params as Record<string, string>)[name]!))
  const [, query = ''] = /\?(.*)/s.exec(originForm(url)) ?? []
  // No call that has it takes anything else there.
  return query === '' || new URLSearchParams(query).has('dry_run') ? path : `${path}?${query}`
}

/** Finds the account that a call is about: the one that its path or, for a fault, its body names, or whose fault it removes. */
function accountOf ({ params, body }: FastifyRequest, activeFaults: ActiveFaults): string | undefined {
  const { account, id } = params as { readonly account?: string, readonly id?: string }
  const named = typeof body === 'object' && body !== null ? (body as { readonly account?: unknown }).account : undefined
  return account ?? (typeof named === 'string' ? named : id === undefined ? undefined : activeFaults.find(id)?.fault.account)
}
