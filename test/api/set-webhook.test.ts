import t from 'tap'
import { BASE_PATH, ENDPOINTS } from '../../src/api/index.js'
import type { ScenarioAccount } from '../../src/contract/scenario.js'
import { emulate } from '../support/emulator.js'

const PATH = '/pm/set-webhook'
const SUCCESS = '{"status":100,"message":"Success"}'
const HOOK = 'https://example.com/old'

const ACCOUNTS: ScenarioAccount[] = [
  {
    name: 'a',
    token: 'master',
    projects: [
      { project_id: 1, notes: 'a note', country: 'IN', global_webhook: HOOK, event_webhook: HOOK, smart_reply_webhook: HOOK },
      { project_id: 2 },
      { project_id: 3, project_status: 'Expired' },
      { project_id: 4, project_status: 'Delete' }
    ]
  },
  { name: 'b', token: 'other', projects: [{ project_id: 9 }] }
]

t.test('webhooks are set, left or taken away one by one, byte for byte in either dialect', async t => {
  const cases: ReadonlyArray<[set: object, hooks: [string, string, string]]> = [
    [{}, [HOOK, HOOK, HOOK]],
    [{ global_webhook: 'http://a' }, ['http://a', HOOK, HOOK]],
    [{ event_webhook: 'http://b' }, ['http://a', 'http://b', HOOK]],
    [{ smart_reply_webhook: 'http://c' }, ['http://a', 'http://b', 'http://c']],
    [{ global_webhook: '', smart_reply_webhook: '' }, ['', 'http://b', '']],
    [{ global_webhook: 'http://d', event_webhook: '', unknown: 'http://e' }, ['http://d', '', '']]
  ]
  for (const types of ['sample', 'table'] as const) {
    const { post, kept, ask } = await emulate(t, { scenario: { accounts: ACCOUNTS }, wire: { types } })
    const untouched = JSON.stringify({ ...kept(), project: kept().project!.slice(1) })
    for (const [set, hooks] of cases) {
      const { http, headers, text } = await post(PATH, { token: 'master', project_id: 1, ...set })
      t.same([http, headers.get('content-type'), text], [200, 'application/json', SUCCESS])
      const { body } = await post('/pm/get-projects', { token: 'master', project_id: 1 })
      t.same([body.global_webhook, body.event_webhook, body.smart_reply_webhook], hooks, JSON.stringify(set))
      t.match(body, { notes: 'a note', country: 'IN' })
    }
    t.equal(JSON.stringify({ ...kept(), project: kept().project!.slice(1) }), untouched, 'nothing else has changed')
    t.match((await ask('/__admin/accounts/a', {})).body, { projects: [{ global_webhook: 'http://d', event_webhook: undefined, smart_reply_webhook: undefined }] })
  }
})

t.test('what is refused changes nothing', async t => {
  const { post, kept, last } = await emulate(t, { scenario: { accounts: ACCOUNTS } })
  const strict = await emulate(t, { scenario: { accounts: ACCOUNTS }, strict: true })
  const before = kept()
  const url = 'an absolute http or https URL of at most 2048 characters'
  const cases: ReadonlyArray<[fields: object, rule: string, message: string]> = [
    [{ project_id: 9 }, 'project-must-exist', 'Invalid Request: this account has no project 9'],
    [{ project_id: 3 }, 'project-must-be-active', 'Project is not Active: project 3 has the status Expired'],
    [{ project_id: 4 }, 'project-must-be-active', 'Project is not Active: project 4 has the status Delete'],
    [{ project_id: undefined }, 'fields-must-be-valid', 'Invalid Request: project_id is missing'],
    [{ project_id: 0 }, 'fields-must-be-valid', 'Invalid Request: project_id must be a whole number from 1'],
    ...['global_webhook', 'event_webhook', 'smart_reply_webhook'].flatMap(name => ['example.com', 'ftp://example.com', null, 5, ['http://a'], `http://${'a'.repeat(2042)}`].map((given): [object, string, string] =>
      [{ [name]: given, notes: 'new' }, 'fields-must-be-valid', `Invalid Request: ${name} must be ${url}, not `]))
  ]
  for (const [fields, rule, message] of cases) {
    t.match((await post(PATH, { token: 'master', project_id: 1, global_webhook: 'http://new', ...fields })).body.message, message, JSON.stringify(fields).slice(0, 60))
    t.match(await last(), { rule, endpoint: 'set-webhook', charged: false })
  }
  t.match((await strict.post(PATH, { token: 'master', project_id: '1' })).body, { status: 410 })
  t.same(kept(), before)
  t.equal((await post(PATH, { token: 'master', project_id: '1' })).text, SUCCESS, 'a numeric string counts as the number where nobody is strict')
})

t.test('the two endpoints whose paths nobody knows', async t => {
  const hook = { token: 'master', project_id: 2, global_webhook: 'http://new' }
  const unknown = (path: string): object => ({ status: 410, message: `Invalid Request: there is no endpoint at this path; the nearest known path is ${BASE_PATH}${path}` })

  t.test('are served elsewhere: there alone, under their own names', async t => {
    const { post, ask, last } = await emulate(t, { scenario: { accounts: ACCOUNTS }, paths: { 'set-webhook': '/pm/webhook', 'fetch-balance': '/account/funds' } })
    t.equal((await post('/pm/webhook', hook)).text, SUCCESS)
    t.match(await last(), { endpoint: 'set-webhook', path: `${BASE_PATH}/pm/webhook`, rule: null })
    t.match((await post('/account/funds', { token: 'master' })).body, { balance: 0 })
    t.match(await last(), { endpoint: 'fetch-balance', rule: null })
    for (const [path, nearest] of [[PATH, '/pm/webhook'], ['/pm/fetch-balance', '/check-balance'], ['/pm/webhook/', '/pm/webhook']] as const) {
      const { http, body } = await post(path, hook)
      t.equal(http, 404)
      t.same(body, unknown(nearest))
      t.match(await last(), { endpoint: null, rule: 'path-must-be-known' })
    }
    const { http, headers, body } = await ask(`${BASE_PATH}/pm/webhook`, { method: 'GET' })
    t.same([http, headers.get('allow'), body.message], [200, 'POST', 'Invalid Request: this endpoint accepts only POST, not GET'])
    t.match((await post('/pm/webhook', `{"note":"${'x'.repeat(1_048_576)}"}`)).body, { message: /larger than 1048576 bytes$/ })
  })

  t.test('can be struck by faults by their names, wherever they are', async t => {
    const { post } = await emulate(t, { scenario: { accounts: ACCOUNTS, faults: [{ kind: 'http_error', http_status: 418, body: '{}', endpoint: 'set-webhook' }] }, paths: { 'set-webhook': '/pm/webhook' } })
    t.equal((await post('/pm/webhook', hook)).http, 418)
    t.equal((await post('/pm/fetch-balance', hook)).http, 200)
  })

  t.test('are switched off: one by one, and then they are paths like any other that nobody serves', async t => {
    for (const off of [['set-webhook'], ['fetch-balance'], ['set-webhook', 'fetch-balance']]) {
      const { post, kept } = await emulate(t, { scenario: { accounts: ACCOUNTS }, paths: Object.fromEntries(off.map(name => [name, 'off'])) })
      const before = kept()
      for (const { name, path } of ENDPOINTS) t.equal((await post(path, { token: 'nobody' })).http, off.includes(name) ? 404 : 200, `${name} without ${off.join(' and ')}`)
      t.same(kept(), before)
    }
    const { post } = await emulate(t, { scenario: { accounts: ACCOUNTS }, paths: { 'set-webhook': 'off', 'fetch-balance': 'off' }, clock: 'frozen:2023-02-01', wire: { http_status: 'mapped' } })
    t.match((await post(PATH, hook)).body, { status: 410 }, 'also after the switch-off')
  })

  t.test('can have each other\'s paths', async t => {
    const { post } = await emulate(t, { scenario: { accounts: ACCOUNTS }, paths: { 'set-webhook': '/pm/fetch-balance', 'fetch-balance': PATH } })
    t.equal((await post('/pm/fetch-balance', hook)).text, SUCCESS)
    t.match((await post(PATH, hook)).body, { balance: 0 })
    const taken = await emulate(t, { scenario: { accounts: ACCOUNTS }, paths: { 'set-webhook': '/pm/fetch-balance', 'fetch-balance': 'off' } })
    t.equal((await taken.post('/pm/fetch-balance', hook)).text, SUCCESS, 'and that of one that is off')
    t.equal((await taken.post(PATH, hook)).http, 404)
  })

  t.test('are where they are told to be at each start: the database keeps nothing of it', async t => {
    const db = `${t.testdir()}/world.db`
    for (const [paths, http] of [[{ 'set-webhook': '/pm/webhook' }, 404], [{}, 200], [{ 'set-webhook': 'off' }, 404]] as const) {
      const { post, stop } = await emulate(t, { db, scenario: { accounts: ACCOUNTS }, paths })
      t.equal((await post(PATH, hook)).http, http)
      await stop()
    }
  })
})
