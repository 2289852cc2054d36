import type { Cycle } from './billing-cycle.js'
import type { Mills } from './money.js'

/** 1 is Phone Automation, 2 is WhatsApp Official (documented). */
export type Service = 1 | 2

/** A row of the vendor's plan table: ids and names are documented, most prices are assumed and can be replaced. */
export type Plan = PayAsYouGoPlan | PaidPlan

/** No price and no cycle. Whether it belongs to both services is assumed: the table does not say. */
export interface PayAsYouGoPlan { readonly planId: number, readonly name: string, readonly service: null, readonly price: null }

export interface PaidPlan { readonly planId: number, readonly name: string, readonly service: Service, readonly price: Price }

/** What a cycle of a paid plan costs, and how long it lasts. */
export interface Price { readonly mills: Mills, readonly cycle: Cycle }

/** The plan table, by plan id. */
export type PlanTable = ReadonlyMap<number, Plan>

/** The plan that a project is on for a service until it chooses one. */
export const PAY_AS_YOU_GO = 1

export function isPaid (plan: Plan): plan is PaidPlan {
  return plan.price !== null
}

/** Whether a project may have this plan for the service. */
export function belongsToService (plan: Plan, service: Service): boolean {
  return plan.service === null || plan.service === service
}
