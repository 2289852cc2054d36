import fc from 'fast-check'
import assert from 'node:assert/strict'
import { renameSync } from 'node:fs'
import { connect as dial, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { connect, type RemoteEmulator } from '../../src/client/connect.js'
import type { Scenario, ScenarioAccount, ScenarioClock, ScenarioFault } from '../../src/contract/scenario.js'
import { ASSUMPTION_NAMES, ASSUMPTIONS } from '../../src/domain/assumptions.js'
import { instantText } from '../../src/domain/clock.js'
import { usd } from '../../src/domain/money.js'
import type { StartOptions } from '../../src/server/options.js'
import { start } from '../../src/server/start.js'
import { effort } from '../support/effort.js'
import { CHANGE_BILLING, emulate, SAMPLE, SAMPLE_REQUEST } from '../support/emulator.js'
import { apiTokens, details, withTokensApart } from '../support/project.js'
import { refusal } from '../support/refusal.js'
import { until } from '../support/until.js'
import { worldFolder } from '../support/world-folder.js'
import { Database } from '../support/sqlite.js'

const FROZEN: StartOptions = { clock: 'frozen:2020-06-16T12:00:00Z' }

async function control (t: Test, options: StartOptions = FROZEN) {
  const emulator = await emulate(t, options)
  return { ...emulator, admin: connect(emulator.url) }
}

async function booksAreInOrder (t: Test, admin: RemoteEmulator): Promise<void> {
  t.match(await admin.audit(), { ok: true, violations: [] }, 'the books are in order')
}

interface Seen { readonly http: number, readonly type: string | null, readonly assumptions: string | null, readonly text: string }

/** What a client gets to see of an answer, or that it gets none. */
async function answerTo (url: string, body: object, path = CHANGE_BILLING): Promise<Seen | 'cut off'> {
  try {
    const response = await fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    const text = await response.text()
    return { http: response.status, type: response.headers.get('content-type'), assumptions: response.headers.get('x-emulator-assumptions'), text }
  } catch {
    return 'cut off'
  }
}

// ---- any world ----

const instants = fc.integer({ min: 0, max: Date.UTC(9998, 11, 31) / 1000 }).map(seconds => instantText(seconds * 1000))
const usualInstants = fc.integer({ min: Date.UTC(2019, 11, 1), max: Date.UTC(2023, 1, 3) }).map(instantText)
const times = fc.oneof({ weight: 4, arbitrary: usualInstants }, { weight: 1, arbitrary: instants })
/** A clock that runs shows another time when it is looked at again, so it has a test of its own. */
const clocks = fc.oneof({ weight: 4, arbitrary: times.map(at => ({ mode: 'frozen' as const, at })) }, { weight: 1, arbitrary: fc.constant({ mode: 'system' as const }) })
const amounts = fc.oneof(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 0, max: 999_999_999_999_999 })).map(usd)
const texts = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
const settings = fc.record({
  wire: fc.record({
    types: fc.constantFrom('sample' as const, 'table' as const),
    http_status: fc.constantFrom('200' as const, 'mapped' as const),
    content_type: fc.constantFrom('application/json' as const, 'text/html' as const),
    message: fc.constantFrom('detailed' as const, 'bare' as const)
  }, { requiredKeys: [] }),
  assumptions: fc.subarray([...ASSUMPTION_NAMES]).chain(names => fc.tuple(...names.map(name => fc.constantFrom<string>(...ASSUMPTIONS[name].choices).map(choice => [name, choice]))))
    .map(choices => Object.fromEntries(choices) as Record<string, string>),
  strict: fc.boolean(),
  cutoff: fc.oneof({ weight: 3, arbitrary: fc.constant('never') }, { weight: 1, arbitrary: fc.oneof(times, times.map(text => text.slice(0, 10))) })
}, { requiredKeys: ['cutoff'] })

/** The plans of `plans` below, by their services. */
const PLAN_IDS = { 1: [1, 2, 3, 4, 5, 6, 12], 2: [1, 7, 8, 9] } as const
const plans = fc.tuple(amounts, amounts, fc.constantFrom('month' as const, 'year' as const)).map(([price, other, cycle]) =>
  [{ plan_id: 2, price, cycle }, { plan_id: 12, name: 'New', service: 1 as const, price: other, cycle }])
/** Mostly to come by the usual clocks, so that not every wallet is emptied by what renews itself; what was due is settled as it is loaded. */
const cycleEnds = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: Date.UTC(2023, 1, 4), max: Date.UTC(2026, 0, 1) }).map(instantText) }, { weight: 1, arbitrary: usualInstants })
const subscriptionTo = (service: 1 | 2) => fc.tuple(fc.constantFrom<number>(...PLAN_IDS[service]), fc.option(cycleEnds, { nil: undefined })).map(([planId, date]) =>
  ({ service, plan_id: planId, ...planId !== 1 && date !== undefined && { next_billing_date: date } }))
const project = fc.record({
  project_id: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 3 }) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }) }),
  project_name: fc.oneof(fc.constant(''), texts),
  ...details,
  api_tokens: apiTokens,
  project_status: fc.oneof({ weight: 6, arbitrary: fc.constant('Active' as const) }, { weight: 1, arbitrary: fc.constantFrom('Expired' as const, 'Delete' as const) }),
  subscriptions: fc.subarray([1, 2] as const).chain(services => fc.tuple(...services.map(subscriptionTo)))
}, { requiredKeys: ['project_id'] })

/** Bookings that add up, with what each of them was for. */
const ledger = fc.array(fc.record({ at: times, kind: fc.constantFrom('plan-change' as const, 'renewal' as const, 'credit' as const, 'adjustment' as const), mills: fc.integer({ min: 1, max: 100_000 }), given: fc.boolean() }), { maxLength: 6 })
  .map(bookings => {
    let balance = 0
    return bookings.map(({ at, kind, mills, given }, index) => {
      const isDebit = (kind === 'plan-change' || kind === 'renewal') && index > 0 && balance > 0
      const amount = isDebit ? -Math.min(mills, balance) : mills
      balance += amount
      const none = given ? { project_id: null, plan_id: null, request_id: null } : {}
      return {
        at,
        kind: index === 0 ? 'opening' as const : isDebit ? kind : 'credit' as const,
        amount: usd(amount),
        balance: usd(balance),
        ...isDebit ? { project_id: 1 + index, plan_id: 2, ...given && { request_id: `old-${index}` } } : none
      }
    })
  })

const account = fc.record({
  name: texts.map(name => `the ${name}`),
  token: texts.map(token => `the ${token}`),
  balance: amounts,
  clock: clocks,
  settings,
  projects: fc.uniqueArray(project, { minLength: 1, maxLength: 3, selector: ({ project_id: id }) => id }),
  ledger
}, { requiredKeys: ['projects'] }).map(({ balance, ...account }): ScenarioAccount => account.ledger !== undefined || balance === undefined ? account : { ...account, balance })

/** Which requests a fault is for: now and then only some of them. */
const targetsIn = (names: readonly string[]) => fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, {
  weight: 1,
  arbitrary: fc.record({
    ...names.length > 0 && { account: fc.constantFrom(...names) },
    endpoint: fc.constantFrom('change-billing', 'create-project', 'check-balance'),
    project_id: fc.integer({ min: 1, max: 3 }),
    plan_id: fc.integer({ min: 1, max: 9 })
  }, { requiredKeys: [] })
})
const ofEveryFault = {
  when: fc.constantFrom('before' as const, 'after' as const),
  times: fc.integer({ min: 1, max: 5 }),
  skip: fc.integer({ min: 0, max: 3 }),
  probability: fc.constantFrom(0, 0.3, 0.5, 0.9, 1),
  seed: fc.integer({ min: 0, max: 0xffff_ffff }),
  matched: fc.integer({ min: 0, max: 6 }),
  triggered: fc.integer({ min: 0, max: 4 })
}
const delay = fc.oneof(fc.constant({ fixed: 1 }), fc.constant({ uniform: [0, 2] as [number, number] }), fc.constant({ lognormal: { median: 1, sigma: 0.5 } }))
const faultOfAKind: fc.Arbitrary<ScenarioFault> = fc.oneof(
  ...(['connection_reset', 'empty_response', 'truncated_body', 'malformed_json'] as const).map(kind => fc.record({ kind: fc.constant(kind), ...ofEveryFault }, { requiredKeys: ['kind'] })),
  fc.record({ kind: fc.constant('delay' as const), ...ofEveryFault, delay }, { requiredKeys: ['kind', 'delay'] }),
  fc.record({ kind: fc.constant('http_error' as const), ...ofEveryFault, http_status: fc.integer({ min: 400, max: 599 }), body: fc.string() }, { requiredKeys: ['kind'] }),
  fc.record({ kind: fc.constant('api_refusal' as const), ...ofEveryFault, status: fc.constantFrom(101, 401, 403, 410) }, { requiredKeys: ['kind'] }),
  fc.record({ kind: fc.constant('slow_body' as const), ...ofEveryFault, duration: fc.integer({ min: 0, max: 5 }) }, { requiredKeys: ['kind', 'duration'] }))
const faultOf = (names: readonly string[]): fc.Arbitrary<ScenarioFault> => fc.tuple(targetsIn(names), faultOfAKind).map(([targets, fault]) => ({ ...targets, ...fault }))

/** What would have renewed itself for centuries begins anew instead. */
function withoutAges<World extends { readonly clock: ScenarioClock, readonly accounts: readonly ScenarioAccount[] }> (world: World) {
  const yearOf = (clock: ScenarioClock): number => clock.at === undefined ? new Date().getFullYear() : Number(clock.at.slice(0, 4))
  const accounts = world.accounts.map(account => ({
    ...account,
    projects: account.projects!.map(project => ({
      ...project,
      subscriptions: (project.subscriptions ?? []).map(({ next_billing_date: date, ...subscription }) =>
        ({ ...subscription, ...date !== undefined && Number(date.slice(0, 4)) > yearOf(account.clock ?? world.clock) - 20 && { next_billing_date: date } }))
    }))
  }))
  return { ...world, accounts }
}

const worlds = fc.record({
  clock: clocks,
  settings,
  plans,
  accounts: fc.uniqueArray(account, { minLength: 1, maxLength: 3, size: 'max', comparator: (a, b) => (a.name !== undefined && a.name === b.name) || (a.token !== undefined && a.token === b.token) }).map(withTokensApart)
}, { requiredKeys: ['clock', 'plans', 'accounts', 'settings'] }).map(withoutAges).chain(world => {
  const names = world.accounts.flatMap(({ name }) => name ?? [])
  return fc.option(fc.array(faultOf(names), { maxLength: 3 }), { nil: undefined }).map((faults): Scenario => ({ ...world, ...faults !== undefined && { faults } }))
})

const roughly = (number: fc.Arbitrary<number>) => fc.oneof({ weight: 12, arbitrary: number }, { weight: 2, arbitrary: number.map(String) }, { weight: 1, arbitrary: fc.constantFrom(null, 'x', -1, 1.5) })
const wishes = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(1, 2).chain(service => fc.tuple(fc.constant(service), fc.constantFrom<number>(...PLAN_IDS[service as 1 | 2]))) }, { weight: 1, arbitrary: fc.tuple(fc.constantFrom(1, 2), fc.integer({ min: 1, max: 13 })) })
const projectIds = fc.integer({ min: 1, max: 3 })
const addresses = fc.array(fc.constantFrom('127.0.0.1', '192.0.2.1', '::1'), { maxLength: 2 })
const calls: fc.Arbitrary<readonly [path: string, fields: object]> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(roughly(projectIds), wishes.chain(([service, planId]) => fc.tuple(roughly(fc.constant(service)), roughly(fc.constant(planId))))).map(([projectId, [service, planId]]) => ['/pm/change-billing', { project_id: projectId, service, plan_id: planId }] as const) },
  fc.record({ ...details, number: fc.nat(), project_name: fc.string({ maxLength: 21 }), billing_plan: fc.constantFrom(1, 2, 12), generate_api_token: fc.boolean(), token_ip_address: addresses }, { requiredKeys: [] }).map(({ license_key: _, ...fields }) => ['/pm/create-project', fields] as const),
  fc.oneof(fc.constant(0), projectIds).map(projectId => ['/pm/get-projects', { project_id: projectId }] as const),
  fc.tuple(projectIds, addresses.map(ips => [...ips, '::2'])).map(([projectId, ips]) => ['/pm/create-api-token', { project_id: projectId, ip_whitelist: ips }] as const),
  fc.tuple(fc.constantFrom(0, 1, 2), fc.constantFrom(1, 2, 3)).map(([nth, action]) => ['/pm/manage-api-token', { nth, action }] as const),
  fc.tuple(projectIds, fc.constantFrom('', 'https://example.com/')).map(([projectId, url]) => ['/pm/set-webhook', { project_id: projectId, event_webhook: url }] as const),
  fc.constant(['/check-balance', {}] as const)
)
/** Who asks: an account by its own token, or now and then by one of a project's; 9 is nobody. */
const orders = fc.array(fc.record({ of: fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), by: fc.constantFrom(...Array(9).fill(null) as null[], 0, 1, 2), call: calls }), { minLength: 1, maxLength: 15, size: 'max' })

/** What says when something was, where that depends on when it was asked for. */
const timeless = (seen: Seen | 'cut off') => seen === 'cut off' ? seen : { ...seen, text: seen.text.replace(/it is now \d{4}-[^"]*/, 'it is now then') }

/** A state without what says when, and in which request, something was booked here. */
function comparable (state: Scenario, from: Scenario): unknown {
  return {
    ...state,
    accounts: state.accounts!.map((account, index) => {
      const before = from.accounts![index]!.ledger!
      const isSystem = (account.clock ?? state.clock)!.mode === 'system'
      return { ...account, ledger: account.ledger!.map((entry, index) => before[index] ?? { ...entry, request_id: /^\d+-\d+$/.test(entry.request_id!), ...isSystem && { at: 'then' } }) }
    })
  }
}

t.test('PUT /state with the state of any world makes another emulator indistinguishable from the first', async t => {
  const [one, other] = [await control(t, { seed: 5 }), await control(t, { seed: 6, clock: 'system', strict: true, plans: [{ plan_id: 3, price: '1' }] })]
  const met: Record<string, number> = {}
  const meet = (what: string): void => { met[what] = (met[what] ?? 0) + 1 }
  await fc.assert(fc.asyncProperty(worlds, orders, async (world, orders) => {
    const state = await one.admin.load(world)
    const accounts = state.accounts!
    assert.deepEqual(await one.admin.state(), state, 'what was loaded is what there is')
    assert.deepEqual(await other.admin.load(state), state, 'the other one has it')
    assert.deepEqual(await other.admin.state(), state)

    for (const { of, by, call: [path, fields] } of orders) {
      const account = of === 9 ? undefined : accounts[of % accounts.length]
      const itsTokens = (account?.projects ?? []).flatMap(({ project_id: projectId, api_tokens: tokens = [] }) => tokens.map(({ token }) => ({ project_id: projectId, api_token: token })))
      const body = { token: (by === null ? undefined : itsTokens[by]?.api_token) ?? account?.token ?? 'nobody', ...fields, ...'nth' in fields && itsTokens[fields.nth as number] }
      const [answer, same] = [await answerTo(one.url, body, `/app/api/v2${path}`), await answerTo(other.url, body, `/app/api/v2${path}`)]
      const status = answer === 'cut off' ? answer : /"status":(\d+)/.exec(answer.text)?.[1] ?? 'no status'
      meet(status)
      meet(`${status} at ${path}`)
      if (typeof answer === 'object' && answer.assumptions !== null) meet('assumption')
      assert.deepEqual(timeless(same), timeless(answer), 'they answer alike')
    }
    const [end, sameEnd] = [await one.admin.state(), await other.admin.state()]
    assert.deepEqual(comparable(sameEnd, state), comparable(end, state), 'they end alike')
    for (const { admin } of [one, other]) assert.deepEqual((await admin.audit()).violations, [], 'the books are in order')

    for (const account of await one.admin.accounts()) {
      const shown = await account.state()
      await (await other.admin.account(account.name)).remove()
      assert.deepEqual(await (await other.admin.createAccount(shown)).state(), shown, 'an account is made again from what is shown of it')
    }
  // The same worlds in every run, as what they meet is judged.
  }), { seed: 1, numRuns: effort(12, 120) })
  const kinds = ['100', '101', '401', '403', '408', '410', 'no status', 'cut off', 'assumption']
  const granted = ['change-billing', 'create-project', 'get-projects', 'create-api-token', 'manage-api-token', 'set-webhook'].map(name => `100 at /pm/${name}`)
  const rare = [...kinds.filter(what => (met[what] ?? 0) <= 1), ...[...granted, '100 at /check-balance'].filter(what => !(what in met))]
  t.strictSame(effort([], rare), [], `each kind was met: ${JSON.stringify(met)}`)
})

const WHOLE: Scenario = {
  clock: { mode: 'frozen', at: '2021-02-03T04:05:06.007Z' },
  settings: { wire: { types: 'table', message: 'bare' }, assumptions: { 'same-plan': 'accept-free' }, strict: true, cutoff: '2024-01-01T05:30:00Z' },
  plans: [{ plan_id: 2, price: '5.5' }],
  accounts: [
    {
      name: 'a',
      token: 'the token of a',
      balance: '100',
      clock: { mode: 'frozen', at: '2022-01-01T00:00:00Z' },
      settings: { strict: false },
      projects: [{ project_id: 5786, project_name: 'shop', project_status: 'Active', country: 'IN', notes: 'a shop', subscriptions: [{ service: 1, plan_id: 2, next_billing_date: '2022-01-31T23:59:59Z' }], api_tokens: [{ token: 'the token of 5786', ip: '192.0.2.1', status: 'enabled' }] }]
    },
    { name: 'b', token: 'the token of b', balance: '50', projects: [{ project_id: 5786 }] }
  ],
  faults: [{ kind: 'api_refusal', account: 'a', status: 405, times: 3, skip: 1, probability: 0.5, seed: 9, matched: 4, triggered: 1, struck: 1 }]
}

t.test('saving and loading a state', async t => {
  t.test('GET /state has the faults with the fields of their kind and their progress', async t => {
    const { admin } = await control(t)
    const common = { when: 'before', skip: 0, probability: 1, seed: 1, matched: 0, triggered: 0, struck: 0 } as const
    const faults: ScenarioFault[] = [
      { kind: 'delay' }, { kind: 'http_error' }, { kind: 'api_refusal' }, { kind: 'connection_reset' }, { kind: 'slow_body' },
      { kind: 'hang', when: 'after', account: 'demo', endpoint: 'change-billing', project_id: 1, plan_id: 2, times: 3, skip: 1, probability: 0.5, seed: 9, matched: 7, triggered: 2, struck: 2 },
      { kind: 'http_error', http_status: 404, body: '' }, { kind: 'delay', delay: { uniform: [1, 2] } }
    ]
    const { accounts } = await admin.state()
    const { faults: kept } = await admin.load({ accounts: accounts!, faults })
    t.strictSame(kept, [
      { kind: 'delay', ...common, delay: { fixed: 1000 } },
      { kind: 'http_error', ...common, http_status: 500, body: '<html><body><h1>Internal Server Error</h1></body></html>' },
      { kind: 'api_refusal', ...common, status: 101 },
      { kind: 'connection_reset', ...common },
      { kind: 'slow_body', ...common, duration: 1000 },
      { kind: 'hang', when: 'after', account: 'demo', endpoint: 'change-billing', project_id: 1, plan_id: 2, times: 3, skip: 1, probability: 0.5, seed: 9, matched: 7, triggered: 2, struck: 2 },
      { kind: 'http_error', ...common, http_status: 404, body: '' },
      { kind: 'delay', ...common, delay: { uniform: [1, 2] } }
    ])
    await admin.clearFaults()
    t.notOk('faults' in await admin.state())
  })

  t.test('GET /state has the remaining ttls and the current time of running clocks', async t => {
    const { admin } = await control(t, { clock: '2020-06-16T12:00:00Z' })
    await admin.createAccount({ name: 'brief', ttl: '1h', clock: { mode: 'running', at: '2021-01-01' } })
    await admin.fail({ kind: 'hang', ttl: '300h' })
    await admin.fail({ kind: 'hang', ttl: '10m' })
    const other = (await control(t, {})).admin
    await other.load(await admin.state())
    t.match(await other.state(), {
      clock: { mode: 'running', at: /^2020-06-16T12:00:/ },
      accounts: [{ name: 'demo' }, { name: 'brief', ttl: /^35\d{5}ms$/, clock: { mode: 'running', at: /^2021-01-01T00:00:/ } }],
      faults: [{ kind: 'hang', ttl: /^107999\ds$/ }, { kind: 'hang', ttl: /^59\d{4}ms$/ }]
    })
    t.match(await other.clock.get(), { mode: 'running', api: 'enabled' })
  })

  t.test('PUT /state accepts an account whose ttl is over, and it disappears', async t => {
    const { admin } = await control(t)
    const load = (ttl: string): Promise<Scenario> => admin.load({ accounts: [{ name: 'stays' }, { name: 'goes', ttl }, { name: 'is over', ttl: '0ms' }] })
    t.strictSame((await load('1h')).accounts!.map(({ name }) => name), ['stays', 'goes'])
    await load('60ms')
    await until(async () => (await admin.accounts()).length === 1)
    t.match((await admin.accounts()).map(({ name }) => name), ['stays'])
  })

  t.test('GET /state has a billing cycle that ends after the last instant of clocks', async t => {
    const { admin, url } = await control(t)
    const account = await admin.createAccount({ balance: '250', settings: { cutoff: 'never' }, clock: { mode: 'frozen', at: '9998-12-31T23:59:59.999Z' }, projects: [{ project_id: 5786 }] })
    t.match(await answerTo(url, { ...SAMPLE, token: account.token, plan_id: 6 }), { text: /"next_billing_date":"9999-12-31T23:59:59\+00:00"/ })
    const state = await admin.state()
    t.strictSame(await admin.load(state), state)
    t.match(await account.state(), { projects: [{ subscriptions: [{ next_billing_date: '9999-12-31T23:59:59Z' }] }] })
    for (const date of ['9999-02-29', '9999-13-01', '9999-12-31T23:59:59-01:00']) {
      t.match(await refusal(account.setProject(1, { subscriptions: [{ service: 1, plan_id: 2, next_billing_date: date }] })), { status: 400, errors: [{ pointer: '/subscriptions/0/next_billing_date', found: JSON.stringify(date) }] })
    }
    await booksAreInOrder(t, admin)
  })

  t.test('PUT /state replaces accounts, faults, plans and requests', async t => {
    const { admin, url, change } = await control(t)
    await change(SAMPLE)
    await admin.plans.change([{ plan_id: 2, price: '7' }, { plan_id: 12, name: 'New', service: 1, price: '1', cycle: 'month' }])
    await admin.fail({ kind: 'hang' })
    const state = await admin.load(WHOLE)
    t.match(state, { ...WHOLE, plans: [{ plan_id: 1 }, { plan_id: 2, price: '5.5' }] })
    t.equal(state.plans!.length, 9)
    t.match(await answerTo(url, SAMPLE), { text: '{"status":401,"message":"Authentication Failed"}' })
    t.match((await admin.requests.list()).map(({ id, rule }) => [id, rule]), [['2-1', 'token-must-be-known']], 'a new epoch')
    const { clock, ...rest } = await admin.load({})
    t.match(clock, { mode: 'running', at: /^2020-06-16T12:00:/ })
    t.strictSame(rest, { settings: {}, plans: (await admin.reset()).plans, accounts: [] }, 'also nothing')
  })
})

t.test('PUT /state refuses an invalid scenario, tells where it is wrong, and changes nothing', async t => {
  const at = (path: string, value: unknown): Scenario => {
    const copy = structuredClone(WHOLE) as unknown as Record<string, unknown>
    const steps = path.split('/').slice(1)
    const last = steps.pop()!
    const parent = steps.reduce((value, step) => value[step] as Record<string, unknown>, copy)
    parent[last] = value
    return copy as unknown as Scenario
  }
  const flawed: ReadonlyArray<readonly [name: string, scenario: unknown, pointer: string, found: string, expected: string | RegExp]> = [
    ['no body', undefined, '', /^(null|nothing)$/.source, 'a scenario'],
    ['null', null, '', 'null', 'a scenario'],
    ['a list', [], '', '[]', 'a scenario'],
    ['an unknown key', { acounts: [] }, '/acounts', 'an unknown key', 'accounts? The keys here are clock, settings, plans, accounts, faults'],
    ['a clock that stands nowhere', at('/clock', { mode: 'frozen' }), '/clock/at', 'nothing', 'the instant that a frozen clock shows'],
    ['a choice that there is not', at('/settings/assumptions/same-plan', 'allow'), '/settings/assumptions/same-plan', '"allow"', 'one of refuse, accept-free, charge-again'],
    ['a cutoff that is none', at('/settings/cutoff', 'soon'), '/settings/cutoff', '"soon"', 'a date such as "2023-02-01"'],
    ['a price as a number', at('/plans/0/price', 5), '/plans/0/price', '5', 'an amount in USD as a string'],
    ['a balance with a fourth decimal', at('/accounts/1/balance', '0.0001'), '/accounts/1/balance', '"0.0001"', 'an amount in USD as a string of at most 12 digits and 3 decimals, such as "4.99"'],
    ['a plan of the other service', at('/accounts/0/projects/0/subscriptions/0/plan_id', 7), '/accounts/0/projects/0/subscriptions/0/plan_id', '7', 'a plan of service 1: 1, 2, 3, 4, 5, 6'],
    ['a day that no month has', at('/accounts/0/projects/0/subscriptions/0/next_billing_date', '2022-02-30'), '/accounts/0/projects/0/subscriptions/0/next_billing_date', '"2022-02-30"', 'an ISO 8601 date'],
    ['twin names', at('/accounts/1/name', 'a'), '/accounts/1/name', '"a"', 'a value used only once'],
    ['twin tokens', at('/accounts/1/token', 'the token of a'), '/accounts/1/token', '"[redacted]"', 'a value used only once'],
    ['a token of a project that is there twice', at('/accounts/1/projects/0/api_tokens', [{ token: 'free' }, { token: 'the token of 5786' }]), '/accounts/1/projects/0/api_tokens/1/token', '"[redacted]"', 'a value used only once'],
    ['a token of a project that is an account\'s', at('/accounts/1/token', 'the token of 5786'), '/accounts/1/token', '"[redacted]"', 'a value used only once'],
    ['a country that there is not', at('/accounts/0/projects/0/country', 'UK'), '/accounts/0/projects/0/country', '"UK"', 'an ISO 3166-1 alpha-2 country code'],
    ['an address that is none', at('/accounts/0/projects/0/api_tokens/0/ip', 'localhost'), '/accounts/0/projects/0/api_tokens/0/ip', '"localhost"', 'an IPv4 or IPv6 address'],
    ['half a surrogate pair', at('/accounts/0/projects/0/notes', '\ud83d'), '/accounts/0/projects/0/notes', '"\\ud83d"', 'a string of at most 1000 characters, without lone surrogates'],
    ['a ledger that does not add up', at('/accounts/0/ledger', [{ at: '2020-01-01', kind: 'opening', amount: '100', balance: '100' }, { at: '2020-01-01', kind: 'credit', amount: '1', balance: '100' }]), '/accounts/0/ledger/1/balance', '"100"', 'the balance before this entry plus its amount: "101"'],
    ['a ledger of another balance', at('/accounts/0/ledger', [{ at: '2020-01-01', kind: 'opening', amount: '99', balance: '99' }]), '/accounts/0/balance', '"100"', 'the balance of the last ledger entry: "99"'],
    ['a kind of fault that there is not', at('/faults/0/kind', 'explode'), '/faults/0/kind', '"explode"', 'one of delay, http_error'],
    ['a status that no refusal has', at('/faults/0/status', 100), '/faults/0/status', '100', 'one of 101, 401'],
    ['a ttl without a unit', at('/faults/0/ttl', '10'), '/faults/0/ttl', '"10"', 'a duration such as'],
    ['a fault for nobody', at('/faults/0/account', 'c'), '/faults/0/account', '"c"', 'the name of an account in this scenario'],
    ['a fault of an endpoint that there is not', at('/faults/0/endpoint', 'get-project'), '/faults/0/endpoint', '"get-project"', 'one of change-billing']
  ]
  const { admin, ask, change, kept } = await control(t)
  await admin.load(WHOLE)
  await change({ ...SAMPLE, token: 'the token of b' })
  await admin.fail({ kind: 'hang', plan_id: 9 })
  const hanging = change({ ...SAMPLE, plan_id: 9, token: 'the token of b' })
  await admin.requests.wait({ fault: 'hang' })
  const everything = async () => ({ kept: kept(), faults: await admin.faults(), requests: await admin.requests.list() })
  const before = await everything()
  for (const [name, scenario, pointer, found, expected] of flawed) {
    const { http, body } = await ask('/__admin/state', { method: 'PUT', headers: { 'content-type': 'application/json' }, ...scenario !== undefined && { body: JSON.stringify(scenario) } })
    t.equal(http, 400, name)
    t.match(body, { title: 'Bad Request', detail: `the scenario is wrong${pointer && ` at ${pointer}`}: found `, errors: [{ pointer, found: scenario === undefined ? new RegExp(found) : found, expected }] }, name)
    t.notMatch(JSON.stringify(body), 'the token of', `${name}: no token is told`)
    t.strictSame(await everything(), before, name)
  }
  const { http, body } = await ask('/__admin/state', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ accounts: [{ balance: 1 }, { balance: 2 }] }) })
  t.equal(http, 400)
  t.strictSame((body.errors as Array<{ pointer: string }>).map(({ pointer }) => pointer), ['/accounts/0/balance', '/accounts/1/balance'], 'all issues are told')

  t.strictSame(await Promise.race([hanging.catch(() => 'cut off'), sleep(50, 'hanging')]), 'hanging', 'what is under way goes on')
  await booksAreInOrder(t, admin)
  await admin.reset()
  t.equal(await hanging.catch(() => 'cut off'), 'cut off')
})

t.test('PUT /state changes nothing when the database fails', async t => {
  const { admin, kept, db } = await control(t)
  const file = new Database(db)
  file.exec("CREATE TRIGGER full BEFORE INSERT ON project WHEN new.project_name = 'last' BEGIN SELECT RAISE(FAIL, 'the disk is full'); END")
  file.close()
  await admin.fail({ kind: 'delay' })
  const before = { kept: kept(), faults: await admin.faults() }
  t.match(await refusal(admin.load({ ...WHOLE, accounts: [...WHOLE.accounts!, { projects: [{ project_name: 'last' }] }] })), { status: 500, advice: 'this is a bug in the emulator; nothing was changed' })
  t.strictSame({ kept: kept(), faults: await admin.faults() }, before)
  t.match(await admin.load(WHOLE), { accounts: [{ name: 'a' }, { name: 'b' }] })
})

/** Opens a connection, sends something, and gives what has come back so far and whether it has been cut off. */
async function open (url: string, text: string) {
  const { hostname, port } = new URL(url)
  const socket: Socket = dial(Number(port), hostname)
  const seen = { text: '', ended: '' }
  socket.on('data', chunk => { seen.text += chunk.toString() })
  socket.on('error', (error: NodeJS.ErrnoException) => { seen.ended = error.code! })
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
  await new Promise<void>(resolve => socket.once('connect', () => socket.write(text, () => resolve())))
  return { seen, closed, socket, more: (text: string) => new Promise<void>(resolve => socket.write(text, () => resolve())) }
}

const headOf = (body: string): string => `POST ${CHANGE_BILLING} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`

t.test('resetting everything', async t => {
  t.test('POST /reset restores the scenario and the flags that the emulator was started with', async t => {
    const scenario: Scenario = { ...WHOLE, clock: { mode: 'system' } }
    const { admin, url, ask } = await control(t, { scenario, clock: 'frozen:2021-05-05', wire: { http_status: 'mapped' }, assume: { 'month-length': '30-days' }, cutoff: 'never', plans: [{ plan_id: 3, price: '1.5' }] })
    const started = await admin.state()
    t.match(started, {
      clock: { mode: 'frozen', at: '2021-05-05T00:00:00Z' },
      settings: { wire: { types: 'table', message: 'bare', http_status: 'mapped' }, assumptions: { 'same-plan': 'accept-free', 'month-length': '30-days' }, strict: true, cutoff: 'never' },
      plans: [{}, { price: '5.5' }, { price: '1.5' }],
      faults: [{ matched: 4, triggered: 1 }]
    })
    await answerTo(url, { ...SAMPLE, token: 'the token of a' })
    await answerTo(url, { ...SAMPLE, token: 'the token of b' })
    await admin.createAccount({ ttl: '1h' })
    t.equal(await admin.requests.count(), 2)
    await (await admin.account('a')).remove()
    await (await admin.account('b')).wallet.set('1')
    await admin.clock.jump('2022-01-01')
    await admin.settings.change({ wire: { types: 'sample' }, cutoff: '2020-01-01' })
    await admin.plans.change([{ plan_id: 3, price: '9' }])
    await admin.clearFaults()
    await admin.fail({ kind: 'hang' })
    t.notSame(await admin.state(), started)

    t.strictSame(await admin.reset(), started)
    t.strictSame(await admin.state(), started)
    t.match((await ask('/__admin/health', {})).body, { status: 'ready', clock: { now: '2021-05-05T00:00:00Z', api: 'enabled' }, accounts: 2, projects: 2, requests: 0, faults: 1 })
    t.strictSame(await admin.reset(), started, 'as often as one likes')
    await booksAreInOrder(t, admin)
  })

  t.test('POST /reset restarts a running clock from where it started', async t => {
    const { admin } = await control(t, {})
    await admin.clock.freeze('2022-01-01')
    t.match(await admin.reset(), { clock: { mode: 'running', at: /^2020-06-16T12:00:0/ } })
    t.match(await admin.clock.get(), { at: '2020-06-16T12:00:00Z' })
  })

  t.test('POST /reset restarts the ids of requests with another first number', async t => {
    const { admin, change } = await control(t)
    const ids = async () => (await admin.requests.list()).map(({ id }) => id)
    await change(SAMPLE)
    await change(SAMPLE)
    t.strictSame(await ids(), ['1-1', '1-2'])
    await admin.reset()
    t.strictSame(await ids(), [])
    await change(SAMPLE)
    t.strictSame(await ids(), ['2-1'])
    t.match((await admin.requests.list())[0], { lint: [] }, 'which is no retry')
    await admin.load(WHOLE)
    await admin.reset()
    await change(SAMPLE)
    t.strictSame(await ids(), ['4-1'])
    t.equal((await (await admin.account('demo')).ledger()).at(-1)!.request_id, '4-1')
    await booksAreInOrder(t, admin)
  })

  t.test('POST /reset aborts open requests, and none of them affects the new world', async t => {
    const { admin, url, kept } = await control(t)
    const accounts = await admin.createAccounts(['hang', 'late', 'later', 'slow', 'before'].map(name => ({ name, token: name, balance: '100', projects: [{ project_id: 5786 }] })))
    const [hang, late, later, slow, before] = accounts
    await hang!.fail({ kind: 'hang', when: 'after' })
    await before!.fail({ kind: 'hang', when: 'before' })
    // For so long that even a busy machine comes to the reset meanwhile.
    const delay = 1000
    await late!.fail({ kind: 'delay', delay: { fixed: delay } })
    await later!.fail({ kind: 'delay', delay: { fixed: delay }, when: 'after' })
    await slow!.fail({ kind: 'slow_body', duration: 2 * delay })
    const body = (token: string): string => JSON.stringify({ ...SAMPLE, token })
    const under = await Promise.all(['hang', 'before', 'late', 'later', 'slow'].map(token => open(url, headOf(body(token)) + body(token))))
    const uploading = await open(url, headOf(SAMPLE_REQUEST) + SAMPLE_REQUEST.slice(0, 20))
    const onlyHead = await open(url, headOf(SAMPLE_REQUEST))
    await until(async () => (await admin.faults()).every(({ triggered }) => triggered === 1) && await later!.wallet.balance() === '95' && under[4]!.seen.text !== '')

    const reset = await admin.reset()
    await Promise.all(under.map(({ closed }) => closed))
    t.strictSame(under.map(({ seen }) => seen.ended), Array.from({ length: 5 }, () => 'ECONNRESET'))
    t.strictSame(under.slice(0, 4).map(({ seen }) => seen.text), ['', '', '', ''], 'not a byte was answered')
    t.notMatch(under[4]!.seen.text, /"next_billing_date":"[^"]*"}$/, 'nor all of the slow one')

    await uploading.more(SAMPLE_REQUEST.slice(20))
    await onlyHead.more(SAMPLE_REQUEST)
    await Promise.all([uploading.closed, onlyHead.closed])
    t.strictSame([uploading.seen.text, onlyHead.seen.text], ['', ''], 'what came in before is not answered either')
    await sleep(1.1 * delay)
    t.strictSame(await admin.requests.list(), [], 'nothing of it is in the journal')
    t.strictSame(await admin.state(), reset, 'nothing of it has changed anything')
    t.equal(kept().ledger_entry!.length, 1)
    t.match(await answerTo(url, SAMPLE), { text: /"status":100/ })
    await booksAreInOrder(t, admin)
  })

  t.test('POST /reset aborts waits, and faults trigger only on later requests', async t => {
    const { admin, url, change } = await control(t, { ...FROZEN, scenario: { accounts: [{ name: 'demo', token: SAMPLE.token, balance: '100', projects: [{ project_id: 5786 }] }], faults: [{ kind: 'api_refusal', times: 1, status: 405 }] } })
    const waiting = refusal(admin.requests.wait({ text: 'never', timeout: '5m' }))
    const uploading = await open(url, headOf(SAMPLE_REQUEST))
    // What was sent before has arrived when others have been answered several times.
    for (let times = 0; times < 5; times++) await admin.faults()
    await admin.reset()
    t.match(await waiting, { status: 409 })
    await uploading.more(SAMPLE_REQUEST)
    await uploading.closed
    t.match(await admin.faults(), [{ matched: 0, triggered: 0 }])
    t.match((await change(SAMPLE)).body, { status: 405 })
    await booksAreInOrder(t, admin)
  })

  t.test('POST /reset during requests puts each of them entirely before or after the reset', async t => {
    const { admin, url } = await control(t)
    for (let round = 0; round < effort(6, 15); round++) {
      const answers = await Promise.all([
        ...Array.from({ length: 4 }, () => answerTo(url, { ...SAMPLE, plan_id: 2 + round % 4 })),
        admin.reset().then(() => 'reset'),
        ...Array.from({ length: 4 }, () => answerTo(url, { ...SAMPLE, plan_id: 2 + round % 4 }))
      ])
      const requests = await admin.requests.list()
      const debits = (await (await admin.account('demo')).ledger()).slice(1)
      t.strictSame(debits.map(entry => entry.request_id), requests.filter(({ charged }) => charged).map(({ id }) => id), `round ${round}`)
      t.ok(requests.length <= answers.filter(answer => typeof answer === 'object').length, 'what is in the journal has been answered')
      t.ok(requests.every(({ id }) => id.startsWith(`${round + 2}-`)))
      await booksAreInOrder(t, admin)
    }
  })

  t.test('POST /reset in the same instant as a request comes after it', async t => {
    const { admin, url } = await control(t)
    const before = await admin.state()
    let cutOff = 0
    const rounds = effort(8, 20)
    for (let round = 0; round < rounds; round++) {
      const [asking, resetting] = [await open(url, ''), await open(url, '')]
      asking.socket.write(`${headOf(SAMPLE_REQUEST).replace('\r\n', '\r\nconnection: close\r\n')}${SAMPLE_REQUEST}`)
      resetting.socket.write('POST /__admin/reset HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
      await Promise.all([asking.closed, resetting.closed])
      t.match(asking.seen.text, /^$|"status":100/, 'whose answer is cut off, unless it was there before')
      if (asking.seen.text === '') cutOff++
      t.strictSame(await admin.state(), before)
      t.strictSame(await admin.requests.list(), [])
      await booksAreInOrder(t, admin)
    }
    t.ok(cutOff > 0, `cut off ${cutOff} times of ${rounds}`)
  })

  t.test('POST /accounts/:account/reset leaves the open requests of other accounts alone', async t => {
    const { admin, url } = await control(t)
    const [a, b] = await admin.createAccounts(['a', 'b'].map(name => ({ name, token: name, balance: '100', projects: [{ project_id: 5786 }] })))
    await admin.fail({ kind: 'hang', when: 'after' })
    const hung = await Promise.all(['a', 'b', 'nobody'].map(token => open(url, headOf(JSON.stringify({ ...SAMPLE, token })) + JSON.stringify({ ...SAMPLE, token }))))
    await admin.requests.wait({ fault: 'hang', count: 3 })
    await a!.reset()
    await hung[0]!.closed
    t.equal(hung[0]!.seen.ended, 'ECONNRESET')
    await sleep(50)
    t.strictSame(hung.slice(1).map(({ seen }) => [seen.text, seen.ended]), [['', ''], ['', '']], 'which is still hanging')
    t.strictSame([await a!.requests.count(), await b!.requests.count()], [0, 1])
    t.strictSame([await a!.wallet.balance(), await b!.wallet.balance()], ['100', '95'])
    await b!.remove()
    await hung[1]!.closed
    t.equal(hung[2]!.seen.ended, '', 'nobody\'s hangs on')
    await booksAreInOrder(t, admin)
    await admin.reset()
    await hung[2]!.closed
  })
})

t.test('stopping the emulator aborts hanging requests', async t => {
  const { url, stop } = await start(FROZEN)
  await connect(url).fail({ kind: 'hang' })
  const hung = await open(url, headOf(SAMPLE_REQUEST) + SAMPLE_REQUEST)
  await connect(url).requests.wait()
  await stop()
  await hung.closed
  t.equal(hung.seen.text, '')
})

t.test('keeping a world in a database file', async t => {
  const workplace = (t: Test) => {
    return join(worldFolder(t), 'world.db')
  }
  /** Runs an emulator on a file for a while. */
  async function during<T> (db: string, options: StartOptions, act: (admin: RemoteEmulator, url: string) => Promise<T>): Promise<T> {
    const { url, stop } = await start({ db, ...options })
    try {
      return await act(connect(url), url)
    } finally {
      await stop()
    }
  }

  t.test('a database file keeps accounts, ledgers, clocks, settings, plans and what a reset restores', async t => {
    const db = workplace(t)
    const [first, changed] = await during(db, { ...FROZEN, scenario: { ...WHOLE, clock: { mode: 'system' } } }, async (admin, url) => {
      const first = await admin.state()
      await admin.reset()
      await admin.reset()
      await admin.clearFaults()
      await answerTo(url, { ...SAMPLE, token: 'the token of a', plan_id: 3 })
      t.match(await admin.requests.list(), [{ id: '3-1' }])
      await admin.createAccount({ name: 'new', balance: '3', settings: { strict: true } })
      await (await admin.account('new')).wallet.credit('1')
      await (await admin.account('b')).remove()
      await admin.clock.freeze('2022-02-02')
      await admin.settings.change({ strict: null })
      await admin.plans.change([{ plan_id: 4, price: '4' }])
      return [first, await admin.state()]
    })
    t.notSame(changed, first)
    await during(db, { seed: 2 }, async (admin, url) => {
      t.strictSame(await admin.state(), changed)
      await booksAreInOrder(t, admin)
      const { token } = await admin.account('new')
      t.match(await (await admin.account('new')).reset(), { token, balance: '3', settings: { strict: true } }, 'also a token that was made up from another seed')
      t.match(await (await admin.account('a')).reset(), { ...WHOLE.accounts![0] })
      await answerTo(url, { ...SAMPLE, token: 'the token of a' })
      t.match(await admin.requests.list(), [{ id: '4-1' }], 'ids go on with another number')
      t.strictSame(await admin.reset(), first)
    })
    const { faults, ...lasting } = first
    t.equal(faults!.length, 1)
    await during(db, {}, async admin => t.strictSame(await admin.state(), lasting, 'faults live as long as the process'))
  })

  t.test('flags override the settings of a database file, and a reset restores them', async t => {
    const db = workplace(t)
    await during(db, { ...FROZEN, wire: { types: 'table' } }, async admin => { await admin.createAccount({ name: 'new' }) })
    await during(db, { clock: 'frozen:2021-01-01', wire: { message: 'bare' }, plans: [{ plan_id: 2, price: '1' }] }, async admin => {
      const now = { clock: { mode: 'frozen', at: '2021-01-01T00:00:00Z' }, settings: { wire: { types: 'table', message: 'bare' } }, plans: [{}, { price: '1' }] }
      t.match(await admin.state(), { ...now, accounts: [{ name: 'demo' }, { name: 'new' }] })
      const { accounts, ...rest } = await admin.reset()
      t.match(rest, now)
      t.strictSame(accounts!.map(({ name }) => name), ['demo'])
    })
    await during(db, {}, async admin => t.match(await admin.reset(), { clock: { at: '2021-01-01T00:00:00Z' } }))
  })

  t.test('a database file keeps the ttls of accounts', async t => {
    const db = workplace(t)
    await during(db, FROZEN, async admin => { await admin.createAccounts([{ name: 'over', ttl: '1ms' }, { name: 'soon', token: 'soon', ttl: '400ms' }, { name: 'later', ttl: '1h' }]) })
    await sleep(5)
    await during(db, {}, async (admin, url) => {
      t.notOk((await admin.accounts()).some(({ name }) => name === 'over'), 'at once, if that was meanwhile')
      await until(async () => !(await admin.accounts()).some(({ name }) => name === 'soon'))
      t.match(await answerTo(url, { ...SAMPLE, token: 'soon' }), { text: /"status":401/ })
      t.match(await (await admin.account('later')).state(), { ttl: /^35\d{5}ms$/ })
    })
  })
})

t.test('GET /health is a 503 that tells why the database can\'t be written', async t => {
  const { ask, db, admin, kept } = await control(t)
  renameSync(db, `${db}.away`)
  const { http, body } = await ask('/__admin/health', {})
  t.equal(http, 503)
  t.match(body, { status: 'unavailable', reason: /^the database can't be written: world\.db has been deleted, moved or replaced/ }, 'but not where it is')
  renameSync(`${db}.away`, db)
  const before = kept()
  t.equal((await ask('/__admin/health', {})).http, 200)
  t.strictSame(kept(), before, 'looking changes nothing')
  t.ok((await admin.audit()).ok)
})
