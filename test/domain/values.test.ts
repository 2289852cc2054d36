import fc from 'fast-check'
import t from 'tap'
import { assumptionLog, DEFAULT_CHOICES, type Choices } from '../../src/domain/assumptions.js'
import { endOfCycle, nextCycle, type Cycle, type MonthLength } from '../../src/domain/billing-cycle.js'
import { FIRST_INSTANT, instantText, LAST_INSTANT, parseInstant, setClock, timeOn } from '../../src/domain/clock.js'
import { cutoffText, disabledFrom, parseCutoff } from '../../src/domain/cutoff.js'
import { MAX_MILLS, parseUsd, usd, usdNumber } from '../../src/domain/money.js'

t.test('an amount in USD', async t => {
  const right: Array<[string, number]> = [
    ['0', 0], ['5', 5000], ['4.99', 4990], ['59.108', 59_108], ['0.005', 5], ['100.10', 100_100], ['-0.5', -500], ['-0.001', -1], ['-0', 0],
    ['999999999999.999', MAX_MILLS]
  ]
  for (const [text, mills] of right) t.equal(parseUsd(text), mills, text)

  t.ok(Object.is(parseUsd('-0.000'), 0), 'nothing has no sign')

  const wrong = ['', ' 5', '5 ', '5.', '.5', '05', '+5', '1e3', '1,5', '5.0001', '1000000000000', '٥', 'NaN', 'Infinity', '--5', '5\n']
  for (const text of wrong) t.equal(parseUsd(text), undefined, JSON.stringify(text))

  const shown: Array<[number, string, number]> = [
    [0, '0', 0], [5000, '5', 5], [5, '0.005', 0.005], [59_108, '59.108', 59.108], [10, '0.01', 0.01], [100_100, '100.1', 100.1], [-500, '-0.5', -0.5],
    [MAX_MILLS, '999999999999.999', 999999999999.999]
  ]
  for (const [mills, text, number] of shown) {
    t.equal(usd(mills), text)
    t.equal(usdNumber(mills), number)
  }

  t.test('comes back the same, as text and as a number', async () => {
    fc.assert(fc.property(fc.integer({ min: -MAX_MILLS, max: MAX_MILLS }), mills =>
      parseUsd(usd(mills)) === mills && String(usdNumber(mills)) === usd(mills).replace(/^0\.000$/, '0')))
  })

  t.test('is read from no other text than an amount', async () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.double().map(String), fc.string({ unit: fc.constantFrom(...'0123456789.-e+ ') })), text => {
      const mills = parseUsd(text)
      return mills === undefined ? !/^-?(0|[1-9]\d{0,11})(\.\d{1,3})?$/.test(text) : Number.isSafeInteger(mills) && Math.abs(mills - Number(text) * 1000) < 1
    }))
  })
})

t.test('an instant', async t => {
  const right: Array<[string, string]> = [
    ['2020-06-16', '2020-06-16T00:00:00Z'],
    ['2020-06-16T12:00Z', '2020-06-16T12:00:00Z'],
    ['2020-06-16T12:00:00.1Z', '2020-06-16T12:00:00.100Z'],
    ['2020-06-16T12:00:00+00:00', '2020-06-16T12:00:00Z'],
    ['2020-06-16T12:00:00+05:30', '2020-06-16T06:30:00Z'],
    ['2020-02-29T23:59:59.999Z', '2020-02-29T23:59:59.999Z'],
    ['1970-01-01', '1970-01-01T00:00:00Z'],
    ['9998-12-31T23:59:59.999Z', '9998-12-31T23:59:59.999Z']
  ]
  for (const [text, shown] of right) t.equal(instantText(parseInstant(text)!), shown, text)

  const wrong = ['', 'now', '2020-06-16T12:00:00', '2020-06-16 12:00:00Z', '2021-02-29', '2020-04-31T00:00:00Z', '2020-13-01', '2020-06-16T24:01:00Z',
    '2020-06-16T12:00:00+24:00', '1969-12-31T23:59:59Z', '9999-01-01', '1970-01-01T00:00:00+01:00', '20200616', '2020-06-16T12:00:00.1234Z', '+012020-06-16',
    '2020-06-16 (2020-06-16', '2020-06-16 (2020-06-16T12:00:00Z']
  for (const text of wrong) t.equal(parseInstant(text), undefined, text)
})

t.test('a clock', async t => {
  const at = parseInstant('2020-06-16T12:00:00Z')!
  t.test('of the system shows the machine\'s time', async t => {
    t.equal(timeOn(setClock({ mode: 'system' }, 5), 7), 7)
  })
  t.test('that is frozen stands still', async t => {
    const clock = setClock({ mode: 'frozen', at }, 1000)
    t.equal(timeOn(clock, 1000), at)
    t.equal(timeOn(clock, 999_999), at)
  })
  t.test('that runs does so from when it was set', async t => {
    const clock = setClock({ mode: 'running', at }, 1000)
    t.equal(timeOn(clock, 1000), at)
    t.equal(timeOn(clock, 61_000), at + 60_000)
  })
  t.test('that runs never leaves the instants that can be shown', async t => {
    t.equal(timeOn(setClock({ mode: 'running', at: LAST_INSTANT }, 0), 1), LAST_INSTANT)
    t.equal(timeOn(setClock({ mode: 'running', at: FIRST_INSTANT }, 1000), 0), FIRST_INSTANT)
  })
})

t.test('a cutoff', async t => {
  const texts: Array<[string, string, number]> = [
    ['2023-02-01', '2023-02-01', parseInstant('2023-02-01')!],
    ['2023-02-01T05:30:00+05:30', '2023-02-01T00:00:00Z', parseInstant('2023-02-01')!],
    ['never', 'never', Infinity]
  ]
  for (const [text, shown, from] of texts) {
    t.equal(cutoffText(parseCutoff(text)!), shown)
    t.equal(disabledFrom(parseCutoff(text)!, 'utc'), from)
  }
  t.equal(parseCutoff('tomorrow'), undefined)
})

t.test('a billing cycle ends at 23:59:59 UTC of its last day', async t => {
  const cases: Array<[string, Cycle, MonthLength, string]> = [
    ['2020-06-16T12:00:00Z', 'month', 'calendar', '2020-07-16'],
    ['2020-06-16T12:00:00Z', 'month', '30-days', '2020-07-16'],
    ['2020-06-16T00:00:00Z', 'month', 'calendar', '2020-07-16'],
    ['2020-06-16T23:59:59.999Z', 'month', 'calendar', '2020-07-16'],
    ['2021-01-31T10:00:00Z', 'month', 'calendar', '2021-02-28'],
    ['2020-01-31T10:00:00Z', 'month', 'calendar', '2020-02-29'],
    ['2020-01-31T10:00:00Z', 'month', '30-days', '2020-03-01'],
    ['2020-02-29T10:00:00Z', 'month', 'calendar', '2020-03-29'],
    ['2020-03-31T10:00:00Z', 'month', 'calendar', '2020-04-30'],
    ['2020-12-31T10:00:00Z', 'month', 'calendar', '2021-01-31'],
    ['2020-12-31T23:59:59Z', 'month', '30-days', '2021-01-30'],
    ['2020-02-29T10:00:00Z', 'year', 'calendar', '2021-02-28'],
    ['2019-02-28T10:00:00Z', 'year', 'calendar', '2020-02-28'],
    ['2020-02-29T10:00:00Z', 'year', '30-days', '2021-02-28'],
    ['2019-06-16T10:00:00Z', 'year', '30-days', '2020-06-15'],
    ['2019-06-16T10:00:00Z', 'year', 'calendar', '2020-06-16']
  ]
  for (const [from, cycle, length, lastDay] of cases) {
    t.equal(instantText(endOfCycle(parseInstant(from)!, cycle, length)), `${lastDay}T23:59:59Z`, `a ${length} ${cycle} from ${from}`)
  }

  t.test('never before it starts, and never more than a day off its length', async () => {
    fc.assert(fc.property(fc.integer({ min: FIRST_INSTANT, max: LAST_INSTANT }), fc.constantFrom<Cycle>('month', 'year'), fc.constantFrom<MonthLength>('calendar', '30-days'), (from, cycle, length) => {
      const days = (endOfCycle(from, cycle, length) - from) / 86_400_000
      return cycle === 'month' ? days > 27.99 && days < 32 : days > 364.99 && days < 367
    }))
  })
})

t.test('the day of the purchase, after a cycle that was cut', async t => {
  const next = (from: string, day: number | undefined, cycle: Cycle, choices: Partial<Choices> = {}) => {
    const assumptions = assumptionLog({ ...DEFAULT_CHOICES, ...choices })
    const { nextBillingAt, anchorDay } = nextCycle(parseInstant(`${from}T23:59:59Z`)!, day, cycle, assumptions)
    return [instantText(nextBillingAt).slice(0, 10), anchorDay, ...assumptions.used]
  }
  const keeps = { 'billing-anchor': 'keeps-day' } as const
  const days = { 'month-length': '30-days' } as const
  t.same(next('2021-06-16', undefined, 'month'), ['2021-07-16', undefined])
  t.same(next('2021-01-31', undefined, 'month'), ['2021-02-28', 31, 'month-length'])
  t.same(next('2021-01-29', undefined, 'month'), ['2021-02-28', 29], 'as long as 30 days')
  t.same(next('2021-02-28', 31, 'month'), ['2021-03-28', 31, 'month-length', 'billing-anchor'])
  t.same(next('2021-02-28', 31, 'month', keeps), ['2021-03-31', undefined, 'month-length', 'billing-anchor'])
  t.same(next('2021-03-31', undefined, 'month', keeps), ['2021-04-30', 31], 'and again')
  t.same(next('2021-02-28', 30, 'month', keeps), ['2021-03-30', undefined, 'billing-anchor'], '30 days later')
  t.same(next('2021-02-28', 30, 'month', { ...keeps, ...days }), ['2021-03-30', undefined], 'which 30 days are as well')
  t.same(next('2021-02-28', 31, 'month', { ...keeps, ...days }), ['2021-03-30', undefined, 'month-length'])
  t.same(next('2020-02-29', undefined, 'year'), ['2021-02-28', 29])
  t.same(next('2021-02-28', 29, 'year'), ['2022-02-28', 29], 'the same by either choice')
  t.same(next('2023-02-28', 29, 'year'), ['2024-02-28', 29, 'billing-anchor'])
  t.same(next('2023-02-28', 29, 'year', keeps), ['2024-02-29', undefined, 'month-length', 'billing-anchor'])
})
