import t, { type Test } from 'tap'
import { connect } from '../../src/client/connect.js'
import type { ScenarioSettings } from '../../src/contract/scenario.js'
import { ASSUMPTION_NAMES, ASSUMPTIONS } from '../../src/domain/assumptions.js'
import { SOLE_READINGS } from '../../src/domain/sole-readings.js'
import type { StartOptions } from '../../src/server/options.js'
import { emulate, SAMPLE } from '../support/emulator.js'

const DEFAULTS = {
  wire: { types: 'sample', http_status: '200', content_type: 'application/json', message: 'detailed' },
  assumptions: {
    'same-plan': 'refuse',
    'price-between-paid-plans': 'full-price',
    'month-length': 'calendar',
    'unknown-project-status': '410',
    'disabled-status': '101',
    'pay-as-you-go-fields': 'empty-string',
    'disabled-time-zone': 'utc',
    'auto-renew': 'on',
    'expired-project': 'refuse',
    'all-projects-key': 'projects',
    'billing-anchor': 'drifts',
    'unpaid-service': 'expires-project',
    'renewal-after-switch-off': 'continues',
    deletion: 'after-14-days',
    'deleted-project': 'shown',
    'inactive-project': 'refuse',
    'shown-service': 'first',
    'token-without-address': 'any-address',
    'check-balance-switch-off': 'disabled',
    'pay-as-you-go-service': 'both',
    ...Object.fromEntries(Object.entries(SOLE_READINGS).map(([name, { default: only }]) => [name, only]))
  },
  strict: false,
  cutoff: '2023-02-01'
}

/** The defaults with some settings put over them. */
const defaultsBut = ({ wire, assumptions, ...rest }: ScenarioSettings) =>
  ({ ...DEFAULTS, wire: { ...DEFAULTS.wire, ...wire }, assumptions: { ...DEFAULTS.assumptions, ...assumptions }, ...rest })

async function control (t: Test, options: StartOptions = {}) {
  const emulator = await emulate(t, { clock: 'frozen:2020-06-16T12:00:00Z', ...options })
  const admin = connect(emulator.url)
  const send = (method: string, path: string, body?: unknown) =>
    emulator.ask(`/__admin${path}`, { method, ...body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } })
  return { ...emulator, admin, send, demo: await admin.account('demo') }
}

t.test('settings', async t => {
  t.test('GET /settings shows the defaults until something is changed', async t => {
    const { admin, demo } = await control(t)
    t.strictSame(await admin.settings.get(), DEFAULTS)
    t.strictSame(await demo.settings.get(), DEFAULTS)
    t.strictSame((await admin.state()).settings, {}, 'which the state does not repeat')
    t.notOk('settings' in await demo.state())
  })

  t.test('PATCH /settings changes single settings, and null removes one', async t => {
    const { admin, send } = await control(t)
    const steps: ReadonlyArray<readonly [patch: unknown, chosen: ScenarioSettings]> = [
      [{}, {}],
      [{ strict: true }, { strict: true }],
      [{ wire: { types: 'table' } }, { strict: true, wire: { types: 'table' } }],
      [{ wire: { message: 'bare' }, cutoff: 'never' }, { strict: true, wire: { types: 'table', message: 'bare' }, cutoff: 'never' }],
      [{ assumptions: { 'same-plan': 'accept-free', 'month-length': '30-days' } }, { strict: true, wire: { types: 'table', message: 'bare' }, cutoff: 'never', assumptions: { 'same-plan': 'accept-free', 'month-length': '30-days' } }],
      [{ wire: { types: null }, assumptions: { 'same-plan': null }, strict: null }, { wire: { message: 'bare' }, cutoff: 'never', assumptions: { 'month-length': '30-days' } }],
      [{ wire: { message: null, http_status: 'mapped', content_type: 'text/html' }, cutoff: '2024-01-01T05:30:00Z' }, { wire: { http_status: 'mapped', content_type: 'text/html' }, cutoff: '2024-01-01T05:30:00Z', assumptions: { 'month-length': '30-days' } }],
      [{ assumptions: { 'month-length': null } }, { wire: { http_status: 'mapped', content_type: 'text/html' }, cutoff: '2024-01-01T05:30:00Z' }],
      [{ wire: null, cutoff: null, assumptions: null }, {}],
      [{ wire: { types: null }, assumptions: {} }, {}]
    ]
    for (const [patch, chosen] of steps) {
      for (const path of ['', '/accounts/demo']) {
        const { http, body } = await send('PATCH', `${path}/settings`, patch)
        t.equal(http, 200)
        t.strictSame(body, defaultsBut(chosen), `${path} ${JSON.stringify(patch)}`)
        t.strictSame((await send('GET', `${path}/settings`)).body, body)
      }
      const { settings, accounts } = await admin.state()
      t.strictSame(settings, chosen, 'the world chose it')
      t.strictSame(accounts![0]!.settings ?? {}, chosen, 'and so did the account')
    }
  })

  const layers: ReadonlyArray<readonly [name: string, world: ScenarioSettings, account: ScenarioSettings, holds: ScenarioSettings]> = [
    ['the world\'s where the account chose nothing', { strict: true, cutoff: 'never', wire: { types: 'table' } }, {}, { strict: true, cutoff: 'never', wire: { types: 'table' } }],
    ['the account\'s where it chose', { strict: true, cutoff: 'never', wire: { types: 'table' } }, { strict: false, cutoff: '2023-02-01', wire: { types: 'sample' } }, {}],
    ['the account\'s where the world chose nothing', {}, { strict: true, assumptions: { 'same-plan': 'charge-again' } }, { strict: true, assumptions: { 'same-plan': 'charge-again' } }],
    ['either\'s, key by key', { wire: { types: 'table', message: 'bare' }, assumptions: { 'same-plan': 'charge-again', 'month-length': '30-days' } },
      { wire: { message: 'detailed', http_status: 'mapped' }, assumptions: { 'same-plan': 'accept-free' } },
      { wire: { types: 'table', http_status: 'mapped' }, assumptions: { 'same-plan': 'accept-free', 'month-length': '30-days' } }]
  ]
  for (const [name, world, own, holds] of layers) {
    t.test(`the effective settings of an account are ${name}`, async t => {
      const { admin, demo } = await control(t)
      await demo.settings.change(own)
      await admin.settings.change(world)
      const other = await admin.createAccount()
      t.strictSame(await demo.settings.get(), defaultsBut(holds))
      t.strictSame(await admin.settings.get(), defaultsBut(world))
      t.strictSame(await other.settings.get(), defaultsBut(world), 'no other account has them')
      t.strictSame((await demo.state()).settings ?? {}, own, 'it keeps only its own')
      t.strictSame((await demo.reset()).settings, undefined, 'until it is reset')
    })
  }

  t.test('changed settings apply to the next request', async t => {
    const { admin, demo, change } = await control(t)
    const other = await admin.createAccount({ copy_of: 'demo' })
    const asked = async (token: string, fields: object = {}) => (await change({ ...SAMPLE, token, ...fields }))
    await demo.settings.change({ strict: true, wire: { message: 'bare' } })
    t.strictSame((await asked(demo.token, { project_id: '5786' })).body, { status: 410, message: 'Invalid Request' })
    t.match((await asked(other.token, { project_id: '5786' })).body, { status: 100 })
    await admin.settings.change({ wire: { http_status: 'mapped', types: 'table' } })
    t.equal((await asked(demo.token, { project_id: '5786' })).http, 400)
    t.match((await asked(other.token, { plan_id: 3 })).body, { project_id: 5786, amount_debited: 10 })
    await demo.settings.change({ cutoff: '2020-06-16' })
    t.match((await asked(demo.token)).body, { status: 101, message: 'Service Unavailable' })
    t.match((await asked(other.token)).body, { status: 100 })
    t.ok((await admin.audit()).ok)
  })

  const wrong: ReadonlyArray<readonly [name: string, patch: unknown, pointer: string, expected: string]> = [
    ['no body', undefined, '', 'a settings object'],
    ['null', null, '', 'a settings object'],
    ['a list', [], '', 'a settings object'],
    ['a text', 'strict', '', 'a settings object'],
    ['an unknown key', { stric: true }, '/stric', 'strict? The keys here are wire'],
    ['a key that every object inherits', { constructor: { a: 1 } }, '/constructor', 'wire, assumptions, strict, cutoff'],
    ['an unknown key that is null', { stric: null }, '/stric', 'strict? The keys here are wire'],
    ['an unknown assumption', { assumptions: { 'same-plam': 'refuse' } }, '/assumptions/same-plam', 'same-plan?'],
    ['a choice that there is not', { assumptions: { 'same-plan': 'allow' } }, '/assumptions/same-plan', 'one of refuse, accept-free, charge-again'],
    ['a dialect that there is not', { wire: { types: 'xml' } }, '/wire/types', 'one of sample, table'],
    ['a group as a text', { wire: 'table' }, '/wire', 'an object such as {"types":"table"}'],
    ['strictness as a text', { strict: 'true' }, '/strict', 'true or false'],
    ['a cutoff that is none', { cutoff: '2023-02-30' }, '/cutoff', 'a date such as "2023-02-01"'],
    ['one that is right beside one that is wrong', { strict: true, cutoff: 5 }, '/cutoff', 'a date, an instant, or "never"']
  ]
  const { send, kept } = await control(t)
  for (const [name, patch, pointer, expected] of wrong) {
    t.test(`PATCH /settings refuses ${name} and changes nothing`, async t => {
      const before = kept()
      for (const path of ['', '/accounts/demo']) {
        const { http, headers, body } = await send('PATCH', `${path}/settings`, patch)
        t.equal(http, 400)
        t.equal(headers.get('content-type'), 'application/problem+json')
        t.match(body, { detail: /^the body is wrong( at |: )/, errors: [{ pointer, expected }] })
      }
      t.strictSame(kept(), before)
    })
  }
})

t.test('the plan table', async t => {
  t.test('PUT /plans changes and adds plans, and GET /plans shows them', async t => {
    const { admin, demo, change, send } = await control(t)
    const before = await admin.plans.list()
    t.equal(before.length, 9)
    t.strictSame(before[0], { plan_id: 1, name: 'Pay As You Go' })
    t.strictSame(before[1], { plan_id: 2, name: 'Phone Automation Small', service: 1, price: '5', cycle: 'month' })
    const after = await admin.plans.change([{ plan_id: 2, price: '7.125' }, { plan_id: 12, name: 'New', service: 2, price: '0', cycle: 'year' }, { plan_id: 1, name: 'As You Go' }, { plan_id: 9, service: 1 }])
    t.strictSame(after, [
      { plan_id: 1, name: 'As You Go' },
      { ...before[1], price: '7.125' },
      ...before.slice(2, 8),
      { ...before[8], service: 1 },
      { plan_id: 12, name: 'New', service: 2, price: '0', cycle: 'year' }
    ])
    t.strictSame((await send('GET', '/plans')).body, { plans: after })
    t.match((await change(SAMPLE)).body, { amount_debited: '7.125' })
    t.match((await change({ ...SAMPLE, service: 2, plan_id: 12 })).body, { status: 100, amount_debited: '0', next_billing_date: '2021-06-16T23:59:59+00:00' })
    t.equal(await demo.wallet.balance(), '92.875')
    t.strictSame(await admin.plans.change([]), after)
    t.strictSame((await admin.reset()).plans, before, 'until a reset')
    t.ok((await admin.audit()).ok)
  })

  const wrong: ReadonlyArray<readonly [name: string, rows: unknown, pointer: string, expected: string]> = [
    ['no body', undefined, '', 'a list of plans'],
    ['an object', { plans: [] }, '', 'a list of plans'],
    ['a price with a fourth decimal', [{ plan_id: 3 }, { plan_id: 2, price: '0.0001' }], '/1/price', 'an amount in USD'],
    ['a price for Pay As You Go', [{ plan_id: 1, price: '5' }], '/0/price', 'no value: Pay As You Go has no price'],
    ['a new plan without a cycle', [{ plan_id: 3, price: '1' }, { plan_id: 10, name: 'x', service: 1, price: '5' }], '/1', 'a row with name, service, price and cycle'],
    ['the same plan twice', [{ plan_id: 2 }, { plan_id: 2 }], '/1/plan_id', 'a value used only once']
  ]
  const { send, kept } = await control(t)
  for (const [name, rows, pointer, expected] of wrong) {
    t.test(`PUT /plans refuses ${name} and changes nothing`, async t => {
      const before = kept()
      const { http, body } = await send('PUT', '/plans', rows)
      t.equal(http, 400)
      t.match(body, { errors: [{ pointer, expected }] })
      t.strictSame(kept(), before)
    })
  }

  t.test('PUT /plans refuses another service for a plan that projects are on', async t => {
    const { admin, change, send, kept } = await control(t)
    await change(SAMPLE)
    const before = kept()
    const { http, body } = await send('PUT', '/plans', [{ plan_id: 3, service: 2 }, { plan_id: 2, price: '6', service: 2 }])
    t.equal(http, 409)
    t.match(body, { detail: 'a plan in use can\'t move to the other service: plan 2 (Phone Automation Small)', errors: [{ pointer: '/1/service', found: '2', expected: '1, as long as projects use this plan' }], advice: 'move these projects to another plan first' })
    t.strictSame(kept(), before)
    await admin.plans.change([{ plan_id: 2, price: '6', service: 1 }, { plan_id: 3, service: 2 }])
    await change({ ...SAMPLE, plan_id: 1 })
    await admin.plans.change([{ plan_id: 2, service: 2 }])
    t.strictSame(await admin.load(await admin.state()), await admin.state())
    t.ok((await admin.audit()).ok)
  })
})

t.test('assumptions', async t => {
  t.test('GET /assumptions lists what the world or an account chose', async t => {
    const { admin, demo } = await control(t)
    await admin.settings.change({ assumptions: { 'same-plan': 'charge-again', 'month-length': '30-days' } })
    await demo.settings.change({ assumptions: { 'same-plan': 'accept-free' } })
    const expected = (chosen: Record<string, string>) => ASSUMPTION_NAMES.map(name => ({ name, ...ASSUMPTIONS[name], chosen: chosen[name] ?? ASSUMPTIONS[name].default }))
    t.strictSame(await admin.assumptions(), expected({ 'same-plan': 'charge-again', 'month-length': '30-days' }))
    t.strictSame(await admin.assumptions('demo'), expected({ 'same-plan': 'accept-free', 'month-length': '30-days' }))
    const other = await admin.createAccount()
    t.strictSame(await admin.assumptions(other.name), await admin.assumptions())
  })

  t.test('GET /assumptions accepts one account and no other parameter', async t => {
    const { send } = await control(t)
    t.match((await send('GET', '/assumptions?acount=demo')).body, { status: 400, detail: /^the query is wrong at \/acount/, errors: [{ expected: 'account? The keys here are account' }] })
    t.match((await send('GET', '/assumptions?account=demo&account=demo')).body, { status: 400, errors: [{ pointer: '/account' }] })
    t.match((await send('GET', '/assumptions?account=dem')).body, { status: 404 })
  })
})
