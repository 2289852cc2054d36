import t from 'tap'
import { sentencesOf, stayingOf, takenBackBy } from '../../src/console/consequences.js'
import { apiState, count, day, duration, indented, instant, instantOf, isoOf, money, pretty, span, switchOff } from '../../src/console/format.js'

t.test('the console formats amounts, times and states for people', async t => {
  const day0 = Date.parse('2023-02-01')
  const rows: ReadonlyArray<readonly [what: string, found: unknown, expected: unknown]> = [
    ['amounts have three decimals', ['0', '5', '4.99', '59.108', '-5'].map(money), ['0.000', '5.000', '4.990', '59.108', '-5.000']],
    ['and their thousands apart', ['999', '1000', '-123456.5', '999999999999.999'].map(money), ['999.000', '1,000.000', '-123,456.500', '999,999,999,999.999']],
    ['things are counted', [0, 1, 2, 12_345].map(number => count(number, 'request')), ['0 requests', '1 request', '2 requests', '12,345 requests']],
    ['instants are short', ['2020-06-16T12:00:00Z', '2023-01-31T23:59:59.999Z', '2020-07-16T23:59:59+00:00'].map(instant), ['2020-06-16 12:00:00', '2023-01-31 23:59:59', '2020-07-16 23:59:59']],
    ['days are shorter', day('2020-07-16T23:59:59Z'), '2020-07-16'],
    ['an instant is sent to the emulator in full', [isoOf(day0), isoOf(day0 - 1)], ['2023-02-01T00:00:00Z', '2023-01-31T23:59:59.999Z']],
    ['an instant may be written as it is shown', ['2020-07-16 23:59:59', ' 2020-07-16 23:59', '2020-07-16T23:59', '2020-07-16T23:59:59'].map(instantOf), ['2020-07-16T23:59:59Z', '2020-07-16T23:59:00Z', '2020-07-16T23:59:00Z', '2020-07-16T23:59:59Z']],
    ['or as the control API takes it', ['disabled-1s ', '2020-07-16', '2021-05-05T10:00:00+02:00', '2020-07-16 at noon'].map(instantOf), ['disabled-1s', '2020-07-16', '2021-05-05T10:00:00+02:00', '2020-07-16 at noon']],
    ['a span has its largest unit', [0, 999, 1000, 1999, 59_999, 60_000, 3_600_000, 86_399_999, 86_400_000, 2 * 86_400_000, 1000 * 86_400_000].map(span), ['less than a second', 'less than a second', '1 second', '1 second', '59 seconds', '1 minute', '1 hour', '23 hours', '1 day', '2 days', '1,000 days']],
    ['durations', [0.04, 12.34, 999.94, 1000, 61_500].map(duration), ['0.0 ms', '12.3 ms', '999.9 ms', '1.00 s', '61.50 s']],
    ['JSON is indented, text is left alone', [pretty({ a: [1] }), pretty('text'), indented('{"a":1}'), indented('{"a":')], ['{\n  "a": [\n    1\n  ]\n}', 'text', '{\n  "a": 1\n}', '{"a":']],
    ['the switch-off is the documented day', switchOff({}), day0],
    ['or begins with that day elsewhere', switchOff({ cutoff: '2023-02-01', assumptions: { 'disabled-time-zone': 'utc+14' } }), day0 - 14 * 3_600_000],
    ['or never', switchOff({ cutoff: 'never' }), Infinity],
    ['just before it', apiState(day0 - 1, day0), 'The API is enabled for less than a second more'],
    ['a day before it', apiState(day0 - 86_400_000, day0), 'The API is enabled for another 1 day'],
    ['at that instant', apiState(day0, day0), 'The API has been disabled for less than a second'],
    ['an hour later', apiState(day0 + 3_600_000, day0), 'The API has been disabled for 1 hour'],
    ['without one', apiState(day0, Infinity), 'The API is enabled and is never switched off']
  ]
  for (const [what, found, expected] of rows) t.same(found, expected, what)
})

t.test('the console says in sentences what a call would do, and what a clock that goes back leaves', async t => {
  const none = { accounts: 0, projects: 0, requests: 0, faults: 0 }
  const quiet = { renewed: 0, debited: '0', expired: 0, lapsed: 0, deleted: 0 }
  const nothing = { dry_run: true, due: quiet, stays: quiet, removes: none, adds: none } as const
  const rows: ReadonlyArray<readonly [found: string[], expected: string[]]> = [
    [sentencesOf(nothing), []],
    [sentencesOf({ ...nothing, adds: { ...none, accounts: 1 } }), []],
    [sentencesOf({ ...nothing, due: { renewed: 12, debited: '230', expired: 0, lapsed: 0, deleted: 1 } }), ['This renews 12 plans for 230.000 USD and deletes 1 project.']],
    [sentencesOf({ ...nothing, due: { renewed: 1, debited: '0', expired: 2, lapsed: 0, deleted: 0 } }), ['This renews 1 plan for 0.000 USD and lets 2 projects expire.']],
    [sentencesOf({ ...nothing, due: { ...quiet, lapsed: 1 } }), ['This puts 1 plan back to Pay As You Go.']],
    [sentencesOf({ ...nothing, removes: { ...none, requests: 1200 } }), ['This removes 1,200 requests.']],
    [
      sentencesOf({ ...nothing, due: { ...quiet, deleted: 2 }, removes: { accounts: 1, projects: 2, requests: 3, faults: 1 }, adds: { ...none, projects: 1 } }),
      ['This removes 1 account, 2 projects, 3 requests and 1 fault, and brings 1 project.', 'This deletes 2 projects.']
    ],
    [takenBackBy({ ...nothing, removes: { ...none, accounts: 1 }, since: { calls: 0, requests: 0, forgotten: 0 } }), []],
    [
      takenBackBy({ ...nothing, removes: { ...none, accounts: 2 }, adds: { ...none, accounts: 1 }, since: { calls: 1, requests: 1200, forgotten: 0 } }),
      ['Since then, 1 call and 1,200 requests changed something: this takes that back as well.', 'This removes 2 accounts, and brings 1 account.']
    ],
    [takenBackBy({ ...nothing, since: { calls: 0, requests: 1, forgotten: 0 } }), ['Since then, 1 request changed something: this takes that back as well.']],
    [
      takenBackBy({ ...nothing, since: { calls: 0, requests: 0, forgotten: 1 } }),
      ['This takes back whatever came of 1 earlier step since then, of which nothing is known any more.']
    ],
    [stayingOf(nothing), []],
    [stayingOf({ stays: { ...quiet, renewed: 1, debited: '5' } }), ['Only the clock goes back: 1 renewal for 5.000 USD after that time stays.']],
    [stayingOf({ stays: { ...quiet, renewed: 2, debited: '10' } }), ['Only the clock goes back: 2 renewals for 10.000 USD after that time stay.']],
    [stayingOf({ stays: { ...quiet, lapsed: 2 } }), ['Only the clock goes back: the lapse of 2 plans after that time stays.']],
    [stayingOf({ stays: { ...quiet, deleted: 3 } }), ['Only the clock goes back: the deletion of 3 projects after that time stays.']],
    [stayingOf({ stays: { ...quiet, expired: 1, deleted: 1 } }), ['Only the clock goes back: the expiry of 1 project and the deletion of 1 project after that time stay.']]
  ]
  for (const [found, expected] of rows) t.same(found, expected)
})
