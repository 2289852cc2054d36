import { Ajv2020 } from 'ajv/dist/2020.js'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { SweepCall, SweepReport } from '../../src/contract/sweep-report.js'
import { FAULT_KINDS } from '../../src/domain/fault.js'
import { DEFAULT_SETTINGS } from '../../src/domain/settings.js'
import { ALL_FAULTS } from '../../src/domain/sweep-plan.js'
import { STATUS_TEXTS } from '../../src/api/status-codes.js'
import { readFault } from '../../src/scenario/faults.js'
import type { Runner } from '../../src/sweep/observation.js'
import { SweepReportSchema } from '../../src/sweep/report-schema.js'
import { sweepAll } from '../../src/sweep/sweep.js'
import { readReport, REPORT_ENDINGS, writeReports } from '../../src/sweep/write-report.js'
import { largeReport, sweepCall, sweepReport, sweepResult } from '../support/sweep-report.js'

const isValid = new Ajv2020().compile(JSON.parse(JSON.stringify(SweepReportSchema)))

const REPORTS = [
  largeReport(4, { output: 'x\u0000\ud800 "\n\u2028y' }),
  sweepReport([], { command: null, shards: { of: 3, done: [1] }, complete: false, planned: 5, accepted: ['hung'] }),
  sweepReport([sweepResult({
    fault: { kind: 'api_refusal', when: 'before', endpoint: 'get-projects', project_id: 0, skip: 1, times: 1, status: 403 },
    if: [{ name: 'a', choice: 'b', verdict: 'hung', says: '"results": []', reproduce: null }],
    exit_code: null,
    signal: 'SIGKILL',
    ending: 'signal'
  })], { reference: { calls: [sweepCall({ endpoint: 'get-projects', project_id: 0, plan_id: null, api_status: null, rule: 'token-must-be-known' })], charged: '0.001', duration_ms: 1, resets: true, unmet: [] } })
]

/** Runs of a client that asks for all projects, then buys, and buys again if the answer is lost. */
const run: Runner = async ({ fault }) => {
  const isLost = fault?.endpoint === 'change-billing' && fault.when === 'after'
  const charge = { kind: 'plan-change' as const, mills: 5000, projectId: 5786, planId: 2, requestId: 'r' }
  const decision = { status: 100, rule: null, assumptions: ['same-plan' as const], charged: true, emulatedAt: 0, disabledAt: Infinity }
  const call = { id: 'r', account: 'demo', endpoint: 'change-billing', projectId: 5786, planId: 2, triggered: null, hasOwnFault: false, decision }
  const first = { ...call, id: 'q', endpoint: 'get-projects', projectId: 0, planId: null, decision: null }
  const calls = [first, call, ...isLost ? [call] : []]
  const triggered = fault && { id: 'sweep', fault: readFault(fault, 1, 0).fault, matched: 0, account: 'demo', delayMs: 0 }
  return {
    ending: 'success',
    exitCode: 0,
    signal: null,
    durationMs: 12.3,
    output: 'done\n',
    calls: calls.map((made, index) => ({ ...made, triggered: calls.slice(0, index + 1).findIndex(({ endpoint }) => endpoint === fault?.endpoint) === index ? triggered : null })),
    totalCalls: calls.length,
    books: [{ account: 'demo', isNamed: true, charges: isLost ? [charge, { ...charge, requestId: 's' }] : [charge], projects: [] }],
    unmet: [],
    resets: false,
    saved: null
  }
}

t.test('the report of a sweep obeys the schema that is published', async t => {
  const report = await sweepAll({
    run,
    command: ['npm', 'test'],
    options: ['--strict'],
    vary: { faults: ALL_FAULTS, questions: true, settled: [], wire: DEFAULT_SETTINGS.wire, fixed: [] },
    instants: true,
    repeat: 2,
    jobs: 2,
    shard: { index: 1, of: 1 },
    only: null,
    accepted: ['hung'],
    reproduce: () => 'picky-emulator run'
  }, {}, new AbortController().signal)
  t.ok(isValid(JSON.parse(JSON.stringify(report))), JSON.stringify(isValid.errors))
  const file = join(t.testdir(), 'report.json')
  writeReports([file], report)
  t.same(readReport(file), report)
  t.equal(report.results.find(({ id }) => id.endsWith('change-billing.5786.2.1/hang.after'))?.says,
    'the change of project 5786 to plan 2 was left without an answer after 5 USD had been booked; the client asked again, and 5 USD were booked a second time')
})

t.test('a JSON report obeys its published schema, and is read as it was written', async t => {
  const file = join(t.testdir(), 'a/b/report.json')
  for (const report of REPORTS) {
    t.ok(isValid(report), JSON.stringify(isValid.errors))
    writeReports([file], report)
    const text = readFileSync(file, 'utf8')
    t.equal(text, `${JSON.stringify(report, null, 2)}\n`)
    t.same(readReport(file), JSON.parse(text))
  }
})

t.test('every ending is written, and nothing else is left behind', async t => {
  const folder = t.testdir()
  writeReports(REPORT_ENDINGS.map(ending => join(folder, `report${ending}`)), REPORTS[0]!)
  t.same(readdirSync(folder).sort(), ['report.html', 'report.json', 'report.md', 'report.xml'])
  for (const [name, start] of Object.entries({ 'report.html': '<!doctype html>', 'report.json': '{', 'report.md': '# Sweep', 'report.xml': '<?xml' })) {
    t.ok(readFileSync(join(folder, name), 'utf8').startsWith(start), name)
  }
})

t.test('a report that cannot be written is told in one line, and leaves no draft', async t => {
  const folder = t.testdir()
  mkdirSync(join(folder, 'taken.json'))
  t.throws(() => writeReports([join(folder, 'taken.json')], REPORTS[0]!), { name: 'Problem', message: `--report is wrong: ${join(folder, 'taken.json')} can't be written (EISDIR)` })
  writeFileSync(join(folder, 'file'), '')
  t.throws(() => writeReports([join(folder, 'file/report.md')], REPORTS[0]!), { message: /file\/report.md can't be written \((EEXIST|ENOTDIR)\)$/ })
  t.same(readdirSync(folder).sort(), ['file', 'taken.json'])
})

t.test('a file that is no report is refused with the place, and with what would be right there', async t => {
  const file = join(t.testdir(), 'report.json')
  const report = JSON.parse(JSON.stringify(REPORTS[0])) as SweepReport
  const result = report.results[0]!
  const cases: Array<[string, object, string]> = [
    ['/format', { format: 'other' }, 'found "other", expected "picky-emulator-sweep"'],
    ['/version', { version: 2 }, 'found 2, expected 1'],
    ['/ok', { ok: 'yes' }, 'found "yes", expected true or false'],
    ['/planned', { planned: -1 }, 'found -1, expected a whole number from 0'],
    ['/shards', { shards: 3 }, 'found 3, expected the shards that it covers, or null'],
    ['/reference/charged', { reference: { ...report.reference, charged: 5 } }, 'found 5, expected an amount in USD as a string, such as "4.99"'],
    ['/accepted/0', { accepted: ['hang'] }, 'found "hang", expected one of recovered, failed, failed-cleanly, charged-but-failed, double-charge, false-success, hung, crashed, not-reached'],
    ['/results', { results: {} }, 'found {}, expected a list of results'],
    ['/results/1/mark', { results: [result, { ...result, mark: 'bad' }] }, 'found "bad", expected one of pass, warning, failure, none'],
    ['/results/0/output', { results: [{ ...result, output: undefined }] }, 'found nothing, expected a string'],
    ['/results/0/call', { results: [{ ...result, call: 0 }] }, 'found 0, expected a whole number from 1, or null']
  ]
  for (const [pointer, given, expected] of cases) {
    const text = JSON.stringify({ ...report, ...given })
    writeFileSync(file, text)
    t.notOk(isValid(JSON.parse(text)), 'nor does the other validator take it')
    let message = ''
    try { readReport(file) } catch (error) { message = (error as Error).message }
    t.match(message, new RegExp(`^${file.replaceAll('.', '\\.')}:1:\\d+: the report is wrong at ${pointer}: `))
    t.ok(message.includes(expected), message)
    t.notMatch(message, '\n')
  }
  writeFileSync(file, JSON.stringify({ ...report, results: [{ ...result, call: 5 }] }))
  t.throws(() => readReport(file), { message: /: the report is wrong at \/results\/0\/call: found 5, expected a number of the 4 calls of the reference$/ })
  const columns = FAULT_KINDS.flatMap(kind => ['before', 'after'].flatMap(when => Object.keys(STATUS_TEXTS).slice(1).map(Number).map(status => ({ kind, when, status }))))
  const calls = new Array<SweepCall>(20_000).fill(sweepCall())
  const results = columns.slice(0, 100).map(fault => ({ ...result, fault }))
  writeFileSync(file, JSON.stringify({ ...report, results, reference: { ...report.reference, calls } }))
  t.throws(() => readReport(file), { message: /:1:\d+: the report is wrong at \/reference\/calls: found 20000 calls under 100 different faults, expected a matrix of at most 1000000 cells$/ })
  writeFileSync(file, '{"format":}')
  t.throws(() => readReport(file), { message: `${file}:1:11: value expected` })
  t.throws(() => readReport(`${file}.x`), { message: `${file}.x: no such file` })
})
