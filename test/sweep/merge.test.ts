import fc from 'fast-check'
import t from 'tap'
import type { SweepReport } from '../../src/contract/sweep-report.js'
import { ALL_FAULTS } from '../../src/domain/sweep-plan.js'
import { mergeReports, type ReportFile } from '../../src/sweep/merge.js'
import { countsOf } from '../../src/report/report.js'
import { effort } from '../support/effort.js'
import { largeReport, sweepCall, sweepReport, sweepResult } from '../support/sweep-report.js'

/** Part of a report, as `--shard INDEX/OF` makes it. */
function shardOf (report: SweepReport, index: number, of: number): SweepReport {
  const results = report.results.filter(({ number }) => number % of === index % of)
  return { ...report, results, ...countsOf(results, true), shards: { of, done: [index] }, duration_ms: index, started_at: `2026-06-16T12:00:0${index}.000Z` }
}

function merged (reports: readonly SweepReport[]): SweepReport {
  return mergeReports(reports.map((report, index) => ({ file: `${index}.json`, report })) as [ReportFile, ...ReportFile[]])
}

/** A report without what differs between two runs of the same sweep. */
function timeless ({ started_at: _startedAt, duration_ms: _duration, ...report }: SweepReport): unknown {
  return report
}

const WHOLE = largeReport(9)

t.test('shards in whatever order, merged at once or step by step, give the report of one run', async t => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 7 }).chain(of => fc.tuple(
    fc.shuffledSubarray(Array.from({ length: of }, (_, index) => index + 1), { minLength: of, maxLength: of }), fc.integer({ min: 1, max: of })
  )), ([order, cut]) => {
    const shards = order.map(index => shardOf(WHOLE, index, order.length))
    const [first, rest] = [shards.slice(0, cut), shards.slice(cut)]
    t.same(timeless(merged(shards)), timeless(WHOLE))
    t.same(timeless(merged([merged(first), ...rest])), timeless(WHOLE))
    t.same(timeless(merged([...rest, merged(first), ...first])), timeless(WHOLE), 'a shard that is there twice counts once')
  }), { numRuns: effort(30, 1000) })
  const both = merged([shardOf(WHOLE, 2, 2), shardOf(WHOLE, 1, 2)])
  t.same([both.started_at, both.duration_ms], ['2026-06-16T12:00:01.000Z', 3])
})

t.test('what is missing is said, and can be merged in later', async t => {
  const [one, two, three] = [1, 2, 3].map(index => shardOf(WHOLE, index, 3)) as [SweepReport, SweepReport, SweepReport]
  const part = merged([three, one])
  t.match(part, { complete: false, shards: { of: 3, done: [1, 3] } })
  t.same(timeless(merged([part, two])), timeless(WHOLE))
  const interrupted = { ...two, results: two.results.slice(0, 5), complete: false }
  const all = merged([one, interrupted, three])
  t.match(all, { complete: false, shards: { of: 3, done: [1, 2, 3] } })
  t.same(timeless(merged([all, two])), timeless(WHOLE), 'the shard that was interrupted is made again')
  t.same(timeless(merged([{ ...WHOLE, results: WHOLE.results.slice(0, 7), complete: false }, WHOLE])), timeless(WHOLE))
  t.match(merged([{ ...WHOLE, results: WHOLE.results.slice(0, 7), complete: false }]), { complete: false, shards: null })
  const chosen = { ...WHOLE, results: WHOLE.results.slice(0, 2) }
  t.match(merged([chosen]), { complete: true, shards: null }, 'all that --only names')
  t.match(merged([WHOLE, one]), { complete: true, shards: null })
})

t.test('of two results of one run the worse counts, whichever comes first', async t => {
  const shards = { of: 1, done: [1] }
  const [good, bad, unmet, worth, other] = [
    sweepReport([sweepResult()], { shards }), sweepReport([sweepResult({ verdict: 'hung' })], { shards }), sweepReport([sweepResult({ verdict: 'not-reached' })], { shards }),
    sweepReport([sweepResult({ verdict: 'charged-but-failed' })], { shards }), sweepReport([sweepResult({ verdict: 'failed' })], { shards })
  ] as const
  for (const [better, worse] of [[good, bad], [good, unmet], [unmet, worth], [worth, bad]] as const) {
    t.same(merged([better, worse]).results, worse.results)
    t.same(merged([worse, better]).results, worse.results)
  }
  t.equal(merged([good, bad]).ok, false)
  t.same(merged([good, other]).results, merged([other, good]).results)
  for (const [verdict, accepted] of [['crashed', 'hung'], ['hung', 'crashed']] as const) {
    const [allowed, failed] = [sweepReport([sweepResult({ verdict: accepted, accepted: true })], { shards, accepted: [accepted] }), sweepReport([sweepResult({ verdict })], { shards, accepted: [accepted] })]
    for (const reports of [[allowed, failed], [failed, allowed]]) t.match(merged(reports), { ok: false, results: failed.results }, 'what is accepted hides nothing')
  }
  for (const verdict of ['crashed', 'hung', 'false-success'] as const) {
    const [other, double] = [sweepReport([sweepResult({ verdict })], { shards }), sweepReport([sweepResult({ verdict: 'double-charge' })], { shards })]
    for (const reports of [[other, double], [double, other]]) t.same(merged(reports).results, double.results, `a double charge is worse than ${verdict}`)
  }
  for (const text of ['a', 'z']) {
    const short = sweepReport([sweepResult({ short_of_money: true, says: text })], { shards })
    for (const reports of [[good, short], [short, good]]) t.same(merged(reports).results, short.results, 'that money was short is not lost')
  }
})

t.test('in which order verdicts are accepted makes no difference', async t => {
  const [one, two] = [shardOf(WHOLE, 1, 2), shardOf(WHOLE, 2, 2)]
  t.match(merged([{ ...one, accepted: ['hung', 'crashed', 'hung'] }, { ...two, accepted: ['crashed', 'hung'] }]), { complete: true })
})

t.test('reports of different sweeps are refused in one line', async t => {
  const reference = WHOLE.reference
  const cases: Array<[Partial<SweepReport>, string]> = [
    [{ command: ['npm', 'run', 'other'] }, 'commands'],
    [{ options: ['--strict'] }, 'options'],
    [{ emulator: '0.0.1' }, 'versions of the emulator'],
    [{ reference: { ...reference, calls: [sweepCall()] } }, 'calls of the reference'],
    [{ reference: { ...reference, charged: '1' } }, 'charges in the reference'],
    [{ planned: 7 }, 'plans'],
    [{ plan: 'another' }, 'plans'],
    [{ accepted: ['hung'] }, 'accepted verdicts'],
    [{ shards: { of: 3, done: [2] } }, 'numbers of shards']
  ]
  const one = shardOf(WHOLE, 1, 2)
  for (const [given, what] of cases) {
    t.throws(() => merged([one, { ...shardOf(WHOLE, 2, 2), ...given }]), { name: 'Problem', message: `0.json and 1.json are not of the same sweep: their ${what} differ` })
  }
  t.match(merged([one, { ...shardOf(WHOLE, 2, 2), reference: { ...reference, duration_ms: 5, resets: true, unmet: [] } }]).reference, { duration_ms: 5, resets: true, unmet: [] })
})

/** A report as a shard makes it whose calls came in another order: the same runs, under other numbers. */
function reordered (report: SweepReport, order: readonly number[]): SweepReport {
  const { reference, results } = report
  const at = (call: number): number => order.indexOf(call - 1) + 1
  const moved = results.map(result => result.call === null
    ? result
    : { ...result, call: at(result.call), number: result.number + (at(result.call) - result.call) * ALL_FAULTS.length })
  return { ...report, reference: { ...reference, calls: order.map(index => reference.calls[index]!) }, results: moved.sort((a, b) => a.number - b.number) }
}

t.test('shards whose calls came in another order each time give the report of one run', async t => {
  fc.assert(fc.property(fc.array(fc.shuffledSubarray([...Array(9).keys()], { minLength: 9, maxLength: 9 }), { minLength: 1, maxLength: 4 }), orders => {
    const of = orders.length + 1
    const shards = orders.map((order, index) => reordered(shardOf(WHOLE, index + 2, of), order))
    t.same(timeless(merged([shardOf(WHOLE, 1, of), ...shards])), timeless(WHOLE))
  }), { numRuns: effort(30, 1000) })
  const alone = { ...sweepReport([sweepResult({ number: 3, call: 2 }), sweepResult({ number: 4, call: null, fault: null, id: 'wire/types=table' })]), reference: { ...WHOLE.reference, calls: WHOLE.reference.calls.slice(0, 2) } }
  t.match(merged([{ ...alone, results: [] }, reordered(alone, [1, 0])]).results, [{ call: 2 }, { call: null }], 'also where there is one run')
})

t.test('calls that are alike are told apart by their number, and must be the same', async t => {
  const likes = (...statuses: number[]) => sweepReport([sweepResult()], {
    reference: { ...WHOLE.reference, calls: statuses.map((status, skip) => sweepCall({ api_status: status, skip })) }
  })
  t.doesNotThrow(() => merged([likes(100, 119), likes(100, 119)]))
  t.throws(() => merged([likes(100, 119), likes(119, 100)]), { message: /their calls of the reference differ$/ })
  t.throws(() => merged([likes(100, 119), likes(100)]), { message: /their calls of the reference differ$/ })
})

t.test('what one shard or another has set and never met is listed once', async t => {
  const setting = (unmet: string[]) => sweepReport([sweepResult()], { reference: { ...WHOLE.reference, unmet } })
  t.same(merged([setting(['a', 'b']), setting(['b', 'c'])]).reference.unmet, ['a', 'b', 'c'])
})

t.test('reports that are small enough each, and together have a matrix that could fill the memory, are refused', async t => {
  const withStatuses = (from: number): SweepReport => sweepReport(Array.from({ length: 150 }, (_, index) =>
    sweepResult({ id: `${from + index}`, fault: { kind: 'api_refusal', when: 'before', status: from + index } })))
  t.doesNotThrow(() => merged([withStatuses(0), withStatuses(0)]))
  t.throws(() => merged([withStatuses(0), withStatuses(150)]), {
    message: 'the merged report is wrong at /results: found 300 different faults, expected at most 200'
  })
})
