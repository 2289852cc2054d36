import t from 'tap'
import { connect, type JournalEntry, type Scenario, type ScenarioAccount, type ScenarioFault, type ScenarioProject, type SettingsPatch } from '../../src/client/connect.js'
import { emulate } from '../support/emulator.js'
import { listenTo } from '../support/events.js'
import { until } from '../support/until.js'

const NOW = '2020-06-16T12:00:00Z'
const END = '2020-07-16T23:59:59Z'
const PAY_AS_YOU_GO = { plan_id: 1, project_status: 'Active', next_billing_date: null }
const ON_PLAN_2 = { plan_id: 2, project_status: 'Active', next_billing_date: END }
const NOTHING_DUE = { events: [], total: 0 }

type Booked = NonNullable<JournalEntry['booked']>
const debit = (amount: string, balance: string, project: number, plan: number): object =>
  ({ at: NOW, kind: 'plan-change', amount, balance, project_id: project, plan_id: plan })
const change = (before: object | null, after: object, service = 1, project = 1): object => ({ project_id: project, service, before, after })
const only = (...subscriptions: object[]): object => ({ ledger: [], subscriptions, due: NOTHING_DUE })

interface Case {
  readonly project?: ScenarioProject
  readonly settings?: SettingsPatch
  readonly fault?: ScenarioFault
  readonly endpoint?: string
  readonly sent?: object
  readonly booked: object | null
}

t.test('what a request booked is in its entry', async t => {
  const { url, post } = await emulate(t, { clock: `frozen:${NOW}` })
  const emulator = connect(url)
  const all = await listenTo(t, url)
  const plan2: ScenarioProject = { subscriptions: [{ service: 1, plan_id: 2, next_billing_date: END }] }
  const expired: ScenarioProject = {
    project_status: 'Expired',
    subscriptions: [{ service: 1, plan_id: 2, next_billing_date: '2020-06-15T23:59:59Z' }, { service: 2, plan_id: 7, next_billing_date: END }]
  }
  const CASES: Readonly<Record<string, Case>> = {
    'a purchase: a debit, and the plan before and after': { booked: { ledger: [debit('-5', '95', 1, 2)], subscriptions: [change(PAY_AS_YOU_GO, ON_PLAN_2)], due: NOTHING_DUE } },
    'a purchase for another service': {
      sent: { service: 2, plan_id: 7 },
      booked: { ledger: [debit('-29', '71', 1, 7)], subscriptions: [change(PAY_AS_YOU_GO, { ...ON_PLAN_2, plan_id: 7 }, 2)], due: NOTHING_DUE }
    },
    'a change to Pay As You Go: no debit': { project: plan2, sent: { plan_id: 1 }, booked: only(change(ON_PLAN_2, PAY_AS_YOU_GO)) },
    'the same plan, sold again: a debit, and no change of the plan': {
      project: plan2, settings: { assumptions: { 'same-plan': 'charge-again' } }, booked: { ledger: [debit('-5', '95', 1, 2)], subscriptions: [], due: NOTHING_DUE }
    },
    'the same plan, for free: nothing': { project: plan2, settings: { assumptions: { 'same-plan': 'accept-free' } }, booked: null },
    'the same plan, refused: nothing': { project: plan2, booked: null },
    'a revived project: each of its plans, and its status': {
      project: expired,
      settings: { assumptions: { 'expired-project': 'revive' } },
      booked: {
        ledger: [debit('-5', '95', 1, 2)],
        subscriptions: [
          change({ plan_id: 2, project_status: 'Expired', next_billing_date: '2020-06-15T23:59:59Z' }, ON_PLAN_2),
          change({ plan_id: 7, project_status: 'Expired', next_billing_date: END }, { ...ON_PLAN_2, plan_id: 7 }, 2)
        ],
        due: NOTHING_DUE
      }
    },
    'a revived project whose other plan has ended too': {
      project: { ...expired, subscriptions: [{ service: 1, plan_id: 2, next_billing_date: '2020-06-15T23:59:59Z' }, { service: 2, plan_id: 7, next_billing_date: '2020-06-15T23:59:59Z' }] },
      settings: { assumptions: { 'expired-project': 'revive' } },
      sent: { service: 2, plan_id: 7 },
      booked: {
        ledger: [debit('-29', '71', 1, 7)],
        subscriptions: [
          change({ plan_id: 2, project_status: 'Expired', next_billing_date: '2020-06-15T23:59:59Z' }, PAY_AS_YOU_GO),
          change({ plan_id: 7, project_status: 'Expired', next_billing_date: '2020-06-15T23:59:59Z' }, { ...ON_PLAN_2, plan_id: 7 }, 2)
        ],
        due: NOTHING_DUE
      }
    },
    'a new project on a plan': { endpoint: 'create-project', sent: { billing_plan: 2 }, booked: { ledger: [debit('-5', '95', 2, 2)], subscriptions: [change(null, ON_PLAN_2, 1, 2)], due: NOTHING_DUE } },
    'a new project on Pay As You Go': { endpoint: 'create-project', sent: {}, booked: only(change(null, PAY_AS_YOU_GO, 1, 2)) },
    'a new token: nothing': { endpoint: 'create-api-token', sent: { ip_whitelist: ['127.0.0.1'] }, booked: null },
    'a webhook: nothing': { endpoint: 'set-webhook', sent: { global_webhook: '' }, booked: null },
    'a look at the projects: nothing': { endpoint: 'get-projects', sent: {}, booked: null },
    'a fault after the decision: what was booked': { fault: { kind: 'connection_reset', when: 'after' }, booked: { ledger: [debit('-5', '95', 1, 2)], subscriptions: [change(PAY_AS_YOU_GO, ON_PLAN_2)], due: NOTHING_DUE } },
    'a fault before the decision, which is not carried out: nothing': { fault: { kind: 'connection_reset', when: 'before' }, booked: null },
    'an answer that is only delayed: what was booked': { fault: { kind: 'delay', delay: { fixed: 0 }, when: 'before' }, booked: { ledger: [debit('-5', '95', 1, 2)], subscriptions: [change(PAY_AS_YOU_GO, ON_PLAN_2)], due: NOTHING_DUE } }
  }
  for (const [name, { project = {}, settings, fault, endpoint = 'change-billing', sent = {}, booked }] of Object.entries(CASES)) {
    t.test(name, async t => {
      const account = await emulator.createAccount({ balance: '100', projects: [{ project_id: 1, ...project }] })
      if (settings !== undefined) await account.settings.change(settings)
      if (fault !== undefined) await account.fail(fault)
      const body = endpoint === 'change-billing' ? { project_id: 1, service: 1, plan_id: 2 } : endpoint === 'create-project' ? {} : { project_id: 1 }
      await post(`/pm/${endpoint}`, { token: account.token, ...body, ...sent }).catch(() => {})
      const [entry] = await account.requests.wait()
      const ledger = (await account.ledger()).filter(({ request_id: id }) => id !== null)
      t.same(entry!.booked, booked && { ...booked, ledger: (booked as Booked).ledger.map(line => ({ ...line, request_id: entry!.id })) })
      t.same(entry!.booked?.ledger ?? [], ledger, 'the same lines as in the ledger')
      for (const { request_id: id } of ledger) t.same(await account.requests.get(id!), entry, 'and from there, the request is one call away')
      t.equal(entry!.charged, ledger.length > 0)
      await until(() => all.events().some(({ data }) => data?.id === entry!.id))
      t.same(all.events().find(({ data }) => data?.id === entry!.id)!.data.booked, entry!.booked, 'an event has it too')
    })
  }
})

/** An account with something due when the emulator starts, by a plan whose first cycle has ended then. */
const overdue = (ended: string, balance: string): ScenarioAccount =>
  ({ name: 'late', token: 'late', balance, projects: [{ project_id: 1, subscriptions: [{ service: 1, plan_id: 2, next_billing_date: ended }] }] })
const started = (t: Parameters<typeof emulate>[0], account: ScenarioAccount, more: Partial<Scenario> = {}) =>
  emulate(t, { scenario: { clock: { mode: 'frozen', at: NOW }, accounts: [account], ...more } })
const CHANGE = { token: 'late', project_id: 1, service: 1, plan_id: 3 }

t.test('what time had booked before a request is told apart from what the request did', async t => {
  const renewed = { at: '2020-05-20T23:59:59Z', event: 'renewed', project_id: 1, service: 1, plan_id: 2, amount: '5', balance: '95' }
  const due = { events: [renewed], total: 1 }
  const RENEWED = { plan_id: 2, project_status: 'Active', next_billing_date: '2020-06-20T23:59:59Z' }
  const cases: Readonly<Record<string, readonly [object, Partial<Scenario>, object]>> = {
    'a granted request': [CHANGE, {}, { ledger: [{ ...debit('-10', '85', 1, 3), request_id: '1-1' }], subscriptions: [change(RENEWED, { ...ON_PLAN_2, plan_id: 3 })], due }],
    'a refused request': [{ ...CHANGE, plan_id: 2 }, {}, { ledger: [], subscriptions: [], due }],
    'a request that a fault keeps from being carried out': [CHANGE, { faults: [{ kind: 'http_error', when: 'before' }] }, { ledger: [], subscriptions: [], due }]
  }
  for (const [name, [sent, more, booked]] of Object.entries(cases)) {
    t.test(name, async t => {
      const { url, change: send } = await started(t, overdue('2020-05-20T23:59:59Z', '100'), more)
      const late = await connect(url).requests
      await send(sent, {}).catch(() => {})
      const [first] = await late.wait()
      t.same(first!.booked, booked)
      const account = await connect(url).account('late')
      t.same(await account.history(), due.events, 'the history has it as well')
      const { at, project_id: project, plan_id: plan, balance } = renewed
      t.same((await account.ledger()).filter(({ kind }) => kind === 'renewal'), [{ at, kind: 'renewal', amount: '-5', balance, project_id: project, plan_id: plan, request_id: null }], 'and the ledger')
      await send({ ...CHANGE, project_id: 9 }, {}).catch(() => {})
      t.equal((await late.list()).at(-1)!.booked, null, 'only the first request finds it due')
    })
  }

  t.test('a plan that could not be renewed', async t => {
    const { url, change: send } = await started(t, overdue('2020-06-14T23:59:59Z', '1'))
    await send(CHANGE)
    const [entry] = await connect(url).requests.list()
    t.match(entry, { rule: 'project-must-be-active', booked: { ledger: [], due: { total: 1, events: [{ event: 'expired', reason: 'balance-too-low', price: '5', balance: '1' }] } } })
  })

  t.test('more than a hundred events: the first hundred, and their number', async t => {
    const { url, change: send } = await started(t, overdue('2000-01-16T23:59:59Z', '10000'))
    await send({ ...CHANGE, plan_id: 2 })
    const [entry] = await connect(url).requests.list()
    t.same([entry!.booked!.due.events.length, entry!.booked!.due.total], [100, 245])
    t.equal(entry!.booked!.due.events[0]!.at, '2000-01-16T23:59:59Z')
  })
})

t.test('what a request booked is saved with a world, and what it can\'t have booked is refused', async t => {
  const { url, change: send, ask } = await started(t, overdue('2020-05-20T23:59:59Z', '100'))
  const emulator = connect(url)
  await send(CHANGE)
  await send({ ...CHANGE, plan_id: 1 })
  const saved = (await ask('/__admin/state?requests=true', {})).body as unknown as Required<Scenario>
  const [first, second] = saved.requests as [JournalEntry, JournalEntry]
  t.match([first, second], [{ booked: { due: { total: 1 } } }, { booked: { subscriptions: [{ after: PAY_AS_YOU_GO }] } }])
  await emulator.load(saved)
  t.same(await emulator.requests.list(), saved.requests)
  const { booked: _, ...older } = first
  await emulator.load({ ...saved, requests: [older as JournalEntry] })
  t.equal((await emulator.requests.list())[0]!.booked, null, 'a file from before it was saved')
  const { ledger: [line], subscriptions: [plan], due } = first.booked!
  const cases: ReadonlyArray<readonly [object, string]> = [
    [{ ledger: [{ ...line, kind: 'gift' }] }, '/ledger/0/kind'],
    [{ ledger: [{ ...line, at: '2020-02-30' }] }, '/ledger/0/at'],
    [{ subscriptions: [{ ...plan, service: 3 }] }, '/subscriptions/0/service'],
    [{ subscriptions: [{ ...plan, after: null }] }, '/subscriptions/0/after'],
    [{ subscriptions: [{ ...plan, before: { ...plan!.before, next_billing_date: '2020-02-30' } }] }, '/subscriptions/0/before/next_billing_date'],
    [{ due: { ...due, events: [{ at: NOW, event: 'clock-moved' }] } }, '/due/events/0/event'],
    [{ due: { ...due, events: [{ at: NOW, event: 'renewed' }] } }, '/due/events/0/project_id'],
    [{ due: { ...due, events: Array(101).fill(due.events[0]) } }, '/due/events']
  ]
  for (const [wrong, pointer] of cases) {
    const requests = [{ ...first, booked: { ...first.booked, ...wrong } }]
    const { http, body } = await ask('/__admin/state', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...saved, requests }) })
    t.match([http, (body.errors as object[])[0]], [400, { pointer: `/requests/0/booked${pointer}` }])
  }
})
