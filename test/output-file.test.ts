import { spawnSync } from 'node:child_process'
import { lstatSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { checkOtherFile, checkOutputFile, writeOutputFile } from '../src/output-file.js'

t.test('a device or a pipe is refused, and stays what it is', async t => {
  const folder = t.testdir({})
  const pipe = join(folder, 'pipe')
  t.equal(spawnSync('mkfifo', [pipe]).status, 0)
  const refused = (file: string) => ({ name: 'Problem', message: `--save is wrong: ${file} is not a regular file` })
  t.throws(() => { checkOutputFile(pipe, '--save') }, refused(pipe))
  t.throws(() => { writeOutputFile(pipe, '--save', 'text') }, refused(pipe))
  t.ok(lstatSync(pipe).isFIFO())
  t.strictSame(readdirSync(folder), ['pipe'])
  // Checked only: if this failed, root would lose it.
  t.throws(() => { checkOutputFile('/dev/null', '--save') }, refused('/dev/null'))
})

t.test('a file that is in use is refused by whatever name', async t => {
  const folder = t.testdir({ 'world.db': '', 'other.db': '' })
  const [used, link] = [join(folder, 'world.db'), join(folder, 'link')]
  symlinkSync(used, link)
  symlinkSync(folder, join(folder, 'folder'))
  for (const [file, other] of [[used, used], [link, used], [used, link], [`${folder}/./new`, join(folder, 'new')], [`${folder}/folder/new`, join(folder, 'new')]] as const) {
    t.throws(() => { checkOtherFile(file, '--save', [{ file: '/nowhere/x', what: 'another' }, { file: other, what: 'the database' }]) }, { name: 'Problem', message: `--save is wrong: ${file} is the database, which would be lost` })
  }
  for (const [file, other] of [[used, join(folder, 'other.db')], [used, join(folder, 'new')], [join(folder, 'new'), used]] as const) {
    t.doesNotThrow(() => { checkOtherFile(file, '--save', [{ file: other, what: 'the database' }]) })
  }
})
