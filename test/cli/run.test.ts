import { spawnSync } from 'node:child_process'
import fs, { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { once } from 'node:events'
import { syncBuiltinESMExports } from 'node:module'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import t from 'tap'
import { readCase } from '../../src/case/read.js'
import { run } from '../../src/cli/run.js'
import { replay } from '../../src/server/replay.js'
import { identityIn } from '../../src/tls/folder.js'
import { listens } from '../support/listens.js'
import { NO_SHUTDOWN } from '../support/shutdown.js'
import { told } from '../support/told.js'
import { until } from '../support/until.js'

const variablesIn = (file: string): Record<string, string> =>
  Object.fromEntries(readFileSync(file, 'utf8').split('\0').filter(line => line !== '').map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))

t.test('a command runs with the variables that lead to the emulator, and nothing is left of it', async t => {
  const file = join(t.testdir({}), 'variables')
  const { code, stderr } = await told(t, ['run', '--', 'sh', '-c', `env -0 > ${file}; test -f "$SSL_CERT_FILE" && exit 7`], { MINE: 'kept' })
  t.equal(code, 7)
  const variables = variablesIn(file)
  t.match(variables, { MINE: 'kept', PICKY_EMULATOR_TOKEN: '132321343dsfsdf', PICKY_EMULATOR_URL: /^http:\/\/127\.0\.0\.1:\d+$/ })
  t.equal(stderr, `picky-emulator: pickyassist.com is ${variables.PICKY_EMULATOR_URL} for sh\n`)
  t.notOk(existsSync(dirname(variables.SSL_CERT_FILE!)))
  for (const url of [variables.PICKY_EMULATOR_URL!, variables.HTTPS_PROXY!]) t.notOk(listens(Number(new URL(url).port)), url)
})

t.test('a command finds its files from any folder, also where TMPDIR is relative', async t => {
  const folder = t.testdir({})
  const { TMPDIR } = process.env
  process.env.TMPDIR = relative(process.cwd(), folder)
  t.teardown(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  })
  const script = `cd / && env -0 > ${folder}/variables && test -f "$SSL_CERT_FILE"`
  t.match(await told(t, ['run', '--', 'sh', '-c', script]), { code: 0 })
  t.equal(dirname(dirname(variablesIn(join(folder, 'variables')).SSL_CERT_FILE!)), folder)
})

t.test('a command is given the first account\'s token, whatever that account can do, and none where there is no account', async t => {
  const folder = t.testdir({
    'poor.json': '{"accounts":[{"name":"poor","token":"of-the-first"},{"name":"rich","token":"other","balance":"100","projects":[{"project_id":1}]}]}',
    'none.json': '{"accounts":[]}'
  })
  for (const [scenario, token] of [['poor', 'of-the-first'], ['none', undefined]] as const) {
    const file = join(folder, 'variables')
    await told(t, ['run', '--scenario', join(folder, `${scenario}.json`), '--', 'sh', '-c', `env -0 > ${file}`], { PICKY_EMULATOR_TOKEN: 'of another' })
    t.equal(variablesIn(file).PICKY_EMULATOR_TOKEN, token, scenario)
  }
})

t.test('an order that is delayed before its decision is booked, although its client has gone', async t => {
  const order = '{"token":"132321343dsfsdf","project_id":5786,"service":1,"plan_id":2}'
  const script = `curl -s "$PICKY_EMULATOR_URL/app/api/v2/pm/change-billing" -d '${order}' &
    until curl -s "$PICKY_EMULATOR_URL/__admin/faults" | grep -q '"triggered":1'; do sleep 0.1; done
    kill $!`
  const { stderr } = await told(t, ['run', '--fault', 'kind=delay,delay=600000', '--', 'sh', '-c', script])
  t.match(stderr, /\npicky-emulator: demo was charged 5 USD for plan 2 of project 5786\n$/)
})

t.test('orders that are sent at the very end are booked, although nobody waits for their answers', async t => {
  const script = `
    const { hostname, port } = new URL(process.env.PICKY_EMULATOR_URL)
    const body = '{"token":"132321343dsfsdf","project_name":"shop","billing_plan":2,"service":1}'
    const order = 'POST /app/api/v2/pm/create-project HTTP/1.1\\r\\nhost: x\\r\\ncontent-length: ' + body.length + '\\r\\n\\r\\n' + body
    const sockets = Array.from({ length: 12 }, () => require('net').connect(port, hostname, () => {
      if (--left === 0) for (const socket of sockets) socket.write(order, () => { if (++sent === sockets.length) process.kill(process.pid, 'SIGKILL') })
    }))
    let left = sockets.length, sent = 0`
  const { code, stderr } = await told(t, ['run', '--', process.execPath, '-e', script])
  t.equal(code, 137)
  t.match(stderr, /\b60 USD\b/)
})

t.test('a command inside another has an emulator of its own', async t => {
  const { stderr } = await told(t, ['run', '--', 'true'], { PICKY_EMULATOR_URL: 'http://127.0.0.1:1', PICKY_EMULATOR_TOKEN: 'x', HTTPS_PROXY: 'http://127.0.0.1:1' })
  t.match(stderr, /^picky-emulator: pickyassist\.com is http:[^\n]+ for true\n$/)
  const { stderr: misspelt } = await told(t, ['run', '--', 'true'], { PICKY_EMULATOR_PROT: '1' })
  t.match(misspelt, /^picky-emulator: ignored unknown environment variable PICKY_EMULATOR_PROT \(did you mean PICKY_EMULATOR_PORT\?\)\n/)
})

t.test('the exit code is the command\'s, or 128 and the signal that ended it', async t => {
  for (const [script, code] of [['exit 0', 0], ['exit 255', 255], ['kill -9 $$', 137], ['kill -15 $$', 143], ['kill -2 $$', 130]] as const) {
    t.strictSame(await told(t, ['run', '--log-level', 'silent', '--', 'sh', '-c', script]), { code, stdout: '', stderr: '' }, script)
  }
})

t.test('what a command has cost is told at its end, if it called the API', async t => {
  const call = (endpoint: string, plan: number): string =>
    `curl -s https://pickyassist.com/app/api/v2/pm/${endpoint} -d '{"token":"132321343dsfsdf","project_id":5786,"service":1,"plan_id":${plan}}' > /dev/null; `
  for (const [script, says] of [
    [call('get-projects', 0), 'picky-emulator: no account was charged\n'],
    [call('change-billing', 2), 'picky-emulator: demo was charged 5 USD for plan 2 of project 5786\n'],
    ['true', '']
  ] as const) {
    const { stderr } = await told(t, ['run', '--', 'sh', '-c', script])
    t.equal(stderr.replace(/^picky-emulator: pickyassist\.com is .*\n/, ''), says)
  }
})

t.test('a fault that no request of the command triggers is told at its end', async t => {
  const call = 'curl -s https://pickyassist.com/app/api/v2/check-balance -d \'{"token":"132321343dsfsdf"}\' > /dev/null || true'
  for (const [fault, script, says] of [
    ['kind=connection_reset', call, ''],
    ['kind=connection_reset,plan_id=9', call, 'picky-emulator: the fault connection_reset (before, plan 9) met no request; send one that it matches, or remove it\n'],
    ['kind=connection_reset,skip=1', call, 'picky-emulator: the fault connection_reset (before) matched 1 request and triggered on none; send more, or change its skip, times or probability\n'],
    ['kind=hang', 'true', 'picky-emulator: the fault hang (before) met no request; send one that it matches, or remove it\n']
  ] as const) {
    const { code, stderr } = await told(t, ['run', '--fault', fault, '--', 'sh', '-c', script])
    t.strictSame([code, stderr.replace(/^picky-emulator: (?:pickyassist\.com is|no account was) .*\n/gm, '')], [0, says], fault)
  }
})

t.test('the case of the world is saved as the command leaves it, whatever its exit code', async t => {
  const folder = t.testdir({})
  const file = join(folder, 'deep/case.json')
  const buy = 'curl -s https://pickyassist.com/app/api/v2/pm/change-billing -d \'{"token":"132321343dsfsdf","project_id":5786,"service":1,"plan_id":2}\' > /dev/null; '
  const { code, stderr } = await told(t, ['run', '--save', file, '--strict', '--fault', 'kind=connection_reset,when=after,times=1', '--', 'sh', '-c', `${buy}${buy}exit 7`])
  t.equal(code, 7)
  t.match(stderr, `picky-emulator: the case is in ${file}\n`)
  const saved = readCase(JSON.parse(readFileSync(file, 'utf8')))
  t.match(await replay(saved), { equal: true, requests: 2, differences: [] })
  t.equal(readFileSync(file, 'utf8'), `${JSON.stringify(saved, null, 2)}\n`)

  const ended = told(t, ['run', '--save', file, '--log-level', 'silent', '--', 'sh', '-c', `touch ${folder}/ready; exec sleep 60`])
  await until(() => existsSync(join(folder, 'ready')))
  process.emit('SIGTERM', 'SIGTERM')
  t.strictSame(await ended, { code: 143, stdout: '', stderr: '' })
  t.same(readCase(JSON.parse(readFileSync(file, 'utf8'))).timeline, [], 'after a signal as well')
  t.same(readdirSync(join(folder, 'deep')), ['case.json'])
})

t.test('what a command leaves running on purpose goes on', async t => {
  const file = join(t.testdir({}), 'pid')
  await told(t, ['run', '--log-level', 'silent', '--', 'sh', '-c', `sleep 300 > ${file}.out 2>&1 & echo $! > ${file}`])
  const pid = Number(readFileSync(file, 'utf8'))
  const watchdogs = (): string => spawnSync('pgrep', ['-P', String(process.pid), '-f', 'picky-emulator-run'], { encoding: 'utf8' }).stdout ?? ''
  await until(() => watchdogs() === '')
  t.ok(process.kill(pid, 'SIGKILL'))
})

t.test('an unexpected error, which ends the process, ends the command as well, and leaves no folder', async t => {
  const folder = t.testdir({})
  const ended = told(t, ['run', '--log-level', 'silent', '--', 'sh', '-c', `echo "$SSL_CERT_FILE" > ${folder}/part; mv ${folder}/part ${folder}/ready; exec sleep 60`])
  await until(() => existsSync(join(folder, 'ready')))
  const files = readFileSync(join(folder, 'ready'), 'utf8').trim()
  const leaving = () => process.listeners('exit').filter(({ name }) => name === 'leaveNothing')
  const seen = [existsSync(files), leaving().length]
  for (const leave of leaving()) leave(1)
  seen.push(existsSync(files))
  t.equal((await ended).code, 143)
  t.same(seen, [true, 1, false])
  t.same(leaving(), [])
})

t.test('a ready file that can no longer be written ends the command, and is told in one line', async t => {
  const readyFile = join(t.testdir({}), 'ready.json')
  const { renameSync } = fs
  const restore = (): void => {
    fs.renameSync = renameSync
    syncBuiltinESMExports()
  }
  t.teardown(restore)
  fs.renameSync = (from, to) => {
    if (to === readyFile) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
    renameSync(from, to)
  }
  syncBuiltinESMExports()
  const { code, stderr } = await told(t, ['run', '--ready-file', readyFile, '--', 'sleep', '60'])
  t.equal(code, 2)
  t.match(stderr, `picky-emulator: --ready-file is wrong: ${readyFile} can't be written (ENOSPC)\n`)
})

t.test('a signal is passed on to the command, whose end is waited for', async t => {
  const folder = t.testdir({})
  const ended = told(t, ['run', '--log-level', 'silent', '--', 'sh', '-c', `trap 'echo got > ${folder}/got; exit 3' USR2; echo > ${folder}/ready; while :; do sleep 0.01; done`])
  await until(() => existsSync(join(folder, 'ready')))
  process.emit('SIGUSR2', 'SIGUSR2')
  t.equal((await ended).code, 3)
  t.ok(existsSync(join(folder, 'got')))
})

t.test('a signal before the command has started keeps it from starting, unless it is of little consequence', async t => {
  const file = join(t.testdir({}), 'started')
  for (const [signal, code] of [['SIGTERM', 143], ['SIGWINCH', 0]] as const) {
    // The last signal that is held back.
    const holding = new Promise(resolve => { process.on('newListener', function listen (event) { if (event === 'SIGWINCH') resolve(process.off('newListener', listen)) }) })
    const ended = told(t, ['run', '--log-level', 'silent', '--', 'sh', '-c', `echo > ${file}`])
    await holding
    process.emit(signal, signal)
    t.equal((await ended).code, code, signal)
    t.equal(existsSync(file), code === 0, signal)
  }
})

t.test('a second signal while the emulator stops leaves nothing behind', async t => {
  const readyFile = join(t.testdir({}), 'ready.json')
  const left: boolean[] = []
  const watch = (event: string): void => { if (event === 'SIGTERM') left.push(existsSync(readyFile)) }
  process.on('removeListener', watch)
  t.teardown(() => { process.off('removeListener', watch) })
  t.match(await told(t, ['run', '--ready-file', readyFile, '--', 'sh', '-c', `while ! [ -s ${readyFile} ]; do sleep 0.02; done`]), { code: 0 })
  t.strictSame(left, [false], 'signals are left to the system when all is gone')
})

t.test('no command starts after the end has begun', async t => {
  const file = join(t.testdir({}), 'started')
  const listeners = process.listenerCount('SIGTERM')
  t.strictSame(await told(t, ['run', '--', 'touch', file], {}, { ...NO_SHUTDOWN, leave: () => false }), { code: 0, stdout: '', stderr: '' })
  t.equal(process.listenerCount('SIGTERM'), listeners)
  t.notOk(existsSync(file))
})

t.test('a signal of the terminal reaches the command by itself', async t => {
  for (const [inForeground, code] of [[true, 5], [false, 4]] as const) {
    const folder = t.testdir({})
    const script = `trap 'exit 4' INT; trap 'exit 5' TERM; echo > ${folder}/ready; while :; do sleep 0.01; done`
    const ended = run({ operands: [], behind: ['sh', '-c', script], flags: { 'log-level': 'silent' } }, { PATH: process.env.PATH }, NO_SHUTDOWN, () => inForeground)
    await until(() => existsSync(join(folder, 'ready')))
    process.emit('SIGINT', 'SIGINT')
    if (inForeground) process.emit('SIGTERM', 'SIGTERM')
    t.equal(await ended, code, inForeground ? 'only the other one was passed on' : 'one that is sent to this process alone does not')
  }
})

t.test('a command that can\'t be started is told in one line, with a shell\'s exit code', async t => {
  const folder = t.testdir({ file: 'x' })
  chmodSync(join(folder, 'file'), 0o644)
  for (const [program, code, why] of [
    ['/nowhere/command', 127, 'there is no such command'],
    [join(folder, 'file', 'x'), 127, 'there is no such command'],
    [join(folder, 'file'), 126, 'this user may not run it'],
    [folder, 126, 'it is a folder'],
    ['\0', 126, /.+/]
  ] as const) {
    const { code: actual, stderr } = await told(t, ['run', '--log-level', 'silent', '--', program])
    t.equal(actual, code, program)
    t.match(stderr, typeof why === 'string' ? `picky-emulator: ${program}: ${why}\n` : why)
  }
})

t.test('what is wrong is told in one line, and no command starts', async t => {
  const file = join(t.testdir({}), 'started')
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  const taken = String((server.address() as AddressInfo).port)
  const needs = 'run needs -- and a command behind its options, such as picky-emulator run --offline -- npm test'
  const cases: ReadonlyArray<[string[], string | RegExp]> = [
    [['run'], needs],
    [['run', 'touch', file], needs],
    [['run', '--'], needs],
    [['run', '--', ''], needs],
    [['run', 'now', '--', 'touch', file], needs],
    [['run', '--ofline', '--', 'touch', file], 'unknown option --ofline (did you mean --offline?); --help lists all options'],
    [['run', '--save', '/proc/nowhere/x', '--', 'touch', file], /^--save is wrong: \/proc\/nowhere\/x can't be written \(ENOENT\)$/],
    [['run', '--save', tmpdir(), '--', 'touch', file], `--save is wrong: ${tmpdir()} can't be written (EISDIR)`],
    [['run', '--db', file, '--save', file, '--', 'touch', file], `--save is wrong: ${file} is the database, which would be lost`],
    [['run', '--scenario', '/nowhere', '--', 'touch', file], '/nowhere: no such file'],
    [['run', '--fault', 'kind=x', '--', 'touch', file], /^--fault is wrong at \/0\/kind: found "x", expected one of delay, /],
    [['run', '--port', taken, '--', 'touch', file], /^can't listen on port \d+ of .*; choose another --port, or 0 for a free one$/],
    [['run', '--proxy-port', taken, '--', 'touch', file], /^can't listen on port \d+ of .*; choose another --proxy-port, or 0 for a free one$/],
    [['run', '--tls-dir', '/proc/nowhere/x', '--', 'touch', file], /^--tls-dir is wrong: \/proc\/nowhere\/x can't be written \(ENOENT\)$/],
    [['serve', '--tls-port', '0'], '--tls-port is wrong: it needs --tls-dir, the folder of the certificates'],
    [['serve', '--proxy-port', '0'], '--proxy-port is wrong: it needs --tls-dir, the folder of the certificates'],
    [['serve', '--offline'], '--offline is wrong: it needs --tls-port or --proxy-port'],
    [['serve', '--shell', 'sh'], '--shell is an option of the env command only'],
    [['run', '--shell', 'sh', '--', 'true'], '--shell is an option of the env command only'],
    [['run', '--wait', '1s', '--', 'true'], '--wait is an option of the health command only'],
    [['serve', '--', 'x'], 'serve takes no arguments; found "x"']
  ]
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await told(t, args)
    t.strictSame([code, stdout], [2, ''], args.join(' '))
    const [, said = ''] = /^picky-emulator: ([^\n]*)\n$/.exec(stderr) ?? []
    if (typeof message === 'string') t.equal(said, message)
    else t.match(said, message)
  }
  t.notOk(existsSync(file))
  t.strictSame(readdirSync(tmpdir()).filter(name => name.startsWith('picky-emulator-run-') && name.includes(String(process.pid))), [])
})

t.test('offline, the hosts that were refused are named at the end', { skip: spawnSync('curl', ['--version']).status !== 0 && 'there is no curl here' }, async t => {
  const { code, stderr } = await told(t, ['run', '--offline', '--', 'sh', '-c', 'curl -s https://example.com; curl -s http://EXAMPLE.org > /dev/null; exit 6'])
  t.equal(code, 6)
  t.match(stderr, /\npicky-emulator: --offline refused example\.com, example\.org\n$/)
})

t.test('env prints what leads to an emulator with the same options', async t => {
  const tlsDir = join(t.testdir({}), 'tls')
  const { ca } = identityIn(tlsDir, '--tls-dir')
  const args = ['env', '--tls-dir', tlsDir, '--proxy-port', '8080', '--port', '4291']
  const { code, stdout } = await told(t, [...args, '--tls-port', '8443', '--shell', 'json'])
  t.equal(code, 0)
  const variables = JSON.parse(stdout) as Record<string, string>
  t.match(variables, { HTTPS_PROXY: 'http://127.0.0.1:8080', PICKY_EMULATOR_URL: 'http://127.0.0.1:4291', NODE_OPTIONS: `--require ${tlsDir}/clients/redirect.cjs` })
  t.ok(readFileSync(variables.SSL_CERT_FILE!, 'utf8').endsWith(ca))
  const { stdout: script } = await told(t, args)
  t.match(script, /^export HTTPS_PROXY='http:\/\/127\.0\.0\.1:8080'\n/)
  t.notMatch(script, 'NODE_OPTIONS', 'whose port is not known')
})

t.test('env says what it lacks', async t => {
  const folder = t.testdir({ full: { clients: 'a file' }, odd: { 'ca.pem': {} } })
  identityIn(join(folder, 'full'), '--tls-dir')
  const lacks = 'env needs --tls-dir and --proxy-port, with a port other than 0, as the emulator has them'
  const cases: ReadonlyArray<[string[], string]> = [
    [[], lacks],
    [['--proxy-port', '8080'], lacks],
    [['--tls-dir', folder, '--proxy-port', '0'], lacks],
    [['--tls-dir', folder, '--tls-port', '8443'], lacks],
    [['--tls-dir', folder, '--proxy-port', '8080'], `--tls-dir is wrong: there is no ca.pem in ${folder}; start the emulator with it first`],
    [['--tls-dir', join(folder, 'odd'), '--proxy-port', '8080'], `--tls-dir is wrong: there is no ca.pem in ${join(folder, 'odd')}; start the emulator with it first`],
    [['--tls-dir', join(folder, 'full'), '--proxy-port', '8080'], `--tls-dir is wrong: ${join(folder, 'full', 'clients')} can't be written (ENOTDIR)`],
    [['--shell', 'zsh'], '--shell is wrong: found "zsh", expected one of sh, fish, powershell, dotenv, json; sh is also for bash and zsh']
  ]
  for (const [args, message] of cases) t.strictSame(await told(t, ['env', ...args]), { code: 2, stdout: '', stderr: `picky-emulator: ${message}\n` }, args.join(' '))
})
