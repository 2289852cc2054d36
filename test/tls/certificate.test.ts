import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, rootCertificates } from 'node:tls'
import t from 'tap'
import { createIdentity } from '../../src/tls/certificate.js'
import { integer, oid, time } from '../../src/tls/der.js'

const identity = createIdentity()
const ca = new X509Certificate(identity.ca)
const cert = new X509Certificate(identity.cert)

t.test('a certificate for the vendor\'s names, signed by a CA of its own', async t => {
  t.ok(ca.ca)
  t.notOk(cert.ca)
  t.ok(cert.checkIssued(ca))
  t.ok(cert.verify(ca.publicKey))
  t.ok(ca.verify(ca.publicKey))
  t.equal(cert.subjectAltName, 'DNS:pickyassist.com, DNS:*.pickyassist.com')
  for (const name of ['pickyassist.com', 'app.pickyassist.com', 'www.pickyassist.com']) t.ok(cert.checkHost(name), name)
  for (const name of ['localhost', 'example.com', 'pickyassist.com.example.com', 'notpickyassist.com']) t.notOk(cert.checkHost(name), name)
  t.equal(cert.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1')
})

t.test('it is valid under clocks that are far off', async t => {
  for (const certificate of [ca, cert]) {
    t.equal(new Date(certificate.validFrom).toISOString(), '2000-01-01T00:00:00.000Z')
    t.equal(new Date(certificate.validTo).toISOString(), '2099-12-31T23:59:59.000Z')
  }
})

t.test('two CAs have nothing in common', async t => {
  const other = createIdentity()
  t.not(new X509Certificate(other.ca).serialNumber, ca.serialNumber)
  t.notOk(cert.verify(new X509Certificate(other.ca).publicKey))
})

t.test('the CA is constrained, critically, to the vendor\'s names and to no address', async t => {
  const constraint = Buffer.concat([oid('2.5.29.30'), Buffer.from([0x01, 0x01, 0xff])])
  t.ok(ca.raw.includes(constraint))
  t.ok(ca.raw.includes(Buffer.concat([Buffer.from([0x82, 15]), Buffer.from('pickyassist.com')])))
})

/** Connects to a server that shows a chain, and gives the error of a client that trusts a CA. */
async function errorOf (chain: { key: string, cert: string, ca: string }, trusted: string, servername: string): Promise<string | undefined> {
  const server = createServer({ key: chain.key, cert: chain.cert + chain.ca }).on('tlsClientError', () => {}).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', servername, ca: trusted })
  try {
    await once(client, 'secureConnect')
    return undefined
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'UNSPECIFIED' ? message : code
  } finally {
    client.destroy()
    server.close()
  }
}

t.test('a client that trusts the CA verifies the server, and any other client refuses it', async t => {
  t.equal(await errorOf(identity, identity.ca, 'app.pickyassist.com'), undefined)
  t.equal(await errorOf(identity, identity.ca, 'example.com'), 'ERR_TLS_CERT_ALTNAME_INVALID')
  t.equal(await errorOf(identity, rootCertificates.join('\n'), 'pickyassist.com'), 'SELF_SIGNED_CERT_IN_CHAIN')
})

t.test('a client refuses a certificate for another name, even if the CA has signed it', async t => {
  const stray = createIdentity(['pickyassist.com', 'example.com'])
  t.equal(await errorOf(stray, stray.ca, 'example.com'), 'permitted subtree violation')
})

t.test('values are encoded as DER', async t => {
  t.equal(oid('1.2.840.10045.4.3.2').toString('hex'), '06082a8648ce3d040302')
  t.equal(oid('2.5.29.15').toString('hex'), '0603551d0f')
  t.equal(integer(2).toString('hex'), '020102')
  t.equal(time('2049-12-31T23:59:59Z').toString(), '\x17\x0d491231235959Z')
  t.equal(time('2050-01-01T00:00:00Z').toString(), '\x18\x0f20500101000000Z')
})
