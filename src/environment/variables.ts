import { delimiter } from 'node:path'
import { hostName, isVendorHost, VENDOR_DOMAIN } from '../text/vendor-host.js'
import type { ClientFiles } from './files.js'
import { TRUST_STORE_PASSWORD } from './trust-store.js'

type Env = Readonly<Record<string, string | undefined>>

/** Hosts to which no client takes a proxy. */
const LOOPBACK = ['localhost', '127.0.0.1', '::1']

/**
 * The variables by which a client, whatever it is written in, reaches the emulator at the vendor's address. What the environment says
 * already is kept, as far as it can be.
 */
export function clientVariables (env: Env, proxyPort: number, files: ClientFiles): Record<string, string> {
  const proxy = `http://127.0.0.1:${proxyPort}`
  const direct = [...new Set([...directHosts(env), ...LOOPBACK])]
  const { roots, extra, trustStore, php, wget, redirect, python } = files
  const java = [
    ...['http', 'https'].flatMap(scheme => [`-D${scheme}.proxyHost=127.0.0.1`, `-D${scheme}.proxyPort=${proxyPort}`]),
    `-Dhttp.nonProxyHosts=${direct.map(javaPattern).join('|')}`,
    javaQuoted(`-Djavax.net.ssl.trustStore=${trustStore}`),
    '-Djavax.net.ssl.trustStoreType=JKS',
    `-Djavax.net.ssl.trustStorePassword=${TRUST_STORE_PASSWORD}`
  ].join(' ')
  return {
    HTTPS_PROXY: proxy,
    HTTP_PROXY: proxy,
    https_proxy: proxy,
    http_proxy: proxy,
    NO_PROXY: direct.join(','),
    no_proxy: direct.join(','),
    NODE_EXTRA_CA_CERTS: extra,
    ...redirect !== null && { NODE_OPTIONS: appended(env.NODE_OPTIONS, `--require ${quoted(redirect)}`) },
    // An empty part stands for the working folder.
    ...python !== null && { PYTHONPATH: env.PYTHONPATH ? `${python}${delimiter}${env.PYTHONPATH}` : python },
    SSL_CERT_FILE: roots,
    REQUESTS_CA_BUNDLE: roots,
    CURL_CA_BUNDLE: roots,
    PERL_LWP_SSL_CA_FILE: roots,
    DENO_CERT: extra,
    WGETRC: wget,
    JAVA_TOOL_OPTIONS: appended(env.JAVA_TOOL_OPTIONS, java),
    // Where they are set, a JVM prefers what they say, such as a company's proxy.
    ...Object.fromEntries(['JDK_JAVA_OPTIONS', '_JAVA_OPTIONS'].flatMap(name => env[name] ? [[name, appended(env[name], java)]] : [])),
    // An empty part stands for the folder that PHP was built with.
    PHP_INI_SCAN_DIR: `${env.PHP_INI_SCAN_DIR ?? ''}${delimiter}${php}`
  }
}

/** The hosts that no proxy is taken to so far. The vendor's are not among them any more, nor is everything. */
function directHosts (env: Env): string[] {
  const hosts = (env.no_proxy ?? env.NO_PROXY ?? '').split(',').map(host => host.trim())
  return hosts.filter(host => host !== '' && host !== '*' && !coversVendor(host.replace(/^\*?\./, '').replace(/:\d+$/, '')))
}

/** True for the vendor's names, and for the end of them, such as `com`, with which some clients compare a host. */
function coversVendor (name: string): boolean {
  return isVendorHost(name) || `.${VENDOR_DOMAIN}`.endsWith(`.${hostName(name)}`)
}

function appended (before: string | undefined, more: string): string {
  return before === undefined || before === '' ? more : `${before} ${more}`
}

/** Quotes a path as Node.js reads its options. */
function quoted (path: string): string {
  return /[\s"\\]/.test(path) ? `"${path.replace(/["\\]/g, '\\$&')}"` : path
}

/** Quotes an option as a JVM reads its options: with either quotation mark, and nothing to escape the other. */
function javaQuoted (option: string): string {
  return /[\s'"]/.test(option) ? option.split('"').map(part => `"${part}"`).join("'\"'") : option
}

/** A host of NO_PROXY as Java has it. */
function javaPattern (host: string): string {
  if (host === '127.0.0.1') return '127.*'
  if (host.includes(':')) return `[${host}]`
  return host.startsWith('.') ? `*${host}` : host
}
