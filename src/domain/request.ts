import type { Account } from './account.js'
import type { PresentedToken } from './api-token.js'
import { relyOn, type Reliance } from './assumptions.js'
import { instantText, type Instant } from './clock.js'
import { disabledFrom, hingesOnTimeZone, type Cutoff } from './cutoff.js'
import { Refusal } from './refusal.js'

/** What a request says, read as far as it can be read. What cannot be read is a refusal, thrown when its rule's turn comes. */
export interface Asked<Order> {
  readonly body: object | Refusal
  readonly token: string | Refusal
  readonly order: Order | Refusal
}

/** What every endpoint decides on: the time, the account that the token names, and the choices made for it. */
export interface World {
  readonly now: Instant
  readonly cutoff: Cutoff
  readonly reliance: Reliance
  readonly account: Account | undefined
  /** The project's token that names the account; none if it was the master token. */
  readonly apiToken: PresentedToken | undefined
}

/** The rules that every request to the Project Management API must pass first, in their order. */
export function admitted<Order> (asked: Asked<Order>, world: World): { readonly account: Account, readonly order: Order } {
  apiMustBeEnabled(world)
  bodyMustBeJsonObject(asked)
  const account = tokenMustBeMaster(tokenMustBeKnown(asked, world), world)
  return { account, order: fieldsMustBeValid(asked) }
}

/** Documented: from the cutoff onwards any request fails, before anything else is looked at. */
export function apiMustBeEnabled ({ now, cutoff, reliance }: World): void {
  if (hingesOnTimeZone(cutoff, now)) relyOn(reliance, 'disabled-time-zone')
  const disabledAt = disabledFrom(cutoff, reliance.choices['disabled-time-zone'])
  if (now < disabledAt) return
  throw new Refusal('api-is-disabled-after-cutoff',
    `the Project Management API is disabled from ${instantText(disabledAt)} onwards, and it is ${instantText(now)}`)
}

/** Assumed: what is no JSON object is an invalid request. */
export function bodyMustBeJsonObject (asked: Asked<unknown>): void {
  if (asked.body instanceof Refusal) throw asked.body
}

/** Documented: the token in the body names the account. */
export function tokenMustBeKnown (asked: Asked<unknown>, { account, apiToken }: World): Account {
  if (asked.token instanceof Refusal) throw asked.token
  if (apiToken?.status === 'deleted') throw new Refusal('token-must-be-known', `this API token of project ${apiToken.projectId} has been deleted`)
  if (account === undefined) throw new Refusal('token-must-be-known', 'no account has this token')
  return account
}

/** Documented: the Project Management API takes the account's master API token. */
function tokenMustBeMaster (account: Account, { apiToken }: World): Account {
  if (apiToken === undefined) return account
  throw new Refusal('token-must-be-master', `this is an API token of project ${apiToken.projectId}, and the account's master API token is wanted`)
}

/** Assumed: a project's token that was disabled is as good as none. */
export function tokenMustBeEnabled (account: Account, { apiToken }: World): Account {
  if (apiToken?.status !== 'disabled') return account
  throw new Refusal('token-must-be-enabled', `this API token of project ${apiToken.projectId} is disabled`)
}

/** Assumed: a project's token that was made for an address is as good as none elsewhere. */
export function tokenMustComeFromItsAddress (account: Account, { apiToken }: World): Account {
  if (apiToken === undefined || apiToken.isFromItsAddress) return account
  throw new Refusal('token-must-come-from-its-address', `this API token of project ${apiToken.projectId} may only be used from ${apiToken.ip}`)
}

/** Assumed: a field that is missing or of another type makes the request invalid. */
export function fieldsMustBeValid<Order> (asked: Asked<Order>): Order {
  if (asked.order instanceof Refusal) throw asked.order
  return asked.order
}
