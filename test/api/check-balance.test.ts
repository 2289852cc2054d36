import t from 'tap'
import { connect } from '../../src/client/connect.js'
import type { ScenarioAccount } from '../../src/contract/scenario.js'
import { emulate } from '../support/emulator.js'

const PATH = '/check-balance'

const account = (more: ScenarioAccount = {}): ScenarioAccount => ({ name: 'a', token: 'master', balance: '59.108', ...more })

t.test('the balance, byte for byte as it was observed, in either dialect', async t => {
  for (const types of ['sample', 'table'] as const) {
    const { post } = await emulate(t, { scenario: { accounts: [account()] }, wire: { types } })
    const { http, headers, text } = await post(PATH, { token: 'master' })
    t.equal(http, 200)
    t.equal(headers.get('content-type'), 'application/json')
    t.equal(headers.get('x-emulator-assumptions'), null)
    t.equal(text, '{"balance":59.108,"status":100,"message":"Success"}')
  }
})

t.test('the balance is a number, exact to the mill', async t => {
  const balances = ['0', '0.001', '0.1', '5', '4.999', '1000', '999999999999.999']
  const accounts = balances.map(balance => ({ token: `of ${balance}`, balance }))
  const { post } = await emulate(t, { scenario: { accounts } })
  for (const balance of balances) t.equal((await post(PATH, { token: `of ${balance}` })).text, `{"balance":${balance},"status":100,"message":"Success"}`)
})

t.test('it is what is left after a debit, and showing it changes nothing', async t => {
  const { post, kept } = await emulate(t, { scenario: { accounts: [account({ projects: [{ project_id: 1, api_tokens: [{ token: 'its-own' }] }] })] } })
  await post('/pm/create-project', { token: 'master', billing_plan: 2 })
  const before = kept()
  for (const token of ['master', 'its-own']) t.equal((await post(PATH, { token, project_id: 99, unknown: {} })).body.balance, 54.108, token)
  t.same(kept(), before)
})

t.test('below either base path, and with whatever else a client sends', async t => {
  const { url, ask, last } = await emulate(t, { scenario: { accounts: [account({ projects: [{ project_id: 1, api_tokens: [{ token: 'its-own' }] }] })] } })
  for (const path of ['/app/api/v2/check-balance', '/api/v2/check-balance']) {
    for (const body of ['{"token":"master"}', '{"priority ":1,"":null,"token":"its-own"}', '{"token":"master","Token":5,"application":"1","status":410}']) {
      const { http, text } = await ask(path, { method: 'POST', body })
      t.same([http, text], [200, '{"balance":59.108,"status":100,"message":"Success"}'], `${path} ${body}`)
      const { endpoint, rule, path: asked, lint } = await last()
      t.same([endpoint, rule, asked], ['check-balance', null, path])
      const unknown = Object.keys(JSON.parse(body) as object).filter(name => name !== 'token')
      t.same(lint.filter(({ name }) => name === 'unknown-field').map(({ says }) => says), unknown.map(name => `${name} is not a field of check-balance`))
    }
    t.same((await ask(path, { method: 'GET' })).body, { status: 410, message: 'Invalid Request: this endpoint accepts only POST, not GET' })
  }
  t.match((await ask('/api/v2/pm/fetch-balance', { method: 'POST', body: '{}' })).http, 404, 'nothing else is')
  await connect(url).fail({ kind: 'api_refusal', endpoint: 'check-balance', times: 1 })
  t.match((await ask('/api/v2/check-balance', { method: 'POST', body: '{"token":"master"}' })).body, { status: 101 }, 'a fault finds it there')
})

t.test('whose token is taken, and which is told apart in the journal', async t => {
  const tokens = [{ token: 'enabled' }, { token: 'here', ip: '127.0.0.1' }, { token: 'elsewhere', ip: '192.0.2.1' }, { token: 'disabled', status: 'disabled' }, { token: 'disabled elsewhere', ip: '192.0.2.1', status: 'disabled' }, { token: 'deleted', status: 'deleted' }] as const
  const accounts: ScenarioAccount[] = [
    account({ projects: [{ project_id: 7, api_tokens: tokens }, { project_id: 8, project_status: 'Expired', api_tokens: [{ token: 'of an expired project' }] }] }),
    { name: 'b', token: 'other' }
  ]
  const { post, last } = await emulate(t, { scenario: { accounts } })
  const failed = (detail: string): object => ({ status: 401, message: `Authentication Failed: ${detail}` })
  const cases: ReadonlyArray<[body: object, rule: string | null, account: string | null, answer: object]> = [
    [{ token: 'master' }, null, 'a', { balance: 59.108 }],
    [{ token: 'other' }, null, 'b', { balance: 0 }],
    [{ token: 'enabled' }, null, 'a', { balance: 59.108 }],
    [{ token: 'here' }, null, 'a', { balance: 59.108 }],
    [{ token: 'of an expired project' }, null, 'a', { balance: 59.108 }],
    [{ token: 'disabled' }, 'token-must-be-enabled', 'a', failed('this API token of project 7 is disabled')],
    [{ token: 'disabled elsewhere' }, 'token-must-be-enabled', 'a', failed('this API token of project 7 is disabled')],
    [{ token: 'elsewhere' }, 'token-must-come-from-its-address', 'a', failed('this API token of project 7 may only be used from 192.0.2.1')],
    [{ token: 'deleted' }, 'token-must-be-known', 'a', failed('this API token of project 7 has been deleted')],
    [{ token: 'nobody' }, 'token-must-be-known', null, failed('no account has this token')],
    [{ token: '' }, 'token-must-be-known', null, failed('token must be a string, the account\'s master API token, not an empty string')],
    [{ token: 5 }, 'token-must-be-known', null, { status: 401 }],
    [{}, 'token-must-be-known', null, { status: 401 }]
  ]
  for (const [body, rule, account, answer] of cases) {
    t.match((await post(PATH, body)).body, answer, JSON.stringify(body))
    t.match(await last(), { rule, account, endpoint: 'check-balance', charged: false })
  }
})

t.test('a project\'s token goes by its account\'s dialect and clock', async t => {
  const projects = [{ project_id: 1, api_tokens: [{ token: 'its-own' }] }]
  const { post } = await emulate(t, { scenario: { accounts: [account({ projects, clock: { mode: 'frozen', at: '2023-02-01' }, settings: { wire: { message: 'bare', http_status: 'mapped' } } })] } })
  const { http, body } = await post(PATH, { token: 'its-own' })
  t.equal(http, 503)
  t.same(body, { status: 101, message: 'Service Unavailable' })
})
