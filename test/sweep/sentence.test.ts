import t from 'tap'
import type { SweepCall } from '../../src/contract/sweep-report.js'
import { compareBooks, type AccountBooks, type Charge } from '../../src/domain/account-books.js'
import { FAULT_KINDS } from '../../src/domain/fault.js'
import type { Verdict } from '../../src/domain/verdicts.js'
import { UNVARIED, type Observation, type Variation } from '../../src/sweep/observation.js'
import { runText } from '../../src/sweep/sentence.js'
import { sweepCall } from '../support/sweep-report.js'

const charge = (given: Partial<Charge> = {}): Charge => ({ kind: 'plan-change', mills: 5000, projectId: 5786, planId: 2, requestId: 'r', ...given })

function books (charges: Charge[], plans: number[] = [2], account = 'demo'): AccountBooks {
  return { account, isNamed: true, charges, projects: [{ projectId: 5786, name: 'shop', status: 'Active', plans, apiTokens: 0, details: {} }] }
}

const REFERENCE = [books([charge()])]

interface Case {
  readonly verdict: Verdict
  readonly run?: AccountBooks[]
  readonly reference?: AccountBooks[]
  readonly calls?: number
  readonly chargedMills?: number
  readonly varied?: Partial<Variation>
  readonly call?: SweepCall | null
  readonly observed?: Partial<Observation>
}

function said ({ verdict, run = REFERENCE, reference = REFERENCE, calls = 1, chargedMills = 5000, varied, call = sweepCall(), observed }: Case): string {
  const made = { id: 'r', account: 'demo', endpoint: 'change-billing', projectId: 5786, planId: 2, triggered: null, hasOwnFault: false, decision: null }
  const observation: Observation = {
    ending: 'success', exitCode: 0, signal: null, durationMs: 100, output: '', calls: Array.from({ length: calls }, () => made), totalCalls: calls, books: run, unmet: [], resets: false, saved: null, ...observed
  }
  const variation = { ...UNVARIED, ...varied ?? { fault: { kind: 'connection_reset' as const, when: 'after' as const } } }
  return runText({ verdict, difference: compareBooks(reference, run), observation, chargedMills, isShortOfMoney: false }, variation, call, [sweepCall()])
}

const LOST = 'the answer to the change of project 5786 to plan 2 was lost to a connection reset after 5 USD had been booked; '

t.test('a run is told in words of money', async t => {
  const failed = { ending: 'failure' as const, exitCode: 1 }
  const without = [books([], [1])]
  const cases: Array<[Case, string]> = [
    [{ verdict: 'double-charge', run: [books([charge(), charge()])], calls: 2 }, `${LOST}the client asked again, and 5 USD were booked a second time`],
    [{ verdict: 'double-charge', run: [books([charge(), charge(), charge()])], calls: 3, observed: failed },
      `${LOST}the client asked again twice, and 5 USD were booked 3 times; the command failed with exit code 1`],
    [{ verdict: 'double-charge', run: [books([charge(), charge({ projectId: 5788 })])], calls: 4 },
      `${LOST}the client asked again 3 times, and another 5 USD were booked for plan 2 of project 5788`],
    [{ verdict: 'double-charge', run: [books([charge(), charge(), charge({ planId: 3, mills: 1000 }), charge({ projectId: 1, kind: 'renewal' })])] },
      `${LOST}5 USD were booked a second time; another 1 USD was booked for plan 3 of project 5786; another 5 USD were booked for a renewal of plan 2 of project 1`],
    [{ verdict: 'double-charge', run: [books([charge({ planId: 3, mills: 10_000 })], [3])] },
      `${LOST}10 USD were booked for plan 3 of project 5786 instead of 5 USD for plan 2 of project 5786`],
    [{ verdict: 'double-charge', run: [books([charge(), ...[1, 2, 3, 4].map(projectId => charge({ projectId }))])] }, `${LOST}another 20 USD were booked in 4 charges`],
    [{ verdict: 'double-charge', reference: [books([charge({ projectId: 9 })])], run: [books([1, 2, 3, 4].map(projectId => charge({ projectId })))] },
      `${LOST}20 USD were booked for plan 2 of project 1 and plan 2 of project 2 and plan 2 of project 3 and 1 more instead of 5 USD for plan 2 of project 9`],
    [{ verdict: 'false-success', run: without, chargedMills: 0, varied: { fault: { kind: 'api_refusal' } } },
      'the change of project 5786 to plan 2 was refused with status 101 before it was processed; the command succeeded, but 5 USD were never booked'],
    [{ verdict: 'false-success', run: [books([])], reference: [books([1, 2, 3, 4].map(projectId => charge({ projectId })))] },
      `${LOST}the command succeeded, but 20 USD in 4 charges were never booked`],
    [{ verdict: 'false-success', run: [books([charge()], [1])] }, `${LOST}the command succeeded, but project 5786 is Active on plan 1, and in the reference Active on plan 2`],
    [{ verdict: 'charged-but-failed', observed: failed }, `${LOST}the command failed with exit code 1, although the customer was charged 5 USD`],
    [{ verdict: 'charged-but-failed', chargedMills: 0, varied: { assume: { 'same-plan': 'refuse' } }, observed: failed },
      'with same-plan=refuse, the command failed with exit code 1, although the customer was charged 5 USD'],
    [{ verdict: 'recovered', calls: 2 }, `${LOST}the client asked again, the command succeeded, and the books are as in the reference`],
    [{ verdict: 'recovered', observed: { exitCode: null } }, `${LOST}the function succeeded, and the books are as in the reference`],
    [{ verdict: 'failed', observed: { ending: 'failure', exitCode: null } }, `${LOST}the function threw, and the books are as in the reference`],
    [{ verdict: 'failed-cleanly', run: without, observed: failed }, `${LOST}the command failed with exit code 1, and 5 USD were never booked`],
    [{ verdict: 'hung', observed: { ending: 'timeout', durationMs: 60_200 } }, `${LOST}there was no end within 60 s, and the books are as in the reference`],
    [{ verdict: 'hung', observed: { ending: 'timeout', durationMs: 200 } }, `${LOST}there was no end within 200 ms, and the books are as in the reference`],
    [{ verdict: 'crashed', observed: { ending: 'signal', signal: 'SIGSEGV' } }, `${LOST}SIGSEGV ended the command, and the books are as in the reference`],
    [{ verdict: 'recovered', varied: { wire: { types: 'table' } } }, 'in the dialect types=table, the command succeeded, and the books are as in the reference'],
    [{ verdict: 'recovered', varied: { instant: '2020-02-29T12:00:00Z' } }, 'at 2020-02-29T12:00:00Z, the command succeeded, and the books are as in the reference']
  ]
  for (const [given, expected] of cases) t.equal(said(given), expected, expected)
})

t.test('accounts are named where there are several, and no sentence lists them without end', async t => {
  const named = (name: string, charges: Charge[]): AccountBooks => books(charges, [2], name)
  t.equal(said({ verdict: 'double-charge', reference: [named('a', [charge()]), named('b', [])], run: [named('a', [charge()]), named('b', [charge()])] }),
    `${LOST}in the account b, another 5 USD were booked for plan 2 of project 5786`)
  const names = ['a', 'b', 'c', 'd', 'e']
  const text = said({ verdict: 'double-charge', reference: names.map(name => named(name, [])), run: names.map(name => named(name, [charge()])) })
  t.match(text, /in the account c, .*; 2 other accounts differ$/)
  t.notMatch(text, 'account d')
  const ids = [1, 2, 3, 4, 5]
  const holding = (projectId: number, plan: number) => ({ projectId, name: 'shop', status: 'Active' as const, plans: [plan], apiTokens: 0, details: {} })
  const projects = (count: number, plan: number): AccountBooks[] => [{ account: 'demo', isNamed: true, charges: [charge()], projects: ids.slice(0, count).map(id => holding(id, plan)) }]
  t.match(said({ verdict: 'false-success', reference: projects(5, 2), run: projects(5, 1) }), /project 3 is [^;]*; 2 other projects differ$/)
  t.match(said({ verdict: 'false-success', reference: projects(4, 2), run: projects(4, 1) }), /project 3 is [^;]*; 1 other project differs$/)
  t.match(said({ verdict: 'double-charge', reference: [], run: [named('new', [charge()])], observed: { books: [] } }), /; another 5 USD were booked for plan 2 of project 5786$/)
})

t.test('each kind of fault is told, at both moments', async t => {
  const upgrade = 'the change of project 5786 to plan 2'
  const expected: Record<typeof FAULT_KINDS[number], [string, string]> = {
    delay: [`${upgrade} was delayed before it was processed`, `the answer to ${upgrade} was delayed after it had been processed`],
    http_error: [`${upgrade} was answered with HTTP 500 before it was processed`, `${upgrade} was answered with HTTP 500 after it had been processed`],
    api_refusal: [`${upgrade} was refused with status 101 before it was processed`, `${upgrade} was refused with status 101 after it had been processed`],
    connection_reset: [`${upgrade} was lost to a connection reset before it was processed`, `the answer to ${upgrade} was lost to a connection reset after it had been processed`],
    empty_response: [`${upgrade} was lost to a closed connection before it was processed`, `the answer to ${upgrade} was lost to a closed connection after it had been processed`],
    hang: [`${upgrade} was left without an answer before it was processed`, `${upgrade} was left without an answer after it had been processed`],
    truncated_body: [`the answer to ${upgrade} was cut off before it was processed`, `the answer to ${upgrade} was cut off after it had been processed`],
    malformed_json: [`the answer to ${upgrade} was not valid JSON before it was processed`, `the answer to ${upgrade} was not valid JSON after it had been processed`],
    slow_body: [`the answer to ${upgrade} came slowly after it had been processed`, `the answer to ${upgrade} came slowly after it had been processed`]
  }
  for (const kind of FAULT_KINDS) {
    const [before, after] = expected[kind]
    t.equal(said({ verdict: 'recovered', chargedMills: 0, varied: { fault: { kind } } }).split(';')[0], before)
    t.equal(said({ verdict: 'recovered', chargedMills: 0, varied: { fault: { kind, when: 'after' } } }).split(';')[0], after)
  }
  t.match(said({ verdict: 'recovered', varied: { fault: { kind: 'http_error', http_status: 503 } } }), 'was answered with HTTP 503 after 5 USD had been booked')
  t.match(said({ verdict: 'recovered', varied: { fault: { kind: 'api_refusal', status: 403 } } }), 'was refused with status 403 after 5 USD had been booked')
})

t.test('each call is told by what it is for', async t => {
  const name = (given: Partial<SweepCall>): string => said({ verdict: 'recovered', call: sweepCall(given), varied: { fault: { kind: 'http_error' } }, chargedMills: 0 }).split(' was answered')[0]!
  const none = { project_id: null, plan_id: null }
  const cases: Array<[Partial<SweepCall>, string]> = [
    [none, 'the change of a project to a plan'],
    [{ endpoint: 'create-project', project_id: null }, 'the creation of a project on plan 2'],
    [{ endpoint: 'get-projects', project_id: 0, plan_id: null }, 'the look-up of all projects'],
    [{ endpoint: 'create-api-token', plan_id: null }, 'the creation of an API token for project 5786'],
    [{ endpoint: 'manage-api-token', plan_id: null }, 'the change of an API token of project 5786'],
    [{ endpoint: 'set-webhook', plan_id: null }, 'the change of the webhooks of project 5786'],
    [{ endpoint: 'fetch-balance', ...none }, 'the look-up of the balance'],
    [{ endpoint: 'check-balance', ...none }, 'the look-up of the balance'],
    [{ endpoint: 'unheard-of' }, 'the call of unheard-of'],
    ...[[1, '2nd'], [2, '3rd'], [3, '4th'], [10, '11th'], [11, '12th'], [20, '21st'], [111, '112th']].map(([skip, ordinal]): [Partial<SweepCall>, string] =>
      [{ skip: skip as number }, `the ${ordinal} change of project 5786 to plan 2`])
  ]
  for (const [given, expected] of cases) t.equal(name(given), expected)
})

t.test('what was not reached is told with the likely reason', async t => {
  const other = { id: 'o', account: 'demo', endpoint: 'change-billing', projectId: 9, planId: 2, triggered: null, hasOwnFault: false, decision: null }
  const missed = 'the change of project 5786 to plan 2 was not met: '
  const cases: Array<[Case, string]> = [
    [{ verdict: 'not-reached', calls: 0 }, `${missed}the run made no call`],
    [{ verdict: 'not-reached', observed: { calls: [other] } }, `${missed}the run made another call, change-billing of project 9 to plan 2`],
    [{ verdict: 'not-reached', calls: 2 }, `${missed}the run made 2 calls, and the reference 1`],
    [{ verdict: 'not-reached', observed: { ending: 'failure' } }, `${missed}the run ended before it`],
    [{ verdict: 'not-reached', calls: 0, call: null, varied: { instant: '2020-02-29T12:00:00Z' } }, '2020-02-29T12:00:00Z was not met: the run made no call']
  ]
  for (const [given, expected] of cases) t.equal(said(given), expected)
})
