import t from 'tap'
import type { ScenarioAccount, ScenarioProject } from '../../src/contract/scenario.js'
import { deriveApiToken } from '../../src/world/generated.js'
import { emulate } from '../support/emulator.js'

const PATH = '/pm/create-api-token'

const account = (projects: readonly ScenarioProject[], more: ScenarioAccount = {}): ScenarioAccount => ({ name: 'a', token: 'master', projects, ...more })

interface Made { readonly api_token: Array<{ readonly ip: string, readonly token: string }> }

const tokensIn = (body: object): string[] => (body as Made).api_token.map(({ token }) => token)

t.test('one token for each address, byte for byte, with project_id as a number whatever the dialect', async t => {
  for (const types of ['sample', 'table'] as const) {
    for (const projectId of [26681, '26681']) {
      const { post } = await emulate(t, { scenario: { accounts: [account([{ project_id: 26681 }])] }, wire: { types } })
      const { http, headers, text } = await post(PATH, { token: 'master', project_id: projectId, ip_whitelist: ['192.168.0.1', '2001:DB8::1'] })
      t.equal(http, 200)
      t.equal(headers.get('content-type'), 'application/json')
      t.equal(text.replace(/"[0-9a-f]{40}"/g, '"TOKEN"'), '{"status":100,"message":"Success","project_id":26681,"api_token":[{"ip":"192.168.0.1","token":"TOKEN"},{"ip":"2001:DB8::1","token":"TOKEN"}]}')
    }
  }
})

t.test('what is made', async t => {
  const { post, kept } = await emulate(t, { scenario: { accounts: [account([{ project_id: 1, api_tokens: [{ token: 'there', ip: '::1' }] }, { project_id: 2 }])] } })
  const before = kept()
  const { body } = await post(PATH, { token: 'master', project_id: 1, ip_whitelist: ['192.0.2.1', '192.0.2.1'] })
  const [first, second] = tokensIn(body)
  t.not(first, second, 'a token for each address, also where one is named twice')

  t.test('is kept beside what was there, in its order, and shown by get-projects', async t => {
    t.same((await post('/pm/get-projects', { token: 'master', project_id: 1 })).body.api_tokens, [{ ip: '::1', token: 'there' }, { ip: '192.0.2.1', token: first }, { ip: '192.0.2.1', token: second }])
    t.same((await post('/pm/get-projects', { token: 'master', project_id: 2 })).body.api_tokens, [])
    const { api_token: _tokens, ...rest } = kept()
    const { api_token: _before, ...others } = before
    t.same(rest, others, 'nothing else has changed')
  })

  t.test('can be used at once, from its address alone', async t => {
    const { body } = await post(PATH, { token: 'master', project_id: 2, ip_whitelist: ['127.0.0.1', '192.0.2.1'] })
    const statuses = await Promise.all(tokensIn(body).map(async token => (await post('/check-balance', { token })).body.status))
    t.same(statuses, [100, 401])
  })
})

t.test('no token is ever made twice', async t => {
  const make = async (post: Awaited<ReturnType<typeof emulate>>['post'], count: number, projectId = 1): Promise<string[]> =>
    tokensIn((await post(PATH, { token: 'master', project_id: projectId, ip_whitelist: Array.from({ length: count }, () => '::1') })).body)
  const nth = (index: number, projectId = 1): string => deriveApiToken('master', projectId, index)

  t.test('the same account\'s token makes the same ones in the same order, however many are asked for at once', async t => {
    for (const counts of [[5], [1, 4], [2, 2, 1]]) {
      const { post } = await emulate(t, { scenario: { accounts: [account([{ project_id: 1 }])] } })
      const made = []
      for (const count of counts) made.push(...await make(post, count))
      t.same(made, [0, 1, 2, 3, 4].map(index => nth(index)))
    }
  })

  t.test('not after one was deleted', async t => {
    const { post } = await emulate(t, { scenario: { accounts: [account([{ project_id: 1 }])] } })
    const [first, second] = await make(post, 2)
    for (const token of [first, second]) await post('/pm/manage-api-token', { token: 'master', project_id: 1, api_token: token, action: 3 })
    t.same(await make(post, 2), [nth(2), nth(3)])
  })

  t.test('not where a scenario has the next ones already: in the project, in another, in another account, as a master token', async t => {
    const accounts = [
      account([{ project_id: 1, api_tokens: [{ token: nth(1) }, { token: nth(2), status: 'deleted' }] }, { project_id: 2, api_tokens: [{ token: nth(4) }] }]),
      account([{ project_id: 1, api_tokens: [{ token: nth(6) }] }], { name: 'b', token: 'other' }),
      { name: 'c', token: nth(8) }
    ]
    const { post, ask } = await emulate(t, { scenario: { accounts } })
    t.same(await make(post, 1), [nth(3)], 'the third, as two are there')
    t.same(await make(post, 4), [nth(5), nth(7), nth(9), nth(10)])
    const { accounts: all } = (await ask('/__admin/state', {})).body as { accounts: ScenarioAccount[] }
    const tokens = all.flatMap(({ token, projects }) => [token, ...projects!.flatMap(({ api_tokens: tokens = [] }) => tokens.map(({ token }) => token))])
    t.equal(new Set(tokens).size, tokens.length)
  })

  t.test('not by many requests at once', async t => {
    const { post } = await emulate(t, { scenario: { accounts: [account([{ project_id: 1 }])] } })
    const made = (await Promise.all(Array.from({ length: 20 }, async () => await make(post, 2)))).flat()
    t.same([...made].sort(), Array.from({ length: 40 }, (_none, index) => nth(index)).sort())
  })
})

t.test('what is refused makes nothing', async t => {
  const accounts = [
    account([{ project_id: 1 }, { project_id: 2, project_status: 'Expired' }, { project_id: 3, project_status: 'Delete' }]),
    account([{ project_id: 7 }], { name: 'b', token: 'other' })
  ]
  const { post, kept, last } = await emulate(t, { scenario: { accounts } })
  const strict = await emulate(t, { scenario: { accounts }, strict: true })
  const before = kept()
  const addresses = Array.from({ length: 101 }, () => '::1')
  const fields = 'fields-must-be-valid'
  const cases: ReadonlyArray<[fields: object, rule: string, answer: string]> = [
    [{ project_id: 7 }, 'project-must-exist', 'Invalid Request: this account has no project 7'],
    [{ project_id: 2 }, 'project-must-be-active', 'Project is not Active: project 2 has the status Expired'],
    [{ project_id: 3 }, 'project-must-be-active', 'Project is not Active: project 3 has the status Delete'],
    [{ project_id: undefined }, fields, 'project_id is missing; it must be a whole number from 1 to 9007199254740991'],
    [{ project_id: 0 }, fields, 'project_id must be a whole number from 1 to 9007199254740991, not 0'],
    [{ ip_whitelist: undefined }, fields, 'ip_whitelist is missing; it must be an array of 1 to 100 IP addresses'],
    [{ ip_whitelist: [] }, fields, 'ip_whitelist must be an array of 1 to 100 IP addresses, not an array of 0'],
    [{ ip_whitelist: addresses }, fields, 'ip_whitelist must be an array of 1 to 100 IP addresses, not an array of 101'],
    [{ ip_whitelist: '::1' }, fields, 'ip_whitelist must be an array of 1 to 100 IP addresses, not the string "::1"'],
    [{ ip_whitelist: null }, fields, 'ip_whitelist must be an array of 1 to 100 IP addresses, not null'],
    [{ ip_whitelist: ['::1', '192.168.0.0/24', 'x'] }, fields, 'ip_whitelist[1] must be an IPv4 or IPv6 address, not the string "192.168.0.0/24"'],
    [{ ip_whitelist: [...addresses, 'x'] }, fields, 'ip_whitelist[101] must be an IPv4 or IPv6 address, not the string "x"'],
    [{ ip_whitelist: [''] }, fields, 'ip_whitelist[0] must be an IPv4 or IPv6 address, not the string ""'],
    [{ ip_whitelist: [1] }, fields, 'ip_whitelist[0] must be an IPv4 or IPv6 address, not 1']
  ]
  for (const [fields, rule, answer] of cases) {
    t.match((await post(PATH, { token: 'master', project_id: 1, ip_whitelist: ['::1'], ...fields })).body.message, answer)
    t.match(await last(), { rule, endpoint: 'create-api-token', charged: false })
  }
  t.same(kept(), before)
  t.match((await strict.post(PATH, { token: 'master', project_id: '1', ip_whitelist: ['::1'] })).body, { status: 410, message: /project_id must be .*, not the string "1"$/ })
  t.equal(tokensIn((await post(PATH, { token: 'master', project_id: 1, ip_whitelist: addresses.slice(1) })).body).length, 100, 'a hundred are made')
})
