import { join } from 'node:path'
import t from 'tap'
import type { Scenario } from '../../src/contract/scenario.js'
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
  const { token } = await call<{ token: string }>(writer.url, 'POST', '/__admin/accounts', { name: 'mine', balance: '100000', projects: [{ project_id: 1 }] })

  const progress = { isOver: false, writes: 0 }
  const writing = Promise.all([2, 3, 4].map(async plan => {
    for (; !progress.isOver; progress.writes++) await call(writer.url, 'POST', CHANGE_BILLING, { token, project_id: 1, service: 1, plan_id: plan })
  }))
  const torn: unknown[] = []
  const check = (what: string, books: Books): void => {
    const [wallet, booked] = balances(books)
    if (wallet !== booked) torn.push([what, wallet, booked])
  }
  for (let round = 0; round < effort(60, 300); round++) {
    for (const path of ['', '/accounts/mine']) {
      const { violations } = await call<{ violations: unknown[] }>(reader.url, 'GET', `/__admin${path}/audit`)
      torn.push(...violations)
    }
    check('summary', await call(reader.url, 'GET', '/__admin/accounts/mine/summary'))
    const states = [await call<Scenario>(reader.url, 'GET', '/__admin/state'), await call<Scenario>(reader.url, 'GET', '/__admin/accounts/mine/state')]
    for (const { accounts } of states) check('state', accounts!.find(({ name }) => name === 'mine') as Books)
  }
  progress.isOver = true
  await writing
  t.ok(progress.writes > 0)
  t.strictSame(torn, [])
})
