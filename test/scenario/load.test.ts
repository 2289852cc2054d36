import t from 'tap'
import { differences, EXAMPLE, instant, loaded, MACHINE_TIME, PLANS, read } from '../support/scenario.js'

t.test('the documented example of a scenario is loaded into a store', async t => {
  const seed = read(EXAMPLE)
  const store = loaded(seed)
  t.teardown(store.close)
  t.strictSame(differences(store, seed), [])
  t.strictSame(store.world.find(), { starts: 0, clock: { mode: 'running', at: instant('2020-06-16T12:00:00Z'), since: MACHINE_TIME }, settings: { wire: { types: 'sample' }, assumptions: { 'same-plan': 'refuse' }, strict: false } })
  t.strictSame(store.plans.list(), PLANS)
  t.strictSame([...store.accounts.list()], [{ accountId: 1, name: 'demo', token: '132321343dsfsdf', balanceMills: 100_000, clock: null, settings: {}, dueAt: null }])
  t.strictSame(store.projects.find(1, 5786), { projectId: 5786, projectName: 'api test project1', status: 'Active', subscriptions: [{ service: 1, planId: 1, nextBillingAt: null }], details: {}, apiTokens: [] })
})

t.test('the largest numbers and the longest strings are loaded unchanged', async t => {
  const most = Number.MAX_SAFE_INTEGER
  const seed = read({
    plans: [{ plan_id: most, name: 'p'.repeat(200), service: 2, price: '999999999999.999', cycle: 'year' }],
    accounts: [{
      name: '\ud83d\ude00'.repeat(100),
      token: '\u0000'.repeat(200),
      balance: '999999999999.999',
      clock: { mode: 'frozen', at: '9998-12-31T23:59:59.999Z' },
      projects: [{ project_id: most, project_name: "'; DROP TABLE account; --", project_status: 'Delete', subscriptions: [{ service: 2, plan_id: most }, { service: 1, plan_id: 1 }] }]
    }]
  })
  const store = loaded(seed)
  t.teardown(store.close)
  t.strictSame(differences(store, seed), [])
  t.equal(seed.accounts[0]!.account.balanceMills, 999_999_999_999_999)
})
