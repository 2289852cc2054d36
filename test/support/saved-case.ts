import type { Case } from '../../src/contract/case.js'
import { startEmulator, type Account, type Emulator, type StartOptions } from '../../src/index.js'

export const PM = '/app/api/v2/pm'

/** Sends a request as a client would, which may be left without an answer. */
export async function post (url: string, endpoint: string, body: object): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  return await fetch(`${url}${PM}/${endpoint}`, { method: 'POST', body: JSON.stringify(body), headers }).then(async response => await response.text()).catch(String)
}

/** Saves the case of a world, in which an account named `demo-1` with project 1 has done something. */
export async function savedCase (act: (account: Account, emulator: Emulator) => Promise<unknown>, options: StartOptions = {}, query = ''): Promise<Case> {
  const emulator = await startEmulator({ scenario: { accounts: [] }, ...options })
  try {
    const account = await emulator.createAccount({ name: 'demo-1', balance: '20', projects: [{ project_id: 1 }] })
    await act(account, emulator)
    return await (await fetch(`${emulator.url}/__admin/case${query}`)).json() as Case
  } finally {
    await emulator.stop()
  }
}

/** Buys a plan, another after two months, a third whose answer is lost, and the third again. */
export async function buyPlans ({ token, clock, fail }: Account, { url }: Pick<Emulator, 'url'>): Promise<void> {
  const buy = async (plan: number) => await post(url, 'change-billing', { token, project_id: 1, service: 1, plan_id: plan })
  await buy(2)
  await clock.advance('P2M')
  await fail({ kind: 'connection_reset', when: 'after', times: 1 })
  await buy(3)
  await buy(3)
  await post(url, 'get-projects', { token, project_id: 1 })
}
