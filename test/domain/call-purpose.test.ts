import t from 'tap'
import { ENDPOINT_NAMES } from '../../src/api/index.js'
import { purposeOf } from '../../src/domain/call-purpose.js'

t.test('each endpoint\'s calls have a purpose, in words', async t => {
  const purposes = Object.fromEntries(ENDPOINT_NAMES.map(name => [name, purposeOf(name, 'project 1', 'plan 2')]))
  t.strictSame(purposes, {
    'change-billing': 'change of project 1 to plan 2',
    'create-project': 'creation of a project on plan 2',
    'get-projects': 'look-up of project 1',
    'create-api-token': 'creation of an API token for project 1',
    'manage-api-token': 'change of an API token of project 1',
    'set-webhook': 'change of the webhooks of project 1',
    'fetch-balance': 'look-up of the balance',
    'check-balance': 'look-up of the balance'
  })
  for (const name of ['', 'constructor', 'change-biling']) t.equal(purposeOf(name, 'project 1', 'plan 2'), undefined, name)
})
