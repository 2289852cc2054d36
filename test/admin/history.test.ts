import t from 'tap'
import { connect, type RemoteEmulator, type ScenarioHistoryEvent } from '../../src/client/connect.js'
import { emulate } from '../support/emulator.js'

const NOW = '2020-06-16T12:00:00Z'
const FROZEN = { clock: `frozen:${NOW}` }
const END = '2020-07-16T23:59:59Z'

const project = (id: number, planId = 2, end = END) => ({ project_id: id, subscriptions: [{ service: planId < 7 ? 1 as const : 2 as const, plan_id: planId, next_billing_date: end }] })
const what = { project_id: 1, service: 1 as const, plan_id: 2 }

t.test('a history has what time brought, why a plan was not renewed, and how the clock was moved', async t => {
  const { url } = await emulate(t, FROZEN)
  const control = connect(url)
  const account = await control.createAccount({ balance: '9.999', projects: [project(1)] })
  t.strictSame(await account.history(), [])
  const { events } = await account.clock.jump('2020-09-01')
  const happened: ScenarioHistoryEvent[] = [
    { at: END, event: 'renewed', ...what, amount: '5', balance: '4.999' },
    { at: '2020-08-16T23:59:59Z', event: 'expired', ...what, reason: 'balance-too-low', price: '5', balance: '4.999' },
    { at: '2020-08-30T23:59:59Z', event: 'deleted', project_id: 1 }
  ]
  t.strictSame(events.map(({ account: _, ...event }) => event), happened, 'as the move itself tells')
  t.strictSame(await account.history(), [{ at: '2020-09-01T00:00:00Z', event: 'clock-moved', from: NOW, mode: 'frozen' }, ...happened], 'after the move that brought it')

  await account.clock.run('2020-01-01')
  await account.clock.release()
  t.match((await account.history()).slice(4), [
    { at: '2020-01-01T00:00:00Z', event: 'clock-moved', from: '2020-09-01T00:00:00Z', mode: 'running' },
    { at: NOW, event: 'clock-moved', from: /^2020-01-01T00:00/, mode: 'frozen' }
  ])
})

const cases: ReadonlyArray<readonly [name: string, given: { balance: string, choice?: 'on' | 'off', price?: string }, reason: string | undefined]> = [
  ['one mill is missing', { balance: '4.999' }, 'balance-too-low'],
  ['the price is there', { balance: '5' }, undefined],
  ['plans don\'t renew themselves', { balance: '5', choice: 'off' }, 'auto-renew-off'],
  ['neither', { balance: '4.999', choice: 'off' }, 'balance-too-low'],
  ['the plan is dearer than it was', { balance: '7', price: '7.001' }, 'balance-too-low']
]
t.test('a renewal that failed is kept with its reason in numbers, whoever asks first, when', async t => {
  const { url, post } = await emulate(t, FROZEN)
  const control = connect(url)
  for (const [name, { balance, choice = 'on', price = '5' }, reason] of cases) {
    await control.reset()
    await control.plans.change([{ plan_id: 2, price }])
    const account = await control.createAccount({ balance, settings: { assumptions: { 'auto-renew': choice } }, projects: [project(1, 2, '2020-06-16T11:00:00Z')] })
    await post('/check-balance', { token: account.token })
    t.strictSame(await account.history(), [reason === undefined
      ? { at: '2020-06-16T11:00:00Z', event: 'renewed', ...what, amount: price, balance: '0' }
      : { at: '2020-06-16T11:00:00Z', event: 'expired', ...what, reason, price, balance }], name)
  }
})

t.test('a plan that gives way to Pay As You Go is kept with its reason in numbers', async t => {
  const { url } = await emulate(t, FROZEN)
  const subscriptions = [{ service: 1 as const, plan_id: 2, next_billing_date: END }, { service: 2 as const, plan_id: 7, next_billing_date: '2021-01-01T00:00:00Z' }]
  const account = await connect(url).createAccount({ settings: { assumptions: { 'unpaid-service': 'falls-back' } }, projects: [{ project_id: 1, subscriptions }] })
  await account.clock.jump(END)
  t.match((await account.history()).at(-1), { at: END, event: 'lapsed', ...what, reason: 'balance-too-low', price: '5', balance: '0' })
})

t.test('a move of the world\'s clock is in the history of all who follow it, and once in the world\'s', async t => {
  const { url, stop, db } = await emulate(t, FROZEN)
  let control = connect(url)
  const own = { mode: 'frozen' as const, at: NOW }
  await control.createAccounts([{ name: 'follows', balance: '5', projects: [project(1)] }, { name: 'own', balance: '5', clock: own, projects: [project(1)] }])
  await control.clock.jump('next-billing')
  const move = { at: END, from: NOW, mode: 'frozen' as const }
  const renewal = { at: END, event: 'renewed' as const, ...what, amount: '5', balance: '0' }
  const of = async (name: string) => await (await control.account(name)).history()
  t.strictSame(await of('follows'), [{ at: move.at, event: 'world-clock-moved', from: move.from, mode: move.mode }, renewal])
  t.strictSame(await of('own'), [])
  const { clock } = await control.account('own')
  await clock.advance('P1D')
  const all = [
    { account: null, at: move.at, event: 'clock-moved', from: move.from, mode: move.mode },
    { account: 'follows', ...renewal },
    { account: 'own', at: '2020-06-17T12:00:00Z', event: 'clock-moved', from: NOW, mode: 'frozen' }
  ]
  t.strictSame(await control.history(), all)

  t.comment('a start with another clock is a move as well, and one without is none')
  await stop()
  for (const [options, moves] of [[{}, 1], [{ clock: 'frozen:2020-01-01' }, 2]] as const) {
    const again = await emulateOn(db, options)
    control = connect(again.url)
    t.equal((await control.history()).filter(({ account }) => account === null).length, moves)
    t.strictSame((await of('follows')).filter(({ event }) => event === 'world-clock-moved').length, moves)
    if (moves === 1) await again.stop()
    else t.teardown(again.stop)
  }
  t.match((await control.history()).at(-1), { account: null, at: '2020-01-01T00:00:00Z', from: END })
})

async function emulateOn (db: string, options: object) {
  const { start } = await import('../../src/server/start.js')
  return await start({ db, ...options })
}

t.test('a history is settled before it is shown', async t => {
  const { url } = await emulate(t, FROZEN)
  const control = connect(url)
  const late = [project(1, 2, '2020-06-01')]
  for (const path of ['/accounts/late/history', '/history']) {
    await control.reset()
    await control.createAccount({ name: 'late', balance: '5', projects: late })
    const { history } = await (await fetch(`${url}/__admin${path}`)).json() as { history: ScenarioHistoryEvent[] }
    t.match(history, [{ at: '2020-06-01T00:00:00Z', event: 'renewed' }], path)
    t.equal(history.length, 1)
  }
})

const changes: ReadonlyArray<readonly [name: string, act: (control: RemoteEmulator) => Promise<unknown>, length: number]> = [
  ['a copy begins a new one', async control => await (await control.createAccount({ copy_of: 'it', name: 'copy' })).history(), 0],
  ['a reset returns to what the account was created with, which has ended again', async control => {
    const account = await control.account('it')
    await account.reset()
    return (await account.history()).map(({ event }) => event)
  }, 2],
  ['a refused move leaves nothing', async control => {
    await control.clock.advance('P9000Y').catch(() => {})
    return await (await control.account('it')).history()
  }, 3],
  ['the export of one account has it', async control => (await (await fetch(`${control.url}/__admin/accounts/it/state`)).json() as { accounts: Array<{ history: unknown[] }> }).accounts[0]!.history, 3],
  ['what is loaded comes back the same', async control => {
    const state = await control.state()
    t.equal(state.history!.length, 1)
    t.strictSame(await control.load(state), state)
    t.strictSame(await control.state(), state)
    return await (await control.account('it')).history()
  }, 3],
  ['an account that is created with one has it, also after a reset', async control => {
    const [{ history }] = (await control.state()).accounts!.filter(({ name }) => name === 'it') as [{ history: ScenarioHistoryEvent[] }]
    const account = await control.createAccount({ name: 'second', history })
    await account.clock.freeze('2020-01-01')
    t.equal((await account.history()).length, 4)
    await account.reset()
    t.strictSame(await account.history(), history)
    return history
  }, 3],
  ['a reset of the world begins with none', async control => {
    await control.reset()
    return await control.history()
  }, 0]
]
t.test('a history is kept with its account', async t => {
  const { url } = await emulate(t, FROZEN)
  const control = connect(url)
  for (const [name, act, length] of changes) {
    await control.reset()
    await control.createAccount({ name: 'it', balance: '5', projects: [project(1)] })
    await control.clock.jump('2020-08-20')
    t.equal((await act(control) as unknown[]).length, length, name)
  }
})
