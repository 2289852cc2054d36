import type { Static, TObject, TSchema } from '@sinclair/typebox'
import type { PresentedToken } from '../domain/api-token.js'
import { type AssumptionName, type Reliance, relyOn } from '../domain/assumptions.js'
import type { Instant } from '../domain/clock.js'
import { disabledFrom } from '../domain/cutoff.js'
import type { Mills } from '../domain/money.js'
import { Refusal, type Provenance, type Rule } from '../domain/refusal.js'
import type { Asked, World } from '../domain/request.js'
import type { WireDialect } from '../domain/settings.js'
import type { Happening } from '../domain/settlement.js'
import { isDue, settleAccount } from '../world/settle.js'
import type { Store } from '../store/index.js'
import { isSameAddress } from '../text/address.js'
import { type Holder, holderOf } from '../world/token-owner.js'
import { type Viewpoint, viewpointOf } from '../world/view.js'
import { readToken } from './body.js'
import { fieldReader } from './fields.js'
import { mappedHttpStatus, STATUS_TEXTS, statusOf, type StatusCode } from './status-codes.js'

/** One endpoint of the emulated API: what it reads, knows, decides, keeps and says. */
export interface Endpoint<Fields extends TObject = TObject, Order = unknown, Known extends World = World, Change = unknown> {
  /** The last part of its path, which is its name in faults and in the journal. */
  readonly name: string
  /** Below the API's base path, as the vendor spells it. */
  readonly path: string
  /** How it is known that there is such an endpoint. Where one is only assumed its path can be set. */
  readonly known: Provenance
  /** Which rules it can break beside those that every endpoint begins with. */
  readonly rules: readonly Rule[]
  readonly fields: Fields
  /** What it answers, for the OpenAPI document. */
  readonly answer: TSchema
  readonly orderOf: (fields: Static<Fields>) => Order
  /** Completes the world with what this order needs to know. SQL to values. */
  readonly load: (store: Store, world: World, order: Order | undefined) => Known
  /** Pure; throws a `Refusal`. */
  readonly decide: (asked: Asked<Order>, known: Known) => Change
  /** Values to SQL. */
  readonly save: (store: Store, change: Change, requestId: string) => void
  /** What a change takes from the wallet. */
  readonly debit: (change: Change) => Mills
  /** The whole answer, its keys in their order. */
  readonly present: (change: Change, dialect: WireDialect, reliance: Reliance) => Answer['body']
}

/** A request to an endpoint as it came in: its body (or why it can't be read), and its query. */
export interface Request {
  readonly id: string
  readonly body: object | Refusal
  readonly query: unknown
  /** The address that it came from. */
  readonly from: string
  /** `false` only finds out what the answer would be. */
  readonly keep: boolean
}

/** What goes back over the wire, and what it came from. */
export interface Answer {
  readonly httpStatus: number
  readonly contentType: string
  readonly body: { readonly status: StatusCode, readonly message: string }
  /** The rule that refused the request; `null` when it was granted. */
  readonly rule: Rule | null
  readonly restsOn: readonly AssumptionName[]
  /** The account's name, if the token named one. */
  readonly account: string | null
  readonly wire: WireDialect
  readonly emulatedAt: Instant
  /** When the API is disabled for this account. */
  readonly disabledAt: Instant
  /** Whether money was taken. */
  readonly charged: boolean
  /** What time had brought with it, and was settled before the request was decided on. */
  readonly happened: readonly Happening[]
}

/** Answers one request: load, decide, save, present. To be run within a transaction, which a refusal does not undo. */
export type Answerer = (store: Store, request: Request, machineTime: number) => Answer

export function answerer<Fields extends TObject, Order, Known extends World, Change> (endpoint: Endpoint<Fields, Order, Known, Change>): Answerer {
  const readFields = fieldReader(endpoint.fields)

  return (store, request, machineTime) => {
    const token = readToken(request.body, request.query)
    const holder = token instanceof Refusal ? undefined : holderOf(store, token)
    const point = settled(store, viewpointOf(store, holder?.account, machineTime, presented(holder, request.from)))
    const { settings, world } = point
    const asked = { body: request.body, token, order: readOrder(request.body, settings.strict) }
    const known = endpoint.load(store, world, asked.order instanceof Refusal ? undefined : asked.order)
    const change = outcomeOf(() => endpoint.decide(asked, known))
    if (change instanceof Refusal) return refused(change, point)
    if (request.keep) endpoint.save(store, change, request.id)
    const body = endpoint.present(change, settings.wire, world.reliance)
    return answer(body, null, point, request.keep && endpoint.debit(change) > 0)
  }

  function readOrder (body: object | Refusal, strict: boolean): Order | Refusal {
    if (body instanceof Refusal) return body
    const fields = readFields(body, strict)
    return fields instanceof Refusal ? fields : endpoint.orderOf(fields)
  }
}

function presented (holder: Holder | undefined, from: string): PresentedToken | undefined {
  if (holder?.project === undefined) return undefined
  const { projectId, apiToken } = holder.project
  return { ...apiToken, projectId, isFromItsAddress: apiToken.ip === '' || isSameAddress(apiToken.ip, from) }
}

/** The same when everything is settled that is due by then. The answer rests on what time has done by assumption. */
function settled (store: Store, point: Viewpoint): Viewpoint {
  const { settings, world } = point
  if (world.account === undefined || !isDue(world.account, world.now)) return point
  const { account, happened, restsOn } = settleAccount(store, world.account, world.now, settings.assumptions)
  // Once the API is switched off, nothing that happened before decides the answer.
  if (world.now < disabledFrom(world.cutoff, settings.assumptions['disabled-time-zone'])) for (const name of restsOn) relyOn(world.reliance, name)
  return { settings, world: { ...world, account }, happened }
}

function outcomeOf<Change> (decide: () => Change): Change | Refusal {
  try {
    return decide()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

/** The answer to a request that broke a rule, in the documented error format. */
export function refused ({ rule, message }: Refusal, point: Viewpoint): Answer {
  const status = statusOf(rule, point.world.reliance)
  const text = STATUS_TEXTS[status]
  return answer({ status, message: point.settings.wire.message === 'detailed' ? `${text}: ${message}` : text }, rule, point, false)
}

function answer (body: Answer['body'], rule: Rule | null, { settings: { wire }, world, happened }: Viewpoint, charged: boolean): Answer {
  const { now, cutoff, reliance, account } = world
  return {
    httpStatus: wire.httpStatus === 'mapped' ? mappedHttpStatus(rule, body.status) : 200,
    contentType: wire.contentType === 'text/html' ? 'text/html; charset=UTF-8' : 'application/json',
    body,
    rule,
    restsOn: [...reliance.restsOn],
    account: account?.name ?? null,
    wire,
    emulatedAt: now,
    disabledAt: disabledFrom(cutoff, reliance.choices['disabled-time-zone']),
    charged,
    happened
  }
}
