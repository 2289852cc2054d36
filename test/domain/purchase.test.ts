import t from 'tap'
import type { Account } from '../../src/domain/account.js'
import { assumptionLog, DEFAULT_CHOICES, namesIn, type Choices, type RestsOn } from '../../src/domain/assumptions.js'
import { parseInstant } from '../../src/domain/clock.js'
import type { Plan, Price, Service } from '../../src/domain/plan.js'
import { planMustBelongToService, purchase, type Purchase } from '../../src/domain/purchase.js'
import { Refusal } from '../../src/domain/refusal.js'

/** A day whose next month ends after thirty days, so that the length of a month decides nothing. */
const NOW = parseInstant('2020-06-16T12:00:00Z')!

/** Buys a plan from a wallet that rests on something, and tells what came of it, or why not, and what that depends on. */
function bought (balanceMills: number, price: number, plan: Price = { mills: price, cycle: 'month' }): [Purchase | string, RestsOn] {
  const account: Account = { accountId: 1, name: 'demo', token: 'secret', balanceMills, balanceRestsOn: ['auto-renew'], clock: null, settings: {}, dueAt: null }
  const assumptions = assumptionLog(DEFAULT_CHOICES)
  try {
    return [purchase(account, 7, { planId: 2, name: 'two', service: 1, price: plan }, price, { now: NOW, assumptions }), namesIn(assumptions)]
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return [error.message, namesIn(assumptions)]
  }
}

t.test('a purchase depends on the wallet if there is anything to pay, and books that', async t => {
  const subscription = { service: 1, planId: 2, nextBillingAt: parseInstant('2020-07-16T23:59:59Z') }
  const entry = { at: NOW, kind: 'plan-change', projectId: 7, planId: 2 }
  const assumed: Price = { mills: 5000, cycle: 'month', isAssumed: true }
  const rows: Array<[string, ReturnType<typeof bought>, unknown, RestsOn]> = [
    ['nothing to pay', bought(0, 0), { subscription, entry: null, balanceRestsOn: ['auto-renew'] }, []],
    ['a single mill', bought(1, 1), { subscription, entry: { ...entry, amountMills: -1, balanceMills: 0 }, balanceRestsOn: ['auto-renew'] }, ['auto-renew']],
    ['a single mill too much', bought(0, 1), 'the wallet holds 0 USD, but plan_id 2 costs 0.001 USD', ['auto-renew']],
    ['an assumed price', bought(5001, 5000, assumed), { subscription, entry: { ...entry, amountMills: -5000, balanceMills: 1 }, balanceRestsOn: ['auto-renew', 'plan-prices'] }, ['plan-prices', 'auto-renew']],
    ['an assumed price, of which nothing is to pay', bought(0, 0, assumed), { subscription, entry: null, balanceRestsOn: ['auto-renew', 'plan-prices'] }, ['plan-prices']],
    ['an assumed price, too high', bought(4999, 5000, assumed), 'the wallet holds 4.999 USD, but plan_id 2 costs 5 USD', ['plan-prices', 'auto-renew']]
  ]
  for (const [name, [outcome, names], expected, rests] of rows) {
    t.same(outcome, expected, name)
    t.same(names, rests, `${name}, and what it depends on`)
  }
})

t.test('a plan that can\'t be had for a service is refused with the service that it belongs to', async t => {
  const phone: Plan = { planId: 1, name: 'Pay As You Go', service: null, price: null }
  const whatsApp: Plan = { planId: 7, name: 'seven', service: 2, price: { mills: 1, cycle: 'month' } }
  const onlyPhone = { 'pay-as-you-go-service': 'phone-automation' } as const
  const asked = (plan: Plan, service: Service, choices: Partial<Choices> = {}): Plan | string => {
    try {
      return planMustBelongToService(plan, service, { assumptions: assumptionLog({ ...DEFAULT_CHOICES, ...choices }) })
    } catch (error) {
      return String(error)
    }
  }
  t.equal(asked(whatsApp, 2), whatsApp)
  t.equal(asked(whatsApp, 1), 'Refusal: plan_id 7 belongs to service 2, not to service 1')
  for (const service of [1, 2] as const) t.equal(asked(phone, service), phone, `Pay As You Go belongs to service ${service}`)
  t.equal(asked(phone, 1, onlyPhone), phone, 'also where it is for Phone Automation alone')
  t.equal(asked(phone, 2, onlyPhone), 'Refusal: plan_id 1 belongs to service 1, not to service 2')
})
