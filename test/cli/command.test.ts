import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { runCommand } from '../../src/cli/command.js'
import { COMMAND_OPTIONS } from '../../src/cli/command-options.js'
import { SETTINGS } from '../../src/cli/flags.js'
import { healthOf, waitForHealth, type Health } from '../../src/cli/health.js'
import type { Shutdown } from '../../src/cli/shutdown.js'
import { Problem, startEmulator } from '../../src/index.js'
import { version } from '../../src/package.js'
import { issuesOf } from '../../src/problem.js'
import { CHANGE_BILLING, CLI, SAMPLE, SAMPLE_ANSWER } from '../support/built.js'
import { NO_SHUTDOWN } from '../support/shutdown.js'
import { told } from '../support/told.js'
import { Database } from '../support/sqlite.js'

t.test('--help lists every setting, its default and its variable', async t => {
  const { code, stdout, stderr } = await run(t, ['--help'])
  t.strictSame({ code, stderr }, { code: 0, stderr: '' })
  for (const [flag, { default: fallback = '' }] of Object.entries(SETTINGS)) {
    const [first = ''] = stdout.split(`PICKY_EMULATOR_${flag.replace('-', '_').toUpperCase()}\n`)
    t.ok(first.includes(`--${flag}`) && first.includes(fallback), `${flag} with ${fallback}`)
  }
  for (const args of [['-h'], ['serve', '--help'], ['--help', '--port', '0'], ['chek', '--help']]) t.strictSame(await run(t, args), { code, stdout, stderr }, args.join(' '))
})

t.test('--help of a command prints its usage and its own options', async t => {
  const shown = async (command: string): Promise<string[]> => (await run(t, [command, '--help'])).stdout.split('\n')
  for (const command of ['run', 'sweep', 'env', 'health', 'check', 'replay', 'export']) {
    const lines = await shown(command)
    t.ok(lines[0]!.startsWith(`picky-emulator ${command} `), command)
    const own = Object.entries(COMMAND_OPTIONS).filter(([, { commands }]) => commands.includes(command)).map(([flag]) => `--${flag}`)
    t.strictSame(lines.filter(line => line.startsWith('  --')).map(line => line.trim().split(' ')[0]), own, command)
  }
  t.strictSame(await shown('check'), ['picky-emulator check FILE', '  check a scenario or a case', ''])
  t.strictSame((await shown('health')).slice(-2), ['and --host, --port and --ready-file, of the emulator\'s; picky-emulator --help lists them', ''])
})

t.test('--version', async t => {
  for (const flag of ['--version', '-v']) t.strictSame(await run(t, [flag]), { code: 0, stdout: `${version}\n`, stderr: '' })
})

t.test('what the user got wrong is told in one line, with exit code 2', async t => {
  const cases: Array<[string[], string, Record<string, string>?]> = [
    [['frobnicate'], 'unknown command "frobnicate"; the commands are serve, run, sweep, replay, export, env, health, check'],
    [['serv'], 'unknown command "serv" (did you mean serve?); the commands are serve, run, sweep, replay, export, env, health, check'],
    [['--prot', '1'], 'unknown option --prot (did you mean --port?); --help lists all options'],
    [['--prot=1'], 'unknown option --prot (did you mean --port?); --help lists all options'],
    [['--frobnicate'], 'unknown option --frobnicate; --help lists all options'],
    [['-p', '4290'], 'unknown option -p; --help lists all options'],
    [['run', 'node', '-e', '1'], 'unknown option -e; --help lists all options; the command for run goes behind --'],
    [['sweep', 'npm', 'test', '--frobnicate'], 'unknown option --frobnicate; --help lists all options; the command for sweep goes behind --'],
    [['--port'], "Option '--port <value>' argument missing"],
    [['--port', '-1'], "Option '--port' argument is ambiguous. Did you forget to specify the option argument for '--port'? To specify an option argument starting with a dash use '--port=-XYZ'."],
    [['--strict=yes'], "Option '--strict' does not take an argument"],
    [['serve', 'now'], 'serve takes no arguments; found "now"'],
    [['health', 'now'], 'health takes no arguments; found "now"'],
    [['--wait', '1s'], '--wait is an option of the health command only'],
    [['health', '--wait', 'soon'], '--wait is wrong: found "soon", expected a duration such as 500ms, 10s or 1m'],
    [['health', '--port', 'x'], '--port is wrong: found "x", expected a whole number from 0 to 65535; 0 picks a free port'],
    [['check'], 'check takes one file: picky-emulator check FILE'],
    [['check', 'a.json', 'b.json'], 'check takes one file: picky-emulator check FILE'],
    [['check', '/nowhere/a.json'], '/nowhere/a.json: no such file'],
    [['--port=-1'], '--port is wrong: found "-1", expected a whole number from 0 to 65535; 0 picks a free port'],
    [['--port', '1', '--port', '70000'], '--port is wrong: found 70000, expected a whole number from 0 to 65535; 0 picks a free port'],
    [[], 'PICKY_EMULATOR_PORT is wrong: found "x", expected a whole number from 0 to 65535; 0 picks a free port', { PICKY_EMULATOR_PORT: 'x' }],
    [['--log-level', 'loud'], '--log-level is wrong: found "loud", expected one of trace, debug, info, warn, error, fatal, silent'],
    [['--assume', 'same-plan'], '--assume is wrong: found "same-plan", expected NAME=CHOICE, or several with commas between them, each name once'],
    [['--assume', 'same-plan=refuse', '--assume', 'same-plan=accept-free'],
      '--assume is wrong: found "same-plan=refuse,same-plan=accept-free", expected NAME=CHOICE, or several with commas between them, each name once'],
    [['--path', 'set-webhook=/pm/x', '--path', 'fetch-balance=/pm/x'], '--path is wrong: found "/pm/x", expected a path that no other endpoint has'],
    [[], 'PICKY_EMULATOR_PATH is wrong: found "get-projects", expected one of set-webhook, fetch-balance; the paths of the other endpoints are documented', { PICKY_EMULATOR_PATH: 'get-projects=/pm/x' }],
    [['--scenario', '/nowhere/a.json'], '/nowhere/a.json: no such file']
  ]
  for (const [args, message, env] of cases) {
    t.strictSame(await run(t, args, env), { code: 2, stdout: '', stderr: `picky-emulator: ${message}\n` }, ['picky-emulator', ...args].join(' '))
  }
})

t.test('what is nobody\'s mistake but a bug or a broken file comes out as it is', async t => {
  const db = join(t.testdir(), 'broken.db')
  await using emulator = await startEmulator({ db })
  await emulator.stop()
  edit(db, "UPDATE world SET clock = 'noon'")
  await t.rejects(runCommand(['--db', db, '--port', '0', '--log-level', 'silent'], {}, NO_SHUTDOWN), SyntaxError)
  t.ok(isFree(db), 'and leaves the file')

  const bug = new TypeError('undefined is not a plan')
  t.throws(() => issuesOf(bug), bug)
})

t.test('check', async t => {
  const folder = t.testdir({
    'right.json': JSON.stringify({ accounts: [{ projects: [{ project_id: 1 }, { project_id: 2 }] }, {}] }),
    'wrong.json': '{\n  "clock": { "mode": "stopped" },\n  "accounts": [\n    { "balance": 5 },\n    { "projcets": [] }\n  ]\n}\n',
    'broken.json': '{\n  "accounts": [\n}\n'
  })
  const right = join(folder, 'right.json')
  t.strictSame(await run(t, ['check', right]), { code: 0, stdout: `${right}: valid scenario with 2 accounts and 2 projects\n`, stderr: '' })

  const bundled = await run(t, ['check', 'default'])
  t.equal(bundled.code, 0)
  t.match(bundled.stdout, /fixtures\/default\.json: valid scenario with .*\n$/, 'takes the name of a bundled scenario')

  const wrong = await run(t, ['check', join(folder, 'wrong.json')])
  t.equal(wrong.code, 2)
  t.equal(wrong.stdout, '')
  t.match(wrong.stderr.trimEnd().split('\n').sort(), [
    /wrong\.json:2:\d+: \/clock\/mode: found "stopped", expected one of system, running, frozen$/,
    /wrong\.json:4:\d+: \/accounts\/0\/balance: found 5, expected an amount in USD/,
    /wrong\.json:5:\d+: \/accounts\/1\/projcets: found an unknown key, expected projects\?/
  ], 'tells every issue, each with its place')

  const broken = await run(t, ['check', join(folder, 'broken.json')])
  t.equal(broken.code, 2)
  t.match(broken.stderr, /^picky-emulator: .*broken\.json:3:1: value expected\n$/)
})

t.test('health', async t => {
  await using emulator = await startEmulator({ host: ['127.0.0.1', '::1'], clock: 'frozen:2023-02-01' })
  const port = new URL(emulator.url).port

  await t.test('of an emulator that is ready', async t => {
    const says = (host: string): string => `http://${host}:${port}/__admin/health: ready, version ${version}, clock 2023-02-01T00:00:00Z, API disabled\n`
    const cases: Array<[string[], string]> = [
      [[], '127.0.0.1'],
      [['--wait', '10s'], '127.0.0.1'],
      [['--host', '127.0.0.1'], '127.0.0.1'],
      [['--host', 'localhost'], 'localhost'],
      [['--host', '0.0.0.0'], '127.0.0.1'],
      [['--host', '::1'], '[::1]'],
      [['--host', '::,0.0.0.0'], '127.0.0.1'],
      [['--host', '192.0.2.1,::1'], '[::1]'],
      [['--host', '::1%lo'], '[::1%lo]']
    ]
    for (const [args, host] of cases) {
      t.strictSame(await run(t, ['health', '--port', port, ...args]), { code: 0, stdout: says(host), stderr: '' }, args.join(' '))
    }
    t.strictSame(await run(t, ['health'], { PICKY_EMULATOR_PORT: port }), { code: 0, stdout: says('127.0.0.1'), stderr: '' }, 'by environment variable')
  })

  t.test('of what is not ready, or not an emulator', async t => {
    const cases: Array<[string, RequestListener | undefined, RegExp]> = [
      ['nothing that listens', undefined, /: not reachable \(ECONNREFUSED\)$/],
      ['an emulator that can\'t write', answering(503, '{"status":"unavailable","reason":"the database can\'t be written: disk full"}'), /: the database can't be written: disk full$/],
      ['another program with an error', answering(404, '{}'), /: not an emulator \(answered 404\)$/],
      ['another program with JSON', answering(200, '{"status":"UP"}'), /: not an emulator \(answered 200\)$/],
      ['another program with nothing', answering(200, 'null'), /: not an emulator \(answered 200\)$/],
      ['another program that is ready as well', answering(200, '{"status":"ready"}'), /: not an emulator \(answered 200\)$/],
      ['another program with a clock of its own', answering(200, '{"status":"ready","version":"1","clock":{"now":1,"api":"up"}}'), /: not an emulator \(answered 200\)$/],
      ['another program with a reason of its own', answering(503, '{"reason":{"code":1}}'), /: not an emulator \(answered 503\)$/],
      ['another program with a long story', answering(503, '{"reason":"a\\nb"}'), /: not an emulator \(answered 503\)$/],
      ['another program with a page', answering(200, '<html>'), /: not an emulator \(answered 200\)$/],
      ['another program that sends more than an emulator', answering(200, 'x'.repeat(70_000)), /: not reachable \(its answer is longer than 65536 characters\)$/],
      ['one that switches protocols', ({ socket }) => socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'), /: not reachable \(it has closed the connection\)$/],
      ['one that hangs up', ({ socket }) => socket.destroy(), /: not reachable \(ECONNRESET\)$/]
    ]
    for (const [name, listener, says] of cases) {
      t.test(name, async t => {
        const port = await serving(t, listener)
        const { code, stdout, stderr } = await run(t, ['health', '--port', String(port)])
        t.match({ code, stderr }, { code: 1, stderr: '' })
        t.equal(stdout.split('\n').length, 2, 'is told in one line')
        t.match(stdout.trimEnd(), says)
      })
    }
  })

  t.test('of what does not answer in time', async t => {
    const port = await serving(t, () => {})
    t.match(await healthOf(`http://127.0.0.1:${port}`, 50), { ready: false, says: /: not reachable \(no answer within 50 ms\)$/ })
  })

  t.test('with --wait asks until the answer is yes', async t => {
    const port = await serving(t, undefined)
    const answer = run(t, ['health', '--port', String(port), '--wait', '1m'])
    await using late = await startEmulator({ port })
    const { code, stdout } = await answer
    t.equal(code, 0)
    t.match(stdout, new RegExp(`^http://(127\\.0\\.0\\.1|\\[::1\\]):${new URL(late.url).port}/__admin/health: ready`))

    const answers: Health[] = [{ ready: false, says: '1' }, { ready: false, says: '2' }, { ready: true, says: '3' }]
    t.strictSame(await waitForHealth(async () => answers.shift()!, 60_000), { ready: true, says: '3' })
  })

  t.test('at a port that browsers and fetch refuse, and where a wildcard stands for one family', async t => {
    const server = await startEmulator({ port: await freeOf([6000, 6665, 6666, 6667, 6668, 6669]), host: '::1' })
    t.teardown(() => server.stop())
    const { port } = new URL(server.url)
    t.match(await run(t, ['health', '--host', '::', '--port', port]), { code: 0, stdout: `http://[::1]:${port}/__admin/health: ready` })
  })

  t.test('by the file that an emulator on any port writes when it is ready', async t => {
    const folder = t.testdir({ partial: '', folder: {} })
    const readyFile = join(folder, 'ready.json')
    t.match(await run(t, ['health', '--ready-file', readyFile]), { code: 1, stdout: `${readyFile}: not there yet\n` })
    t.match(await run(t, ['health', '--ready-file', join(folder, 'partial')]), { code: 1, stdout: /partial: not complete yet\n$/ })
    t.match(await run(t, ['health', '--ready-file', join(folder, 'folder')]), { code: 1, stdout: /\/folder: .+\n$/ })
    const answer = run(t, ['health', '--ready-file', readyFile, '--wait', '1m'])
    await using emulator = await startEmulator({ readyFile })
    t.match(await answer, { code: 0, stdout: `${emulator.url}/__admin/health: ready` })
  })

  t.test('with --wait gives up when its time is over', async t => {
    const port = await serving(t, undefined)
    t.match(await run(t, ['health', '--port', String(port), '--wait', '200ms']), { code: 1, stdout: /not reachable/ })
    t.strictSame(await waitForHealth(async () => ({ ready: false, says: 'no' }), 0), { ready: false, says: 'no' })
  })
})

t.test('an emulator in process', async t => {
  t.test('gives the documented answer without any options', async t => {
    const emulator = await startEmulator()
    t.match(emulator.url, /^http:\/\/127\.0\.0\.1:\d+$/)
    t.equal(await changeBilling(emulator.url), SAMPLE_ANSWER)

    await emulator.stop()
    await t.resolves(emulator.stop(), 'may be stopped twice')
    await t.rejects(fetch(emulator.url), { message: 'fetch failed' })
  })

  t.test('ends with the block that uses it, and others know nothing of it', async t => {
    let url: string
    {
      await using one = await startEmulator()
      await using other = await startEmulator()
      for (const emulator of [one, other]) t.equal(await changeBilling(emulator.url), SAMPLE_ANSWER)
      url = one.url
    }
    await t.rejects(fetch(url), { message: 'fetch failed' })
  })

  t.test('takes a scenario as an object, a file or a name', async t => {
    const scenario = { accounts: [{ token: 'x', balance: '5', projects: [{ project_id: 1 }] }] }
    const file = join(t.testdir({ 'world.json': JSON.stringify(scenario) }), 'world.json')
    for (const given of [scenario, file]) {
      await using emulator = await startEmulator({ scenario: given })
      t.equal(await changeBilling(emulator.url, { ...SAMPLE, token: 'x', project_id: 1 }), SAMPLE_ANSWER)
    }
    await using emulator = await startEmulator({ scenario: 'default' })
    t.equal(await changeBilling(emulator.url), SAMPLE_ANSWER)
  })

  t.test('resumes a file, and puts only what is given over its world', async t => {
    const db = join(t.testdir(), 'world.db')
    const statuses: number[] = []
    const ask = async (options: object, body: object): Promise<string> => {
      await using emulator = await startEmulator({ db, ...options })
      const answer = await changeBilling(emulator.url, body)
      statuses.push(JSON.parse(answer).status)
      return answer
    }
    t.equal(await ask({ wire: { message: 'bare' } }, SAMPLE), SAMPLE_ANSWER)
    t.equal(await ask({}, SAMPLE), '{"status":410,"message":"Invalid Request"}', 'the plan is bought, the dialect is kept')
    t.match(await ask({ strict: true, plans: [{ plan_id: 3, price: '94.999' }], clock: 'frozen:2020-06-30' }, { ...SAMPLE, plan_id: '3' }),
      '{"status":410,"message":"Invalid Request"}', 'strictness is put over')
    t.match(await ask({}, { ...SAMPLE, plan_id: 3 }), '"amount_debited":"94.999","next_billing_date":"2020-07-30T23:59:59+00:00"', 'and stays, like price and clock')
    t.match(await ask({ scenario: { accounts: [] } }, { ...SAMPLE, plan_id: 2 }), '{"status":403,', 'a scenario is for an empty database')

    t.strictSame(statuses, [100, 410, 410, 100, 403])
    const entries = edit(db, 'SELECT request_id, balance_mills FROM ledger_entry ORDER BY entry_id')
    t.strictSame(entries, [
      { request_id: null, balance_mills: 100_000 },
      { request_id: '1-1', balance_mills: 95_000 },
      { request_id: '4-1', balance_mills: 1 }
    ], 'the id of a request tells which start it belongs to')
  })

  t.test('leaves nothing open when it can\'t start', async t => {
    await using other = await startEmulator({ host: '127.0.0.1' })
    const port = Number(new URL(other.url).port)
    const db = join(t.testdir(), 'world.db')
    await t.rejects(startEmulator({ db, port, host: '127.0.0.1' }), { name: 'Problem', message: /another program is listening there/ })
    t.ok(isFree(db))
    await using emulator = await startEmulator({ db })
    t.equal(await changeBilling(emulator.url), SAMPLE_ANSWER)
  })

  t.test('rejects with a problem that says what is wrong', async t => {
    const file = join(t.testdir({ 'world.json': '{\n  "acounts": []\n}' }), 'world.json')
    await t.rejects(startEmulator({ scenario: file }), {
      name: 'Problem',
      message: `${file}:2:14: the scenario is wrong at /acounts: found an unknown key, expected accounts? The keys here are clock, settings, plans, accounts`
    })
    await t.rejects(startEmulator({ scenario: { accounts: [{ token: '' }] } }), Problem)
    await t.rejects(startEmulator({ port: 1.5 }), { message: 'the option port is wrong: found 1.5, expected a whole number from 0 to 65535; 0 picks a free port' })
  })
})

t.test('serve', async t => {
  t.test('shows where it listens and what it is, logs JSON, and ends on a signal', async t => {
    const db = join(t.testdir(), 'world.db')
    const first = await served(t, ['--port', '0', '--db', db], { PICKY_EMULATOR_PROT: '1' })

    t.equal(first.code, 0)
    const [what, listening, clock, world, example, answers, ...rest] = first.stdout.split('\n')
    t.equal(what, `picky-assist-emulator ${version}, an unofficial stand-in for Picky Assist's Project Management API`)
    t.match(listening, /^ {2}listening {2}http:\/\/127\.0\.0\.1:\d+( {2}http:\/\/\[::1\]:\d+)?$/)
    t.match(clock, /^ {2}clock {6}2020-06-16T12:\S+Z \(running from 2020-06-16T12:00:00Z\): the API is enabled$/)
    t.equal(world, `  world      scenario default, in ${db}`)
    t.match(example, new RegExp(`^  try        curl -s http://127\\.0\\.0\\.1:\\d+${CHANGE_BILLING} -d '${JSON.stringify(SAMPLE)}'$`))
    t.equal(answers, `  answers    ${SAMPLE_ANSWER}`)
    t.strictSame(rest, [''])

    const [unknown, ...log] = first.stderr.trimEnd().split('\n')
    t.equal(unknown, 'picky-emulator: ignored unknown environment variable PICKY_EMULATOR_PROT (did you mean PICKY_EMULATOR_PORT?)')
    t.match(log.map(line => JSON.parse(line)), [{ level: 30, method: 'POST', path: CHANGE_BILLING, http: 200, status: 100, account: 'demo', msg: 'answered' }])
    t.equal(log.length, 1)
  })

  t.test('warns of a scenario that a world in a file makes useless, and of others who can reach it', async t => {
    const db = join(t.testdir(), 'used.db')
    await (await startEmulator({ db })).stop()
    let stop = async (): Promise<void> => {}
    const shutdown = { ...NO_SHUTDOWN, stopBy (end: () => Promise<void>) { stop = end } }
    const args = ['--port', '0', '--db', db, '--scenario', 'default', '--host', '0.0.0.0', '--clock', 'frozen:2023-02-01', '--log-level', 'silent']
    const { code, stdout, stderr } = await told(t, args, { PICKY_EMULATOR_PROT: '1' }, shutdown)
    await stop()
    t.equal(code, 0)
    t.match(stdout, `  clock      2023-02-01T00:00:00Z (frozen): the API is disabled\n  world      resumed from ${db}\n`)
    const [unknown, ignored, exposed, ...rest] = stderr.split('\n')
    t.equal(unknown, 'picky-emulator: ignored unknown environment variable PICKY_EMULATOR_PROT (did you mean PICKY_EMULATOR_PORT?)')
    t.match(ignored, `picky-emulator: ignored --scenario: ${db} already holds a world`)
    t.match(exposed, 'WARNING: reachable from other machines without --admin-token')
    t.strictSame(rest, [''])
  })

  t.test('stops without a banner what a signal has interrupted while it was starting, also if that fails', async t => {
    for (const [port, code] of [['0', 0], ['1', 2]] as const) {
      let stop = async (): Promise<void> => {}
      const interrupted: Shutdown = { stopBy (how) { stop = how }, ready: () => false, spareUserSignal () {}, leave: () => false }
      const said = t.capture(process.stdout, 'write')
      const complained = t.capture(process.stderr, 'write')
      const result = await runCommand(['--port', port, '--host', port === '0' ? '127.0.0.1' : '192.0.2.1', '--log-level', 'silent'], {}, interrupted)
      said.restore()
      complained.restore()
      t.equal(result, code)
      t.strictSame(said(), [])
      await stop()
    }
  })

  const hasScript = spawnSync('script', ['--version']).status === 0
  t.test('logs for people on a terminal', hasScript ? {} : { skip: 'there is no script(1) of util-linux here, to have a terminal by' }, async t => {
    const { code, stdout } = await served(t, ['--port', '0', '--clock', 'system'], {}, ([file, ...args]) => {
      const words = [file!, ...args].map(word => `'${word}'`).join(' ')
      return ['script', '-qec', `echo pid $$; exec ${words}`, '/dev/null']
    })
    t.equal(code, 0)
    t.match(stdout, /clock {6}2.* \(the machine's time\): the API is disabled/)
    t.match(stdout, /\[\d\d:\d\d:\d\d\.\d{3}\].*INFO.*answered/)
    t.match(stdout, /rule.*api-is-disabled-after-cutoff/)
  })
})

/** Runs the command in this process. */
async function run (t: Test, args: string[], env: Record<string, string> = {}): Promise<{ code: number, stdout: string, stderr: string }> {
  const [stdout, stderr] = [t.capture(process.stdout, 'write'), t.capture(process.stderr, 'write')]
  const textOf = (captured: typeof stdout): string => captured().map(({ args: [text] }) => String(text)).join('')
  try {
    const code = await runCommand(args, env, NO_SHUTDOWN)
    return { code, stdout: textOf(stdout), stderr: textOf(stderr) }
  } finally {
    stdout.restore()
    stderr.restore()
  }
}

t.test('the banner says where the vendor\'s hosts are answered', async t => {
  const folder = join(t.testdir({}), 'tls')
  const stdout = await bannerOf(t, ['--port', '0', '--tls-port', '0', '--proxy-port', '0', '--tls-dir', folder])
  t.match(stdout, /^ {2}vendor {5}TLS on port \d+, proxy http:\/\/127\.0\.0\.1:\d+, CA .*tls\/ca\.pem$/m)
  t.match(await bannerOf(t, ['--port', '0', '--tls-port', '0', '--tls-dir', folder]), /^ {2}vendor {5}TLS on port \d+, CA /m)
})

/** Starts the command in this process, gives what it prints, and ends it. */
async function bannerOf (t: Test, args: string[]): Promise<string> {
  let stop = async (): Promise<void> => {}
  // Nothing may be asserted meanwhile: tap writes there as well.
  const stdout = t.capture(process.stdout, 'write')
  const code = await runCommand([...args, '--log-level', 'silent'], {}, { ...NO_SHUTDOWN, stopBy (how) { stop = how } }).finally(stdout.restore)
  await stop()
  t.equal(code, 0)
  return stdout().map(({ args: [text] }) => String(text)).join('')
}

/** Runs the built command as a process of its own, sends it the sample request, waits until that is logged where there is a terminal, and ends it. */
async function served (t: Test, args: string[], env: Record<string, string> = {}, wrap = (words: string[]): string[] => words) {
  const [file, ...words] = wrap([process.execPath, CLI, ...args])
  const child = spawn(file!, words, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const exit = once(child, 'exit')
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) child[name].setEncoding('utf8').on('data', (more: string) => { text[name] += more })
  const until = async (what: RegExp): Promise<string> => {
    while (!what.test(text.stdout) && child.exitCode === null) await Promise.race([once(child.stdout, 'data'), exit])
    return what.exec(text.stdout)?.[1] ?? ''
  }
  await until(/answers .*}/)
  const url = await until(/curl -s (http:\/\/[\d.:]+)\//)
  const pid = /^pid (\d+)/.exec(text.stdout)?.[1]
  const end = (signal: NodeJS.Signals): boolean => child.exitCode === null && process.kill(Number(pid ?? child.pid), signal)
  t.teardown(() => end('SIGKILL'))
  await changeBilling(url)
  if (pid !== undefined) await until(/(answered)/)
  end('SIGTERM')
  const [code] = await exit
  return { ...text, code: code as number }
}

async function changeBilling (url: string, body: object = SAMPLE): Promise<string> {
  const response = await fetch(url + CHANGE_BILLING, { method: 'POST', body: JSON.stringify(body) })
  return await response.text()
}

function answering (status: number, body: string): RequestListener {
  return (_request, response) => response.writeHead(status).end(body)
}

/** The port of a server that runs through the test, or one on which nothing listens. */
async function serving (t: Test, listener: RequestListener | undefined): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
  if (listener === undefined) await close()
  else t.teardown(close)
  return port
}

function edit (file: string, sql: string): unknown[] {
  const db = new Database(file)
  try {
    const statement = db.prepare(sql)
    return statement.reader ? statement.all() : [statement.run()]
  } finally {
    db.close()
  }
}

/** A database leaves the WAL mode only where nobody else has it open. */
function isFree (file: string): boolean {
  return JSON.stringify(edit(file, 'PRAGMA journal_mode = DELETE')) === '[{"journal_mode":"delete"}]'
}

t.test('the command warns of nothing where a scenario makes the world, or a token guards what others can reach', async t => {
  let stop = async (): Promise<void> => {}
  const shutdown = { ...NO_SHUTDOWN, stopBy (end: () => Promise<void>) { stop = end } }
  const args = ['--port', '0', '--scenario', 'default', '--host', '0.0.0.0', '--admin-token', 'secret', '--log-level', 'silent']
  t.match(await told(t, args, {}, shutdown), { code: 0, stderr: /^$/ })
  await stop()
})

/** The first of these ports that is free. */
async function freeOf (ports: readonly number[]): Promise<number> {
  for (const port of ports) {
    const server = createServer().listen(port, '::1')
    const isFree = await once(server, 'listening').then(() => true, () => false)
    await new Promise(resolve => server.close(resolve))
    if (isFree) return port
  }
  throw new Error('none of these ports is free')
}

t.test('serve --case-dir keeps SIGUSR2 for the case', async t => {
  let stop = async (): Promise<void> => {}
  let spared = 0
  const shutdown = { ...NO_SHUTDOWN, stopBy (end: () => Promise<void>) { stop = end }, spareUserSignal () { spared++ } }
  for (const args of [[], ['--case-dir', t.testdir({})]]) {
    await told(t, ['--port', '0', '--log-level', 'silent', ...args], {}, shutdown)
    await stop()
  }
  t.equal(spared, 1)
  t.match(await told(t, ['--port', '0', '--case-dir', '/dev/null/x'], {}, shutdown), { code: 2, stderr: /--case-dir is wrong: .* can't be written \(ENOTDIR\)/ })
})
