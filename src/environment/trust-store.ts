import { createHash } from 'node:crypto'
import { certificatesOf } from './roots.js'

/** Every trust store has a password; this is the one that a JDK's own has. */
export const TRUST_STORE_PASSWORD = 'changeit'

const MAGIC = 0xfeedfeed
const VERSION = 2
const TRUSTED_CERTIFICATE = 2

/**
 * Writes certificates as a trust store that every JVM reads (JKS), without `keytool`, which would take longer to start than the
 * emulator does.
 */
export function trustStore (pem: string): Buffer {
  const entries = certificatesOf(pem).map((certificate, index) => {
    const der = Buffer.from(certificate.replace(/-----[^-]+-----/g, ''), 'base64')
    return Buffer.concat([int(TRUSTED_CERTIFICATE), utf(`root-${index}`), Buffer.alloc(8), utf('X.509'), int(der.length), der])
  })
  const content = Buffer.concat([int(MAGIC), int(VERSION), int(entries.length), ...entries])
  // So the format wants it.
  const digest = createHash('sha1').update(Buffer.from(TRUST_STORE_PASSWORD, 'utf16le').swap16()).update('Mighty Aphrodite').update(content)
  return Buffer.concat([content, digest.digest()])
}

function int (value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** A text behind its length. */
function utf (text: string): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(text.length)
  return Buffer.concat([bytes, Buffer.from(text, 'latin1')])
}
