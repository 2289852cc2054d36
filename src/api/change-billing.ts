import { Type } from '@sinclair/typebox'
import { relyOn, type Reliance } from '../domain/assumptions.js'
import { changeBilling, type BillingChange, type BillingOrder, type BillingWorld } from '../domain/change-billing.js'
import type { Plan } from '../domain/plan.js'
import type { Project } from '../domain/project.js'
import type { WireDialect } from '../domain/settings.js'
import type { Store } from '../store/index.js'
import type { Endpoint } from './endpoint.js'
import { ProjectId, ServiceNumber, Text, WholeNumber } from './fields.js'
import { NOT_APPLICABLE, wireAmount, wireDate } from './wire.js'

/** The documented request fields. `plan_id` is checked against the plan table by a rule of its own. */
const Fields = Type.Object({
  token: Text(),
  project_id: ProjectId,
  service: ServiceNumber,
  plan_id: WholeNumber(1, Number.MAX_SAFE_INTEGER)
})

/** `POST /pm/change-billing` (documented): puts a project on another plan and debits the account's wallet. */
export const changeBillingEndpoint: Endpoint<typeof Fields, BillingOrder, BillingWorld, BillingChange> = {
  path: '/pm/change-billing',
  fields: Fields,
  orderOf: fields => ({ projectId: fields.project_id, service: fields.service, planId: fields.plan_id }),
  load (store, world, order) {
    const project = order && world.account && store.projects.find(world.account.accountId, order.projectId)
    return { ...world, project, plans: plansNeeded(store, order, project) }
  },
  decide: changeBilling,
  save (store, { account, projectId, subscription, entry }, requestId) {
    if (entry !== null) {
      store.accounts.updateBalance(account.accountId, entry.balanceMills)
      store.ledger.insert(account.accountId, { ...entry, requestId })
    }
    store.projects.updateSubscription(account.accountId, projectId, subscription)
  },
  present: (change, { types }, reliance) => types === 'sample'
    ? {
        old_billing_plan: String(change.oldPlanId),
        new_billing_plan: change.subscription.planId,
        ...paid(change, types, reliance)
      }
    : {
        project_id: change.projectId,
        old_billing_plan: String(change.oldPlanId),
        new_billing_plan: String(change.subscription.planId),
        ...paid(change, types, reliance)
      }
}

/** What the plan costs and until when it is paid; on Pay As You Go neither applies, and how that looks is assumed. */
function paid ({ price, subscription: { nextBillingAt } }: BillingChange, types: WireDialect['types'], reliance: Reliance): object {
  if (price !== null && nextBillingAt !== null) return { amount_debited: wireAmount(price, types), next_billing_date: wireDate(nextBillingAt) }
  switch (relyOn(reliance, 'pay-as-you-go-fields')) {
    case 'empty-string': return { amount_debited: NOT_APPLICABLE, next_billing_date: NOT_APPLICABLE }
    case 'zero': return { amount_debited: wireAmount(0, types), next_billing_date: NOT_APPLICABLE }
    case 'absent': return {}
  }
}

/** The plan that is asked for and those that the project is on, as far as they exist. */
function plansNeeded (store: Store, order: BillingOrder | undefined, project: Project | undefined): Map<number, Plan> {
  const planIds = [order?.planId, ...project?.subscriptions.map(({ planId }) => planId) ?? []]
  const plans = planIds.map(planId => planId === undefined ? undefined : store.plans.find(planId))
  return new Map(plans.filter(plan => plan !== undefined).map(plan => [plan.planId, plan]))
}
