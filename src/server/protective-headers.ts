/**
 * Headers of every answer but the console's, which has stricter sources in place of the sandbox. An answer may quote a request, and
 * a browser that another site sent here would run the quoted text in the origin of the control API: it is never HTML by a
 * guess, runs nothing where it is HTML, and is not framed. Programs ignore these headers; type, status and body stay as they are.
 */
export const PROTECTIVE_HEADERS = {
  'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff'
} as const

/** Lines of a response that is written by hand. */
export const PROTECTIVE_LINES = Object.entries(PROTECTIVE_HEADERS).map(([name, value]) => `${name}: ${value}`)
