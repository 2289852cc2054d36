import type { SweepCall, SweepReport, SweepResult } from '../../src/contract/sweep-report.js'
import { ALL_FAULTS, faultId } from '../../src/domain/sweep-plan.js'
import { VERDICT_NAMES, VERDICTS } from '../../src/domain/verdicts.js'
import { countsOf } from '../../src/report/report.js'

export function sweepCall (given: Partial<SweepCall> = {}): SweepCall {
  return { endpoint: 'change-billing', project_id: 5786, plan_id: 2, skip: 0, api_status: 100, rule: null, charged: true, assumptions: [], ...given }
}

export function sweepResult (given: Partial<SweepResult> = {}): SweepResult {
  const { verdict = 'recovered' } = given
  return {
    id: `change-billing.5786.2.1/hang.after.${given.number ?? 1}`,
    number: 1,
    kind: 'fault',
    call: 1,
    fault: { kind: 'hang', when: 'after' },
    question: null,
    wire: null,
    instant: null,
    verdict,
    mark: VERDICTS[verdict].mark,
    accepted: false,
    says: 'something happened',
    if: [],
    ending: 'success',
    exit_code: 0,
    signal: null,
    duration_ms: 100,
    charged: '5',
    calls: 1,
    output: '',
    reproduce: 'picky-emulator run --fault kind=hang -- npm test',
    ...given
  }
}

export function sweepReport (results: readonly SweepResult[], given: Partial<SweepReport> = {}): SweepReport {
  return {
    format: 'picky-emulator-sweep',
    version: 1,
    emulator: '1.0.0',
    command: ['npm', 'test'],
    options: [],
    started_at: '2026-06-16T12:00:00.000Z',
    duration_ms: 1234,
    planned: results.length,
    plan: 'a plan',
    complete: true,
    shards: null,
    reference: { calls: [sweepCall()], charged: '5', duration_ms: 100, resets: false, unmet: [] },
    questions_not_met: [],
    questions_settled: [],
    accepted: [],
    results,
    ...countsOf(results, true),
    ...given
  }
}

/** Makes a report of so many calls under every fault, with each verdict now and then, and a question, a dialect and an instant. */
export function largeReport (calls: number, given: Partial<SweepResult> = {}): SweepReport {
  const wrong = (call: number, fault: number): boolean => fault % 2 === 1 && call % 7 === 0
  const faults = Array.from({ length: calls }, (_, call) => ALL_FAULTS.map((fault, index) => sweepResult({
    id: `change-billing.${5786 + call}.2.1/${faultId(fault)}`,
    number: call * ALL_FAULTS.length + index + 1,
    call: call + 1,
    fault,
    verdict: wrong(call, index) ? VERDICT_NAMES[3 + Math.floor(call / 7) % (VERDICT_NAMES.length - 3)]! : 'recovered',
    ...given
  }))).flat()
  const whole = [
    { kind: 'question' as const, id: 'same-plan=charge-again', question: { name: 'same-plan', choice: 'charge-again' } },
    { kind: 'dialect' as const, id: 'wire/types=table', wire: { types: 'table' as const } },
    { kind: 'instant' as const, id: 'instant/2022-01-31T12:00:00Z', instant: '2022-01-31T12:00:00Z' }
  ].map((one, index) => sweepResult({ call: null, fault: null, number: faults.length + index + 1, ...one }))
  const reference = { calls: Array.from({ length: calls }, (_, call) => sweepCall({ project_id: 5786 + call })), charged: String(5 * calls), duration_ms: 100, resets: false, unmet: [] }
  return sweepReport([...faults, ...whole], { reference })
}

/** Text that breaks out of whatever does not escape it. */
export const HOSTILE = '<script>alert(1)</script></style>--></pre>"\'`|]]>&amp;\u202Eevil\u2066\u0000\u0007\u001b[31mred\ud800\uffff\n\n# x\n- [y](javascript:z)\n| a |'

/** A report with that text in every field that takes any. */
export function hostileReport (): SweepReport {
  const other = { name: HOSTILE, choice: HOSTILE, verdict: 'double-charge' as const, says: HOSTILE, reproduce: HOSTILE }
  const given = { says: HOSTILE, output: HOSTILE, reproduce: HOSTILE, if: [other], signal: HOSTILE, charged: HOSTILE, case: HOSTILE, accepted: false }
  const call = { endpoint: HOSTILE, project_id: 1, plan_id: 1, skip: 1, api_status: null, rule: HOSTILE, charged: true, assumptions: [HOSTILE] }
  return sweepReport([
    sweepResult({ ...given, id: `1${HOSTILE}`, number: 1, verdict: 'hung' }),
    sweepResult({ ...given, id: `2${HOSTILE}`, number: 2, call: null, fault: null, question: { name: HOSTILE, choice: HOSTILE }, kind: 'question', verdict: 'crashed' }),
    sweepResult({ ...given, id: `3${HOSTILE}`, number: 3, verdict: 'not-reached', fault: { kind: 'delay' } })
  ], { command: [HOSTILE, HOSTILE], started_at: HOSTILE, reference: { calls: [call], charged: HOSTILE, duration_ms: 1, resets: false, unmet: [HOSTILE] } })
}
