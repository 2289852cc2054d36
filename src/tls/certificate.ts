import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { VENDOR_DOMAIN } from '../text/vendor-host.js'
import { bits, integer, octets, oid, primitive, sequence, set, tagged, text, time, TRUE } from './der.js'

/** Names of the certificate that a server shows. */
const NAMES = [VENDOR_DOMAIN, `*.${VENDOR_DOMAIN}`]

/** Name of every CA that is made here. */
export const CA_NAME = 'Picky Assist emulator: CA for tests only'

/** From long before to long after: a client may run under a shifted clock. */
const NOT_BEFORE = '2000-01-01T00:00:00Z'
const NOT_AFTER = '2099-12-31T23:59:59Z'

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'))

/** What a TLS server needs, as PEM. */
export interface ServerIdentity {
  readonly key: string
  readonly cert: string
  /** The CA that clients are to trust. Its key is gone by the time that anyone sees this. */
  readonly ca: string
}

/**
 * Makes a CA, and a certificate of it for the vendor's names. The CA's key is forgotten as soon as it has signed, so that no further
 * certificate can be had from it, and its name constraint makes clients refuse one for any other name in any case.
 */
export function createIdentity (names: readonly string[] = NAMES): ServerIdentity {
  const ca = newKey()
  const server = newKey()
  const issuer = name(CA_NAME)
  const caCertificate = certificate({
    issuer,
    subject: issuer,
    publicKey: ca.spki,
    signedBy: ca,
    extensions: [
      extension('2.5.29.19', sequence(TRUE, integer(0)), true), // basicConstraints: a CA of no further CA
      extension('2.5.29.15', bits(Buffer.from([0x04]), 2), true), // keyUsage: keyCertSign
      extension('2.5.29.37', SERVER_AUTH),
      extension('2.5.29.30', nameConstraints(), true),
      extension('2.5.29.14', octets(keyId(ca.spki))) // subjectKeyIdentifier
    ]
  })
  const serverCertificate = certificate({
    issuer,
    subject: name(VENDOR_DOMAIN),
    publicKey: server.spki,
    signedBy: ca,
    extensions: [
      extension('2.5.29.19', sequence(), true),
      extension('2.5.29.15', bits(Buffer.from([0x80]), 7), true), // keyUsage: digitalSignature
      extension('2.5.29.37', SERVER_AUTH),
      extension('2.5.29.17', sequence(...names.map(name => primitive(DNS_NAME, Buffer.from(name))))), // subjectAltName
      extension('2.5.29.35', sequence(primitive(0, keyId(ca.spki)))), // authorityKeyIdentifier
      extension('2.5.29.14', octets(keyId(server.spki)))
    ]
  })
  return {
    key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: pem(serverCertificate),
    ca: pem(caCertificate)
  }
}

/** extendedKeyUsage: TLS servers. */
const SERVER_AUTH = sequence(oid('1.3.6.1.5.5.7.3.1'))

/** Kinds of names, by their places in a GeneralName. */
const DNS_NAME = 2
const IP_ADDRESS = 7

/** Permits the vendor's domain alone, and no IP address: a constraint of one kind of name leaves those of the others free. */
function nameConstraints (): Buffer {
  const subtree = (kind: number, base: Uint8Array): Buffer => sequence(primitive(kind, base))
  return sequence(
    tagged(0, subtree(DNS_NAME, Buffer.from(VENDOR_DOMAIN))),
    tagged(1, subtree(IP_ADDRESS, Buffer.alloc(8)), subtree(IP_ADDRESS, Buffer.alloc(32)))
  )
}

interface SigningKey { readonly privateKey: KeyObject, readonly spki: Buffer }

function newKey (): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  return { privateKey, spki: publicKey.export({ type: 'spki', format: 'der' }) }
}

interface CertificateParts {
  readonly issuer: Buffer
  readonly subject: Buffer
  readonly publicKey: Buffer
  readonly signedBy: SigningKey
  readonly extensions: readonly Buffer[]
}

function certificate ({ issuer, subject, publicKey, signedBy, extensions }: CertificateParts): Buffer {
  const version = tagged(0, integer(2))
  const serial = randomBytes(16)
  // Positive, and without a zero in front.
  serial[0] = (serial[0]! & 0x3f) | 0x40
  const validity = sequence(time(NOT_BEFORE), time(NOT_AFTER))
  const signed = sequence(
    version, integer(serial), ECDSA_WITH_SHA256, issuer, validity, subject, publicKey, tagged(3, sequence(...extensions)))
  return sequence(signed, ECDSA_WITH_SHA256, bits(sign('sha256', signed, signedBy.privateKey)))
}

function extension (id: string, value: Uint8Array, isCritical = false): Buffer {
  return sequence(oid(id), ...isCritical ? [TRUE] : [], octets(value))
}

function name (commonName: string): Buffer {
  return sequence(set(sequence(oid('2.5.4.3'), text(commonName))))
}

function keyId (spki: Buffer): Buffer {
  return createHash('sha256').update(spki).digest().subarray(0, 20)
}

/** Writes a certificate as PEM. */
function pem (certificate: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`
}
