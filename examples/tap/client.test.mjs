import t from 'tap'
import { connect, startEmulator } from 'picky-assist-emulator'
import { upgrade } from './client.mjs'

// One emulator for the file, one account for each test: they run side by side, and none sees another.
const { PICKY_EMULATOR_URL: given } = process.env
const own = given === undefined ? await startEmulator() : undefined
const emulator = own ?? connect(given)
t.teardown(() => own?.stop())
t.jobs = 6

const createAccount = (balance = '100') => emulator.createAccount({ balance, projects: [{ project_id: 1 }] })

t.test('pays from the wallet', async t => {
  const account = await createAccount()
  await account.clock.freeze('2020-06-16T12:00:00Z')
  t.strictSame(await upgrade(emulator.url, account.token, 1, 2), {
    old_billing_plan: '1',
    new_billing_plan: 2,
    amount_debited: '5',
    next_billing_date: '2020-07-16T23:59:59+00:00'
  })
  t.equal(await account.wallet.balance(), '95')
})

t.test('is refused where a thousandth of a dollar is missing, and costs nothing', async t => {
  const account = await createAccount('4.999')
  await t.rejects(upgrade(emulator.url, account.token, 1, 2), { status: 403 })
  t.equal(await account.wallet.balance(), '4.999')
})

t.test('works until the API is switched off, and not a second longer', async t => {
  const account = await createAccount()
  await account.clock.freeze('2023-01-31T23:59:59Z')
  await t.resolves(upgrade(emulator.url, account.token, 1, 2))
  await account.clock.jump('disabled')
  await t.rejects(upgrade(emulator.url, account.token, 1, 3), { status: 101 })
})

t.test('is charged once when the answer gets lost, but reports a failure', async t => {
  const account = await createAccount()
  await account.fail({ kind: 'connection_reset', when: 'after', times: 1 })
  await t.rejects(upgrade(emulator.url, account.token, 1, 2), { status: 410, message: /already on plan_id 2/ })
  t.match(await account.ledger(), [{ amount: '100' }, { amount: '-5', project_id: 1, plan_id: 2 }])
})

t.test('tells two tries from one', async t => {
  const account = await createAccount()
  await account.fail({ kind: 'connection_reset', when: 'before', times: 1 })
  await upgrade(emulator.url, account.token, 1, 2)
  t.match(await account.requests.wait({ count: 2 }), [
    { response: null, charged: false, fault: { kind: 'connection_reset' } },
    { response: { http_status: 200 }, charged: true, fault: null }
  ])
})

t.test('sends what is documented, and nothing that the API might not forgive', async t => {
  const account = await createAccount()
  await upgrade(emulator.url, account.token, 1, 2)
  const [{ request, lint }] = await account.requests.wait({ endpoint: 'change-billing' })
  t.strictSame(request.body, { token: '[redacted]', project_id: 1, service: 1, plan_id: 2 })
  t.strictSame(lint, [])
})
