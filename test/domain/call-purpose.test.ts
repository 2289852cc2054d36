import t from 'tap'
import { purposeOf } from '../../src/domain/call-purpose.js'

t.test('the calls of each endpoint have a purpose, in words', async t => {
  const purposes = {
    'change-billing': 'change of project 1 to plan 2',
    'create-project': 'creation of a project on plan 2',
    'get-projects': 'look-up of project 1',
    'create-api-token': 'creation of an API token for project 1',
    'manage-api-token': 'change of an API token of project 1',
    'set-webhook': 'change of the webhooks of project 1',
    'fetch-balance': 'look-up of the balance',
    'check-balance': 'look-up of the balance'
  }
  for (const [name, purpose] of Object.entries(purposes)) t.equal(purposeOf(name, 'project 1', 'plan 2'), purpose, name)
  for (const name of ['', 'constructor', 'change-biling']) t.equal(purposeOf(name, 'project 1', 'plan 2'), undefined, name)
})
