import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { checkReplaceable, createFile, makeFolder, replaceFile, syncFolder } from '../src/disk.js'

t.test('a file is replaced as a whole, with its mode, and nothing is left beside it', async t => {
  const folder = t.testdir({ old: 'old' })
  const file = join(folder, 'old')
  for (const isDurable of [true, false]) {
    replaceFile(file, `new ${isDurable}`, { mode: 0o600, isDurable })
    t.equal(readFileSync(file, 'utf8'), `new ${isDurable}`)
    t.equal(statSync(file).mode & 0o777, 0o600)
  }
  replaceFile(join(folder, 'fresh'), 'text')
  t.same(readdirSync(folder).sort(), ['fresh', 'old'])
})

t.test('whoever has opened a file that is replaced goes on reading the old one', async t => {
  const folder = t.testdir({ file: 'old' })
  const before = statSync(join(folder, 'file')).ino
  replaceFile(join(folder, 'file'), 'new')
  t.not(statSync(join(folder, 'file')).ino, before)
})

t.test('a link stays, and what it leads to is replaced', async t => {
  const folder = t.testdir({ far: { file: 'old' } })
  symlinkSync('far/file', join(folder, 'link'))
  symlinkSync('far/nowhere', join(folder, 'broken'))
  checkReplaceable(join(folder, 'link'))
  replaceFile(join(folder, 'link'), 'new')
  t.ok(lstatSync(join(folder, 'link')).isSymbolicLink())
  t.equal(readFileSync(join(folder, 'far/file'), 'utf8'), 'new')
  replaceFile(join(folder, 'broken'), 'new')
  t.equal(readFileSync(join(folder, 'broken'), 'utf8'), 'new', 'unless that is missing')
  t.strictSame(readdirSync(join(folder, 'far')), ['file'])
})

t.test('a failure leaves the old file and no draft', async t => {
  const folder = t.testdir({ taken: { in: '' } })
  for (const act of [() => replaceFile(join(folder, 'taken'), 'x'), () => replaceFile(join(folder, 'no/such'), 'x'), () => checkReplaceable(join(folder, 'no/such'))]) {
    t.throws(act, { code: /^(EISDIR|ENOTEMPTY|ENOENT)$/ })
  }
  t.throws(() => createFile(join(folder, 'no/such'), 'x'), { code: 'ENOENT' })
  t.same(readdirSync(folder), ['taken'])
})

t.test('a file is created unless there is one', async t => {
  const folder = t.testdir({ old: 'old' })
  t.equal(createFile(join(folder, 'old'), 'new'), false)
  t.equal(readFileSync(join(folder, 'old'), 'utf8'), 'old')
  t.equal(createFile(join(folder, 'fresh'), 'new', { mode: 0o600 }), true)
  t.equal(statSync(join(folder, 'fresh')).mode & 0o777, 0o600)
  t.same(readdirSync(folder).sort(), ['fresh', 'old'])
})

t.test('a file is created unless there is one, also where a file system has no links', async t => {
  const folder = t.testdir({ old: 'old' })
  const link = (): never => { throw Object.assign(new Error('Operation not permitted'), { code: 'EPERM' }) }
  t.equal(createFile(join(folder, 'old'), 'new', {}, link), false)
  t.equal(readFileSync(join(folder, 'old'), 'utf8'), 'old')
  t.equal(createFile(join(folder, 'fresh'), 'new', { mode: 0o600 }, link), true)
  t.equal(readFileSync(join(folder, 'fresh'), 'utf8'), 'new')
  t.equal(statSync(join(folder, 'fresh')).mode & 0o777, 0o600)
  t.same(readdirSync(folder).sort(), ['fresh', 'old'])
})

t.test('a check leaves nothing, not even what it checks', async t => {
  const folder = t.testdir({ old: 'old' })
  checkReplaceable(join(folder, 'old'))
  checkReplaceable(join(folder, 'fresh'))
  t.same(readdirSync(folder), ['old'])
  t.equal(readFileSync(join(folder, 'old'), 'utf8'), 'old')
})

t.test('a folder that another process makes at the same moment, at any level, is as good', async t => {
  const folder = t.testdir({})
  for (const [index, faster] of ['a', 'a/b', 'a/b/c'].entries()) {
    const at = join(folder, String(index))
    let tries = 0
    makeFolder(join(at, 'a/b/c'), path => {
      tries++
      if (path === join(at, faster)) mkdirSync(path)
      mkdirSync(path)
    })
    t.ok(statSync(join(at, 'a/b/c')).isDirectory(), faster)
    t.equal(tries, 4)
  }
  makeFolder(folder, () => { throw new Error('not tried') })
})

t.test('what is no folder is told, also where another process removes one meanwhile', async t => {
  const folder = t.testdir({ file: '' })
  symlinkSync('nowhere', join(folder, 'link'))
  t.throws(() => makeFolder(join(folder, 'file')), { code: 'ENOTDIR', message: `${join(folder, 'file')} is not a folder` })
  t.throws(() => makeFolder(join(folder, 'file/x')), { code: 'ENOTDIR' })
  t.throws(() => makeFolder(join(folder, 'link')), { code: 'EEXIST' })
  t.throws(() => makeFolder('/proc/none/at/all'), { code: 'ENOENT' })
  t.throws(() => makeFolder(join(folder, 'gone/x'), path => {
    rmSync(join(folder, 'gone'), { recursive: true, force: true })
    mkdirSync(path)
  }), { code: 'ENOENT' })
})

t.test('entries of a folder are written to the disk as far as that is possible', async t => {
  const folder = t.testdir({ closed: {} })
  chmodSync(join(folder, 'closed'), 0)
  for (const name of ['', 'closed', 'missing']) t.doesNotThrow(() => syncFolder(join(folder, name)))
  chmodSync(join(folder, 'closed'), 0o700)
})
