import type { Instant } from './clock.js'
import type { Mills } from './money.js'
import type { Service } from './plan.js'

/** Event that the passing of time brings to a project; `account` is a name. */
export type BillingEvent =
  | EventOf<'renewed'> & Lapsing & { readonly priceMills: Mills, readonly balanceMills: Mills }
  | EventOf<'expired'> & Unrenewed
  | EventOf<'lapsed'> & Unrenewed
  | EventOf<'deleted'>

interface EventOf<Name extends string> {
  readonly at: Instant
  readonly event: Name
  readonly account: string
  readonly projectId: number
}

/** Reasons why a plan was not renewed: the wallet held less than the price, or, by choice, plans don't renew themselves at all or any more. */
export const EXPIRY_REASONS = ['balance-too-low', 'auto-renew-off', 'api-disabled'] as const
export type ExpiryReason = typeof EXPIRY_REASONS[number]

/** Subscription whose cycle has ended. */
interface Lapsing { readonly service: Service, readonly planId: number }

/** Subscription that was not renewed, and why. */
export type Unrenewed = Lapsing & { readonly reason: ExpiryReason, readonly priceMills: Mills, readonly balanceMills: Mills }

export const BILLING_EVENTS = ['renewed', 'expired', 'lapsed', 'deleted'] as const satisfies ReadonlyArray<BillingEvent['event']>
