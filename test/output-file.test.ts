import { spawnSync } from 'node:child_process'
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { checkOutputFile, writeOutputFile } from '../src/output-file.js'

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
