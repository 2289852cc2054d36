import fc from 'fast-check'
import t from 'tap'
import type { Account } from '../../src/domain/account.js'
import type { PresentedToken } from '../../src/domain/api-token.js'
import { ASSUMPTION_NAMES, assumptionLog, ASSUMPTIONS, DEFAULT_CHOICES, namesIn, type AssumptionName, type Choices, type RestsOn } from '../../src/domain/assumptions.js'
import { changeBilling, type BillingChange, type ChangeBillingFacts, type ChangeBillingInput } from '../../src/domain/change-billing.js'
import { parseInstant } from '../../src/domain/clock.js'
import { parseCutoff } from '../../src/domain/cutoff.js'
import type { Plan } from '../../src/domain/plan.js'
import type { ProjectBilling, ProjectStatus, Subscription } from '../../src/domain/project.js'
import { Refusal, type Rule } from '../../src/domain/refusal.js'
import { bundledPlans } from '../../src/scenario/bundled.js'

const PLANS = new Map(bundledPlans().map(plan => [plan.planId, plan]))
const NOW = at('2020-06-16T12:00:00Z')

interface Case {
  now?: string
  cutoff?: string
  choices?: Partial<Choices>
  body?: Refusal
  token?: Refusal
  account?: 'none'
  apiToken?: Partial<PresentedToken>
  balance?: number
  /** What the balance and the status rest on. */
  wallet?: RestsOn
  standing?: RestsOn
  project?: 'none'
  status?: ProjectStatus
  subscriptions?: Subscription[]
  input?: Partial<ChangeBillingInput> | Refusal
  plans?: Map<number, Plan>
}

function at (text: string): number {
  return parseInstant(text)!
}

function decide (given: Case): { outcome: BillingChange | Rule, assumptions: AssumptionName[], names: AssumptionName[] } {
  const account: Account = { accountId: 1, name: 'demo', token: 'secret', balanceMills: given.balance ?? 5000, balanceRestsOn: given.wallet, clock: null, settings: {}, dueAt: null }
  const project: ProjectBilling = {
    projectId: 5786,
    status: given.status ?? 'Active',
    subscriptions: given.subscriptions ?? [{ service: 1, planId: 1, nextBillingAt: null }],
    statusRestsOn: given.standing
  }
  const world: ChangeBillingFacts = {
    now: given.now === undefined ? NOW : at(given.now),
    cutoff: parseCutoff(given.cutoff ?? '2023-02-01')!,
    assumptions: assumptionLog({ ...DEFAULT_CHOICES, ...given.choices }),
    account: given.account === 'none' ? undefined : account,
    apiToken: given.apiToken && { token: 'secret', ip: '', status: 'enabled', projectId: 5786, isFromItsAddress: true, ...given.apiToken },
    project: given.project === 'none' ? undefined : project,
    plans: given.plans ?? PLANS
  }
  const input = given.input instanceof Refusal ? given.input : { projectId: 5786, service: 1 as const, planId: 2, ...given.input }
  const asked = { body: given.body ?? {}, token: given.token ?? 'secret', input }
  const before = structuredClone({ ...world, assumptions: null })
  try {
    return { outcome: changeBilling(asked, world), assumptions: [...world.assumptions.used], names: namesIn(world.assumptions) }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { outcome: error.rule, assumptions: [...world.assumptions.used], names: namesIn(world.assumptions) }
  } finally {
    t.same({ ...world, assumptions: null }, before, 'the decision changes none of its arguments')
  }
}

function granted (given: Case): BillingChange {
  const { outcome } = decide(given)
  if (typeof outcome === 'string') throw new Error(`refused by ${outcome}`)
  return outcome
}

const on = (planId: number, service: 1 | 2 = 1, until = '2020-07-01T23:59:59Z'): Subscription => ({ service, planId, nextBillingAt: planId === 1 ? null : at(until) })
/** A project that has expired, in an account where it comes back when a plan is bought for it. */
const dormant: Case = { status: 'Expired', subscriptions: [on(2, 1, '2020-06-10T23:59:59Z')], choices: { 'expired-project': 'revive' } }
const broken = (rule: Rule): Refusal => new Refusal(rule, 'broken')

/** Each rule by its name, the cases that it refuses and, on the other side of its boundary, those that it lets pass. */
const RULES: Partial<Record<Rule, { refuses: Record<string, Case>, passes: Record<string, Case> }>> = {
  'api-is-disabled-after-cutoff': {
    refuses: {
      'at the first instant of the switch-off': { now: '2023-02-01T00:00:00.000Z' },
      'years later': { now: '2026-11-22T00:00:00Z' },
      'before anything else is looked at': { now: '2023-02-01', body: broken('body-must-be-json-object'), token: broken('token-must-be-known'), input: broken('fields-must-be-valid'), account: 'none' },
      'at a cutoff given as an instant': { now: '2021-01-01T05:30:00Z', cutoff: '2021-01-01T05:30:00Z' },
      'when the day begins in UTC+14': { now: '2023-01-31T10:00:00Z', choices: { 'disabled-time-zone': 'utc+14' } },
      'when the day begins in UTC-12': { now: '2023-02-01T12:00:00Z', choices: { 'disabled-time-zone': 'utc-12' } }
    },
    passes: {
      'in the last millisecond before': { now: '2023-01-31T23:59:59.999Z' },
      'one millisecond before a cutoff given as an instant': { now: '2021-01-01T05:29:59.999Z', cutoff: '2021-01-01T05:30:00Z' },
      'one millisecond before the day begins in UTC+14': { now: '2023-01-31T09:59:59.999Z', choices: { 'disabled-time-zone': 'utc+14' } },
      'one millisecond before the day begins in UTC-12': { now: '2023-02-01T11:59:59.999Z', choices: { 'disabled-time-zone': 'utc-12' } },
      'always, without a cutoff': { now: '9998-12-31', cutoff: 'never' }
    }
  },
  'body-must-be-json-object': {
    refuses: { 'before the token is looked at': { body: broken('body-must-be-json-object'), token: broken('token-must-be-known') } },
    passes: { 'an object': {} }
  },
  'token-must-be-known': {
    refuses: {
      'a token that can\'t be read, before the fields are looked at': { token: broken('token-must-be-known'), input: broken('fields-must-be-valid') },
      'a token that no account has': { account: 'none' },
      'a project\'s token that has been deleted': { apiToken: { status: 'deleted' } }
    },
    passes: { 'an account\'s token': {} }
  },
  'token-must-be-master': {
    refuses: {
      'a project\'s token, before the fields are looked at': { apiToken: {}, input: broken('fields-must-be-valid') },
      'one that is disabled': { apiToken: { status: 'disabled' } },
      'one from another address': { apiToken: { ip: '10.0.0.1', isFromItsAddress: false } }
    },
    passes: { 'the account\'s own': {} }
  },
  'fields-must-be-valid': {
    refuses: { 'before the project is looked for': { input: broken('fields-must-be-valid'), project: 'none' } },
    passes: { 'valid fields': {} }
  },
  'project-must-exist': {
    refuses: { 'before the plan is looked for': { project: 'none', input: { planId: 99 } } },
    passes: { 'a project of the account': {} }
  },
  'project-must-be-active': {
    refuses: {
      'an expired project': { status: 'Expired' },
      'an expired project, before the plan is looked for': { status: 'Expired', input: { planId: 99 } },
      'an expired project that could be revived, but by nothing that is free': { ...dormant, input: { planId: 1 } },
      'a deleted project, before the plan is looked for': { status: 'Delete', input: { planId: 99 } },
      'a deleted project, which nothing revives': { ...dormant, status: 'Delete' }
    },
    passes: {
      'an active one': { status: 'Active' },
      'an expired one that the plan that it was on revives': dormant,
      'an expired one that another plan revives': { ...dormant, input: { planId: 3 }, balance: 10_000 },
      'an expired one that a plan of its other service revives': { ...dormant, input: { planId: 7, service: 2 }, balance: 29_000 },
      'an expired one that has no subscription': { ...dormant, subscriptions: [] }
    }
  },
  'plan-must-exist': {
    refuses: { 'a plan beyond the table': { input: { planId: 10 } }, 'a plan beyond the table, for an expired project that could be revived': { ...dormant, input: { planId: 10 } } },
    passes: { 'the first plan for sale': { input: { planId: 2 } }, 'the last one': { input: { planId: 9, service: 2 }, balance: 99_000 } }
  },
  'plan-must-belong-to-service': {
    refuses: {
      'a WhatsApp plan for Phone Automation': { input: { planId: 7, service: 1 }, balance: 1_000_000 },
      'a Phone Automation plan for WhatsApp': { input: { planId: 6, service: 2 }, balance: 1_000_000 },
      'a WhatsApp plan for Phone Automation of an expired project that could be revived': { ...dormant, input: { planId: 7 }, balance: 1_000_000 },
      'before the wallet is looked into': { input: { planId: 7, service: 1 }, balance: 0 }
    },
    passes: {
      'the last plan of Phone Automation': { input: { planId: 6, service: 1 }, balance: 250_000 },
      'the first of WhatsApp': { input: { planId: 7, service: 2 }, balance: 29_000 },
      'Pay As You Go for Phone Automation': { input: { planId: 1, service: 1 }, subscriptions: [on(2)] },
      'Pay As You Go for WhatsApp': { input: { planId: 1, service: 2 }, subscriptions: [on(7, 2)] }
    }
  },
  'plan-must-differ': {
    refuses: {
      'the plan that the project is on': { subscriptions: [on(2)] },
      'before the wallet is looked into': { subscriptions: [on(2)], balance: 0 },
      'Pay As You Go, on Pay As You Go': { input: { planId: 1 } },
      'Pay As You Go for a service that the project never had a plan for': { input: { planId: 1, service: 2 } }
    },
    passes: {
      'another plan': { subscriptions: [on(3)] },
      'the same plan, accepted free of charge': { subscriptions: [on(2)], choices: { 'same-plan': 'accept-free' }, balance: 0 },
      'the same plan, charged again': { subscriptions: [on(2)], choices: { 'same-plan': 'charge-again' } }
    }
  },
  'wallet-must-cover-price': {
    refuses: {
      'one mill short': { balance: 4999 },
      'an empty wallet': { balance: 0 },
      'one mill short of the same plan again': { balance: 4999, subscriptions: [on(2)], choices: { 'same-plan': 'charge-again' } },
      'one mill short of the full price between paid plans': { balance: 9999, subscriptions: [on(2)], input: { planId: 3 } },
      'one mill short of the difference between paid plans': { balance: 4999, subscriptions: [on(2)], input: { planId: 3 }, choices: { 'price-between-paid-plans': 'difference' } },
      'one mill short of what revives a project': { ...dormant, balance: 4999 },
      'the difference, which revives no project': { ...dormant, balance: 9999, input: { planId: 3 }, choices: { 'expired-project': 'revive', 'price-between-paid-plans': 'difference' } }
    },
    passes: {
      'exactly enough': { balance: 5000 },
      'one mill more': { balance: 5001 },
      'exactly the full price between paid plans': { balance: 10_000, subscriptions: [on(2)], input: { planId: 3 } },
      'exactly the difference between paid plans': { balance: 5000, subscriptions: [on(2)], input: { planId: 3 }, choices: { 'price-between-paid-plans': 'difference' } },
      'Pay As You Go with nothing': { balance: 0, subscriptions: [on(2)], input: { planId: 1 } }
    }
  }
}

for (const [rule, { refuses, passes }] of Object.entries(RULES)) {
  t.test(rule, async t => {
    for (const [name, given] of Object.entries(refuses)) t.equal(decide(given).outcome, rule, `refuses: ${name}`)
    for (const [name, given] of Object.entries(passes)) t.type(decide(given).outcome, 'object', `passes: ${name}`)
  })
}

t.test('a granted change', async t => {
  t.test('debits the price, books it, and starts a cycle', async t => {
    t.match(granted({ balance: 59_108 }), {
      projectId: 5786,
      oldPlanId: 1,
      price: 5000,
      subscription: { service: 1, planId: 2, nextBillingAt: at('2020-07-16T23:59:59Z') },
      entry: { at: NOW, kind: 'plan-change', amountMills: -5000, balanceMills: 54_108, projectId: 5786, planId: 2 }
    })
  })

  t.test('counts a service without a subscription as on Pay As You Go', async t => {
    t.match(granted({ input: { service: 2, planId: 7 }, balance: 29_000, subscriptions: [on(3)] }), { oldPlanId: 1, price: 29_000 })
  })

  t.test('to Pay As You Go moves no money and ends the cycle', async t => {
    t.match(granted({ input: { planId: 1 }, subscriptions: [on(4)] }), {
      oldPlanId: 4, price: null, entry: null, subscription: { planId: 1, nextBillingAt: null }
    })
  })

  t.test('costs nothing down to a cheaper plan at the difference, and is not refunded', async t => {
    t.match(granted({ balance: 0, input: { planId: 2 }, subscriptions: [on(5)], choices: { 'price-between-paid-plans': 'difference' } }), {
      price: 0, entry: null, subscription: { planId: 2 }
    })
  })

  t.test('charges the plan again in full, whatever the difference is', async t => {
    t.match(granted({ subscriptions: [on(2)], choices: { 'same-plan': 'charge-again', 'price-between-paid-plans': 'difference' } }), { price: 5000 })
  })

  t.test('of the same plan, accepted free of charge, keeps its cycle', async t => {
    t.match(granted({ subscriptions: [on(2)], choices: { 'same-plan': 'accept-free' } }), {
      oldPlanId: 2, price: 0, entry: null, subscription: { planId: 2, nextBillingAt: at('2020-07-01T23:59:59Z') }
    })
    t.match(granted({ input: { planId: 1 }, choices: { 'same-plan': 'accept-free' } }), { price: null, entry: null, subscription: { planId: 1, nextBillingAt: null } })
  })

  t.test('of an expired project makes it active again, at the full price', async t => {
    const revived = { price: 5000, subscription: { service: 1, planId: 2, nextBillingAt: at('2020-07-16T23:59:59Z') }, entry: { at: NOW, kind: 'plan-change', amountMills: -5000, balanceMills: 0, planId: 2 }, lapsed: [] }
    t.match(granted(dormant), { ...revived, oldPlanId: 2 }, 'also by the plan that it was on')
    t.match(granted({ ...dormant, choices: { 'expired-project': 'revive', 'same-plan': 'accept-free' } }), revived, 'which is not free then, whatever the same plan costs')
    t.match(granted({ ...dormant, subscriptions: [on(5, 1, '2020-06-10')], choices: { 'expired-project': 'revive', 'price-between-paid-plans': 'difference' } }), { ...revived, oldPlanId: 5 }, 'nor cheaper after a dearer one')
    t.equal(granted({ choices: { 'expired-project': 'revive' } }).lapsed, null, 'an active one is as it was')

    const lapsed = (whatsApp: Subscription) => granted({ ...dormant, subscriptions: [on(2, 1, '2020-06-10'), whatsApp] }).lapsed
    t.same(lapsed(on(7, 2, '2020-06-01')), [{ ...on(1, 2), restsOn: ['expired-project'] }], 'its other service has ended, and is on Pay As You Go')
    t.same(lapsed({ ...on(7, 2, '2020-06-16T12:00:00Z'), restsOn: ['month-length'] }), [{ ...on(1, 2), restsOn: ['month-length', 'expired-project'] }], 'as one that ends now is')
    t.same(lapsed(on(7, 2, '2020-06-16T12:00:00.001Z')), [], 'but one that is paid for longer goes on')
    t.same(lapsed(on(1, 2)), [], 'and one on Pay As You Go stays there')
  })

  t.test('from a plan that the table no longer has costs the full price', async t => {
    t.match(granted({ subscriptions: [on(3)], plans: new Map([...PLANS].filter(([planId]) => planId !== 3)) }), { price: 5000 })
  })
})

t.test('an answer names the assumptions that it rests on', async t => {
  const cases: Array<[string, Case, AssumptionName[]]> = [
    ['none, for the documented sample', {}, []],
    ['the same plan', { subscriptions: [on(2)] }, ['same-plan']],
    ['a month of 31 days', { now: '2020-07-16' }, ['month-length']],
    ['a leap year, and an assumed price', { now: '2020-01-16', input: { planId: 6 }, balance: 250_000 }, ['plan-prices', 'month-length']],
    ['a price that is assumed, for a year of 365 days', { input: { planId: 6 }, balance: 250_000 }, ['plan-prices']],
    ['a price that is assumed, and is too high', { input: { planId: 6 } }, ['plan-prices']],
    ['the difference to a price that is assumed', { subscriptions: [on(3)], choices: { 'price-between-paid-plans': 'difference' } }, ['price-between-paid-plans', 'plan-prices']],
    ['the full price, whatever the other one is', { subscriptions: [on(3)] }, ['price-between-paid-plans']],
    ['the price between paid plans', { subscriptions: [on(2)], input: { planId: 3 }, balance: 10_000 }, ['price-between-paid-plans', 'plan-prices']],
    ['none, from a plan that was sold for nothing', { subscriptions: [on(2)], input: { planId: 3 }, balance: 10_000, plans: new Map(PLANS).set(2, { planId: 2, name: 'a gift', service: 1, price: { mills: 0, cycle: 'month' } }) }, ['plan-prices']],
    ['only the price, from Pay As You Go', { input: { planId: 3 }, balance: 10_000 }, ['plan-prices']],
    ['that Pay As You Go is for the other service too', { input: { planId: 1, service: 2 } }, ['pay-as-you-go-service', 'same-plan']],
    ['that it is not', { input: { planId: 1, service: 2 }, choices: { 'pay-as-you-go-service': 'phone-automation' } }, ['pay-as-you-go-service']],
    ['the time zone of the switch-off, on its day', { now: '2023-02-01T11:59:59Z' }, ['disabled-time-zone']],
    ['the time zone of the switch-off, on the day before', { now: '2023-01-31T10:00:00Z', input: { planId: 99 } }, ['disabled-time-zone']],
    ['that an expired project stays so', { status: 'Expired' }, ['expired-project']],
    ['that a plan beyond the table revives nothing', { status: 'Expired', input: { planId: 99 } }, ['expired-project']],
    ['that an expired project can be revived, and nothing else that the same plan or another could cost', dormant, ['expired-project']],
    ['that an expired project can be revived, and how long its month is', { ...dormant, now: '2020-07-16' }, ['expired-project', 'month-length']],
    ['none, for what never revives a project', { status: 'Expired', input: { planId: 1 } }, []],
    ['that a deleted project is still known', { status: 'Delete', choices: { 'expired-project': 'revive' } }, ['deleted-project']],
    ['that it is not known', { status: 'Delete', choices: { 'deleted-project': 'gone' } }, ['deleted-project']],
    ['that an expired project is not deleted after 14 days', { status: 'Expired', subscriptions: [on(2, 1, '2020-06-02T12:00:00Z')], choices: { deletion: 'never' } }, ['deletion', 'expired-project']],
    ['not yet, one millisecond before', { status: 'Expired', subscriptions: [on(2, 1, '2020-06-02T12:00:00.001Z')], choices: { deletion: 'never' } }, ['expired-project']],
    ['nor of one that will be', { status: 'Expired', subscriptions: [on(2, 1, '2020-06-02T12:00:00Z')] }, ['expired-project']],
    ['nor without an end', { status: 'Expired', choices: { deletion: 'never' } }, ['expired-project']],
    ['none, when it is over everywhere', { now: '2023-02-01T12:00:00Z' }, []],
    ['none, when it has begun nowhere', { now: '2023-01-31T09:59:59.999Z', input: { planId: 99 } }, []]
  ]
  for (const [name, given, expected] of cases) t.same(decide(given).assumptions, expected, name)
})

t.test('an answer depends on the state that it reads, and a change leaves behind what it depends on', async t => {
  const wallet: RestsOn = ['auto-renew']
  const plan: RestsOn = ['billing-anchor']
  const standing: RestsOn = ['unpaid-service']
  const two = [{ ...on(2), restsOn: plan }]
  const known = { wallet, standing, subscriptions: two }
  const free = { choices: { 'same-plan': 'accept-free' } } as const
  const again = { choices: { 'same-plan': 'charge-again' } } as const
  const difference = { choices: { 'price-between-paid-plans': 'difference' } } as const
  const payAsYouGo = { input: { planId: 1 } }
  type Left = [wallet: RestsOn | undefined, subscription: RestsOn | undefined, status: RestsOn | undefined]
  /** What is asked, what the answer depends on, and what the wallet, the subscription and the status rest on afterwards; a rule if it is refused. */
  const rows: Array<[string, Case, RestsOn, Left | Rule]> = [
    ['a plan from Pay As You Go', { wallet, standing }, ['unpaid-service', 'auto-renew'], [wallet, undefined, undefined]],
    ['a month of 31 days', { now: '2020-07-16' }, ['month-length'], [undefined, ['month-length'], undefined]],
    ['another paid plan', { ...known, balance: 10_000, input: { planId: 3 } }, ['price-between-paid-plans', 'plan-prices', 'unpaid-service', 'billing-anchor', 'auto-renew'],
      [['price-between-paid-plans', 'auto-renew', 'plan-prices'], undefined, undefined]],
    ['a cheaper one for nothing', { ...known, ...difference, subscriptions: [{ ...on(3), restsOn: plan }] }, ['price-between-paid-plans', 'plan-prices', 'unpaid-service', 'billing-anchor'],
      [['price-between-paid-plans', 'auto-renew', 'plan-prices'], undefined, undefined]],
    ['Pay As You Go', { ...known, ...payAsYouGo }, ['unpaid-service', 'billing-anchor'], [wallet, undefined, undefined]],
    ['Pay As You Go for the other service', { ...known, subscriptions: [...two, on(7, 2)], input: { planId: 1, service: 2 } }, ['pay-as-you-go-service', 'unpaid-service'], [wallet, ['pay-as-you-go-service'], undefined]],
    ['the same plan', known, ['same-plan', 'unpaid-service', 'billing-anchor'], 'plan-must-differ'],
    ['the same plan, free of charge', { ...known, ...free }, ['same-plan', 'unpaid-service', 'billing-anchor'], [['same-plan', 'auto-renew'], ['same-plan', 'billing-anchor'], undefined]],
    ['the same plan, charged again', { ...known, ...again }, ['same-plan', 'unpaid-service', 'billing-anchor', 'auto-renew'], [['same-plan', 'auto-renew'], ['same-plan'], undefined]],
    ['Pay As You Go again, free of charge', { ...free, ...payAsYouGo, wallet }, ['same-plan'], [wallet, ['same-plan'], undefined]],
    ['a revival', { ...dormant, ...known, subscriptions: [{ ...on(2, 1, '2020-06-10'), restsOn: plan }] }, ['expired-project', 'unpaid-service', 'billing-anchor', 'auto-renew'],
      [['auto-renew', 'expired-project'], ['expired-project'], ['expired-project']]]
  ]
  for (const [name, given, depends, left] of rows) {
    const { outcome, names } = decide(given)
    t.same(names, depends, `${name}: its answer`)
    t.same(typeof outcome === 'string' ? outcome : [outcome.balanceRestsOn, outcome.subscription.restsOn, outcome.statusRestsOn], left, `${name}: what it leaves`)
  }
})

t.test('properties of every decision', async t => {
  const instant = fc.integer({ min: at('2020-01-01'), max: at('2024-12-31') })
  const anyCase = fc.record({
    now: instant.map(ms => new Date(ms).toISOString()),
    balance: fc.oneof(fc.integer({ min: 0, max: 300_000 }), fc.constantFrom(4999, 5000, 5001, 10_000)),
    status: fc.constantFrom<ProjectStatus>('Active', 'Active', 'Active', 'Expired', 'Delete'),
    subscriptions: fc.record({ phone: fc.integer({ min: 1, max: 6 }), whatsApp: fc.constantFrom(1, 7, 8, 9) })
      .map(({ phone, whatsApp }) => [on(phone), on(whatsApp, 2)]),
    input: fc.record({ service: fc.constantFrom<1 | 2>(1, 2), planId: fc.integer({ min: 1, max: 10 }) }),
    choices: fc.record(Object.fromEntries(ASSUMPTION_NAMES.map(name => [name, fc.constantFrom(...ASSUMPTIONS[name].choices)]))) as unknown as fc.Arbitrary<Choices>
  })

  t.test('money is neither made nor lost', async t => {
    fc.assert(fc.property(anyCase, given => {
      const { outcome } = decide(given)
      if (typeof outcome === 'string') return
      const { price, entry, subscription } = outcome
      t.equal(entry === null ? 0 : -entry.amountMills, price ?? 0)
      if (entry !== null) t.equal(entry.balanceMills, given.balance - price!)
      t.ok(entry === null || entry.balanceMills >= 0)
      t.equal(subscription.nextBillingAt === null, subscription.planId === 1, 'a cycle ends unless there is none')
      t.ok(subscription.nextBillingAt === null || price === 0 || subscription.nextBillingAt > at(given.now))
    }))
  })

  t.test('an assumption is named if, and only if, another choice would have decided otherwise', async t => {
    const decidedHere: AssumptionName[] = ['same-plan', 'price-between-paid-plans', 'month-length', 'disabled-time-zone', 'expired-project', 'deleted-project', 'pay-as-you-go-service']
    // Its names depend on what was asked, and its day on what can't be asked any more.
    const values = (outcome: BillingChange | Rule): string => JSON.stringify(outcome, (key, value: unknown) => /[rR]estsOn$|^anchorDay$/.test(key) ? undefined : value)
    fc.assert(fc.property(anyCase, fc.constantFrom(...decidedHere), (given, name) => {
      const { outcome, assumptions } = decide(given)
      const others = ASSUMPTIONS[name].choices.map(choice => decide({ ...given, choices: { ...given.choices, [name]: choice } }).outcome)
      const differs = others.some(other => values(other) !== values(outcome))
      if (differs) t.ok(assumptions.includes(name), `${name} made a difference`)
      // A wallet that covers neither price is refused either way, but with another sum in its message.
      else if (outcome !== 'wallet-must-cover-price') t.notOk(assumptions.includes(name), `${name} made no difference`)
    }), { numRuns: 500 })
  })
})
