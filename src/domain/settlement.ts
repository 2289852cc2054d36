import type { Account, LedgerEntry } from './account.js'
import { assume, assumptionLog, type AssumptionName, type Choices } from './assumptions.js'
import { endOfNextCycle } from './billing-cycle.js'
import type { Instant } from './clock.js'
import { dueQueue } from './due-queue.js'
import type { Mills } from './money.js'
import type { PaidPlan, PlanTable, Service } from './plan.js'
import type { ProjectBilling, Subscription } from './project.js'

/** Something that happened to a project by itself, because time went by; `account` is the name. */
export type BillingEvent =
  | { readonly at: Instant, readonly event: 'renewed', readonly account: string, readonly projectId: number, readonly service: Service, readonly planId: number, readonly priceMills: Mills, readonly balanceMills: Mills }
  | { readonly at: Instant, readonly event: 'expired', readonly account: string, readonly projectId: number, readonly service: Service, readonly planId: number }
  | { readonly at: Instant, readonly event: 'deleted', readonly account: string, readonly projectId: number }

/** What an account's time has brought with it, all of it due and none of it booked yet. */
export interface Settlement {
  readonly balanceMills: Mills
  /** In the order in which they are to be booked. */
  readonly entries: readonly LedgerEntry[]
  /** The projects that changed, as they stand now. */
  readonly projects: readonly ProjectBilling[]
  readonly events: readonly BillingEvent[]
  /** Which open questions decided what happened. */
  readonly assumptions: ReadonlySet<AssumptionName>
  /** `false` where there is more than is settled at once; what there is so far is in order. */
  readonly isComplete: boolean
}

/** How much is settled at once: twenty years of a thousand projects. */
export const MAX_BILLING_EVENTS = 250_000

/**
 * Settles what is due of an account's projects up to now, in the order in which it fell due, whatever project it falls to:
 * a cycle that ended is renewed from the wallet at its end, again and again; where the wallet can't cover it, or `auto-renew`
 * is off, the project expires at that instant, and 14 days later it is deleted (documented; that the whole project expires,
 * whichever of its services was not paid, is assumed). Prices are those of the plan table. Going back in time makes nothing
 * due, so nothing is ever refunded.
 */
export function settle ({ name: account, balanceMills }: Pick<Account, 'name' | 'balanceMills'>, projects: readonly ProjectBilling[], plans: PlanTable, choices: Choices, now: Instant, most: number = MAX_BILLING_EVENTS): Settlement {
  const queue = dueQueue(projects)
  const changed = new Map<number, ProjectBilling>()
  const entries: LedgerEntry[] = []
  const happenings: BillingEvent[] = []
  const assumptions = assumptionLog(choices)
  let balance = balanceMills

  let first = queue.first()
  while (first !== undefined && first.at <= now && happenings.length < most) {
    const { at, project } = first
    const standing = project.status === 'Expired' ? deleted(project, at) : renewedOrExpired(project, at)
    changed.set(standing.projectId, standing)
    queue.replaceFirst(standing)
    first = queue.first()
  }
  return { balanceMills: balance, entries, projects: [...changed.values()], events: happenings, assumptions: assumptions.used, isComplete: first === undefined || first.at > now }

  function deleted (project: ProjectBilling, at: Instant): ProjectBilling {
    happenings.push({ at, event: 'deleted', account, projectId: project.projectId })
    return { ...project, status: 'Delete' }
  }

  function renewedOrExpired (project: ProjectBilling, at: Instant): ProjectBilling {
    const { projectId, subscriptions } = project
    const ended = subscriptions.find(({ nextBillingAt }) => nextBillingAt === at)!
    const { service, planId } = ended
    const plan = plans.get(planId) as PaidPlan
    const { mills: priceMills, cycle } = plan.price
    if (priceMills > balance || assume(assumptions, 'auto-renew') === 'off') {
      happenings.push({ at, event: 'expired', account, projectId, service, planId })
      return { projectId, status: 'Expired', subscriptions }
    }
    balance -= priceMills
    if (priceMills > 0) entries.push({ at, kind: 'renewal', amountMills: -priceMills, balanceMills: balance, projectId, planId, requestId: null })
    happenings.push({ at, event: 'renewed', account, projectId, service, planId, priceMills, balanceMills: balance })
    const renewed: Subscription = { service, planId, nextBillingAt: endOfNextCycle(at, cycle, assumptions) }
    return { projectId, status: 'Active', subscriptions: subscriptions.map(subscription => subscription === ended ? renewed : subscription) }
  }
}
