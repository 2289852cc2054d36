import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { readCase } from '../../src/case/read.js'
import type { SweepReport } from '../../src/contract/sweep-report.js'
import { replay } from '../../src/server/replay.js'
import { NO_SHUTDOWN } from '../support/shutdown.js'
import { told } from '../support/told.js'
import { until } from '../support/until.js'

/** Buys a plan, without a time-out, and succeeds if that was granted. */
const BUY = 'curl -s "$PICKY_EMULATOR_URL/app/api/v2/pm/change-billing" -d \'{"token":"\'"$PICKY_EMULATOR_TOKEN"\'","project_id":5786,"service":1,"plan_id":2}\' | grep -q \'"status":100\''

/** Buys a project, once more if there was no answer. */
const CREATE = `create () { curl -sf "$PICKY_EMULATOR_URL/app/api/v2/pm/create-project" -d '{"token":"'"$PICKY_EMULATOR_TOKEN"'","service":1,"billing_plan":2}'; }
(create || create) | grep -q '"status":100'`

const ADMIN_TOKEN = 'l3t-me-in-4ever'

function reportIn (file: string): SweepReport {
  return JSON.parse(readFileSync(file, 'utf8')) as SweepReport
}

// Other sweeps of this machine have their files elsewhere.
const { TMPDIR } = process.env
process.env.TMPDIR = t.testdir({})
t.teardown(() => {
  if (TMPDIR === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = TMPDIR
})

t.test('a command is swept, and a failure found', async t => {
  const folder = t.testdir({})
  const command = `echo "$PICKY_EMULATOR_TOKEN of ${ADMIN_TOKEN}"; ${CREATE}`
  const files = ['r.json', 'deep/r.md'].map(name => join(folder, name))
  const { code, stdout, stderr } = await told(t, ['sweep', '--faults', 'connection_reset,hang', '--only', 'create-project.-.2.1/connection_reset.after,create-project.-.2.1/connection_reset.before',
    '--no-questions', '--report', files.join(','), '--save-dir', join(folder, 'saved'), '--jobs', '2', '--admin-token', ADMIN_TOKEN, '--', 'sh', '-c', command, '--password', 'S3CRET'])
  t.equal(code, 1)
  t.match(stdout, /^ +connection_reset after ┐\n +connection_reset before ┐ │\n1 create-project on plan 2 ✓ ✗\n/)
  t.match(stdout, /picky-emulator run --fault kind=connection_reset,when=after,endpoint=create-project,plan_id=2,skip=0,times=1 --admin-token '\[redacted\]' -- sh -c \$'/)
  t.equal(stderr, '', 'nothing is said meanwhile where standard error is no terminal')
  const report = reportIn(files[0]!)
  t.match(report, { command: ['sh', '-c', command, '--password', '[redacted]'], options: ['--admin-token', '[redacted]'], planned: 4, complete: true, counts: { pass: 1, failure: 1 } })
  t.match(report.results.map(({ verdict, charged, exit_code: exit }) => [verdict, charged, exit]), [['recovered', '5', 0], ['double-charge', '10', 0]])
  t.same(report.results.map(({ output }) => output), ['[redacted] of [redacted]\n', '[redacted] of [redacted]\n'], 'without the tokens that it wrote')
  t.match(readFileSync(files[1]!, 'utf8'), /double-charge/)
  t.same(readdirSync(join(folder, 'saved')), ['create-project.-.2.1_connection_reset.after.json'])
  t.same(report.results.map(({ case: file }) => file), [undefined, 'create-project.-.2.1_connection_reset.after.json'], 'the report names it')
  const saved = readCase(JSON.parse(readFileSync(join(folder, 'saved', 'create-project.-.2.1_connection_reset.after.json'), 'utf8')))
  t.equal(saved.end.scenario.accounts![0]!.balance, '90', 'the case has what the failure has left')
  t.match(saved.timeline.find(({ step }) => step === 'control'), { path: '/faults', body: { kind: 'connection_reset', when: 'after' } }, 'and its fault')
  t.match(await replay(saved), { equal: true, requests: 2, differences: [] })
  t.notOk(readdirSync(tmpdir()).some(name => name.startsWith('picky-emulator-sweep-')), 'nothing is left behind')
})

t.test('however much a command writes, no part of a token is in the report', async t => {
  const file = join(t.testdir({}), 'r.json')
  // Of these, the beginning of what is kept cuts off one token or the other.
  const lines = ['', '1 ', 'é ', 'éé '].map(text => `yes "${text}$PICKY_EMULATOR_TOKEN" | head -n 9000`)
  for (const line of lines) {
    await told(t, ['sweep', '--faults', 'api_refusal', '--only', 'create-project.-.2.1/api_refusal.before', '--no-questions', '--report', file, '--', 'sh', '-c', `${line}; ${CREATE}`])
    const { output } = reportIn(file).results[0]!
    t.match(output, /^[1é\ufffd ]{0,3}(?:\n|\[redacted\]\n)(?:(?:|1 |é |éé )\[redacted\]\n)+$/)
  }
})

t.test('settings hold for every run, and are in the line that shows it again', async t => {
  const file = join(t.testdir({}), 'r.json')
  let report: SweepReport | undefined
  // Until the command was quick enough to come to its call.
  for (let timeout = 300; (report?.results[0]?.verdict ?? 'not-reached') === 'not-reached'; timeout *= 3) {
    await told(t, ['sweep', '--faults', 'hang.before', '--timeout', `${timeout}ms`, '--only', 'change-billing.5786.2.1/hang.before', '--clock', 'frozen:2022-01-01T00:00:00Z', '--strict',
      '--assume', 'same-plan=charge-again', '--wire', 'types=table', '--report', file, '--repeat', '1', '--', 'sh', '-c', BUY], { PICKY_EMULATOR_PORT: '4290', PICKY_EMULATOR_DB: '/nowhere/x.db' })
    if (existsSync(file)) report = reportIn(file)
  }
  t.same(report!.options, ['--clock', 'frozen:2022-01-01T00:00:00Z', '--wire', 'types=table', '--assume', 'same-plan=charge-again', '--strict'])
  t.same(report!.questions_settled, ['same-plan'])
  t.match(report!.results, [{ verdict: 'hung', ending: 'timeout', charged: '0' }])
  t.match(report!.results[0]!.reproduce, /^picky-emulator run --fault kind=hang,when=before,endpoint=change-billing,project_id=5786,plan_id=2,skip=0,times=1 --clock frozen:2022-01-01T00:00:00Z .*--strict -- sh -c '/)
})

t.test('settings of the environment are in the line that shows a run again, too, and in the report', async t => {
  const file = join(t.testdir({}), 'r.json')
  const again = async (args: readonly string[], env = {}): Promise<SweepReport> => {
    await told(t, ['sweep', '--faults', 'connection_reset.after', '--no-questions', ...args, '--repeat', '1', '--report', file, '--', 'sh', '-c', `${BUY} || ${BUY}`], env)
    return reportIn(file)
  }
  const env = { PICKY_EMULATOR_ASSUME: 'same-plan=charge-again', PICKY_EMULATOR_STRICT: 'true', PICKY_EMULATOR_NO_CONSOLE: '0', PICKY_EMULATOR_WIRE: '', PICKY_EMULATOR_ADMIN_TOKEN: ADMIN_TOKEN }
  const report = await again(['--clock', 'frozen:2022-01-01T00:00:00Z'], { ...env, PICKY_EMULATOR_CLOCK: 'system', PICKY_EMULATOR_PORT: '1' })
  t.strictSame([...report.options].sort(), ['--admin-token', '--assume', '--clock', '--strict', '[redacted]', 'frozen:2022-01-01T00:00:00Z', 'same-plan=charge-again'])
  t.match(report.results, [{ verdict: 'double-charge', reproduce: / --assume same-plan=charge-again .*--strict .*-- sh -c / }])
  const words = report.options.map(word => word.replace('[redacted]', ADMIN_TOKEN))
  t.match((await again(words)).results, [{ verdict: 'double-charge', reproduce: report.results[0]!.reproduce }])
})

t.test('a failure that several of --faults name is tried once', async t => {
  const file = join(t.testdir({}), 'r.json')
  await told(t, ['sweep', '--faults', 'connection_reset,connection_reset.after,quick', '--no-questions', '--only', 'change-billing.5786.2.1/connection_reset.after', '--repeat', '1', '--report', file, '--', 'sh', '-c', BUY])
  t.match(reportIn(file), { planned: 6, results: [{ id: 'change-billing.5786.2.1/connection_reset.after', number: 2 }] })
})

t.test('in a suite that resets its account, what was booked again is counted in all of its books', async t => {
  const file = join(t.testdir({}), 'r.json')
  const reset = 'curl -sf -X POST "$PICKY_EMULATOR_URL/__admin/reset" > /dev/null'
  await told(t, ['sweep', '--faults', 'connection_reset.after', '--no-questions', '--repeat', '1', '--report', file, '--', 'sh', '-c', `${reset}; ${CREATE}; ${reset}; ${CREATE}`])
  t.same(reportIn(file).results.map(({ verdict }) => verdict), ['double-charge', 'double-charge'])
  for (const { says } of reportIn(file).results) t.match(says, /the client asked again, and another 5 USD were booked for plan 2 of project 5788$/)
})

t.test('a client that gives up waiting, looks, and asks again is charged twice if its order arrives after all', async t => {
  const file = join(t.testdir({}), 'r.json')
  const send = (seconds: number): string => `send () { curl -sf -m ${seconds} "$PICKY_EMULATOR_URL/app/api/v2/$1" -d '{"token":"'"$PICKY_EMULATOR_TOKEN"'"'"$2"'}'; }`
  const script = `before=$(send check-balance)
    buy () { send pm/create-project ',"service":1,"billing_plan":2' > /dev/null; }
    buy || { [ "$(send check-balance)" = "$before" ] && buy; }`
  let result: SweepReport['results'][number] | undefined
  // Until the command waited long enough for an answer that does come.
  for (let seconds = 1; result === undefined && seconds < 60; seconds *= 3) {
    await told(t, ['sweep', '--faults', 'hang.before', '--no-questions', '--only', 'create-project.-.2.1/hang.before', '--timeout', '300s', '--report', file, '--', 'sh', '-c', `${send(seconds)}; ${script}`])
    if (existsSync(file)) result = reportIn(file).results.find(({ verdict }) => verdict === 'double-charge')
  }
  t.match(result, {
    mark: 'failure', charged: '10', says: 'arrived when the command had ended; the client asked again, and another 5 USD were booked', reproduce: / --fault kind=delay,when=before,endpoint=create-project,plan_id=2,skip=0,times=1,delay=600000 -- /
  })
})

t.test('an order that is delayed before its decision is booked, although its client has gone', async t => {
  const folder = t.testdir({
    'slow.json': JSON.stringify({ accounts: [{ name: 'demo', token: 'abcdef0123456789', balance: '100', projects: [{ project_id: 5786 }] }], faults: [{ kind: 'delay', delay: { fixed: 600_000 }, times: 1 }] })
  })
  const file = join(folder, 'r.json')
  const script = `curl -s "$PICKY_EMULATOR_URL/app/api/v2/pm/change-billing" -d '{"token":"abcdef0123456789","project_id":5786,"service":1,"plan_id":2}' &
    until curl -s "$PICKY_EMULATOR_URL/__admin/faults" | grep -q '"triggered":1'; do sleep 0.1; done
    kill $!`
  await told(t, ['sweep', '--scenario', join(folder, 'slow.json'), '--faults', 'hang.after', '--no-questions', '--repeat', '1', '--report', file, '--', 'sh', '-c', script])
  t.match(reportIn(file).reference, { charged: '5', calls: [{ charged: true }] })
})

t.test('questions, dialects and instants are for the run as a whole', async t => {
  const file = join(t.testdir({}), 'r.json')
  const { code } = await told(t, ['sweep', '--instants', '--only', 'wire/http_status=mapped,instant/2023-02-01T00:00:00Z,month-length=30-days', '--clock', 'frozen:2022-01-31T00:00:00Z', '--wire', 'types=table', '--assume', 'same-plan=refuse', '--report', file, '--accept', 'false-success', '--', 'sh', '-c',
    `${BUY}; curl -s "$PICKY_EMULATOR_URL/app/api/v2/pm/get-projects" -d '{"token":"'"$PICKY_EMULATOR_TOKEN"'","project_id":5786}'`])
  t.equal(code, 0, 'an accepted failure is none')
  const report = reportIn(file)
  t.match(report.results.map(({ id, verdict, accepted, reproduce }) => [id, verdict, accepted, reproduce]), [
    ['month-length=30-days', 'recovered', false, /^picky-emulator run --assume same-plan=refuse,month-length=30-days --clock frozen:2022-01-31T00:00:00Z --wire types=table -- /],
    ['wire/http_status=mapped', 'recovered', false, /^picky-emulator run --wire types=table,http_status=mapped --clock frozen:2022-01-31T00:00:00Z --assume same-plan=refuse -- /],
    ['instant/2023-02-01T00:00:00Z', 'false-success', true, /^picky-emulator run --clock frozen:2023-02-01T00:00:00Z --wire types=table --assume same-plan=refuse -- /]
  ])
})

t.test('a suite that resets the world is swept, and shown again by a sweep', async t => {
  const file = join(t.testdir({}), 'r.json')
  const reset = 'curl -sf -X POST -H "x-requested-with: sh" "$PICKY_EMULATOR_URL/__admin/reset" > /dev/null'
  const { code, stderr } = await told(t, ['sweep', '--faults', 'connection_reset.after', '--no-questions', '--timeout', '50s', '--report', file, '--jobs', '1', '--', 'sh', '-c', `${BUY} && ${reset} && ${BUY}`])
  t.same([code, stderr], [0, ''])
  const report = reportIn(file)
  t.match(report.reference, { charged: '10', resets: true, calls: [{ skip: 0 }, { skip: 1 }] })
  t.match(report.results.map(({ call, verdict }) => [call, verdict]), [[1, 'failed'], [2, 'charged-but-failed']])
  t.match(report.results[1]!.reproduce, /^picky-emulator sweep --only change-billing\.5786\.2\.2\/connection_reset\.after --faults connection_reset\.after --no-questions --timeout 50s -- sh -c '/)

  t.comment('by the options of the sweep, which decide what its runs are called')
  for (const [options, ids] of [
    [['--instants'], ['api_refusal.before.101', 'truncated_body.after']],
    [['--instants', '--faults', 'api_refusal'], ['api_refusal.before', 'api_refusal.before.403']],
    [['--faults', 'empty_response,http_error.after', '--faults', 'malformed_json'], ['http_error.after', 'malformed_json.before']]
  ] as const) {
    const run = ['--no-questions', '--repeat', '1', '--report', file, '--', 'sh', '-c', `${BUY} && ${reset} && ${BUY}`]
    const found = async (args: readonly string[]): Promise<unknown[]> => {
      t.notMatch(await told(t, ['sweep', ...args, ...run]), { code: 2 })
      return reportIn(file).results.map(({ id, verdict, reproduce }) => [id, verdict, reproduce])
    }
    for (const id of ids.map(fault => `change-billing.5786.2.2/${fault}`)) {
      const results = await found([...options, '--only', id])
      const [[, , reproduce]] = results as [[string, string, string]]
      const words = reproduce.slice(0, reproduce.indexOf(' -- ')).split(' ').slice(2)
      t.strictSame(await found(words.filter(word => !run.includes(word))), results, reproduce)
    }
  }
})

t.test('shards are put together', async t => {
  const folder = t.testdir({})
  const file = (name: string): string => join(folder, name)
  const args = ['--faults', 'connection_reset,http_error', '--no-questions', '--repeat', '1', '--', 'sh', '-c', BUY]
  await told(t, ['sweep', '--report', file('whole.json'), ...args])
  for (const index of [1, 2, 3]) await told(t, ['sweep', '--shard', `${index}/3`, '--report', file(`${index}.json`), ...args])
  const { code, stdout } = await told(t, ['sweep', '--merge', `${file('3.json')},${file('1.json')}`, '--merge', file('2.json'), '--report', file('merged.json')])
  t.equal(code, 0)
  t.match(stdout, /charged-but-failed/)
  const timeless = (report: SweepReport): unknown => ({
    ...report, started_at: '', duration_ms: 0, reference: { ...report.reference, duration_ms: 0 }, results: report.results.map(result => ({ ...result, duration_ms: 0 }))
  })
  t.same(timeless(reportIn(file('merged.json'))), timeless(reportIn(file('whole.json'))))
})

t.test('a merge that lacks runs does not pass', async t => {
  const folder = t.testdir({})
  const file = (name: string): string => join(folder, name)
  const args = ['--faults', 'connection_reset,http_error', '--no-questions', '--repeat', '1']
  for (const index of [1, 2, 3]) await told(t, ['sweep', '--shard', `${index}/3`, '--report', file(`${index}.json`), ...args, '--', 'sh', '-c', BUY])
  const merge = async (...names: string[]): Promise<unknown[]> => {
    const { code, stdout, stderr } = await told(t, ['sweep', '--merge', names.map(file).join(','), '--report', file('merged.json')])
    return [code, stderr, /which is not all/.test(stdout), reportIn(file('merged.json')).complete]
  }
  t.same(await merge('1.json', '2.json', '3.json'), [0, '', false, true])
  t.same(await merge('1.json', '3.json'), [3, 'picky-emulator: 1 of 4 runs are missing: there is no report of shard 2 of 3\n', true, false])
  t.same(await merge('1.json'), [3, 'picky-emulator: 2 of 4 runs are missing: there is no report of shards 2, 3 of 3\n', true, false])
  const cutShort = (name: string): SweepReport => ({ ...reportIn(file(name)), results: [], complete: false })
  writeFileSync(file('interrupted.json'), JSON.stringify(cutShort('2.json')))
  t.same(await merge('1.json', 'interrupted.json', '3.json'), [3, 'picky-emulator: 1 of 4 runs are missing: a sweep was interrupted\n', true, false])
  writeFileSync(file('whole.json'), JSON.stringify({ ...cutShort('2.json'), shards: null }))
  t.same(await merge('whole.json'), [3, 'picky-emulator: 4 of 4 runs are missing: a sweep was interrupted\n', true, false])
  await told(t, ['sweep', '--shard', '1/3', '--report', file('worse.json'), ...args, '--', 'sh', '-c', `${BUY} || true`])
  t.match(await merge('worse.json'), [1, ''], 'a failure is one all the same')
})

t.test('the case of what is a failure under another choice only shows that failure', async t => {
  const folder = t.testdir({})
  const id = 'change-billing.5786.2.1/connection_reset.after'
  const file = join(folder, 'report.json')
  const { code } = await told(t, ['sweep', '--only', id, '--jobs', '1', '--save-dir', folder, '--report', file, '--', 'sh', '-c', `buy () { ${BUY}; }; buy || buy`])
  t.equal(code, 1)
  const [result] = reportIn(file).results
  t.match(result, { verdict: 'charged-but-failed', if: [{ name: 'same-plan', choice: 'charge-again', verdict: 'double-charge' }] })
  const saved = readCase(JSON.parse(readFileSync(join(folder, result!.case!), 'utf8')))
  t.match(saved.end.scenario.accounts, [{ balance: '90' }], 'both charges are in it')
  t.match(await replay(saved), { equal: true, requests: 2 })
})

t.test('there is no reference', async t => {
  const cases: Array<[string, string, RegExp]> = [
    ['if the command fails', 'echo out of order; exit 4', /^picky-emulator: there is no reference: without a fault, the command failed with exit code 4; it said "out of order"/],
    ['if it calls nothing', 'true', /^picky-emulator: there is no reference: the command succeeded without a call/],
    ['if it calls another path', 'curl -sS "$PICKY_EMULATOR_URL/app/api/v2/pm/check-balance" > /dev/null',
      /without a call to an endpoint of .* one that starts an emulator of its own calls that; run --log-level info shows requests to other paths, too\n$/]
  ]
  const empty = join(t.testdir({}), 'empty.json')
  writeFileSync(empty, '{}')
  t.match(await told(t, ['sweep', '--scenario', empty, '--', 'sh', '-c', '[ -n "$PICKY_EMULATOR_TOKEN" ] || exit 5'], { PICKY_EMULATOR_PROT: '1' }), {
    code: 3,
    stderr: /^picky-emulator: ignored unknown environment variable PICKY_EMULATOR_PROT .*\n.* failed with exit code 5\n$/
  }, 'if there is no account for it')
  for (const [name, script, says] of cases) {
    const { code, stdout, stderr } = await told(t, ['sweep', '--', 'sh', '-c', script])
    t.match({ code, stdout, stderr }, { code: 3, stdout: '', stderr: says }, name)
  }
})

t.test('a command that can\'t be started', async t => {
  t.match(await told(t, ['sweep', '--', 'no-such-command']), { code: 127, stderr: 'picky-emulator: no-such-command: there is no such command\n' })
  t.match(await told(t, ['sweep', '--', t.testdir({})]), { code: 126 })
})

t.test('what is wrong on the command line is said in one line', async t => {
  const cases: Array<[string[], RegExp]> = [
    [[], /^picky-emulator: sweep needs -- and a command behind its options/],
    [['--', ''], /sweep needs -- and a command/],
    [['--save-dir', '/dev/null', '--', 'true'], /--save-dir is wrong: \/dev\/null\/case.json can't be written \(ENOTDIR\)/],
    [['--upstream-proxy', 'http://us:p%zz@proxy', '--', 'true'], /--upstream-proxy is wrong: expected a host and a port/],
    [['npm', 'test'], /sweep takes its command behind --; found "npm"/],
    [['--faults', 'hangs'], /--faults is wrong: found "hangs", expected quick, all, or one of .*\(did you mean hang\?\)/],
    [['--jobs', '0'], /--jobs is wrong: found "0", expected a whole number from 1 to 1000/],
    [['--jobs', '1001'], /--jobs is wrong/],
    [['--jobs', 'two'], /--jobs is wrong/],
    [['--repeat', '101'], /--repeat is wrong: found "101", expected a whole number from 1 to 100/],
    [['--shard', '3/2'], /--shard is wrong: found "3\/2", expected I\/N such as 3\/10, with I from 1 to N/],
    [['--shard', '0/2'], /--shard is wrong/],
    [['--shard', 'half'], /--shard is wrong/],
    [['--timeout', '1'], /--timeout is wrong: found "1", expected a duration such as 500ms, 60s or 5m, at most 24h/],
    [['--timeout', '0s'], /--timeout is wrong/],
    [['--timeout', '25h'], /--timeout is wrong/],
    [['--report', 'a.json,b.txt'], /--report is wrong: found "b.txt", expected a file that ends in .json, .xml, .html, .md/],
    [['--accept', 'double-charges'], /--accept is wrong: found "double-charges", expected one of recovered.*\(did you mean double-charge\?\)/],
    [['--merge', 'a.xml'], /a\.xml/],
    [['--merge', '/nowhere/a.json'], /\/nowhere\/a\.json/],
    [['--merge', 'a.json', '--accept', 'double-charge'], /--accept is wrong: with --merge, it belongs to the sweeps whose reports are merged/],
    [['--merge', 'a.json', '--jobs', '2'], /--jobs is wrong: with --merge, /],
    [['--merge', 'a.json', '--no-questions'], /--no-questions is wrong: with --merge, /],
    [['--merge', 'a.json', '--log-level', 'silent', '--clock', '2023-01-31'], /--clock is wrong: with --merge, /],
    [['--merge', 'a.json', '--', 'true'], /--merge takes no command: it makes no runs/],
    [['--port', '4290', '--', 'true'], /--port can't be set for a sweep: each run has a world, ports and a fault of its own/],
    [['--fault', 'kind=hang', '--', 'true'], /--fault can't be set for a sweep/],
    [['--db', 'x.db', '--', 'true'], /--db can't be set for a sweep/],
    [['--clock', 'noon', '--', 'true'], /--clock is wrong: found "noon"/]
  ]
  for (const [args, says] of cases) {
    const { code, stdout, stderr } = await told(t, ['sweep', ...args])
    t.match({ code, stdout, stderr }, { code: 2, stdout: '', stderr: says }, args.join(' '))
    t.equal(stderr.trim().split('\n').length, 1, `${args.join(' ')}, in one line`)
  }
  t.match(await told(t, ['serve', '--jobs', '2']), { code: 2, stderr: /--jobs is an option of the sweep command only/ })
  t.match(await told(t, ['sweep', '--only', 'x', '--', 'sh', '-c', BUY]), { code: 2, stderr: /--only is wrong: found "x"/ })
  const taken = join(t.testdir({}), 'file')
  writeFileSync(taken, '')
  t.match(await told(t, ['sweep', '--faults', 'connection_reset.before', '--no-questions', '--report', join(taken, 'r.json'), '--', 'sh', '-c', BUY]),
    { code: 2, stderr: /--report is wrong: .* can't be written \(E/ })
  t.match(await told(t, ['sweep', '--faults', 'api_refusal.before', '--no-questions', '--save-dir', join(taken, 'saved'), '--', 'sh', '-c', `${BUY}; true`]),
    { code: 2, stderr: /--save-dir is wrong: .* can't be written \(E/ })
})

t.test('a case never replaces a file that the sweep uses', async t => {
  const WORLD = '{"accounts":[{"name":"demo","balance":"100"}]}'
  const folder = t.testdir({ 'create-project.-.2.1_connection_reset.after.json': WORLD })
  const [file] = readdirSync(folder)
  const scenario = join(folder, file!)
  const { code, stdout, stderr } = await told(t, ['sweep', '--scenario', scenario, '--faults', 'connection_reset', '--no-questions', '--save-dir', folder, '--', 'sh', '-c', CREATE])
  t.same({ code, stdout, stderr }, { code: 2, stdout: '', stderr: `picky-emulator: --save-dir is wrong: ${scenario} is the scenario, which would be lost\n` })
  t.equal(readFileSync(scenario, 'utf8'), WORLD)
})

t.test('what can\'t be written is told in one line, and what was found is printed all the same', async t => {
  const folder = t.testdir({})
  const [well, taken] = [join(folder, 'r.json'), join(folder, 'taken')]
  const args = ['--faults', 'connection_reset.before', '--no-questions', '--report', `${taken}/r.md,${well}`, '--', 'sh', '-c', `rm -rf ${taken}; touch ${taken}; ${BUY}`]
  const { code, stdout, stderr } = await told(t, ['sweep', ...args])
  t.same([code, stderr], [2, `picky-emulator: --report is wrong: ${taken}/r.md can't be written (ENOTDIR)\n`])
  t.match(stdout, /1 run; 1 call/)
  t.equal(reportIn(well).results.length, 1, 'and the other report is written')
  const { TMPDIR } = process.env
  t.teardown(() => { if (TMPDIR === undefined) delete process.env.TMPDIR; else process.env.TMPDIR = TMPDIR })
  process.env.TMPDIR = join(folder, 'missing')
  for (const command of ['sweep', 'run']) {
    t.match(await told(t, [command, '--', 'true']), { code: 2, stdout: '', stderr: /^picky-emulator: the temporary folder \S* can't be written \(ENOENT\); set TMPDIR to a folder with room\n$/ }, command)
  }
})

t.test('a signal ends a sweep with what is done', async t => {
  const folder = t.testdir({})
  const [file, ready] = [join(folder, 'r.json'), join(folder, 'ready')]
  mkdirSync(ready)
  const sweeping = told(t, ['sweep', '--faults', 'hang.before,connection_reset.before', '--no-questions', '--jobs', '1', '--report', file, '--', 'sh', '-c', `touch ${ready}/$$; ${BUY}`])
  // The two of the reference, and the one that hangs.
  await until(() => readdirSync(ready).length === 3)
  process.emit('SIGINT', 'SIGINT')
  const { code } = await sweeping
  t.equal(code, 130)
  t.match(reportIn(file), { complete: false, planned: 2, results: [] })

  const early = told(t, ['sweep', '--report', join(folder, 'early.json'), '--', 'sh', '-c', `touch ${ready}/early; sleep 300`])
  await until(() => existsSync(join(ready, 'early')))
  process.emit('SIGTERM', 'SIGTERM')
  t.equal((await early).code, 130, 'also before there is a reference')
  t.notOk(existsSync(join(folder, 'early.json')), 'without a report then')
  t.equal((await told(t, ['sweep', '--', 'true'], {}, { ...NO_SHUTDOWN, leave: () => false })).code, 0, 'or before it has begun')
})

t.test('what the settings of a scenario settle is not asked, as with --assume', async t => {
  const folder = t.testdir({})
  const scenario = join(folder, 'world.json')
  const demo = { name: 'demo', token: 'demo-token', balance: '100', projects: [{ project_id: 5786 }] }
  writeFileSync(scenario, JSON.stringify({ settings: { assumptions: { 'month-length': '30-days' }, wire: { types: 'table' } }, accounts: [demo] }))
  const reportOf = async (...options: string[]): Promise<SweepReport> => {
    const file = join(folder, 'r.json')
    await told(t, ['sweep', '--faults', 'connection_reset.before', '--repeat', '1', '--report', file, ...options, '--', 'sh', '-c', BUY])
    return reportIn(file)
  }
  const idsOf = ({ results }: SweepReport): string[] => results.filter(({ fault }) => fault === null).map(({ id }) => id)
  const [byScenario, byOption] = [await reportOf('--scenario', scenario), await reportOf('--assume', 'month-length=30-days', '--wire', 'types=table')]
  t.same(byScenario.questions_settled, ['month-length'])
  t.same(byOption.questions_settled, ['month-length'])
  t.same(idsOf(byScenario), idsOf(byOption))
  t.notOk(idsOf(byScenario).some(id => id.startsWith('month-length')))
  t.ok(idsOf(byScenario).includes('wire/types=sample'), 'the dialect of the scenario has its other alternatives')
})
