import t from 'tap'
import { connect } from '../../src/client/connect.js'
import { CHANGE_BILLING, emulate } from '../support/emulator.js'

t.test('a summary has what its parts have that are asked for one by one, and nothing of another account', async t => {
  const emulator = await emulate(t, { clock: 'frozen:2020-06-16T12:00:00Z' })
  const admin = connect(emulator.url)
  const [mine, other] = await admin.createAccounts([{ name: 'a/b', balance: '100', projects: [{ project_id: 1 }, { project_id: 2 }] }, { name: 'other' }]) as [typeof demo, typeof demo]
  const demo = await admin.account('demo')
  for (const { token } of [mine, other, demo, mine]) await emulator.change({ token, project_id: 1, service: 1, plan_id: 2 })
  const { projects } = await mine.state()
  t.strictSame(await mine.summary(), {
    balance: '95',
    ledger: await mine.ledger(),
    projects,
    requests: await mine.requests.list(),
    requests_total: 2
  })
  t.match(await mine.summary(), { projects: [{ subscriptions: [{ service: 1, plan_id: 2 }] }, { subscriptions: [] }], requests: [{ charged: true }, { rule: 'plan-must-differ' }] })
  const unused = await admin.createAccount()
  t.strictSame(await unused.summary(), { balance: '0', ledger: await unused.ledger(), projects: [], requests: [], requests_total: 0 })
})

t.test('a summary has the newest hundred requests, and says how many there are', async t => {
  const emulator = await emulate(t)
  const account = await connect(emulator.url).account('demo')
  const send = async (): Promise<unknown> => await fetch(emulator.url + CHANGE_BILLING, { method: 'POST', body: JSON.stringify({ token: account.token }) })
  for (let n = 0; n < 100; n++) await send()
  const { requests: all, requests_total: total } = await account.summary()
  t.strictSame([all.length, total], [100, 100])
  await send()
  const summary = await account.summary()
  t.equal(summary.requests_total, 101)
  t.strictSame(summary.requests.map(({ id }) => id), [...all.slice(1).map(({ id }) => id), '1-101'])
})

t.test('an answer of the journal is whole, be it short enough for one piece or not', async t => {
  const emulator = await emulate(t)
  const account = await connect(emulator.url).account('demo')
  for (const length of [1, 60_000, 70_000]) {
    await emulator.change({ token: account.token, note: '\u{1F600}'.repeat(length / 2) })
    const { headers, text } = await emulator.ask('/__admin/accounts/demo/summary', {})
    t.equal(headers.get('content-type'), 'application/json; charset=utf-8', String(length))
    t.equal(Number(headers.get('content-length')), Buffer.byteLength(text))
    t.strictSame(JSON.parse(text), await account.summary())
  }
})
