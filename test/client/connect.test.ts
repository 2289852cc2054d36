import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { request as callRequest } from '../../src/client/call.js'
import { connect, type Account, type Fetch, type NewAccount, type RemoteEmulator } from '../../src/client/connect.js'
import { nodeFetch } from '../../src/client/node-fetch.js'
import { ASSUMPTION_NAMES } from '../../src/domain/assumptions.js'
import { connect as connectOfLibrary, startEmulator, type StartOptions } from '../../src/index.js'
import { bundledPlans } from '../../src/scenario/bundled.js'
import { planRow } from '../../src/scenario/plans.js'
import { ROOT, run } from '../support/built.js'
import { effort } from '../support/effort.js'
import { CHANGE_BILLING, emulate } from '../support/emulator.js'
import { failure } from '../support/refusal.js'

const FROZEN = '2020-06-16T12:00:00Z'
const WORLD: StartOptions = { clock: { mode: 'frozen', at: FROZEN } }

/** The two ways to an emulator, which give the same object. */
const WAYS: ReadonlyArray<[name: string, open: (t: Test, options?: StartOptions) => Promise<RemoteEmulator>]> = [
  ['startEmulator()', async (t, options = WORLD) => {
    const emulator = await startEmulator(options)
    t.teardown(emulator.stop)
    return emulator
  }],
  ['connect()', async (t, options = WORLD) => connect((await emulate(t, options)).url)]
]

/** The ways that are tried with everything: the tests of the control API all go the second one. */
const TRIED = effort(WAYS.slice(0, 1), WAYS)

/** What a client of the emulated API does: one order, for the body of the answer, or what became of the connection. */
async function order ({ url }: { readonly url: string }, token: string, planId = 2, projectId = 1): Promise<unknown> {
  const body = JSON.stringify({ token, project_id: projectId, service: 1, plan_id: planId })
  try {
    const response = await fetch(url + CHANGE_BILLING, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    return await response.json()
  } catch (error) {
    return (error as { cause?: { code?: string } }).cause?.code
  }
}

/** The keys of an object, and of those in it; where a function is, only that it is one. */
function shapeOf (value: object): unknown {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, typeof inner === 'object' && inner !== null ? shapeOf(inner as object) : typeof inner]))
}

t.test('both ways give the same object, and one of them can stop the emulator', async t => {
  const [started, connected] = await Promise.all(WAYS.map(async ([, open]) => await open(t))) as [RemoteEmulator, RemoteEmulator]
  const { stop, interception, ...more } = started as { stop?: unknown, interception?: unknown }
  t.equal(interception, null)
  t.type(stop, 'function')
  t.type((more as Record<symbol, unknown>)[Symbol.asyncDispose], 'function')
  t.strictSame(shapeOf(more), shapeOf(connected))
  t.notOk(Symbol.asyncDispose in connected)
  const [one, other] = await Promise.all([started.createAccount(), connected.createAccount()])
  t.strictSame(shapeOf(one), shapeOf(other))
  t.type(one[Symbol.asyncDispose], 'function')
})

for (const [way, open] of TRIED) {
  t.test(`${way}: calls are undone, of the world, of an account, or back to a snapshot`, async t => {
    const emulator = await open(t)
    const account = await emulator.createAccount({ name: 'mine', balance: '7' })
    t.strictSame(await emulator.snapshots(), [])
    await emulator.clock.advance('P1D')
    await account.remove()
    t.match(await emulator.snapshots(), [{ before: 'POST /__admin/clock/advance', account: null }, { before: 'DELETE /__admin/accounts/mine', account: 'mine' }])
    const { restored, redo } = await account.undo()
    t.match(restored, { account: 'mine', redo: false })
    t.equal(await account.wallet.balance(), '7')
    await emulator.undo()
    t.match(await emulator.clock.get(), { now: FROZEN })
    t.match((await failure(emulator.undo(redo!))).message, /there is no snapshot/, 'those of accounts end with their world')
  })
}

for (const [way, open] of TRIED) {
  t.test(`${way}: accounts are made, found and removed, and are what was asked for`, async t => {
    const emulator = await open(t)
    const named = await emulator.createAccount({ name: 'mine', token: 'a-token', balance: '7.5', clock: { mode: 'system' }, settings: { strict: true }, projects: [{}, { project_id: 7 }], ttl: '1h' })
    t.match(named, { name: 'mine', token: 'a-token' })
    t.match(await named.state(), { name: 'mine', token: 'a-token', balance: '7.5', clock: { mode: 'system' }, settings: { strict: true }, projects: [{ project_id: 1 }, { project_id: 7 }], ttl: /^\d+ms$/ })
    t.match(await emulator.createAccount(), { name: /^account-\d+$/, token: /^[0-9a-f]{40}$/ })

    const [copy, other] = await emulator.createAccounts([{ copy_of: 'mine', name: 'copy' }, {}]) as [Account, Account]
    const { name, token, ...same } = await copy.state()
    t.match([name, token], ['copy', /^[0-9a-f]{40}$/])
    t.match(await named.state(), same)
    t.not(other.token, token)
    t.strictSame(await emulator.createAccounts([]), [])

    t.strictSame(shapeOf(await emulator.account('mine')), shapeOf(named))
    t.match(await emulator.account('mine'), { name: 'mine', token: 'a-token' })
    t.strictSame((await emulator.accounts()).map(({ name }) => name).slice(0, 2), ['demo', 'mine'])
    t.equal((await emulator.accounts()).length, 5)
    t.equal(await copy.remove(), undefined)
    t.strictSame((await emulator.accounts()).map(({ name }) => name).includes('copy'), false)
  })

  t.test(`${way}: the world's clock, and an account's own`, async t => {
    const emulator = await open(t, {})
    const account = await emulator.createAccount({ balance: '100', projects: [{}] })
    for (const [whose, clock] of [['the world\'s', emulator.clock], ['an account\'s', account.clock]] as const) {
      t.match(await clock.freeze('2023-01-31T23:59:59Z'), { mode: 'frozen', at: '2023-01-31T23:59:59Z', now: '2023-01-31T23:59:59Z', api: 'enabled' }, whose)
      t.strictSame(await clock.advance('PT1S'), { mode: 'frozen', at: '2023-02-01T00:00:00Z', now: '2023-02-01T00:00:00Z', api: 'disabled', events: [{ at: '2023-02-01T00:00:00Z', event: 'api-disabled' }], total: 1 }, whose)
      t.match(await clock.jump('disabled-1s'), { now: '2023-01-31T23:59:59Z', api: 'enabled', events: [{ event: 'api-enabled' }] }, whose)
      t.strictSame(await clock.get(), { mode: 'frozen', at: '2023-01-31T23:59:59Z', now: '2023-01-31T23:59:59Z', api: 'enabled' }, whose)
      t.match(await clock.run('2022-05-01'), { mode: 'running', at: '2022-05-01T00:00:00Z', now: /^2022-05-01T00:00:/, events: [] }, whose)
      t.match(await clock.set({ mode: 'system' }), { mode: 'system', api: 'disabled', events: [{ event: 'api-disabled' }] }, whose)
      t.match(await clock.release(), { mode: 'running', at: FROZEN, now: /^2020-06-16T12:0/ }, whose)
    }
    await emulator.clock.freeze('2021-01-01')
    await order(emulator, account.token)
    const about = { account: account.name, project_id: 1, service: 1, plan_id: 2 }
    const ends = await account.clock.jump('next-billing')
    t.strictSame([ends.now, ends.events, ends.total], ['2021-02-01T23:59:59Z', [{ at: '2021-02-01T23:59:59Z', event: 'renewed', ...about, amount: '5', balance: '90' }], 1])
    await account.wallet.set('4.999')
    t.match(await account.clock.advance('P2M'), { events: [{ at: '2021-03-01T23:59:59Z', event: 'expired', ...about }, { at: '2021-03-15T23:59:59Z', event: 'deleted', account: account.name, project_id: 1 }], total: 2 })
    t.match(await emulator.clock.get(), { now: '2021-01-01T00:00:00Z' }, 'an account\'s clock does not move the world\'s')
    t.ok((await emulator.audit()).ok)
  })

  t.test(`${way}: settings, the open questions, and the plan table`, async t => {
    const emulator = await open(t)
    const account = await emulator.createAccount()
    t.match(await emulator.settings.get(), { strict: false, cutoff: '2023-02-01', wire: { types: 'sample' } })
    t.match(await emulator.settings.change({ strict: true, assumptions: { 'same-plan': 'accept-free' } }), { strict: true, assumptions: { 'same-plan': 'accept-free' } })
    t.match(await account.settings.change({ strict: false, wire: { types: 'table' }, assumptions: { 'same-plan': 'charge-again' } }), { strict: false, wire: { types: 'table', message: 'detailed' } })
    t.match(await account.settings.get(), { strict: false, assumptions: { 'same-plan': 'charge-again' } })
    const chosen = async (name?: string): Promise<unknown> => (await emulator.assumptions(name)).find(({ name }) => name === 'same-plan')?.chosen
    t.strictSame([await chosen(), await chosen(account.name), await chosen('demo')], ['accept-free', 'charge-again', 'accept-free'])
    t.match(await account.settings.change({ strict: null, wire: { types: null }, assumptions: null }), { strict: true, wire: { types: 'sample' }, assumptions: { 'same-plan': 'accept-free' } }, 'null gives a choice back')
    t.strictSame((await emulator.assumptions()).map(({ name }) => name), ASSUMPTION_NAMES)
    t.ok((await emulator.assumptions()).every(({ question, choices, chosen, default: usual, why }) => question.endsWith('?') && choices.includes(chosen) && choices.includes(usual) && why !== ''))

    t.strictSame(await emulator.plans.list(), bundledPlans().map(planRow))
    t.match((await emulator.plans.change([{ plan_id: 2, price: '6.5' }]))[1], { plan_id: 2, name: 'Phone Automation Small', price: '6.5' })
    t.match((await emulator.plans.list())[1], { price: '6.5' })
  })

  t.test(`${way}: wallet, ledger and projects`, async t => {
    const emulator = await open(t)
    const account = await emulator.createAccount({ balance: '0.001' })
    t.equal(await account.wallet.balance(), '0.001')
    t.equal(await account.wallet.credit('25'), '25.001')
    t.equal(await account.wallet.set('4.99'), '4.99')
    t.strictSame(await account.setProject(5, {}), { project_id: 5, project_name: 'project 5', project_status: 'Active', subscriptions: [] })
    t.match(await account.setProject(5, { project_name: 'five', subscriptions: [{ service: 1, plan_id: 2 }] }), { project_name: 'five', subscriptions: [{ next_billing_date: '2020-07-16T23:59:59Z' }] })
    t.match(await account.changeProject(5, { notes: 'for tests' }), { project_name: 'five', notes: 'for tests', subscriptions: [{ plan_id: 2 }] })
    t.match(await order(emulator, account.token, 3, 5), { status: 403 })
    await account.wallet.credit('5.01')
    t.match(await order(emulator, account.token, 3, 5), { status: 100 })
    const at = FROZEN
    const none = { project_id: null, plan_id: null, request_id: null }
    t.strictSame(await account.ledger(), [
      { at, kind: 'opening', amount: '0.001', balance: '0.001', ...none },
      { at, kind: 'credit', amount: '25', balance: '25.001', ...none },
      { at, kind: 'adjustment', amount: '-20.011', balance: '4.99', ...none },
      { at, kind: 'credit', amount: '5.01', balance: '10', ...none },
      { at, kind: 'plan-change', amount: '-10', balance: '0', project_id: 5, plan_id: 3, request_id: '1-2' }
    ])
    t.match(await account.summary(), { balance: '0', ledger: { length: 5 }, projects: [{ project_id: 5, subscriptions: [{ plan_id: 3 }] }], requests: [{ api_status: 403 }, { api_status: 100 }], requests_total: 2 })
    t.strictSame(await emulator.audit(), { ok: true, accounts: 2, violations: [], unmet: [] })
  })

  t.test(`${way}: faults, for everybody and for one account`, async t => {
    const emulator = await open(t)
    const [mine, other] = await emulator.createAccounts([{ balance: '100', projects: [{}] }, { balance: '100', projects: [{}] }]) as [Account, Account]
    const { id } = await mine.fail({ kind: 'connection_reset', when: 'after', times: 1 })
    t.match(await emulator.fail({ kind: 'api_refusal', plan_id: 3 }), { id: /^fault-\d+$/, kind: 'api_refusal', when: 'before', status: 101, matched: 0, struck: 0 })
    t.match(await mine.faults(), [{ id, account: mine.name }])
    t.equal((await emulator.faults()).length, 2)
    t.strictSame([await order(emulator, mine.token), (await order(emulator, other.token) as { status: number }).status], ['ECONNRESET', 100])
    t.match(await order(emulator, other.token, 3), { status: 101 })
    t.match(await mine.faults(), [{ matched: 1, struck: 1 }])
    t.match(await mine.ledger(), [{ amount: '100' }, { amount: '-5', plan_id: 2 }], 'charged, and the answer got lost')
    t.equal(await mine.clearFaults(), undefined)
    t.match(await emulator.faults(), [{ kind: 'api_refusal', matched: 1, struck: 1 }])
    await emulator.clearFaults()
    t.strictSame(await emulator.faults(), [])
    t.ok((await emulator.audit()).ok)
  })

  t.test(`${way}: the journal, whole and of one account`, async t => {
    const emulator = await open(t)
    const [mine, other] = await emulator.createAccounts([{ balance: '100', projects: [{}] }, { balance: '100', projects: [{}] }]) as [Account, Account]
    for (const [account, planId] of [[mine, 2], [other, 2], [mine, 77]] as const) await order(emulator, account.token, planId)
    await fetch(`${emulator.url}/nowhere`)
    const ids = (entries: ReadonlyArray<{ readonly id: string }>): string[] => entries.map(({ id }) => id)

    t.strictSame(ids(await emulator.requests.list()), ['1-1', '1-2', '1-3', '1-4'])
    t.strictSame(ids(await emulator.requests.list({ limit: 2 })), ['1-3', '1-4'])
    t.strictSame(ids(await emulator.requests.list({ after: '1-1', before: '1-4', limit: 1 })), ['1-2'])
    t.strictSame(ids(await emulator.requests.list({ account: null, endpoint: null })), ['1-4'], 'null: none')
    t.strictSame(ids(await emulator.requests.list({ account: mine.name, api_status: 100, charged: true, rule: null, fault: null, project_id: 1, method: 'POST', path: CHANGE_BILLING })), ['1-1'])
    t.strictSame(ids(await mine.requests.list()), ['1-1', '1-3'])
    t.strictSame(ids(await mine.requests.list({ rule: 'plan-must-exist' })), ['1-3'])
    t.strictSame(ids(await mine.requests.list({ account: other.name })), ['1-1', '1-3'], 'an account sees its own and no other\'s')
    t.strictSame([await emulator.requests.count(), await emulator.requests.count({ text: 'plan_id 77 IS NOT' }), await mine.requests.count(), await mine.requests.count({ plan_id: 77 })], [4, 1, 2, 1])
    t.match(await emulator.requests.get('1-3'), { id: '1-3', account: mine.name, request: { body: { token: '[redacted]', plan_id: 77 } }, response: { body: { status: 410 } } })
    t.match(await mine.requests.get('1-3'), { id: '1-3' })

    t.strictSame(ids(await mine.requests.wait()), ['1-1', '1-3'])
    t.strictSame(ids(await mine.requests.wait({ since: '1-1' })), ['1-3'])
    const coming = emulator.requests.wait({ account: other.name, count: 2, timeout: '10s' })
    await order(emulator, other.token, 3)
    t.strictSame(ids(await coming), ['1-2', '1-5'])
    t.equal(await mine.requests.expectNone({ rule: 'project-must-exist', timeout: '1ms' }), undefined)
    t.equal(await mine.requests.expectNone({ since: '1-3' }), undefined, 'half a second passes')
    t.match(await failure(emulator.requests.expectNone()), { problem: { status: 409, requests: { length: 5 } } })

    t.equal(await mine.requests.clear({ charged: true }), 1)
    t.strictSame(ids(await emulator.requests.list()), ['1-2', '1-3', '1-4', '1-5'])
    t.equal(await mine.requests.clear(), 1)
    t.equal(await emulator.requests.clear(), 3)
    t.equal(await emulator.requests.count(), 0)
    t.ok((await emulator.audit()).ok)
  })

  t.test(`${way}: the whole world is saved, loaded and reset, and so is an account`, async t => {
    const emulator = await open(t)
    const account = await emulator.createAccount({ name: 'mine', balance: '100', projects: [{}] })
    await order(emulator, account.token)
    await account.fail({ kind: 'hang' })
    const saved = await emulator.state()
    t.match(saved, { clock: { mode: 'frozen', at: FROZEN }, accounts: [{ name: 'demo' }, { name: 'mine', balance: '95' }], faults: [{ kind: 'hang', account: 'mine' }] })
    t.match(await account.reset(), { name: 'mine', token: account.token, balance: '100', projects: [{ project_id: 1, subscriptions: [] }] })
    t.strictSame([await account.faults(), await account.requests.count()], [[], 0])
    t.match(await emulator.reset(), { accounts: [{ name: 'demo', balance: '100' }] })
    t.equal((await emulator.accounts()).length, 1)
    t.strictSame(await emulator.load(saved), saved)
    t.strictSame(await emulator.state(), saved)
    t.equal(await (await emulator.account('mine')).wallet.balance(), '95')
    t.ok((await emulator.audit()).ok)
  })

  t.test(`${way}: what is refused changes nothing, and is told with what to do next`, async t => {
    const emulator = await open(t)
    const account = await emulator.createAccount({ name: 'mine', token: 'taken', balance: '100', projects: [{}], clock: { mode: 'frozen', at: FROZEN } })
    await account.settings.change({ cutoff: 'never' })
    await order(emulator, account.token)
    const gone = await emulator.createAccount({ name: 'gone' })
    await gone.remove()
    const cases: ReadonlyArray<[name: string, act: () => Promise<unknown>, status: number, says: RegExp, problem?: object]> = [
      ['an account by a name that is taken', () => emulator.createAccount({ name: 'mine' }), 409, /an account with this name already exists\nomit the name.*\nerrors: .*"pointer":"\/name"/],
      ['an account with a token that is taken', () => emulator.createAccount({ token: 'taken' }), 409, /an account with this token already exists\nomit the token/, { errors: [{ pointer: '/token', found: '"[redacted]"' }] }],
      ['an account that is wrong', () => emulator.createAccount({ balance: '5.0001' }), 400, /the body is wrong at \/balance: found "5\.0001", expected an amount in USD/, { errors: [{ pointer: '/balance' }] }],
      ['accounts one of which is wrong', () => emulator.createAccounts([{}, { name: '' }]), 400, /wrong at \/1\/name/, { errors: [{ pointer: '/1/name' }] }],
      ['an account by a name that leads elsewhere', () => emulator.createAccount({ name: '..' }), 400, /found "\.\.", expected a string .*which no URL path can hold/],
      ['an account with half a surrogate pair in its name', () => emulator.createAccount({ name: 'a\ud83d' }), 400, /wrong at \/name: found "a\\ud83d", expected .*without lone surrogates/],
      ['a copy of an account that there is not', () => emulator.createAccount({ copy_of: 'mien' }), 404, /there is no account "mien"; did you mean "mine"\?\nGET \/__admin\/accounts lists/],
      ['an account that there is not', () => emulator.account('mien'), 404, /^GET \/__admin\/accounts\/mien: there is no account "mien"; did you mean "mine"\?\n/],
      ['an account that is gone', () => gone.state(), 404, /there is no account "gone"/],
      ['the removal of an account that is gone', () => gone.remove(), 404, /^DELETE \/__admin\/accounts\/gone: there is no account "gone"/],
      ['a clock at no time', () => emulator.clock.freeze('yesterday'), 400, /the clock is wrong at \/at: found "yesterday", expected an ISO 8601 date/],
      ['a clock that runs from no time', () => account.clock.run('2023-02-30'), 400, /wrong at \/at/],
      ['a clock of a mode that there is not', () => account.clock.set({ mode: 'slow' as 'system' }), 400, /wrong at \/mode: found "slow", expected one of system, running, frozen/],
      ['a clock that is advanced by no duration', () => account.clock.advance('1 month'), 400, /wrong at \/by: found "1 month", expected an ISO 8601 duration/],
      ['a jump to no instant', () => emulator.clock.jump('enabled'), 400, /wrong at \/to: found "enabled", expected an instant/],
      ['a jump that leads nowhere', () => account.clock.jump('disabled'), 409, /"disabled" stands for no instant at present: the cutoff is "never"\nchange the cutoff with/],
      ['a setting that there is not', () => emulator.settings.change({ stict: true } as object), 400, /wrong at \/stict: found an unknown key, expected strict\?/],
      ['a choice that there is not', () => account.settings.change({ assumptions: { 'same-plan': 'allow' } }), 400, /wrong at \/assumptions\/same-plan: found "allow", expected one of refuse/],
      ['the open questions of an account that there is not', () => emulator.assumptions('mien'), 404, /there is no account "mien"/],
      ['a plan that is wrong', () => emulator.plans.change([{ plan_id: 2, price: '5' }, { plan_id: 10 }]), 400, /the plan table is wrong at \/1: .*expected a row with name/],
      ['a credit of nothing that is an amount', () => account.wallet.credit('-1'), 400, /wrong at \/credit: found "-1", expected an amount/],
      ['a credit of more than a wallet holds', () => account.wallet.credit('999999999999.999'), 409, /a wallet holds at most 999999999999\.999 USD\n.*credit less/],
      ['a balance that is no amount', () => account.wallet.set('1e3'), 400, /wrong at \/set/],
      ['a project that is wrong', () => account.setProject(5, { subscriptions: [{ service: 1, plan_id: 7 }] }), 400, /wrong at \/subscriptions\/0\/plan_id: found 7, expected a plan of service 1/],
      ['a change of a project that there is not', () => account.changeProject(7, {}), 404, /the account has no project 7\nGET \/__admin\/accounts\//],
      ['a project of no id', () => account.setProject(0, {}), 400, /wrong at \/project_id: found "0", expected a whole number from 1/],
      ['a fault that there is not', () => account.fail({ kind: 'reset' as 'hang' }), 400, /wrong at \/kind: found "reset", expected one of delay, /],
      ['a fault for another account', () => account.fail({ kind: 'hang', account: 'demo' }), 400, /the account in the body is not the one in the path/],
      ['a fault for an endpoint that there is not', () => emulator.fail({ kind: 'hang', endpoint: 'change-biling' }), 400, /the fault is wrong at \/endpoint: found "change-biling", expected one of .*did you mean change-billing\?/],
      ['a filter that there is not', () => emulator.requests.list({ status: 100 } as object), 400, /wrong at \/status: found an unknown key/],
      ['more requests than are listed', () => emulator.requests.list({ limit: 1001 }), 400, /wrong at \/limit: found "1001", expected a whole number from 1 to 1000/],
      ['a request that there is not', () => account.requests.get('1/2 ?'), 404, /^GET \/__admin\/requests\/1%2F2%20%3F: there is no request "1\/2 \?" in the journal\nGET \/__admin\/requests lists/],
      ['a wait in vain', () => account.requests.wait({ plan_id: 3, timeout: '1ms' }), 409, /0 of 1 matching requests arrived within 1ms\nnearest_misses shows.*\nmatched: \[\]\nnearest_misses: \[.*"filter":"plan_id"/, { nearest_misses: [{ id: '1-1', missed: [{ filter: 'plan_id', wanted: '3', found: '2' }] }] }],
      ['a wait that is too long', () => emulator.requests.wait({ timeout: '6m' }), 400, /wrong at \/timeout: found "6m", expected at most 5m/],
      ['a request that should not have come', () => account.requests.expectNone({ charged: true, timeout: '1ms' }), 409, /expected no matching request, but 1 arrived\n/, { requests: [{ id: '1-1' }] }],
      ['a world that is wrong', () => emulator.load({ accounts: [{ name: 'a' }, { nam: 'b' } as object] }), 400, /the scenario is wrong at \/accounts\/1\/nam: found an unknown key, expected name\?/, { errors: [{ pointer: '/accounts/1/nam' }] }]
    ]
    const before = await emulator.state()
    for (const [name, act, status, says, problem = {}] of cases) {
      const error = await failure(act())
      t.ok(error instanceof Error && error.name === 'ControlError', name)
      t.match(error.message, says, name)
      t.match(error.message, /^[A-Z]+ \/__admin\/[^\n]+: [^\n]+\n[^\n]+/, `${name}: the call, what was wrong, and what to do`)
      t.match(error.problem, { status, detail: /./, ...problem }, name)
      t.strictSame(await emulator.state(), before, `${name}: nothing has changed`)
    }
    t.equal(await emulator.requests.count(), 1)
    t.ok((await emulator.audit()).ok)
  })

  t.test(`${way}: an account may have any name that a URL can hold`, async t => {
    const emulator = await open(t)
    const all = ['a/b', '/', '//', 'a b', ' ', 'M\u00fcller & S\u00f6hne', '100%', '%', '%2F', '%2e%2e', '%zz', 'a?b=c#d', '...', './..', 'x/../y', '+', ':', ';', '\\', '"', '\u0000', 'a\nb', '\ud83d\ude00',
      'null', 'undefined', '__proto__', 'constructor', 'wait', 'demo2', '\u6f22'.repeat(200), '\ud83d\ude00'.repeat(100), '%'.repeat(200)]
    // The same routes answer both: a few are enough for one of them.
    const names = effort(way === 'connect()' ? all : all.slice(0, 4), all)
    const accounts = await emulator.createAccounts(names.map((name): NewAccount => ({ name, balance: '100', projects: [{}] })))
    const world = await emulator.clock.get()
    for (const [index, account] of accounts.entries()) {
      const name = names[index]!
      t.equal(account.name, name)
      t.equal((await account.state()).name, name)
      t.equal((await emulator.account(name)).token, account.token)
      await account.clock.freeze('2021-01-01')
      await account.settings.change({ strict: true })
      await account.fail({ kind: 'http_error', times: 1, when: 'after' })
      await order(emulator, account.token)
      t.equal(await account.wallet.credit('1'), '96')
      t.match(await account.requests.wait({ timeout: '1ms' }), { length: 1, 0: { account: name, emulated_at: '2021-01-01T00:00:00Z' } }, name)
      t.equal((await account.ledger()).length, 3)
      t.equal((await account.setProject(2, {})).project_id, 2)
      await account.reset()
      t.strictSame([await account.faults(), await account.requests.count(), await account.wallet.balance()], [[], 0, '100'])
    }
    t.ok((await emulator.audit()).ok)
    for (const account of accounts) await account.remove()
    t.strictSame((await emulator.accounts()).map(({ name }) => name), ['demo'])
    t.strictSame(await emulator.clock.get(), world, 'no other clock was meant')
    t.match(await emulator.settings.get(), { strict: false })
  })
}

t.test('with a token, and not without', async t => {
  const { url } = await emulate(t, { ...WORLD, adminToken: 'open sesame' })
  const emulator = connect(url, { adminToken: 'open sesame' })
  const before = await emulator.state()
  for (const options of [{}, { adminToken: 'sesame' }, { adminToken: 'open sesame!' }]) {
    const { message, problem } = await failure(connect(url, options).createAccount())
    t.match(problem, { status: 401 }, JSON.stringify(options))
    t.match(message, /^POST \/__admin\/accounts: the control API requires the token .*\nsend the header "authorization: Bearer TOKEN"/)
    t.notMatch(message, /sesame/)
  }
  t.strictSame(await emulator.state(), before)
  const started = await startEmulator({ adminToken: '~' })
  t.teardown(started.stop)
  t.equal((await started.createAccount()).name, 'account-2', 'the library knows the token of what it started')
  t.match(await failure(connect(started.url).state()), { problem: { status: 401 } })
  const fromFile = await startEmulator({ adminTokenFile: join(t.testdir({ token: 'from a file\n' }), 'token') })
  t.teardown(fromFile.stop)
  t.equal((await fromFile.createAccount()).name, 'account-2', 'also from a file')
  t.equal((await connect(fromFile.url, { adminToken: 'from a file' }).createAccount()).name, 'account-3')
  t.match(await failure(connect(fromFile.url).state()), { problem: { status: 401 } })
})

t.test('calls are made with the fetch that connect() is given, also where there is no other', async t => {
  const { url } = await emulate(t, { ...WORLD, adminToken: 'open sesame' })
  const calls: unknown[] = []
  const emulator = connect(url, {
    adminToken: 'open sesame',
    async fetch (url, init) {
      calls.push([url, init])
      return await fetch(url, init)
    }
  })
  t.equal(await (await emulator.createAccount({ name: 'mine', balance: '7' })).wallet.balance(), '7')
  const own = { 'x-requested-with': 'picky-emulator', authorization: 'Bearer open sesame' }
  t.strictSame(calls, [
    [`${url}/__admin/accounts`, { method: 'POST', headers: { ...own, 'content-type': 'application/json' }, body: '{"name":"mine","balance":"7"}' }],
    [`${url}/__admin/accounts/mine/wallet`, { method: 'GET', headers: own }]
  ])
  const broken = connect(url, { fetch: () => Promise.reject(new Error('the proxy is closed')) })
  t.match(await failure(broken.state()), { name: 'ControlError', problem: { status: 0, detail: `${url} can't be reached (the proxy is closed)` } })
})

t.test('a call that a mock of the suite stops says so, and how to let it through', async t => {
  const stopped = (says: string, cause?: object): Fetch => async () => { throw new TypeError(says, { cause }) }
  const unmatched = "Mock dispatch not matched for path '/__admin/state': subsequent request to origin http://localhost:4290 was not allowed"
  for (const [fetch, says] of [
    [stopped('fetch failed', { code: 'UND_MOCK_ERR_MOCK_NOT_MATCHED', message: unmatched }), /Mock dispatch not matched/],
    [stopped('Nock: Disallowed net connect for "localhost:4290/__admin/state"'), /Nock: Disallowed net connect/],
    [stopped('[MSW] Cannot bypass a request when using the "error" strategy for the "onUnhandledRequest" option.'), /\[MSW\] Cannot bypass/]
  ] as ReadonlyArray<[Fetch, RegExp]>) {
    const { message } = await failure(connect('http://localhost:4290', { fetch }).state())
    t.match(message, /^GET \/__admin\/state: a mock in this process has stopped the call to http:\/\/localhost:4290 \(/)
    t.match(message, says)
    t.match(message, /\nlet such calls through: .*enableNetConnect\(HOST\), .* where HOST is "localhost:4290"; /)
  }
})

t.test('the URL may end with slashes', async t => {
  const { url } = await emulate(t)
  for (const given of [url, `${url}/`, `${url}///`]) {
    const emulator = connect(given)
    t.equal(emulator.url, url)
    t.equal((await emulator.accounts()).length, 1)
  }
})

t.test('an emulator is reached by the address that it was told to listen on', async t => {
  for (const host of ['127.0.0.1', '127.0.0.2', 'localhost', ['0.0.0.0'], ['127.0.0.2', '127.0.0.1']]) {
    const emulator = await startEmulator({ host })
    t.match(await emulator.createAccount(), { name: 'account-2' }, emulator.url)
    await emulator.stop()
  }
})

t.test('what goes out of scope is cleaned up', async t => {
  t.test('an account is removed, also one that has gone already', async t => {
    const emulator = await startEmulator()
    t.teardown(emulator.stop)
    const [mine, other] = await emulator.createAccounts([{}, {}]) as [Account, Account]
    await mine[Symbol.asyncDispose]()
    t.strictSame((await emulator.accounts()).map(({ name }) => name), ['demo', other.name])
    await mine[Symbol.asyncDispose]()
    await emulator.reset()
    await other[Symbol.asyncDispose]()
    t.strictSame((await emulator.accounts()).map(({ name }) => name), ['demo'])
  })

  t.test('one that can\'t be removed is told', async t => {
    const emulator = await startEmulator()
    const account = await emulator.createAccount()
    await emulator.stop()
    t.match(await failure(account[Symbol.asyncDispose]()), { message: /^DELETE \/__admin\/accounts\/account-2: .* can't be reached \(ECONNREFUSED\)\nstart the emulator/ })
  })

  t.test('an emulator is stopped, however often', async t => {
    const emulator = await startEmulator()
    await emulator[Symbol.asyncDispose]()
    await emulator[Symbol.asyncDispose]()
    await emulator.stop()
    t.match(await failure(emulator.state()), { problem: { status: 0 } })
  })

  t.test('a wait that a stop breaks off is told so', async t => {
    const emulator = await startEmulator()
    const waiting = failure(emulator.requests.wait({ timeout: '5m' }))
    await emulator.requests.count()
    await emulator.stop()
    t.match(await waiting, { name: 'ControlError', message: /^GET \/__admin\/requests\/wait\?timeout=5m: / })
  })
})

t.test('connect() says so if the server at its URL is not an emulator', async t => {
  const answers: ReadonlyArray<[http: number, text: string, status: number, says: RegExp]> = [
    [200, '<!doctype html><p>It works!', 200, /is not an emulator; it answered: <!doctype html><p>It works!\ngive the URL that the emulator printed when it started, without a path/],
    [404, '<h1>Not Found</h1>', 404, /is not an emulator; it answered: <h1>Not Found<\/h1>\n/],
    [502, '', 502, /is not an emulator; it answered: \n/],
    [500, 'null', 500, /is not an emulator; it answered: null\n/],
    [403, '"forbidden"', 403, /is not an emulator; it answered: "forbidden"\n/],
    [400, '[1]', 400, /is not an emulator; it answered: \[1\]\n/],
    [401, '{"error":"no key","detail":{"code":1}}', 401, /is not an emulator; it answered: \{"error":"no key",/],
    [500, 'x'.repeat(1000), 500, /is not an emulator; it answered: x{200}\n/]
  ]
  for (const [http, text, status, says] of answers) {
    const server = createServer((_request, response) => { response.writeHead(http).end(text) })
    await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const error = await failure(connect(url).state())
    t.match(error, { name: 'ControlError', message: says, problem: { status } }, text.slice(0, 20))
    t.ok(error.message.startsWith(`GET /__admin/state: the server at ${url} `), error.message)
    server.closeAllConnections()
    server.close()
  }
  const elsewhere = createServer((_request, response) => { response.writeHead(418).end('{"detail":"a teapot"}') })
  await new Promise<void>(resolve => { elsewhere.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => elsewhere.close())
  t.match(await failure(connect(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`).audit()), { message: 'GET /__admin/audit: a teapot', problem: { status: 418 } }, 'another server\'s problem')

  const broken = createServer((_request, response) => { response.writeHead(200, { 'content-length': 10 }).write('{', () => { response.destroy() }) })
  await new Promise<void>(resolve => { broken.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => broken.close())
  const broke = await failure(connect(`http://127.0.0.1:${(broken.address() as AddressInfo).port}`).audit())
  t.match(broke, { name: 'ControlError', message: /^GET \/__admin\/audit: .* can't be reached \(/, problem: { status: 0 } }, 'an answer that breaks off')

  const { url } = await emulate(t)
  const nowhere: ReadonlyArray<[url: string, says: RegExp]> = [
    [`${url}/app/api/v2`, /is not an emulator; it answered: \{"status":410,.*\ngive the URL that the emulator printed when it started, without a path/],
    [url.replace(/\d+$/, '9'), /http:\/\/127\.0\.0\.1:9 can't be reached \(bad port\)\nstart the emulator, or give the URL that it printed/],
    ['localhost:4290', /can't be reached \(unknown scheme\)/],
    [url.replace('//', '//me:secret@'), /^(?![^]*secret)[^]*http:\/\/127\.0\.0\.1:\d+ can't be reached \(.*credentials/],
    ['4290', /4290 can't be reached \(.*URL.*\)/i]
  ]
  for (const given of [undefined, null, new URL(url)]) {
    t.throws(() => connect(given as never), { name: 'TypeError', message: `connect: found ${given}, expected the URL of an emulator as a string, such as "http://localhost:4290"` })
  }
  for (const [given, says] of nowhere) t.match(await failure(connect(given).state()), { name: 'ControlError', message: says }, given)
})

t.test('a program whose `fetch` gives no cause is told what it says', async t => {
  const { fetch: own } = globalThis
  t.teardown(() => { globalThis.fetch = own })
  const failures = [
    [new TypeError('Load failed'), 'Load failed'],
    [new TypeError('fetch failed', { cause: new Error('other side closed') }), 'other side closed'],
    [new TypeError('fetch failed', { cause: new DOMException('the tunnel failed', 'AbortError') }), 'the tunnel failed']
  ] as const
  for (const [error, says] of failures) {
    globalThis.fetch = () => Promise.reject(error)
    // Loaded again, as by a program that has such a `fetch` from the start.
    const { request } = await import(`../../src/client/call.js?${encodeURIComponent(says)}`) as { request: typeof callRequest }
    t.match(await failure(request({ base: 'http://localhost' }, 'GET', '/state', {})), { message: `http://localhost can't be reached (${says})` })
  }
})

t.test('`connect` alone tells a program without `fetch`, or with a page\'s in Node.js, what to do', async t => {
  const { fetch: own } = globalThis
  t.teardown(() => { globalThis.fetch = own })
  Reflect.deleteProperty(globalThis, 'fetch')
  const { request } = await import('../../src/client/call.js?no-fetch' as string) as { request: typeof callRequest }
  const advice = /\btake connect from picky-assist-emulator, which .* testEnvironment: "node"$/
  const error = await failure(request({ base: 'http://localhost' }, 'GET', '/state', {}))
  t.match(error, { name: 'ControlError', message: /^GET \/__admin\/state: there is no fetch here, / })
  t.match(error.message, advice)

  globalThis.fetch = () => Promise.reject(new Error('Cross-Origin Request Blocked'))
  t.intercept(globalThis, 'document' as keyof typeof globalThis, { value: {}, configurable: true })
  const { request: blocked } = await import('../../src/client/call.js?of-a-page' as string) as { request: typeof callRequest }
  const refused = await failure(blocked({ base: 'http://localhost' }, 'GET', '/state', {}))
  t.match(refused.message, /http:\/\/localhost can't be reached \(Cross-Origin Request Blocked\)\nstart the emulator, .*; if it runs there, /)
  t.match(refused.message, advice)
})

t.test('calls from Node.js are made without the global `fetch`: a page\'s, one that fakes hold up, or none', async t => {
  const { url } = await emulate(t)
  const { fetch: own } = globalThis
  t.teardown(() => { globalThis.fetch = own })
  t.match(await connectOfLibrary(url).state(), { accounts: [{ name: 'demo' }] })
  const refusing = connectOfLibrary(url, { fetch: () => Promise.reject(new Error('the proxy is closed')) })
  t.match(await failure(refusing.state()), { message: /the proxy is closed/ }, 'or what it is given')

  globalThis.fetch = () => Promise.reject(new Error('Cross-Origin Request Blocked'))
  t.intercept(globalThis, 'document' as keyof typeof globalThis, { value: {}, configurable: true })
  const emulator = connect(url, { fetch: nodeFetch })
  t.match(await emulator.createAccount({ name: 'straße' }), { name: 'straße' })
  t.match(await failure(emulator.account('nobody')), { problem: { status: 404, detail: /nobody/ } })
  for (const base of ['http://127.0.0.1:9', 'https://127.0.0.1:9']) {
    t.match(await failure(connect(base, { fetch: nodeFetch }).state()), { message: new RegExp(`${base} can't be reached \\(ECONNREFUSED\\)`) })
  }
  const switching = createServer(({ socket }) => { socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n') }).listen(0, '127.0.0.1')
  t.teardown(() => switching.close())
  await once(switching, 'listening')
  t.match(await failure(connect(`http://127.0.0.1:${(switching.address() as AddressInfo).port}`, { fetch: nodeFetch }).state()), { message: /it has closed the connection/ })
  const stop = new AbortController()
  const waiting = nodeFetch(`${url}/__admin/requests/wait?timeout=60s`, { method: 'GET', headers: {}, signal: stop.signal })
  stop.abort()
  t.match(await failure(waiting), { cause: { name: 'AbortError' } })
  Reflect.deleteProperty(globalThis, 'fetch')
  const { headers } = await nodeFetch(`${url}/__admin/health`, { method: 'GET', headers: {} })
  t.match(headers.get('content-type'), 'application/json')
  t.equal(headers.get('x-nowhere'), null)
})

t.test('calls go on while a test fakes `setImmediate`, by which the global `fetch` frees its connections', async t => {
  const { url } = await emulate(t)
  const control = connectOfLibrary(url)
  await control.state()
  const { setImmediate: real } = globalThis
  globalThis.setImmediate = (() => ({})) as unknown as typeof real
  try {
    for (let times = 0; times < 3; times++) await control.state()
  } finally {
    globalThis.setImmediate = real
  }
  t.match(await control.state(), { accounts: [{ name: 'demo' }] })
})

t.test('a `fetch` that a test puts in its place later is not called', async t => {
  const { url } = await emulate(t)
  const { fetch: own } = globalThis
  t.teardown(() => { globalThis.fetch = own })
  globalThis.fetch = () => Promise.reject(new Error('not in this test'))
  t.match(await connect(url).state(), { accounts: [{ name: 'demo' }] })
})

t.test('`connect` as it is built', async t => {
  const file = join(ROOT, 'dist', 'connect.js')
  const text = readFileSync(file, 'utf8')

  t.test('imports nothing', async t => {
    t.notMatch(text, /\bimport\b|\brequire\b/)
    t.match(text, /\bexport\s*\{\s*connect\s*\}/)
  })

  t.test('is the file that the package exports', async t => {
    const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { exports: Record<string, { import: { default: string } }> }
    t.equal(join(ROOT, exports['./connect']!.import.default), file)
  })

  t.test('works in a process that has nothing else, and lets it end', async t => {
    const { url } = await emulate(t)
    const script = `
      const { connect } = await import('data:text/javascript,' + encodeURIComponent(process.argv[2]))
      const emulator = connect(process.argv[1])
      const account = await emulator.createAccount({ balance: '5' })
      console.log(await account.wallet.credit('0.5'), (await emulator.accounts()).length)
      await account[Symbol.asyncDispose]()
    `
    t.strictSame(await run(process.execPath, ['--input-type=module', '-e', script, url, text], { cwd: tmpdir() }), { code: 0, stdout: '5.5 2\n', stderr: '' })
    t.strictSame((await connect(url).accounts()).map(({ name }) => name), ['demo'])
  })
})

t.test('a TypeScript program that uses both compiles, as strict as can be', async t => {
  const project = realpathSync(mkdtempSync(join(tmpdir(), 'picky-types-')))
  t.teardown(() => rmSync(project, { recursive: true }))
  mkdirSync(join(project, 'node_modules'))
  symlinkSync(ROOT, join(project, 'node_modules', 'picky-assist-emulator'))
  writeFileSync(join(project, 'package.json'), '{"type":"module"}')
  writeFileSync(join(project, 'program.ts'), `
    import { connect as same, startEmulator, type Emulator } from 'picky-assist-emulator'
    import { connect, type Account, type ControlError, type JournalEntry, type RemoteEmulator, type Scenario, type ScenarioApiToken, type ScenarioProject, type SettingsPatch, type ClockEvent, type WaitOptions } from 'picky-assist-emulator/connect'

    const started: Emulator = await startEmulator({ adminToken: 'x', seed: 1, journalEntries: 1, allowHost: ['emulator'] })
    const emulators: RemoteEmulator[] = [started, connect(started.url, { adminToken: 'x' }), same(started.url)]
    const account: Account = await emulators[0]!.createAccount({ balance: '5', projects: [{}], ttl: '10m' })
    const copy = await started.createAccount({ copy_of: account.name, ttl: '1s' })
    await account.fail({ kind: 'delay', delay: { uniform: [1, 2] }, when: 'after', times: 1 })
    const patch: SettingsPatch = { strict: null, wire: { types: null }, assumptions: { 'same-plan': null } }
    await copy.settings.change(patch)
    const wish: WaitOptions = { api_status: null, count: 2, timeout: '1s' }
    const [first] = await account.requests.wait(wish)
    const entry: JournalEntry | undefined = first
    const { events, total } = await account.clock.advance('P1M')
    const renewals: ClockEvent[] = events.filter(({ event }) => event === 'renewed')
    const paid: ReadonlyArray<string | undefined> = renewals.map(({ amount }) => amount)
    const apiToken: ScenarioApiToken = { ip: '::1', status: 'disabled' }
    const project: ScenarioProject = { country: 'IN', date_format: 'DD-MM-YYYY', license_key: 'x', notes: '', api_tokens: [apiToken, {}] }
    const tokens: ReadonlyArray<string | undefined> = ((await account.setProject(1, project)).api_tokens ?? []).map(({ token }) => token)
    const scenario: Scenario = await started.load(await started.state())
    const statusOf = (error: unknown): number => (error as ControlError).problem.status
    await started.stop()

    // @ts-expect-error -- an amount is a text
    await account.wallet.credit(5)
    // @ts-expect-error -- what is left out is left out, and not undefined
    await started.createAccount({ balance: undefined })
    // @ts-expect-error -- there is no such fault
    await account.fail({ kind: 'reset' })
    // @ts-expect-error -- that none comes is not counted
    await account.requests.expectNone({ count: 1 })
    // @ts-expect-error -- what runs elsewhere can't be stopped from here
    await connect('').stop()
    // @ts-expect-error -- an account is read, not written
    account.name = 'x'
    // @ts-expect-error -- there is no such filter
    await started.requests.list({ status: 100 })
    // @ts-expect-error -- there is no such event
    events.filter(({ event }) => event === 'cycle-ended')
    // @ts-expect-error -- there is no such date format
    await account.setProject(1, { date_format: 'YYYY/MM/DD' })
    // @ts-expect-error -- a token is enabled, disabled or deleted
    await account.setProject(1, { api_tokens: [{ status: 'active' }] })

    export { entry, events, paid, scenario, statusOf, tokens, total }
  `)
  writeFileSync(join(project, 'using.ts'), `
    import { startEmulator } from 'picky-assist-emulator'
    import { connect } from 'picky-assist-emulator/connect'
    await using emulator = await startEmulator()
    await using account = await connect(emulator.url).createAccount()
    export const { token } = account
  `)
  writeFileSync(join(project, 'browser.ts'), `
    import { connect } from 'picky-assist-emulator/connect'
    export const token = (await connect('http://localhost:4290').createAccount()).token
  `)
  const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, module: 'NodeNext', target: 'ES2022', types: [], skipLibCheck: false, noEmit: true }
  const settings: ReadonlyArray<[name: string, options: object, files: string[]]> = [
    ['with the newest library', { lib: ['ES2022', 'ESNext.Disposable'] }, ['program.ts', 'using.ts']],
    ['with an older one, and nothing but connect', { lib: ['ES2022'] }, ['browser.ts']],
    ['with a browser\'s, by a bundler', { lib: ['ES2022', 'DOM'], module: 'ESNext', moduleResolution: 'Bundler' }, ['browser.ts']]
  ]
  // The first covers what the others do, but for what is missing there.
  for (const [name, options, files] of effort(settings.slice(0, 1), settings)) {
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...strict, ...options }, files }))
    t.strictSame(await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.'], { cwd: project }), { code: 0, stdout: '', stderr: '' }, name)
  }
})
