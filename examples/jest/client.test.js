const { connect, startEmulator } = require('picky-assist-emulator')
const { upgrade } = require('./client.js')

/* global afterAll, beforeAll, beforeEach, expect, test */

// One emulator for the file, one account for each test.
const { PICKY_EMULATOR_URL: given } = process.env
let own, emulator, account
beforeAll(async () => {
  own = given === undefined ? await startEmulator() : undefined
  emulator = own ?? connect(given)
})
beforeEach(async () => { account = await emulator.createAccount({ balance: '100', projects: [{ project_id: 1 }] }) })
afterAll(() => own?.stop())

test('pays from the wallet', async () => {
  await account.clock.freeze('2020-06-16T12:00:00Z')
  expect(await upgrade(emulator.url, account.token, 1, 2)).toEqual({
    old_billing_plan: '1',
    new_billing_plan: 2,
    amount_debited: '5',
    next_billing_date: '2020-07-16T23:59:59+00:00'
  })
  expect(await account.wallet.balance()).toBe('95')
})

test('is refused where a thousandth of a dollar is missing, and costs nothing', async () => {
  await account.wallet.set('4.999')
  await expect(upgrade(emulator.url, account.token, 1, 2)).rejects.toMatchObject({ status: 403 })
  expect(await account.wallet.balance()).toBe('4.999')
})

test('works until the API is switched off, and not a second longer', async () => {
  await account.clock.freeze('2023-01-31T23:59:59Z')
  await upgrade(emulator.url, account.token, 1, 2)
  await account.clock.jump('disabled')
  await expect(upgrade(emulator.url, account.token, 1, 3)).rejects.toMatchObject({ status: 101 })
})

test('is charged once when the answer gets lost, but reports a failure', async () => {
  await account.fail({ kind: 'connection_reset', when: 'after', times: 1 })
  await expect(upgrade(emulator.url, account.token, 1, 2)).rejects.toMatchObject({ status: 410 })
  expect(await account.ledger()).toMatchObject([{ amount: '100' }, { amount: '-5', plan_id: 2 }])
})

test('does not survive an answer that is cut off', async () => {
  await account.fail({ kind: 'truncated_body' })
  await expect(upgrade(emulator.url, account.token, 1, 2)).rejects.toThrow('terminated')
  expect(await account.wallet.balance()).toBe('100')
})

test('sends what is documented, and nothing that the API might not forgive', async () => {
  await upgrade(emulator.url, account.token, 1, 2)
  const [sent] = await account.requests.wait({ endpoint: 'change-billing' })
  expect(sent.request.body).toEqual({ token: '[redacted]', project_id: 1, service: 1, plan_id: 2 })
  expect(sent.lint).toEqual([])
})
