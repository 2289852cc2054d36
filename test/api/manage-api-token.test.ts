import t from 'tap'
import type { ScenarioAccount } from '../../src/contract/scenario.js'
import { emulate } from '../support/emulator.js'

const PATH = '/pm/manage-api-token'
const SUCCESS = '{"status":100,"message":"Success"}'

const ACCOUNTS: ScenarioAccount[] = [
  {
    name: 'a',
    token: 'master',
    projects: [
      { project_id: 1, api_tokens: [{ token: 'first' }, { token: 'second', status: 'disabled' }, { token: 'gone', status: 'deleted' }] },
      { project_id: 2, api_tokens: [{ token: 'of project 2' }] },
      { project_id: 3, project_status: 'Expired', api_tokens: [{ token: 'of project 3' }] },
      { project_id: 4, project_status: 'Delete', api_tokens: [{ token: 'of project 4' }] }
    ]
  },
  { name: 'b', token: 'other', projects: [{ project_id: 1, api_tokens: [{ token: 'of another account' }] }] }
]

const [DISABLE, ENABLE, DELETE] = [1, 2, 3]

t.test('a token is disabled, enabled and deleted, byte for byte in either dialect', async t => {
  for (const types of ['sample', 'table'] as const) {
    const { post, kept } = await emulate(t, { scenario: { accounts: ACCOUNTS }, wire: { types } })
    const untouched = JSON.stringify({ ...kept(), api_token: [] })
    /** Every action, in this order, and what check-balance and get-projects say of the token after it. */
    const steps: ReadonlyArray<[action: unknown, check: object, isListed: boolean]> = [
      [ENABLE, { status: 100 }, true],
      [DISABLE, { status: 401, message: 'Authentication Failed: this API token of project 1 is disabled' }, true],
      [DISABLE, { status: 401, message: 'Authentication Failed: this API token of project 1 is disabled' }, true],
      [String(ENABLE), { status: 100 }, true],
      [DISABLE, { status: 401 }, true],
      [DELETE, { status: 401, message: 'Authentication Failed: this API token of project 1 has been deleted' }, false]
    ]
    for (const [action, check, isListed] of steps) {
      const { http, headers, text } = await post(PATH, { token: 'master', project_id: 1, api_token: 'first', action })
      t.same([http, headers.get('content-type'), text], [200, 'application/json', SUCCESS])
      t.match((await post('/check-balance', { token: 'first' })).body, check)
      const { api_tokens: tokens } = (await post('/pm/get-projects', { token: 'master', project_id: 1 })).body
      t.same(tokens, [...isListed ? [{ ip: '', token: 'first' }] : [], { ip: '', token: 'second' }])
    }
    t.match((await post('/check-balance', { token: 'second' })).body, { status: 401 }, 'another one stays as it was')
    t.equal((await post(PATH, { token: 'master', project_id: '1', api_token: 'second', action: ENABLE })).text, SUCCESS)
    t.match((await post('/check-balance', { token: 'second' })).body, { status: 100 }, 'until its turn comes')
    t.equal(JSON.stringify({ ...kept(), api_token: [] }), untouched, 'nothing else has changed')
  }
})

t.test('an enabled token can be deleted at once, and what is deleted stays so', async t => {
  const { post } = await emulate(t, { scenario: { accounts: ACCOUNTS } })
  t.equal((await post(PATH, { token: 'master', project_id: 2, api_token: 'of project 2', action: DELETE })).text, SUCCESS)
  for (const action of [DISABLE, ENABLE, DELETE]) {
    t.same((await post(PATH, { token: 'master', project_id: 2, api_token: 'of project 2', action })).body, { status: 410, message: 'Invalid Request: project 2 has no such api_token' })
  }
})

t.test('what is refused changes nothing, and never shows a token', async t => {
  const { post, kept, last } = await emulate(t, { scenario: { accounts: ACCOUNTS } })
  const strict = await emulate(t, { scenario: { accounts: ACCOUNTS }, strict: true })
  const before = kept()
  const none = 'Invalid Request: project 1 has no such api_token'
  const which = 'action must be the number 1 (disable), 2 (enable) or 3 (delete)'
  const cases: ReadonlyArray<[fields: object, rule: string, message: string]> = [
    ...['gone', 'of project 2', 'of another account', 'master', 'other', 'nobody\'s', '', 'FIRST', 'first ', 'first\0'].map((token): [object, string, string] => [{ api_token: token }, 'api-token-must-exist', none]),
    [{ project_id: 2 }, 'api-token-must-exist', 'Invalid Request: project 2 has no such api_token'],
    [{ project_id: 9 }, 'project-must-exist', 'Invalid Request: this account has no project 9'],
    [{ project_id: 3, api_token: 'of project 3' }, 'project-must-be-active', 'Project is not Active: project 3 has the status Expired'],
    [{ project_id: 4, api_token: 'of project 4' }, 'project-must-be-active', 'Project is not Active: project 4 has the status Delete'],
    [{ project_id: undefined }, 'fields-must-be-valid', 'project_id is missing'],
    [{ api_token: undefined }, 'fields-must-be-valid', 'api_token is missing; it must be an API token of the project'],
    [{ api_token: 5 }, 'fields-must-be-valid', 'api_token must be an API token of the project, not 5'],
    [{ api_token: ['first'] }, 'fields-must-be-valid', 'api_token must be an API token of the project, not an array'],
    [{ action: undefined }, 'fields-must-be-valid', 'action is missing; it must be the number 1 (disable), 2 (enable) or 3 (delete)'],
    [{ action: 0 }, 'fields-must-be-valid', `${which}, not 0`],
    [{ action: 4 }, 'fields-must-be-valid', `${which}, not 4`],
    [{ action: 1.5 }, 'fields-must-be-valid', `${which}, not 1.5`],
    [{ action: '' }, 'fields-must-be-valid', `${which}, not the string ""`],
    [{ action: 'delete' }, 'fields-must-be-valid', `${which}, not the string "delete"`]
  ]
  for (const [fields, rule, message] of cases) {
    const { body } = await post(PATH, { token: 'master', project_id: 1, api_token: 'first', action: DELETE, ...fields })
    t.match(body.message, message, JSON.stringify(fields))
    t.notMatch(body.message, /first|another account/)
    t.match(await last(), { rule, endpoint: 'manage-api-token', charged: false })
  }
  t.match((await strict.post(PATH, { token: 'master', project_id: 1, api_token: 'first', action: '3' })).body, { status: 410, message: `Invalid Request: ${which}, not the string "3"` })
  t.same(kept(), before)
})
