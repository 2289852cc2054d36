import type { Account } from './account.js'
import type { PresentedToken } from './api-token.js'
import { assume, type AssumptionLog } from './assumptions.js'
import { instantText, type Instant } from './clock.js'
import { disabledFrom, hingesOnTimeZone, type Cutoff } from './cutoff.js'
import { Refusal } from './refusal.js'

/** What a request says, read as far as it can be read. What cannot be read is a refusal, thrown when its rule's turn comes. */
export interface ParsedRequest<Input> {
  readonly body: object | Refusal
  readonly token: string | Refusal
  readonly input: Input | Refusal
}

/** What every endpoint decides on: the time, the account that the token names, and the choices made for it. */
export interface RequestFacts {
  readonly now: Instant
  readonly cutoff: Cutoff
  readonly assumptions: AssumptionLog
  readonly account: Account | undefined
  /** The project's token that names the account; none if it was the master token. */
  readonly apiToken: PresentedToken | undefined
}

/** The rules that every request to the Project Management API must pass first, in their order. */
export function authorize<Input> (request: ParsedRequest<Input>, facts: RequestFacts): { readonly account: Account, readonly input: Input } {
  apiMustBeEnabled(facts)
  bodyMustBeJsonObject(request)
  const account = tokenMustBeMaster(tokenMustBeKnown(request, facts), facts)
  return { account, input: fieldsMustBeValid(request) }
}

/** Documented: from the cutoff onwards any request fails, before anything else is looked at. */
export function apiMustBeEnabled ({ now, cutoff, assumptions }: RequestFacts): void {
  if (hingesOnTimeZone(cutoff, now)) assume(assumptions, 'disabled-time-zone')
  const disabledAt = disabledFrom(cutoff, assumptions.choices['disabled-time-zone'])
  if (now < disabledAt) return
  throw new Refusal('api-is-disabled-after-cutoff',
    `the Project Management API is disabled from ${instantText(disabledAt)} onwards, and it is ${instantText(now)}`)
}

/** Assumed: what is no JSON object is an invalid request. */
export function bodyMustBeJsonObject (request: ParsedRequest<unknown>): void {
  if (request.body instanceof Refusal) throw request.body
}

/** Documented: the token in the body names the account. */
export function tokenMustBeKnown (request: ParsedRequest<unknown>, { account, apiToken }: RequestFacts): Account {
  if (request.token instanceof Refusal) throw request.token
  if (apiToken?.status === 'deleted') throw new Refusal('token-must-be-known', `this API token of project ${apiToken.projectId} has been deleted`)
  if (account === undefined) throw new Refusal('token-must-be-known', 'no account has this token')
  return account
}

/** Documented: the Project Management API takes the account's master API token. */
function tokenMustBeMaster (account: Account, { apiToken }: RequestFacts): Account {
  if (apiToken === undefined) return account
  throw new Refusal('token-must-be-master', `this is an API token of project ${apiToken.projectId}, and the account's master API token is wanted`)
}

/** Assumed: a project's token that was disabled is as good as none. */
export function tokenMustBeEnabled (account: Account, { apiToken }: RequestFacts): Account {
  if (apiToken?.status !== 'disabled') return account
  throw new Refusal('token-must-be-enabled', `this API token of project ${apiToken.projectId} is disabled`)
}

/** Assumed: a project's token that was made for an address is as good as none elsewhere. */
export function tokenMustComeFromItsAddress (account: Account, { apiToken }: RequestFacts): Account {
  if (apiToken === undefined || apiToken.isFromItsAddress) return account
  throw new Refusal('token-must-come-from-its-address', `this API token of project ${apiToken.projectId} may only be used from ${apiToken.ip}`)
}

/** Assumed: a field that is missing or of another type makes the request invalid. */
export function fieldsMustBeValid<Input> (request: ParsedRequest<Input>): Input {
  if (request.input instanceof Refusal) throw request.input
  return request.input
}
