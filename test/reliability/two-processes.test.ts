import { join } from 'node:path'
import t from 'tap'
import type { Scenario, ScenarioAccount } from '../../src/contract/scenario.js'
import { CHANGE_BILLING, startBuilt } from '../support/built.js'
import { effort } from '../support/effort.js'
import { worldFolder } from '../support/world-folder.js'

interface Books { readonly balance: string, readonly ledger: ReadonlyArray<{ readonly amount: string }> }

/** The balance by the wallet, and by what was booked. */
function balances ({ balance, ledger }: Books): [wallet: number, books: number] {
  return [Number(balance), ledger.reduce((sum, { amount }) => sum + Number(amount), 0)]
}

t.test('what is read together is of one moment, while another process writes to the same file', async t => {
  const db = join(worldFolder(t), 'world.db')
  const reader = await startBuilt(t, '--db', db)
  const writer = await startBuilt(t, '--db', db)
  const call = async <Answer>(url: string, method: string, path: string, body?: unknown): Promise<Answer> => {
    const headers = { 'content-type': 'application/json' }
    return await (await fetch(url + path, { method, headers, ...body !== undefined && { body: JSON.stringify(body) } })).json() as Answer
  }
  const torn: unknown[] = []
  const check = (what: string, books: Books): void => {
    const [wallet, booked] = balances(books)
    if (wallet !== booked) torn.push([what, wallet, booked])
  }
  // Short books, again and again: of long ones, reading takes most of the time.
  for (let round = 0; round < effort(10, 100); round++) {
    await call(writer.url, 'POST', '/__admin/reset')
    const { token } = await call<{ token: string }>(writer.url, 'POST', '/__admin/accounts', { name: 'mine', balance: '100000', projects: [{ project_id: 1 }] })
    const reading = { isOver: false }
    let writes = 0
    const writing = (async () => {
      for (; !reading.isOver; writes++) await call(writer.url, 'POST', CHANGE_BILLING, { token, project_id: 1, service: 1, plan_id: 2 + writes % 3 })
    })()
    for (let times = 0; times < 3; times++) {
      for (const path of ['', '/accounts/mine']) {
        const { violations } = await call<{ violations: unknown[] }>(reader.url, 'GET', `/__admin${path}/audit`)
        torn.push(...violations)
      }
      check('summary', await call(reader.url, 'GET', '/__admin/accounts/mine/summary'))
      const states = [await call<Scenario>(reader.url, 'GET', '/__admin/state'), await call<Scenario>(reader.url, 'GET', '/__admin/accounts/mine/state')]
      for (const { accounts } of states) check('state', accounts!.find(({ name }) => name === 'mine') as Books)
    }
    reading.isOver = true
    await writing
  }
  t.strictSame(torn, [])
})

t.test('what a call leaves as it is stays, while another process changes it in the same file', async t => {
  const db = join(worldFolder(t), 'world.db')
  const [one, two] = [await startBuilt(t, '--db', db), await startBuilt(t, '--db', db)]
  const send = async <Answer>(url: string, method: string, path: string, body: object): Promise<Answer> =>
    await (await fetch(url + path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).json() as Answer
  const { token } = await send<{ token: string }>(one.url, 'POST', '/__admin/accounts', { name: 'mine', balance: '100000', clock: { mode: 'frozen', at: '2020-06-16' }, projects: [{ project_id: 1 }] })
  const lost: unknown[] = []
  for (let round = 0; round < effort(30, 300); round++) {
    const [{ status }, project] = await Promise.all([
      send<{ status: number }>(two.url, 'POST', CHANGE_BILLING, { token, project_id: 1, service: 1, plan_id: 2 + round % 3 }),
      send(one.url, 'PATCH', '/__admin/accounts/mine/projects/1', { notes: String(round) }),
      send(one.url, 'PATCH', '/__admin/accounts/mine/settings', { wire: { message: round % 2 === 0 ? 'bare' : 'detailed' } }),
      send(two.url, 'PATCH', '/__admin/accounts/mine/settings', { cutoff: `2023-02-${String(1 + round % 20).padStart(2, '0')}` }),
      send(one.url, 'POST', '/__admin/accounts/mine/clock/advance', { by: 'PT1S' }),
      send(two.url, 'POST', '/__admin/accounts/mine/clock/advance', { by: 'PT1S' })
    ])
    const { projects, settings, clock } = await (await fetch(`${one.url}/__admin/accounts/mine`)).json() as ScenarioAccount
    const is = [projects![0]!.subscriptions![0]!.plan_id, projects![0]!.notes, settings!.wire!.message, settings!.cutoff, (clock as { at: string }).at]
    const at = new Date(Date.parse('2020-06-16') + 2000 * (round + 1)).toISOString().replace('.000Z', 'Z')
    const due = [2 + round % 3, String(round), round % 2 === 0 ? 'bare' : 'detailed', `2023-02-${String(1 + round % 20).padStart(2, '0')}`, at]
    if (status !== 100 || is.join() !== due.join()) lost.push([round, status, is, due, project])
  }
  t.strictSame(lost, [])
})
