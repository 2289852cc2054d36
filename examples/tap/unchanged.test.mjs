import t from 'tap'
import { startEmulator } from 'picky-assist-emulator'
import { upgrade } from './production.mjs'

// What this process sends to the vendor's hosts arrives at the emulator, over TLS: nothing tells the client where it is.
const emulator = await startEmulator({ intercept: true })
t.teardown(() => emulator.stop())
t.jobs = 2

const createAccount = () => emulator.createAccount({ balance: '100', projects: [{ project_id: 1 }] })

t.test('unchanged, it pays from the wallet', async t => {
  const account = await createAccount()
  t.match(await upgrade(account.token, 1, 2), { amount_debited: '5' })
  t.equal(await account.wallet.balance(), '95')
})

t.test('unchanged, it is charged once when the answer gets lost, but reports a failure', async t => {
  const account = await createAccount()
  await account.fail({ kind: 'connection_reset', when: 'after', times: 1 })
  await t.rejects(upgrade(account.token, 1, 2), { status: 410 })
  t.equal(await account.wallet.balance(), '95')
})
