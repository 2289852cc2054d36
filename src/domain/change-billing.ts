import type { Account, LedgerEntry } from './account.js'
import { assume } from './assumptions.js'
import type { Mills } from './money.js'
import { isPaid, type PaidPlan, type Plan, type PlanTable, type Service } from './plan.js'
import { onPayAsYouGo, projectMustBeActive, projectMustExist, subscriptionTo, type ProjectBilling, type Subscription } from './project.js'
import { planMustBelongToService, planMustExist, purchase } from './purchase.js'
import { Refusal } from './refusal.js'
import { authorize, type ParsedRequest, type RequestFacts } from './request.js'

/** "Put this project on that plan for this service." */
export interface ChangeBillingInput {
  readonly projectId: number
  readonly service: Service
  readonly planId: number
}

/** What the decision needs to know; `project` is the ordered one, if the account has it. */
export interface ChangeBillingFacts extends RequestFacts {
  readonly project: ProjectBilling | undefined
  readonly plans: PlanTable
}

/** All that a granted order changes, and what it is answered with. */
export interface BillingChange {
  readonly account: Account
  readonly projectId: number
  readonly oldPlanId: number
  readonly subscription: Subscription
  /** What the change costs; `null` where a price does not apply, on Pay As You Go. */
  readonly price: Mills | null
  /** `null` when no money moves. */
  readonly entry: Omit<LedgerEntry, 'requestId'> | null
  /** Of a project that had expired and is active again: its other subscriptions that had ended. `null`: it was active. */
  readonly lapsed: readonly Subscription[] | null
}

/** Decides on a change of plan: the documented rules, in the order in which the API checks them. Throws a `Refusal`. */
export function changeBilling (request: ParsedRequest<ChangeBillingInput>, facts: ChangeBillingFacts): BillingChange {
  const { account, input } = authorize(request, facts)
  const project = projectMustExist(facts.project, input.projectId)
  const isRevived = project.status === 'Expired' && isRevivedBy(input, facts)
  if (!isRevived) projectMustBeActive(project)
  const plan = planMustBelongToService(planMustExist(facts.plans, input.planId), input.service)

  const current = subscriptionTo(project, input.service)
  const unpaid = { account, projectId: project.projectId, oldPlanId: current.planId, price: null, entry: null, lapsed: null }
  if (!isRevived && planIsTheSame(current, plan) && planMustDiffer(plan, facts) === 'free') {
    return { ...unpaid, subscription: current, price: isPaid(plan) ? 0 : null }
  }
  if (!isPaid(plan)) return { ...unpaid, subscription: onPayAsYouGo(input.service) }
  const price = isRevived ? plan.price.mills : priceOfChange(current, plan, facts)
  const { subscription, entry } = purchase(account, project.projectId, plan, price, facts)
  return { account, projectId: project.projectId, oldPlanId: current.planId, subscription, price, entry, lapsed: isRevived ? lapsedWith(project, input.service, facts) : null }
}

/** Assumed: an expired project stays so; or, by choice, a paid plan that is bought for it makes it active again. */
function isRevivedBy ({ planId }: ChangeBillingInput, { plans, assumptions }: ChangeBillingFacts): boolean {
  const plan = plans.get(planId)
  return (plan === undefined || isPaid(plan)) && assume(assumptions, 'expired-project') === 'revive'
}

/** What else had ended in an expired project is on Pay As You Go from now on: nobody has paid for it. */
function lapsedWith ({ subscriptions }: ProjectBilling, service: Service, { now }: ChangeBillingFacts): Subscription[] {
  return subscriptions
    .filter(other => other.service !== service && other.nextBillingAt !== null && other.nextBillingAt <= now)
    .map(other => onPayAsYouGo(other.service))
}

function planIsTheSame (current: Subscription, plan: Plan): boolean {
  return current.planId === plan.planId
}

/** Assumed: `refuse` the plan that the project is on, accept it `free` of charge, or sell it again as if it were another. */
function planMustDiffer (plan: Plan, { assumptions }: ChangeBillingFacts): 'free' | 'sold-again' {
  switch (assume(assumptions, 'same-plan')) {
    case 'refuse': throw new Refusal('plan-must-differ', `the project is on plan_id ${plan.planId} already`)
    case 'accept-free': return 'free'
    case 'charge-again': return 'sold-again'
  }
}

/** The full price; or, from another paid plan and by assumption, what it costs more than that one. Nothing is ever refunded (documented). */
function priceOfChange (current: Subscription, plan: PaidPlan, { plans, assumptions }: ChangeBillingFacts): Mills {
  const fullPrice = plan.price.mills
  const old = plans.get(current.planId)
  if (old === undefined || !isPaid(old) || old.planId === plan.planId) return fullPrice
  const difference = Math.max(0, fullPrice - old.price.mills)
  if (difference === fullPrice) return fullPrice
  return assume(assumptions, 'price-between-paid-plans') === 'difference' ? difference : fullPrice
}
