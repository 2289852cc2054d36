import type { Account, LedgerEntry } from './account.js'
import { assume, relyOn, restingAlsoOn, type AssumptionLog, type RestsOn } from './assumptions.js'
import { nextCycle } from './billing-cycle.js'
import type { Instant } from './clock.js'
import { leftIn } from './left-in.js'
import { usd, type Mills } from './money.js'
import { belongsToService, type PaidPlan, type Plan, type PlanTable, type Service } from './plan.js'
import { restingSubscription, type Subscription } from './project.js'
import { Refusal } from './refusal.js'

/** Effect of buying a plan for a project: one debit, and a cycle that starts now. */
export interface Purchase {
  readonly subscription: Subscription
  /** `null` if no money moves. */
  readonly entry: Omit<LedgerEntry, 'requestId'> | null
  /** Assumptions that the balance rests on afterwards. */
  readonly balanceRestsOn: RestsOn | undefined
}

/** Buys a plan for a project at a price in mills, or throws a `Refusal` if the wallet can't cover it. */
export function purchase (
  account: Account,
  projectId: number,
  plan: PaidPlan,
  price: Mills,
  { now, assumptions }: { readonly now: Instant, readonly assumptions: AssumptionLog }
): Purchase {
  if (plan.price.isAssumed) assume(assumptions, 'plan-prices')
  if (price > 0) relyOn(assumptions, account.balanceRestsOn)
  const balanceMills = walletMustCoverPrice(account, plan, price)
  // The new cycle starts now (documented sample).
  const cycle = nextCycle(now, undefined, plan.price.cycle, assumptions)
  return {
    subscription: restingSubscription({ service: plan.service, planId: plan.planId, ...cycle }, leftIn('subscription', assumptions)),
    balanceRestsOn: restingAlsoOn(account.balanceRestsOn, leftIn('wallet', assumptions)),
    entry: price === 0 ? null : { at: now, kind: 'plan-change', amountMills: -price, balanceMills, projectId, planId: plan.planId }
  }
}

export function planMustExist (plans: PlanTable, planId: number): Plan {
  const plan = plans.get(planId)
  if (plan === undefined) throw new Refusal('plan-must-exist', `plan_id ${planId} is not in the plan table`)
  return plan
}

/**
 * Refuses a plan of another service, as the names in the plan table imply (documented). Pay As You Go belongs to both, or by choice
 * to Phone Automation alone (assumed).
 */
export function planMustBelongToService (plan: Plan, service: Service, { assumptions }: { readonly assumptions: AssumptionLog }): Plan {
  const isForPhone = plan.service === null && service !== 1 && assume(assumptions, 'pay-as-you-go-service') === 'phone-automation'
  if (belongsToService(plan, service) && !isForPhone) return plan
  throw new Refusal('plan-must-belong-to-service', `plan_id ${plan.planId} belongs to service ${plan.service ?? 1}, not to service ${service}`)
}

/** Refuses a price that the wallet can't cover (documented); a balance equal to the price is enough. Returns the remaining balance. */
function walletMustCoverPrice (account: Account, plan: PaidPlan, price: Mills): Mills {
  const left = account.balanceMills - price
  if (left >= 0) return left
  throw new Refusal('wallet-must-cover-price',
    `the wallet holds ${usd(account.balanceMills)} USD, but plan_id ${plan.planId} costs ${usd(price)} USD`)
}
