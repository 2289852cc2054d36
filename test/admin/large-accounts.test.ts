import t from 'tap'
import type { AccountState } from '../../src/contract/control.js'
import type { Replay } from '../../src/contract/replay.js'
import type { Scenario, ScenarioAccount } from '../../src/contract/scenario.js'
import { CHANGE_BILLING, SAMPLE } from '../support/emulator.js'
import { served } from '../support/served.js'
import { useUpSlice, work } from '../support/slices.js'

/** Just large enough not to be written at once. */
const SIZE = 1001

const AT = '2020-06-16T12:00:00Z'
const SUBSCRIPTIONS = [{ service: 1, plan_id: 2, next_billing_date: '2020-07-16T23:59:59Z' }] as const

function largeAccount (name: string, own: ScenarioAccount = {}): ScenarioAccount {
  const projects = Array.from({ length: SIZE }, (_, index) => ({
    project_id: index + 1,
    project_name: `${name} ${index + 1}`,
    subscriptions: SUBSCRIPTIONS,
    ...index < 70 && { api_tokens: [{ token: `${name} token ${index}` }] }
  }))
  return { name, token: `the token of ${name}`, balance: '9000', projects, ...own }
}

/** Serves a small world, and lets others act between the slices of a call. */
async function serving () {
  const emulator = await served()
  const { call, look, context: { store } } = emulator
  const ask = async (method: string, path: string, body?: unknown) => {
    const { status, text } = await call(method, `/__admin${path}`, body === undefined ? undefined : JSON.stringify(body))
    return { status, text, value: (text === '' ? null : JSON.parse(text)) as unknown }
  }
  return {
    ...emulator,
    ask,
    get: async <T>(path: string): Promise<T> => (await ask('GET', path)).value as T,
    /** Makes a call that takes long, and does something in the middle of it: at the beginning of a later slice. */
    async amid (act: () => unknown, ...[method, path, body]: Parameters<typeof ask>) {
      await useUpSlice()
      const asked = ask(method, path, body)
      let looks = 0
      look(() => {
        if (++looks === 3) act()
        if (looks <= 3) work()
        return false
      })
      return { ...await asked, looks }
    },
    names: () => store.accounts.list().map(({ name }) => name)
  }
}

t.test('many accounts, and a large one, are created at one moment, however long they take', async t => {
  const { ask, amid, get, names, call, context: { store, eventBus }, errors } = await serving()
  const seen: string[] = []
  const events: string[] = []
  eventBus.subscribe(({ event, account, data }) => { if (event === 'account') events.push(`${account!} ${data}`) })
  const requests: Array<ReturnType<typeof call>> = []
  const given = [largeAccount('large'), ...Array.from({ length: 99 }, () => ({})), { copy_of: 'large', name: 'twin' }]
  const { status, value, looks } = await amid(() => {
    seen.push(names().join())
    requests.push(call('POST', CHANGE_BILLING, JSON.stringify({ ...SAMPLE, plan_id: 3 })))
    // A change of an account that nothing is copied from does not matter, nor does one that comes.
    store.transaction(() => { store.accounts.insert({ name: 'other', token: 'other', balanceMills: 0, clock: null, settings: {} }, { origin: {}, expiresAt: null }) })
  }, 'POST', '/accounts', given)
  t.ok(looks > 3)
  t.equal(status, 201)
  t.strictSame(seen, ['demo'])
  t.match((await requests[0])!.text, '"status":100', 'requests are answered meanwhile')
  const made = value as AccountState[]
  const first = Number(made[1]!.name.slice('account-'.length))
  t.strictSame(made.map(({ name }) => name), ['large', ...Array.from({ length: 99 }, (_, index) => `account-${first + index}`), 'twin'])
  const { accounts } = await get<{ readonly accounts: AccountState[] }>('/accounts')
  t.strictSame(accounts.slice(2), made, 'all of them, as they are')
  t.equal(events.length, made.length)
  t.equal(events[0], 'large {"name":"large","token":"the token of large","balance":"9000"}', 'whoever listens gets no long lists')
  t.match(made[0], { balance: '9000', projects: { length: SIZE, 0: { api_tokens: [{ token: 'large token 0' }] } } })
  const keyless = (account: AccountState) => account.projects!.map(({ api_tokens: tokens, license_key: _, ...project }) => ({ ...project, tokens: tokens?.length }))
  t.strictSame(keyless(made[100]!), keyless(made[0]!), 'a copy of one that comes with it')
  t.match(await get('/audit'), { ok: true, accounts: 103 })
  t.match((await call('POST', CHANGE_BILLING, JSON.stringify({ ...SAMPLE, token: made[100]!.token, project_id: SIZE, plan_id: 3 }))).text, '"status":100')
  t.match(await ask('POST', '/accounts', { name: 'next', balance: '1', projects: largeAccount('x').projects!.map(({ api_tokens: _, ...project }) => project) }), { status: 201, value: { name: 'next', projects: { length: SIZE } } })
  t.strictSame(errors, [])
})

t.test('accounts that are wrong, or whose client goes, leave nothing', async t => {
  const { call, ask, amid, leave, names, context: { store }, errors } = await serving()
  const many = (last: object): object[] => [...Array.from({ length: 500 }, (_, index) => ({ name: `n${index}`, token: `token ${index}` })), last]
  const { stage } = store
  const before = await ask('GET', '/state')
  const WRONG: Array<[given: unknown, status: number, pointer: string]> = [
    [many({ balance: 5 }), 400, '/500/balance'],
    [many({ projects: Array.from({ length: 100 }, (_, index) => ({ project_id: index === 99 ? 'x' : index + 1 })) }), 400, '/500/projects/99/project_id'],
    [[...many({}), 7], 400, '/501'],
    [{ ...largeAccount('x'), balance: 5 }, 400, '/balance'],
    [many({ name: 'demo' }), 409, '/500/name'],
    [many({ name: 'n7' }), 409, '/500/name'],
    [many({ token: 'token 7' }), 409, '/500/token'],
    [many({ projects: [{ api_tokens: [{ token: SAMPLE.token }] }] }), 409, '/500/projects/0/api_tokens/0/token'],
    [many({ copy_of: 'nobody' }), 404, '/500/copy_of']
  ]
  for (const [given, status, pointer] of WRONG) {
    const { value, ...answer } = await ask('POST', '/accounts', given)
    t.equal(answer.status, status, answer.text.slice(0, 200))
    t.match((value as { readonly errors: unknown }).errors, [{ pointer }])
  }
  Object.assign(store, { stage () { throw new Error('written beside the world') } })
  t.match(await ask('POST', '/accounts', { name: 'some', projects: largeAccount('some').projects!.slice(0, 200) }), { status: 201, value: { projects: { length: 200 } } }, 'what is not large is written at once')
  Object.assign(store, { stage })
  t.match(await ask('DELETE', '/accounts/some'), { status: 204 })
  t.match(await call('POST', '/__admin/accounts', `${JSON.stringify(many({})).slice(0, -1)},]`), { status: 400, text: /not valid JSON/ })
  for (const looks of [0, 1]) {
    await useUpSlice()
    const left = ask('POST', '/accounts', many({}))
    leave(looks)
    t.match(await left, { status: 400, text: /the client (closed|has gone)/ })
  }
  t.equal((await ask('GET', '/state')).text, before.text)

  // Another account takes a name, or a token, in the middle.
  const taking = (name: string, token: string) => () => {
    store.transaction(() => { store.accounts.insert({ name, token, balanceMills: 0, clock: null, settings: {} }, { origin: {}, expiresAt: null }) })
  }
  t.match(await amid(taking('n400', 'a token'), 'POST', '/accounts', many({})), { status: 409, text: '"pointer":"/400/name"' })
  t.match(await amid(taking('taker', 'token 300'), 'POST', '/accounts', many({})), { status: 409, text: '"pointer":"/300/token"' })
  t.strictSame(names(), ['demo', 'n400', 'taker'])
  t.strictSame(errors, [])
})

t.test('a large account is copied as it is when the copy comes into being', async t => {
  const { ask, amid, get, call, context: { store, timeline }, errors } = await serving()
  t.equal((await ask('POST', '/accounts', largeAccount('large'))).status, 201)
  const alike = (account: AccountState, other: AccountState) => {
    const { name: _, token: __, projects, ...rest } = account
    const { name: ___, token: ____, projects: others, ...otherRest } = other
    const shown = (list: typeof projects) => list!.map(({ license_key: _, api_tokens: tokens, ...project }) => ({ ...project, tokens: tokens?.length }))
    t.strictSame([rest, shown(projects)], [otherRest, shown(others)])
  }
  alike((await ask('POST', '/accounts', { copy_of: 'large' })).value as AccountState, await get('/accounts/large'))

  const { accountId } = store.accounts.findByName('large')!
  const CHANGES: ReadonlyArray<readonly [what: string, change: () => void]> = [
    ['its balance', () => { store.accounts.updateBalance(accountId, 9_000_123) }],
    ['a project', () => { store.projects.updateDetails(accountId, 7, { notes: 'changed' } as never) }],
    ['a token', () => { store.projects.updateApiToken({ token: 'large token 1', ip: '', status: 'disabled' }) }],
    ['the settings', () => { store.world.update({ ...store.world.find()!, settings: { strict: true } }) }]
  ]
  for (const [what, change] of CHANGES) {
    const { value, status, looks } = await amid(() => { store.transaction(change) }, 'POST', '/accounts', { copy_of: 'large', name: `after ${what} has changed` })
    t.equal(status, 201)
    t.ok(looks > 3)
    alike(value as AccountState, await get('/accounts/large'))
  }
  t.match(await amid(() => {}, 'POST', '/accounts', [{ copy_of: 'large', name: 'one' }, { copy_of: 'large', name: 'two' }]), { status: 201, value: [{ name: 'one' }, { name: 'two' }] })
  t.match(await call('POST', CHANGE_BILLING, JSON.stringify({ ...SAMPLE, token: 'the token of large', project_id: SIZE, plan_id: 3 })), { text: /"status":100/ })

  t.strictSame(timeline.steps().steps.map(step => step.kind === 'call' && [step.accounts, step.isVoid]).slice(-2), [[['one', 'two'], false], false])
  t.match(await ask('GET', '/case?account=two'), { status: 200, value: { end: { scenario: { accounts: [{ name: 'large' }, { name: 'two', projects: { length: SIZE } }] } } } })
  t.strictSame(errors, [])
})

t.test('what is due of a large account is settled by the answer to its creation and reset', async t => {
  const { ask, get, errors } = await serving()
  const late = { clock: { mode: 'frozen', at: '2020-07-17T12:00:00Z' } } as const
  const created = await ask('POST', '/accounts', largeAccount('late', late))
  t.match(created, { status: 201, value: { balance: String(9000 - 5 * SIZE) } })
  const reset = await ask('POST', '/accounts/late/reset')
  t.strictSame([reset.value, await get('/accounts/late')], [created.value, created.value])
  t.match((await ask('POST', '/accounts', [largeAccount('other', late)])).value, [{ name: 'other', balance: String(9000 - 5 * SIZE), projects: { length: SIZE } }])
  t.match(await get('/audit'), { ok: true })
  t.strictSame(errors, [])
})

t.test('what is created and reset in slices is replayed as it was', async t => {
  const { ask, call, errors } = await serving()
  await ask('POST', '/accounts', [largeAccount('large'), { copy_of: 'large', token: 'the token of twin', name: 'twin' }])
  await call('POST', CHANGE_BILLING, JSON.stringify({ ...SAMPLE, token: 'the token of twin', project_id: 5, plan_id: 3 }))
  await ask('POST', '/clock/advance', { by: 'P2M' })
  await ask('POST', '/accounts/twin/reset')
  await ask('POST', '/undo')
  await ask('POST', '/undo')
  const { requests, differences } = (await ask('POST', '/replay', (await ask('GET', '/case')).value)).value as Replay
  t.strictSame([requests, differences, errors], [1, [], []])
})

t.test('a large account is reset at one moment to what it began with', async t => {
  const { ask, amid, get, call, names, leave, context: { store }, errors } = await serving()
  await ask('POST', '/accounts', [{ name: 'first' }, largeAccount('large', { clock: { mode: 'frozen', at: AT } }), { name: 'last' }])
  const state = async (): Promise<ScenarioAccount[]> => (await get<Scenario>('/accounts/large/state')).accounts as ScenarioAccount[]
  const { accountId } = store.accounts.findByName('large')!
  const before = await state()
  const spend = async () => {
    await ask('POST', '/accounts/large/clock/advance', { by: 'P2M' })
    t.match(await call('POST', CHANGE_BILLING, JSON.stringify({ ...SAMPLE, token: 'the token of large', project_id: 1, plan_id: 3 })), { text: /"status":100/ })
    return await state()
  }
  const spent = await spend()
  t.not(spent[0]!.balance, '9000')

  t.match(await ask('POST', '/accounts/large/reset?dry_run=true'), {
    status: 200, value: { due: { renewed: 0 }, removes: { accounts: 1, projects: SIZE, requests: 1 }, adds: { accounts: 1, projects: SIZE } }
  })
  await useUpSlice()
  const left = ask('POST', '/accounts/large/reset')
  leave(1)
  t.match(await left, { status: 400 })
  t.strictSame(await state(), spent)

  const balances: number[] = []
  const { value, status, looks } = await amid(() => { balances.push(store.accounts.find(accountId)!.balanceMills) }, 'POST', '/accounts/large/reset')
  t.ok(looks > 3)
  t.ok(balances[0]! < 9_000_000, 'it is what it was until then')
  t.equal(status, 200)
  t.strictSame(await state(), before)
  t.strictSame(value, await get('/accounts/large'))
  t.strictSame(names(), ['demo', 'first', 'large', 'last'], 'in its place')
  t.strictSame(await get('/requests?account=large'), { requests: [], total: 0 })
  t.match(await ask('POST', '/undo'), { status: 200, value: { restored: { before: 'POST /__admin/accounts/large/reset' } } })
  t.strictSame(await state(), spent)

  // Settings that change meanwhile hold for what is read.
  t.equal((await amid(() => { store.transaction(() => { store.world.update({ ...store.world.find()!, settings: { strict: true } }) }) }, 'POST', '/accounts/large/reset')).status, 200)
  t.strictSame(await state(), before)
  t.match(await amid(() => {
    store.transaction(() => {
      store.projects.remove(accountId, 1)
      store.accounts.insert({ name: 'taker', token: 'large token 0', balanceMills: 0, clock: null, settings: {} }, { origin: {}, expiresAt: null })
    })
  }, 'POST', '/accounts/large/reset'), { status: 409, text: /another account now uses a token.*DELETE \/__admin\/accounts\/taker/ })
  t.match(await ask('POST', '/accounts/large/reset?dry_run=true'), { status: 409 })
  t.equal(store.projects.countOf(accountId), SIZE - 1, 'and nothing has changed')
  t.match(await amid(() => { store.transaction(() => { store.accounts.remove(accountId) }) }, 'POST', '/accounts/large/reset'), { status: 404 })
  t.strictSame(names(), ['demo', 'first', 'last', 'taker'])
  t.match(await get('/audit'), { ok: true })
  t.strictSame(errors, [])
})

t.test('undo takes back the call that came last, even while it is at work', async t => {
  const { ask, amid, names, context: { store, snapshots }, call, errors } = await serving()
  await ask('PUT', '/state', { clock: { mode: 'frozen', at: AT }, accounts: [largeAccount('large')] })
  await ask('POST', '/clock/advance', { by: 'P1D' })
  const balances = (): unknown => store.accounts.list().map(({ name, balanceMills }) => [name, balanceMills])
  const later: Array<ReturnType<typeof call>> = []
  const { value } = await amid(() => { later.push(call('DELETE', '/__admin/accounts/large/projects/1')) }, 'POST', '/undo')
  t.match((await later[0])!.status, 204)
  t.match(value, { restored: { before: 'DELETE /__admin/accounts/large/projects/1', account: 'large' } })
  t.equal(store.projects.count(), SIZE)
  const { looks } = await amid(() => { later.push(call('POST', '/__admin/clock/advance', '{"by":"P1D"}')) }, 'POST', '/undo')
  t.ok(looks > 3)
  t.match(await ask('GET', '/clock'), { value: { at: '2020-06-17T12:00:00Z' } })
  t.match((await ask('POST', '/undo')).value, { restored: { before: 'POST /__admin/clock/advance' } })
  t.match((await ask('POST', '/undo')).value, { restored: { before: 'PUT /__admin/state' } })
  t.strictSame([balances(), names()], [[['demo', 100_000]], ['demo']])
  t.match(await ask('POST', '/undo'), { status: 409, text: /there is nothing to undo/ })
  t.strictSame(snapshots.list().filter(({ isRedo }) => !isRedo), [])
  t.strictSame(errors, [])
})
