import type { Cycle } from './billing-cycle.js'
import type { Mills } from './money.js'

/** Service of the vendor: 1 is Phone Automation, 2 is WhatsApp Official (documented). */
export type Service = 1 | 2

/** Row of the vendor's plan table: ids and names are documented, most prices are assumed and can be overridden. */
export type Plan = PayAsYouGoPlan | PaidPlan

/** Plan without a price and a cycle. The table names no service for it; that it belongs to both is assumed. */
export interface PayAsYouGoPlan { readonly planId: number, readonly name: string, readonly service: null, readonly price: null }

export interface PaidPlan { readonly planId: number, readonly name: string, readonly service: Service, readonly price: Price }

/** Price of a paid plan per cycle, and the length of the cycle. */
export interface Price {
  readonly mills: Mills
  readonly cycle: Cycle
  /** Present on a price that neither the documentation nor the user has named. */
  readonly isAssumed?: true
}

/** Plan table, by plan id. */
export type PlanTable = ReadonlyMap<number, Plan>

/** Id of the plan that a project is on for a service until it chooses another. */
export const PAY_AS_YOU_GO = 1

export function isPaid (plan: Plan): plan is PaidPlan {
  return plan.price !== null
}

/** Tells whether a project may have a plan for a service. */
export function belongsToService (plan: Plan, service: Service): boolean {
  return plan.service === null || plan.service === service
}
