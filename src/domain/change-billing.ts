import type { Account, LedgerEntry } from './account.js'
import { relyOn } from './assumptions.js'
import { endOfCycle } from './billing-cycle.js'
import type { Instant } from './clock.js'
import { usd, type Mills } from './money.js'
import { belongsToService, isPaid, PAY_AS_YOU_GO, type PaidPlan, type Plan, type PlanTable, type Service } from './plan.js'
import { subscriptionTo, type Project, type Subscription } from './project.js'
import { Refusal } from './refusal.js'
import { apiMustBeEnabled, bodyMustBeJsonObject, fieldsMustBeValid, tokenMustBeKnown, type Asked, type World } from './request.js'

/** "Put this project on that plan for this service." */
export interface BillingOrder {
  readonly projectId: number
  readonly service: Service
  readonly planId: number
}

/** What the decision needs to know; `project` is the ordered one, if the account has it. */
export interface BillingWorld extends World {
  readonly project: Project | undefined
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
}

/** Decides on a change of plan: the documented rules, in the order in which the API checks them. Throws a `Refusal`. */
export function changeBilling (asked: Asked<BillingOrder>, world: BillingWorld): BillingChange {
  apiMustBeEnabled(world)
  bodyMustBeJsonObject(asked)
  const account = tokenMustBeKnown(asked, world.account)
  const order = fieldsMustBeValid(asked)
  const project = projectMustBeActive(projectMustExist(world.project, order.projectId))
  const plan = planMustBelongToService(planMustExist(world.plans, order.planId), order.service)

  const current = subscriptionTo(project, order.service) ?? onPayAsYouGo(order.service)
  if (planIsTheSame(current, plan) && planMustDiffer(plan, world) === 'free') {
    return { account, projectId: project.projectId, oldPlanId: plan.planId, subscription: current, price: isPaid(plan) ? 0 : null, entry: null }
  }
  if (!isPaid(plan)) {
    return { account, projectId: project.projectId, oldPlanId: current.planId, subscription: onPayAsYouGo(order.service), price: null, entry: null }
  }
  const price = priceOfChange(current, plan, world)
  const balanceMills = walletMustCoverPrice(account, plan, price)
  return {
    account,
    projectId: project.projectId,
    oldPlanId: current.planId,
    subscription: { service: order.service, planId: plan.planId, nextBillingAt: nextBillingAt(plan, world) },
    price,
    entry: price === 0
      ? null
      : { at: world.now, kind: 'plan-change', amountMills: -price, balanceMills, projectId: project.projectId, planId: plan.planId }
  }
}

/** Assumed: a project that has not chosen a plan for a service yet counts as on Pay As You Go. */
function onPayAsYouGo (service: Service): Subscription {
  return { service, planId: PAY_AS_YOU_GO, nextBillingAt: null }
}

/** Assumed: another account's project does not exist either. */
function projectMustExist (project: Project | undefined, projectId: number): Project {
  if (project === undefined) throw new Refusal('project-must-exist', `this account has no project ${projectId}`)
  return project
}

function projectMustBeActive (project: Project): Project {
  if (project.status === 'Active') return project
  throw new Refusal('project-must-be-active', `project ${project.projectId} has the status ${project.status}`)
}

function planMustExist (plans: PlanTable, planId: number): Plan {
  const plan = plans.get(planId)
  if (plan === undefined) throw new Refusal('plan-must-exist', `plan_id ${planId} is not in the plan table`)
  return plan
}

/** Documented by the names in the plan table. That Pay As You Go belongs to both services is assumed. */
function planMustBelongToService (plan: Plan, service: Service): Plan {
  if (belongsToService(plan, service)) return plan
  throw new Refusal('plan-must-belong-to-service', `plan_id ${plan.planId} is a plan of service ${plan.service}, not of service ${service}`)
}

function planIsTheSame (current: Subscription, plan: Plan): boolean {
  return current.planId === plan.planId
}

/** Assumed: `refuse` the plan that the project is on, accept it `free` of charge, or sell it again as if it were another. */
function planMustDiffer (plan: Plan, { reliance }: BillingWorld): 'free' | 'sold-again' {
  switch (relyOn(reliance, 'same-plan')) {
    case 'refuse': throw new Refusal('plan-must-differ', `the project is on plan_id ${plan.planId} already`)
    case 'accept-free': return 'free'
    case 'charge-again': return 'sold-again'
  }
}

/** The full price; or, from another paid plan and by assumption, what it costs more than that one. Nothing is ever refunded (documented). */
function priceOfChange (current: Subscription, plan: PaidPlan, { plans, reliance }: BillingWorld): Mills {
  const fullPrice = plan.price.mills
  const old = plans.get(current.planId)
  if (old === undefined || !isPaid(old) || old.planId === plan.planId) return fullPrice
  const difference = Math.max(0, fullPrice - old.price.mills)
  if (difference === fullPrice) return fullPrice
  return relyOn(reliance, 'price-between-paid-plans') === 'difference' ? difference : fullPrice
}

/** Documented: the wallet must hold enough credit; a balance that equals the price is enough. Gives the balance that is left. */
function walletMustCoverPrice (account: Account, plan: PaidPlan, price: Mills): Mills {
  const left = account.balanceMills - price
  if (left >= 0) return left
  throw new Refusal('wallet-must-cover-price', `the wallet holds ${usd(account.balanceMills)} USD and plan_id ${plan.planId} costs ${usd(price)} USD`)
}

/** The new cycle starts now (documented sample). */
function nextBillingAt (plan: PaidPlan, { now, reliance }: BillingWorld): Instant {
  const ends = endOfCycle(now, plan.price.cycle, 'calendar')
  if (ends === endOfCycle(now, plan.price.cycle, '30-days')) return ends
  return endOfCycle(now, plan.price.cycle, relyOn(reliance, 'month-length'))
}
