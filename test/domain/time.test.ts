import fc from 'fast-check'
import t from 'tap'
import { DAY, midnightOf, monthsLater } from '../../src/domain/calendar.js'
import { FIRST_INSTANT, instantText, LAST_INSTANT, parseInstant, type Instant } from '../../src/domain/clock.js'
import { later, parseIsoDuration } from '../../src/domain/iso-duration.js'
import { namedInstant, switchBetween } from '../../src/domain/time-travel.js'
import { parseDuration } from '../../src/text/duration.js'

const at = (text: string): Instant => parseInstant(text)!
const instants = fc.integer({ min: FIRST_INSTANT, max: LAST_INSTANT })

t.test('an ISO 8601 duration', async t => {
  const right: Array<[string, number, number]> = [
    ['P1Y', 12, 0], ['P1M', 1, 0], ['P2W', 0, 14 * DAY], ['P1D', 0, DAY], ['PT1H', 0, 3_600_000], ['PT1M', 0, 60_000], ['PT1S', 0, 1000],
    ['PT0.5S', 0, 500], ['PT0.001S', 0, 1], ['PT1.25S', 0, 1250], ['P0D', 0, 0], ['PT0S', 0, 0],
    ['P1Y2M3W4DT5H6M7.008S', 14, 25 * DAY + 5 * 3_600_000 + 6 * 60_000 + 7008],
    ['P1MT1M', 1, 60_000], ['-P1D', 0, -DAY], ['-P1M', -1, 0], ['-P1YT1S', -12, -1000], ['+P1M', 1, 0], ['P99999Y', 1_199_988, 0], ['P999999M', 999_999, 0], ['P999999W', 0, 6_999_993 * DAY], ['P9999999D', 0, 9_999_999 * DAY],
    ['PT999999999H', 0, 999_999_999 * 3_600_000], ['PT999999999M', 0, 999_999_999 * 60_000], ['PT999999999999S', 0, 999_999_999_999_000]
  ]
  for (const [text, months, ms] of right) t.same(parseIsoDuration(text), { months, ms }, text)

  const wrong = ['', 'P', '-P', 'PT', 'P1', '1D', 'P1DT', 'P1S', 'PT1D', 'P1M1Y', 'PT1S1H', 'P1.5D', 'PT1.5H', 'PT1.S', 'PT.5S', 'PT1,5S', 'PT1.0001S', 'P-1D', 'P 1D', ' P1D', 'P1D ', 'P1D\n',
    'p1d', 'P1Dx', '--P1D', 'P100000Y', 'P1000000M', 'P1000000W', 'P10000000D', 'PT1000000000H', 'PT1000000000M', 'PT1000000000000S', 'P٥D', 'P1W1W', '1000', '1h', 'disabled']
  for (const text of wrong) t.equal(parseIsoDuration(text), undefined, JSON.stringify(text))

  t.test('is read as far as it is written, and from no other text', async () => {
    const part = fc.option(fc.integer({ min: 0, max: 9999 }), { nil: undefined })
    fc.assert(fc.property(fc.constantFrom('', '-', '+'), fc.array(part, { minLength: 7, maxLength: 7 }), (sign, parts) => {
      const written = (letters: string, from: number): string => [...letters].map((letter, index) => parts[from + index] === undefined ? '' : `${parts[from + index]}${letter}`).join('')
      const [date, time] = [written('YMWD', 0), written('HMS', 4)]
      const text = `${sign}P${date}${time === '' ? '' : `T${time}`}`
      const read = parseIsoDuration(text)
      if (date === '' && time === '') return read === undefined
      const [years, months, weeks, days, hours, minutes, seconds] = parts.map(given => given ?? 0) as [number, number, number, number, number, number, number]
      const factor = sign === '-' ? -1 : 1
      return read!.months === factor * (years * 12 + months) && read!.ms === factor * ((weeks * 7 + days) * DAY + ((hours * 60 + minutes) * 60 + seconds) * 1000)
    }))
    fc.assert(fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'PTYMWDHS+-.0129') })), text => {
      const read = parseIsoDuration(text)
      return read === undefined || (Number.isSafeInteger(read.months) && Number.isSafeInteger(read.ms))
    }))
  })
})

t.test('a span of the machine\'s time', async t => {
  const cases: Array<[string, number | undefined]> = [
    ['500ms', 500], ['10s', 10_000], ['1m', 60_000], ['2h', 7_200_000], ['0s', 0],
    ['', undefined], ['10', undefined], ['s', undefined], ['1.5s', undefined], ['-1s', undefined], ['1d', undefined], ['1 s', undefined], ['1S', undefined], ['1s\n', undefined]
  ]
  for (const [text, ms] of cases) t.equal(parseDuration(text), ms, JSON.stringify(text))
})

t.test('months later is the same day and time, or the month\'s last day', async t => {
  const cases: Array<[string, number, string]> = [
    ['2020-06-16T12:34:56.789Z', 1, '2020-07-16T12:34:56.789Z'],
    ['2020-06-16', 0, '2020-06-16T00:00:00Z'],
    ['2020-01-31', 1, '2020-02-29T00:00:00Z'],
    ['2021-01-31', 1, '2021-02-28T00:00:00Z'],
    ['2021-01-31T23:59:59.999Z', 1, '2021-02-28T23:59:59.999Z'],
    ['2021-01-31', 2, '2021-03-31T00:00:00Z'],
    ['2020-12-31', 2, '2021-02-28T00:00:00Z'],
    ['2020-02-29', 12, '2021-02-28T00:00:00Z'],
    ['2020-02-29', 48, '2024-02-29T00:00:00Z'],
    ['2021-03-31', -1, '2021-02-28T00:00:00Z'],
    ['2021-01-15', -1, '2020-12-15T00:00:00Z'],
    ['2000-02-29', 1200, '2100-02-28T00:00:00Z']
  ]
  for (const [from, months, to] of cases) t.equal(instantText(monthsLater(at(from), months)), to, `${from} ${months}`)

  t.test('of the right month, never after the day, at the same time of day', async () => {
    fc.assert(fc.property(instants, fc.integer({ min: -5000, max: 5000 }), (instant, months) => {
      const moved = monthsLater(instant, months)
      const [before, after] = [new Date(instant), new Date(moved)]
      const monthsApart = (after.getUTCFullYear() - before.getUTCFullYear()) * 12 + after.getUTCMonth() - before.getUTCMonth()
      const lastDay = new Date(moved + DAY).getUTCMonth() !== after.getUTCMonth()
      return monthsApart === months && moved - midnightOf(moved) === instant - midnightOf(instant) &&
        (after.getUTCDate() === before.getUTCDate() || (lastDay && after.getUTCDate() < before.getUTCDate()))
    }))
  })

  t.test('and the midnight of an instant is the one with which its day began', async () => {
    fc.assert(fc.property(instants, instant => instantText(midnightOf(instant)).startsWith(new Date(instant).toISOString().slice(0, 11)) && midnightOf(instant) % DAY === 0))
  })
})

t.test('an instant so much later', async t => {
  const cases: Array<[string, string, string | undefined]> = [
    ['2020-01-31', 'P1M', '2020-02-29T00:00:00Z'],
    ['2020-01-31', 'P1M1D', '2020-03-01T00:00:00Z'],
    ['2020-03-01', '-P1M1D', '2020-01-31T00:00:00Z'],
    ['2020-06-16', '-P50Y', '1970-06-16T00:00:00Z'],
    ['1970-01-02', '-P1D', '1970-01-01T00:00:00Z'],
    ['1970-01-01', '-PT0.001S', undefined],
    ['1970-01-01', 'PT0.001S', '1970-01-01T00:00:00.001Z'],
    ['9998-12-31T23:59:59.999Z', 'PT0.001S', undefined],
    ['9998-12-31T23:59:59.998Z', 'PT0.001S', '9998-12-31T23:59:59.999Z'],
    ['2020-06-16', 'P99999Y', undefined],
    ['2020-06-16', '-P99999Y999999M999999W9999999D', undefined],
    ['2020-06-16', 'P99999Y999999M999999W9999999DT999999999H', undefined],
    // Months first: on the way it may be where no clock can stand.
    ['1970-01-15', '-P1MT0S', undefined]
  ]
  for (const [from, by, to] of cases) {
    const moved = later(at(from), parseIsoDuration(by)!)
    t.equal(moved === undefined ? undefined : instantText(moved), to, `${from} ${by}`)
  }

  t.test('and back again is the same instant, if the span has no months', async () => {
    fc.assert(fc.property(instants, fc.integer({ min: -LAST_INSTANT, max: LAST_INSTANT }), (instant, ms) => {
      const there = later(instant, { months: 0, ms })
      return there === undefined
        ? instant + ms < FIRST_INSTANT || instant + ms > LAST_INSTANT
        : later(there, { months: 0, ms: -ms }) === instant
    }))
  })

  t.test('is one at which a clock can stand, or none', async () => {
    fc.assert(fc.property(instants, fc.integer({ min: -3_000_000, max: 3_000_000 }), fc.integer({ min: -1e15, max: 1e15 }), (instant, months, ms) => {
      const moved = later(instant, { months, ms })
      return moved === undefined || (Number.isInteger(moved) && moved >= FIRST_INSTANT && moved <= LAST_INSTANT)
    }))
  })
})

t.test('the switch-off between two instants', async t => {
  const disabledAt = at('2023-02-01')
  const cases: Array<[string, string, string, 'api-disabled' | 'api-enabled' | undefined]> = [
    ['passed', '2023-01-31', '2023-03-01', 'api-disabled'],
    ['at the goal', '2023-01-31', '2023-02-01', 'api-disabled'],
    ['at the start', '2023-02-01', '2023-03-01', undefined],
    ['one millisecond after the goal', '2020-01-01', '2023-01-31T23:59:59.999Z', undefined],
    ['passed backwards', '2023-03-01', '2023-01-31T23:59:59.999Z', 'api-enabled'],
    ['left backwards, from its very instant', '2023-02-01', '2023-01-31', 'api-enabled'],
    ['reached backwards', '2023-03-01', '2023-02-01', undefined],
    ['long before', '2020-01-01', '2021-01-01', undefined],
    ['long before, backwards', '2021-01-01', '2020-01-01', undefined],
    ['where nothing moves, at its very instant', '2023-02-01', '2023-02-01', undefined]
  ]
  for (const [name, from, to, event] of cases) t.same(switchBetween(at(from), at(to), disabledAt), event && { at: disabledAt, event }, name)
  t.equal(switchBetween(FIRST_INSTANT, LAST_INSTANT, Infinity), undefined, 'that never is')
})

t.test('an instant with a name', async t => {
  const named = { disabled: at('2023-02-01'), 'next-billing': at('2020-07-16T23:59:59Z') }
  const right: Array<[string, string]> = [
    ['disabled', '2023-02-01T00:00:00Z'],
    ['disabled-1s', '2023-01-31T23:59:59Z'],
    ['disabled+1ms', '2023-02-01T00:00:00.001Z'],
    ['disabled-5m', '2023-01-31T23:55:00Z'],
    ['disabled-36h', '2023-01-30T12:00:00Z'],
    ['disabled-30d', '2023-01-02T00:00:00Z'],
    ['disabled+999999999ms', '2023-02-12T13:46:39.999Z'],
    ['disabled-P1M', '2023-01-01T00:00:00Z'],
    ['next-billing', '2020-07-16T23:59:59Z'],
    ['next-billing+1s', '2020-07-17T00:00:00Z'],
    ['next-billing+P1DT1S', '2020-07-18T00:00:00Z']
  ]
  for (const [text, expected] of right) t.equal(instantText(namedInstant(text, named) as Instant), expected, text)

  const unknown = ['', 'now', 'Disabled', 'disabled ', ' disabled', 'disabled-', 'disabled-1', 'disabled1s', 'disabled-1w', 'disabled+1000000000ms', 'disabled-1.5s', 'disabled+-1s', 'disabled-P', 'disabled--P1M', 'disabled-PT', 'disabled-P1X', 'next_billing', 'enabled', 'toString', '__proto__', '2023-02-01']
  for (const text of unknown) t.equal(namedInstant(text, named), 'unknown', JSON.stringify(text))

  const nowhere: Array<[string, object]> = [
    ['disabled', { disabled: Infinity }], ['disabled-1s', { disabled: Infinity }], ['disabled-PX', { disabled: Infinity }], ['next-billing', {}], ['next-billing+1s', { 'next-billing': undefined }]
  ]
  for (const [text, instants] of nowhere) t.equal(namedInstant(text, instants), 'nowhere', text)

  const beyond: Array<[string, object]> = [
    ['disabled-P100Y', named], ['disabled+P99999Y', named], ['disabled', { disabled: -1 }], ['next-billing', { 'next-billing': LAST_INSTANT + 1 }], ['disabled-999999999d', named]
  ]
  for (const [text, instants] of beyond) t.equal(namedInstant(text, instants), 'beyond', text)

  t.test('leads where a clock can stand, for every text', async () => {
    fc.assert(fc.property(fc.constantFrom('disabled', 'next-billing', ''), fc.constantFrom('', '+', '-'), fc.oneof(fc.nat().map(String), fc.constant('P')), fc.constantFrom('', 'ms', 's', 'm', 'h', 'd', '1M', '1Y', 'T1S'), instants,
      (name, sign, count, unit, instant) => {
        const found = namedInstant(`${name}${sign}${count}${unit}`, { disabled: instant, 'next-billing': instant })
        return typeof found === 'string' || (found >= FIRST_INSTANT && found <= LAST_INSTANT)
      }))
  })
})
