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

/** Names of those that change something. */
export const WRITING_NAMES: readonly string[] = ENDPOINTS.filter(({ save }) => save !== null).map(({ name }) => name)

/** Endpoints with an undocumented path, which can be changed or switched off. */
export const MOVABLE = ENDPOINTS.filter(({ provenance: known }) => known === 'assumed').map(({ name }) => name)

/** Paths that replace those of endpoints, by name; `null` switches an endpoint off. */
export type Paths = Readonly<Record<string, string | null>>

/**
 * Pattern of a path below the API's that an endpoint can be moved to: non-empty segments without the characters of a route pattern, and
 * without a slash at the end.
 */
export const PATH = '^(/[a-zA-Z0-9_~][a-zA-Z0-9._~-]{0,100}){1,10}$'

/** Finds what is wrong with paths: only some endpoints can be moved, and no two may share a path. */
export function pathsIssue (paths: Paths): { readonly found: string, readonly expected: string } | undefined {
  const documented = Object.keys(paths).find(name => !MOVABLE.includes(name))
  if (documented !== undefined) {
    return { found: documented, expected: `one of ${MOVABLE.join(', ')}; the paths of the other endpoints are documented` }
  }
  const taken = ENDPOINTS.map(({ name, path }) => Object.hasOwn(paths, name) ? paths[name] : path).filter(path => path !== null)
  const twice = taken.find((path, index) => taken.indexOf(path) !== index)
  return twice === undefined ? undefined : { found: twice, expected: 'a path that no other endpoint has' }
}

/** Maps full paths to the endpoints served there. */
export function servedAt (paths: Paths): ReadonlyMap<string, Endpoint> {
  return new Map(ENDPOINTS.flatMap(endpoint => {
    const { name, alias } = endpoint
    const path = Object.hasOwn(paths, name) ? paths[name]! : endpoint.path
    const served = path === null ? [] : [BASE_PATH + path]
    return [...served, ...alias === undefined ? [] : [alias]].map(path => [path, endpoint] as const)
  }))
}
