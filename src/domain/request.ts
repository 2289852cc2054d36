import type { Account } from './account.js'
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

/** Documented: the master token in the body names the account. */
export function tokenMustBeKnown (asked: Asked<unknown>, account: Account | undefined): Account {
  if (asked.token instanceof Refusal) throw asked.token
  if (account === undefined) throw new Refusal('token-must-be-known', 'no account has this token')
  return account
}

/** Assumed: a field that is missing or of another type makes the request invalid. */
export function fieldsMustBeValid<Order> (asked: Asked<Order>): Order {
  if (asked.order instanceof Refusal) throw asked.order
  return asked.order
}
