import type { Case } from '../contract/case.js'

/** Path that the documented paths are below. */
export const BASE_PATH = '/app/api/v2'

/** Gives the paths of the endpoints that a case has at other paths than usual, as the option `paths` has them. */
export function movedPaths ({ paths = {} }: Pick<Case, 'paths'>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(paths).map(([endpoint, path]) => [endpoint, path ?? 'off']))
}
