import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { connect, startEmulator } from 'picky-assist-emulator'
import { upgrade } from './production.mjs'

// What this process sends to the vendor's hosts arrives at the emulator, over TLS: nothing tells the client where it is. Under `picky-emulator run`
// or `sweep` it arrives at theirs already.
const { PICKY_EMULATOR_URL: given } = process.env
const own = given === undefined ? await startEmulator({ intercept: true }) : undefined
const emulator = own ?? connect(given)
after(() => own?.stop())

const createAccount = () => emulator.createAccount({ balance: '100', projects: [{ project_id: 1 }] })

describe('upgrade, unchanged', { concurrency: true }, () => {
  it('pays from the wallet', async () => {
    const account = await createAccount()
    const { amount_debited: paid } = await upgrade(account.token, 1, 2)
    assert.equal(paid, '5')
    assert.equal(await account.wallet.balance(), '95')
  })

  it('is charged once when the answer gets lost, but reports a failure', async () => {
    const account = await createAccount()
    await account.fail({ kind: 'connection_reset', when: 'after', times: 1 })
    await assert.rejects(upgrade(account.token, 1, 2), { status: 410 })
    assert.equal(await account.wallet.balance(), '95')
  })
})
