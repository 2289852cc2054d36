import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { spawnSync } from 'node:child_process'
import t, { type Test } from 'tap'
import type { SweepReport, SweepResult } from '../../src/contract/sweep-report.js'
import { verdictText } from '../../src/report/report.js'
import { CLI, ROOT, run } from '../support/built.js'
import { effort, isProved } from '../support/effort.js'

/** What each letter of the table stands for. */
const VERDICTS: Readonly<Record<string, string>> = {
  R: 'recovered',
  f: 'failed-cleanly',
  C: 'charged-but-failed',
  D: 'double-charge',
  S: 'false-success',
  Q: 'charged-but-failed; double-charge if same-plan=charge-again',
  L: 'recovered; double-charge if same-plan=charge-again'
}

/**
 * Clients of examples/clients/, and what sweep says of each of them, run by run. A star is a run that `npm test` tries; `npm run prove`
 * tries all, or other ones for each client where it proves only a share. `ask` and `order` are the two calls of one client.
 */
const TABLE = `
 run                              | create | upgrade | 5xx | timeout | 200 | table | 403 | switch-off | ask | order
 delay.before                     | R      | R       | R   | R       | R   | R     | R   | R          | R   | R
 delay.after                      | R      | R       | R   | R       | R   | R     | R   | R          | R   | R
 http_error.before                | R      | R       | R   | f       | f   | f     | f   | f          | R   | R
 http_error.after                 | D      | Q       | D   | C       | C   | C     | C   | C          | R   | R
 api_refusal.before               | R      | R       | f   | f       | S * | f     | f   | S          | f   | f
 api_refusal.after                | D      | Q       | C   | C       | R   | C     | C   | R          | f   | R
 connection_reset.before          | R      | R       | f   | f       | f   | f     | f   | f          | R   | R *
 connection_reset.after           | D      | Q *     | C   | C       | C   | C     | C   | C          | R   | R *
 empty_response.before            | R      | R       | f   | f       | f   | f     | f   | f          | R   | R
 empty_response.after             | D      | Q       | C   | C       | C   | C     | C   | C          | R   | R
 hang.before                      | D      | L       | f   | f       | f   | f     | f   | f          | R   | f
 hang.after                       | D      | Q       | C   | C       | C   | C     | C   | C          | R   | R
 truncated_body.before            | R      | R       | f   | f       | f   | f     | f   | f          | R   | R
 truncated_body.after             | D      | Q       | C   | C       | C   | C     | C   | C          | R   | R
 malformed_json.before            | R      | R       | f   | f       | S   | f     | f   | f          | R   | R
 malformed_json.after             | D      | Q       | C   | C       | R   | C     | C   | C          | R   | R
 slow_body.before                 | R      | R       | R   | R       | R   | R     | R   | R          | R   | R
 slow_body.after                  | R      | R       | R   | R       | R   | R     | R   | R          | R   | R
 api_refusal.before.401           | R      | R       | f   | f       | S   | f     | f   | f          | f   | f
 api_refusal.before.402           | R      | R       | f   | f       | S   | f     | f   | f          | f   | f
 api_refusal.before.403           | R      | R       | f   | f       | S   | f     | S   | f          | f   | f
 api_refusal.before.404           | R      | R       | f   | f       | S   | f     | f   | f          | f   | f
 api_refusal.before.405           | R      | R       | f   | f       | S   | f     | f   | f          | f   | f
 api_refusal.before.406           | R      | R       | f   | f       | S   | f     | f   | f          | f   | f
 api_refusal.before.407           | R      | R       | f   | f       | S   | f     | f   | f          | f   | f
 api_refusal.before.408           | R      | R       | f   | f       | S   | f     | f   | f          | f   | f
 api_refusal.before.409           | R      | R       | f   | f       | S   | f     | f   | f          | f   | f
 api_refusal.before.410           | R      | R       | f   | f       | S   | f     | f   | f          | f   | f
 wire/types=table                 | R      | R       | R   | R       | R   | C     | R   | R          |     | R
 wire/http_status=mapped          | R      | R       | R   | R       | R   | R     | R   | R          |     | R
 wire/content_type=text/html      | R      | R       | R   | R       | R   | R     | R   | R          |     | R
 wire/message=bare                | R      | R       | R   | R       | R   | R     | R   | R          |     | R
 instant/2022-01-31T12:00:00Z     | R      | R       | R   | R       | R   | R     | R   | R          |     | R
 instant/2022-02-28T12:00:00Z     | R      | R       | R   | R       | R   | R     | R   | R          |     | R
 instant/2020-02-29T12:00:00Z     | R      | R       | R   | R       | R   | R     | R   | R          |     | R
 instant/2021-12-31T23:59:59Z     | R      | R       | R   | R       | R   | R     | R   | R          |     | R
 instant/2023-01-31T23:59:59.999Z | R      | R       | R   | R       | R   | R     | R   | R          |     | R
 instant/2023-02-01T00:00:00Z     | f      | f       | f   | f       | S   | f     | f   | S          |     | f *`

const CREATE = 'create-project.-.2.1'
const UPGRADE = 'change-billing.5786.2.1'

/** Commands, and the columns of the table for their calls. */
const CLIENTS: ReadonlyArray<[command: string, calls: Readonly<Record<string, string>>]> = [
  ['node clients/retries-on-any-error.mjs create', { create: CREATE }],
  ['node clients/retries-on-any-error.mjs upgrade', { upgrade: UPGRADE }],
  ['python3 clients/retries-on-5xx.py', { '5xx': CREATE }],
  ['python3 clients/reports-a-time-out-as-a-failure.py', { timeout: UPGRADE }],
  ['sh clients/takes-200-for-success.sh', { 200: UPGRADE }],
  ['python3 clients/breaks-on-the-table-dialect.py', { table: UPGRADE }],
  ['node clients/ignores-403.mjs', { 403: UPGRADE }],
  ['node clients/goes-on-after-the-switch-off.mjs', { 'switch-off': UPGRADE }],
  ['python3 clients/asks-before-it-retries.py', { ask: 'get-projects.5786.-.1', order: UPGRADE }]
]

/** A client that never succeeds. */
const HOPELESS = 'node clients/compares-status-with-a-string.mjs'

/** Where these programs are not, their clients can't be run. */
const missing = (command: string): { skip?: string } => {
  const needed = command.startsWith('sh ') ? 'curl' : command.split(' ')[0]!
  return spawnSync(needed, ['--version']).status === 0 ? {} : { skip: `there is no ${needed} here` }
}

const folder = mkdtempSync(join(tmpdir(), 'picky-clients-'))
t.teardown(() => { rmSync(folder, { recursive: true }) })
mkdirSync(join(folder, 'bin'))
symlinkSync(CLI, join(folder, 'bin', 'picky-emulator'))

/** Runs a line as a user's shell would, in the folder of the examples. */
async function shell (line: string, variables: Readonly<Record<string, string>> = {}) {
  const path = `PATH=${join(folder, 'bin')}${delimiter}${process.env.PATH!}`
  return await run('env', [path, ...Object.entries(variables).map(([name, value]) => `${name}=${value}`), 'sh', '-eu', '-c', line], { cwd: join(ROOT, 'examples') })
}

/** Runs that the table has for some columns, with the verdict that is expected of each: those that are tried, if not others are asked for. */
function expected (calls: Readonly<Record<string, string>>, isChosen = (isStarred: boolean, nth: number) => effort(isStarred, isProved(nth))): Map<string, string> {
  const [head, ...rows] = TABLE.trim().split('\n').map(line => line.split('|').map(cell => cell.trim()))
  return new Map(rows.flatMap((row, index) => Object.entries(calls).flatMap(([column, point]) => {
    const [letter = '', star] = row[head!.indexOf(column)]!.split(' ')
    if (letter === '' || !isChosen(star !== undefined, index + head!.indexOf(column))) return []
    const id = /^(wire|instant)\//.test(row[0]!) ? row[0]! : `${point}/${row[0]!}`
    return [[id, VERDICTS[letter]!]]
  })))
}

t.test('every client is in the table, says what is wrong with it, and has the vendor\'s address compiled in', async t => {
  const files = readdirSync(join(ROOT, 'examples', 'clients'))
  t.strictSame([...new Set([...CLIENTS.map(([command]) => command), HOPELESS].map(command => command.split(/[ /]/)[2]))].sort(), files.sort())
  for (const file of files) {
    const text = readFileSync(join(ROOT, 'examples', 'clients', file), 'utf8')
    t.match(text, /^(#!.*\n)?(#|\/\/) (Wrong|Right): /, file)
    t.match(text, 'https://pickyassist.com/app/api/v2/pm/', file)
    t.match(text, /BILLING_TOKEN/, file)
  }
})

t.test('sweep says of each client what is written down', { jobs: 2 }, async t => {
  for (const [command, calls] of CLIENTS) {
    if (expected(calls).size === 0) continue
    t.test(command, missing(command), async t => {
      const runs = expected(calls)
      const report = join(folder, `${Object.keys(calls)[0]!}.json`)
      const isWhole = runs.size === expected(calls, () => true).size
      const only = isWhole ? '' : `${effort('--repeat 1 ', '')}--only '${[...runs.keys()].join(',')}'`
      const line = `picky-emulator sweep --faults all --instants ${only} --jobs 2 --log-level silent --report ${report} -- ${command}`
      const { code, stdout, stderr } = await shell(line, effort({ BILLING_TIMEOUT: '3000' }, {}))
      const { results, ok } = JSON.parse(readFileSync(report, 'utf8')) as SweepReport
      t.strictSame(Object.fromEntries(results.map(result => [result.id, verdictText(result)])), Object.fromEntries(runs), `${stdout}\n${stderr}`)
      const isWrong = [...runs.values()].some(verdict => /double|false/.test(verdict))
      t.equal(code, isWrong ? 1 : 0)
      t.equal(ok, !isWrong)

      // The same run by hand, for npm test of one client only: what it costs is the last thing that `run` says.
      const failures = results.filter(({ mark }) => mark === 'failure')
      for (const failure of failures.slice(0, effort('upgrade' in calls ? 1 : 0, 3))) {
        await reproduces(t, failure)
        for (const other of failure.if) {
          const { stderr } = await shell(other.reproduce!)
          t.match(stderr, /\npicky-emulator: 10 USD in all\n$/, other.reproduce!)
        }
      }
    })
  }
})

async function reproduces (t: Test, { reproduce, exit_code: exitCode, charged }: SweepResult): Promise<void> {
  const { code, stderr } = await shell(reproduce!)
  t.equal(code, exitCode, reproduce!)
  const said = stderr.split('\n').at(-2)
  if (charged === '0') t.equal(said, 'picky-emulator: no account was charged')
  else t.match(said, charged === '5' ? /^picky-emulator: demo was charged 5 USD for plan 2 of project \d+$/ : `picky-emulator: ${charged} USD in all`)
}

t.test('a client that never succeeds is told that it was charged all the same', async t => {
  t.strictSame(await shell(`picky-emulator sweep --log-level silent -- ${HOPELESS}`), {
    code: 3,
    stdout: '',
    stderr: 'picky-emulator: there is no reference: without a fault, the command failed with exit code 1, although 5 USD had been booked; it said "not upgraded: Success"\n'
  })
})
