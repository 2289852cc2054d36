import { rootCertificates } from 'node:tls'
import { regularFile } from '../text/regular-file.js'

/** Where systems keep the roots that they trust: Debian, Red Hat, SUSE, Alpine and macOS. */
const SYSTEM_FILES = [
  '/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/ca-bundle.pem', '/etc/ssl/cert.pem'
]

/** Variables by which clients are told of other roots. */
const VARIABLES = ['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS']

/** Maximum size of a file of roots, in bytes. */
const MAX_SIZE = 16_777_216

type Env = Readonly<Record<string, string | undefined>>

/** Collects the roots that clients trust so far, as PEM: those of the system, or else Node's, and those of the environment. */
export function trustedRoots (env: Env, systemFiles: readonly string[] = SYSTEM_FILES): string {
  const system = systemFiles.map(certificatesIn).find(found => found.length > 0) ?? [...rootCertificates]
  const others = VARIABLES.flatMap(name => certificatesIn(env[name]))
  return [...new Set([...system, ...others])].map(certificate => `${certificate}\n`).join('')
}

/** Gives the certificates that a file holds, as PEM; none for a file that can't be read. */
export function certificatesIn (file: string | undefined): string[] {
  if (file === undefined || file === '') return []
  try {
    const bytes = regularFile(file, MAX_SIZE)
    return typeof bytes === 'string' ? [] : certificatesOf(bytes.toString('latin1'))
  } catch {
    return []
  }
}

/** Gives the certificates of a text, without what may be written between them. */
export function certificatesOf (text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
}
