import type { Case } from '../contract/case.js'

/** Path that the documented paths are below. */
export const BASE_PATH = '/app/api/v2'

/** Endpoints whose path is a setting. */
const MOVABLE = ['set-webhook', 'fetch-balance']

/** Paths as the setting takes them. */
const PATH = /^(?:\/[a-zA-Z0-9_~][a-zA-Z0-9._~-]{0,100}){1,10}$/

/** Gives the paths of the endpoints that a case has at other paths than usual, as the option `paths` has them. */
export function movedPaths ({ paths = {} }: Pick<Case, 'paths'>): Readonly<Record<string, string>> {
  const moved = Object.entries(paths).filter(([endpoint, path]) => MOVABLE.includes(endpoint) && (path === null || PATH.test(path)))
  return Object.fromEntries(moved.map(([endpoint, path]) => [endpoint, path ?? 'off']))
}
