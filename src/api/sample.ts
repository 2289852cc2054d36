import type { Instant } from '../domain/clock.js'
import type { Store } from '../store/index.js'
import { DOCUMENTED_TOKEN } from '../text/shown-command.js'
import { changeBillingEndpoint } from './change-billing.js'
import { requestHandler } from './endpoint.js'
import { BASE_PATH } from './index.js'

/** Documented sample request. */
const DOCUMENTED_SAMPLE = { token: DOCUMENTED_TOKEN, project_id: 5786, service: 1, plan_id: 2 }

/** Maximum number of requests to try in the search for one that is granted. */
const MAX_TRIES = 200

/** Request to show as an example, and the answer that it would get now. */
export interface Sample {
  readonly path: string
  readonly body: typeof DOCUMENTED_SAMPLE
  readonly answer: object
}

/**
 * Finds a request to change-billing that this world would grant now; in the default world, it is the documented one. Falls back
 * to the documented one if none would be, as when the API is disabled or all wallets are empty. Changes nothing.
 */
export function sampleRequest (store: Store, machineTime: Instant, maxEvents: number): Sample {
  const path = BASE_PATH + changeBillingEndpoint.path
  const answerTo = requestHandler(changeBillingEndpoint, maxEvents)
  const attempt = (body: typeof DOCUMENTED_SAMPLE) => {
    const request = { id: 'sample', body, text: JSON.stringify(body), query: {}, from: '', keep: false }
    return { path, body, answer: JSON.parse(store.dryRun(() => answerTo(store, request, machineTime)).body) as { status: number } }
  }
  for (const body of candidates(store)) {
    const sample = attempt(body)
    if (sample.answer.status === 100) return sample
  }
  return attempt(DOCUMENTED_SAMPLE)
}

function candidates (store: Store): Array<typeof DOCUMENTED_SAMPLE> {
  const plans = store.plans.list()
  const found = []
  for (const { accountId, token } of store.accounts.list(MAX_TRIES)) {
    for (const { projectId } of store.projects.list(accountId, MAX_TRIES)) {
      for (const { service, planId } of plans) found.push({ token, project_id: projectId, service: service ?? 1, plan_id: planId })
      if (found.length >= MAX_TRIES) return found
    }
  }
  return found
}
