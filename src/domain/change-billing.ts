import type { Account, LedgerEntry } from './account.js'
import { assume, relyOn, restingOn, type RestsOn } from './assumptions.js'
import { leftIn } from './left-in.js'
import type { Mills } from './money.js'
import { isPaid, type PaidPlan, type Plan, type PlanTable, type Service } from './plan.js'
import {
  onPayAsYouGo, projectMustBeActive, projectMustExist, restingSubscription, statusOf, subscriptionTo, type ProjectBilling, type Subscription
} from './project.js'
import { planMustBelongToService, planMustExist, purchase } from './purchase.js'
import { Refusal } from './refusal.js'
import { authorize, type ParsedRequest, type RequestFacts } from './request.js'

/** Request to put a project on a plan for a service. */
export interface ChangeBillingInput {
  readonly projectId: number
  readonly service: Service
  readonly planId: number
}

/** Facts for the decision; `project` is the requested one, if the account has it. */
export interface ChangeBillingFacts extends RequestFacts {
  readonly project: ProjectBilling | undefined
  readonly plans: PlanTable
}

/** Everything that a granted request changes, and the values of its answer. */
export interface BillingChange {
  readonly account: Account
  readonly projectId: number
  readonly oldPlanId: number
  readonly subscription: Subscription
  /** Cost of the change; `null` on Pay As You Go, where no price applies. */
  readonly price: Mills | null
  /** `null` if no money moves. */
  readonly entry: Omit<LedgerEntry, 'requestId'> | null
  /** Assumptions that the balance rests on afterwards. */
  readonly balanceRestsOn: RestsOn | undefined
  /** Assumptions that the status of a revived project rests on. */
  readonly statusRestsOn: RestsOn | undefined
  /** Other ended subscriptions of an expired project that this change revives; `null` if it was active. */
  readonly lapsed: readonly Subscription[] | null
}

/** Decides on a change of plan by the documented rules, in the order in which the API checks them. Throws a `Refusal`. */
export function changeBilling (request: ParsedRequest<ChangeBillingInput>, facts: ChangeBillingFacts): BillingChange {
  const { account, input } = authorize(request, facts)
  const project = projectMustExist(facts.project, input.projectId, facts)
  const isRevived = statusOf(project, facts) === 'Expired' && isRevivedBy(input, facts)
  if (!isRevived) projectMustBeActive(project, facts)
  const plan = planMustBelongToService(planMustExist(facts.plans, input.planId), input.service, facts)

  const { assumptions } = facts
  const current = subscriptionTo(project, input.service)
  relyOn(assumptions, current.restsOn)
  if (!isRevived && planIsTheSame(current, plan) && planMustDiffer(plan, facts) === 'free') return unchanged(account, project, current, plan, facts)
  if (!isPaid(plan)) return unpaid(account, project, current, onPayAsYouGo(input.service, leftIn('subscription', assumptions)))
  const price = isRevived ? plan.price.mills : priceOfChange(current, plan, facts)
  const { subscription, entry, balanceRestsOn } = purchase(account, project.projectId, plan, price, facts)
  return {
    account,
    projectId: project.projectId,
    oldPlanId: current.planId,
    subscription,
    price,
    entry,
    balanceRestsOn,
    statusRestsOn: isRevived ? leftIn('status', assumptions) : undefined,
    lapsed: isRevived ? lapsedWith(project, input.service, facts) : null
  }
}

/** Puts an active project on a plan, and takes nothing for it. */
function unpaid (account: Account, { projectId }: ProjectBilling, current: Subscription, subscription: Subscription): BillingChange {
  return {
    account,
    projectId,
    oldPlanId: current.planId,
    subscription,
    price: null,
    entry: null,
    balanceRestsOn: account.balanceRestsOn,
    statusRestsOn: undefined,
    lapsed: null
  }
}

/** Grants the plan that the project is already on, free of charge: another choice would have changed the subscription and the wallet. */
function unchanged (
  account: Account, project: ProjectBilling, current: Subscription, plan: Plan, { assumptions }: ChangeBillingFacts
): BillingChange {
  const subscription = restingSubscription(current, restingOn(current.restsOn, leftIn('subscription', assumptions)))
  const change = unpaid(account, project, current, subscription)
  if (!isPaid(plan)) return change
  return { ...change, price: 0, balanceRestsOn: restingOn(account.balanceRestsOn, leftIn('wallet', assumptions)) }
}

/** Tells whether a request revives an expired project. By default nothing does; by choice, buying a paid plan does (assumed). */
function isRevivedBy ({ planId }: ChangeBillingInput, { plans, assumptions }: ChangeBillingFacts): boolean {
  const plan = plans.get(planId)
  return (plan === undefined || isPaid(plan)) && assume(assumptions, 'expired-project') === 'revive'
}

/** Puts the other ended subscriptions of a revived project on Pay As You Go, because they have not been paid for. */
function lapsedWith ({ subscriptions }: ProjectBilling, service: Service, { now, assumptions }: ChangeBillingFacts): Subscription[] {
  return subscriptions
    .filter(other => other.service !== service && other.nextBillingAt !== null && other.nextBillingAt <= now)
    .map(other => onPayAsYouGo(other.service, restingOn(other.restsOn, leftIn('subscription', assumptions))))
}

function planIsTheSame (current: Subscription, plan: Plan): boolean {
  return current.planId === plan.planId
}

/** Handles a request for the current plan by choice: refused, accepted free of charge, or sold again like any other (assumed). */
function planMustDiffer (plan: Plan, { assumptions }: ChangeBillingFacts): 'free' | 'sold-again' {
  switch (assume(assumptions, 'same-plan')) {
    case 'refuse': throw new Refusal('plan-must-differ', `the project is already on plan_id ${plan.planId}`)
    case 'accept-free': return 'free'
    case 'charge-again': return 'sold-again'
  }
}

/** Returns the full price or, by choice, the difference to the price of the current paid plan. Nothing is ever refunded (documented). */
function priceOfChange (current: Subscription, plan: PaidPlan, { plans, assumptions }: ChangeBillingFacts): Mills {
  const fullPrice = plan.price.mills
  const old = plans.get(current.planId)
  if (old === undefined || !isPaid(old) || old.planId === plan.planId) return fullPrice
  const difference = Math.max(0, fullPrice - old.price.mills)
  if (difference === fullPrice || assume(assumptions, 'price-between-paid-plans') === 'full-price') return fullPrice
  if (old.price.isAssumed) assume(assumptions, 'plan-prices')
  return difference
}
