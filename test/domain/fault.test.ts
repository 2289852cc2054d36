import fc from 'fast-check'
import t from 'tap'
import { audit, type Books } from '../../src/domain/audit.js'
import { delayOf, FAULTS, isCarriedOut, matches, MAX_DELAY, MAX_FAULT_COUNT, MAX_FAULTS, triggers, type Delay, type Fault, type FaultKind, type Target } from '../../src/domain/fault.js'

const FAULT: Fault = {
  kind: 'delay', when: 'before', skip: 0, probability: 1, seed: 1, delay: { fixed: 1000 }, httpStatus: 500, body: '', status: 101, duration: 1000
}

const TARGET: Target = { account: 'a', endpoint: 'change-billing', projectId: 7, planId: 2 }

t.test('a fault matches a request that is all that the fault names', async t => {
  const cases: Array<[string, Partial<Fault>, Partial<Target>, boolean]> = [
    ['and any request where it names nothing', {}, {}, true],
    ['and nobody\'s request too where it names nothing', {}, { account: null, projectId: null, planId: null }, true],
    ['its account', { account: 'a' }, {}, true],
    ['not another account', { account: 'b' }, {}, false],
    ['not nobody\'s request where it names an account', { account: 'a' }, { account: null }, false],
    ['its endpoint', { endpoint: 'change-billing' }, {}, true],
    ['not another endpoint', { endpoint: 'get-projects' }, {}, false],
    ['its project', { projectId: 7 }, {}, true],
    ['not another project', { projectId: 8 }, {}, false],
    ['not a request without a project', { projectId: 7 }, { projectId: null }, false],
    ['not a project that is no number', { projectId: 7 }, { projectId: NaN }, false],
    ['its plan', { planId: 2 }, {}, true],
    ['not another plan', { planId: 3 }, {}, false],
    ['all of them', { account: 'a', endpoint: 'change-billing', projectId: 7, planId: 2 }, {}, true],
    ['not all but one', { account: 'a', endpoint: 'change-billing', projectId: 7, planId: 3 }, {}, false]
  ]
  for (const [name, fault, target, expected] of cases) t.equal(matches({ ...FAULT, ...fault }, { ...TARGET, ...target }), expected, name)
})

/** Which of the first requests that a fault matches it strikes, by their numbers from 0. */
function struckOf (fault: Partial<Fault>, requests: number): number[] {
  const all = { ...FAULT, ...fault }
  const struck: number[] = []
  for (let matched = 0; matched < requests; matched++) if (triggers(all, { matched, triggered: struck.length })) struck.push(matched)
  return struck
}

t.test('a fault strikes', async t => {
  const cases: Array<[string, Partial<Fault>, number[]]> = [
    ['every request', {}, [0, 1, 2, 3, 4]],
    ['the first two', { times: 2 }, [0, 1]],
    ['all but the first two', { skip: 2 }, [2, 3, 4]],
    ['one, after three', { skip: 3, times: 1 }, [3]],
    ['never with a chance of 0', { probability: 0 }, []],
    ['nor where the very first lot is 0', { probability: 0, seed: 2_680_161_214 }, []],
    ['which is less than any chance', { probability: Number.MIN_VALUE, seed: 2_680_161_214 }, [0]],
    ['always with a chance of 1', { probability: 1 }, [0, 1, 2, 3, 4]]
  ]
  for (const [name, fault, expected] of cases) t.same(struckOf(fault, 5), expected, name)

  const seeds = fc.integer({ min: 0, max: 0xffff_ffff })
  const probabilities = fc.double({ min: 0, max: 1, noNaN: true })

  t.test('in the same way with the same seed, and at most as often as it may', async () => {
    fc.assert(fc.property(seeds, probabilities, fc.nat(20), fc.integer({ min: 1, max: 20 }), (seed, probability, skip, times) => {
      const fault = { seed, probability, skip, times }
      const struck = struckOf(fault, 60)
      return struck.join() === struckOf(fault, 60).join() && struck.length <= times && struck.every(matched => matched >= skip)
    }))
  })

  t.test('with a greater chance whatever it strikes with a smaller one', async () => {
    fc.assert(fc.property(seeds, probabilities, probabilities, (seed, one, other) => {
      const [smaller, greater] = [Math.min(one, other), Math.max(one, other)].map(probability => struckOf({ seed, probability }, 40))
      return smaller!.every(matched => greater!.includes(matched))
    }))
  })

  t.test('in another way with another seed', async t => {
    const sequences = new Set(Array.from({ length: 500 }, (_none, seed) => struckOf({ seed, probability: 0.5 }, 64).join()))
    t.equal(sequences.size, 500)
    fc.assert(fc.property(seeds, seeds, (one, other) => one === other ||
      struckOf({ seed: one, probability: 0.5 }, 200).join() !== struckOf({ seed: other, probability: 0.5 }, 200).join()))
  })

  t.test('about as often as its chance says, whatever its seed', async () => {
    fc.assert(fc.property(seeds, fc.double({ min: 0.02, max: 0.98, noNaN: true }), (seed, probability) => {
      const requests = 4000
      // Six standard deviations: a sound generator leaves them once in a billion tries.
      const deviation = 6 * Math.sqrt(requests * probability * (1 - probability))
      return Math.abs(struckOf({ seed, probability }, requests).length - requests * probability) <= deviation
    }), { numRuns: 200 })
  })

  t.test('without a habit: whether it struck says nothing of whether it strikes next', async t => {
    for (const seed of [0, 1, 2, 0x7fff_ffff, 0xffff_ffff]) {
      const struck = new Set(struckOf({ seed, probability: 0.5 }, 20_000))
      const pairs = Array.from({ length: 19_999 }, (_none, index) => struck.has(index) && struck.has(index + 1)).filter(Boolean).length
      t.ok(Math.abs(pairs - 5000) < 400, `seed ${seed}: ${pairs} pairs of 19999`)
    }
  })
})

// So a run that was reported can be repeated, with another release too.
t.test('a seed gives the same with every release', async t => {
  t.same(struckOf({ seed: 42, probability: 0.25 }, 40), [2, 3, 6, 11, 13, 14, 15, 19, 22, 26, 30])
  const lots: Array<[number, number[]]> = [
    [0, [3_625_335_381, 1_189_579_230, 2_403_658_175, 3_842_290_060]],
    [42, [3_388_644_846, 3_847_203_847, 474_610_043, 2_562_436_419]],
    [0xffff_ffff, [2_943_231_832, 2_643_765_662, 2_148_148_679, 4_210_645_728]]
  ]
  for (const [seed, expected] of lots) t.same([0, 1, 2, 3].map(matched => delayOf({ ...FAULT, seed, delay: { uniform: [0, 2 ** 32] } }, matched)), expected, `of ${seed}, evenly`)
  const lognormal = { median: 90, sigma: 0.4 }
  t.same([0, 1, 2, 3, 4].map(matched => delayOf({ ...FAULT, seed: 42, delay: { lognormal } }, matched).toFixed(6)), ['48.362400', '110.560651', '92.049395', '61.686482', '142.942974'])
})

t.test('a delay takes', async t => {
  const delays = (delay: Delay, seed = 1, count = 2000): number[] => Array.from({ length: count }, (_none, matched) => delayOf({ ...FAULT, delay, seed }, matched))
  const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!

  t.test('what is fixed', async t => {
    t.same(delays({ fixed: 250 }, 1, 3), [250, 250, 250])
    t.same(delays({ fixed: 0 }, 1, 1), [0])
  })

  t.test('between the least and the most of what is uniform, evenly', async t => {
    const values = delays({ uniform: [100, 300] })
    t.ok(values.every(value => value >= 100 && value <= 300))
    for (let low = 100; low < 300; low += 50) {
      const share = values.filter(value => value >= low && value < low + 50).length / values.length
      t.ok(share > 0.2 && share < 0.3, `${share} from ${low} on`)
    }
    t.same(new Set(delays({ uniform: [80, 80] }, 1, 10)), new Set([80]))
    t.ok(delays({ uniform: [300, 100] }).every(value => value >= 100 && value <= 300), 'the other way round too')
  })

  t.test('half of the time less than the median of what is lognormal, and spread by sigma', async t => {
    const values = delays({ lognormal: { median: 90, sigma: 0.4 } })
    const logs = values.map(value => Math.log(value / 90))
    const deviation = Math.sqrt(logs.reduce((sum, log) => sum + log * log, 0) / logs.length)
    t.ok(median(values) > 84 && median(values) < 96, `median ${median(values)}`)
    t.ok(deviation > 0.37 && deviation < 0.43, `sigma ${deviation}`)
    t.same(new Set(delays({ lognormal: { median: 90, sigma: 0 } }, 1, 10)), new Set([90]))
    t.same(new Set(delays({ lognormal: { median: 0, sigma: 10 } }, 1, 10)), new Set([0]))
    t.same(new Set(delays({ lognormal: { median: 1e9, sigma: 0 } }, 1, 10)), new Set([600_000]), 'but never more than ten minutes')
  })

  t.test('the same with the same seed, another with another, and never longer than the longest', async () => {
    const amounts = fc.double({ min: 0, max: MAX_DELAY, noNaN: true })
    const anyDelay: fc.Arbitrary<Delay> = fc.oneof(
      fc.record({ fixed: amounts }),
      fc.record({ uniform: fc.tuple(amounts, amounts) }),
      fc.record({ lognormal: fc.record({ median: amounts, sigma: fc.double({ min: 0, max: 10, noNaN: true }) }) }))
    fc.assert(fc.property(anyDelay, fc.integer({ min: 0, max: 0xffff_ffff }), fc.nat(), (delay, seed, matched) => {
      const [taken] = [0, 0].map(() => delayOf({ ...FAULT, delay, seed }, matched))
      return taken === delayOf({ ...FAULT, delay, seed }, matched) && taken! >= 0 && taken! <= MAX_DELAY
    }))
    t.not(delays({ uniform: [0, 1] }, 1).join(), delays({ uniform: [0, 1] }, 2).join())
  })

  t.test('what does not depend on whether the fault strikes', async t => {
    // Were both decided by the same number, a fault with a small chance would only ever delay by little.
    const struck = struckOf({ probability: 0.1 }, 20_000)
    const mean = struck.reduce((sum, matched) => sum + delayOf({ ...FAULT, delay: { uniform: [0, 1] } }, matched), 0) / struck.length
    t.ok(mean > 0.45 && mean < 0.55, `mean ${mean} of ${struck.length}`)
  })
})

t.test('books are in order, or it is said what is not', async t => {
  const at = 0
  const opening = { at, kind: 'opening', amountMills: 100_000, balanceMills: 100_000, projectId: null, planId: null, requestId: null } as const
  const debit = { at, kind: 'plan-change', amountMills: -5000, balanceMills: 95_000, projectId: 7, planId: 2, requestId: '1-1' } as const
  const cases: Array<[string, Omit<Books, 'account'>, string[], RegExp?]> = [
    ['an account without a ledger and without money', { balanceMills: 0, entries: [] }, []],
    ['a debit', { balanceMills: 95_000, entries: [opening, debit] }, []],
    ['a correction downwards', { balanceMills: 1, entries: [opening, { ...opening, kind: 'adjustment', amountMills: -99_999, balanceMills: 1 }] }, []],
    ['a wallet that its entries do not make', { balanceMills: 100_000, entries: [opening, debit] }, ['balance-is-sum-of-entries'], /the wallet holds 100 USD, but its entries add up to 95 USD/],
    ['an entry whose balance is not the sum', { balanceMills: 95_000, entries: [opening, { ...debit, balanceMills: 94_999 }] }, ['entries-add-up'], /entry 2 \(plan-change, -5 USD\) shows a balance of 94\.999 USD, but the entries up to it add up to 95 USD/],
    ['a balance below zero', { balanceMills: -5000, entries: [{ ...debit, balanceMills: -5000 }] }, ['balance-is-not-negative', 'balance-is-not-negative'], /entry 1 .* leaves a balance of -5 USD/],
    ['a change of plan that gives money', { balanceMills: 5000, entries: [{ ...debit, amountMills: 5000, balanceMills: 5000 }] }, ['debit-has-plan-change']],
    ['a change of plan for nothing', { balanceMills: 0, entries: [{ ...debit, amountMills: 0, balanceMills: 0 }] }, ['debit-has-plan-change']],
    ['a debit without a project', { balanceMills: 95_000, entries: [opening, { ...debit, projectId: null }] }, ['debit-has-plan-change']],
    ['a debit without a plan', { balanceMills: 95_000, entries: [opening, { ...debit, planId: null }] }, ['debit-has-plan-change']],
    ['a credit that takes', { balanceMills: 95_000, entries: [opening, { ...debit, kind: 'credit' }] }, ['debit-has-plan-change'], /entry 2 \(credit, -5 USD\) is not a debit that names the project and plan it paid for/]
  ]
  for (const [name, books, invariants, says] of cases) {
    const violations = audit({ account: 'a', ...books })
    t.same(violations.map(({ account, invariant }) => [account, invariant]), invariants.map(invariant => ['a', invariant]), name)
    if (says !== undefined) t.match(violations[0]!.says, says)
  }
})

t.test('each kind of fault delivers what it says, and a request under it is carried out if the answer is still whole', async t => {
  const kinds: Record<FaultKind, [delivers: string, fields: string[], isCarriedOutBefore: boolean, delay: number]> = {
    delay: ['whole', ['delay'], true, 1000],
    http_error: ['replaced', ['httpStatus', 'body'], false, 0],
    api_refusal: ['replaced', ['status'], false, 0],
    connection_reset: ['nothing', [], false, 0],
    empty_response: ['nothing', [], false, 0],
    hang: ['nothing', [], false, 0],
    truncated_body: ['part', [], false, 0],
    malformed_json: ['replaced', [], false, 0],
    slow_body: ['whole', ['duration'], true, 0]
  }
  for (const [kind, [delivers, fields, isBefore, delay]] of Object.entries(kinds) as Array<[FaultKind, typeof kinds[FaultKind]]>) {
    t.equal(FAULTS[kind].delivers, delivers, kind)
    t.same(FAULTS[kind].fields, fields, kind)
    t.equal(isCarriedOut({ kind, when: 'before' }), isBefore, `${kind} before the decision`)
    t.equal(isCarriedOut({ kind, when: 'after' }), true, `${kind} after it`)
    t.equal(delayOf({ ...FAULT, kind }, 0), delay, `the delay of ${kind}`)
  }
})

t.test('at most a thousand faults are active at a time', async t => {
  t.equal(MAX_FAULTS, 1000)
  t.equal(MAX_FAULT_COUNT, 1_000_000_000)
})
