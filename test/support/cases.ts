import type { Case } from '../../src/contract/case.js'
import type { StartOptions } from '../../src/index.js'
import { CHANGE_BILLING } from './emulator.js'
import { recordedCase } from './recorded-case.js'

const FROZEN = { mode: 'frozen', at: '2020-06-16T12:00:00Z' } as const
const RUNNING = { mode: 'running', at: '2020-06-16T12:00:00Z' } as const

const token = 'token-of-demo'
const demo = { name: 'demo', token, balance: '100', projects: [{ project_id: 5786, subscriptions: [{ service: 1, plan_id: 1 }] }] } as const

const order = { token, project_id: 5786, service: 1, plan_id: 2 }
const api = (path: string): string => `/app/api/v2${path}`

function world (account: object = {}, clock: typeof FROZEN | typeof RUNNING = FROZEN): StartOptions {
  return { scenario: { clock, accounts: [{ ...demo, ...account }] } }
}

/** What happens to people, by what a case of it is called. */
const CASES: Readonly<Record<string, () => Promise<Case>>> = {
  'plain upgrade': () => recordedCase(world({}, RUNNING), 'demo', async ({ request }) => {
    await request(CHANGE_BILLING, order)
    await request(api('/check-balance'), { token })
  }),

  'refused for the balance': () => recordedCase(world({ balance: '4.999' }), null, async ({ request }) => {
    await request(CHANGE_BILLING, order)
  }),

  'lost answer, then a retry that is charged twice': () => recordedCase(world({ settings: { assumptions: { 'same-plan': 'charge-again' } } }), 'demo', async ({ request, control }) => {
    await control('POST', '/accounts/demo/faults', { kind: 'connection_reset', when: 'after', times: 1 })
    await request(CHANGE_BILLING, order)
    await request(CHANGE_BILLING, order)
  }),

  'renewal by a jump of the clock, then expiry': () => recordedCase(world({ balance: '12' }), 'demo', async ({ request, control }) => {
    await request(CHANGE_BILLING, order)
    await control('POST', '/accounts/demo/clock/advance', { to: 'next-billing' })
    await control('POST', '/accounts/demo/clock/advance', { by: 'P1M' })
    await request(CHANGE_BILLING, { ...order, plan_id: 3 })
  }),

  'the switch-off': () => recordedCase(world({}, RUNNING), null, async ({ request, control }) => {
    await control('POST', '/clock/advance', { to: 'disabled-1s' })
    await control('PUT', '/clock', { mode: 'frozen', at: '2023-01-31T23:59:59Z' })
    await request(CHANGE_BILLING, order)
    await control('POST', '/clock/advance', { by: 'PT1S' })
    await request(CHANGE_BILLING, { ...order, plan_id: 3 })
  }),

  'a refusal by a fault': () => recordedCase(world(), 'demo', async ({ request, control }) => {
    await control('POST', '/faults', { kind: 'api_refusal', status: 405, times: 1 })
    await request(CHANGE_BILLING, order)
    await request(CHANGE_BILLING, order)
    await control('POST', '/accounts/demo/faults', { kind: 'http_error', http_status: 503, body: 'Service\nUnavailable\n', skip: 1, times: 1 })
    await request(api('/pm/get-projects'), { token, project_id: 5786 })
    await request(api('/pm/get-projects'), { token, project_id: 5786 })
    await control('POST', '/accounts/demo/faults', { kind: 'malformed_json', times: 1 })
    await request(api('/check-balance'), { token })
    await control('POST', '/accounts/demo/faults', { kind: 'truncated_body', times: 1 })
    await request(api('/check-balance'), { token })
  }),

  'the dialect of the table': () => recordedCase({ ...world(), wire: { types: 'table', http_status: 'mapped' } }, null, async ({ request }) => {
    await request(CHANGE_BILLING, order)
    await request(CHANGE_BILLING, { ...order, token: 'nobody' })
    await request(api('/pm/get-projects'), { token, project_id: 0 })
    await request(CHANGE_BILLING, '', {}, 'GET')
    await request('/app/api/v2/pm/get-project?verbose=1', { token })
  }),

  'a new project with API tokens': () => recordedCase(world(), 'demo', async ({ request }) => {
    const created = await request(api('/pm/create-project'), {
      token, project_name: 'shop', country: 'IN', service: 1, billing_plan: 2, generate_api_token: true, token_ip_address: ['127.0.0.1', '::1']
    })
    const [{ token: first }] = (JSON.parse(created!.text) as { api_tokens: [{ token: string }] }).api_tokens
    await request(api('/pm/get-projects'), { token: first, project_id: 5787 })
    await request(api('/pm/get-projects'), { token, project_id: 5787 })
    const more = await request(api('/pm/create-api-token'), { token, project_id: 5787, ip_whitelist: ['192.0.2.1'] })
    await request(api('/pm/manage-api-token'), { token, project_id: 5787, api_token: first, action: 1 })
    const [{ token: second }] = (JSON.parse(more!.text) as { api_token: [{ token: string }] }).api_token
    await request(api('/pm/manage-api-token'), { token, project_id: 5787, api_token: second, action: 3 })
    await request(api('/pm/get-projects'), { token: first, project_id: 5787 })
  }),

  'two accounts in turns': () => recordedCase(world({}, RUNNING), null, async ({ request, control }) => {
    await control('POST', '/accounts', { copy_of: 'demo', name: 'Müller & Söhne', token: 'token-of-müller' })
    const other = { ...order, token: 'token-of-müller' }
    await request(CHANGE_BILLING, order)
    await request(CHANGE_BILLING, { ...other, plan_id: 4 })
    await control('DELETE', '/accounts/demo/projects/5786')
    await request(CHANGE_BILLING, order)
    await control('PUT', '/accounts/demo/projects/12', { subscriptions: [{ service: 1, plan_id: 2 }] })
    await request(CHANGE_BILLING, { ...order, project_id: 12, plan_id: 3 })
    await control('DELETE', '/accounts/M%C3%BCller%20%26%20S%C3%B6hne')
    await request(CHANGE_BILLING, other)
  }),

  'own settings and a top-up': () => recordedCase(world({ balance: '3', settings: { wire: { types: 'table' } } }, RUNNING), 'demo', async ({ request, control }) => {
    await request(CHANGE_BILLING, order)
    await control('PATCH', '/accounts/demo/settings', { strict: true, wire: { types: null, message: 'bare' } })
    await control('POST', '/accounts/demo/wallet', { credit: '10' })
    await request(CHANGE_BILLING, { ...order, project_id: '5786' })
    await request(CHANGE_BILLING, order)
    await control('POST', '/accounts/demo/wallet', { set: '1.5' })
    await control('POST', '/accounts/demo/clock/advance', { by: 'P40D' })
    await request(CHANGE_BILLING, order)
    await control('PATCH', '/accounts/demo/projects/5786', { project_status: 'Delete' })
    await request(CHANGE_BILLING, order)
  }),

  'answers that are late, or never come': () => recordedCase(world(), 'demo', async ({ request, control }) => {
    await control('POST', '/accounts/demo/faults', { kind: 'delay', delay: { fixed: 20 }, times: 1 })
    await request(CHANGE_BILLING, order)
    await control('POST', '/accounts/demo/faults', { kind: 'hang', when: 'after', times: 1 })
    await request(CHANGE_BILLING, { ...order, plan_id: 3 })
    await control('POST', '/accounts/demo/faults', { kind: 'slow_body', duration: 20, times: 1 })
    await request(api('/check-balance'), { token })
  }),

  'calls that are undone': () => recordedCase(world(), null, async ({ request, control }) => {
    await request(CHANGE_BILLING, order)
    await control('POST', '/accounts/demo/reset')
    await request(CHANGE_BILLING, { ...order, plan_id: 3 })
    await control('POST', '/undo')
    await request(CHANGE_BILLING, { ...order, plan_id: 4 })
    await control('PUT', '/plans', [{ plan_id: 5, price: '26' }])
    await request(CHANGE_BILLING, { ...order, plan_id: 5 })
    await control('POST', '/reset')
    await request(CHANGE_BILLING, ' { "token": "token-of-demo", "project_id": 5786.0, "service": 1, "plan_id": 2 }', { 'content-type': 'text/plain', 'x-trace': '1' })
  }),

  'clocks that run, and are let go': () => recordedCase(world({ projects: [{ project_id: 5786, subscriptions: [{ service: 1, plan_id: 2, next_billing_date: '2020-06-17T23:59:59Z' }] }] }, RUNNING), 'demo', async ({ request, control }) => {
    await control('PUT', '/accounts/demo/clock', { mode: 'running', at: '2020-06-17T23:59:57Z' })
    await request(api('/check-balance'), { token })
    await control('PUT', '/accounts/demo/clock', { mode: 'running', at: '2020-06-18T00:00:00Z' })
    await request(api('/check-balance'), { token })
    await control('POST', '/accounts/demo/clock/advance', { to: '2020-07-01T00:00:00Z' })
    await control('DELETE', '/accounts/demo/clock')
    await request(CHANGE_BILLING, { ...order, plan_id: 3 })
    await control('PUT', '/clock', { mode: 'frozen', at: '2020-06-20T00:00:00Z' })
    await control('POST', '/clock/advance', { to: 'next-billing' })
    await control('POST', '/clock/advance', { by: 'P1D' })
    await request(api('/check-balance'), { token })
    await control('DELETE', '/clock')
    await request(api('/check-balance'), { token })
    await control('PUT', '/accounts/demo/clock', { mode: 'frozen', at: '2020-06-20T00:00:00Z' })
    await control('POST', '/clock/advance', { by: 'P1Y' })
    await control('POST', '/accounts/demo/reset')
    await control('PUT', '/accounts/demo/projects/7', {})
    await control('DELETE', '/accounts/demo/projects/7')
    await request(CHANGE_BILLING, { ...order, plan_id: 3 })
  }),

  'an account that is made and removed': () => recordedCase({ scenario: { clock: FROZEN } }, 'test 1', async ({ request, control }) => {
    await control('POST', '/accounts', { name: 'test 1', token: 'token-of-test-1', balance: '20', ttl: '10m', projects: [{ project_id: 1 }] })
    await request(CHANGE_BILLING, { token: 'token-of-test-1', project_id: 1, service: 1, plan_id: 2 })
    await control('DELETE', '/accounts/test%201')
    await control('DELETE', '/requests')
  }),

  'other worlds': () => recordedCase({ scenario: { clock: FROZEN, accounts: [{ ...demo, name: 'token' }] } }, null, async ({ request, control }) => {
    await request(api('/pm/get-projects'), '', {}, 'HEAD')
    await control('PATCH', '/settings', { wire: { message: 'bare' } })
    await control('POST', '/clock/advance', { by: 'P1M' })
    await control('PUT', '/clock', { mode: 'running', at: '2021-01-01T00:00:00Z' })
    await request(CHANGE_BILLING, order)
    await control('DELETE', '/clock')
    await request(CHANGE_BILLING, { ...order, plan_id: 1 })
    await control('PUT', '/state', { clock: 'frozen:2022-01-01T00:00:00Z', accounts: [{ ...demo, name: '!!!', token: 'token-of-!!!' }, { ...demo, name: '???', token: 'token-of-???', clock: RUNNING }] })
    await request(CHANGE_BILLING, { ...order, token: 'token-of-!!!' })
    await request(CHANGE_BILLING, { ...order, token: 'token-of-???' })
    await control('PUT', '/accounts/!!!/clock', { mode: 'frozen', at: '2022-02-01T00:00:00Z' })
    await request(CHANGE_BILLING, { ...order, token: 'token-of-!!!', plan_id: 4 })
    await control('DELETE', '/accounts/!!!/clock')
    await request(CHANGE_BILLING, { ...order, token: 'token-of-!!!', plan_id: 5 })
    await control('PUT', '/state', { clock: '2022-01-01T00:00:00Z' })
    await request(CHANGE_BILLING, order)
  }),

  'an endpoint at another path': () => recordedCase({ ...world(), paths: { 'set-webhook': '/pm/webhook' } }, 'demo', async ({ request }) => {
    await request(api('/pm/webhook'), { token, project_id: 5786 })
    await request(api('/pm/fetch-balance?now'), { token })
  }),

  'calls that are undone and done again': () => recordedCase(world(), null, async ({ request, control }) => {
    await control('POST', '/clock/advance', { by: 'P1M' })
    const { redo } = await control('POST', '/undo') as { redo: string }
    await request(CHANGE_BILLING, order)
    await control('POST', '/undo', { id: redo })
    await request(CHANGE_BILLING, order)
    await control('DELETE', '/accounts/demo')
    await control('POST', '/undo', { account: 'demo' })
    await request(CHANGE_BILLING, { ...order, plan_id: 3 })
  })
}

let recorded: Promise<ReadonlyMap<string, Case>> | undefined

/** Records all cases, once for all tests of a process. */
export async function recordedCases (): Promise<ReadonlyMap<string, Case>> {
  recorded ??= recordAll()
  return await recorded
}

async function recordAll (): Promise<ReadonlyMap<string, Case>> {
  const cases = new Map<string, Case>()
  for (const [name, record] of Object.entries(CASES)) cases.set(name, await record())
  return cases
}
