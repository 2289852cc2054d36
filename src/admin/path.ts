/** The path prefix of the control API. The vendor's API has no such path. */
export const ADMIN_PATH = '/__admin'

/** Tells whether a path, as the router reads it, is one of the control API. */
export function isControlPath (path: string): boolean {
  return path === ADMIN_PATH || path.startsWith(`${ADMIN_PATH}/`)
}
