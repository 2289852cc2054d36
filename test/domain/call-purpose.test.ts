import t from 'tap'
import { purposeOf, requestedPlan } from '../../src/domain/call-purpose.js'

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

t.test('the requested plan is the field that the endpoint reads, before the one that it does not', async t => {
  const cases: Array<readonly [string | null, object, unknown]> = [
    ['create-project', { billing_plan: 2 }, 2],
    ['create-project', { billing_plan: 2, plan_id: 5 }, 2],
    ['create-project', { plan_id: 5 }, 5],
    ['change-billing', { plan_id: 5 }, 5],
    ['change-billing', { plan_id: 5, billing_plan: 2 }, 5],
    ['change-billing', { billing_plan: '2' }, '2'],
    [null, { plan_id: null, billing_plan: 2 }, 2],
    ['change-billing', {}, undefined]
  ]
  for (const [endpoint, fields, plan] of cases) t.equal(requestedPlan(endpoint, fields), plan, JSON.stringify([endpoint, fields]))
  for (const body of ['plan_id', null, undefined, 5, []]) t.equal(requestedPlan('create-project', body), undefined, JSON.stringify(body))
})
