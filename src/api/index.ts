import { changeBillingEndpoint } from './change-billing.js'
import { answerer, type Answerer, type Endpoint } from './endpoint.js'

/** The path below which the vendor serves version 2 of its API (documented). */
export const BASE_PATH = '/app/api/v2'

/** Every endpoint of the emulated API. */
export const ENDPOINTS = [changeBillingEndpoint] as unknown as readonly Endpoint[]

/** The last part of an endpoint's path, which is its name in faults and in the journal: `change-billing`. */
export function nameOf (path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The answerer of each endpoint, by its whole path. */
export function answerers (): ReadonlyMap<string, Answerer> {
  return new Map(ENDPOINTS.map(endpoint => [BASE_PATH + endpoint.path, answerer(endpoint)]))
}
