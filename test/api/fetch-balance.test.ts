import t from 'tap'
import { emulate } from '../support/emulator.js'

const PATH = '/pm/fetch-balance'

t.test('the balance is answered as check-balance does, in either dialect, and nothing changes', async t => {
  for (const types of ['sample', 'table'] as const) {
    const { post, kept, last } = await emulate(t, { scenario: { accounts: [{ name: 'a', token: 'master', balance: '59.108' }] }, wire: { types } })
    const before = kept()
    const { http, headers, text } = await post(PATH, { token: 'master' })
    t.equal(http, 200)
    t.equal(headers.get('content-type'), 'application/json')
    t.equal(text, '{"balance":59.108,"status":100,"message":"Success"}')
    t.equal(text, (await post('/check-balance', { token: 'master' })).text)
    t.same(kept(), before)
    await post(PATH, { token: 'master', project_id: 1 })
    t.match(await last(), { endpoint: 'fetch-balance', rule: null, charged: false, lint: [{ name: 'unknown-field', says: 'project_id is not a field of fetch-balance' }] })
  }
})

t.test('of the Project Management API it is a part, so a project\'s token does not get it', async t => {
  const tokens = [{ token: 'enabled' }, { token: 'disabled', status: 'disabled' }, { token: 'elsewhere', ip: '192.0.2.1' }, { token: 'deleted', status: 'deleted' }] as const
  const { post, last } = await emulate(t, { scenario: { accounts: [{ name: 'a', token: 'master', projects: [{ project_id: 1, api_tokens: tokens }] }] } })
  const master = 'Authentication Failed: this is an API token of project 1; the account\'s master API token is required'
  for (const [token, rule, message] of [
    ['enabled', 'token-must-be-master', master], ['disabled', 'token-must-be-master', master], ['elsewhere', 'token-must-be-master', master],
    ['deleted', 'token-must-be-known', 'Authentication Failed: this API token of project 1 has been deleted']
  ] as const) {
    t.same((await post(PATH, { token })).body, { status: 401, message })
    t.match(await last(), { rule, account: 'a' })
  }
})
