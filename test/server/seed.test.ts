import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { start } from '../../src/server/start.js'

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
