import type { Static, TObject, TSchema } from '@sinclair/typebox'
import type { PresentedToken } from '../domain/api-token.js'
import { assume, type AssumptionLog, type AssumptionName } from '../domain/assumptions.js'
import type { Instant } from '../domain/clock.js'
import { disabledFrom } from '../domain/cutoff.js'
import type { Mills } from '../domain/money.js'
import { Refusal, type Provenance, type Rule } from '../domain/refusal.js'
import type { ParsedRequest, RequestFacts } from '../domain/request.js'
import type { WireDialect } from '../domain/settings.js'
import type { BillingEvent } from '../domain/settlement.js'
import type { Store } from '../store/index.js'
import { isSameAddress } from '../text/address.js'
import { isDue, settleAccount } from '../world/settle.js'
import { findTokenOwner, type TokenOwner } from '../world/token-owner.js'
import { viewOf, type WorldView } from '../world/view.js'
import { readToken } from './body.js'
import { fieldReader } from './fields.js'
import { mappedHttpStatus, STATUS_TEXTS, statusOf, type StatusCode } from './status-codes.js'

/** One endpoint of the emulated API: what it reads, knows, decides, keeps and says. */
export interface Endpoint<Fields extends TObject = TObject, Input = unknown, Facts extends RequestFacts = RequestFacts, Change = unknown> {
  /** The last part of its path, which is its name in faults and in the journal. */
  readonly name: string
  /** Below the API's base path, as the vendor spells it. */
  readonly path: string
  /** How it is known that there is such an endpoint. Where one is only assumed its path can be set. */
  readonly provenance: Provenance
  /** Which rules it can break beside those that every endpoint begins with. */
  readonly rules: readonly Rule[]
  readonly fields: Fields
  /** What it answers, for the OpenAPI document. */
  readonly answer: TSchema
  readonly toInput: (fields: Static<Fields>) => Input
  /** Completes the facts with what this input needs. SQL to values. */
  readonly load: (store: Store, facts: RequestFacts, input: Input | undefined) => Facts
  /** Pure; throws a `Refusal`. */
  readonly decide: (parsed: ParsedRequest<Input>, facts: Facts) => Change
  /** Values to SQL. */
  readonly save: (store: Store, change: Change, requestId: string) => void
  /** What a change takes from the wallet. */
  readonly debit: (change: Change) => Mills
  /** The whole answer, its keys in their order. */
  readonly present: (change: Change, dialect: WireDialect, assumptions: AssumptionLog) => Answer['body']
}

/** A request to an endpoint as it came in: its body (or why it can't be read), and its query. */
export interface EndpointRequest {
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
  readonly assumptions: readonly AssumptionName[]
  /** The account's name, if the token named one. */
  readonly account: string | null
  readonly wire: WireDialect
  readonly emulatedAt: Instant
  /** When the API is disabled for this account. */
  readonly disabledAt: Instant
  /** Whether money was taken. */
  readonly charged: boolean
  /** What time had brought with it, and was settled before the request was decided on. */
  readonly billingEvents: readonly BillingEvent[]
}

/** Answers one request: load, decide, save, present. To be run within a transaction, which a refusal does not undo. */
export type RequestHandler = (store: Store, request: EndpointRequest, machineTime: number) => Answer

export function requestHandler<Fields extends TObject, Input, Facts extends RequestFacts, Change> (endpoint: Endpoint<Fields, Input, Facts, Change>): RequestHandler {
  const readFields = fieldReader(endpoint.fields)

  return (store, request, machineTime) => {
    const token = readToken(request.body, request.query)
    const owner = token instanceof Refusal ? undefined : findTokenOwner(store, token)
    const view = settled(store, viewOf(store, owner?.account, machineTime, presented(owner, request.from)))
    const { settings } = view
    const parsed = { body: request.body, token, input: readInput(request.body, settings.strict) }
    const facts = endpoint.load(store, view.facts, parsed.input instanceof Refusal ? undefined : parsed.input)
    const change = outcomeOf(() => endpoint.decide(parsed, facts))
    if (change instanceof Refusal) return refused(change, view)
    if (request.keep) endpoint.save(store, change, request.id)
    const body = endpoint.present(change, settings.wire, facts.assumptions)
    return answer(body, null, view, request.keep && endpoint.debit(change) > 0)
  }

  function readInput (body: object | Refusal, strict: boolean): Input | Refusal {
    if (body instanceof Refusal) return body
    const fields = readFields(body, strict)
    return fields instanceof Refusal ? fields : endpoint.toInput(fields)
  }
}

function presented (owner: TokenOwner | undefined, from: string): PresentedToken | undefined {
  if (owner?.project === undefined) return undefined
  const { projectId, apiToken } = owner.project
  return { ...apiToken, projectId, isFromItsAddress: apiToken.ip === '' || isSameAddress(apiToken.ip, from) }
}

/** The same view once everything due by then is settled. The answer rests on the assumptions that decided what time has done. */
function settled (store: Store, view: WorldView): WorldView {
  const { settings, facts } = view
  if (facts.account === undefined || !isDue(facts.account, facts.now)) return view
  const { account, billingEvents, assumptions } = settleAccount(store, facts.account, facts.now, settings.assumptions)
  // Once the API is switched off, nothing that happened before decides the answer.
  if (facts.now < disabledFrom(facts.cutoff, settings.assumptions['disabled-time-zone'])) for (const name of assumptions) assume(facts.assumptions, name)
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

/** The answer to a request that broke a rule, in the documented error format. */
export function refused ({ rule, message }: Refusal, view: WorldView): Answer {
  const status = statusOf(rule, view.facts.assumptions)
  const text = STATUS_TEXTS[status]
  return answer({ status, message: view.settings.wire.message === 'detailed' ? `${text}: ${message}` : text }, rule, view, false)
}

function answer (body: Answer['body'], rule: Rule | null, { settings: { wire }, facts, billingEvents }: WorldView, charged: boolean): Answer {
  const { now, cutoff, assumptions, account } = facts
  return {
    httpStatus: wire.httpStatus === 'mapped' ? mappedHttpStatus(rule, body.status) : 200,
    contentType: wire.contentType === 'text/html' ? 'text/html; charset=UTF-8' : 'application/json',
    body,
    rule,
    assumptions: [...assumptions.used],
    account: account?.name ?? null,
    wire,
    emulatedAt: now,
    disabledAt: disabledFrom(cutoff, assumptions.choices['disabled-time-zone']),
    charged,
    billingEvents
  }
}
