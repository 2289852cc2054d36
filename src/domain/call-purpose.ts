/** What a call of each endpoint is for, of a project and to a plan that are named as `project 5786` and `plan 2`. */
const PURPOSES: Readonly<Record<string, (project: string, plan: string) => string>> = {
  'change-billing': (project, plan) => `change of ${project} to ${plan}`,
  'create-project': (_project, plan) => `creation of a project on ${plan}`,
  'get-projects': project => `look-up of ${project}`,
  'create-api-token': project => `creation of an API token for ${project}`,
  'manage-api-token': project => `change of an API token of ${project}`,
  'set-webhook': project => `change of the webhooks of ${project}`,
  'fetch-balance': () => 'look-up of the balance',
  'check-balance': () => 'look-up of the balance'
}

/** Names a call by what it is for, as sentences about money speak of it; `undefined` for an endpoint that there is not. */
export function purposeOf (endpoint: string, project: string, plan: string): string | undefined {
  return Object.hasOwn(PURPOSES, endpoint) ? PURPOSES[endpoint]!(project, plan) : undefined
}

/**
 * Gives the plan that the fields of a call ask for, as the client wrote it. `create-project` reads `billing_plan`, every other endpoint
 * `plan_id`; a call with the other endpoint's field alone is still about that plan, for a fault or a filter that is to find it.
 */
export function requestedPlan (endpoint: string | null, fields: unknown): unknown {
  const { plan_id: planId, billing_plan: billingPlan } = Object(fields) as Readonly<Record<string, unknown>>
  return endpoint === 'create-project' ? billingPlan ?? planId : planId ?? billingPlan
}
