import type { Static, TObject } from '@sinclair/typebox'
import { relianceOn, type AssumptionName, type Reliance } from '../domain/assumptions.js'
import { timeOn } from '../domain/clock.js'
import { Refusal, type Rule } from '../domain/refusal.js'
import type { Asked, World } from '../domain/request.js'
import { changeSettings, DEFAULT_SETTINGS, type Settings, type WireDialect } from '../domain/settings.js'
import type { Store } from '../store/index.js'
import { readToken } from './body.js'
import { fieldReader } from './fields.js'
import { mappedHttpStatus, STATUS_TEXTS, statusOf, type StatusCode } from './status-codes.js'

/** One endpoint of the emulated API: what it reads, knows, decides, keeps and says. */
export interface Endpoint<Fields extends TObject = TObject, Order = unknown, Known extends World = World, Change = unknown> {
  /** Below the API's base path, as the vendor spells it. */
  readonly path: string
  readonly fields: Fields
  readonly orderOf: (fields: Static<Fields>) => Order
  /** Completes the world with what this order needs to know. SQL to values. */
  readonly load: (store: Store, world: World, order: Order | undefined) => Known
  /** Pure; throws a `Refusal`. */
  readonly decide: (asked: Asked<Order>, known: Known) => Change
  /** Values to SQL. */
  readonly save: (store: Store, change: Change, requestId: string) => void
  /** The answer's fields behind `status` and `message`, in their order. */
  readonly present: (change: Change, dialect: WireDialect, reliance: Reliance) => object
}

/** A request to an endpoint as it came in: its body (or why it can't be read), and its query. */
export interface Request {
  readonly id: string
  readonly body: object | Refusal
  readonly query: unknown
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
}

/** Answers one request: load, decide, save, present. To be run within a transaction, which a refusal does not undo. */
export type Answerer = (store: Store, request: Request, machineTime: number) => Answer

export function answerer<Fields extends TObject, Order, Known extends World, Change> (endpoint: Endpoint<Fields, Order, Known, Change>): Answerer {
  const readFields = fieldReader(endpoint.fields)

  return (store, request, machineTime) => {
    const token = readToken(request.body, request.query)
    const { settings, world } = worldOf(store, token, machineTime)
    const asked = { body: request.body, token, order: readOrder(request.body, settings.strict) }
    const known = endpoint.load(store, world, asked.order instanceof Refusal ? undefined : asked.order)
    const account = world.account?.name ?? null
    const change = outcomeOf(() => endpoint.decide(asked, known))
    if (change instanceof Refusal) return refused(change, settings, world.reliance, account)
    endpoint.save(store, change, request.id)
    const body = { status: 100 as const, message: STATUS_TEXTS[100], ...endpoint.present(change, settings.wire, world.reliance) }
    return answer(body, null, settings, world.reliance, account)
  }

  function readOrder (body: object | Refusal, strict: boolean): Order | Refusal {
    if (body instanceof Refusal) return body
    const fields = readFields(body, strict)
    return fields instanceof Refusal ? fields : endpoint.orderOf(fields)
  }
}

/** The world as the account that the token names sees it: by its own clock and settings where it has any. */
function worldOf (store: Store, token: string | Refusal, machineTime: number): { settings: Settings, world: World } {
  const shared = store.world.find()!
  const account = token instanceof Refusal ? undefined : store.accounts.findByToken(token)
  const settings = changeSettings(changeSettings(DEFAULT_SETTINGS, shared.settings), account?.settings ?? {})
  const now = timeOn(account?.clock ?? shared.clock, machineTime)
  return { settings, world: { now, cutoff: settings.cutoff, reliance: relianceOn(settings.assumptions), account } }
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
export function refused ({ rule, message }: Refusal, settings: Settings, reliance: Reliance, account: string | null): Answer {
  const status = statusOf(rule, reliance)
  const text = STATUS_TEXTS[status]
  return answer({ status, message: settings.wire.message === 'detailed' ? `${text}: ${message}` : text }, rule, settings, reliance, account)
}

function answer (body: Answer['body'], rule: Rule | null, { wire }: Settings, reliance: Reliance, account: string | null): Answer {
  return {
    httpStatus: wire.httpStatus === 'mapped' ? mappedHttpStatus(rule, body.status) : 200,
    contentType: wire.contentType === 'text/html' ? 'text/html; charset=UTF-8' : 'application/json',
    body,
    rule,
    restsOn: [...reliance.restsOn],
    account
  }
}
