import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { regularFile } from '../../src/text/regular-file.js'

t.test('a file is read within a bound, also one that says that it is empty', async t => {
  const file = join(t.testdir({}), 'file')
  writeFileSync(file, 'ten bytes.')
  t.equal(String(regularFile(file, 10)), 'ten bytes.')
  t.equal(regularFile(file, 9), 'larger than 9 bytes')
  t.equal(regularFile('/dev/null', 10), 'not a regular file')
  t.equal(regularFile('/proc/self/status', 10), 'larger than 10 bytes')
  t.throws(() => regularFile(join(file, 'x'), 10), { code: 'ENOTDIR' })
})
