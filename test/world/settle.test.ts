import { EventEmitter, once } from 'node:events'
import t, { type Test } from 'tap'
import { connect, type Account, type NewAccount, type RemoteEmulator, type Scenario, type ScenarioAccount, type ScenarioProject } from '../../src/client/connect.js'
import type { ClockEvent, ClockMoved } from '../../src/contract/control.js'
import { effort } from '../support/effort.js'
import { emulate } from '../support/emulator.js'
import { refusal } from '../support/refusal.js'
import { until } from '../support/until.js'
import { Database } from '../support/sqlite.js'

const END = '2020-07-16T23:59:59Z'
const FROZEN = { clock: 'frozen:2020-07-01' }

/** A project on a paid plan, whose cycle ends with a day. */
const project = (id: number, planId = 2, until = '2020-07-16', more: ScenarioProject = {}) =>
  ({ project_id: id, subscriptions: [{ service: planId < 7 ? 1 as const : 2 as const, plan_id: planId, next_billing_date: `${until}T23:59:59Z` }], ...more })
const withAuto = (choice: string) => ({ assumptions: { 'auto-renew': choice as 'on' } })
const REVIVE = { assumptions: { 'expired-project': 'revive' } } as const

const eventsOf = ({ events }: { readonly events: readonly ClockEvent[] }): string[] => events.map(({ at, event, ...more }) => [at, event, ...Object.values(more)].join(' '))
const dates = ({ projects }: ScenarioAccount) => projects!.flatMap(({ project_status: status, subscriptions }) => subscriptions!.map(({ next_billing_date: date }) => `${status} ${date?.slice(0, 10)}`))

/** Lets time go by for an account, or for the world, as it does on a clock that runs: nobody is told. */
function elapse (db: string, account: string | null, at: string): void {
  const file = new Database(db)
  const clock = JSON.stringify({ mode: 'frozen', at: Date.parse(at) })
  if (account === null) file.prepare('UPDATE world SET clock = ?').run(clock)
  else file.prepare('UPDATE account SET clock = ? WHERE name = ?').run(clock, account)
  file.close()
}

/** What a database has of an account: balance, when something is due next, how its first project stands, and what was renewed. */
function booked (kept: Record<string, unknown[]>, name: string) {
  const { account_id: id, balance_mills: balance, due_at: due } = (kept.account as Array<Record<string, unknown>>).find(row => row.name === name)!
  const rows = (table: string) => (kept[table] as Array<Record<string, unknown>>).filter(row => row.account_id === id)
  return { balance, due, status: rows('project')[0]!.status, renewals: rows('ledger_entry').filter(row => row.kind === 'renewal') }
}

const RENEWAL = { at: Date.parse(END), kind: 'renewal', amount_mills: -5000, project_id: 1, plan_id: 2, request_id: null }

/** Listens to server-sent events, and gives what has come as soon as it is enough. */
async function listenTo (t: Test, url: string) {
  const controller = new AbortController()
  t.teardown(() => controller.abort())
  const { body } = await fetch(`${url}/__admin/events`, { signal: controller.signal })
  const decoder = new TextDecoder()
  let text = ''
  const arrivals = new EventEmitter()
  const read = async (): Promise<void> => {
    for await (const chunk of body!) {
      text += decoder.decode(chunk as Uint8Array, { stream: true })
      arrivals.emit('chunk')
    }
  }
  read().catch(() => {})
  return async (enough: number) => {
    for (;;) {
      const events = [...text.matchAll(/^event: (.*)\ndata: (.*)$/gm)].map(([, event, data]) => ({ event: event!, ...JSON.parse(data!) as { account: string | null, data: { events: ClockEvent[] } } }))
      if (events.length >= enough) return events
      await once(arrivals, 'chunk')
    }
  }
}

t.test('a request settles what is due, and is decided on after that', async t => {
  const { url, db, post, last, kept } = await emulate(t, FROZEN)
  const control = connect(url)
  const news = await listenTo(t, url)
  const rows: Array<[string, NewAccount, string, object, object, string | null, number]> = [
    ['the balance that is left', { projects: [project(1)] }, '/check-balance', {}, { status: 100, balance: 95 }, 'auto-renew', 1],
    ['the next cycle', { projects: [project(1)] }, '/pm/get-projects', { project_id: 1 }, { project_status: 'Active', next_billing_date: '2020-08-16T23:59:59+00:00' }, 'auto-renew, month-length', 1],
    ['a project that has expired', { balance: '4.999', projects: [project(1)] }, '/pm/get-projects', { project_id: 1 }, { project_status: 'Expired' }, null, 0],
    ['one that has expired by choice', { settings: withAuto('off'), projects: [project(1)] }, '/pm/get-projects', { project_id: 1 }, { project_status: 'Expired' }, 'auto-renew', 0],
    ['one that has been deleted', { projects: [project(1, 2, '2020-07-02', { project_status: 'Expired' })] }, '/pm/get-projects', { project_id: 1 }, { project_status: 'Delete' }, 'deleted-project, deletion', 0],
    ['a change of what has expired', { balance: '4.999', projects: [project(1)] }, '/pm/change-billing', { project_id: 1, service: 1, plan_id: 3 }, { status: 408 }, 'expired-project', 0],
    ['a change that the renewal has left too little for', { balance: '14.999', projects: [project(1)] }, '/pm/change-billing', { project_id: 1, service: 1, plan_id: 3 }, { status: 403, message: /holds 9\.999 USD/ }, 'price-between-paid-plans, plan-prices, auto-renew, month-length', 1],
    ['a project that the renewal has left too little for', { balance: '9.999', projects: [project(1)] }, '/pm/create-project', { billing_plan: 2 }, { status: 403, message: /holds 4\.999 USD/ }, 'auto-renew', 1],
    ['a request that is refused for something else', { projects: [project(1)] }, '/pm/get-projects', { project_id: 77 }, { status: 410 }, 'unknown-project-status', 1],
    ['a project\'s token', { projects: [project(1, 2, '2020-07-16', { api_tokens: [{ token: 'of a project' }] })] }, '/check-balance', { token: 'of a project' }, { balance: 95 }, 'auto-renew', 1],
    ['nothing that is not due', { projects: [project(1, 2, '2020-07-17')] }, '/check-balance', {}, { balance: 100 }, null, 0]
  ]
  const accounts = await control.createAccounts([...rows.map(([name, account]) => ({ balance: '100', name, ...account })), { name: 'nobody asks', balance: '100', projects: [project(1)] }])
  elapse(db, null, '2020-07-17')
  await news(accounts.length)
  for (const [index, [name, , path, fields, expected, assumptions, renewals]] of rows.entries()) {
    const { token } = accounts[index]!
    const answer = await post(path, { token, ...fields })
    t.match(answer.body, expected, name)
    t.equal(answer.headers.get('x-emulator-assumptions'), assumptions, name)
    t.match(await last(), { account: name, emulated_at: '2020-07-17T00:00:00Z', assumptions: assumptions?.split(', ') ?? [], charged: false }, name)
    const { renewals: found } = booked(kept(), name)
    t.match(found, Array(renewals).fill(RENEWAL), name)
    t.equal(found.length, renewals, name)
    const again = await post(path, { token, ...fields })
    t.equal(again.headers.get('x-emulator-assumptions'), assumptions, `${name}, the second time too`)
    t.same(again.body, answer.body)
  }
  t.match(booked(kept(), 'nobody asks'), { balance: 100_000, status: 'Active', renewals: [] }, 'another account waits until it is asked for')

  const heard = (await news(accounts.length + 3 * rows.length - 1)).slice(accounts.length)
  const billing = heard.filter(({ event }) => event === 'billing')
  t.same(billing.map(({ account }) => account), rows.slice(0, -1).map(([name]) => name), 'listeners are told of each, once')
  t.same(billing[0]!.data, { events: [{ at: END, event: 'renewed', account: 'the balance that is left', project_id: 1, service: 1, plan_id: 2, amount: '5', balance: '95' }], total: 1 })
  t.same(billing[2]!.data, { events: [{ at: END, event: 'expired', account: 'a project that has expired', project_id: 1, service: 1, plan_id: 2, reason: 'balance-too-low', price: '5', balance: '4.999' }], total: 1 })
  t.same(billing[4]!.data, { events: [{ at: END, event: 'deleted', account: 'one that has been deleted', project_id: 1 }], total: 1 })
  t.same(heard.slice(0, 2).map(({ event }) => event), ['billing', 'request'], 'before they are told of the request')
  t.match(await control.audit(), { ok: true, violations: [] })
})

t.test('a control call shows and changes what is settled', async t => {
  const { url, db, kept } = await emulate(t, FROZEN)
  const control = connect(url)
  const calls: Record<string, (account: Account, control: RemoteEmulator) => Promise<unknown>> = {
    'the account': account => account.state(),
    'its wallet': account => account.wallet.balance(),
    'a top-up': account => account.wallet.credit('1'),
    'a balance that is set': account => account.wallet.set('1'),
    'its ledger': account => account.ledger(),
    'its clock': account => account.clock.get(),
    'its clock, back before the end': account => account.clock.jump('2020-07-01'),
    'its settings': account => account.settings.get(),
    'settings of its own that renew nothing': account => account.settings.change(withAuto('off')),
    'another project': account => account.setProject(2, {}),
    'a copy': (account, control) => control.createAccount({ copy_of: account.name }),
    'all accounts': (_account, control) => control.accounts(),
    'the whole state': (_account, control) => control.state(),
    'the audit': (_account, control) => control.audit(),
    'settings of the world that renew nothing': (_account, control) => control.settings.change(withAuto('off')),
    'a plan table with another price': (_account, control) => control.plans.change([{ plan_id: 2, price: '6' }]),
    'the world\'s clock': (_account, control) => control.clock.advance('P1D')
  }
  for (const [name, call] of Object.entries(calls)) {
    const account = await control.createAccount({ name, balance: '100', clock: { mode: 'frozen', at: '2020-07-01' }, projects: [project(1)] })
    elapse(db, name, END)
    await call(account, control)
    t.match(booked(kept(), name), { status: 'Active', renewals: [{ ...RENEWAL, balance_mills: 95_000 }] }, `${name}: by what held before`)
    t.match(await control.audit(), { ok: true, violations: [] })
    await control.reset()
  }

  const account = await control.createAccount({ balance: '100', projects: [project(1)] })
  await account.clock.run('2020-07-16T23:59:58.800Z')
  await until(async () => (await account.ledger()).length > 1)
  t.equal(await account.wallet.balance(), '95', 'a clock that runs gets there by itself')
})

t.test('clocks settle those who go by them', async t => {
  const { url, db, kept } = await emulate(t, FROZEN)
  const control = connect(url)
  const news = await listenTo(t, url)
  const [shared, own] = await control.createAccounts([
    { name: 'shared', balance: '100', projects: [project(1)] },
    { name: 'own', balance: '100', clock: { mode: 'frozen', at: '2020-07-01' }, projects: [project(1)] }
  ]) as [Account, Account]
  t.same(eventsOf(await control.clock.jump('next-billing')), [`${END} renewed shared 1 1 2 5 95`])
  t.match(booked(kept(), 'own'), { balance: 100_000, renewals: [] }, 'an account with a clock of its own is not touched by the world\'s')
  t.same(eventsOf(await own.clock.jump('next-billing-1ms')), [])
  t.same(eventsOf(await own.clock.jump('next-billing')), [`${END} renewed own 1 1 2 5 95`])
  t.same(eventsOf(await own.clock.jump('next-billing')), ['2020-08-16T23:59:59Z renewed own 1 1 2 5 90'])
  t.match(booked(kept(), 'shared'), { balance: 95_000, renewals: [RENEWAL] })
  t.match(await own.state(), { balance: '90' })
  t.same(dates(await shared.state()), ['Active 2020-08-16'])
  t.equal(booked(kept(), 'shared').due, Date.parse('2020-08-16T23:59:59Z'), 'until when nobody needs to look again')
  t.same((await news(9)).slice(2).map(({ event, account }) => [event, account]),
    [['billing', 'shared'], ['clock', null], ['clock', 'own'], ['billing', 'own'], ['clock', 'own'], ['billing', 'own'], ['clock', 'own']], 'listeners are told what happened, and that a clock was moved')

  elapse(db, null, '2020-08-17')
  t.same(eventsOf(await control.clock.jump('2020-07-01')), [], 'what was due before a clock is moved does not happen on the way')
  t.match(booked(kept(), 'shared'), { balance: 90_000, renewals: [RENEWAL, {}] }, 'but it has happened')
})

t.test('an expired project comes back by nothing but a plan that is bought for it', async t => {
  const { url, change } = await emulate(t, FROZEN)
  const control = connect(url)
  const account = await control.createAccount({ name: 'a', balance: '5.5', projects: [{ project_id: 1, subscriptions: [...project(1).subscriptions, ...project(1, 7, '2020-08-20').subscriptions] }] })
  const buy = async (planId: number) => (await change({ token: account.token, project_id: 1, service: planId < 7 ? 1 : 2, plan_id: planId })).body
  t.same(eventsOf(await account.clock.jump('2020-08-16T23:59:59Z')), [`${END} renewed a 1 1 2 5 0.5`, '2020-08-16T23:59:59Z expired a 1 1 2 balance-too-low 5 0.5'])
  await account.wallet.credit('99.5')
  t.match(await buy(3), { status: 408 }, 'a top-up is not enough')
  await account.settings.change(REVIVE)
  t.same(dates(await account.state()), ['Expired 2020-08-16', 'Expired 2020-08-20'], 'nor a choice')
  t.match(await buy(1), { status: 408 })
  t.match(await buy(2), { status: 100, old_billing_plan: '2', amount_debited: '5', next_billing_date: '2020-09-16T23:59:59+00:00' })
  t.same(dates(await account.state()), ['Active 2020-09-16', 'Active 2020-08-20'])
  t.same(eventsOf(await account.clock.jump('2020-08-21')), ['2020-08-20T23:59:59Z renewed a 1 2 7 29 66'], 'what was paid for longer is renewed when it is due, and not only when the project would have been deleted')
  t.same(eventsOf(await account.clock.jump('2020-09-01')), [], 'which it is not')

  await account.wallet.set('0')
  t.same(eventsOf(await account.clock.jump('2020-09-21')), ['2020-09-16T23:59:59Z expired a 1 1 2 balance-too-low 5 0'])
  await account.wallet.set('29')
  t.match(await buy(7), { status: 100, next_billing_date: '2020-10-21T23:59:59+00:00' })
  t.same((await account.state()).projects![0]!.subscriptions, [{ service: 1, plan_id: 1, rests_on: ['month-length', 'expired-project'] }, { service: 2, plan_id: 7, next_billing_date: '2020-10-21T23:59:59Z', rests_on: ['expired-project'] }], 'its other service had ended')
  t.same(eventsOf(await account.clock.jump('2021-01-01')), ['2020-10-21T23:59:59Z expired a 1 2 7 balance-too-low 29 0', '2020-11-04T23:59:59Z deleted a 1'])
  await account.wallet.set('100')
  t.match(await buy(7), { status: 408 }, 'what is deleted stays so')
  t.match(await control.audit(), { ok: true, violations: [] })
})

t.test('back in time nothing is refunded, and forward again nothing is booked twice', async t => {
  const { url, change } = await emulate(t, FROZEN)
  const control = connect(url)
  const account = await control.createAccount({ balance: '39', settings: REVIVE, projects: [project(1), project(2, 7, '2020-08-31')] })
  await account.clock.jump('2020-09-20')
  const [state, ledger] = [await account.state(), await account.ledger()]
  t.same(dates(state), ['Expired 2020-09-16', 'Active 2020-09-30'])
  t.equal(state.balance, '0')
  for (const to of ['2020-07-01', '2020-08-20', '1970-01-01', '2020-09-20']) {
    t.same(eventsOf(await account.clock.jump(to)), [], to)
    t.same({ ...await account.state(), clock: null }, { ...state, clock: null }, to)
    t.same(await account.ledger(), ledger, to)
  }
  await account.clock.jump('2020-07-01')
  await account.wallet.credit('5')
  t.match((await change({ token: account.token, project_id: 1, service: 1, plan_id: 2 })).body, { status: 100, next_billing_date: '2020-08-01T23:59:59+00:00' }, 'a plan that is bought back then lasts a month from then')
  t.same(eventsOf(await account.clock.jump('2020-08-15T23:59:59Z')), [`2020-08-01T23:59:59Z expired ${account.name} 1 1 2 balance-too-low 5 0`, `2020-08-15T23:59:59Z deleted ${account.name} 1`])
  t.match(await control.audit(), { ok: true, violations: [] })
})

t.test('an account with cycles is copied, reset and removed like any other', async t => {
  const { url, kept } = await emulate(t, FROZEN)
  const control = connect(url)
  const account = await control.createAccount({ balance: '100', projects: [project(1)] })
  await control.createAccount({ name: 'brief', balance: '100', projects: [project(1)], ttl: '1ms' })
  await control.clock.jump('2020-07-20')
  const copy = await control.createAccount({ copy_of: account.name })
  t.match(await copy.state(), { balance: '95', projects: [{ subscriptions: [{ next_billing_date: '2020-08-16T23:59:59Z' }] }] })
  t.same((await copy.ledger()).map(({ kind, amount }) => [kind, amount]), [['opening', '95']])
  t.same((await control.clock.jump('2020-08-20')).events.map(({ account: name }) => name), [account.name, copy.name])
  t.match(await account.reset(), { balance: '90', projects: [{ subscriptions: [{ next_billing_date: '2020-09-16T23:59:59Z' }] }] }, 'what the account was made with has ended again')
  t.same((await account.ledger()).map(({ at, kind }) => [at.slice(0, 10), kind]), [['2020-07-16', 'opening'], ['2020-07-16', 'renewal'], ['2020-08-16', 'renewal']])
  t.match(await copy.reset(), { balance: '90', projects: [{ subscriptions: [{ next_billing_date: '2020-09-16T23:59:59Z' }] }] })
  await until(async () => (await control.accounts()).every(({ name }) => name !== 'brief'))
  t.match(await control.audit(), { ok: true, accounts: 2 + 1 })
  t.equal(kept().ledger_entry!.length, 3 + 2 + 1)
})

t.test('what had ended before it was loaded is settled', async t => {
  const accounts = [{ name: 'late', token: 'late', balance: '100', projects: [project(1)] }]
  const { url, post } = await emulate(t, { scenario: { clock: { mode: 'frozen', at: '2020-09-01' }, accounts } })
  const control = connect(url)
  t.match((await post('/check-balance', { token: 'late' })).body, { balance: 90 }, 'at a start')
  const state = await control.reset()
  t.match(state.accounts, [{ balance: '90', projects: [{ subscriptions: [{ next_billing_date: '2020-09-16T23:59:59Z' }] }], ledger: [{ kind: 'opening', amount: '100' }, { at: END }, { at: '2020-08-16T23:59:59Z', kind: 'renewal', request_id: null }] }], 'by a reset')
  t.same(await control.load(state), state, 'and once only')
  t.same(await control.state(), state)
  const account = await control.createAccount({ balance: '5', projects: [project(1)] })
  t.match(await account.setProject(2, project(2, 2, '2020-08-25')), { project_status: 'Expired' }, 'in a project that is set')
  t.same(dates(await account.state()), ['Delete 2020-08-16', 'Expired 2020-08-25'])
})

t.test('a fault before a request does not keep time from passing', async t => {
  const { url, db, post, kept } = await emulate(t, FROZEN)
  const control = connect(url)
  const { token, fail } = await control.createAccount({ name: 'a', balance: '10', projects: [project(1)] })
  await fail({ kind: 'api_refusal', when: 'before', times: 1 })
  elapse(db, null, END)
  const news = await listenTo(t, url)
  t.match((await post('/pm/create-project', { token, billing_plan: 2 })).body, { status: 101 })
  t.match(booked(kept(), 'a'), { balance: 5000, renewals: [RENEWAL] })
  t.equal(kept().project!.length, 2, 'but nothing of the request has been done')
  t.same((await news(2)).slice(0, 2).map(({ event }) => event), ['billing', 'request'])
})

/** How long, in months, a thousand projects renew themselves. */
const MONTHS = effort(2, 120)

t.test(`the renewals of a thousand projects, ${MONTHS} months of them at once`, async t => {
  const { url, kept } = await emulate(t, { ...FROZEN, cutoff: 'never' })
  const control = connect(url)
  const prices = [5, 10, 15, 25]
  const projects = Array.from({ length: 1000 }, (_, index) => project(1000 - index, 2 + index % 4))
  const account = await control.createAccount({ name: 'a', balance: '999999999', projects })
  const last = new Date(Date.UTC(2020, 6 + MONTHS, 16)).toISOString().slice(0, 10)
  const began = performance.now()
  const moved: ClockMoved = await account.clock.jump(`${last}T23:59:58Z`)
  t.comment(`settled in ${Math.round(performance.now() - began)} ms`)
  const renewals = 1000 * MONTHS
  t.equal(moved.total, renewals)
  t.equal(moved.events.length, 1000)
  t.same(moved.events.map(({ at, project_id: id }) => `${at} ${id}`), Array.from({ length: 1000 }, (_, index) => `${END} ${index + 1}`), 'the first thousand are listed, in their order')
  const spent = 250 * MONTHS * prices.reduce((sum, price) => sum + price)
  t.equal(await account.wallet.balance(), String(999_999_999 - spent))
  t.ok((await account.state()).projects!.every(({ project_status: status, subscriptions }) => status === 'Active' && subscriptions![0]!.next_billing_date === `${last}T23:59:59Z`))
  const entries = kept().ledger_entry as Array<{ at: number, project_id: number }>
  t.equal(entries.length, 2 + renewals)
  t.ok(entries.slice(2).every(({ at, project_id: id }, index) => at > entries[index + 1]!.at || (at === entries[index + 1]!.at && id > entries[index + 1]!.project_id)), 'all of it is booked in its order')
  t.match(await control.audit(), { ok: true, violations: [] })
  t.same(eventsOf(await account.clock.advance(`-P${MONTHS}M`)), [])
})

t.test('what is too much at once is refused, and nothing has moved', async t => {
  const { url, kept } = await emulate(t, { ...FROZEN, cutoff: 'never', plans: [{ plan_id: 2, price: '0' }] })
  const control = connect(url)
  const free = (count: number) => Array.from({ length: count }, (_, index) => project(index + 1))
  const [many, two, other] = await control.createAccounts([{ name: 'many', projects: free(300) }, { name: 'two', projects: free(2) }, { name: 'other', projects: free(2) }]) as [Account, Account, Account]
  const before = kept()
  const tooMuch = { status: 409, detail: 'too many billing events on the way to settle at once', advice: /smaller steps/ }
  t.match(await refusal(many.clock.jump('9990-01-01')), tooMuch)
  t.same(kept(), before)
  await many.remove()
  const less = kept()
  t.match(await refusal(control.clock.jump('9990-01-01')), tooMuch, 'all accounts together')
  t.same(kept(), less)
  t.equal((await two.clock.jump('9990-01-01')).total, 2 * (12 * (9989 - 2020) + 6), 'one of them alone is not')
  await control.settings.change(withAuto('off'))
  t.same(eventsOf(await control.clock.jump('9990-01-01')).map(event => event.slice(0, 36)), ['2020-07-16T23:59:59Z expired other 1', '2020-07-16T23:59:59Z expired other 2', '2020-07-30T23:59:59Z deleted other 1', '2020-07-30T23:59:59Z deleted other 2'])
  t.same(dates(await other.state()), ['Delete 2020-07-16', 'Delete 2020-07-16'])

  const loaded = await control.load({ clock: { mode: 'frozen', at: '9990-01-01' }, plans: [{ plan_id: 2, price: '0' }], accounts: [{ name: 'a', projects: free(3) }, { name: 'b', balance: '5', projects: free(1) }] })
  const ends = ({ accounts }: Scenario) => accounts!.flatMap(dates)
  t.same(ends(loaded).at(-1), 'Active 2020-07-16', 'what is loaded all the same is settled in portions')
  t.same(ends(await control.state()), Array(4).fill('Active 9990-01-16'), 'one with each look at it')
  t.match(await control.audit(), { ok: true, violations: [] })
})
