import type { Static, TObject, TSchema } from '@sinclair/typebox'
import type { PresentedToken } from '../domain/api-token.js'
import { assume, namesIn, type AssumptionLog, type AssumptionName } from '../domain/assumptions.js'
import type { BillingEvent } from '../domain/billing-events.js'
import type { Instant } from '../domain/clock.js'
import { disabledFrom } from '../domain/cutoff.js'
import type { Mills } from '../domain/money.js'
import { Refusal, type Provenance, type Rule } from '../domain/refusal.js'
import type { ParsedRequest, RequestFacts } from '../domain/request.js'
import type { WireDialect } from '../domain/settings.js'
import type { Store } from '../store/index.js'
import { isSameAddress } from '../text/address.js'
import type { Booked } from '../world/book.js'
import { isDue, settleAccount } from '../world/settle.js'
import { findTokenOwner, type TokenOwner } from '../world/token-owner.js'
import { viewOf, type WorldView } from '../world/view.js'
import { readToken } from './body.js'
import { fieldReader } from './fields.js'
import { mappedHttpStatus, STATUS_TEXTS, statusOf, type StatusCode } from './status-codes.js'

/** Endpoint of the emulated API: how it reads, loads, decides, saves and answers. */
export interface Endpoint<
  Fields extends TObject = TObject,
  Input = unknown,
  Facts extends RequestFacts = RequestFacts,
  Change = unknown
> {
  /** Last segment of its path, which names it in faults and in the journal. */
  readonly name: string
  /** Path below the API's base path, as the vendor spells it. */
  readonly path: string
  /** Full path at which clients find it too. */
  readonly alias?: string
  /** Provenance of its existence. The path of an assumed endpoint is configurable. */
  readonly provenance: Provenance
  /** Name of the assumption that it exists as it does, if that is assumed. */
  readonly assumption?: AssumptionName
  /** Rules that a request to it can break, besides those common to all endpoints. */
  readonly rules: readonly Rule[]
  readonly fields: Fields
  /** Schema of its answer, for the OpenAPI document. */
  readonly answer: TSchema
  readonly toInput: (fields: Static<Fields>) => Input
  /** Adds the facts that the decision on this input needs, reading them from the store. */
  readonly load: (store: Store, facts: RequestFacts, input: Input | undefined) => Facts
  /** Decides on a request without side effects; throws a `Refusal`. */
  readonly decide: (parsed: ParsedRequest<Input>, facts: Facts) => Change
  /**
   * Writes the change to the store. Returns what it wrote to the books, if anything; `facts` are from before. `null` for an endpoint that
   * changes nothing.
   */
  readonly save: ((store: Store, change: Change, requestId: string, facts: Facts) => Booked | null) | null
  /** Amount that a change takes from the wallet. */
  readonly debit: (change: Change) => Mills
  /** Builds the complete answer, its keys in order. */
  readonly present: (change: Change, dialect: WireDialect, assumptions: AssumptionLog) => AnswerBody
}

/** Request to an endpoint as it came in, with its body or the reason why it can't be read. */
export interface EndpointRequest {
  readonly id: string
  readonly body: object | Refusal
  /** Text of the body, as it was sent. */
  readonly text: string
  readonly query: unknown
  /** Address of the client. */
  readonly from: string
  /** `false` to find out what the answer would be without saving anything. */
  readonly keep: boolean
}

interface AnswerBody { readonly status: StatusCode, readonly message: string }

/** Answer to a request, and the facts behind it. */
export interface Answer {
  readonly httpStatus: number
  readonly contentType: string
  readonly status: StatusCode
  /** JSON text: of all projects of a large account, the values take several times as much memory, and many answers may wait to be sent. */
  readonly body: string
  /** Rule that refused the request; `null` if it was granted. */
  readonly rule: Rule | null
  readonly assumptions: readonly AssumptionName[]
  /** Name of the account; `null` if the token names none. */
  readonly account: string | null
  readonly wire: WireDialect
  readonly emulatedAt: Instant
  /** Instant at which the API is disabled for this account. */
  readonly disabledAt: Instant
  /** Whether money was debited. */
  readonly charged: boolean
  /** What it wrote to the books; `null` for nothing. */
  readonly booked: Booked | null
  /** Billing events that were due, and were settled before the request was decided on. */
  readonly billingEvents: readonly BillingEvent[]
}

/** Answers one request: load, decide, save, present. Runs within a transaction, which a refusal does not roll back. */
export type RequestHandler = (store: Store, request: EndpointRequest, machineTime: number) => Answer

/** Creates the handler of an endpoint, which settles at most so many billing events at once before it decides. */
export function requestHandler<Fields extends TObject, Input, Facts extends RequestFacts, Change> (
  endpoint: Endpoint<Fields, Input, Facts, Change>,
  maxEvents: number
): RequestHandler {
  const readFields = fieldReader(endpoint.fields)

  return (store, request, machineTime) => {
    const token = readToken(request.body, request.query)
    const owner = token instanceof Refusal ? undefined : findTokenOwner(store, token)
    const view = settled(store, viewOf(store, owner?.account, machineTime, presented(owner, request.from)), maxEvents)
    const { settings } = view
    if (endpoint.assumption !== undefined) assume(view.facts.assumptions, endpoint.assumption)
    const parsed = { body: request.body, token, input: readInput(request, settings.strict) }
    const facts = endpoint.load(store, view.facts, parsed.input instanceof Refusal ? undefined : parsed.input)
    const change = outcomeOf(() => endpoint.decide(parsed, facts))
    if (change instanceof Refusal) return refused(change, view)
    const booked = request.keep && endpoint.save !== null ? endpoint.save(store, change, request.id, facts) : null
    const body = endpoint.present(change, settings.wire, facts.assumptions)
    return answer(body, null, view, request.keep && endpoint.debit(change) > 0, booked)
  }

  function readInput ({ body, text }: EndpointRequest, strict: boolean): Input | Refusal {
    if (body instanceof Refusal) return body
    const fields = readFields(body, text, strict)
    return fields instanceof Refusal ? fields : endpoint.toInput(fields)
  }
}

function presented (owner: TokenOwner | undefined, from: string): PresentedToken | undefined {
  if (owner?.project === undefined) return undefined
  const { projectId, apiToken } = owner.project
  return { ...apiToken, projectId, isFromItsAddress: apiToken.ip === '' || isSameAddress(apiToken.ip, from) }
}

/** Settles everything due in a view. What that rests on is kept with the state, and an answer that depends on it names it. */
function settled (store: Store, view: WorldView, maxEvents: number): WorldView {
  const { settings, facts } = view
  if (facts.account === undefined || !isDue(facts.account, facts.now)) return view
  const { account, billingEvents } = settleAccount(store, facts.account, facts.now, settings, maxEvents)
  return { settings, facts: { ...facts, account }, billingEvents }
}

function outcomeOf<Change> (decide: () => Change): Change | Refusal {
  try {
    return decide()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

/** Builds the answer to a request that broke a rule, in the documented error format. */
export function refused ({ rule, message }: Refusal, view: WorldView): Answer {
  const status = statusOf(rule, view.facts.assumptions)
  const text = STATUS_TEXTS[status]
  const isDetailed = view.settings.wire.message === 'detailed'
  return answer({ status, message: isDetailed ? `${text}: ${message}` : text }, rule, view, false, null)
}

function answer (
  body: AnswerBody,
  rule: Rule | null,
  { settings: { wire }, facts, billingEvents }: WorldView,
  charged: boolean,
  booked: Booked | null
): Answer {
  const { now, cutoff, assumptions, account } = facts
  return {
    httpStatus: wire.httpStatus === 'mapped' ? mappedHttpStatus(rule, body.status) : 200,
    contentType: wire.contentType === 'text/html' ? 'text/html; charset=UTF-8' : 'application/json',
    status: body.status,
    body: JSON.stringify(body),
    rule,
    assumptions: namesIn(assumptions),
    account: account?.name ?? null,
    wire,
    emulatedAt: now,
    disabledAt: disabledFrom(cutoff, assumptions.choices['disabled-time-zone']),
    charged,
    booked,
    billingEvents
  }
}
