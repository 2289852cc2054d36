import t from 'tap'
import { changeBillingEndpoint } from '../../src/api/change-billing.js'
import { answerer } from '../../src/api/endpoint.js'
import { sampleRequest } from '../../src/api/sample.js'
import { bundledPlans } from '../../src/options.js'
import { loadSeed } from '../../src/scenario/load.js'
import { readScenario } from '../../src/scenario/read.js'
import type { Scenario } from '../../src/scenario/scenario.js'
import { openStore, type Store } from '../../src/store/index.js'
import { emulate, SAMPLE } from '../emulator.js'

function storeWith (scenario: Scenario): Store {
  const store = openStore()
  t.teardown(store.close)
  store.transaction(() => loadSeed(store, readScenario(scenario, { plans: bundledPlans(), machineTime: 0, seed: 1 })))
  return store
}

t.test('what a decision throws that is no refusal is a bug, and nothing of it is kept', async t => {
  const store = storeWith({ accounts: [{ token: SAMPLE.token, balance: '100', projects: [{ project_id: SAMPLE.project_id }] }] })
  const answerTo = answerer({ ...changeBillingEndpoint, decide: () => { throw new TypeError('a bug') } })
  await t.rejects(store.commit(() => answerTo(store, { id: '1-1', body: SAMPLE, query: {}, keep: true }, 0)), { message: 'a bug' })
  t.equal(store.accounts.findByToken(SAMPLE.token)!.balanceMills, 100_000)
})

t.test('the request that is shown as an example', async t => {
  t.test('is one that the world grants', async t => {
    const { sample, change } = await emulate(t, { scenario: { accounts: [{ token: 'poor' }, { token: 'rich', balance: '29', projects: [{ project_id: 7, subscriptions: [{ service: 1, plan_id: 6 }] }] }] }, plans: [{ plan_id: 7, price: '1' }] })
    t.same(sample.body, { token: 'rich', project_id: 7, service: 1, plan_id: 1 })
    t.same((await change(sample.body)).body, sample.answer)
  })

  t.test('is the documented one where nothing is granted', async t => {
    const { sample } = await emulate(t, { clock: 'frozen:2023-03-01' })
    t.same(sample.body, SAMPLE)
    t.match(sample.answer, { status: 101 })
  })

  t.test('is not sought for long', async t => {
    const projects = Array.from({ length: 300 }, (_, index) => ({ project_id: index + 1 }))
    const store = storeWith({ accounts: [{ token: 'poor', projects }, { token: 'rich', balance: '100', projects: [{ project_id: 1 }] }] })
    t.same(sampleRequest(store, 0).body, SAMPLE)
  })
})
