import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { CLI, run, started } from '../support/built.js'
import { until } from '../support/until.js'

/** Whether anything listens at a URL. */
async function isServed (url: string): Promise<boolean> {
  const { port, hostname } = new URL(url)
  return await new Promise(resolve => {
    const socket = connect(Number(port), hostname, () => { resolve(true); socket.destroy() }).on('error', () => resolve(false))
  })
}

t.test('npm start and npx end with their child', async t => {
  const folder = t.testdir({
    'package.json': JSON.stringify({ name: 'client', version: '1.0.0', bin: 'run.js', scripts: { start: `node ${JSON.stringify(CLI)}` } }),
    'run.js': `#!/usr/bin/env node\nimport(${JSON.stringify(CLI)})\n`
  })
  const options = ['--offline', '--no-update-notifier']
  await Promise.all([
    ['start', 'npm', ['start', ...options, '--prefix', folder, '--', '--port', '0']],
    ['npx', 'npm', ['exec', ...options, '--prefix', folder, '--call', `node ${JSON.stringify(CLI)} --port 0`]]
  ].map(async ([name, program, args]) => {
    const { url, end } = await started(t, program as string, args as string[])
    await end('SIGTERM')
    await until(async () => !await isServed(url))
    t.pass(name as string)
  }))
})

t.test('below npm start it ends too if its parent has ended before it looked', async t => {
  const program = `${JSON.stringify(process.execPath)} ${JSON.stringify(CLI)} --port 0 & echo $!`
  const shell = spawn('sh', ['-c', program], { detached: true, stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, npm_lifecycle_event: 'start' } })
  const [pid] = await once(shell.stdout.setEncoding('utf8'), 'data') as [string]
  t.teardown(() => { if (!shell.stdout.closed) process.kill(Number(pid), 'SIGKILL') })
  // Not before the emulator, which has it too, has ended.
  await once(shell, 'close')
  t.equal(shell.exitCode, 0)
})

t.test('a signal while it starts ends it with the exit code of the signal, and leaves nothing', async t => {
  const folder = t.testdir()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    // Loaded first, it sends the signal once handlers are in place.
    const early = `data:text/javascript,process.on('newListener', name => { if (name === '${signal}') setImmediate(() => process.kill(process.pid, '${signal}')) })`
    const args = ['--import', early, CLI, '--port', '0', '--ready-file', join(folder, 'ready'), '--log-level', 'silent']
    const { code, stdout, stderr } = await run(process.execPath, args)
    // Where Node.js loads modules at once, as 24 does, nothing interrupts a start, and the signal ends what has started.
    t.match({ code, stdout, stderr }, stdout === '' ? { code: signal === 'SIGTERM' ? 143 : 130, stderr: '' } : { code: 0, stdout: /listening/, stderr: '' }, signal)
  }
  t.strictSame(spawnSync('ls', [folder]).stdout.toString(), '')
})

t.test('with a folder for cases, SIGUSR2 saves one and ends nothing', async t => {
  const folder = t.testdir()
  const { url, child, text, end } = await started(t, process.execPath, [CLI, '--port', '0', '--log-level', 'silent', '--case-dir', join(folder, 'cases')])
  child.kill('SIGUSR2')
  await until(() => text.stderr !== '')
  t.match(text.stderr, /^picky-emulator: the case is in .*\/cases\/case-.*\.json\n$/)
  t.ok(await isServed(url))
  t.equal(await end('SIGTERM'), 0)
})

const mayUnshare = spawnSync('unshare', ['--pid', '--fork', 'true']).status === 0
t.test('signals end it as process 1 of a container too', mayUnshare ? {} : { skip: 'this user may not have a process 1 here (unshare)' }, async t => {
  const { child, text } = await started(t, 'unshare', ['--pid', '--fork', '--kill-child', process.execPath, CLI, '--port', '0', '--log-level', 'silent'])
  const one = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim()
  process.kill(Number(one), 'SIGTERM')
  await until(() => child.exitCode !== null)
  t.equal(child.exitCode, 0)
  t.equal(text.stderr, '')
})
