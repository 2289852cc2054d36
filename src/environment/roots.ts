import { readdirSync, statSync } from 'node:fs'
import { delimiter } from 'node:path'
import { rootCertificates } from 'node:tls'
import { regularFile } from '../text/regular-file.js'

/** Where systems keep the roots that they trust: Debian, Red Hat, SUSE, Alpine and macOS. */
const SYSTEM_FILES = [
  '/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/ca-bundle.pem', '/etc/ssl/cert.pem'
]

/** Variables by which clients are told of other roots, in a file or, some of them, in a folder. */
const VARIABLES = [
  'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'PERL_LWP_SSL_CA_FILE', 'PERL_LWP_SSL_CA_PATH', 'DENO_CERT', 'NODE_EXTRA_CA_CERTS'
]

/** Names of the files in a folder of roots that OpenSSL, and what is built on it, looks at. */
const HASHED_NAME = /^[0-9a-f]{8}\.\d+$/

/** Maximum size of a file of roots, in bytes. */
const MAX_SIZE = 16_777_216

type Env = Readonly<Record<string, string | undefined>>

/** Collects the roots that clients trust so far, as PEM: those of the system, or else Node's, and those of the environment. */
export function trustedRoots (env: Env, systemFiles: readonly string[] = SYSTEM_FILES): string {
  const system = systemFiles.map(certificatesIn).find(found => found.length > 0) ?? [...rootCertificates]
  // This one alone may name several folders.
  const others = [...VARIABLES.map(name => env[name]), ...(env.SSL_CERT_DIR ?? '').split(delimiter)].flatMap(certificatesIn)
  return [...new Set([...system, ...others])].map(certificate => `${certificate}\n`).join('')
}

/** Gives the certificates in a file, or in those of a folder, as PEM; none of what can't be read. */
export function certificatesIn (path: string | undefined): string[] {
  if (path === undefined || path === '') return []
  const files = orNothing(() => statSync(path).isDirectory()
    ? readdirSync(path).filter(name => HASHED_NAME.test(name)).map(name => `${path}/${name}`)
    : [path])
  return files.flatMap(file => orNothing(() => {
    const bytes = regularFile(file, MAX_SIZE)
    return typeof bytes === 'string' ? [] : certificatesOf(bytes.toString('latin1'))
  }))
}

function orNothing (read: () => string[]): string[] {
  try {
    return read()
  } catch {
    return []
  }
}

/** Gives the certificates of a text, without what may be written between them. */
export function certificatesOf (text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
}
