import { once } from 'node:events'
import t from 'tap'
import type { SweepReport } from '../../src/contract/sweep-report.js'
import type { AccountBooks } from '../../src/domain/account-books.js'
import type { AssumptionName } from '../../src/domain/assumptions.js'
import type { Fault } from '../../src/domain/fault.js'
import { DEFAULT_SETTINGS } from '../../src/domain/settings.js'
import { QUICK_FAULTS } from '../../src/domain/sweep-plan.js'
import type { ObservedCall } from '../../src/runtime/probe.js'
import { mergeReports } from '../../src/sweep/merge.js'
import type { Observation, Runner, Variation } from '../../src/sweep/observation.js'
import { NoReference } from '../../src/sweep/reference.js'
import { sweepAll, type Progress, type Sweep } from '../../src/sweep/sweep.js'

function call (id: string, more: Partial<ObservedCall> = {}, assumptions: AssumptionName[] = []): ObservedCall {
  const decision = { status: 100, rule: null, assumptions, charged: true, emulatedAt: 0, disabledAt: Infinity }
  return { id, account: 'demo', endpoint: 'change-billing', projectId: 7, planId: 2, triggered: null, hasOwnFault: false, decision, ...more }
}

function books (...requestIds: string[]): AccountBooks[] {
  const charges = requestIds.map(requestId => ({ kind: 'plan-change' as const, mills: 5000, projectId: 7, planId: 2, requestId }))
  return [{ account: 'demo', isNamed: true, charges, projects: [] }]
}

const RIGHT: Observation = {
  ending: 'success', exitCode: 0, signal: null, durationMs: 3, output: '', calls: [call('1')], totalCalls: 1, books: books('1'), unmet: [], resets: false, saved: null
}

/** A fault that triggered on a call. */
const MET = { triggered: { id: 'sweep', fault: { kind: 'hang', when: 'after' } as Fault, matched: 0, account: 'demo', delayMs: 0 } }

function sweepOf (run: Runner, more: Partial<Sweep> = {}): Sweep {
  return {
    run,
    command: ['client'],
    options: [],
    vary: { faults: QUICK_FAULTS, questions: false, settled: [], wire: DEFAULT_SETTINGS.wire, fixed: [] },
    instants: false,
    repeat: 2,
    jobs: 2,
    shard: null,
    only: null,
    accepted: [],
    reproduce: ({ fault, assume }, id) => `again ${id} ${fault?.kind ?? ''} ${JSON.stringify(assume)}`,
    ...more
  }
}

async function swept (run: (variation: Variation) => Observation, more: Partial<Sweep> = {}, progress: Progress = {}): Promise<SweepReport> {
  return await sweepAll(sweepOf(async variation => run(variation), more), progress, new AbortController().signal)
}

function isUnvaried ({ fault, assume, wire, instant }: Variation): boolean {
  return fault === null && wire === null && instant === null && Object.keys(assume).length === 0
}

t.test('each run is judged by the reference', async t => {
  const planned: number[] = []
  const seen: string[] = []
  const report = await swept(({ fault }) => {
    if (fault === null) return { ...RIGHT, unmet: [{ what: 'fault', account: null, name: 'fault-1', says: 'it met nothing' }, { what: 'clock', account: 'demo', name: 'clock', says: 'it was not asked' }] }
    const name = `${fault.kind}.${fault.when}`
    if (name === 'connection_reset.after') return { ...RIGHT, calls: [call('1', MET), call('2')], totalCalls: 2, books: books('1', '2') }
    if (name === 'hang.after') return { ...RIGHT, ending: 'timeout', durationMs: 1200, exitCode: null, signal: 'SIGTERM', calls: [call('1', MET)] }
    if (name === 'truncated_body.after') return { ...RIGHT, ending: 'failure', exitCode: 4, calls: [call('1', MET)] }
    if (name === 'http_error.before') return { ...RIGHT, calls: [call('1', { planId: 3 })] }
    if (name === 'http_error.after') return { ...RIGHT, ending: 'signal', exitCode: null, signal: 'SIGSEGV', calls: [call('1', MET)] }
    return { ...RIGHT, ending: 'failure', exitCode: 1, calls: [call('1', { ...MET, decision: null })], books: [] }
  }, {}, { onPlanned (runs) { planned.push(runs.length) }, onResult ({ id }) { seen.push(id) } })

  t.same(report.results.map(({ id, verdict, mark }) => [id.split('/')[1], verdict, mark]), [
    ['connection_reset.before', 'failed-cleanly', 'pass'],
    ['connection_reset.after', 'double-charge', 'failure'],
    ['http_error.before', 'not-reached', 'none'],
    ['http_error.after', 'crashed', 'failure'],
    ['truncated_body.after', 'charged-but-failed', 'warning'],
    ['hang.after', 'hung', 'failure']
  ])
  t.same(report.counts, { pass: 1, warning: 1, failure: 3, none: 1, accepted: 0 })
  t.same([report.ok, report.complete, report.planned, report.shards], [false, true, 6, null])
  t.match(report.reference, { calls: [{ endpoint: 'change-billing', project_id: 7, plan_id: 2, skip: 0, api_status: 100, charged: true }], charged: '5', resets: false })
  t.same(report.results[1]!.fault, { kind: 'connection_reset', when: 'after', endpoint: 'change-billing', project_id: 7, plan_id: 2, skip: 0, times: 1 })
  t.match(report.results[1], { number: 2, kind: 'fault', call: 1, charged: '10', calls: 2, exit_code: 0, reproduce: 'again change-billing.7.2.1/connection_reset.after connection_reset {}' })
  t.same(report.reference.unmet, ['the world: it met nothing', 'demo: it was not asked'])
  t.same([planned, seen.length], [[6], 6])
})

t.test('an order that more accounts have, or one has more often, is charged again only where it is more often than ever in the reference', async t => {
  const [a, b, c] = ['a', 'b', 'c'].map(account => (id: string, more = {}) => call(id, { account, projectId: null, ...more })) as [typeof call, typeof call, typeof call]
  const booked = (calls: readonly ObservedCall[]): Observation => {
    const accounts = [...new Set(calls.map(({ account }) => account!))]
    const charged = accounts.map(account => ({ ...books(...calls.filter(made => made.account === account && made.decision?.charged === true).map(({ id }) => id))[0]!, account, isNamed: false }))
    return { ...RIGHT, ending: 'failure', exitCode: 1, calls, totalCalls: calls.length, books: charged }
  }
  const verdictOf = async (reference: readonly ObservedCall[], run: readonly ObservedCall[]): Promise<string> => {
    const faults = [{ kind: 'hang' as const, when: 'after' as const }]
    const { results } = await swept(({ fault }) => fault === null ? { ...booked(reference), ending: 'success', exitCode: 0 } : booked(run),
      { vary: { faults, questions: false, settled: [], wire: DEFAULT_SETTINGS.wire, fixed: [] } })
    return results[0]!.verdict
  }
  t.equal(await verdictOf([a('1'), b('2'), c('3')], [a('1', MET), a('2')]), 'double-charge', 'two tests are left out')
  t.equal(await verdictOf([a('1'), a('2'), b('3')], [b('1'), b('2', MET)]), 'charged-but-failed', 'another test came first, whose account may have it twice')
  t.equal(await verdictOf([a('1', { decision: null }), a('2', { projectId: 8 }), a('3', { projectId: 8 })], [a('1', { ...MET, decision: null }), a('2')]), 'failed-cleanly', 'what was refused is granted')

  const look = (id: string, more: Partial<ObservedCall> = {}): ObservedCall =>
    a(id, { endpoint: 'get-projects', planId: null, decision: { ...call(id).decision!, charged: false }, ...more })
  const other = (id: string, more: Partial<ObservedCall> = {}): ObservedCall => a(id, { planId: 5, ...more })
  const bought = [a('1'), look('2'), other('3')]
  t.equal(await verdictOf(bought, [a('1'), look('2', MET), a('3')]), 'double-charge', 'the look at what was bought failed')
  t.equal(await verdictOf(bought, [a('1'), a('2'), look('3', MET)]), 'failed', 'it failed only afterwards')
  t.equal(await verdictOf([a('1'), look('2'), a('3'), other('4')], [a('1'), look('2', MET), a('3')]), 'failed-cleanly', 'it is bought as often as ever')
  t.equal(await verdictOf(bought, [a('1'), look('2'), other('3', { ...MET, decision: null }), a('4')]), 'failed', 'in place of another one, which failed')
})

t.test('a call that hung before it was decided may arrive after all, which is tried if it was made again', async t => {
  const met = (kind: 'hang' | 'delay') => call('1', { triggered: { ...MET.triggered, fault: { kind, when: 'before' } as Fault }, ...kind === 'hang' && { decision: null } })
  const runs: string[] = []
  const found = async (hung: Partial<Observation>, arrived: Partial<Observation>) => {
    runs.length = 0
    const { results: [result] } = await swept(({ fault }) => {
      if (fault === null) return RIGHT
      runs.push(`${fault.kind} ${JSON.stringify(fault.delay)}`)
      return fault.kind === 'hang' ? { ...RIGHT, calls: [met('hang'), call('2')], books: books('2'), ...hung } : { ...RIGHT, calls: [call('2'), met('delay')], books: books('2', '1'), ...arrived }
    }, { vary: { faults: [{ kind: 'hang', when: 'before' }], questions: false, settled: [], wire: DEFAULT_SETTINGS.wire, fixed: [] } })
    return result!
  }
  const twice = await found({}, {})
  t.match(twice, { verdict: 'double-charge', mark: 'failure', charged: '10', fault: { kind: 'hang', delay: undefined }, reproduce: 'again change-billing.7.2.1/hang.before delay {}' })
  t.match(twice.says, 'the change of project 7 to plan 2 was left without an answer, and arrived when the command had ended; the client asked again, and ')
  t.same(runs, ['hang undefined', 'delay {"fixed":600000}'])
  t.match(await found({}, { books: books('2') }), { verdict: 'recovered', charged: '5', reproduce: 'again change-billing.7.2.1/hang.before hang {}' }, 'it was refused')
  t.equal(runs.length, 2)
  const refused = { ...met('delay'), decision: { ...met('delay').decision!, rule: 'wallet-must-cover-price' as const, charged: false } }
  t.match(await found({}, { books: books('2'), calls: [call('2'), refused] }), { verdict: 'recovered', short_of_money: true }, 'for want of money')
  for (const [why, hung, verdict] of [
    ['it was not made again', { calls: [met('hang')], books: [], ending: 'failure' }, 'failed-cleanly'],
    ['the command waited for it', { ending: 'timeout', calls: [met('hang'), call('2')] }, 'hung'],
    ['another call was made', { calls: [met('hang'), call('2', { planId: 3 })] }, 'recovered']
  ] as const) {
    t.match(await found(hung, {}), { verdict }, why)
    t.equal(runs.length, 1, why)
  }
})

t.test('a retry that only an assumption makes harmless is a failure', async t => {
  const retried = (assume: Variation['assume']): Observation => {
    const calls = [call('1', MET), call('2', {}, ['same-plan'])]
    return { ...RIGHT, calls, totalCalls: 2, books: assume['same-plan'] === 'charge-again' ? books('1', '2') : books('1') }
  }
  const faults = [{ kind: 'hang' as const, when: 'after' as const }]
  const vary = { faults, questions: true, settled: [], wire: DEFAULT_SETTINGS.wire, fixed: [] }
  const one = await swept(variation => variation.fault === null ? RIGHT : retried(variation.assume), { vary })
  const [result] = one.results
  t.match(result, {
    verdict: 'recovered',
    mark: 'failure',
    accepted: false,
    if: [{ name: 'same-plan', choice: 'charge-again', verdict: 'double-charge', reproduce: 'again change-billing.7.2.1/hang.after hang {"same-plan":"charge-again"}' }]
  })
  t.same(result!.if.length, 1, 'only what fails is said')
  t.same(one.results.map(({ kind }) => kind), ['fault', 'dialect', 'dialect', 'dialect', 'dialect'])
  t.ok(one.questions_not_met.includes('same-plan'), 'the reference did not rest on it')

  const accepted = await swept(variation => variation.fault === null ? RIGHT : retried(variation.assume), { vary, accepted: ['double-charge'] })
  t.match(accepted, { ok: true, counts: { failure: 0, accepted: 1 } })
  const settled = await swept(variation => variation.fault === null ? RIGHT : retried(variation.assume), { vary: { ...vary, settled: ['same-plan'] } })
  t.match([settled.ok, settled.questions_settled, settled.results[0]!.if], [true, ['same-plan'], []], 'a question that is settled is not asked')
  const unasked = await swept(variation => variation.fault === null ? RIGHT : retried(variation.assume), { vary: { ...vary, questions: false } })
  t.match([unasked.ok, unasked.results.length], [true, 1])

  const always: string[] = []
  const resting = { ...RIGHT, calls: [call('1', {}, ['same-plan'])] }
  const asked = await swept(variation => {
    if (variation.fault === null && variation.wire === null) always.push(JSON.stringify(variation.assume))
    return variation.fault === null
      ? { ...resting, books: variation.assume['same-plan'] === 'charge-again' ? books('1', '9') : books('1') }
      : { ...retried(variation.assume), calls: [call('1', MET, ['same-plan']), call('2', {}, ['same-plan'])], books: books('1', ...variation.assume['same-plan'] === 'charge-again' ? ['9'] : []) }
  }, { vary })
  t.match(asked.results[0], { verdict: 'recovered', mark: 'pass', if: [] }, 'what the reference costs under a choice is no more than it costs')
  t.equal(always.filter(text => text.includes('charge-again')).length, 2, 'and that reference is made once, beside the run for the question')
  t.match(asked.results.find(({ id }) => id === 'same-plan=charge-again'), { verdict: 'double-charge', question: { name: 'same-plan', choice: 'charge-again' } })
})

t.test('instants and refusals', async t => {
  const at = Date.parse('2022-02-28T12:00:00Z')
  const report = await swept(({ instant }) => {
    const decided = (emulatedAt: number) => ({ ...call('1').decision!, emulatedAt, disabledAt: Date.parse('2023-02-01') })
    const met = instant === '2022-02-28T12:00:00Z' || instant === '2023-02-01T00:00:00Z'
    const when = met ? Date.parse(instant) : at + 1
    return { ...RIGHT, calls: [call('1', { decision: decided(when) })], books: instant === '2023-02-01T00:00:00Z' ? [] : books('1') }
  }, { instants: true, vary: { faults: [], questions: false, settled: [], wire: DEFAULT_SETTINGS.wire, fixed: [] } })
  t.same(report.results.filter(({ kind }) => kind === 'instant').map(({ id, verdict }) => [id, verdict]), [
    ['instant/2022-01-31T12:00:00Z', 'not-reached'],
    ['instant/2022-02-28T12:00:00Z', 'recovered'],
    ['instant/2020-02-29T12:00:00Z', 'not-reached'],
    ['instant/2021-12-31T23:59:59Z', 'not-reached'],
    ['instant/2023-01-31T23:59:59.999Z', 'not-reached'],
    ['instant/2023-02-01T00:00:00Z', 'false-success']
  ])
  t.same(report.results.filter(({ kind }) => kind === 'fault').map(({ fault }) => fault!.status), [101, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410])
  const never = await swept(() => RIGHT, { instants: true, vary: { faults: [], questions: false, settled: [], wire: DEFAULT_SETTINGS.wire, fixed: [] } })
  t.equal(never.results.filter(({ kind }) => kind === 'instant').length, 4, 'without a switch-off there is no instant of it')
})

t.test('shards share the runs, and a report of some runs names no others', async t => {
  const run = (): Observation => RIGHT
  const whole = await swept(run)
  const shards = await Promise.all([1, 2, 3, 4].map(async index => await swept(run, { shard: { index, of: 4 } })))
  t.same(shards.map(({ results }) => results.length), [2, 2, 1, 1])
  t.same(shards.map(report => report.shards), [1, 2, 3, 4].map(index => ({ of: 4, done: [index] })))
  t.same(shards.flatMap(({ results }) => results.map(({ id }) => id)).sort(), whole.results.map(({ id }) => id).sort())
  t.same((await swept(run, { only: ['change-billing.7.2.1/hang.after'] })).results.map(({ number }) => number), [6])
  await t.rejects(swept(run, { only: ['change-billing.7.2.1/hang.befor'] }), { message: /^--only is wrong: found "change-billing\.7\.2\.1\/hang\.befor", expected the name of a planned run, such as change-billing/ })
  await t.rejects(swept(run, { only: ['?'] }), { message: /such as change-billing\.7\.2\.1\/connection_reset\.before$/ })
})

t.test('shards in which calls come in another order make all runs together, and are put together', async t => {
  const calls = [call('1'), { ...call('2'), projectId: 8 }]
  const [whole, one, two] = await Promise.all([
    swept(() => ({ ...RIGHT, calls })), swept(() => ({ ...RIGHT, calls }), { shard: { index: 1, of: 2 } }),
    swept(() => ({ ...RIGHT, calls: calls.toReversed() }), { shard: { index: 2, of: 2 } })
  ])
  t.not(two.results[0]!.number, whole.results.find(({ id }) => id === two.results[0]!.id)!.number)
  const merged = mergeReports([{ file: '1.json', report: one }, { file: '2.json', report: two }])
  const told = ({ complete, shards, plan, results }: SweepReport) => [complete, shards, plan, results.map(({ id, number, call }) => [id, number, call])]
  t.same(told(merged), told(whole))
})

t.test('there is no reference', async t => {
  const cases: Array<[string, (count: number) => Observation, RegExp]> = [
    ['if the command fails', () => ({ ...RIGHT, ending: 'failure', exitCode: 3, output: 'one\nno such file\n' }), /without a fault, the command failed with exit code 3, although 5 USD had been booked; it said "no such file"$/],
    ['if a program throws', () => ({ ...RIGHT, books: [], ending: 'failure', exitCode: 1, output: 'at work\nTypeError: no plan\n    at error (file:///x.js:1:7)\n\nNode.js v20.20.2\n' }), /exit code 1; it said "TypeError: no plan"$/],
    ['if a suite fails', () => ({ ...RIGHT, books: [], ending: 'failure', exitCode: 1, output: 'not ok 1 - buys\n# fail 1\n# error 0\n# duration_ms 2\n' }), /it said "not ok 1 - buys"$/],
    ['if a function throws', () => ({ ...RIGHT, ending: 'failure', exitCode: null }), /without a fault, the function threw, although 5 USD had been booked$/],
    ['if it takes too long', () => ({ ...RIGHT, ending: 'timeout', durationMs: 2000 }), /there was no end within 2 s, although 5 USD had been booked$/],
    ['if it is killed', () => ({ ...RIGHT, ending: 'signal', signal: 'SIGKILL' }), /SIGKILL ended the command, although/],
    ['if it calls nothing', () => ({ ...RIGHT, calls: [], totalCalls: 0 }), /without a call to an endpoint of pickyassist.com that reached the emulator/],
    ['if it calls too much', () => ({ ...RIGHT, totalCalls: 20_000 }), /made 20000 calls; at most 1 can be swept/],
    ['if it fails the second time', count => count === 2 ? { ...RIGHT, ending: 'failure', exitCode: 1 } : RIGHT, /run 2 without a fault differs from the first: the command failed with exit code 1/],
    ['if it draws a project', count => ({ ...RIGHT, calls: [call('1', { projectId: count })] }),
      /the first one called change-billing of project 1 to plan 2 \(status 100\) where this one called change-billing of project 2 to plan 2 \(status 100\); pin what/],
    ['if it calls more', count => ({ ...RIGHT, calls: count === 1 ? [call('1')] : [call('1'), call('2', { planId: null, projectId: null, decision: null })], totalCalls: 1 }),
      /only this one called change-billing \(status none\); pin/],
    ['if it calls less', count => ({ ...RIGHT, calls: count === 1 ? [call('1'), call('2')] : [call('1')], totalCalls: 1 }), /only the first one called change-billing/],
    ['if it books something else', count => ({ ...RIGHT, books: count === 1 ? books('1') : books('1', '2') }),
      /the calls are the same, but not the books: demo: 5 USD for plan 2 of project 7 was charged in addition/]
  ]
  for (const [name, run, message] of cases) {
    let count = 0
    const failed = swept(() => run(++count))
    await t.rejects(failed, message, name)
    t.ok(await failed.catch(error => error) instanceof NoReference, `${name}, by its type`)
  }
  let count = 0
  await swept(() => ++count === 1 ? { ...RIGHT, calls: [call('1'), call('2', { planId: 3 })], totalCalls: 2 } : { ...RIGHT, calls: [call('1', { planId: 3 }), call('2')], totalCalls: 2 },
    { repeat: 3, vary: { faults: [], questions: false, settled: [], wire: DEFAULT_SETTINGS.wire, fixed: [] } })
  t.equal(count, 3, 'the order of calls may differ, and as many are compared as asked for')
})

t.test('an end before the end', async t => {
  const interrupt = new AbortController()
  const run: Runner = async ({ fault }, signal) => {
    if (fault?.when === 'after') await once(signal, 'abort').then(() => { signal.throwIfAborted() })
    return RIGHT
  }
  const report = await sweepAll(sweepOf(run), { onResult () { interrupt.abort() } }, interrupt.signal)
  t.match([report.complete, report.results.map(({ number }) => number)], [false, [1]], 'gives what is done')

  const early = new AbortController()
  let made = 0
  const none = await sweepAll(sweepOf(async () => {
    if (++made === 2) early.abort()
    return RIGHT
  }), {}, early.signal)
  t.match([none.complete, none.results.length], [false, 0], 'also at the end of the reference')

  const broken = sweepAll(sweepOf(async variation => {
    if (isUnvaried(variation)) return RIGHT
    throw new Error('no space left')
  }), {}, new AbortController().signal)
  await t.rejects(broken, { message: 'no space left' }, 'an error of the runner ends the sweep')
})
