import t from 'tap'
import { instantText } from '../../src/domain/clock.js'
import type { Overrides } from '../../src/scenario/read.js'
import { instant, projects, read, subscriptions } from '../support/scenario.js'

t.test('a project without an id gets the first free id', async t => {
  const ids = (...given: unknown[]): number[] => read(projects(...given)).accounts[0]!.projects.map(({ projectId }) => projectId)
  t.strictSame(ids({}, {}, {}), [1, 2, 3])
  t.strictSame(ids({}, { project_id: 1 }, {}, { project_id: 3 }, {}), [2, 1, 4, 3, 5], 'whatever its place in the list')
  t.strictSame(ids({ project_id: 5786 }, {}), [5786, 1])
  t.equal(read(projects({ project_id: 1 }, {})).accounts[0]!.projects[1]!.projectName, 'project 2')
})

t.test('a billing date left out is the end of a cycle that starts now by the account\'s own clock and month length', async t => {
  const nextBillingAt = (planId: number, scenario: object, account: object, overrides?: Overrides): string => {
    const seed = read({ ...scenario, accounts: [{ ...account, projects: [{ project_id: 1, subscriptions: [{ service: 1, plan_id: planId }] }] }] }, overrides)
    return instantText(seed.accounts[0]!.projects[0]!.subscriptions[0]!.nextBillingAt!)
  }
  const frozen = (at: string): object => ({ clock: { mode: 'frozen', at } })
  const days = (monthLength: string): object => ({ settings: { assumptions: { 'month-length': monthLength } } })
  const cases: ReadonlyArray<[name: string, ends: string, ...Parameters<typeof nextBillingAt>]> = [
    ['the default clock', '2020-07-16T23:59:59Z', 2, {}, {}],
    ['a year', '2021-06-16T23:59:59Z', 6, {}, {}],
    ['the scenario\'s clock', '2023-02-28T23:59:59Z', 2, frozen('2023-01-31T23:59:59Z'), {}],
    ['the machine\'s clock', '2026-04-01T23:59:59Z', 2, { clock: { mode: 'system' } }, {}],
    ['the account\'s frozen clock', '2024-02-29T23:59:59Z', 2, frozen('2023-01-31'), frozen('2024-01-30T12:00:00+01:00')],
    ['the account\'s running clock', '2025-02-28T23:59:59Z', 6, frozen('2023-01-31'), { clock: { mode: 'running', at: '2024-02-29' } }],
    ['the account\'s clock is the machine\'s', '2026-04-01T23:59:59Z', 2, {}, { clock: { mode: 'system' } }],
    ['the last instant', '9999-12-31T23:59:59Z', 6, frozen('9998-12-31T23:59:59.999Z'), {}],
    ['the first instant', '1970-02-01T23:59:59Z', 2, frozen('1970-01-01'), {}],
    ['a month of thirty days for all', '2023-03-02T23:59:59Z', 2, { ...frozen('2023-01-31'), ...days('30-days') }, {}],
    ['a month of thirty days for the account', '2023-03-02T23:59:59Z', 2, frozen('2023-01-31'), days('30-days')],
    ['a calendar month for the account alone', '2023-02-28T23:59:59Z', 2, { ...frozen('2023-01-31'), ...days('30-days') }, days('calendar')],
    ['a clock put over the scenario\'s', '2022-06-01T23:59:59Z', 2, frozen('2023-01-31'), {}, { clock: { mode: 'frozen', at: instant('2022-05-01') } }],
    ['a clock put over the scenario\'s is not put over the account\'s', '2024-02-29T23:59:59Z', 2, {}, frozen('2024-01-30'), { clock: { mode: 'frozen', at: instant('2022-05-01') } }],
    ['a month put over the scenario\'s', '2023-03-02T23:59:59Z', 2, { ...frozen('2023-01-31'), ...days('calendar') }, {}, { settings: { assumptions: { 'month-length': '30-days' } } }],
    ['a cycle put over the scenario\'s', '2021-06-16T23:59:59Z', 2, {}, {}, { plans: [{ plan_id: 2, cycle: 'year' }] }]
  ]
  for (const [name, ends, ...args] of cases) t.equal(nextBillingAt(...args), ends, name)
})

t.test('a given billing date is kept, even one in the past', async t => {
  const cases: ReadonlyArray<[text: string, at: string]> = [
    ['2020-07-16T23:59:59Z', '2020-07-16T23:59:59Z'],
    ['2020-07-16T23:59:59+00:00', '2020-07-16T23:59:59Z'],
    ['2020-07-17T05:29:59+05:30', '2020-07-16T23:59:59Z'],
    ['2019-12-31', '2019-12-31T00:00:00Z'],
    ['2020-02-29T12:00Z', '2020-02-29T12:00:00Z'],
    ['2020-01-01T00:00:00.5Z', '2020-01-01T00:00:00.500Z']
  ]
  for (const [text, at] of cases) {
    const { accounts } = read(subscriptions({ service: 1, plan_id: 2, next_billing_date: text }))
    t.strictSame(accounts[0]!.projects[0]!.subscriptions, [{ service: 1, planId: 2, nextBillingAt: instant(at) }], text)
  }
})
