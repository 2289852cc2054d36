import { connect, startEmulator, type Account } from 'picky-assist-emulator'
import { afterAll, describe, expect, test } from 'vitest'
import { upgrade } from './client'

// One emulator for the file, one account for each test: they all run at once, and none sees another.
const { PICKY_EMULATOR_URL: given = '' } = process.env
const own = given === '' ? await startEmulator() : undefined
const emulator = own ?? connect(given)
afterAll(() => own?.stop())

const it = test.extend<{ account: Account }>({
  account: async ({ task: _ }, use) => {
    const account = await emulator.createAccount({ balance: '100', projects: [{ project_id: 1 }] })
    await use(account)
    await account.remove()
  }
})

describe.concurrent('upgrade', () => {
  it('pays from the wallet', async ({ account }) => {
    await account.clock.freeze('2020-06-16T12:00:00Z')
    expect(await upgrade(emulator.url, account.token, 1, 2)).toEqual({
      old_billing_plan: '1',
      new_billing_plan: 2,
      amount_debited: '5',
      next_billing_date: '2020-07-16T23:59:59+00:00'
    })
    expect(await account.wallet.balance()).toBe('95')
  })

  it('is refused where a thousandth of a dollar is missing, and costs nothing', async ({ account }) => {
    await account.wallet.set('4.999')
    await expect(upgrade(emulator.url, account.token, 1, 2)).rejects.toMatchObject({ status: 403 })
    expect(await account.wallet.balance()).toBe('4.999')
  })

  it('works until the API is switched off, and not a second longer', async ({ account }) => {
    await account.clock.freeze('2023-01-31T23:59:59Z')
    await upgrade(emulator.url, account.token, 1, 2)
    await account.clock.jump('disabled')
    await expect(upgrade(emulator.url, account.token, 1, 3)).rejects.toMatchObject({ status: 101 })
  })

  it('is charged once when the answer gets lost, but reports a failure', async ({ account }) => {
    await account.fail({ kind: 'connection_reset', when: 'after', times: 1 })
    await expect(upgrade(emulator.url, account.token, 1, 2)).rejects.toMatchObject({ status: 410 })
    expect(await account.ledger()).toMatchObject([{ amount: '100' }, { amount: '-5', plan_id: 2 }])
  })

  it('does not survive an answer that is cut off', async ({ account }) => {
    await account.fail({ kind: 'truncated_body' })
    await expect(upgrade(emulator.url, account.token, 1, 2)).rejects.toThrow(TypeError)
    expect(await account.wallet.balance()).toBe('100')
  })

  it('sends what is documented, and nothing that the API might not forgive', async ({ account }) => {
    await upgrade(emulator.url, account.token, 1, 2)
    const [sent] = await account.requests.wait({ endpoint: 'change-billing' })
    expect(sent?.request.body).toEqual({ token: '[redacted]', project_id: 1, service: 1, plan_id: 2 })
    expect(sent?.lint).toEqual([])
  })
})
