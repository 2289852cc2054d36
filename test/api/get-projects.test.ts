import { once } from 'node:events'
import t from 'tap'
import type { ScenarioAccount, ScenarioProject } from '../../src/contract/scenario.js'
import { emulate } from '../support/emulator.js'
import { connected, endOf } from '../support/raw-http.js'

const PATH = '/pm/get-projects'
const TOKEN = '0123456789abcdef0123456789abcdef01234567'

/** A project of which everything is known. */
const COMPLETE: ScenarioProject = {
  project_id: 715,
  project_name: 'api test project1',
  number: '919876543210',
  company_name: 'Example Ltd',
  country: 'IN',
  time_zone: 'Asia/Kolkata',
  date_format: 'DD-MM-YYYY',
  license_key: '0123456789abcdef0123456789abcd',
  unbranded_keyword: 'START 715',
  branded_keyword: 'EXAMPLE',
  global_webhook: 'https://example.com/global',
  event_webhook: 'https://example.com/event',
  smart_reply_webhook: 'https://example.com/smart-reply',
  notes: 'a note',
  subscriptions: [{ service: 1, plan_id: 2, next_billing_date: '2020-07-16T23:59:59Z' }],
  api_tokens: [{ token: TOKEN, ip: '192.168.0.1' }]
}

const account = (projects: readonly ScenarioProject[], more: ScenarioAccount = {}): ScenarioAccount => ({ name: 'a', token: 'master', projects, ...more })

/** The keys of the documented sample, in its order. */
const KEYS = ['project_status', 'project_id', 'project_name', 'number', 'company_name', 'country', 'time_zone', 'date_format', 'service', 'license_key', 'qr_code_base64', 'unbranded_keyword', 'branded_keyword', 'api_tokens', 'global_webhook', 'event_webhook', 'smart_reply_webhook', 'next_billing_date', 'amount_debited', 'notes']

const complete = (id: string, plan: string): string =>
  `{"status":100,"message":"Success","project_status":"Active","project_id":${id},"project_name":"api test project1","number":"919876543210","company_name":"Example Ltd","country":"IN","time_zone":"Asia/Kolkata","date_format":"DD-MM-YYYY","service":1,${plan}"license_key":"0123456789abcdef0123456789abcd","qr_code_base64":"aHR0cHM6Ly9waWNreWFzc2lzdC5pbnZhbGlkL3FyLWNvZGUvNzE1LnBuZw==","unbranded_keyword":"START 715","branded_keyword":"EXAMPLE","api_tokens":[{"ip":"192.168.0.1","token":"${TOKEN}"}],"global_webhook":"https://example.com/global","event_webhook":"https://example.com/event","smart_reply_webhook":"https://example.com/smart-reply","next_billing_date":"2020-07-16T23:59:59+00:00","amount_debited":"","notes":"a note"}`

t.test('one project', async t => {
  const projects: ScenarioProject[] = [COMPLETE, { project_id: 1 }]
  const sample = await emulate(t, { scenario: { accounts: [account(projects)] } })
  const table = await emulate(t, { scenario: { accounts: [account(projects)] }, wire: { types: 'table' } })

  t.test('byte for byte, in the types of the sample and of the table', async t => {
    const { http, headers, text } = await sample.post(PATH, { token: 'master', project_id: 715 })
    t.equal(http, 200)
    t.equal(headers.get('content-type'), 'application/json')
    t.equal(headers.get('x-emulator-assumptions'), null)
    t.equal(text, complete('"715"', ''))
    t.equal((await table.post(PATH, { token: 'master', project_id: 715 })).text, complete('715', '"billing_plan":"2",'))
  })

  t.test('whose picture is a URL in base64, and leads nowhere', async t => {
    const { body } = await sample.post(PATH, { token: 'master', project_id: 715 })
    const url = new URL(Buffer.from(String(body.qr_code_base64), 'base64').toString())
    t.equal(url.href, 'https://pickyassist.invalid/qr-code/715.png')
  })

  t.test('of which nothing is known: what does not apply is an empty text, never null and never left out', async t => {
    const { body: { status: _status, message: _message, license_key: key, qr_code_base64: _picture, ...body } } = await sample.post(PATH, { token: 'master', project_id: 1 })
    t.match(key, /^[0-9a-f]{30}$/)
    t.same(body, { project_status: 'Active', project_id: '1', project_name: 'project 1', service: 1, api_tokens: [], ...Object.fromEntries(['number', 'company_name', 'country', 'time_zone', 'date_format', 'unbranded_keyword', 'branded_keyword', 'global_webhook', 'event_webhook', 'smart_reply_webhook', 'next_billing_date', 'amount_debited', 'notes'].map(name => [name, ''])) })
    const { body: inTable } = await table.post(PATH, { token: 'master', project_id: 1 })
    t.match(inTable, { project_id: 1, service: 1, billing_plan: '1', next_billing_date: '', amount_debited: '' })
    t.same(Object.keys(inTable), ['status', 'message', ...KEYS.toSpliced(9, 0, 'billing_plan')])
  })

  t.test('that a numeric string names, unless the account is strict', async t => {
    t.match((await sample.post(PATH, { token: 'master', project_id: '0715' })).body, { status: 100, project_id: '715' })
    const strict = await emulate(t, { scenario: { accounts: [account(projects)] }, strict: true })
    t.match((await strict.post(PATH, { token: 'master', project_id: '715' })).body, { status: 410, message: 'Invalid Request: project_id must be a whole number from 0 to 9007199254740991, not the string "715"' })
  })
})

t.test('what a project shows of its state', async t => {
  const ended = { service: 1, plan_id: 2, next_billing_date: '2020-06-10T23:59:59Z' } as const
  const cases: ReadonlyArray<[name: string, project: ScenarioProject, shown: object]> = [
    ['expired', { project_status: 'Expired', subscriptions: [ended] }, { project_status: 'Expired', next_billing_date: '2020-06-10T23:59:59+00:00' }],
    ['deleted', { project_status: 'Delete' }, { project_status: 'Delete' }],
    ['on a plan of WhatsApp alone', { subscriptions: [{ service: 2, plan_id: 7 }] }, { service: 2, billing_plan: '7', next_billing_date: '2020-07-16T23:59:59+00:00' }],
    ['on plans of both services: the first', { subscriptions: [{ service: 2, plan_id: 7 }, { service: 1, plan_id: 1 }] }, { service: 1, billing_plan: '1', next_billing_date: '' }],
    ['with a disabled token: it is listed; a deleted one is not', { api_tokens: [{ token: 'a', status: 'deleted' }, { token: 'b', status: 'disabled' }, { token: 'c', ip: '::1' }] }, { api_tokens: [{ ip: '', token: 'b' }, { ip: '::1', token: 'c' }] }]
  ]
  for (const [name, project, shown] of cases) {
    const { post } = await emulate(t, { scenario: { accounts: [account([{ project_id: 1, ...project }])] }, clock: 'frozen:2020-06-16', wire: { types: 'table' } })
    t.match((await post(PATH, { token: 'master', project_id: 1 })).body, { status: 100, ...shown }, name)
  }
})

t.test('all projects', async t => {
  const accounts = [account([{ project_id: 9 }, COMPLETE, { project_id: 3, project_status: 'Delete' }]), account([{ project_id: 5 }], { name: 'b', token: 'other' }), account([], { name: 'c', token: 'none' })]

  t.test('are those of the account, by their ids, each as it is shown alone', async t => {
    for (const types of ['sample', 'table'] as const) {
      const { post } = await emulate(t, { scenario: { accounts }, wire: { types } })
      const { headers, body } = await post(PATH, { token: 'master', project_id: 0 })
      t.equal(headers.get('x-emulator-assumptions'), 'deleted-project, all-projects-key', 'one of them has been deleted')
      t.same(Object.keys(body), ['status', 'message', 'projects'])
      const alone = await Promise.all([3, 9, 715].map(async id => (await post(PATH, { token: 'master', project_id: id })).body))
      t.equal(JSON.stringify(body.projects), JSON.stringify(alone.map(({ status: _status, message: _message, ...project }) => project)))
      if (types === 'sample') for (const project of body.projects as object[]) t.same(Object.keys(project), KEYS)
      t.match((await post(PATH, { token: 'other', project_id: '0' })).body, { projects: [{ project_name: 'project 5' }] })
      t.same((await post(PATH, { token: 'none', project_id: 0 })).body, { status: 100, message: 'Success', projects: [] })
    }
  })

  t.test('stand under the key of the choice', async t => {
    const { post } = await emulate(t, { scenario: { accounts }, assume: { 'all-projects-key': 'data' } })
    t.same(Object.keys((await post(PATH, { token: 'master', project_id: 0 })).body), ['status', 'message', 'data'])
    t.equal((await post(PATH, { token: 'master', project_id: 715 })).headers.get('x-emulator-assumptions'), null, 'which says nothing where one is asked for')
  })
})

t.test('what is refused, and that showing changes nothing', async t => {
  const accounts = [account([{ project_id: 1 }]), account([{ project_id: 2 }], { name: 'b', token: 'other' })]
  const { post, kept, last } = await emulate(t, { scenario: { accounts } })
  const before = kept()
  const whole = 'project_id must be a whole number from 0 to 9007199254740991, not'
  const cases: ReadonlyArray<[fields: object, rule: string | null, answer: object]> = [
    [{ project_id: 1 }, null, { status: 100 }],
    [{ project_id: 2 }, 'project-must-exist', { status: 410, message: 'Invalid Request: this account has no project 2' }],
    [{ project_id: Number.MAX_SAFE_INTEGER }, 'project-must-exist', { status: 410 }],
    [{}, 'fields-must-be-valid', { status: 410, message: 'Invalid Request: project_id is missing; it must be a whole number from 0 to 9007199254740991' }],
    [{ project_id: -1 }, 'fields-must-be-valid', { status: 410, message: `Invalid Request: ${whole} -1` }],
    [{ project_id: 2 ** 53 }, 'fields-must-be-valid', { status: 410, message: `Invalid Request: ${whole} 9007199254740992` }],
    [{ project_id: 0.5 }, 'fields-must-be-valid', { status: 410, message: `Invalid Request: ${whole} 0.5` }],
    [{ project_id: null }, 'fields-must-be-valid', { status: 410, message: `Invalid Request: ${whole} null` }],
    [{ project_id: '' }, 'fields-must-be-valid', { status: 410, message: `Invalid Request: ${whole} the string ""` }],
    [{ project_id: [0] }, 'fields-must-be-valid', { status: 410, message: `Invalid Request: ${whole} an array` }],
    [{ project_id: 'all' }, 'fields-must-be-valid', { status: 410, message: `Invalid Request: ${whole} the string "all"` }]
  ]
  for (const [fields, rule, answer] of cases) {
    t.match((await post(PATH, { token: 'master', ...fields })).body, answer, JSON.stringify(fields))
    t.match(await last(), { rule, charged: false })
  }
  t.same(kept(), before)

  for (const status of ['410', '408', '409'] as const) {
    const { post } = await emulate(t, { scenario: { accounts }, assume: { 'unknown-project-status': status }, wire: { http_status: 'mapped' } })
    const { http, headers, body } = await post(PATH, { token: 'master', project_id: 2 })
    t.equal(body.status, Number(status))
    t.equal(http, { 410: 400, 408: 409, 409: 404 }[status])
    t.equal(headers.get('x-emulator-assumptions'), 'unknown-project-status')
  }
})

t.test('many lists of a large account keep no other account waiting', async t => {
  const projects = Array.from({ length: 3000 }, (_, index) => ({ project_id: index + 1 }))
  const { url, ask } = await emulate(t, { scenario: { accounts: [{ name: 'large', token: 'large', projects }, { name: 'other', token: 'other' }] } })
  const tokens = [...Array.from({ length: 10 }, () => 'large'), 'other']
  const sockets = await Promise.all(tokens.map(async () => {
    const socket = await connected(Number(new URL(url).port))
    // Accepted, and ready to be read.
    socket.write('GET /__admin/health HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await once(socket, 'data')
    return socket
  }))
  const answers = await Promise.all(tokens.map(async (token, index) => {
    const text = JSON.stringify({ token, project_id: 0 })
    sockets[index]!.write(`POST /app/api/v2${PATH} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: ${text.length}\r\n\r\n${text}`)
    return await endOf(sockets[index]!)
  }))
  for (const answer of answers.slice(0, -1)) t.equal(answer.split('"project_name"').length - 1, 3000)
  const decided = ((await ask('/__admin/requests', {})).body.requests as Array<{ account: string }>).map(({ account }) => account)
  t.equal(decided.length, tokens.length)
  t.ok(decided.lastIndexOf('large') > decided.indexOf('other') && decided.indexOf('other') < 6, decided.join())
})
