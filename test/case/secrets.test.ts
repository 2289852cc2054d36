import t from 'tap'
import { connect } from '../../src/client/connect.js'
import { readCase } from '../../src/case/read.js'
import { replay } from '../../src/server/replay.js'
import { start } from '../../src/server/start.js'
import { CHANGE_BILLING, SAMPLE, SAMPLE_REQUEST } from '../support/emulator.js'

t.test('no secret is in a case: neither the control API\'s, nor of other accounts, nor of removed ones, wherever a client put it', async t => {
  const ADMIN = 'c0ntr0l-7f3a9b2e'
  const emulator = await start({ adminToken: ADMIN, clock: 'frozen:2020-06-16T12:00:00Z' })
  t.teardown(() => emulator.stop())
  const admin = connect(emulator.url, { adminToken: ADMIN })
  const ask = async (headers: Record<string, string>, body: string): Promise<void> => {
    await (await fetch(`${emulator.url}${CHANGE_BILLING}?q=${encodeURIComponent(Object.values(headers).join())}`, { method: 'POST', headers, body })).text()
  }
  const other = await admin.createAccount({ token: '0ther-5d1c8e4a' })
  const removed = await admin.createAccount({ token: 'rem0ved-2b6f9c3d' })
  await removed.remove()
  const secrets = [ADMIN, other.token, removed.token, SAMPLE.token]
  for (const secret of secrets) await ask({ 'x-odd': `a ${secret} b` }, SAMPLE_REQUEST.replace('{', `{"note":"see ${secret}",`))
  for (const path of ['/reset', `/accounts/${other.name}/reset`]) {
    const body = JSON.stringify(Object.fromEntries(secrets.map(secret => [secret, 1])))
    await (await fetch(`${emulator.url}/__admin${path}`, { method: 'POST', headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' }, body })).text()
  }
  await ask({}, `nothing but ${secrets.join(' and ')}`)
  const encoded = secrets.flatMap(secret => (['base64', 'hex'] as const).map(encoding => Buffer.from(`${secret}.`).toString(encoding)))
  for (const text of encoded) await ask({ 'x-odd': `a ${text} b` }, SAMPLE_REQUEST.replace('{', `{"note":"see ${text}",`))
  for (const account of ['', '?account=demo', `?account=${other.name}`]) {
    const text = await (await fetch(`${emulator.url}/__admin/case${account}`, { headers: { authorization: `Bearer ${ADMIN}` } })).text()
    for (const secret of [...secrets, ...encoded]) t.notOk(text.includes(secret), `${secret} in the case of ${account === '' ? 'the world' : account}`)
    if (account === '') t.match(await replay(readCase(JSON.parse(text))), { equal: true })
  }
})

t.test('tokens that a loaded world was given, because it had none, are not in a case after it is gone', async t => {
  const emulator = await start({ clock: 'frozen:2020-06-16T12:00:00Z' })
  t.teardown(() => emulator.stop())
  const admin = connect(emulator.url)
  const projects = [{ project_id: 5786 }]
  await admin.load({ accounts: [{ name: 'a', balance: '10', projects }, { name: 'b', balance: '10', projects }] })
  const { token } = await admin.account('b')
  await (await fetch(emulator.url + CHANGE_BILLING, { method: 'POST', body: SAMPLE_REQUEST.replace(SAMPLE.token, token) })).text()
  await admin.load({ accounts: [] })
  const text = await (await fetch(`${emulator.url}/__admin/case`)).text()
  t.notOk(text.includes(token))
  t.match(await replay(readCase(JSON.parse(text))), { equal: true })
})
