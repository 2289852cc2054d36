import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { connect, startEmulator } from 'picky-assist-emulator'
import { upgrade } from './client.mjs'

// One emulator for the file, one account for each test: they all run at once, and none sees another.
const { PICKY_EMULATOR_URL: given } = process.env
const own = given === undefined ? await startEmulator() : undefined
const emulator = own ?? connect(given)
after(() => own?.stop())

const createAccount = (balance = '100') => emulator.createAccount({ balance, projects: [{ project_id: 1 }] })

describe('upgrade', { concurrency: true }, () => {
  it('pays from the wallet', async () => {
    const account = await createAccount()
    await account.clock.freeze('2020-06-16T12:00:00Z')
    assert.deepEqual(await upgrade(emulator.url, account.token, 1, 2), {
      old_billing_plan: '1',
      new_billing_plan: 2,
      amount_debited: '5',
      next_billing_date: '2020-07-16T23:59:59+00:00'
    })
    assert.equal(await account.wallet.balance(), '95')
  })

  it('is refused where a thousandth of a dollar is missing, and costs nothing', async () => {
    const account = await createAccount('4.999')
    await assert.rejects(upgrade(emulator.url, account.token, 1, 2), { status: 403 })
    assert.equal(await account.wallet.balance(), '4.999')
  })

  it('works until the API is switched off, and not a second longer', async () => {
    const account = await createAccount()
    await account.clock.freeze('2023-01-31T23:59:59Z')
    await upgrade(emulator.url, account.token, 1, 2)
    await account.clock.advance('PT1S')
    await assert.rejects(upgrade(emulator.url, account.token, 1, 3), { status: 101 })
  })

  it('is charged once when the answer gets lost, but reports a failure', async () => {
    const account = await createAccount()
    await account.fail({ kind: 'connection_reset', when: 'after', times: 1 })
    await assert.rejects(upgrade(emulator.url, account.token, 1, 2), { status: 410, message: /already on plan_id 2/ })
    assert.deepEqual((await account.ledger()).map(({ amount }) => amount), ['100', '-5'])
  })

  it('would be charged twice if the API sold the same plan again, which nobody knows', async () => {
    const account = await createAccount()
    await account.settings.change({ assumptions: { 'same-plan': 'charge-again' } })
    await account.fail({ kind: 'connection_reset', when: 'after', times: 1 })
    await upgrade(emulator.url, account.token, 1, 2)
    assert.deepEqual((await account.ledger()).map(({ amount }) => amount), ['100', '-5', '-5'])
  })

  it('sends what is documented, and nothing that the API might not forgive', async () => {
    const account = await createAccount()
    await upgrade(emulator.url, account.token, 1, 2)
    const [{ request, lint }] = await account.requests.wait({ endpoint: 'change-billing' })
    assert.deepEqual(request.body, { token: '[redacted]', project_id: 1, service: 1, plan_id: 2 })
    assert.deepEqual(lint, [])
  })
})
