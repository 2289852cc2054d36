import { connect, startEmulator } from 'picky-assist-emulator'
import { afterAll, describe, test } from 'vitest'
import { upgrade } from './production'

// What this process sends to the vendor's hosts arrives at the emulator, over TLS: nothing tells the client where it is. Under `picky-emulator run`
// or `sweep` it arrives at theirs already.
const { PICKY_EMULATOR_URL: given = '' } = process.env
const own = given === '' ? await startEmulator({ intercept: true }) : undefined
const emulator = own ?? connect(given)
afterAll(() => own?.stop())

const createAccount = () => emulator.createAccount({ balance: '100', projects: [{ project_id: 1 }] })

describe.concurrent('upgrade, unchanged', () => {
  test('pays from the wallet', async ({ expect }) => {
    const account = await createAccount()
    expect(await upgrade(account.token, 1, 2)).toMatchObject({ amount_debited: '5' })
    expect(await account.wallet.balance()).toBe('95')
  })

  test('is charged once when the answer gets lost, but reports a failure', async ({ expect }) => {
    const account = await createAccount()
    await account.fail({ kind: 'connection_reset', when: 'after', times: 1 })
    await expect(upgrade(account.token, 1, 2)).rejects.toMatchObject({ status: 410 })
    expect(await account.wallet.balance()).toBe('95')
  })
})
