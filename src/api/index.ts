import { changeBillingEndpoint } from './change-billing.js'
import { checkBalanceEndpoint } from './check-balance.js'
import { createApiTokenEndpoint } from './create-api-token.js'
import { createProjectEndpoint } from './create-project.js'
import type { Endpoint } from './endpoint.js'
import { fetchBalanceEndpoint } from './fetch-balance.js'
import { getProjectsEndpoint } from './get-projects.js'
import { manageApiTokenEndpoint } from './manage-api-token.js'
import { setWebhookEndpoint } from './set-webhook.js'

/** Base path of version 2 of the vendor's API (documented). */
export const BASE_PATH = '/app/api/v2'

/** All endpoints of the emulated API. */
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

/** Names of the endpoints in faults and in the journal. */
export const ENDPOINT_NAMES: readonly string[] = ENDPOINTS.map(({ name }) => name)

/** Endpoints with an undocumented path, which can be changed or switched off. */
export const MOVABLE = ENDPOINTS.filter(({ provenance: known }) => known === 'assumed').map(({ name }) => name)

/** Paths that replace those of endpoints, by name; `null` switches an endpoint off. */
export type Paths = Readonly<Record<string, string | null>>

/** Maps full paths to the endpoints served there. */
export function servedAt (paths: Paths): ReadonlyMap<string, Endpoint> {
  return new Map(ENDPOINTS.flatMap(endpoint => {
    const { name, alias } = endpoint
    const path = Object.hasOwn(paths, name) ? paths[name]! : endpoint.path
    const served = path === null ? [] : [BASE_PATH + path]
    return [...served, ...alias === undefined ? [] : [alias]].map(path => [path, endpoint] as const)
  }))
}
