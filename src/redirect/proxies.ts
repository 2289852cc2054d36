import https from 'node:https'
import { VENDOR_DOMAIN } from '../text/vendor-host.js'

type Variables = Record<string, string | undefined>

/** Variables that name a proxy. */
const PROXIES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY']

/** Variables that name the hosts that need none. */
const DIRECT = ['no_proxy', 'NO_PROXY']

/**
 * Adds the vendor's hosts to those that need no proxy, where the environment names one: a client that asks the environment with each request,
 * such as axios, would connect to the proxy. Returns what undoes it.
 */
export function bypassProxies (env: Variables): () => void {
  const direct = directIn(env)
  if (!namesProxy(env) || direct === '*') return () => {}
  const before = DIRECT.map(name => [name, env[name]] as const)
  const hosts = [...direct === '' ? [] : [direct], VENDOR_DOMAIN, `.${VENDOR_DOMAIN}`].join(',')
  for (const name of DIRECT) env[name] = hosts
  return () => {
    for (const [name, value] of before) {
      // Whatever was set meanwhile stays.
      if (env[name] !== hosts) continue
      if (value === undefined) Reflect.deleteProperty(env, name)
      else env[name] = value
    }
  }
}

/** Tells whether Node.js itself leads connections to the vendor to a proxy: it read the environment when it started (`NODE_USE_ENV_PROXY`). */
export function isProxiedByNode (): boolean {
  const { proxyEnv: env } = https.globalAgent.options as { readonly proxyEnv?: Variables }
  if (env === undefined || !namesProxy(env)) return false
  return !directIn(env).split(/[\s,]+/).some(host => ['*', VENDOR_DOMAIN, `.${VENDOR_DOMAIN}`, `*.${VENDOR_DOMAIN}`].includes(host))
}

function namesProxy (env: Variables): boolean {
  return PROXIES.some(name => (env[name] ?? '') !== '')
}

function directIn (env: Variables): string {
  return (env.no_proxy ?? env.NO_PROXY ?? '').trim()
}
