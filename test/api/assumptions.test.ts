import t from 'tap'
import { connect } from '../../src/client/connect.js'
import type { ScenarioAccount } from '../../src/contract/scenario.js'
import { ASSUMPTIONS } from '../../src/domain/assumptions.js'
import type { OPEN_QUESTIONS } from '../../src/domain/open-questions.js'
import { SOLE_READINGS } from '../../src/domain/sole-readings.js'
import { contents, emulate, SAMPLE } from '../support/emulator.js'
import { Database } from '../support/sqlite.js'

const byRegistry = (a: string, b: string): number => Object.keys(ASSUMPTIONS).indexOf(a) - Object.keys(ASSUMPTIONS).indexOf(b)

interface Row {
  /** Which world makes the choice matter. */
  readonly account?: ScenarioAccount
  readonly clock?: string
  /** Which endpoint is asked; change-billing where it is left out. */
  readonly path?: string
  readonly fields?: object
  /** What each choice answers with. */
  readonly answers: Readonly<Record<string, object>>
}

const on = (planId: number): ScenarioAccount => ({ projects: [{ project_id: 5786, subscriptions: [{ service: 1, plan_id: planId }] }] })

/** A project whose cycle ended then. */
const endedOn = (date: string, status: 'Active' | 'Expired' = 'Active'): ScenarioAccount =>
  ({ projects: [{ project_id: 5786, project_status: status, subscriptions: [{ service: 1, plan_id: 2, next_billing_date: date }] }] })

const tokens = { project_id: 5786, ip_whitelist: ['192.0.2.1'] }
const withTwoServices = (until: string): ScenarioAccount => ({
  projects: [{ project_id: 5786, subscriptions: [{ service: 1, plan_id: 2, next_billing_date: until }, { service: 2, plan_id: 7, next_billing_date: '2020-07-31T23:59:59Z' }] }]
})

/** Each open question by its name: a request whose answer rests on it, and what each choice makes of it. */
const ROWS: Readonly<Record<keyof typeof OPEN_QUESTIONS, Row>> = {
  'same-plan': {
    account: on(2),
    answers: {
      refuse: { status: 410 },
      'accept-free': { status: 100, old_billing_plan: '2', new_billing_plan: 2, amount_debited: '0', next_billing_date: '2020-07-16T23:59:59+00:00' },
      'charge-again': { status: 100, old_billing_plan: '2', new_billing_plan: 2, amount_debited: '5', next_billing_date: '2020-07-16T23:59:59+00:00' }
    }
  },
  'price-between-paid-plans': {
    account: on(2),
    fields: { plan_id: 5 },
    answers: { 'full-price': { amount_debited: '25' }, difference: { amount_debited: '20' } }
  },
  'month-length': {
    clock: 'frozen:2020-01-31T10:00:00Z',
    answers: { calendar: { next_billing_date: '2020-02-29T23:59:59+00:00' }, '30-days': { next_billing_date: '2020-03-01T23:59:59+00:00' } }
  },
  'unknown-project-status': {
    fields: { project_id: 1 },
    answers: {
      410: { status: 410, message: 'Invalid Request: this account has no project 1' },
      408: { status: 408, message: 'Project is not Active: this account has no project 1' },
      409: { status: 409, message: 'Invalid User: this account has no project 1' }
    }
  },
  'disabled-status': {
    clock: 'frozen:2023-03-01',
    answers: { 101: { status: 101, message: /^Service Unavailable: / }, 405: { status: 405, message: /^API Is Not Active For This Plan: / } }
  },
  'pay-as-you-go-fields': {
    account: on(2),
    fields: { plan_id: 1 },
    answers: {
      'empty-string': { amount_debited: '', next_billing_date: '' },
      zero: { amount_debited: '0', next_billing_date: '' },
      absent: { status: 100, message: 'Success', old_billing_plan: '2', new_billing_plan: 1 }
    }
  },
  'disabled-time-zone': {
    clock: 'frozen:2023-02-01T06:00:00Z',
    answers: { utc: { status: 101 }, 'utc+14': { status: 101 }, 'utc-12': { status: 100 } }
  },
  'auto-renew': {
    account: endedOn('2020-06-15T23:59:59Z'),
    fields: { plan_id: 3 },
    answers: {
      on: { status: 100, old_billing_plan: '2', new_billing_plan: 3, amount_debited: '10' },
      off: { status: 408, message: 'Project is not Active: project 5786 has the status Expired' }
    }
  },
  'expired-project': {
    account: endedOn('2020-06-10T23:59:59Z', 'Expired'),
    answers: {
      refuse: { status: 408, message: 'Project is not Active: project 5786 has the status Expired' },
      revive: { status: 100, old_billing_plan: '2', new_billing_plan: 2, amount_debited: '5', next_billing_date: '2020-07-16T23:59:59+00:00' }
    }
  },
  'all-projects-key': {
    path: '/pm/get-projects',
    fields: { project_id: 0 },
    answers: {
      projects: { status: 100, message: 'Success', projects: [{ project_status: 'Active', project_id: '5786' }], data: undefined },
      data: { status: 100, message: 'Success', data: [{ project_status: 'Active', project_id: '5786' }], projects: undefined }
    }
  },
  'billing-anchor': {
    clock: 'frozen:2020-03-01',
    account: { projects: [{ project_id: 5786, subscriptions: [{ service: 1, plan_id: 2, next_billing_date: '2020-02-29T23:59:59Z', anchor_day: 31 }] }] },
    path: '/pm/get-projects',
    answers: { drifts: { next_billing_date: '2020-03-29T23:59:59+00:00' }, 'keeps-day': { next_billing_date: '2020-03-31T23:59:59+00:00' } }
  },
  'unpaid-service': {
    account: { ...withTwoServices('2020-06-15T23:59:59Z'), balance: '4.999' },
    path: '/pm/get-projects',
    answers: {
      'expires-project': { project_status: 'Expired', service: 1, next_billing_date: '2020-06-15T23:59:59+00:00' },
      'falls-back': { project_status: 'Active', service: 1, next_billing_date: '' }
    }
  },
  'renewal-after-switch-off': {
    clock: 'frozen:2023-02-20',
    account: { ...endedOn('2023-02-10T23:59:59Z'), settings: { assumptions: { 'check-balance-switch-off': 'enabled' } } },
    path: '/check-balance',
    answers: { continues: { balance: 95 }, stops: { balance: 100 } }
  },
  deletion: {
    account: endedOn('2020-06-01T23:59:59Z', 'Expired'),
    path: '/pm/get-projects',
    answers: { 'after-14-days': { project_status: 'Delete' }, never: { project_status: 'Expired' } }
  },
  'deleted-project': {
    account: { projects: [{ project_id: 5786, project_status: 'Delete' }] },
    answers: {
      shown: { status: 408, message: 'Project is not Active: project 5786 has the status Delete' },
      gone: { status: 410, message: 'Invalid Request: this account has no project 5786' }
    }
  },
  'inactive-project': {
    account: { projects: [{ project_id: 5786, project_status: 'Expired' }] },
    path: '/pm/create-api-token',
    fields: tokens,
    answers: { refuse: { status: 408 }, allow: { status: 100, api_token: [{ ip: '192.0.2.1' }] } }
  },
  'shown-service': {
    account: withTwoServices('2020-07-01T23:59:59Z'),
    path: '/pm/get-projects',
    answers: {
      first: { service: 1, next_billing_date: '2020-07-01T23:59:59+00:00' },
      last: { service: 2, next_billing_date: '2020-07-31T23:59:59+00:00' }
    }
  },
  'token-without-address': {
    path: '/pm/create-project',
    fields: { generate_api_token: true },
    answers: { 'any-address': { status: 100, api_tokens: [{ ip: '' }] }, 'no-token': { status: 100, api_tokens: [] } }
  },
  'check-balance-switch-off': {
    clock: 'frozen:2023-03-01',
    path: '/check-balance',
    answers: { disabled: { status: 101 }, enabled: { status: 100, balance: 100 } }
  },
  'pay-as-you-go-service': {
    account: { projects: [{ project_id: 5786, subscriptions: [{ service: 2, plan_id: 7 }] }] },
    fields: { service: 2, plan_id: 1 },
    answers: {
      both: { status: 100, old_billing_plan: '7', new_billing_plan: 1 },
      'phone-automation': { status: 410, message: 'Invalid Request: plan_id 1 belongs to service 1, not to service 2' }
    }
  }
}

/** The clock that a flag names, as a scenario has it. */
function clockOf (flag: string): { readonly mode: 'frozen', readonly at: string } {
  return { mode: 'frozen', at: flag.replace('frozen:', '') }
}

const rows = await emulate(t)
const { load } = connect(rows.url)

for (const name of Object.keys(ROWS) as Array<keyof typeof ROWS>) {
  const { account, clock = 'frozen:2020-06-16T12:00:00Z', path = '/pm/change-billing', fields, answers } = ROWS[name]
  const body = { ...SAMPLE, ...fields }
  const scenario = { accounts: [{ token: SAMPLE.token, balance: '100', projects: [{ project_id: 5786 }], ...account }] }

  t.test(name, async t => {
    t.same(Object.keys(answers).sort(), [...ASSUMPTIONS[name].choices].sort(), 'every choice has its row')
    t.ok(ASSUMPTIONS[name].choices.length > 1, 'there is something to choose')

    for (const [choice, expected] of Object.entries(answers)) {
      t.test(`${choice}, chosen for the world`, async t => {
        await load({ ...scenario, clock: clockOf(clock), settings: { assumptions: { [name]: choice } } })
        const answer = await rows.post(path, body)
        t.match(answer.body, expected)
        t.equal(answer.headers.get('x-emulator-assumptions')?.split(', ').includes(name), true)
        if (choice === 'absent') t.same(Object.keys(answer.body), Object.keys(expected))
      })

      t.test(`${choice}, chosen for the account`, async t => {
        const settings = { assumptions: { ...account?.settings?.assumptions, [name]: choice } }
        await load({ clock: clockOf(clock), accounts: [{ ...scenario.accounts[0], settings }] })
        t.match((await rows.post(path, body)).body, expected)
      })
    }

    t.test(`${ASSUMPTIONS[name].default} by default`, async t => {
      await load({ ...scenario, clock: clockOf(clock) })
      t.match((await rows.post(path, body)).body, answers[ASSUMPTIONS[name].default])
    })
  })
}

t.test('the table dialect shows fields that do not apply as it shows others', async t => {
  const scenario = { accounts: [{ token: SAMPLE.token, ...on(2) }] }
  for (const [choice, amount] of [['empty-string', ''], ['zero', 0], ['absent', undefined]] as const) {
    const { change } = await emulate(t, { scenario, wire: { types: 'table' }, assume: { 'pay-as-you-go-fields': choice } })
    t.equal((await change({ ...SAMPLE, plan_id: 1 })).body.amount_debited, amount)
  }
})

t.test('an account that uses the world\'s clock and another with its own', async t => {
  const projects = [{ project_id: 5786 }]
  const { change } = await emulate(t, {
    clock: 'frozen:2023-03-01',
    scenario: { accounts: [{ token: 'world', balance: '5', projects }, { token: 'own', balance: '5', projects, clock: { mode: 'running', at: '2021-05-01' } }] }
  })
  t.match((await change({ ...SAMPLE, token: 'world' })).body, { status: 101 })
  t.match((await change({ ...SAMPLE, token: 'own' })).body, { status: 100, next_billing_date: '2021-06-01T23:59:59+00:00' })
  t.match((await change({ ...SAMPLE, token: 'nobody' })).body, { status: 101 }, 'a request of nobody is asked by the world\'s clock')
})

t.test('when the emulator itself fails', async t => {
  const { change, db } = await emulate(t)
  const file = new Database(db)
  const { account } = contents(db)
  file.exec('ALTER TABLE ledger_entry RENAME TO elsewhere')
  const answer = await change(SAMPLE)
  t.equal(answer.http, 500)
  t.same(answer.body, { status: 101, message: 'Service Unavailable: the emulator failed and changed nothing; its log says why' })
  t.same(contents(db).account, account, 'nothing has changed')
  file.exec('ALTER TABLE elsewhere RENAME TO ledger_entry')
  file.close()
  t.match((await change(SAMPLE)).body, { status: 100 }, 'and it goes on')
})

t.test('assumptions without an alternative', async t => {
  const body = { token: SAMPLE.token, project_id: 5786 }
  /** A request that rests on each that a setting can change, and the setting. */
  const rows: Readonly<Record<string, { path: string, fields?: object, setting: object, answer: object, isServed: boolean }>> = {
    'plan-prices': { path: '/pm/change-billing', fields: { service: 1, plan_id: 3 }, setting: { plans: [{ plan_id: 3, price: '10' }] }, answer: { status: 100, amount_debited: '10' }, isServed: true },
    'set-webhook-endpoint': { path: '/pm/set-webhook', setting: { paths: { 'set-webhook': 'off' } }, answer: { status: 100 }, isServed: false },
    'fetch-balance-endpoint': { path: '/pm/fetch-balance', setting: { paths: { 'fetch-balance': 'off' } }, answer: { balance: 100 }, isServed: false }
  }
  t.same(Object.keys(rows), Object.entries(SOLE_READINGS).filter(([, { otherwise }]) => otherwise !== undefined).map(([name]) => name))
  t.ok(Object.values(SOLE_READINGS).every(({ choices, default: choice }) => choices.length === 1 && choices[0] === choice))
  const scenario = { accounts: [{ token: SAMPLE.token, balance: '100', projects: [{ project_id: 5786 }] }] }
  for (const [name, { path, fields, setting, answer, isServed }] of Object.entries(rows)) {
    const { post } = await emulate(t, { scenario })
    const assumed = await post(path, { ...body, ...fields })
    t.match(assumed.body, answer, name)
    t.equal(assumed.headers.get('x-emulator-assumptions'), name)
    const settled = await (await emulate(t, { scenario, ...setting })).post(path, { ...body, ...fields })
    t.equal(settled.headers.get('x-emulator-assumptions'), null, `${name} is not assumed any more`)
    t.equal(settled.http, isServed ? 200 : 404)
  }
  const { post } = await emulate(t, { scenario, assume: { 'qr-code-url': 'nowhere' } })
  t.equal((await post('/pm/get-projects', body)).headers.get('x-emulator-assumptions'), null, 'what can only be as it is depends on nothing')
})

t.test('the difference to an assumed price rests on it, and one between known prices does not', async t => {
  const assume = { 'price-between-paid-plans': 'difference' } as const
  const names = async (planId: number, plans: object[] = []): Promise<string | null> => {
    const { change } = await emulate(t, { scenario: { accounts: [{ token: SAMPLE.token, balance: '100', ...on(3) }] }, assume, plans: plans as never })
    return (await change({ ...SAMPLE, plan_id: planId })).headers.get('x-emulator-assumptions')
  }
  t.equal(await names(2), 'price-between-paid-plans, plan-prices')
  t.equal(await names(2, [{ plan_id: 3, price: '4' }]), 'price-between-paid-plans')
  t.equal(await names(2, [{ plan_id: 3, price: '4', price_assumed: true }]), 'price-between-paid-plans, plan-prices')
  t.equal(await names(2, [{ plan_id: 3, cycle: 'year' }]), 'price-between-paid-plans, plan-prices', 'another cycle names no price')
})

t.test('what an assumption did to the state keeps its name until another write makes it moot', async t => {
  const off = { assumptions: { 'auto-renew': 'off' } }
  const project = (until: string, planId = 2) => ({ project_id: 5786, subscriptions: [{ service: 1 as const, plan_id: planId, next_billing_date: until }] })
  const lapsing = (name: string, more: ScenarioAccount = {}): ScenarioAccount =>
    ({ name, token: name, balance: '100', settings: off, projects: [project('2020-06-20T23:59:59Z')], ...more })
  const names = ['asked', 'advanced', 'looked at', 'copied', 'loaded', 'replaced', 'chosen otherwise', 'paid', 'charged', 'revived']
  const { url, post } = await emulate(t, { scenario: { clock: { mode: 'frozen', at: '2020-06-16T12:00:00Z' }, accounts: names.map(name => lapsing(name)) } })
  const control = connect(url)
  const read = async (token: string, path = '/pm/change-billing', fields: object = {}): Promise<string[]> =>
    (await post(path, { ...SAMPLE, token, ...fields })).headers.get('x-emulator-assumptions')?.split(', ') ?? []
  const refused = ['expired-project', 'auto-renew']
  const balance = async (token: string): Promise<string[]> => await read(token, '/check-balance')

  const asked = await control.account('asked')
  await (await control.account('advanced')).clock.advance('P10D')
  await control.clock.jump('2020-06-26T12:00:00Z')
  t.same(await read('advanced'), refused, 'after its clock has been advanced')
  for (const time of ['first', 'second', 'third']) t.same(await read('asked'), refused, `the ${time} time`)
  t.same(await read('asked', '/pm/get-projects', {}), ['auto-renew'])
  t.same(await read('asked', '/pm/set-webhook', {}), ['set-webhook-endpoint', 'inactive-project', 'auto-renew'])
  t.same(await balance('asked'), ['auto-renew'], 'the money is still there by choice too')
  t.same(await read('asked', '/pm/get-projects', { project_id: 9 }), ['unknown-project-status'], 'what does not read it does not rest on it')
  await control.accounts()
  t.same(await read('looked at'), refused, 'after the control API has settled it')
  t.match(await asked.state(), { balance_rests_on: ['auto-renew'], projects: [{ project_status: 'Expired', status_rests_on: ['auto-renew'] }] })

  const copy = await control.createAccount({ copy_of: 'copied' })
  t.same(await read(copy.token), refused, 'a copy')
  const state = await control.state()
  t.same(await control.load(state), state)
  t.same(await read('loaded'), refused, 'a state that was saved and loaded')
  t.same(await read('chosen otherwise'), refused)
  const other = await control.account('chosen otherwise')
  await other.settings.change({ assumptions: null })
  t.same(await read('chosen otherwise'), refused, 'a choice that has been changed since')

  await (await control.account('replaced')).setProject(5786, project('2020-07-26T23:59:59Z'))
  t.same(await read('replaced', '/pm/get-projects'), [], 'a project that has been replaced')
  const paid = await control.account('paid')
  await paid.wallet.credit('1')
  t.same(await balance('paid'), ['auto-renew'], 'a top-up adds to what was there')
  await paid.wallet.set('5')
  t.same(await balance('paid'), [], 'a balance that has been set')
  await (await control.account('revived')).settings.change({ assumptions: { 'expired-project': 'revive' } })
  t.same(await read('revived', '/pm/change-billing', { plan_id: 3 }), ['expired-project', 'plan-prices', 'auto-renew'])
  t.same(await read('revived', '/pm/get-projects'), ['expired-project'], 'a project that has been bought back, which rests on that it could be')
  t.same(await balance('revived'), ['expired-project', 'auto-renew', 'plan-prices'].sort(byRegistry))

  await control.createAccount({ name: 'buys', token: 'buys', balance: '100', projects: [{ project_id: 5786 }] })
  t.same(await read('buys', '/pm/change-billing', { plan_id: 3 }), ['plan-prices'])
  t.same(await balance('buys'), ['plan-prices'], 'what an assumed price has left')
  t.same(await read('buys', '/pm/get-projects'), [], 'the plan itself rests on nothing')
  t.same(await read('buys', '/pm/create-project', { billing_plan: 2, project_id: undefined }), ['plan-prices'], 'a wallet that has to cover another')
  t.same(await read('buys', '/pm/create-project', { project_id: undefined }), [], 'but not where nothing is to be paid')

  await control.createAccount({ name: 'long', token: 'long', balance: '100', settings: { assumptions: { 'same-plan': 'accept-free' } }, projects: [{ project_id: 5786 }] })
  await (await control.account('long')).clock.jump('2020-07-16')
  t.same(await read('long'), ['month-length'])
  t.same(await read('long', '/pm/get-projects'), ['month-length'], 'a date that was decided with the purchase')
  t.same(await balance('long'), [], 'the price was not')
  t.same(await read('long'), ['same-plan', 'month-length'])
  t.same(await read('long', '/pm/get-projects'), ['same-plan', 'month-length'], 'a plan that was granted again for nothing')
  t.same(await balance('long'), ['same-plan'])
})
