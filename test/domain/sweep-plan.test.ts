import t from 'tap'
import type { AssumptionName } from '../../src/domain/assumptions.js'
import { DEFAULT_SETTINGS } from '../../src/domain/settings.js'
import { ALL_FAULTS, faultId, planSweep, pointsOf, QUICK_FAULTS, type SweepOptions } from '../../src/domain/sweep-plan.js'
import { alternativesTo, openQuestions, questionsBeyond, questionsMet, type RestingCall } from '../../src/domain/sweep-questions.js'
import { unmatched } from '../../src/domain/unmatched.js'

function call (endpoint: string, projectId: number | null, planId: number | null, ...assumptions: AssumptionName[]): RestingCall {
  return { endpoint, projectId, planId, assumptions }
}

const UPGRADE = call('change-billing', 7, 2)
const LIST = call('get-projects', null, null)

const NOTHING: SweepOptions = { faults: [], questions: false, instants: [], refusals: [], settled: [], wire: DEFAULT_SETTINGS.wire, fixed: [] }

t.test('a point is a call, and its number among those that a fault for it would match', async t => {
  const cases: Array<[string, RestingCall[], number[]]> = [
    ['the first', [UPGRADE], [0]],
    ['the same again', [UPGRADE, LIST, UPGRADE], [0, 0, 1]],
    ['another project', [UPGRADE, call('change-billing', 8, 2)], [0, 0]],
    ['another plan', [UPGRADE, call('change-billing', 7, 3)], [0, 0]],
    ['another endpoint', [UPGRADE, call('create-project', 7, 2)], [0, 0]],
    ['without a project, after one with a project', [call('get-projects', 7, null), LIST, LIST], [0, 1, 2]],
    ['with a project, after one without', [LIST, call('get-projects', 7, null)], [0, 0]],
    ['without a plan, after one with a plan', [UPGRADE, call('change-billing', 7, null)], [0, 1]]
  ]
  for (const [name, calls, skips] of cases) t.same(pointsOf(calls).map(({ skip }) => skip), skips, name)
  t.same(pointsOf([UPGRADE]), [{ endpoint: 'change-billing', projectId: 7, planId: 2, skip: 0 }])
})

t.test('faults', async t => {
  t.same(QUICK_FAULTS.map(faultId), [
    'connection_reset.before', 'connection_reset.after', 'http_error.before', 'http_error.after', 'truncated_body.after', 'hang.after'
  ])
  t.same(ALL_FAULTS.map(faultId), [
    'delay', 'http_error', 'api_refusal', 'connection_reset', 'empty_response', 'hang', 'truncated_body', 'malformed_json', 'slow_body'
  ].flatMap(kind => [`${kind}.before`, `${kind}.after`]))
  t.equal(faultId({ kind: 'api_refusal', when: 'before', status: 403 }), 'api_refusal.before.403')
})

t.test('a sweep has a run for each fault and refusal at each call, then for each question, dialect and instant', async t => {
  const plan = (calls: RestingCall[], options: Partial<SweepOptions>): string[] => planSweep(calls, { ...NOTHING, ...options }).map(({ id }) => id)
  t.same(plan([UPGRADE], {}), [], 'of nothing')
  t.same(plan([UPGRADE, UPGRADE, LIST], { faults: [{ kind: 'hang', when: 'after' }, { kind: 'delay', when: 'before' }] }), [
    'change-billing.7.2.1/hang.after', 'change-billing.7.2.1/delay.before',
    'change-billing.7.2.2/hang.after', 'change-billing.7.2.2/delay.before',
    'get-projects.-.-.1/hang.after', 'get-projects.-.-.1/delay.before'
  ], 'of faults')
  t.same(plan([UPGRADE, LIST], { refusals: [401, 403] }), [
    'change-billing.7.2.1/api_refusal.before.401', 'change-billing.7.2.1/api_refusal.before.403',
    'get-projects.-.-.1/api_refusal.before.401', 'get-projects.-.-.1/api_refusal.before.403'
  ], 'of refusals')
  const asking = call('change-billing', 7, 2, 'same-plan', 'plan-prices', 'disabled-time-zone')
  t.same(plan([LIST, asking, asking], { questions: true }), [
    'same-plan=accept-free', 'same-plan=charge-again', 'disabled-time-zone=utc+14', 'disabled-time-zone=utc-12',
    'wire/types=table', 'wire/http_status=mapped', 'wire/content_type=text/html', 'wire/message=bare'
  ], 'of questions that the reference rests on, and of dialects; not of an assumption without a choice')
  t.same(plan([asking], { questions: true, settled: ['same-plan'], wire: { types: 'table', httpStatus: 'mapped', contentType: 'text/html', message: 'bare' } }), [
    'disabled-time-zone=utc+14', 'disabled-time-zone=utc-12',
    'wire/types=sample', 'wire/http_status=200', 'wire/content_type=application/json', 'wire/message=detailed'
  ], 'not of a question that is settled; of the dialects besides the one of the reference')
  t.same(plan([LIST], { questions: true, fixed: ['types', 'message'] }), ['wire/http_status=mapped', 'wire/content_type=text/html'], 'not of parts of a dialect that can\'t be varied')
  t.same(plan([UPGRADE], { instants: ['2022-01-31T12:00:00Z'] }), ['instant/2022-01-31T12:00:00Z'], 'of instants')

  t.same(planSweep([LIST, asking], { ...NOTHING, faults: [{ kind: 'hang', when: 'after' }], questions: true, settled: ['disabled-time-zone'], instants: ['x'] }).slice(1, 5), [
    { id: 'change-billing.7.2.1/hang.after', kind: 'fault', point: 1, fault: { kind: 'hang', when: 'after' }, choice: null, wire: null, instant: null },
    { id: 'same-plan=accept-free', kind: 'question', point: null, fault: null, choice: { name: 'same-plan', choice: 'accept-free' }, wire: null, instant: null },
    { id: 'same-plan=charge-again', kind: 'question', point: null, fault: null, choice: { name: 'same-plan', choice: 'charge-again' }, wire: null, instant: null },
    { id: 'wire/types=table', kind: 'dialect', point: null, fault: null, choice: null, wire: { types: 'table' }, instant: null }
  ], 'each with what it varies')
  t.match(planSweep([LIST], { ...NOTHING, refusals: [401], instants: ['x'] }), [
    { kind: 'fault', point: 0, fault: { kind: 'api_refusal', when: 'before', status: 401 } }, { kind: 'instant', point: null, instant: 'x' }
  ])
})

t.test('questions', async t => {
  t.same(questionsMet([call('a', 1, 1, 'auto-renew'), call('a', 1, 1, 'same-plan', 'plan-prices')], []), ['same-plan', 'auto-renew'],
    'that calls rest on, in the order of the registry')
  t.same(questionsMet([call('a', 1, 1, 'auto-renew', 'same-plan')], ['auto-renew']), ['same-plan'], 'but for those settled')
  t.equal(openQuestions([]).length - 1, openQuestions(['deletion']).length, 'a settled one is not open')
  t.notOk(openQuestions([]).includes('plan-prices'), 'an assumption without a choice is no open question')
  t.same(alternativesTo('same-plan'), [{ name: 'same-plan', choice: 'accept-free' }, { name: 'same-plan', choice: 'charge-again' }])
})

t.test('a run came to rest on a question by itself', async t => {
  const asking = call('change-billing', 7, 2, 'same-plan')
  const cases: Array<[string, RestingCall[], RestingCall[], AssumptionName[]]> = [
    ['not as the reference does', [asking], [asking], []],
    ['by a call in addition, on what the reference rests on as well', [asking], [asking, asking], ['same-plan']],
    ['by the first of equal calls, which was decided last', [asking, UPGRADE], [asking, call('change-billing', 7, 4, 'same-plan'), call('change-billing', 7, 4)], ['same-plan']],
    ['by another call', [UPGRADE], [call('change-billing', 7, 3, 'same-plan')], ['same-plan']],
    ['by a call of the reference that rests on more', [UPGRADE], [asking], ['same-plan']],
    ['not by a call of the reference that rests on what another one does', [asking, LIST], [call('get-projects', null, null, 'same-plan'), asking], []],
    ['not on an assumption without a choice', [UPGRADE], [UPGRADE, call('change-billing', 7, 2, 'plan-prices')], []],
    ['by calls, in the order of the registry', [], [call('a', 1, 1, 'auto-renew', 'same-plan')], ['same-plan', 'auto-renew']]
  ]
  for (const [name, reference, run, names] of cases) t.same(questionsBeyond(reference, run, []), names, name)
  t.same(questionsBeyond([], [call('a', 1, 1, 'auto-renew', 'same-plan')], ['same-plan']), ['auto-renew'], 'unless it is settled')
})

t.test('items without an equal among others', async t => {
  const cases: Array<[string, string, string]> = [['', '', ''], ['a', '', 'a'], ['a', 'a', ''], ['aa', 'a', 'a'], ['aba', 'ba', 'a'], ['ab', 'aab', ''], ['aaab', 'aac', 'ab']]
  for (const [items, others, left] of cases) t.same(unmatched([...items], [...others], String), [...left], `${items} without ${others}`)
})
