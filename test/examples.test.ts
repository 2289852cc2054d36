import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import type { SweepReport } from '../src/contract/sweep-report.js'
import { startEmulator } from '../src/index.js'
import { verdictText } from '../src/report/report.js'
import { ROOT, run, type Result } from './support/built.js'
import { effort, isProved } from './support/effort.js'

const README = readFileSync(join(ROOT, 'examples', 'README.md'), 'utf8')

/** Folders of what sweep tries and how it is spread; test/e2e/sweep-clients.test.ts and sweep-shards.test.ts try them. */
const NO_SUITES = ['clients', 'ci', 'kubernetes']

/** The commands that the page gives, by their folders. */
const COMMANDS = new Map([...README.matchAll(/^\| \[([a-z-]+)\]\(\1\) \| .* \| `([^`]+)` \|$/gm)].map(([, folder, command]) => [folder!, command!]))

const folder = workplace()
t.teardown(() => rmSync(folder, { recursive: true }))

/** A copy of the examples where the package, its command and the test runners are installed, as at a user's. */
function workplace (): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'picky-examples-')))
  cpSync(join(ROOT, 'examples'), folder, { recursive: true, filter: path => !/node_modules|__pycache__/.test(path) })
  const bin = join(folder, 'node_modules', '.bin')
  mkdirSync(bin, { recursive: true })
  symlinkSync(ROOT, join(folder, 'node_modules', 'picky-assist-emulator'))
  symlinkSync(join(ROOT, 'dist', 'cli.js'), join(bin, 'picky-emulator'))
  symlinkSync(join(ROOT, 'node_modules', '@types'), join(folder, 'node_modules', '@types'))
  for (const [name, modules] of effort([], [['tap', 'node_modules'], ['vitest', 'proofs/node_modules'], ['jest', 'proofs/node_modules']] as const)) {
    symlinkSync(join(ROOT, modules, name), join(folder, 'node_modules', name))
    symlinkSync(realpathSync(join(ROOT, modules, '.bin', name)), join(bin, name))
  }
  return folder
}

/** Runs a line of the page, as a user's shell would. */
async function shell (command: string): Promise<Result> {
  const path = join(folder, 'node_modules', '.bin') + delimiter + process.env.PATH!
  const { code, stdout, stderr } = await run('env', [`PATH=${path}`, 'sh', '-eu', '-c', command], { cwd: folder })
  return { code, stdout: stripVTControlCharacters(stdout), stderr: stripVTControlCharacters(stderr) }
}

t.test('every example is on the page, which is short', async t => {
  const folders = readdirSync(join(ROOT, 'examples'), { withFileTypes: true }).filter(entry => entry.isDirectory() && entry.name !== 'node_modules')
  t.strictSame(folders.filter(({ name }) => !README.includes(`[${name}](${name})`)), [])
  t.strictSame([...COMMANDS.keys()].sort(), folders.map(({ name }) => name).filter(name => !NO_SUITES.includes(name)).sort())
  t.ok(README.trimEnd().split('\n').length <= 30)
})

/** Test runners that are not part of Node.js or Python take seconds to start, and npm run prove alone installs some. */
const inFull = effort({ skip: 'npm run prove runs it' }, {})

/** What each test runner says when all is well, and how many tests that are. */
const SUITES: ReadonlyArray<[folder: string, says: RegExp, client: string, options: { skip?: string }]> = [
  ['node-test', /^(#|ℹ) pass 8\n(#|ℹ) fail 0$/m, 'client.mjs', {}],
  ['tap', /^ {4}1\.\.6$[^]*^ {4}1\.\.2$[^]*^# \{ total: 15, pass: 15 \}$/m, 'client.mjs', inFull],
  ['vitest', /^ *Tests +8 passed \(8\)$/m, 'client.ts', inFull],
  ['jest', /^Tests: +8 passed, 8 total$/m, 'client.js', inFull],
  ['python', /^Ran 6 tests in .*\n\nOK$/m, 'client.py', await skipWithout('python3')]
]

/** Whether a program is there; where it is not, its example can't be run. */
async function skipWithout (program: string): Promise<{ skip?: string }> {
  const { code } = await shell(`${program} --version`)
  return code === 0 ? {} : { skip: `there is no ${program} here that could run it` }
}

for (const [nth, [name, says, client, options]] of SUITES.entries()) {
  t.test(`the example ${name} passes, and fails with a client that is wrong`, options, async t => {
    const { code, stdout, stderr } = await shell(COMMANDS.get(name)!)
    t.match(stdout + stderr, says)
    t.equal(code, 0)

    if (name !== 'node-test' && !isProved(nth)) return
    const file = join(folder, name, client)
    const right = readFileSync(file, 'utf8')
    const wrong = right.replace(/\bplan_id\b/, 'plan')
    t.not(wrong, right)
    writeFileSync(file, wrong)
    t.not((await shell(COMMANDS.get(name)!)).code, 0)
    writeFileSync(file, right)
  })
}

/** Failures of the order after the switch-off, which every suite has a test of: its client asks again, but takes no HTML for an answer. */
const AFTER_SWITCH_OFF = {
  'change-billing.1.3.1/connection_reset.after': 'recovered',
  'change-billing.1.3.1/http_error.before': 'failed'
}

for (const [nth, [name, , , options]] of SUITES.entries()) {
  const isSwept = isProved(nth) ? {} : { skip: 'npm run prove sweeps it' }
  t.test(`the example ${name} is swept as it is, although it has accounts, clocks and faults of its own`, { ...options, ...isSwept }, async t => {
    const { code, stdout, stderr, results } = await sweep(COMMANDS.get(name)!, AFTER_SWITCH_OFF)
    t.equal(code, 0, stdout + stderr)
    t.strictSame(results, AFTER_SWITCH_OFF)
  })
}

const ONE_ORDER = 'change-billing.1.2.1/connection_reset.after'
const LAST_ORDER = 'change-billing.1.3.1/connection_reset.after'
const OWN_FAULT = 'change-billing.3.2.1/connection_reset.after'
const OWN_CLOCK = 'instant/2021-12-31T23:59:59Z'

t.test('the example swept resets the world, and is swept all the same: what can\'t be met again is said, with the reason', inFull, async t => {
  const runs = {
    [ONE_ORDER]: 'charged-but-failed; double-charge if same-plan=charge-again',
    [LAST_ORDER]: 'charged-but-failed; double-charge if same-plan=charge-again',
    [OWN_FAULT]: 'not-reached',
    [OWN_CLOCK]: 'not-reached'
  }
  const { code, stdout, stderr, results } = await sweep('node --test swept/client.test.mjs', runs)
  t.equal(code, 1, stderr)
  t.strictSame(results, runs)
  t.match(stdout, '\n    the change of project 3 to plan 2 was not met: a fault that the run had set itself came first\n')
  t.match(stdout, '\n    2021-12-31T23:59:59Z was not met: each call came under a clock that the run had set itself\n')

  // A fault of `run` would be gone after the reset, so the line that shows a failure again is another sweep.
  const line = `picky-emulator sweep --only ${LAST_ORDER} --faults all --instants --repeat ${effort(1, 2)} -- node --test swept/client.test.mjs`
  t.match(stdout, `\n    ${line}\n`)
  const again = await shell(line)
  t.equal(again.code, 1)
  t.match(again.stdout, `\n✗ ${runs[LAST_ORDER]}\n`)
})

t.test('a suite that starts an emulator of its own is told that its calls did not reach the other one', async t => {
  const { code, stderr } = await shell('picky-emulator sweep -- env -u PICKY_EMULATOR_URL node --test node-test/client.test.mjs')
  t.equal(code, 3)
  t.match(stderr, /^picky-emulator: there is no reference: the command succeeded without a call to an endpoint of pickyassist\.com that reached the emulator; .*\n$/)
})

/** Sweeps a suite for some runs only, and gives their verdicts. */
async function sweep (command: string, runs: Readonly<Record<string, string>>) {
  const file = join(folder, 'report.json')
  const only = `--only '${Object.keys(runs).join(',')}'`
  const result = await shell(`picky-emulator sweep --repeat ${effort(1, 2)} --faults all --instants ${only} --report ${file} -- ${command}`)
  const { results } = JSON.parse(readFileSync(file, 'utf8')) as SweepReport
  return { ...result, results: Object.fromEntries(results.map(result => [result.id, verdictText(result)])) }
}

t.test('the example in TypeScript is right by its types', inFull, async t => {
  t.strictSame(await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'vitest'], { cwd: folder }), { code: 0, stdout: '', stderr: '' })
})

t.test('the example shell shows what was charged, and leaves nothing behind', await skipWithout('curl'), async t => {
  const emulator = await startEmulator()
  t.teardown(emulator.stop)
  const { clock: _before, ...before } = await emulator.state()
  const { code, stdout, stderr } = await shell(COMMANDS.get('shell')!.replace('http://localhost:4290', emulator.url))
  t.equal(code, 0, stderr)
  t.equal(stdout.replaceAll(/"at":"[^"]*",|,"request_id":("[^"]*"|null)/g, ''), `The next answer gets lost, after all of it is booked:
{"status":410,"message":"Invalid Request: the project is already on plan_id 2"}
The client was told that it failed. The ledger:
{"ledger":[{"kind":"opening","amount":"100","balance":"100","project_id":null,"plan_id":null},{"kind":"plan-change","amount":"-5","balance":"95","project_id":1,"plan_id":2}]}
If the API sold the same plan again, which nobody knows, that would have cost:
{"status":100,"message":"Success","old_billing_plan":"2","new_billing_plan":2,"amount_debited":"5","next_billing_date":"2020-07-16T23:59:59+00:00"}
{"ledger":[{"kind":"opening","amount":"100","balance":"100","project_id":null,"plan_id":null},{"kind":"plan-change","amount":"-5","balance":"95","project_id":1,"plan_id":2},{"kind":"plan-change","amount":"-5","balance":"90","project_id":1,"plan_id":2}]}
`)
  const { clock: _after, ...after } = await emulator.state()
  t.strictSame(after, before, 'no account, no fault')
  t.ok((await emulator.audit()).ok)
})
