import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Scenario } from '../../src/contract/scenario.js'
import { start } from '../../src/server/start.js'

t.test('plans that move one that the scenario uses are refused where they are, on an empty database too', async t => {
  const folder = t.testdir()
  const plans = join(folder, 'plans.json')
  const scenario = join(folder, 'scenario.json')
  const project = (planId: number, service = 1) => ({ accounts: [{ projects: [{ project_id: 1, subscriptions: [{ service, plan_id: planId }] }] }] })
  writeFileSync(plans, '[{ "plan_id": 3, "service": 2 }]')
  const message = 'a plan in use can\'t move to the other service: plan 3 (Phone Automation Medium)'
  const place = `${plans}:1:29: `
  const start_ = async (given: object, options: object) => {
    writeFileSync(scenario, JSON.stringify(given))
    await (await start({ scenario, plans, ...options })).stop()
  }
  await t.rejects(start_(project(3), {}), { name: 'Problem', message: `${place}${message}` })
  await t.rejects(start({ scenario: project(3) as Scenario, plans }), { name: 'Problem', message: `${place}${message}` })
  await t.rejects(start_(project(3), { plans: [{ plan_id: 3, service: 2 }] }), { name: 'Problem', message })
  await t.rejects(start({ scenario: 'edge-cases', plans }), { name: 'Problem', message: `${place}${message}` }, 'a bundled one')
  await t.rejects(start_(project(99), {}), { name: 'Problem', message: /^[^:]*scenario\.json:1:\d+: the scenario is wrong at .*plan_id: found 99/ }, 'what is wrong in any case is the scenario\'s fault')
  await t.rejects(start_({ ...project(99), clock: 'no' }, { plans: undefined }), { name: 'Problem', message: /scenario\.json/ })
  await t.rejects(start_({ ...project(2), clock: 'no' }, {}), { name: 'Problem', message: /scenario\.json/ })
  await t.resolves(start_(project(2), {}), 'another plan')
  await t.resolves(start_(project(3, 2), {}), 'a scenario that is made for them')
})

t.test('plans that move one in use to the other service are refused at the start, with its name and where they are', async t => {
  const folder = t.testdir()
  const db = join(folder, 'world.db')
  const plans = join(folder, 'plans.json')
  const account = { projects: [{ project_id: 1, subscriptions: [{ service: 1 as const, plan_id: 3 }] }] }
  await (await start({ db, scenario: { accounts: [account] } })).stop()
  writeFileSync(plans, '[\n  { "plan_id": 2, "service": 2 },\n  { "plan_id": 3, "service": 2 }\n]')
  const message = 'a plan in use can\'t move to the other service: plan 3 (Phone Automation Medium)'
  await t.rejects(start({ db, plans }), { name: 'Problem', message: `${plans}:3:30: ${message}` })
  await t.rejects(start({ db, plans: [{ plan_id: 3, service: 2 }] }), { name: 'Problem', message })
  await (await start({ db, plans: [{ plan_id: 2, service: 2 }] })).stop()
})
