import { join } from 'node:path'
import t from 'tap'
import { connect } from '../../src/client/connect.js'
import { open } from '../../src/server/start.js'
import { SAMPLE_REQUEST } from '../support/emulator.js'

t.test('emulators on one file give no two requests the same ID', async t => {
  const db = join(t.testdir(), 'world.db')
  // Each has counted its start before the other answers.
  const emulators = [await open({ db, port: 0, logLevel: 'silent' }), await open({ db, port: 0, logLevel: 'silent' })]
  t.teardown(() => Promise.all(emulators.map(({ stop }) => stop())))
  await Promise.all(emulators.map(({ answer }) => answer()))
  const ids = (): Promise<string[]> => Promise.all(emulators.map(async ({ url }) => {
    await fetch(`${url}/app/api/v2/pm/change-billing`, { method: 'POST', body: SAMPLE_REQUEST })
    return (await connect(url).requests.list())[0]!.id
  }))
  t.same(await ids(), ['1-1', '2-1'], 'after two starts')
  for (const { url } of emulators) await connect(url).reset()
  t.same(await ids(), ['3-1', '4-1'], 'after two resets, with no request in between')
})
