import type { Account } from './account.js'
import type { PresentedToken } from './api-token.js'
import { assume, type AssumptionLog } from './assumptions.js'
import { instantText, type Instant } from './clock.js'
import { disabledFrom, hingesOnTimeZone, type Cutoff } from './cutoff.js'
import { Refusal } from './refusal.js'

/** Request, parsed as far as possible. A part that can't be parsed is a refusal, thrown when its rule is checked. */
export interface ParsedRequest<Input> {
  readonly body: object | Refusal
  readonly token: string | Refusal
  readonly input: Input | Refusal
}

/** Facts that every endpoint decides on: the time, the account that the token names, and the choices in force for it. */
export interface RequestFacts {
  readonly now: Instant
  readonly cutoff: Cutoff
  readonly assumptions: AssumptionLog
  readonly account: Account | undefined
  /** Project's token that names the account; `undefined` for the master token. */
  readonly apiToken: PresentedToken | undefined
}

/** Checks the rules that every request to the Project Management API must pass first, in order. */
export function authorize<Input> (
  request: ParsedRequest<Input>,
  facts: RequestFacts
): { readonly account: Account, readonly input: Input } {
  apiMustBeEnabled(facts)
  bodyMustBeJsonObject(request)
  const account = tokenMustBeMaster(tokenMustBeKnown(request, facts), facts)
  return { account, input: fieldsMustBeValid(request) }
}

/** Refuses every request from the cutoff onwards, before anything else is checked (documented). */
export function apiMustBeEnabled ({ now, cutoff, assumptions }: RequestFacts): void {
  if (hingesOnTimeZone(cutoff, now)) assume(assumptions, 'disabled-time-zone')
  const disabledAt = disabledFrom(cutoff, assumptions.choices['disabled-time-zone'])
  if (now < disabledAt) return
  throw new Refusal('api-is-disabled-after-cutoff',
    `the Project Management API has been disabled since ${instantText(disabledAt)}; it is now ${instantText(now)}`)
}

/** Refuses a body that is not a JSON object (assumed). */
export function bodyMustBeJsonObject (request: ParsedRequest<unknown>): void {
  if (request.body instanceof Refusal) throw request.body
}

/** Finds the account that the token in the body names (documented). */
export function tokenMustBeKnown (request: ParsedRequest<unknown>, { account, apiToken }: RequestFacts): Account {
  if (request.token instanceof Refusal) throw request.token
  if (apiToken?.status === 'deleted') {
    throw new Refusal('token-must-be-known', `this API token of project ${apiToken.projectId} has been deleted`)
  }
  if (account === undefined) throw new Refusal('token-must-be-known', 'no account has this token')
  return account
}

/** Refuses a project's token, because the Project Management API takes the master API token (documented). */
function tokenMustBeMaster (account: Account, { apiToken }: RequestFacts): Account {
  if (apiToken === undefined) return account
  throw new Refusal('token-must-be-master',
    `this is an API token of project ${apiToken.projectId}; the account's master API token is required`)
}

/** Refuses a disabled token (assumed). */
export function tokenMustBeEnabled (account: Account, { apiToken }: RequestFacts): Account {
  if (apiToken?.status !== 'disabled') return account
  throw new Refusal('token-must-be-enabled', `this API token of project ${apiToken.projectId} is disabled`)
}

/** Refuses a token that is bound to another address (assumed). */
export function tokenMustComeFromItsAddress (account: Account, { apiToken }: RequestFacts): Account {
  if (apiToken === undefined || apiToken.isFromItsAddress) return account
  throw new Refusal('token-must-come-from-its-address',
    `this API token of project ${apiToken.projectId} may only be used from ${apiToken.ip}`)
}

/** Refuses a request with a missing field or a field of the wrong type (assumed). */
export function fieldsMustBeValid<Input> (request: ParsedRequest<Input>): Input {
  if (request.input instanceof Refusal) throw request.input
  return request.input
}
