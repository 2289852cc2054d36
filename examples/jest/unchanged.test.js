const { connect, startEmulator } = require('picky-assist-emulator')
const { upgrade } = require('./production.js')

/* global afterAll, beforeAll, beforeEach, expect, test */

// What this process sends to the vendor's hosts arrives at the emulator, over TLS: nothing tells the client where it is. Under `picky-emulator run`
// or `sweep` it arrives at theirs already.
const { PICKY_EMULATOR_URL: given } = process.env
let own, emulator, account
beforeAll(async () => {
  own = given === undefined ? await startEmulator({ intercept: true }) : undefined
  emulator = own ?? connect(given)
})
beforeEach(async () => { account = await emulator.createAccount({ balance: '100', projects: [{ project_id: 1 }] }) })
afterAll(() => own?.stop())

test('unchanged, it pays from the wallet', async () => {
  expect(await upgrade(account.token, 1, 2)).toMatchObject({ amount_debited: '5' })
  expect(await account.wallet.balance()).toBe('95')
})

test('unchanged, it is charged once when the answer gets lost, but reports a failure', async () => {
  await account.fail({ kind: 'connection_reset', when: 'after', times: 1 })
  await expect(upgrade(account.token, 1, 2)).rejects.toMatchObject({ status: 410 })
  expect(await account.wallet.balance()).toBe('95')
})
