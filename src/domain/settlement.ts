import type { Account, LedgerEntry } from './account.js'
import { assume, assumptionLog, relyOn, restingAlsoOn, restingOn, restingOnAll, type AssumptionLog, type RestsOn } from './assumptions.js'
import { nextCycle } from './billing-cycle.js'
import type { BillingEvent, ExpiryReason, Unrenewed } from './billing-events.js'
import type { Instant } from './clock.js'
import { disabledFrom, hingesOnTimeZone } from './cutoff.js'
import { dueQueue } from './due-queue.js'
import type { Mills } from './money.js'
import type { PaidPlan, PlanTable } from './plan.js'
import { onPayAsYouGo, restingSubscription, type ProjectBilling, type Subscription } from './project.js'
import type { Settings } from './settings.js'

/** Everything due of an account's projects, to be booked. */
export interface Settlement {
  readonly balanceMills: Mills
  readonly balanceRestsOn: RestsOn | undefined
  /** In the order in which to book them. */
  readonly entries: readonly LedgerEntry[]
  /** Changed projects in their new state. */
  readonly projects: readonly ProjectBilling[]
  readonly events: readonly BillingEvent[]
  /** `false` if the limit was reached before everything due was settled; this part is consistent. */
  readonly isComplete: boolean
}

/**
 * Settles everything due of an account's projects up to now, in the order in which it fell due across all projects. A cycle
 * that has ended is renewed from the wallet at its end, repeatedly. If the wallet can't cover the price, or plans are not
 * renewed, the project expires at that instant, and 14 days later it is deleted (documented). Whatever changes keeps the names of
 * the assumptions that the event depends on. Prices are those of the plan table. Going back in time makes nothing
 * due, so nothing is ever refunded. At most `limit` events are settled at once.
 */
export function settle (
  { name: account, balanceMills, balanceRestsOn }: Pick<Account, 'name' | 'balanceMills' | 'balanceRestsOn'>,
  projects: readonly ProjectBilling[],
  plans: PlanTable,
  { assumptions: choices, cutoff }: Pick<Settings, 'assumptions' | 'cutoff'>,
  now: Instant,
  limit: number
): Settlement {
  const queue = dueQueue(projects, choices.deletion === 'after-14-days')
  const changed = new Map<number, ProjectBilling>()
  const entries: LedgerEntry[] = []
  const events: BillingEvent[] = []
  let balance = balanceMills
  let walletRestsOn = balanceRestsOn

  let first = queue.first()
  while (first !== undefined && first.at <= now && events.length < limit) {
    const { at, project } = first
    const updated = project.status === 'Expired' ? deleted(project, at) : renewedOrExpired(project, at)
    changed.set(updated.projectId, updated)
    queue.replaceFirst(updated)
    first = queue.first()
  }
  return {
    balanceMills: balance,
    balanceRestsOn: walletRestsOn,
    entries,
    projects: [...changed.values()],
    events,
    isComplete: first === undefined || first.at > now
  }

  function deleted (project: ProjectBilling, at: Instant): ProjectBilling {
    const { projectId, subscriptions, statusRestsOn } = project
    events.push({ at, event: 'deleted', account, projectId })
    const names = restingOn(statusRestsOn, ...subscriptions.map(({ restsOn }) => restsOn), ['deletion'])
    return { ...project, status: 'Delete', statusRestsOn: names }
  }

  function renewedOrExpired (project: ProjectBilling, at: Instant): ProjectBilling {
    const { projectId, subscriptions, statusRestsOn } = project
    const ended = subscriptions.find(({ nextBillingAt }) => nextBillingAt === at)!
    const { service, planId } = ended
    const plan = plans.get(planId) as PaidPlan
    const { mills: priceMills, cycle, isAssumed } = plan.price
    const assumptions = assumptionLog(choices)
    relyOn(assumptions, ended.restsOn)
    relyOn(assumptions, statusRestsOn)
    if (priceMills > 0) relyOn(assumptions, walletRestsOn)
    if (isAssumed) assume(assumptions, 'plan-prices')
    const isCovered = priceMills <= balance
    const reason = isCovered ? reasonNotToRenew(at, assumptions) : 'balance-too-low'
    if (reason !== null) {
      const expired = unpaid(project, ended, { at, reason, priceMills }, assumptions)
      // A wallet that would have paid under another choice.
      if (isCovered && priceMills > 0) walletRestsOn = expired.statusRestsOn
      return expired
    }
    const restsOn = restingOnAll(assumptions)
    balance -= priceMills
    if (priceMills > 0) {
      walletRestsOn = restsOn
      entries.push({ at, kind: 'renewal', amountMills: -priceMills, balanceMills: balance, projectId, planId, requestId: null })
    }
    events.push({ at, event: 'renewed', account, projectId, service, planId, priceMills, balanceMills: balance })
    const next = nextCycle(at, ended.anchorDay, cycle, assumptions)
    const renewed = restingSubscription({ service, planId, ...next }, restingAlsoOn(restsOn, assumptions.used))
    return { projectId, status: 'Active', subscriptions: replaced(subscriptions, ended, renewed), statusRestsOn: restsOn }
  }

  /** Tells why a plan is not renewed at the end of its cycle although the wallet can cover it; `null` if it is. */
  function reasonNotToRenew (at: Instant, assumptions: AssumptionLog): ExpiryReason | null {
    if (assume(assumptions, 'auto-renew') === 'off') return 'auto-renew-off'
    if (choices['renewal-after-switch-off'] === 'stops' && hingesOnTimeZone(cutoff, at)) assume(assumptions, 'disabled-time-zone')
    const isEnabled = at < disabledFrom(cutoff, choices['disabled-time-zone'])
    return isEnabled || assume(assumptions, 'renewal-after-switch-off') === 'continues' ? null : 'api-disabled'
  }

  /** Expires a project, or by choice only its unpaid service as long as another one is paid for. */
  function unpaid (
    project: ProjectBilling,
    ended: Subscription,
    { at, reason, priceMills }: { readonly at: Instant } & Pick<Unrenewed, 'reason' | 'priceMills'>,
    assumptions: AssumptionLog
  ): ProjectBilling {
    const { projectId, subscriptions } = project
    const { service, planId } = ended
    const isOnAnother = subscriptions.some(other => other !== ended && other.nextBillingAt !== null && other.nextBillingAt >= at)
    const fallsBack = isOnAnother && assume(assumptions, 'unpaid-service') === 'falls-back'
    const statusRestsOn = restingOnAll(assumptions)
    events.push({ at, event: fallsBack ? 'lapsed' : 'expired', account, projectId, service, planId, reason, priceMills, balanceMills: balance })
    if (!fallsBack) return { projectId, status: 'Expired', subscriptions, statusRestsOn }
    return { projectId, status: 'Active', subscriptions: replaced(subscriptions, ended, onPayAsYouGo(service, statusRestsOn)), statusRestsOn }
  }
}

function replaced (subscriptions: readonly Subscription[], old: Subscription, current: Subscription): Subscription[] {
  return subscriptions.map(subscription => subscription === old ? current : subscription)
}
