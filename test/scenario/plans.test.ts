import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import type { Plan } from '../../src/domain/plan.js'
import { planRow, readPlans } from '../../src/scenario/plans.js'
import { PLANS, problemOf, read } from '../support/scenario.js'

type Expected = readonly [pointer: string, found: string, expected: string]

t.test('a wrong plan table is refused with every issue at its place', async t => {
  const cases: ReadonlyArray<readonly [name: string, table: unknown, base: readonly Plan[], ...issues: Expected[]]> = [
    ['an object', { plans: [] }, PLANS, ['', '{"plans":[]}', 'a list of plans']],
    ['an unknown key', [{ plan_id: 2, nmae: 'x' }], PLANS, ['/0/nmae', 'an unknown key', 'name? The keys here are']],
    ['twin plans', [{ plan_id: 3 }, { plan_id: 2 }, { plan_id: 3 }], PLANS, ['/2/plan_id', '3', 'only once']],
    ['a price on Pay As You Go', [{ plan_id: 1, price: '1' }], PLANS, ['/0/price', '"1"', 'no value: Pay As You Go']],
    ['a row with nothing below it', [{ plan_id: 2, price: '5' }], [], ['/0', '{"plan_id":2,"price":"5"}', 'a row with name, service, price and cycle']]
  ]
  for (const [name, table, base, ...expected] of cases) {
    const { message, issues } = problemOf(() => readPlans(table, base))
    t.strictSame(issues.map(({ pointer }) => pointer), expected.map(([pointer]) => pointer), name)
    t.ok(expected.every(([, found, right], index) => issues[index]!.found === found && issues[index]!.expected.includes(right)), JSON.stringify(issues))
    t.match(message, `the plan table is wrong${issues[0]!.pointer && ` at ${issues[0]!.pointer}`}: found `)
  }
})

t.test('rows override the bundled plan table column by column', async t => {
  const changed = (...rows: unknown[]): Plan[] => read({ plans: rows }).plans.filter(plan => !PLANS.some(bundled => isDeepStrictEqual(plan, bundled)))
  const small = PLANS[1]!
  const cases: ReadonlyArray<[name: string, row: object, plan: Plan]> = [
    ['a price', { plan_id: 2, price: '5.5' }, { planId: 2, name: small.name, service: 1, price: { mills: 5500, cycle: 'month' } }],
    ['no price to pay', { plan_id: 2, price: '0' }, { planId: 2, name: small.name, service: 1, price: { mills: 0, cycle: 'month' } }],
    ['the highest price', { plan_id: 2, price: '999999999999.999' }, { planId: 2, name: small.name, service: 1, price: { mills: 999_999_999_999_999, cycle: 'month' } }],
    ['a name', { plan_id: 2, name: 'Small' }, { planId: 2, name: 'Small', service: 1, price: { mills: 5000, cycle: 'month' } }],
    ['a cycle', { plan_id: 2, cycle: 'year' }, { planId: 2, name: small.name, service: 1, price: { mills: 5000, cycle: 'year' } }],
    ['a service', { plan_id: 2, service: 2 }, { planId: 2, name: small.name, service: 2, price: { mills: 5000, cycle: 'month' } }],
    ['the name of Pay As You Go', { plan_id: 1, name: 'Prepaid' }, { planId: 1, name: 'Prepaid', service: null, price: null }],
    ['a new plan', { plan_id: 10, name: 'New', service: 2, price: '0.001', cycle: 'year' }, { planId: 10, name: 'New', service: 2, price: { mills: 1, cycle: 'year' } }]
  ]
  for (const [name, row, plan] of cases) t.strictSame(changed(row), [plan], name)
  t.strictSame(changed({ plan_id: 2 }, { plan_id: 1 }), [], 'a row that says nothing')
  t.strictSame(read({ plans: [{ plan_id: 12, name: 'x', service: 1, price: '1', cycle: 'month' }, { plan_id: 11, name: 'y', service: 1, price: '1', cycle: 'month' }, { plan_id: 3 }] })
    .plans.map(({ planId }) => planId), [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12], 'by their ids, whatever the order of the rows')
  t.strictSame(readPlans([{ plan_id: 1 }], []), [PLANS[0]], 'a table of its own has Pay As You Go by that name')
  t.strictSame(readPlans([{ plan_id: 1 }], [{ planId: 1, name: 'Prepaid', service: null, price: null }]), [{ planId: 1, name: 'Prepaid', service: null, price: null }], 'Pay As You Go keeps a name that it was given before')
})

t.test('a plan table is read as it was written', async t => {
  t.strictSame(readPlans(PLANS.map(planRow), []), PLANS)
  t.strictSame(planRow(PLANS[0]!), { plan_id: 1, name: 'Pay As You Go' })
  const three = (row: object, base = PLANS) => readPlans([{ plan_id: 3, ...row }], base).find(({ planId }) => planId === 3)!
  t.strictSame(three({}).price, { mills: 10_000, cycle: 'month', isAssumed: true }, 'a price that nobody named')
  t.strictSame(three({ cycle: 'year' }).price, { mills: 10_000, cycle: 'year', isAssumed: true })
  t.strictSame(three({ price: '10' }).price, { mills: 10_000, cycle: 'month' }, 'one that somebody did')
  t.strictSame(three({ price_assumed: false }).price, { mills: 10_000, cycle: 'month' }, 'or confirmed')
  t.strictSame(three({ price: '11', price_assumed: true }).price, { mills: 11_000, cycle: 'month', isAssumed: true }, 'or left open')
  t.strictSame(three({ name: 'x' }, [three({ price: '10' })]).price, { mills: 10_000, cycle: 'month' })
  t.strictSame(planRow(PLANS[2]!), { plan_id: 3, name: 'Phone Automation Medium', service: 1, price: '10', cycle: 'month', price_assumed: true })
  t.strictSame(planRow(PLANS[1]!), { plan_id: 2, name: 'Phone Automation Small', service: 1, price: '5', cycle: 'month' })
})
