import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { MAX_VALUES } from '../../src/text/json.js'
import type { Case } from '../../src/contract/case.js'
import type { Audit } from '../../src/contract/control.js'
import type { Replay } from '../../src/contract/replay.js'
import type { Scenario, ScenarioProject } from '../../src/contract/scenario.js'
import { dumpAccount } from '../../src/scenario/dump.js'
import { CHANGE_BILLING, SAMPLE, SAMPLE_REQUEST } from '../support/emulator.js'
import { served } from '../support/served.js'
import { useUpSlice, work } from '../support/slices.js'

/** Just large enough not to be loaded at once. */
const SIZE = 1001

/** More entries than are read at once. */
const ENTRIES = 501

const AT = '2020-06-16T12:00:00Z'

const SUBSCRIPTIONS = [{ service: 1, plan_id: 2, next_billing_date: '2020-07-16T23:59:59Z' }] as const

/** Makes a world of many projects, as it is saved. */
function worldOf (name: string, change: (project: ScenarioProject, index: number) => object = () => ({}), size = SIZE): string {
  const projects = Array.from({ length: size }, (_, index) => {
    const project = { project_id: index + 1, project_name: `${name} ${index + 1}`, subscriptions: SUBSCRIPTIONS }
    return { ...project, ...change(project, index) }
  })
  const ledger = Array.from({ length: ENTRIES }, (_, index) => ({ at: AT, kind: index === 0 ? 'opening' : 'credit', amount: index === 0 ? '1000' : '0', balance: '1000' }))
  return JSON.stringify({ clock: { mode: 'frozen', at: AT }, accounts: [{ name, token: SAMPLE.token, balance: '1000', projects, ledger }] })
}

/** Serves a small world, and tells what of it there is. */
async function serving () {
  const emulator = await served()
  const { store } = emulator.context
  return {
    ...emulator,
    names: () => store.accounts.list().map(({ name }) => name),
    state: async () => (await emulator.call('GET', '/__admin/state')).text,
    load: async (world: string, query = '') => await emulator.call('PUT', `/__admin/state${query}`, world)
  }
}

t.test('a large world is loaded beside the present one, and takes its place at one moment', async t => {
  const { call, load, look, names, state, context, errors } = await serving()
  const small = await state()
  const seen = new Set<string>()
  const meanwhile: Array<ReturnType<typeof call>> = []
  await useUpSlice()
  const loading = load(worldOf('large'))
  let looks = 0
  look(() => {
    seen.add(`${names().join()}, ${context.store.projects.count()} projects`)
    // Until the next look, others have their turns.
    if (++looks % 4 === 0 && looks < 20) work()
    if (meanwhile.length < 3) meanwhile.push(call('POST', CHANGE_BILLING, SAMPLE_REQUEST))
    return false
  })
  const answer = await loading
  t.equal(answer.status, 200)
  t.strictSame([...seen], ['demo, 1 projects'], 'nothing of it is seen before')
  const answers = (await Promise.all(meanwhile)).map(({ text }) => (JSON.parse(text) as { readonly status: number }).status)
  t.strictSame(answers, [100, 410, 410], 'requests are answered from the world that there is')
  t.strictSame(names(), ['large'])
  t.equal(answer.text, await state(), 'the answer is all of the new world')
  t.match(JSON.parse(answer.text) as Scenario, { accounts: [{ name: 'large', projects: { length: SIZE }, ledger: { length: ENTRIES } }] })
  t.match((await call('POST', CHANGE_BILLING, JSON.stringify({ ...SAMPLE, project_id: SIZE, plan_id: 3 }))).text, '"status":100')
  t.match(JSON.parse((await call('GET', '/__admin/audit')).text), { ok: true })

  const saved = (await call('GET', '/__admin/case')).text
  const { requests, differences } = JSON.parse((await call('POST', '/__admin/replay', saved)).text) as Replay
  t.strictSame({ requests, differences }, { requests: 4, differences: [] }, 'requests come before the load, or after it')
  t.match(await call('POST', '/__admin/undo'), { status: 200, text: '"before":"PUT /__admin/state"' })
  t.not(await state(), small, 'what was booked meanwhile is there again')
  t.strictSame(names(), ['demo'])
  t.strictSame(errors, [])
})

t.test('a large world that is wrong, or whose client goes, changes nothing, and does not keep others from theirs', async t => {
  const { call, load, leave, look, state, context, errors } = await serving()
  const before = await state()
  const WRONG: Array<[world: string, detail: string]> = [
    [worldOf('x', (_, index) => index === SIZE - 1 ? { project_id: 1 } : {}), `/accounts/0/projects/${SIZE - 1}/project_id: found 1, expected a value used only once`],
    [worldOf('x', (_, index) => index === SIZE - 1 ? { project_status: 'Gone' } : {}), `/accounts/0/projects/${SIZE - 1}/project_status`],
    [worldOf('x').replace('"1000"', '"much"'), '/accounts/0/balance'],
    [worldOf('x').replace('"clock"', '"clocks"'), '/clocks: found an unknown key'],
    [worldOf('x').replace('{"name"', '1,{"name"'), '/accounts/0: found 1'],
    [`${worldOf('x').slice(0, -1)},}`, 'the body is not valid JSON'],
    ['1'.repeat(20_000), 'is wrong']
  ]
  for (const [world, detail] of WRONG) {
    const answer = await load(world)
    t.equal(answer.status, 400)
    t.ok((JSON.parse(answer.text) as { readonly detail: string }).detail.includes(detail), `${detail}: ${answer.text.slice(0, 300)}`)
  }
  t.match(await load(worldOf('x'), '?dry_run=maybe'), { status: 400 })
  const tooMuch = await load(`[${'0,'.repeat(MAX_VALUES)}0]`)
  t.match(tooMuch, { status: 413 })
  t.match(JSON.parse(tooMuch.text), { detail: /^the body has more (?:than 4000000 values|values and keys than there is memory for) at line 1, column \d+$/, advice: /^send a world in parts: / })
  for (const looks of [0, 1]) {
    await useUpSlice()
    const left = load(worldOf('gone'))
    leave(looks)
    t.match(await left, { status: 400, text: /the client (closed|has gone)/ })
  }
  const { store } = context
  const { stage } = store
  let isStaged = false
  Object.assign(store, {
    stage () {
      isStaged = true
      work()
      return stage()
    }
  })
  const left = load(worldOf('gone'))
  look(() => isStaged)
  t.match(await left, { status: 400 }, 'nor while it is written')
  Object.assign(store, { stage })
  t.equal(await state(), before)
  t.match(await load(worldOf('x'), '?dry_run=true'), {
    status: 200, text: `"removes":{"accounts":1,"projects":1,"requests":0,"faults":0},"adds":{"accounts":1,"projects":${SIZE},"requests":0,"faults":0}`
  })
  t.equal(await state(), before)

  const both = await Promise.all([load(worldOf('first')), load(worldOf('second'))])
  t.match(both, [{ status: 200, text: '"name":"first"' }, { status: 200, text: '"name":"second"' }], 'the second waits for its turn')
  t.match(await state(), '"name":"second"')
  t.match(await call('DELETE', '/__admin/accounts/second'), { status: 204 }, 'with all that belongs to it')
  t.match(await call('GET', '/__admin/health'), { status: 200, text: '"projects":0' })
  t.strictSame(errors, [])
})

t.test('a reset to a large world takes place at one moment as well', async t => {
  const { call, context, names, state, load } = await serving()
  await load(worldOf('start'))
  context.store.world.updateScenario(JSON.parse(await state()))
  const start = await state()
  await load('{}')
  t.strictSame(names(), [])
  const dry = await call('POST', '/__admin/reset?dry_run=true')
  t.match(dry.text, `"adds":{"accounts":1,"projects":${SIZE},`)
  const reset = await call('POST', '/__admin/reset')
  t.equal(reset.text, start)
  t.strictSame(names(), ['start'])
})

t.test('a client that goes once a large world has been loaded fails nothing', async t => {
  const { context, load, hangUp, names, errors } = await serving()
  context.eventBus.subscribe(hangUp)
  load(worldOf('large')).catch(() => {})
  await new Promise(resolve => { context.eventBus.subscribe(resolve) })
  await context.inTurn(setImmediate, () => true)
  t.strictSame([names(), errors], [['large'], []])
})

t.test('accounts of a large world are listed, shown and saved as they were at one moment', async t => {
  const { call, context: { store, machineTime }, load, state } = await serving()
  await load(worldOf('large'))
  await call('POST', '/__admin/accounts', '{"name":"small","token":"another-token-2","projects":[{"project_id":1}]}')
  await call('POST', '/app/api/v2/check-balance', '{"token":"another-token-2"}')
  const get = async (path: string): Promise<Scenario> => JSON.parse((await call('GET', `/__admin${path}`)).text) as Scenario
  const accounts = store.accounts.list().map(account => dumpAccount(store, account, machineTime()))
  const whole = JSON.parse(await state()) as Scenario

  // What is charged while it is written is not in it.
  const { copy } = store
  let charged: ReturnType<typeof call> | undefined
  Object.assign(store, {
    copy (limit: number) {
      charged ??= call('POST', CHANGE_BILLING, JSON.stringify({ ...SAMPLE, project_id: SIZE, plan_id: 3 }))
      work()
      return copy(limit)
    }
  })
  t.same(await get('/accounts'), { accounts })
  t.match(await charged, { text: '"status":100' })
  Object.assign(store, { copy })
  t.same(await get('/accounts/small'), accounts[1])
  t.same(await get('/accounts/large'), dumpAccount(store, store.accounts.findByName('large')!, machineTime()))

  Object.assign(store, { copy () { throw new Error('copied as a whole') } })
  const saved = await get('/accounts/small/state')
  t.match(await get('/case?account=small'), { end: { scenario: { accounts: [{ name: 'small' }] } } }, 'a small account is read as it is')
  Object.assign(store, { copy })
  t.same(saved, { ...whole, accounts: [whole.accounts![1]], requests: saved.requests })
  t.match(saved.requests, { length: 1, 0: { account: 'small' } })
  t.match(await get('/accounts/large/state'), { accounts: [{ name: 'large', projects: { length: SIZE } }], requests: { length: 1, 0: { account: 'large' } } })
  t.match(await get('/state?requests=true'), { accounts: [{ name: 'large' }, { name: 'small' }], requests: [{ account: 'small' }, { account: 'large' }] })
  t.match(await call('GET', '/__admin/accounts/nobody/state'), { status: 404 })
})

t.test('the books of an account with many entries are listed and audited as they were at one moment', async t => {
  const { call, context: { store }, load, errors } = await serving()
  await load(worldOf('large'))
  await call('POST', '/__admin/accounts', '{"name":"small","token":"another-token-2"}')
  await call('POST', CHANGE_BILLING, JSON.stringify({ ...SAMPLE, project_id: 1, plan_id: 1 }))
  const get = async (path: string): Promise<unknown> => JSON.parse((await call('GET', `/__admin${path}`)).text)
  const { accountId } = store.accounts.findByName('large')!
  const { isLarge, copy } = store
  const getAtOnce = async (path: string): Promise<unknown> => {
    Object.assign(store, { isLarge: () => false })
    const atOnce = await get(path)
    Object.assign(store, { isLarge })
    return atOnce
  }
  for (const path of ['/accounts/large/ledger', '/accounts/large/summary', '/accounts/large/audit', '/audit', '/audit?strict=true', '/accounts/small/summary']) {
    t.same(await get(path), await getAtOnce(path), path)
  }
  for (const path of ['/case', '/case?account=large', '/case?account=small']) {
    const [{ saved_at: _, end, ...saved }, { saved_at: __, end: endAtOnce, ...savedAtOnce }] = [await get(path) as Case, await getAtOnce(path) as Case]
    t.same({ ...saved, end: end.scenario }, { ...savedAtOnce, end: endAtOnce.scenario }, path)
    t.strictSame(Object.keys(end.scenario), Object.keys(endAtOnce.scenario), 'in the same order')
  }
  t.match(await get('/accounts/large/summary'), { balance: '1000', ledger: { length: ENTRIES }, projects: { length: SIZE }, requests_total: 1 })

  // Charged while it is looked at.
  Object.assign(store, {
    copy (limit: number) {
      const copied = copy(limit)
      store.transaction(() => { store.accounts.updateBalance(accountId, 1) })
      return copied
    }
  })
  t.match(await get('/accounts/large/summary'), { balance: '1000' })
  t.match(await get('/accounts/large/audit'), { ok: false, violations: [{ says: 'the wallet holds 0.001 USD, but its entries add up to 1000 USD' }] })
  Object.assign(store, { copy })
  t.strictSame(errors, [])

  const entries = Array.from({ length: 5000 }, (_, index) => ({ at: AT, kind: index === 0 ? 'opening' : 'credit', amount: '0', balance: '0' }))
  const ledgers: ReadonlyArray<readonly [size: number, isLarge: boolean]> = [[4999, false], [5000, true]]
  for (const [size, expected] of ledgers) {
    await load(JSON.stringify({ accounts: [{ name: 'booked', ledger: entries.slice(0, size) }] }))
    t.strictSame([store.isLarge(), store.isLarge(store.accounts.findByName('booked')!.accountId)], [expected, expected], `${size} entries`)
  }
  const many: ReadonlyArray<readonly [size: number, isLarge: boolean]> = [[499, false], [500, true]]
  for (const [size, expected] of many) {
    await load(JSON.stringify({ accounts: Array.from({ length: size }, () => ({})) }))
    t.strictSame([store.isLarge(), store.isLarge(store.accounts.findByName('account-1')!.accountId)], [expected, false], `${size} accounts`)
  }
})

t.test('many accounts are listed, audited and saved as they were at one moment, however little each has', async t => {
  const { call, context: { store }, load, errors } = await serving()
  await load(JSON.stringify({
    clock: { mode: 'frozen', at: AT },
    settings: { assumptions: { 'auto-renew': 'off' } },
    accounts: Array.from({ length: 501 }, (_, index) => ({ name: `of-${index}`, ...index % 250 === 1 && { settings: { assumptions: { 'auto-renew': 'on' } } } })),
    faults: [{ kind: 'hang', account: 'of-7' }, { kind: 'hang' }]
  }))
  const get = async (path: string): Promise<unknown> => JSON.parse((await call('GET', `/__admin${path}`)).text)
  const { isLarge, copy } = store
  for (const path of ['/accounts', '/state', '/audit', '/audit?strict=true', '/accounts/of-1/audit?strict=true']) {
    Object.assign(store, { isLarge: () => false })
    const atOnce = await get(path)
    Object.assign(store, { isLarge })
    t.same(await get(path), atOnce, path)
  }
  const { accounts, violations } = await get('/audit?strict=true') as Audit
  t.strictSame([accounts, violations.map(({ account, invariant }) => [account, invariant])], [501, [
    ['of-7', 'fault-is-met'], [null, 'fault-is-met'], [null, 'choice-is-met'], ['of-1', 'choice-is-met'], ['of-251', 'choice-is-met']
  ]], 'with what was set for any of them')

  // An account that is removed while it is looked at.
  Object.assign(store, {
    copy (limit: number) {
      const copied = copy(limit)
      store.transaction(() => { store.accounts.remove(store.accounts.findByName('of-500')!.accountId) })
      Object.assign(store, { copy })
      return copied
    }
  })
  t.match(await get('/audit'), { ok: true, accounts: 501 })
  t.match(await get('/audit'), { ok: true, accounts: 500 })
  t.strictSame(errors, [])
})

t.test('a load shows what the clock shows when it takes place, although it was made before', async t => {
  const { call, load, look, context } = await serving()
  let set: ReturnType<typeof call> | undefined
  let isSet = false
  await useUpSlice()
  const loading = load(worldOf('large'))
  let looks = 0
  look(() => {
    // The first look comes before the load has begun.
    if (++looks === 1 || isSet) return false
    work()
    set ??= call('PUT', '/__admin/clock', '{"mode":"running","at":"2021-01-01T00:00:00Z"}').finally(() => { isSet = true })
    return false
  })
  t.equal((await loading).status, 200)
  await set
  const [first, second] = context.timeline.steps().steps.filter(step => step.kind === 'call')
  t.match([first, second], [{ path: '/clock' }, { path: '/state' }], 'in the order in which they took place')
  t.ok(first!.at > second!.at)
  t.ok(second!.emulatedAt >= Date.parse('2021-01-01T00:00:00Z'), 'not earlier than what the clock was set to')
})
