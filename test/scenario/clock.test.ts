import t from 'tap'
import { instant, MACHINE_TIME, problemOf, read, world } from '../support/scenario.js'

const AT = '2023-01-31T23:59:59Z'
const at = instant(AT)

t.test('a clock in a scenario may be a text, as on the command line', async t => {
  const cases: ReadonlyArray<readonly [text: string, clock: object]> = [
    ['system', { mode: 'system' }],
    [`frozen:${AT}`, { mode: 'frozen', at }],
    [`running:${AT}`, { mode: 'running', at, since: MACHINE_TIME }],
    [AT, { mode: 'running', at, since: MACHINE_TIME }],
    ['2023-01-31', { mode: 'running', at: instant('2023-01-31'), since: MACHINE_TIME }]
  ]
  for (const [text, clock] of cases) {
    const { clock: ofWorld, accounts } = read({ clock: text, ...world({ clock: text }) as object })
    t.strictSame(ofWorld, clock, text)
    t.strictSame(accounts[0]!.account.clock, clock, `${text} of an account`)
  }
})

t.test('a wrong clock is refused at its place', async t => {
  const asText = /^a clock such as .*, or system, an instant from 1970 to 9998 to run from such as 2023-01-31T23:59:59Z, or frozen:INSTANT$/
  const cases: ReadonlyArray<readonly [given: unknown, place: string, found: string, expected: RegExp]> = [
    ['', '', '""', asText],
    ['frozen', '', '"frozen"', asText],
    ['frozen:', '', '"frozen:"', asText],
    ['frozen:2023-02-30', '', '"frozen:2023-02-30"', asText],
    [`stopped:${AT}`, '', `"stopped:${AT}"`, asText],
    [`Frozen:${AT}`, '', `"Frozen:${AT}"`, asText],
    [5, '', '5', /^a clock such as .*, or a text such as "frozen:/],
    [null, '', 'null', /^a clock such as/],
    [[], '', '[]', /^a clock such as/],
    [{}, '/mode', 'nothing', /^one of system, running, frozen$/],
    [{ mode: 'frozen' }, '/at', 'nothing', /^the instant that a frozen clock shows/],
    [{ mode: 'frozen', at: 5 }, '/at', '5', /ISO 8601/],
    [{ mode: 'frozen', att: AT }, '/att', 'an unknown key', /^at\?/]
  ]
  for (const [clock, place, found, expected] of cases) {
    for (const [scenario, pointer] of [[{ clock }, '/clock'], [world({ clock }), '/accounts/0/clock']] as const) {
      const { issues } = problemOf(() => read(scenario))
      t.match(issues[0], { pointer: pointer + place, found, expected }, JSON.stringify(clock))
    }
  }
})
