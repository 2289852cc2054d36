import fc from 'fast-check'
import t from 'tap'
import { changeBillingEndpoint } from '../../src/api/change-billing.js'
import { requestHandler } from '../../src/api/endpoint.js'
import { BASE_PATH, ENDPOINT_NAMES, ENDPOINTS } from '../../src/api/index.js'
import { sampleRequest } from '../../src/api/sample.js'
import type { Scenario, ScenarioAccount } from '../../src/contract/scenario.js'
import { COMMON_RULES, RULE_NAMES, type Rule } from '../../src/domain/refusal.js'
import { bundledPlans } from '../../src/scenario/bundled.js'
import { loadSeed } from '../../src/scenario/load.js'
import { readScenario } from '../../src/scenario/read.js'
import { openStore, type Store } from '../../src/store/index.js'
import { effort } from '../support/effort.js'
import { emulate, SAMPLE } from '../support/emulator.js'

function storeWith (scenario: Scenario): Store {
  const store = openStore()
  t.teardown(store.close)
  store.transaction(() => loadSeed(store, readScenario(scenario, { plans: bundledPlans(), machineTime: 0, seed: 1 })))
  return store
}

t.test('what a decision throws that is no refusal is a bug, and nothing of it is kept', async t => {
  const store = storeWith({ accounts: [{ token: SAMPLE.token, balance: '100', projects: [{ project_id: SAMPLE.project_id }] }] })
  const answerTo = requestHandler({ ...changeBillingEndpoint, decide: () => { throw new TypeError('a bug') } }, 1)
  await t.rejects(store.commit(() => answerTo(store, { id: '1-1', body: SAMPLE, text: '', query: {}, from: '', keep: true }, 0)), { message: 'a bug' })
  t.equal(store.accounts.findByToken(SAMPLE.token)!.balanceMills, 100_000)
})

t.test('the request that is shown as an example', async t => {
  t.test('is one that the world grants', async t => {
    const { sample: find, change } = await emulate(t, { scenario: { accounts: [{ token: 'poor' }, { token: 'rich', balance: '29', projects: [{ project_id: 7, subscriptions: [{ service: 1, plan_id: 6 }] }] }] }, plans: [{ plan_id: 7, price: '1' }] })
    const sample = find()
    t.same(sample.body, { token: 'rich', project_id: 7, service: 1, plan_id: 1 })
    t.same((await change(sample.body)).body, sample.answer)
  })

  t.test('is the documented one where nothing is granted', async t => {
    const { sample } = await emulate(t, { clock: 'frozen:2023-03-01' })
    t.same(sample().body, SAMPLE)
    t.match(sample().answer, { status: 101 })
  })

  t.test('is not sought for long', async t => {
    const projects = Array.from({ length: 300 }, (_, index) => ({ project_id: index + 1 }))
    const store = storeWith({ accounts: [{ token: 'poor', projects }, { token: 'rich', balance: '100', projects: [{ project_id: 1 }] }] })
    t.same(sampleRequest(store, 0, 1).body, SAMPLE)
  })
})

const ACCOUNTS: ScenarioAccount[] = [
  {
    name: 'rich',
    token: 'rich',
    balance: '1000',
    projects: [
      { project_id: 1, api_tokens: [{ token: 'enabled' }, { token: 'disabled', status: 'disabled' }, { token: 'deleted', status: 'deleted' }, { token: 'elsewhere', ip: '192.0.2.1' }] },
      { project_id: 2, project_status: 'Expired' },
      { project_id: 3, project_status: 'Delete' }
    ]
  },
  { name: 'poor', token: 'poor', balance: '4.999', projects: [{ project_id: 1 }] },
  { name: 'late', token: 'late', clock: { mode: 'frozen', at: '2023-02-01' } }
]

/** A request that each endpoint grants. */
const GRANTED: Readonly<Record<string, object>> = {
  'change-billing': { token: 'rich', project_id: 1, service: 1, plan_id: 2 },
  'create-project': { token: 'rich', project_name: 'new' },
  'get-projects': { token: 'rich', project_id: 1 },
  'create-api-token': { token: 'rich', project_id: 1, ip_whitelist: ['192.0.2.1'] },
  'manage-api-token': { token: 'rich', project_id: 1, api_token: 'enabled', action: 2 },
  'set-webhook': { token: 'rich', project_id: 1, global_webhook: 'https://example.com/' },
  'fetch-balance': { token: 'rich' },
  'check-balance': { token: 'rich' }
}

/** What breaks each rule where there is such a rule, put over a request that is granted; its status, and the HTTP status it is mapped to. */
const BREAKS: Readonly<Record<Rule, readonly [fields: object | string, status: number, mapped: number]>> = {
  'path-must-be-known': ['', 410, 404],
  'api-is-disabled-after-cutoff': [{ token: 'late' }, 101, 503],
  'method-must-be-post': ['', 410, 405],
  'body-must-be-json-object': ['token=rich&project_id=1', 410, 400],
  'token-must-be-known': [{ token: 'nobody' }, 401, 401],
  'token-must-be-master': [{ token: 'enabled' }, 401, 401],
  'token-must-be-enabled': [{ token: 'disabled' }, 401, 401],
  'token-must-come-from-its-address': [{ token: 'elsewhere' }, 401, 401],
  'fields-must-be-valid': [{ project_id: 'x', project_name: 5 }, 410, 400],
  'project-must-exist': [{ project_id: 99 }, 410, 400],
  'project-must-be-active': [{ project_id: 2 }, 408, 409],
  'api-token-must-exist': [{ api_token: 'deleted' }, 410, 400],
  'plan-must-exist': [{ plan_id: 99, billing_plan: 99 }, 410, 400],
  'plan-must-belong-to-service': [{ plan_id: 7, billing_plan: 7 }, 410, 400],
  // The plan that the granted request has put it on.
  'plan-must-differ': [{ plan_id: 2 }, 410, 400],
  'wallet-must-cover-price': [{ token: 'poor', plan_id: 2, billing_plan: 2 }, 403, 402]
}

const TEXTS: Readonly<Record<number, string>> = { 101: 'Service Unavailable', 401: 'Authentication Failed', 403: 'Insufficient Balance', 408: 'Project is not Active', 410: 'Invalid Request' }

t.test('every endpoint', async t => {
  const scenario = { accounts: ACCOUNTS }
  const plain = await emulate(t, { scenario })
  const odd = await emulate(t, { scenario, wire: { http_status: 'mapped', content_type: 'text/html', message: 'bare' } })
  t.same(Object.keys(GRANTED), ENDPOINT_NAMES, 'each is here')

  for (const { name, path, rules } of ENDPOINTS) {
    const own = RULE_NAMES.filter(rule => COMMON_RULES.includes(rule) || rules.includes(rule))
    const ask = async ({ ask }: typeof plain, rule: Rule) => {
      const [fields] = BREAKS[rule]
      const body = typeof fields === 'string' ? fields : JSON.stringify({ ...GRANTED[name], ...fields })
      return await ask(BASE_PATH + path, rule === 'method-must-be-post' ? { method: 'GET' } : { method: 'POST', body })
    }

    t.test(`${name}: is granted, in either dialect`, async t => {
      for (const [emulator, type] of [[plain, 'application/json'], [odd, 'text/html; charset=UTF-8']] as const) {
        const { http, headers, body } = await emulator.post(path, GRANTED[name])
        t.equal(http, 200)
        t.equal(headers.get('content-type'), type)
        t.match(body, { status: 100, message: 'Success' })
        t.match(await emulator.last(), { endpoint: name, rule: null, account: 'rich', charged: name === 'change-billing' })
      }
      t.equal((await plain.ask(`/__admin/requests/count?endpoint=${name}`, {})).body.count, 1, 'and is found by its name')
    })

    for (const rule of own) {
      t.test(`${name}: ${rule} is refused, changes nothing, and is told in either dialect`, async t => {
        const [fields, status, mapped] = BREAKS[rule]
        const before = plain.kept()
        const answer = await ask(plain, rule)
        t.equal(answer.http, 200)
        t.equal(answer.headers.get('content-type'), 'application/json')
        t.same(Object.keys(answer.body), ['status', 'message'])
        t.match(answer.body, { status, message: new RegExp(`^${TEXTS[status]}: .`) })
        t.same(plain.kept(), before, 'nothing has changed')
        const token = typeof fields === 'string' ? null : 'token' in fields ? fields.token : 'rich'
        const account = token === 'late' || token === 'poor' ? token : token === null || token === 'nobody' ? null : 'rich'
        t.match(await plain.last(), { endpoint: name, rule, account, charged: false, api_status: status }, 'the journal says by which rule, and whose it was')

        const oddly = await ask(odd, rule)
        t.equal(oddly.http, mapped)
        t.equal(oddly.headers.get('content-type'), 'text/html; charset=UTF-8')
        t.same(oddly.body, { status, message: TEXTS[status] })
      })
    }

    t.test(`${name}: what breaks a rule that it does not have breaks none or another of its own`, async t => {
      const others = RULE_NAMES.filter(rule => !own.includes(rule) && rule !== 'path-must-be-known')
      for (const rule of others) {
        await ask(plain, rule)
        const { rule: broken } = await plain.last()
        t.ok(broken === null || own.includes(broken as Rule), `${rule}: ${broken}`)
      }
    })
  }
})

t.test('the switch-off covers every endpoint, whatever is sent', async t => {
  const accounts = (at: string): ScenarioAccount[] => [{ ...ACCOUNTS[0]!, clock: { mode: 'frozen', at } }]
  const open = await emulate(t, { scenario: { accounts: accounts('2023-01-31T23:59:59.999Z') } })
  const closed = await emulate(t, { scenario: { accounts: accounts('2023-02-01T00:00:00.000Z') }, clock: 'frozen:2023-02-01' })
  const before = closed.kept()
  const message = 'Service Unavailable: the Project Management API has been disabled since 2023-02-01T00:00:00Z; it is now 2023-02-01T00:00:00Z'
  for (const { name, path } of ENDPOINTS) {
    t.match((await open.post(path, GRANTED[name])).body, { status: 100 }, `${name}, a millisecond before`)
    for (const body of [GRANTED[name], { ...GRANTED[name], token: 'enabled' }, { ...GRANTED[name], token: 'deleted' }, { token: 'nobody' }, {}, 'garbage', '']) {
      t.same((await closed.post(path, body)).body, { status: 101, message }, `${name}, ${JSON.stringify(body)}`)
      t.equal((await closed.last()).rule, 'api-is-disabled-after-cutoff')
    }
    t.same((await closed.ask(BASE_PATH + path, { method: 'GET' })).body, { status: 101, message }, `${name}, GET`)
  }
  t.same(closed.kept(), before, 'nothing has changed')
})

t.test('a project\'s token is taken by no endpoint of the Project Management API, whatever its state', async t => {
  const { post, kept, last } = await emulate(t, { scenario: { accounts: ACCOUNTS } })
  const before = kept()
  for (const { name, path } of ENDPOINTS.filter(({ path }) => path.startsWith('/pm/'))) {
    for (const [token, rule, detail] of [
      ['enabled', 'token-must-be-master', /master API token is required$/], ['disabled', 'token-must-be-master', /required$/], ['elsewhere', 'token-must-be-master', /required$/],
      ['deleted', 'token-must-be-known', /: this API token of project 1 has been deleted$/]
    ] as const) {
      for (const fields of [GRANTED[name], {}]) {
        t.match((await post(path, { ...fields, token })).body, { status: 401, message: detail }, `${name}, ${token}`)
        t.match(await last(), { rule, account: 'rich', endpoint: name, charged: false })
      }
    }
  }
  t.same(kept(), before)
})

t.test('an open question is settled for every endpoint in the same way', async t => {
  const { post } = await emulate(t, { scenario: { accounts: ACCOUNTS }, assume: { 'unknown-project-status': '409', 'disabled-status': '405' } })
  for (const { name, path, rules, assumption } of ENDPOINTS) {
    const always = assumption === undefined ? '' : `${assumption}, `
    const late = await post(path, { ...GRANTED[name], token: 'late' })
    t.match(late.body, { status: 405, message: /^API Is Not Active For This Plan: / }, name)
    t.equal(late.headers.get('x-emulator-assumptions'), `${always}${name === 'check-balance' ? 'check-balance-switch-off, ' : ''}disabled-time-zone, disabled-status`)
    if (!rules.includes('project-must-exist')) continue
    const unknown = await post(path, { ...GRANTED[name], project_id: 99 })
    t.same(unknown.body, { status: 409, message: 'Invalid User: this account has no project 99' }, name)
    t.equal(unknown.headers.get('x-emulator-assumptions'), `${always}unknown-project-status`)
  }
})

t.test('whatever an endpoint is sent, it answers in the documented format, and by its own rules', async t => {
  const store = storeWith({ accounts: ACCOUNTS })
  const values = fc.oneof(
    fc.constantFrom(1, 2, 3, 0, 7, 99, '1', '2', -1, 1.5, true, false, null, '', 'x', 'enabled', 'deleted', 'IN', 'UTC', 'YYYY-MM-DD', '127.0.0.1', 'https://example.com/', [], {}),
    fc.array(fc.constantFrom('127.0.0.1', '::1', 'x', 1, null), { maxLength: 3 }), fc.jsonValue())
  for (const { name, rules, fields, ...endpoint } of ENDPOINTS) {
    const answerTo = requestHandler({ name, rules, fields, ...endpoint }, 1000)
    const body = fc.record({
      ...Object.fromEntries(Object.keys(fields.properties).map(field => [field, values])),
      token: fc.constantFrom('rich', 'rich', 'rich', 'poor', 'late', 'enabled', 'disabled', 'deleted', 'elsewhere', 'nobody', '', 5)
    }, { requiredKeys: [] }).map(body => ({ ...GRANTED[name], ...body }))
    fc.assert(fc.property(body, body => {
      const answer = store.dryRun(() => answerTo(store, { id: '1-1', body, text: JSON.stringify(body), query: {}, from: '127.0.0.1', keep: true }, 0))
      if (answer.rule !== null && !COMMON_RULES.includes(answer.rule) && !rules.includes(answer.rule)) throw new Error(`it broke ${answer.rule}`)
      if ((answer.rule === null) !== (answer.status === 100)) throw new Error(answer.body)
    }), { numRuns: effort(100, 500) })
    t.pass(name)
  }
})
