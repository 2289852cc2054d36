import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { CLI, run, spawnOutside, started, textOf, type Running } from '../support/built.js'
import { until } from '../support/until.js'

/** Long enough for two hundred lines in the log to be more than what may wait for a reader. */
const LONG = `/${'x'.repeat(15_000)}`

async function ask ({ url }: Running, requests: number, path = LONG): Promise<void> {
  for (let count = 0; count < requests; count++) await (await fetch(url + path)).text()
}

function linesOf (text: string): Array<{ msg: string, dropped?: number }> {
  return text.split('\n').filter(line => line !== '').map(line => JSON.parse(line))
}

t.test('a log that nothing reads stops neither requests nor signals, and says later how many lines are missing', async t => {
  const emulator = await started(t, process.execPath, [CLI, '--port', '0'])
  const { text, child } = emulator
  child.stderr!.pause()
  await ask(emulator, 200)
  child.stderr!.resume()
  await until(() => text.stderr.includes('"dropped"'))
  await ask(emulator, 1, '/next')
  await until(() => text.stderr.includes('/next'))
  const lines = linesOf(text.stderr)
  const notices = lines.filter(({ dropped }) => dropped !== undefined)
  t.equal(notices.length, 1)
  t.equal(lines.length - 1 + notices[0]!.dropped!, 201, 'every request is a line or counted as missing')

  child.stderr!.pause()
  await ask(emulator, 200)
  child.kill('SIGTERM')
  t.strictSame(await once(child, 'exit'), [0, null])
})

t.test('a log that nothing reads does not keep run from ending with its command', async t => {
  const folder = t.testdir({
    'client.mjs': `for (let count = 0; count < 200; count++) await (await fetch(process.env.PICKY_EMULATOR_URL + '${LONG}')).text()\nprocess.exit(3)`
  })
  const child = spawnOutside(process.execPath, [CLI, 'run', '--log-level', 'info', '--', process.execPath, `${folder}/client.mjs`])
  t.teardown(() => child.kill('SIGKILL'))
  t.strictSame(await once(child, 'exit'), [3, null])
})

t.test('a log and a banner that a full disk does not take do not end it', async t => {
  const child = spawnOutside('sh', ['-c', 'exec "$0" "$@" > /dev/full 2> /dev/full', process.execPath, CLI, '--port', '0', '--ready-file', `${t.testdir()}/ready`])
  t.teardown(() => child.kill('SIGKILL'))
  const { stdout } = await run(process.execPath, [CLI, 'health', '--wait', '60s', '--ready-file', `${t.testdirName}/ready`])
  const url = /^http:\/\/[^/]+/.exec(stdout)![0]
  await ask({ url } as Running, 20)
  child.kill('SIGTERM')
  t.strictSame(await once(child, 'exit'), [0, null])
})

t.test('a reader that has gone is a quiet end of the output', async t => {
  const cases: Array<[string[], number]> = [[['--help'], 0], [['check', 'default'], 0], [['check', 'nowhere'], 2], [['health', '--port', '1'], 1]]
  await Promise.all(cases.map(async ([args, code]) => {
    const child = spawnOutside(process.execPath, [CLI, ...args])
    const text = textOf(child)
    child.stdout!.destroy()
    if (code === 2) child.stderr!.destroy()
    t.strictSame(await once(child, 'exit'), [code, null], args.join(' '))
    t.equal(text.stderr, '', args.join(' '))
  }))
})

t.test('output that a full disk does not take is an error, told in one line', async t => {
  t.strictSame(await run('sh', ['-c', '"$0" "$1" --version > /dev/full', process.execPath, CLI]), {
    code: 1, stdout: '', stderr: "picky-emulator: can't write to standard output (ENOSPC)\n"
  })
})

const hasScript = spawnSync('script', ['--version']).status === 0
t.test('a terminal that has stopped does not stop it', hasScript ? {} : { skip: 'there is no script(1) of util-linux here, to have a terminal by' }, async t => {
  const words = [process.execPath, CLI, '--port', '0'].map(word => `'${word}'`).join(' ')
  const emulator = await started(t, 'script', ['-qec', `stty -opost; echo pid $$; exec ${words}`, '/dev/null'])
  const pid = Number(/pid (\d+)/.exec(emulator.text.stdout)![1])
  emulator.child.stdout!.pause()
  await ask(emulator, 200)
  process.kill(pid, 'SIGTERM')
  await until(() => !isRunning(pid))
  emulator.child.stdout!.resume()
})

/** Whether a process runs. Its parent, which waits for a reader, does not take notice of its end. */
function isRunning (pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
