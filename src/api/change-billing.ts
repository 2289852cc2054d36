import { Type } from '@sinclair/typebox'
import { assume, type AssumptionLog } from '../domain/assumptions.js'
import { changeBilling, type BillingChange, type ChangeBillingFacts, type ChangeBillingInput } from '../domain/change-billing.js'
import { subscriptionTo, type ProjectBilling, type ProjectStatus, type Subscription } from '../domain/project.js'
import type { WireDialect } from '../domain/settings.js'
import { bookedOf, saveEntry, stateOf, type SubscriptionChange } from '../world/book.js'
import type { Endpoint } from './endpoint.js'
import { ProjectId, ServiceNumber, Token, WholeNumber } from './fields.js'
import { GRANTED, GrantedAnswer } from './status-codes.js'
import { NOT_APPLICABLE, wireAmount, wireDate } from './wire.js'

/** Documented request fields. A separate rule checks `plan_id` against the plan table. */
const Fields = Type.Object({
  token: Token,
  project_id: ProjectId,
  service: ServiceNumber,
  plan_id: WholeNumber(1, Number.MAX_SAFE_INTEGER)
})

/** Answer in either dialect, since the sample and the table contradict each other. A refusal has only the first two fields. */
const Answer = Type.Composite([GrantedAnswer, Type.Object({
  project_id: Type.Optional(Type.Integer({ description: 'in the table dialect', 'x-provenance': 'documented' })),
  old_billing_plan: Type.Optional(Type.String({ 'x-provenance': 'documented' })),
  new_billing_plan: Type.Optional(Type.Union([Type.Integer(), Type.String()], {
    description: 'a number in the sample, a string in the table',
    'x-provenance': 'documented'
  })),
  amount_debited: Type.Optional(Type.Union([Type.String(), Type.Number()], {
    description: 'USD; a string in the sample, a number in the table',
    'x-provenance': 'documented'
  })),
  next_billing_date: Type.Optional(Type.String({ description: 'ISO 8601 with +00:00', 'x-provenance': 'documented' }))
})])

/** Endpoint `POST /pm/change-billing` (documented): puts a project on another plan and debits the account's wallet. */
export const changeBillingEndpoint: Endpoint<typeof Fields, ChangeBillingInput, ChangeBillingFacts, BillingChange> = {
  name: 'change-billing',
  path: '/pm/change-billing',
  provenance: 'documented',
  rules: [
    'token-must-be-master', 'fields-must-be-valid', 'project-must-exist', 'project-must-be-active',
    'plan-must-exist', 'plan-must-belong-to-service', 'plan-must-differ', 'wallet-must-cover-price'
  ],
  fields: Fields,
  answer: Answer,
  toInput: fields => ({ projectId: fields.project_id, service: fields.service, planId: fields.plan_id }),
  load (store, facts, input) {
    const { now, cutoff, assumptions, account, apiToken } = facts
    const project = input && account && store.projects.findStanding(account.accountId, input.projectId)
    // Properties are listed rather than spread, here and below: V8 gives each spread object a new hidden class, which is slow.
    return { now, cutoff, assumptions, account, apiToken, project, plans: store.plans.table() }
  },
  decide: changeBilling,
  debit: ({ price }) => price ?? 0,
  save (store, change, requestId, { project }) {
    const { account, projectId, subscription, statusRestsOn, lapsed } = change
    const entry = saveEntry(store, account, change, requestId)
    store.projects.updateSubscription(account, projectId, subscription)
    if (lapsed === null) return bookedOf(entry, [changeOf(project!, subscription, project!.status)])
    store.projects.updateStatus(account.accountId, projectId, 'Active', statusRestsOn)
    for (const other of lapsed) store.projects.updateSubscription(account, projectId, other)
    // With its status, each plan of a revived project has changed.
    const revived = project!.subscriptions.filter(({ service }) => service !== subscription.service)
      .map(other => lapsed.find(({ service }) => service === other.service) ?? other)
    return bookedOf(entry, [subscription, ...revived].sort((a, b) => a.service - b.service).map(after => changeOf(project!, after, 'Active')))
  },
  present (change, { types }, assumptions) {
    const { status, message } = GRANTED
    const { projectId, subscription: { planId } } = change
    const oldPlanId = String(change.oldPlanId)
    const { amount, date } = paid(change, types, assumptions)
    if (types === 'sample') {
      return { status, message, old_billing_plan: oldPlanId, new_billing_plan: planId, amount_debited: amount, next_billing_date: date }
    }
    return {
      status,
      message,
      project_id: projectId,
      old_billing_plan: oldPlanId,
      new_billing_plan: String(planId),
      amount_debited: amount,
      next_billing_date: date
    }
  }
}

function changeOf (project: ProjectBilling, after: Subscription, status: ProjectStatus): SubscriptionChange {
  const { projectId } = project
  const { service } = after
  return { projectId, service, before: stateOf(subscriptionTo(project, service), project.status), after: stateOf(after, status) }
}

/**
 * Returns the amount debited and the end of the paid cycle. On Pay As You Go neither applies, and their form is assumed; an
 * absent property is left out of the answer.
 */
function paid (
  { price, subscription: { nextBillingAt } }: BillingChange,
  types: WireDialect['types'],
  assumptions: AssumptionLog
): { amount?: string | number, date?: string } {
  if (price !== null && nextBillingAt !== null) return { amount: wireAmount(price, types), date: wireDate(nextBillingAt) }
  switch (assume(assumptions, 'pay-as-you-go-fields')) {
    case 'empty-string': return { amount: NOT_APPLICABLE, date: NOT_APPLICABLE }
    case 'zero': return { amount: wireAmount(0, types), date: NOT_APPLICABLE }
    case 'absent': return {}
  }
}
