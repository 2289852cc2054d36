import type { FastifyInstance } from 'fastify'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../package.js'

/** Files of the console, built by `npm run build`, with their content types, by path. */
const FILES = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/__console/console.js': ['console.js', 'text/javascript; charset=utf-8'],
  '/__console/exporter.js': ['exporter.js', 'text/javascript; charset=utf-8'],
  '/__console/console.css': ['console.css', 'text/css; charset=utf-8'],
  '/__console/icon.svg': ['icon.svg', 'image/svg+xml']
} as const

/** What browsers ask for by themselves where a page is open: icons, and what their developer tools look for. There is nothing there. */
const ASKED_BY_BROWSERS = [
  '/favicon.ico', '/apple-touch-icon.png', '/apple-touch-icon-precomposed.png', '/.well-known/appspecific/com.chrome.devtools.json'
]

/** Where people look for the page, and where it is from there, whatever path a proxy has put in front. */
const MISTYPED = { '/index.html': './', '//': '../' } as const

export const CONSOLE_PATHS: ReadonlySet<string> = new Set([...Object.keys(FILES), ...Object.keys(MISTYPED)])

/** All that a browser loads beside the emulated API. */
export const BROWSER_PATHS: ReadonlySet<string> = new Set([...CONSOLE_PATHS, ...ASKED_BY_BROWSERS])

/** Headers that forbid external and inline code and framing: the console shows content of requests, which must never run. */
const HEADERS = {
  'content-security-policy': [
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
    "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-cache'
}

/**
 * Serves the web console, which uses only the control API. Each file is read when it is first requested. What a browser asks for besides is
 * no request of a client, which the journal would show.
 */
export function consoleRoutes (app: FastifyInstance): void {
  for (const [path, [file, type]] of Object.entries(FILES)) {
    let bytes: Buffer | undefined
    app.get(path, { exposeHeadRoute: true }, async (_request, reply) => {
      bytes ??= readFileSync(join(packageRoot, 'dist', 'console', file))
      return await reply.headers(HEADERS).header('content-type', type).send(bytes)
    })
  }
  for (const [path, location] of Object.entries(MISTYPED)) {
    app.get(path, { exposeHeadRoute: true }, async (_request, reply) => await reply.code(302).headers({ ...HEADERS, location }).send())
  }
  for (const path of ASKED_BY_BROWSERS) {
    app.get(path, { exposeHeadRoute: true }, async (_request, reply) => await reply.code(404).headers(HEADERS).send())
  }
}
