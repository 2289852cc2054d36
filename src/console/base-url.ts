/**
 * Gives the URL of the emulator as this page reaches it, without a slash at the end. Behind a proxy it may have a path in front of
 * the emulator's own.
 */
export function baseUrl (): string {
  return location.origin + location.pathname.replace(/\/[^/]*$/, '')
}
