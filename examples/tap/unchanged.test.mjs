import t from 'tap'
import { connect, startEmulator } from 'picky-assist-emulator'
import { upgrade } from './production.mjs'

// What this process sends to the vendor's hosts arrives at the emulator, over TLS: nothing tells the client where it is. Under `picky-emulator run`
// or `sweep` it arrives at theirs already.
const { PICKY_EMULATOR_URL: given } = process.env
const own = given === undefined ? await startEmulator({ intercept: true }) : undefined
const emulator = own ?? connect(given)
t.teardown(() => own?.stop())
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
