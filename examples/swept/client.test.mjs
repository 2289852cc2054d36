import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { connect } from 'picky-assist-emulator/connect'
import { upgrade } from './client.mjs'

// `picky-emulator run` and `sweep` say where their emulator is. A suite that does what it likes with it can be swept as well.
const emulator = connect(process.env.PICKY_EMULATOR_URL)
before(() => emulator.reset())

// Each test has a project of its own: by what they are for, sweep finds calls again although tests run side by side.
const createAccount = projectId => emulator.createAccount({
  balance: '100', clock: { mode: 'frozen', at: '2020-06-16T12:00:00Z' }, projects: [{ project_id: projectId }]
})

describe('upgrade', { concurrency: true }, () => {
  it('pays from the wallet, for each plan', async () => {
    const account = await createAccount(1)
    await upgrade(account.token, 1, 2)
    await upgrade(account.token, 1, 3)
    assert.equal(await account.wallet.balance(), '85')
  })

  it('is refused after the switch-off', async () => {
    const account = await createAccount(2)
    await account.clock.jump('disabled')
    await assert.rejects(upgrade(account.token, 2, 2), { status: 101 })
  })

  it('fails where the server does', async () => {
    const account = await createAccount(3)
    await account.fail({ kind: 'http_error', when: 'before', times: 1 })
    await assert.rejects(upgrade(account.token, 3, 2), /HTTP 500/)
    assert.equal(await account.wallet.balance(), '100')
  })
})
