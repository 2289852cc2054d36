import type { RequestListener } from 'node:http'
import { isControlPath } from '../admin/path.js'
import { routedPath } from '../text/url.js'
import { CONSOLE_PATHS } from './console-files.js'
import { PROTECTIVE_HEADERS } from './protective-headers.js'

/**
 * Answers requests that were meant for the vendor: by the emulated API alone. The control API and the console are at the emulator's own
 * address, `url`, with the guard that they have there.
 */
export function interceptedHandler (handler: RequestListener, url: string): RequestListener {
  return (request, response) => {
    const path = routedPath(request.url!)
    if (!isControlPath(path) && !CONSOLE_PATHS.has(path)) return handler(request, response)
    const detail = `the control API and the console are not served under the vendor's name; use ${url}`
    const body = JSON.stringify({ type: 'about:blank', title: 'Not Found', status: 404, detail })
    const headers = { ...PROTECTIVE_HEADERS, 'content-type': 'application/problem+json', 'content-length': Buffer.byteLength(body) }
    request.resume()
    response.writeHead(404, headers).end(body)
  }
}
