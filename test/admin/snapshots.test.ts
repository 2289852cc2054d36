import pino from 'pino'
import t, { type Test } from 'tap'
import { servedAt } from '../../src/api/index.js'
import { connect } from '../../src/client/connect.js'
import type { Scenario } from '../../src/contract/scenario.js'
import { createJournal } from '../../src/journal/journal.js'
import type { Recorded } from '../../src/journal/record.js'
import { createContext } from '../../src/runtime/context.js'
import { stopExpiry } from '../../src/runtime/expiry.js'
import { createSnapshots, MAX_SNAPSHOTS, type Snapshot } from '../../src/runtime/snapshots.js'
import { bundledPlans } from '../../src/scenario/bundled.js'
import { loadSeed } from '../../src/scenario/load.js'
import { readScenario } from '../../src/scenario/read.js'
import { buildApp } from '../../src/server/app.js'
import { openStore } from '../../src/store/index.js'
import { CHANGE_BILLING, emulate, SAMPLE } from '../support/emulator.js'
import { refusal } from '../support/refusal.js'

/** Two accounts on paid plans, the second with its own clock, a fault of each and one of all. */
const WORLD: Scenario = {
  clock: { mode: 'frozen', at: '2020-06-16T12:00:00Z' },
  accounts: [
    { name: 'gone', token: 'gone' },
    {
      name: 'a',
      token: 'a-token',
      balance: '12',
      settings: { strict: true },
      projects: [
        { project_id: 1, subscriptions: [{ service: 1, plan_id: 2 }], api_tokens: [{ token: 'project-token' }] },
        { project_id: 2, project_status: 'Expired' }
      ]
    },
    { name: 'b', token: 'b-token', balance: '100', clock: { mode: 'frozen', at: '2021-01-01T00:00:00Z' }, projects: [{ project_id: 1, subscriptions: [{ service: 1, plan_id: 3 }] }] }
  ],
  faults: [{ kind: 'hang', account: 'a', plan_id: 9 }, { kind: 'hang', plan_id: 9 }, { kind: 'delay', account: 'b', plan_id: 9, times: 3 }]
}

async function control (t: Test, scenario: Scenario = WORLD) {
  const emulator = await emulate(t, { scenario })
  const admin = connect(emulator.url)
  const headerOf = async (method: string, path: string, body?: object): Promise<string | null> => {
    const { http, headers, text } = await emulator.ask(`/__admin${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...body !== undefined && { body: JSON.stringify(body) }
    })
    t.ok(http < 300, `${method} ${path}: ${text.slice(0, 200)}`)
    return headers.get('x-emulator-snapshot')
  }
  const everything = async () => ({
    state: await admin.state(),
    faults: await admin.faults(),
    requests: (await admin.requests.list()).map(({ id }) => id),
    origins: emulator.kept().account_origin!.map(row => (row as { scenario: string }).scenario)
  })
  return { ...emulator, admin, headerOf, everything }
}

/** Calls that replace, remove or move state, and whether what they change belongs to an account. */
const CALLS: ReadonlyArray<readonly [method: string, path: string, body?: object]> = [
  ['PUT', '/state', { clock: { mode: 'frozen', at: '2021-01-01T00:00:00Z' }, accounts: [{ name: 'other', token: 'a-token' }] }],
  ['POST', '/reset'],
  ['PUT', '/clock', { mode: 'frozen', at: '2022-01-01T00:00:00Z' }],
  ['POST', '/clock/advance', { by: 'P1Y' }],
  ['DELETE', '/clock'],
  ['PUT', '/plans', [{ plan_id: 2, price: '1' }]],
  ['PUT', '/accounts/a/clock', { mode: 'frozen', at: '2022-01-01T00:00:00Z' }],
  ['POST', '/accounts/a/clock/advance', { by: 'P1Y' }],
  ['DELETE', '/accounts/b/clock'],
  ['POST', '/accounts/a/reset'],
  ['DELETE', '/accounts/a'],
  ['PUT', '/accounts/a/projects/1', { project_name: 'new' }],
  ['PUT', '/accounts/a/projects/9', {}],
  ['PATCH', '/accounts/a/projects/1', { project_status: 'Expired' }],
  ['DELETE', '/accounts/a/projects/1']
]

t.test('undo', async t => {
  const shared = await control(t)
  for (const [method, path, body] of CALLS) {
    t.test(`${method} ${path} is undone and redone, whatever it replaced, removed or moved`, async t => {
      const { admin, change, headerOf, everything } = shared
      await admin.load(WORLD)
      await (await admin.account('gone')).remove()
      await change({ ...SAMPLE, token: 'a-token', project_id: 1, plan_id: 3 })
      await change({ ...SAMPLE, token: 'b-token', project_id: 1, plan_id: 4 })
      await (await admin.account('a')).wallet.credit('7')
      await admin.clock.advance('P2D')
      await (await admin.account('b')).fail({ kind: 'hang', plan_id: 9 })
      const before = await everything()
      const id = await headerOf(method, path, body)
      t.equal((await admin.snapshots()).at(-1)!.id, id)
      t.match((await admin.snapshots()).at(-1), { before: `${method} /__admin${path}`, account: /accounts\/(\w)/.exec(path)?.[1] ?? null, redo: false })
      const after = await everything()

      const { restored, redo } = await admin.undo()
      t.equal(restored.id, id)
      t.strictSame(await everything(), before)
      t.equal((await admin.snapshots()).some(snapshot => snapshot.id === id), false, 'what was restored is in force again, and no longer listed')
      t.match((await admin.snapshots()).at(-1), { id: redo, before: 'POST /__admin/undo', redo: true })
      t.ok((await admin.audit()).ok)

      await admin.undo(redo!)
      const { requests, ...redone } = await everything()
      t.strictSame(redone, { state: after.state, faults: after.faults, origins: after.origins })
      t.ok(before.requests.every(known => requests.includes(known)), 'no undo removes a request')
    })
  }

  t.test('steps back one call at a time, or to a snapshot that is named', async t => {
    const { admin, headerOf } = await control(t)
    const now = async (): Promise<string> => (await admin.clock.get()).now.slice(0, 10)
    const ids: Array<string | null> = []
    for (const at of ['2020-07-01', '2020-08-01', '2020-09-01']) ids.push(await headerOf('PUT', '/clock', { mode: 'frozen', at }))
    await admin.undo()
    t.equal(await now(), '2020-08-01')
    await admin.undo()
    t.equal(await now(), '2020-07-01')
    const { redo } = await admin.undo(ids[0]!)
    t.equal(await now(), '2020-06-16')
    await admin.undo(redo!)
    t.equal(await now(), '2020-07-01')
  })

  t.test('of an account leaves the world and every other account alone', async t => {
    const { admin } = await control(t)
    const [a, b] = [await admin.account('a'), await admin.account('b')]
    await a.remove()
    await b.clock.advance('P1D')
    await b.wallet.set('3')
    await admin.settings.change({ strict: true })
    t.match(await a.undo(), { restored: { account: 'a', accounts: 1, projects: 2, faults: 1 } })
    t.equal(await a.wallet.balance(), '12')
    t.equal(await b.wallet.balance(), '3')
    t.match(await b.clock.get(), { now: '2021-01-02T00:00:00Z' })
    t.equal((await admin.settings.get()).strict, true)
    t.match(await refusal(a.undo()), { status: 409, detail: 'there is nothing to undo of account "a"' })
  })

  t.test('of the last account restores it even if another was created since', async t => {
    const { admin } = await control(t)
    const b = await admin.account('b')
    await b.remove()
    await admin.createAccount({ name: 'next' })
    await b.undo()
    t.strictSame((await admin.accounts()).map(({ name }) => name), ['gone', 'a', 'next', 'b'])
    t.equal(await b.wallet.balance(), '100')
    t.ok((await admin.audit()).ok)
  })

  t.test('keeps the requests of the meantime, in their order, and drops those that a scenario brought', async t => {
    const { admin, change } = await control(t)
    const ids = async (): Promise<string[]> => (await admin.requests.list()).map(({ id }) => id)
    const order = { ...SAMPLE, token: 'b-token', project_id: 1, plan_id: 4 }
    await change(order)
    const saved = await admin.requests.list()
    await admin.load({ ...WORLD, requests: [{ ...saved[0]!, id: '7-7' }] })
    await change(order)
    t.strictSame(await ids(), ['7-7', '8-1'])
    await admin.undo()
    t.strictSame(await ids(), ['1-1', '8-1'])
    await change({ ...order, plan_id: 5 })
    t.strictSame(await ids(), ['1-1', '8-1', '9-1'], 'ids are not used again')
    t.strictSame(await (await admin.account('b')).ledger().then(entries => entries.map(entry => entry.request_id)), [null, '1-1', '9-1'])
  })

  t.test('aborts open requests of what it replaces, and tells listeners', async t => {
    const { admin, url } = await control(t)
    await admin.fail({ kind: 'hang', when: 'after', plan_id: 4 })
    const order = async (token: string): Promise<unknown> => await fetch(`${url}/app/api/v2/pm/change-billing`, {
      method: 'POST', body: JSON.stringify({ ...SAMPLE, token, project_id: 1, plan_id: 4 })
    }).then(({ status }) => status, () => 'cut off')
    const b = await admin.account('b')
    await b.clock.advance('P1D')
    const open = order('b-token')
    await b.requests.wait({ fault: 'hang' })
    const stream = await fetch(`${url}/__admin/events`)
    await b.undo()
    t.equal(await open, 'cut off')
    await admin.clock.advance('P1D')
    const again = order('b-token')
    await b.requests.wait({ fault: 'hang', count: 2 })
    await admin.undo()
    t.equal(await again, 'cut off')
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader()
    let told = ''
    while (!/event: undo\ndata: {"account":null/.test(told)) told += (await reader.read()).value
    t.match(told, /event: undo\ndata: {"account":"b","data":null}/)
    await reader.cancel()
  })

  t.test('lets an account that has expired meanwhile go again', async t => {
    const store = openStore()
    loadSeed(store, readScenario({}, { plans: bundledPlans(), machineTime: 0, seed: 1 }))
    let now = 0
    const context = createContext({ store, log: pino({ enabled: false }), machineTime: () => now, seed: 1, journal: { entries: 10, bytes: 1e6 } })
    const app = await buildApp(context, { access: { token: null, hosts: [] }, endpoints: servedAt({}), hasConsole: false })
    t.teardown(async () => {
      stopExpiry(context)
      await app.close()
      store.close()
    })
    const statusOf = async (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object): Promise<number> =>
      (await app.inject({ method, url: `/__admin${url}`, ...payload && { payload } })).statusCode
    t.equal(await statusOf('POST', '/accounts', { name: 'soon', ttl: '1h' }), 201)
    t.equal(await statusOf('DELETE', '/accounts/soon'), 204)
    now += 3_599_999
    t.equal(await statusOf('POST', '/undo'), 200)
    t.equal(await statusOf('DELETE', '/accounts/soon'), 204)
    now += 1
    t.equal(await statusOf('POST', '/undo'), 200)
    t.equal(await statusOf('GET', '/accounts/soon'), 404)
  })

  t.test('is refused with the reason, and changes nothing', async t => {
    const { admin, ask, everything } = await control(t)
    t.match(await refusal(admin.undo()), { status: 409, detail: 'there is nothing to undo', advice: /^GET \/__admin\/snapshots lists/ })
    t.match(await refusal(admin.undo('snapshot-1')), { status: 404, detail: 'there is no snapshot "snapshot-1"', errors: [{ pointer: '/id', found: '"snapshot-1"' }] })
    const wrong = await ask('/__admin/undo', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"id":1}' })
    t.match(wrong, { http: 400, body: { errors: [{ found: /./ }] } })

    const a = await admin.account('a')
    await a.remove()
    await admin.createAccount({ name: 'thief', token: 'project-token' })
    const before = await everything()
    t.match(await refusal(a.undo()), { status: 409, detail: 'another account now uses a token of "a"', advice: 'remove it with DELETE /__admin/accounts/thief, then undo again' })
    t.strictSame(await everything(), before)
    await (await admin.account('thief')).remove()
    await admin.createAccount({ name: 'newcomer' })
    await a.undo()
    t.equal((await a.state()).projects!.length, 2, 'the snapshot was kept')
    t.strictSame((await admin.accounts()).map(({ name }) => name), ['gone', 'a', 'b', 'newcomer'], 'and it is where it was')
  })
})

t.test('snapshots', async t => {
  t.test('are taken by calls that succeed, and by no others', async t => {
    const { admin, ask, headerOf } = await control(t)
    const refused: ReadonlyArray<readonly [method: string, path: string, body?: string]> = [
      ['PUT', '/state', '{"accounts":1}'], ['PUT', '/clock', '{}'], ['POST', '/clock/advance', '{"by":"PX"}'], ['PUT', '/plans', '[{"plan_id":2,"service":2}]'],
      ['DELETE', '/accounts/nobody'], ['DELETE', '/accounts/a/projects/99'], ['PUT', '/accounts/a/projects/1', '{"project_id":3}']
    ]
    for (const [method, path, body] of refused) {
      const { http } = await ask(`/__admin${path}`, { method, headers: { 'content-type': 'application/json' }, ...body !== undefined && { body } })
      t.ok(http >= 400, `${method} ${path}`)
    }
    for (const [method, path, body] of CALLS.filter(([, path]) => path !== '/plans')) await headerOf(method, `${path}?dry_run=true`, body)
    await admin.state()
    await (await admin.account('a')).wallet.set('5')
    t.strictSame(await admin.snapshots(), [])
  })

  t.test('say what they hold', async t => {
    const { admin, change } = await control(t)
    await change({ ...SAMPLE, token: 'b-token' })
    const at = Date.now()
    await admin.reset()
    const [snapshot] = await admin.snapshots()
    t.match(snapshot, { id: 'snapshot-1', before: 'POST /__admin/reset', account: null, accounts: 3, projects: 3, requests: 1, faults: 3 })
    t.ok(Math.abs(Date.parse(snapshot!.at) - at) < 60_000)
    t.ok(snapshot!.bytes > 10_000)
    for (const filler of ['', 'x']) {
      await change({ ...SAMPLE, token: 'b-token', filler })
      await admin.reset()
    }
    t.ok((await admin.snapshots()).every(({ bytes }) => Number.isInteger(bytes)), 'clients with types read whole numbers')
  })

  t.test('of accounts end with their world', async t => {
    const { admin } = await control(t)
    await (await admin.account('b')).clock.advance('P1D')
    await admin.clock.advance('P1D')
    t.strictSame((await admin.snapshots()).map(({ account }) => account), ['b', null])
    await admin.reset()
    t.strictSame((await admin.snapshots()).map(({ before }) => before), ['POST /__admin/clock/advance', 'POST /__admin/reset'])
  })

  t.test('are bounded in number, of the world and of accounts apart, and in bytes', async t => {
    const taken = (account: string | null, bytes: number) => ({ account, bytes }) as Omit<Snapshot, 'id'>
    const idsOf = (list: readonly Snapshot[]): string[] => list.map(({ id }) => id.slice('snapshot-'.length))
    const snapshots = createSnapshots(1000)
    snapshots.add(taken(null, 1))
    for (let index = 0; index < MAX_SNAPSHOTS + 2; index++) snapshots.add(taken('a', 1))
    t.strictSame(idsOf(snapshots.list()), ['1', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13'])
    snapshots.add(taken(null, 990))
    t.strictSame(idsOf(snapshots.list()), ['4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14'], 'a thousand bytes and no more')
    snapshots.add(taken(null, 1000))
    t.strictSame(idsOf(snapshots.list()), ['15'])
    snapshots.add(taken(null, 1001))
    t.strictSame(idsOf(snapshots.list()), [], 'one that is too large is not kept either')
  })

  t.test('hold no requests if those are large, and none is taken of a large account', async t => {
    const { admin, post, headerOf } = await control(t)
    const filler = 'x'.repeat(1_000_000)
    for (let index = 0; index < 5; index++) await post('/pm/get-projects', { token: 'a-token', filler })
    await headerOf('DELETE', '/accounts/a/projects/2')
    await headerOf('POST', '/clock/advance', { by: 'PT1S' })
    t.match(await admin.snapshots(), [{ account: 'a', requests: 0 }, { account: null, requests: 0 }])
    t.ok((await admin.snapshots()).every(({ bytes }) => bytes < 1_000_000))

    const long = 'n'.repeat(1000)
    const projects = Array.from({ length: 750 }, (_, index) => ({ project_id: index + 1, notes: long, number: long, company_name: long }))
    const large = await admin.createAccount({ name: 'large', projects })
    t.equal(await headerOf('DELETE', '/accounts/large/projects/2'), null)
    t.match(await refusal(large.undo()), { status: 409 })
    t.match(await (await admin.account('a')).undo(), { restored: { account: 'a' }, redo: /^snapshot-\d+$/ }, 'but of a small one beside it')
    t.match(await headerOf('POST', '/clock/advance', { by: 'PT1S' }), /^snapshot-\d+$/, 'but of the world')
    await (await admin.account('gone')).clock.advance('P1D')
    const { id } = (await admin.snapshots()).at(-1)!
    await (await admin.account('gone')).remove()
    await admin.createAccount({ name: 'gone', token: 'gone', projects })
    t.match(await admin.undo(id), { restored: { account: 'gone' }, redo: null }, 'nor is an undo undone that replaces one')
  })
})

t.test('a journal takes entries back in their places, within its limits', async t => {
  const journal = createJournal({ entries: 2, bytes: 1e6 })
  const add = (id: string) => journal.add({ id, account: 'a', url: '/', headers: '', body: id, answer: null, charged: true, booked: null } as Recorded)
  const idsOf = (account?: string): string[] => [...journal.list(account)].map(({ id }) => id)
  const [one, two] = [add('1'), add('2')]
  journal.removeAll([one, two])
  const three = add('3')
  journal.restore([two])
  t.strictSame([idsOf(), idsOf('a')], [['2', '3'], ['2', '3']])
  journal.restore([one, three])
  t.strictSame(idsOf(), ['2', '3'], 'the oldest makes way')
  add('4')
  t.strictSame(idsOf(), ['3', '4'])
  t.equal(journal.size().entries, 2)
  t.equal(add('3').retryOf, '3')
})

const NONE = { accounts: 0, projects: 0, requests: 0, faults: 0 }
const QUIET = { renewed: 0, debited: '0', expired: 0, lapsed: 0, deleted: 0 }

/** What is known of the world below before each call: account a renews twice for 5 USD, expires, and is deleted. */
const FORECASTS: ReadonlyArray<readonly [method: string, path: string, body: object | undefined, expected: object]> = [
  ['POST', '/clock/advance', { by: 'P1Y' }, { due: { renewed: 2, debited: '10', expired: 1, lapsed: 0, deleted: 1 } }],
  ['POST', '/clock/advance', { to: 'next-billing' }, { due: { ...QUIET, renewed: 1, debited: '5' } }],
  ['POST', '/clock/advance', { by: 'PT1H' }, {}],
  ['PUT', '/clock', { mode: 'frozen', at: '2020-08-16T23:59:59Z' }, { due: { ...QUIET, renewed: 2, debited: '10' } }],
  ['DELETE', '/clock', undefined, {}],
  ['POST', '/accounts/b/clock/advance', { by: 'P2M' }, { due: { ...QUIET, renewed: 1, debited: '10' } }],
  ['DELETE', '/accounts/b/clock', undefined, {}],
  ['POST', '/reset', undefined, { removes: { accounts: 3, projects: 3, requests: 2, faults: 3 }, adds: { accounts: 3, projects: 3, requests: 0, faults: 3 } }],
  ['PUT', '/state', {}, { removes: { accounts: 3, projects: 3, requests: 2, faults: 3 } }],
  [
    'PUT', '/state', { clock: { mode: 'frozen', at: '2021-01-01' }, accounts: [{ projects: [{ subscriptions: [{ service: 1, plan_id: 2, next_billing_date: '2020-12-30' }] }] }] },
    { due: { ...QUIET, expired: 1 }, removes: { accounts: 3, projects: 3, requests: 2, faults: 3 }, adds: { ...NONE, accounts: 1, projects: 1 } }
  ],
  ['DELETE', '/accounts/a', undefined, { removes: { accounts: 1, projects: 2, requests: 1, faults: 1 } }],
  ['POST', '/accounts/a/reset', undefined, { removes: { accounts: 1, projects: 2, requests: 1, faults: 1 }, adds: { ...NONE, accounts: 1, projects: 2 } }],
  ['PUT', '/accounts/a/projects/1', {}, { removes: { ...NONE, projects: 1 }, adds: { ...NONE, projects: 1 } }],
  [
    'PUT', '/accounts/a/projects/7', { subscriptions: [{ service: 1, plan_id: 2, next_billing_date: '2020-06-01' }] },
    { due: { ...QUIET, renewed: 1, debited: '5' }, adds: { ...NONE, projects: 1 } }
  ],
  ['PATCH', '/accounts/a/projects/1', { project_name: 'x' }, {}],
  ['PATCH', '/accounts/a/projects/1', { subscriptions: [{ service: 1, plan_id: 2, next_billing_date: '2020-06-01' }] }, { due: { ...QUIET, renewed: 1, debited: '5' } }],
  ['DELETE', '/accounts/a/projects/1', undefined, { removes: { ...NONE, projects: 1 } }]
]

t.test('a dry run', async t => {
  t.test('answers what a call would do, in numbers, and changes nothing', async t => {
    const { change, ask, kept, everything } = await control(t)
    await change({ ...SAMPLE, token: 'a-token', project_id: 3 })
    await change({ ...SAMPLE, token: 'b-token', project_id: 3 })
    const [before, rows] = [await everything(), kept()]
    for (const [method, path, body, expected] of FORECASTS) {
      const { http, body: answer } = await ask(`/__admin${path}?dry_run=true`, {
        method, headers: { 'content-type': 'application/json' }, ...body !== undefined && { body: JSON.stringify(body) }
      })
      t.equal(http, 200)
      t.strictSame(answer, { dry_run: true, due: QUIET, stays: QUIET, removes: NONE, adds: NONE, ...expected }, `${method} ${path}`)
    }
    t.strictSame(kept(), rows)
    t.strictSame(await everything(), before)
  })

  t.test('counts what stays when a clock goes back, to the very instant', async t => {
    const { admin, ask } = await control(t)
    const back = async (path: string, method: string, to?: string): Promise<unknown> => (await ask(`/__admin${path}?dry_run=true`, {
      method, headers: { 'content-type': 'application/json' }, ...to !== undefined && { body: JSON.stringify({ mode: 'frozen', at: to }) }
    })).body.stays
    await admin.clock.advance('P1Y')
    const all = { renewed: 2, debited: '10', expired: 1, lapsed: 0, deleted: 1 }
    t.strictSame(await back('/clock', 'DELETE'), all)
    t.strictSame(await back('/clock', 'PUT', '2020-07-16T23:59:58.999Z'), all)
    t.strictSame(await back('/clock', 'PUT', '2020-07-16T23:59:59Z'), { ...all, renewed: 1, debited: '5' })
    t.strictSame(await back('/clock', 'PUT', '2020-09-16T23:59:58.999Z'), { ...QUIET, expired: 1, deleted: 1 })
    t.strictSame(await back('/clock', 'PUT', '2020-09-16T23:59:59Z'), { ...QUIET, deleted: 1 })
    t.strictSame(await back('/clock', 'PUT', '2020-09-30T23:59:59Z'), QUIET)
    t.strictSame(await back('/clock', 'PUT', '2022-01-01'), QUIET, 'a clock that goes on leaves nothing behind')
    t.strictSame(await back('/accounts/b/clock', 'DELETE'), QUIET, 'an account with its own clock is not meant')
    await (await admin.account('b')).clock.jump('2021-02-02')
    t.strictSame(await back('/accounts/b/clock', 'PUT', '2021-01-01'), { ...QUIET, renewed: 1, debited: '10' })
  })

  t.test('counts as deleted what time has deleted, whatever the choice for it is by now', async t => {
    const ended = { project_status: 'Expired', subscriptions: [{ service: 1, plan_id: 2, next_billing_date: '2020-07-01' }] } as const
    type Step = 'never' | 'after-14-days' | 'pass'
    const cases: ReadonlyArray<readonly [name: string, project: object, steps: readonly Step[], deleted: number]> = [
      ['time, under the choice', ended, ['after-14-days', 'pass'], 1],
      ['time, before the choice was another', ended, ['after-14-days', 'pass', 'never'], 1],
      ['no time, under the other choice', ended, ['never', 'pass'], 0],
      ['a choice that came later, for the past', ended, ['never', 'pass', 'after-14-days', 'pass'], 1],
      ['a file, under the other choice', { ...ended, project_status: 'Delete' }, ['never', 'pass'], 0],
      ['a file, under the choice', { ...ended, project_status: 'Delete' }, ['after-14-days', 'pass'], 0]
    ]
    for (const [name, project, steps, deleted] of cases) {
      const clock = { mode: 'frozen', at: '2020-07-10T00:00:00Z' } as const
      const { admin, ask } = await control(t, { clock, accounts: [{ name: 'a', projects: [{ project_id: 1, ...project }] }] } as Scenario)
      for (const step of steps) {
        if (step === 'pass') await admin.clock.advance('P1M')
        else await admin.settings.change({ assumptions: { deletion: step } })
      }
      const { stays } = (await ask('/__admin/clock?dry_run=true', { method: 'DELETE' })).body as { stays: { deleted: number } }
      t.equal(stays.deleted, deleted, name)
      const [{ projects: [shown] = [] } = {}] = (await admin.state()).accounts as Array<{ projects: Array<{ project_status: string }> }>
      if (deleted === 1) t.equal(shown!.project_status, 'Delete', `${name}: it is`)
    }
  })

  t.test('of an undo tells what else it takes back, and changes nothing', async t => {
    const { admin, change, ask, kept, everything, url } = await control(t)
    const dry = async (body?: object): Promise<unknown> => {
      const [before, rows] = [await everything(), kept()]
      const { http, body: answer } = await ask('/__admin/undo?dry_run=true', {
        method: 'POST', ...body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      })
      t.equal(http, 200)
      t.strictSame([await everything(), kept()], [before, rows])
      return answer
    }
    const nothing = { dry_run: true, due: QUIET, stays: QUIET, removes: NONE, adds: NONE, since: { calls: 0, requests: 0, forgotten: 0 } }
    const world = { accounts: 3, projects: 3, requests: 0, faults: 3 }
    const [a, b] = [await admin.account('a'), await admin.account('b')]
    await admin.clock.advance('P1D')
    t.strictSame(await dry(), { ...nothing, removes: world, adds: world })

    t.comment('what only looks, or was refused, has changed nothing')
    await change({ ...SAMPLE, token: 'a-token', project_id: 99 })
    await change({ ...SAMPLE, token: 'nobody' })
    await ask('/app/api/v2/pm/get-projects', { method: 'POST', body: JSON.stringify({ token: 'a-token', project_id: 0 }) })
    await ask('/no/such/path', { method: 'POST' })
    await admin.audit()
    t.match(await refusal(a.wallet.credit('-1')), { status: 400 })
    await ask('/__admin/reset?dry_run=true', { method: 'POST' })
    await a.fail({ kind: 'api_refusal', status: 410, when: 'before', times: 1 })
    await change({ ...SAMPLE, token: 'a-token', project_id: 1, plan_id: 1 })
    t.match(await dry(), { since: { calls: 1, requests: 0, forgotten: 0 } }, 'the fault alone')

    await ask('/app/api/v2/pm/set-webhook', { method: 'POST', body: JSON.stringify({ token: 'a-token', project_id: 1, global_webhook: 'https://example.com/' }) })
    await change({ ...SAMPLE, token: 'b-token', project_id: 1, plan_id: 4 })
    for (const when of ['before', 'after'] as const) {
      await b.fail({ kind: 'delay', when, delay: { fixed: 1 }, times: 1 })
      await change({ ...SAMPLE, token: 'b-token', project_id: 1, plan_id: when === 'before' ? 5 : 3 })
    }
    await admin.createAccount({ name: 'bees', projects: [{}] })
    const changed = await dry() as { readonly since: object }
    t.strictSame(changed.since, { calls: 4, requests: 4, forgotten: 0 })
    t.match(changed, { removes: { accounts: 4, projects: 4, requests: 0, faults: 6 }, adds: world })

    t.comment('of an account, only what happened to it')
    await a.clock.advance('P1D')
    await b.wallet.credit('1')
    await change({ ...SAMPLE, token: 'b-token', project_id: 1, plan_id: 4 })
    const account = { accounts: 1, projects: 2, requests: 0, faults: 2 }
    t.strictSame(await dry({ account: 'a' }), { ...nothing, removes: account, adds: account })
    await a.wallet.credit('400')
    const { redo } = await a.undo()
    t.match(await dry({ id: redo }), { since: { calls: 0, requests: 0 } })
    await a.wallet.credit('1')
    t.match(await dry({ id: redo }), { since: { calls: 1, requests: 0 } })

    t.comment('what would be due at once, and requests that come back')
    await a.remove()
    await admin.clock.advance('P1M')
    t.match(await dry({ account: 'a' }), { due: { renewed: 1, debited: '5' }, removes: NONE, adds: { accounts: 1, requests: 4 } })
    const again = await a.undo()
    t.match(await dry({ id: again.redo }), { due: QUIET, removes: { accounts: 1, projects: 2 }, adds: NONE })

    t.comment('requests that came with a scenario, and one that the call has cut off before it was decided')
    await admin.fail({ kind: 'delay', when: 'before', delay: { fixed: 600_000 }, account: 'b' })
    const held = fetch(`${url}${CHANGE_BILLING}`, { method: 'POST', body: JSON.stringify({ ...SAMPLE, token: 'b-token', project_id: 1 }) }).then(() => 'answered', () => 'cut off')
    while ((await admin.faults()).every(({ matched }) => matched === 0)) await new Promise(setImmediate)
    await admin.load({ ...WORLD, requests: [{ ...(await admin.requests.list())[0]!, id: '70-1' }] })
    t.equal(await held, 'cut off')
    t.match(await dry(), { removes: { requests: 1 }, since: { calls: 0, requests: 0, forgotten: 0 } })
  })

  t.test('of an undo tells of how much it knows nothing any more', async t => {
    const { url, ask } = await emulate(t, { scenario: WORLD, journalEntries: 2 })
    const admin = connect(url)
    await admin.clock.advance('P1D')
    for (let number = 0; number < 5; number++) await (await admin.account('a')).wallet.credit('1')
    const { body } = await ask('/__admin/undo?dry_run=true', { method: 'POST' })
    t.match(body, { since: { calls: 2, requests: 0, forgotten: 3 } })
  })

  t.test('is refused as the call would be', async t => {
    const { ask } = await control(t)
    const refused: ReadonlyArray<readonly [method: string, path: string, body?: string]> = [
      ['PUT', '/state?dry_run=true', '{"accounts":1}'], ['DELETE', '/accounts/nobody?dry_run=true'], ['POST', '/undo?dry_run=true'], ['POST', '/undo?dry_run=true', '{"id":"snapshot-1"}'], ['DELETE', '/clock?dry_run=yes'], ['PUT', '/state?dry_run=yes', '{}'], ['POST', '/reset?dry=true']
    ]
    for (const [method, path, body] of refused) {
      const { http, body: problem } = await ask(`/__admin${path}`, { method, headers: { 'content-type': 'application/json' }, ...body !== undefined && { body } })
      t.ok(http >= 400 && http < 500, `${method} ${path}: ${http}`)
      t.type(problem.detail, 'string')
    }
  })
})

t.test('snapshots cost a suite that resets before every test next to nothing', async t => {
  const { admin } = await control(t)
  for (let index = 0; index < 3 * MAX_SNAPSHOTS; index++) await admin.reset()
  const all = await admin.snapshots()
  t.equal(all.length, MAX_SNAPSHOTS)
  t.ok(all.reduce((sum, { bytes }) => sum + bytes, 0) < 2_000_000, 'in memory')
})
