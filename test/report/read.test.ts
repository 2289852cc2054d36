import t from 'tap'
import type { SweepCall, SweepReport } from '../../src/contract/sweep-report.js'
import type { Problem } from '../../src/problem.js'
import { collectIssues } from '../../src/scenario/issues.js'
import { readSweepReport, type ReportIssue } from '../../src/report/read.js'
import { SweepReportSchema } from '../../src/sweep/report-schema.js'
import { largeReport, sweepCall, sweepReport, sweepResult } from '../support/sweep-report.js'

/** A report with something in every place. */
const FULL: SweepReport = sweepReport([
  sweepResult({
    fault: { kind: 'api_refusal', when: 'before', status: 403 },
    question: { name: 'same-plan', choice: 'charge-again' },
    wire: { types: 'table' },
    instant: '2022-01-31T12:00:00Z',
    if: [{ name: 'a', choice: 'b', verdict: 'hung', says: 'x', reproduce: 'y' }],
    signal: 'SIGKILL'
  }),
  sweepResult({ call: null, fault: null, exit_code: null, reproduce: null })
], {
  options: ['--strict'],
  shards: { of: 2, done: [1] },
  accepted: ['hung'],
  questions_not_met: ['a'],
  questions_settled: ['b'],
  reference: { calls: [sweepCall({ assumptions: ['same-plan'], rule: 'x' })], charged: '5', duration_ms: 1, resets: false, unmet: ['x'] }
})

const WRONG: readonly unknown[] = [
  null, true, 0, -1, 1, 1.5, 1e9, '', 'x', '4.99', '5.', '1e3', 'before', 'picky-emulator-sweep', [], [null], ['x'], [1], {}, { name: 'x' }, 'y'.repeat(100)
]

/** What is said of a value by the schema, which the command checks reports with. */
function bySchema (value: unknown): ReportIssue | null {
  try {
    collectIssues('the report').check(SweepReportSchema, value)
    return null
  } catch (error) {
    return (error as Problem).issues[0]!
  }
}

function byReader (value: unknown): ReportIssue | null {
  const read = readSweepReport(value)
  return 'issue' in read ? read.issue : null
}

/** Gives every place in a value, as the keys that lead to it, the root first. */
function placesIn (value: unknown, path: readonly string[] = []): string[][] {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, next]) => placesIn(next, [...path, key])) : []
  return [[...path], ...inner]
}

/** Gives a copy of a value that has another one at a place, or nothing for `undefined`. */
function withValue (value: unknown, [key, ...rest]: readonly string[], other: unknown): unknown {
  if (key === undefined) return other
  const copy = structuredClone(value) as Record<string, unknown>
  copy[key] = withValue(copy[key], rest, other)
  if (copy[key] === undefined && !Array.isArray(copy)) delete copy[key]
  return copy
}

/** Tells a place at which the reader checks less than the schema: nothing there is shown. */
const isNotShown = (pointer: string): boolean => /^\/results\/\d+\/(wire\/|fault\/(?!kind$|when$))/.test(pointer)

t.test('the reader for pages accepts what the schema accepts, and refuses the rest at the same place', async t => {
  t.same([byReader(FULL), bySchema(FULL)], [null, null])
  let tried = 0
  const unlike: unknown[] = []
  for (const path of placesIn(FULL)) {
    for (const wrong of [undefined, ...WRONG]) {
      const value = withValue(FULL, path, wrong)
      const [reader, schema] = [byReader(value), bySchema(value)]
      const where = `/${path.join('/')} = ${JSON.stringify(wrong)}`
      if (schema === null) {
        if (reader !== null && !(reader.pointer.endsWith('/call') && /^a number of the \d calls/.test(reader.expected))) unlike.push([where, reader])
      } else if (!isNotShown(schema.pointer) && reader?.pointer !== schema.pointer) unlike.push([where, reader, schema])
      tried++
    }
  }
  t.same(unlike, [])
  t.ok(tried > 1500)
  for (const report of [largeReport(3), sweepReport([]), sweepReport([], { command: null })]) t.equal(byReader(report), null)
})

t.test('what is wrong is said with its place, what is there, and what would be right', async t => {
  const rows: ReadonlyArray<readonly [value: unknown, pointer: string, found: string, expected: string]> = [
    [undefined, '', 'nothing', 'a report of sweep'],
    [[], '', '[]', 'a report of sweep'],
    [[1], '', 'a list', 'a report of sweep'],
    [{ ...FULL, version: 2 }, '/version', '2', '1'],
    [{ ...FULL, emulator: undefined }, '/emulator', 'nothing', 'a string'],
    [{ ...FULL, command: {} }, '/command', 'an object', 'a list of strings, or null'],
    [{ ...FULL, command: [1] }, '/command/0', '1', 'a string'],
    [{ ...FULL, planned: 'z'.repeat(99) }, '/planned', `"${'z'.repeat(56)}...`, 'a whole number from 0'],
    [withValue(FULL, ['results', '1', 'call'], 2), '/results/1/call', '2', 'a number of the 1 calls of the reference'],
    [withValue(FULL, ['results', '0', 'charged'], '5 USD'), '/results/0/charged', '"5 USD"', 'an amount in USD as a string, such as "4.99"'],
    [Object.create(FULL), '/format', 'nothing', '"picky-emulator-sweep"']
  ]
  for (const [value, pointer, found, expected] of rows) t.same(byReader(value), { pointer, found, expected })
})

t.test('a report with more columns than there are failures, or more cells than can be looked at, is refused: its matrix could fill the memory', async t => {
  const withStatuses = (number: number) => sweepReport(Array.from({ length: number }, (_, status) => sweepResult({ fault: { kind: 'api_refusal', status } })))
  t.equal(byReader(withStatuses(200)), null)
  t.same(byReader(withStatuses(201)), { pointer: '/results', found: '201 different faults', expected: 'at most 200' })
  const withCalls = (number: number) => sweepReport([sweepResult()], { reference: { ...FULL.reference, calls: new Array<SweepCall>(number).fill(sweepCall()) } })
  t.equal(byReader(withCalls(1_000_000)), null)
  t.same(byReader(withCalls(1_000_001)), {
    pointer: '/reference/calls', found: '1000001 calls under 1 different faults', expected: 'a matrix of at most 1000000 cells'
  })
})
