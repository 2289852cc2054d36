import t from 'tap'
import { readCase } from '../../src/case/read.js'
import { replay } from '../../src/replay/replay.js'
import { startEmulator } from '../../src/index.js'

t.test('a case replays equal', async t => {
  const emulator = await startEmulator()
  t.teardown(() => emulator.stop())
  const post = async (path: string, body: object): Promise<unknown> => await fetch(emulator.url + path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' }
  }).then(async response => await response.text()).catch(String)
  const account = await emulator.createAccount({ balance: '20', projects: [{ project_id: 1 }] })
  const { token } = account
  await post('/app/api/v2/pm/change-billing', { token, project_id: 1, service: 1, plan_id: 2 })
  await post('/app/api/v2/pm/create-project', { token, project_name: 'x', country: 'IN', time_zone: 'Asia/Kolkata', billing_plan: 1, generate_api_token: true, token_ip_address: ['127.0.0.1'] })
  await post('/app/api/v2/pm/get-projects', { token, project_id: 1 })
  await account.clock.advance('P2M')
  await account.fail({ kind: 'connection_reset', when: 'after', times: 1 })
  await account.fail({ kind: 'delay', when: 'before', times: 1, delay: { fixed: 20 } })
  await post('/app/api/v2/pm/change-billing', { token, project_id: 1, service: 1, plan_id: 3 })
  await post('/app/api/v2/pm/change-billing', { token, project_id: 1, service: 1, plan_id: 3 })
  await post('/app/api/v2/pm/change-billing', { token: 'unknown', project_id: 1, service: 1, plan_id: 3 })
  const saved = readCase(await (await fetch(`${emulator.url}/__admin/case`)).json())
  t.strictSame(await replay(saved), { equal: true, requests: 6, skipped: 0, differences: [] })
  const one = readCase(await (await fetch(`${emulator.url}/__admin/case?account=${account.name}`)).json())
  t.strictSame(await replay(one), { equal: true, requests: 5, skipped: 0, differences: [] })
})
