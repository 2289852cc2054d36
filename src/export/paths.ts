import type { Case } from '../contract/case.js'
import type { JournalEntry } from '../contract/journal-entry.js'

/** Path that the documented paths are below. */
export const BASE_PATH = '/app/api/v2'

/** Endpoints whose path is a setting. */
const MOVABLE = ['set-webhook', 'fetch-balance']

/** Finds the paths of the endpoints that a case has at other paths than usual, as far as it has requests to them. */
export function movedPaths ({ paths }: Case, requests: readonly JournalEntry[]): Readonly<Record<string, string>> {
  if (paths === undefined) return {}
  return Object.fromEntries(requests.flatMap(({ endpoint, path }) => {
    const plain = path.split('?')[0]!
    const isMoved = endpoint !== null && MOVABLE.includes(endpoint) && plain !== `${BASE_PATH}/pm/${endpoint}` &&
      plain.startsWith(`${BASE_PATH}/`) && /^[\w/-]+$/.test(plain)
    return isMoved ? [[endpoint, plain.slice(BASE_PATH.length)]] : []
  }))
}
