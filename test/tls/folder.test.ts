import { execFileSync } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createIdentity } from '../../src/tls/certificate.js'
import { identityIn } from '../../src/tls/folder.js'

const message = (folder: string): string => {
  try {
    identityIn(folder, '--tls-dir')
    return 'no problem'
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`
  }
}

t.test('the certificates of a folder are made once, with a key that only the owner can read', async t => {
  const folder = join(t.testdir({}), 'made', 'too')
  const identity = identityIn(folder, '--tls-dir')
  t.strictSame(readdirSync(folder), ['ca.pem', 'server.pem'])
  t.equal(readFileSync(join(folder, 'ca.pem'), 'utf8'), identity.ca)
  t.equal(statSync(join(folder, 'server.pem')).mode & 0o777, 0o600)
  t.strictSame(identityIn(folder, '--tls-dir'), identity)
})

t.test('no key of a CA is kept: what is there can sign nothing', async t => {
  const folder = t.testdir({})
  const { key } = identityIn(folder, '--tls-dir')
  const keys = readdirSync(folder).flatMap(file => readFileSync(join(folder, file), 'utf8').match(/-----BEGIN[A-Z ]* PRIVATE KEY-----[^-]+/g) ?? [])
  t.strictSame(keys.length, 1)
  t.ok(key.startsWith(keys[0]!), 'the server\'s')
})

t.test('a CA that is lost is written again', async t => {
  const folder = t.testdir({})
  const { ca } = identityIn(folder, '--tls-dir')
  rmSync(join(folder, 'ca.pem'))
  identityIn(folder, '--tls-dir')
  t.equal(readFileSync(join(folder, 'ca.pem'), 'utf8'), ca)
})

t.test('a CA of somebody else is refused, and kept; an empty one, as a power failure may leave it, is replaced', async t => {
  const folder = t.testdir({})
  const { ca } = identityIn(folder, '--tls-dir')
  const file = join(folder, 'ca.pem')
  for (const content of ['something else', createIdentity().cert, 'x'.repeat(1_048_577)]) {
    writeFileSync(file, content)
    t.equal(message(folder), `Problem: --tls-dir is wrong: ${file} holds something else, which would be lost`)
    t.equal(readFileSync(file, 'utf8'), content)
  }
  for (const content of ['', createIdentity().ca]) {
    writeFileSync(file, content)
    identityIn(folder, '--tls-dir')
    t.equal(readFileSync(file, 'utf8'), ca)
  }
})

t.test('an emulator that starts at the same moment gets what the first has made', async t => {
  const folder = t.testdir({})
  const first = createIdentity()
  const second = identityIn(folder, '--tls-dir', () => {
    writeFileSync(join(folder, 'server.pem'), first.key + first.cert + first.ca, { mode: 0o600 })
    return createIdentity()
  })
  t.strictSame(second, first)
  t.strictSame(readdirSync(folder), ['ca.pem', 'server.pem'])
})

t.test('a key that others can read is refused', async t => {
  const folder = t.testdir({})
  const file = join(folder, 'server.pem')
  identityIn(folder, '--tls-dir')
  for (const mode of [0o640, 0o604, 0o660]) {
    chmodSync(file, mode)
    t.equal(message(folder), `Problem: --tls-dir is wrong: others can read the key in ${file}; chmod 600 it, or delete it to get a new one`, mode.toString(8))
  }
})

t.test('a file that holds something else is refused, and kept', async t => {
  const folder = t.testdir({})
  const file = join(folder, 'server.pem')
  const [one, other] = [createIdentity(), createIdentity()]
  for (const content of ['', 'something else', one.key, one.key + one.cert, other.key + one.cert + one.ca, one.key + one.cert + other.ca]) {
    writeFileSync(file, content, { mode: 0o600 })
    t.equal(message(folder), `Problem: --tls-dir is wrong: ${file} holds no key and certificates; delete it to get new ones`)
    t.equal(readFileSync(file, 'utf8'), content)
  }
})

t.test('a folder that can\'t be made or written is refused in one line', async t => {
  const folder = t.testdir({ file: '' })
  t.equal(message(join(folder, 'file', 'x')), `Problem: --tls-dir is wrong: ${join(folder, 'file', 'x')} can't be written (ENOTDIR)`)
  const full = (): never => { throw Object.assign(new Error('full'), { code: 'ENOSPC' }) }
  t.throws(() => identityIn(join(folder, 'new'), '--tls-dir', full), { message: `--tls-dir is wrong: ${join(folder, 'new')} can't be written (ENOSPC)` })
  const gone = (): ReturnType<typeof createIdentity> => {
    rmSync(join(folder, 'new'), { recursive: true })
    return createIdentity()
  }
  t.throws(() => identityIn(join(folder, 'new'), '--tls-dir', gone), { message: `--tls-dir is wrong: ${join(folder, 'new')} can't be written (ENOENT)` })
})

t.test('a file that is a pipe, a folder, or without end is refused, and not waited for', { skip: process.platform === 'win32' }, async t => {
  const folder = t.testdir({ pipe: {}, folder: { 'server.pem': {} }, large: { 'server.pem': '' } })
  execFileSync('mkfifo', [join(folder, 'pipe', 'server.pem')])
  truncateSync(join(folder, 'large', 'server.pem'), 1e9)
  for (const name of readdirSync(folder)) {
    const file = join(folder, name, 'server.pem')
    chmodSync(file, name === 'folder' ? 0o700 : 0o600)
    t.equal(message(join(folder, name)), `Problem: --tls-dir is wrong: ${file} holds no key and certificates; delete it to get new ones`)
  }
})
