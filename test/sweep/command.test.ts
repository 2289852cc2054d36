import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { KEPT_OUTPUT, runCommand, type Ended } from '../../src/sweep/command.js'
import { CUT_MARGIN } from '../../src/text/shortened.js'
import { startWatchdog } from '../../src/environment/watchdog.js'
import { isRunning } from '../support/is-running.js'
import { until } from '../support/until.js'

/** Longer than any of these commands takes, however slow the machine is. */
const LONG = 120_000

const watchdog = startWatchdog(t.testdir())
t.teardown(() => { watchdog.stop() })

async function sh (script: string, { timeoutMs = LONG, signal = new AbortController().signal } = {}): Promise<Ended> {
  return await runCommand({ program: 'sh', args: ['-c', script], env: process.env, timeoutMs }, watchdog, signal)
}

t.test('a command ends', async t => {
  const cases: Array<[string, string, Partial<Ended>]> = [
    ['in success', 'echo out; echo err >&2', { ending: 'success', exitCode: 0, signal: null }],
    ['in failure, with its exit code', 'exit 7', { ending: 'failure', exitCode: 7, signal: null }],
    ['by a signal that it sends itself', 'kill -s KILL $$', { ending: 'signal', exitCode: null, signal: 'SIGKILL' }]
  ]
  for (const [name, script, expected] of cases) t.match(await sh(script), expected, name)
  const { output } = await sh('echo out; echo err >&2')
  t.equal(output.from, 0)
  t.same(output.text.trim().split('\n').sort(), ['err', 'out'], 'with what it wrote to both streams')
  await t.rejects(runCommand({ program: join(t.testdir(), 'missing'), args: [], env: {}, timeoutMs: LONG }, watchdog, new AbortController().signal),
    { code: 'ENOENT' }, 'not if it can\'t be started')
})

t.test('a command that takes too long', async t => {
  t.match(await sh('sleep 300', { timeoutMs: 50 }), { ending: 'timeout', signal: 'SIGTERM' }, 'is terminated')
  let ended: Partial<Ended> = {}
  // Until the shell was quick enough to ignore it.
  for (let timeoutMs = 50; ended.signal !== 'SIGKILL'; timeoutMs *= 2) ended = await sh('trap "" TERM; while :; do sleep 0.05; done', { timeoutMs })
  t.equal(ended.ending, 'timeout', 'is killed if it ignores that')
  t.match(await sh('trap "exit 0" TERM; while :; do sleep 0.05; done', { timeoutMs: 300 }), { ending: 'timeout' }, 'has not succeeded, whatever it says then')
})

t.test('of a flood of output the end is kept', async t => {
  const { output, ending } = await sh('i=0; while [ $i -lt 60 ]; do head -c 20000 /dev/zero | tr "\\0" x; i=$((i+1)); done; echo; echo the end')
  t.equal(ending, 'success')
  t.equal(output.text.length - output.from, KEPT_OUTPUT)
  t.equal(output.from, CUT_MARGIN, 'with what a secret may have before it')
  t.ok(output.text.endsWith('x\nthe end\n'))
})

t.test('nothing that a command has started outlives it', async t => {
  const file = join(t.testdir(), 'pid')
  t.match(await sh(`sleep 300 & echo $! > ${file}`), { ending: 'success' }, 'it does not wait for what it has left behind')
  await until(() => !isRunning(Number(readFileSync(file, 'utf8'))))
  t.pass('what it has left behind is ended')
  const held = join(t.testdir({}), 'held')
  t.match(await sh(`setsid sh -c 'echo $$ > ${held}; exec sleep 300' & while ! [ -s ${held} ]; do sleep 0.02; done`), { ending: 'success' },
    'nor for a process in a session of its own that holds its output')
  process.kill(Number(readFileSync(held, 'utf8')), 'SIGKILL')

  const interrupt = new AbortController()
  const late = join(t.testdir({ a: '' }), 'late')
  const interrupted = sh(`echo $$ > ${late}; exec sleep 300`, { signal: interrupt.signal })
  await until(() => existsSync(late) && readFileSync(late, 'utf8') !== '')
  interrupt.abort(new Error('enough'))
  await t.rejects(interrupted, { message: 'enough' }, 'an interrupted one is ended')
  await until(() => !isRunning(Number(readFileSync(late, 'utf8'))))
  await t.rejects(sh('true', { signal: interrupt.signal }), { message: 'enough' }, 'and none is started any more')
})

t.test('a watchdog whose parent has ended, in whatever way, leaves neither processes nor files', async t => {
  const folder = mkdtempSync(join(t.testdir(), 'sweep-'))
  writeFileSync(join(folder, 'roots.pem'), '')
  const dog = startWatchdog(folder)
  const [ended, ...watched] = [1, 2, 3].map(() => spawn('sleep', ['300'], { detached: true, stdio: 'ignore' }).pid!)
  // One as a process, the other as its group.
  const [unwatch] = [ended!, watched[0]!, -watched[1]!].map(dog.watch)
  unwatch!()
  const [earlier, draft] = ['r.json.1-a.tmp', 'r.json.1-b.tmp'].map(name => join(t.testdirName, name)) as [string, string]
  for (const file of [earlier, draft]) writeFileSync(file, '')
  for (const file of [earlier, draft, 'two\n= lines']) dog.noteDraft(file)
  // A process that no group leads to, but that has the folder in its environment, where the system shows that.
  const stray = spawn('sleep', ['300'], { detached: true, stdio: 'ignore', env: { ...process.env, CA: join(folder, 'roots.pem') } }).pid!
  // The end of its input, which is what the system makes of a kill of the sweep as well.
  dog.stop()
  await until(() => !watched.some(isRunning))
  t.pass('the processes that it watched are killed')
  t.ok(isRunning(ended!), 'not one that it no longer watched, whose number may be another\'s')
  process.kill(ended!, 'SIGKILL')
  await until(() => !existsSync(folder))
  t.pass('and the folder is removed')
  t.same([existsSync(earlier), existsSync(draft)], [true, false], 'and the draft that was being written')
  if (process.platform !== 'linux') process.kill(stray, 'SIGKILL')
  await until(() => !isRunning(stray))
  t.pass('what has left its group is killed as well')
})

t.test('without a shell there is no watchdog, and no error', async t => {
  const { PATH } = process.env
  process.env.PATH = t.testdir()
  t.teardown(() => { process.env.PATH = PATH })
  const none = startWatchdog(t.testdir())
  process.env.PATH = PATH
  none.watch(1_000_000_000)()
  none.stop()
  none.dismiss()
})
