import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readOptions } from '../../src/server/options.js'

t.test('an admin token is read from a file, whose last line break does not belong to it', async t => {
  for (const content of ['open sesame!', 'open sesame!\n', 'open sesame!\r\n']) {
    const adminTokenFile = join(t.testdir({ token: content }), 'token')
    t.equal(readOptions({ adminTokenFile }).access.token, 'open sesame!', JSON.stringify(content))
  }
  const longest = 'x'.repeat(4096)
  t.equal(readOptions({ adminTokenFile: join(t.testdir({ token: longest }), 'token') }).access.token, longest)
})

t.test('an admin token file that holds no token is refused in one line that names the setting and quotes nothing', async t => {
  const folder = t.testdir({ empty: '', blank: '\n', spaces: ' secret\n', lines: 'secret\nsecret\n', json: '{"secret":\n1}', large: 'secret', folder: {} })
  truncateSync(join(folder, 'large'), 4097)
  writeFileSync(join(folder, 'utf-16'), Buffer.from('\ufeffsecret', 'utf16le'))
  writeFileSync(join(folder, 'utf-8'), 'sécret')
  const expected = 'expected one line of ASCII text that is not empty, without spaces around it'
  const cases: ReadonlyArray<[file: string, says: string]> = [
    ['empty', ` is empty, ${expected}`],
    ['blank', ` is empty, ${expected}`],
    ...['spaces', 'lines', 'json', 'utf-16', 'utf-8'].map((file): [string, string] => [file, ` does not hold a token, ${expected}`]),
    ['large', ': larger than 4096 bytes'],
    ['missing', ': no such file'],
    ['folder', ': not a regular file']
  ]
  for (const [file, says] of cases) {
    const path = join(folder, file)
    t.throws(() => readOptions({ adminTokenFile: path }, () => '--admin-token-file'), { name: 'Problem', message: `--admin-token-file is wrong: ${path}${says}` }, file)
  }
  t.throws(() => readOptions({ adminTokenFile: '/dev/zero' }), { message: 'the option adminTokenFile is wrong: /dev/zero: not a regular file' })
  t.throws(() => readOptions({ adminTokenFile: '/proc/self/maps' }), { message: 'the option adminTokenFile is wrong: /proc/self/maps: larger than 4096 bytes' }, 'although its size is 0')
  t.throws(() => readOptions({ adminTokenFile: 'x'.repeat(300) }), { message: /^the option adminTokenFile is wrong: x+: can't be read \(ENAMETOOLONG\)$/ })
  t.throws(() => readOptions({ adminTokenFile: '' }), { message: 'the option adminTokenFile is wrong: found "", expected a file that holds the token' })
})

t.test('an admin token is refused together with a file', async t => {
  const adminTokenFile = join(t.testdir({ token: 'secret' }), 'token')
  const names = { adminToken: 'PICKY_EMULATOR_ADMIN_TOKEN', adminTokenFile: '--admin-token-file' }
  t.throws(() => readOptions({ adminToken: 'secret', adminTokenFile }, name => names[name as keyof typeof names]), {
    name: 'Problem', message: '--admin-token-file is wrong: PICKY_EMULATOR_ADMIN_TOKEN is given as well, expected only one of them'
  })
})
