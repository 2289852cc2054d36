import t from 'tap'
import { callText, columnName, countsOf, findingLine, findingsOf, matrixOf, notesOf, outputsOf, summaryText, verdictText } from '../../src/report/report.js'
import { largeReport, sweepCall, sweepReport, sweepResult } from '../support/sweep-report.js'

const IF = [{ name: 'same-plan', choice: 'charge-again', verdict: 'double-charge' as const, says: 'twice', reproduce: 'again' }]

t.test('a report counts an accepted failure apart', async t => {
  const results = [
    sweepResult(), sweepResult({ verdict: 'hung' }), sweepResult({ verdict: 'hung', accepted: true }), sweepResult({ verdict: 'charged-but-failed' }), sweepResult({ verdict: 'not-reached' })
  ]
  t.same(countsOf(results, true), { counts: { pass: 1, warning: 1, failure: 1, none: 1, accepted: 1 }, ok: false })
  for (const isComplete of [true, false]) t.equal(countsOf(results.filter(({ verdict, accepted }) => verdict !== 'hung' || accepted), isComplete).ok, isComplete)
})

t.test('a report is summed up in one line, which says what is missing', async t => {
  t.equal(summaryText(sweepReport([sweepResult()])), '1 run; 1 call, 5 USD charged in the reference; ✓ 1; ⚠ 0; ✗ 0; · 0 not reached')
  t.equal(summaryText(sweepReport([sweepResult({ verdict: 'hung', accepted: true }), sweepResult({ verdict: 'hung' })], {
    complete: false, planned: 9, shards: { of: 4, done: [1, 3] }, questions_not_met: ['a', 'b'], reference: { calls: [sweepCall(), sweepCall()], charged: '10', duration_ms: 1, resets: false, unmet: [] }
  })), '2 runs of 9, which is not all (shard 1, 3 of 4); 2 calls, 10 USD charged in the reference; ✓ 0; ⚠ 0; ✗ 1; · 0 not reached; 1 accepted; 2 open questions not met')
})

t.test('what the reference set and never met is listed, as far as there is room', async t => {
  const linesOf = (number: number) =>
    notesOf(sweepReport([], { reference: { calls: [], charged: '0', duration_ms: 1, resets: false, unmet: Array.from({ length: number }, (_, index) => `a: ${index}`) } }))[0]?.lines ?? []
  t.same(linesOf(0), [])
  t.same([linesOf(10).length, linesOf(10).at(-1)], [10, 'a: 9'])
  t.same([linesOf(12).length, ...linesOf(12).slice(-2)], [11, 'a: 9', 'and 2 more'])
})

t.test('runs that were short of money are listed, as a double charge may be hidden there', async t => {
  const results = [sweepResult(), ...[2, 3].map(number => sweepResult({ number, short_of_money: true }))]
  t.same(notesOf(sweepReport(results)).map(({ lines }) => lines), [['change-billing.5786.2.1/hang.after.2', 'change-billing.5786.2.1/hang.after.3']])
})

t.test('alike findings are one, and what costs most comes first', async t => {
  const results = [
    sweepResult({ number: 1, call: null, fault: null, id: 'wire/types=table', verdict: 'hung' }),
    sweepResult({ number: 2, verdict: 'charged-but-failed' }),
    sweepResult({ number: 3, verdict: 'double-charge', accepted: true }),
    sweepResult({ number: 4, verdict: 'crashed' }),
    sweepResult({ number: 5, verdict: 'recovered', mark: 'failure', if: IF }),
    sweepResult({ number: 6, verdict: 'false-success' }),
    sweepResult({ number: 7 }),
    sweepResult({ number: 8, verdict: 'not-reached' }),
    sweepResult({ number: 9, verdict: 'double-charge', charged: '10' }),
    sweepResult({ number: 10, verdict: 'double-charge', charged: '10' }),
    sweepResult({ number: 11, verdict: 'double-charge', charged: '15' }),
    sweepResult({ number: 12, verdict: 'double-charge', charged: '10', call: 2 })
  ]
  t.same(findingsOf({ results }).map(finding => finding.map(({ number }) => number)), [[5], [9, 10], [11], [12], [6], [4], [1], [2], [3]])
  const fault = (kind: 'hang' | 'http_error', when: 'before' | 'after') => ({ kind, when, endpoint: 'change-billing' })
  const late = [
    sweepResult({ number: 1, id: 'a', verdict: 'double-charge', fault: fault('http_error', 'after') }),
    sweepResult({ number: 2, id: 'b', verdict: 'double-charge', fault: fault('hang', 'before'), reproduce: 'run --fault kind=delay,when=before' }),
    sweepResult({ number: 3, id: 'c', verdict: 'double-charge', fault: fault('hang', 'after'), reproduce: 'run --fault kind=hang,when=after' })
  ]
  t.same(findingsOf({ results: late }).map(finding => finding.map(({ number }) => number)), [[1, 3], [2]], 'an arrival at the end has a line of its own')
})

t.test('the line of a finding shows what went wrong, not what went well', async t => {
  t.equal(findingLine(sweepResult({ verdict: 'hung', reproduce: 'x' })), 'x')
  t.equal(findingLine(sweepResult({ verdict: 'recovered', mark: 'failure', if: IF })), null)
  t.equal(verdictText(sweepResult({ if: IF })), 'recovered; double-charge if same-plan=charge-again')
})

t.test('a matrix has a cell for each call and fault, and none without faults', async t => {
  const { columns, rows } = matrixOf(largeReport(3))
  t.same([columns.length, rows.length, rows[2]!.cells.length], [18, 3, 18])
  t.equal(rows[2]!.cells[1]!.number, 2 * 18 + 2)
  t.same(matrixOf(sweepReport([sweepResult({ fault: null, call: null })])), { columns: [], rows: [] })
  t.same(matrixOf(sweepReport([sweepResult({ call: 2 })], { reference: { calls: [sweepCall(), sweepCall()], charged: '5', duration_ms: 1, resets: false, unmet: [] } })).rows[0]!.cells, [undefined])
  t.same([columnName({ fault: { kind: 'delay' } }), columnName({ fault: { kind: 'api_refusal', when: 'after', status: 403 } })], ['delay before', 'api_refusal after 403'])
})

t.test('outputs share the room of a page, and those of runs that went well are left out', async t => {
  const [long, short, well] = [sweepResult({ verdict: 'hung', output: 'a'.repeat(5000) + 'end' }), sweepResult({ verdict: 'hung', output: 'short' }), sweepResult({ output: 'well' })]
  const outputOf = outputsOf({ results: [long, short, well] }, 4000)
  t.match(outputOf(long), /^… \(its end; the JSON report has more\)\na{1997}end$/)
  t.same([outputOf(short), outputOf(well)], ['short', ''])
  t.equal(outputsOf({ results: [long] })(long), long.output)
  t.equal(outputsOf({ results: [] })(well), '')
})

t.test('a call is named as the API names it', async t => {
  const cases: Array<[Parameters<typeof sweepCall>[0], string]> = [
    [{}, 'change-billing of project 5786 to plan 2'],
    [{ skip: 1 }, 'change-billing of project 5786 to plan 2 (number 2 of its kind)'],
    [{ endpoint: 'create-project', project_id: null }, 'create-project on plan 2'],
    [{ endpoint: 'get-projects', project_id: 0, plan_id: null }, 'get-projects of all projects'],
    [{ endpoint: 'check-balance', project_id: null, plan_id: null }, 'check-balance']
  ]
  for (const [given, expected] of cases) t.equal(callText(sweepCall(given)), expected)
})
