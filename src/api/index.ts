import { changeBillingEndpoint } from './change-billing.js'
import { checkBalanceEndpoint } from './check-balance.js'
import { createApiTokenEndpoint } from './create-api-token.js'
import { createProjectEndpoint } from './create-project.js'
import type { Endpoint } from './endpoint.js'
import { fetchBalanceEndpoint } from './fetch-balance.js'
import { getProjectsEndpoint } from './get-projects.js'
import { manageApiTokenEndpoint } from './manage-api-token.js'
import { setWebhookEndpoint } from './set-webhook.js'

/** The path below which the vendor serves version 2 of its API (documented). */
export const BASE_PATH = '/app/api/v2'

/** Every endpoint of the emulated API. */
export const ENDPOINTS = [
  changeBillingEndpoint,
  createProjectEndpoint,
  getProjectsEndpoint,
  createApiTokenEndpoint,
  manageApiTokenEndpoint,
  setWebhookEndpoint,
  fetchBalanceEndpoint,
  checkBalanceEndpoint
] as unknown as readonly Endpoint[]

/** Their names in faults and in the journal. */
export const ENDPOINT_NAMES: readonly string[] = ENDPOINTS.map(({ name }) => name)

/** Those whose paths nobody knows: each can be put elsewhere, or switched off. */
export const MOVABLE = ENDPOINTS.filter(({ provenance: known }) => known === 'assumed').map(({ name }) => name)

/** Where endpoints are served instead of at their own path, by name; `null` for nowhere. */
export type Paths = Readonly<Record<string, string | null>>

/** The endpoints that are served, by their whole paths. */
export function servedAt (paths: Paths): ReadonlyMap<string, Endpoint> {
  return new Map(ENDPOINTS.flatMap(endpoint => {
    const path = Object.hasOwn(paths, endpoint.name) ? paths[endpoint.name]! : endpoint.path
    return path === null ? [] : [[BASE_PATH + path, endpoint] as const]
  }))
}
