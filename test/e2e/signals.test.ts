import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { CLI, run, spawnOutside, started, textOf } from '../support/built.js'
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

t.test('a command of run goes on reading its standard input after a signal that is passed on to it', async t => {
  const script = 'exec 3<&0; cat <&3 & trap "echo got" WINCH; echo ready; wait; wait $!'
  const child = spawnOutside(process.execPath, [CLI, 'run', '--log-level', 'silent', '--', 'sh', '-c', script], { stdio: 'pipe' })
  t.teardown(() => child.kill('SIGKILL'))
  const text = textOf(child)
  const closed = once(child, 'close')
  await until(() => text.stdout === 'ready\n')
  child.kill('SIGWINCH')
  await until(() => text.stdout === 'ready\ngot\n')
  child.stdin!.write('first\n')
  await until(() => text.stdout === 'ready\ngot\nfirst\n')
  child.stdin!.end('last\n')
  t.strictSame(await closed, [0, null])
  t.strictSame(text, { stdout: 'ready\ngot\nfirst\nlast\n', stderr: '' })
})

const hasScript = spawnSync('script', ['--version']).status === 0
t.test('Ctrl-C comes once to a command of run, also where its standard input is no terminal', hasScript ? {} : { skip: 'there is no script(1) of util-linux here, to have a terminal by' }, async t => {
  const client = "let count = 0; process.on('SIGINT', () => console.log('got', ++count)).on('SIGTERM', () => process.exit(4)); console.log('ready', process.ppid); setInterval(String, 1000)"
  const words = [process.execPath, CLI, 'run', '--log-level', 'silent', '--', process.execPath, '-e', client].map(word => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  const child = spawnOutside('script', ['-qec', `exec ${words} < /dev/null`, '/dev/null'], { stdio: 'pipe' })
  t.teardown(() => child.kill('SIGKILL'))
  const text = textOf(child)
  const closed = once(child, 'close')
  await until(() => text.stdout.includes('ready'))
  child.stdin!.write('\x03')
  await until(() => text.stdout.includes('got 1'))
  // What would have been passed on as well is there before this is.
  process.kill(Number(/ready (\d+)/.exec(text.stdout)![1]), 'SIGTERM')
  t.strictSame(await closed, [4, null])
  t.notMatch(text.stdout, 'got 2')
})
