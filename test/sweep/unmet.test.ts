import t from 'tap'
import { connect, type RemoteEmulator } from '../../src/client/connect.js'
import { MAX_UNMET } from '../../src/runtime/probe.js'
import { observe } from '../../src/sweep/command-runner.js'
import { openWatched } from '../../src/sweep/watched.js'
import { CHANGE_BILLING, SAMPLE } from '../support/emulator.js'

async function post (url: string, body?: object): Promise<void> {
  const response = await fetch(url, { method: 'POST', ...body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } })
  await response.text()
}

t.test('what a command set and never met is listed, and not what it was started with', async t => {
  const unmetOf = async (command: (admin: RemoteEmulator, url: string) => Promise<unknown>): Promise<string[]> => {
    const { emulator, answer } = await openWatched({ clock: 'frozen:2020-06-16T12:00:00Z' })
    const { watch } = await answer()
    try {
      await command(connect(emulator.url), emulator.url)
      return observe(watch).unmet.map(({ account, says }) => `${account ?? 'the world'}: ${says.replace(/;.*/, '')}`)
    } finally {
      await emulator.stop()
    }
  }
  const hang = { kind: 'hang', endpoint: 'create-project' } as const
  const fault = 'the fault hang (before, create-project) met no request'
  const clock = 'the clock was set to frozen:2020-06-17T12:00:00Z, and neither a request nor a billing event came by it'
  const cases: Array<[string, Parameters<typeof unmetOf>[0], string[]]> = [
    ['nothing', async () => {}, []],
    ['nothing after a reset', async admin => { await admin.reset() }, []],
    ['a fault of all accounts', async admin => { await admin.fail(hang) }, [`the world: ${fault}`]],
    ['the world\'s clock, until a reset', async admin => {
      await admin.clock.advance('P1D')
      await admin.reset()
    }, [`the world: ${clock}`]],
    ['what an account had when it was removed', async admin => {
      const account = await admin.createAccount({ name: 'mine', clock: { mode: 'frozen', at: '2020-06-17T12:00:00Z' } })
      await account.fail(hang)
      await account.remove()
    }, [`mine: ${fault}`, `mine: ${clock}`]],
    ['what an account had when the world was reset, once', async admin => {
      for (let test = 1; test <= 2; test++) {
        await (await admin.createAccount({ name: 'mine' })).fail(hang)
        await admin.reset()
      }
    }, [`mine: ${fault}`]],
    ['not what was met before its account was removed', async (admin, url) => {
      const account = await admin.createAccount({ clock: { mode: 'frozen', at: '2020-06-17T12:00:00Z' } })
      await post(`${url}${CHANGE_BILLING}`, { token: account.token })
      await account.remove()
    }, []],
    ['not what a dry run would have removed', async (admin, url) => {
      await admin.fail({ ...hang, endpoint: 'change-billing', kind: 'api_refusal' })
      await post(`${url}/__admin/reset?dry_run=true`)
      await post(`${url}${CHANGE_BILLING}`, SAMPLE)
    }, []]
  ]
  for (const [name, command, unmet] of cases) t.same(await unmetOf(command), unmet, name)
})

t.test('a charge counts once, however often accounts that have it are copied, loaded and brought back', async t => {
  const { emulator, answer } = await openWatched({ clock: 'frozen:2020-06-16T12:00:00Z' })
  t.teardown(emulator.stop)
  const { watch } = await answer()
  const admin = connect(emulator.url)
  const charges = (): number => watch.books().flatMap(books => books.charges).length
  await post(`${emulator.url}${CHANGE_BILLING}`, SAMPLE)
  t.equal(charges(), 1)
  await admin.load(await admin.state())
  await admin.undo()
  await (await admin.createAccount({ copy_of: 'demo', name: 'copy' })).remove()
  const back = await admin.undo()
  const away = await admin.undo(back.redo!)
  await admin.undo(away.redo!)
  t.equal(charges(), 1)
  await (await admin.account('copy')).clock.advance('P40D')
  t.equal(charges(), 2, 'a renewal of the copy is one more')
  await admin.reset()
  t.equal(charges(), 2)
})

t.test('a command that resets the world, or asks for what is set in it, is known', async t => {
  const { emulator, answer } = await openWatched({})
  t.teardown(async () => { await emulator.stop() })
  const admin = connect(emulator.url)
  const isKnown = async (command: () => Promise<unknown>): Promise<boolean> => {
    await command()
    return observe(watch).resets
  }
  const { watch } = await answer()
  const account = await admin.createAccount({ name: 'mine' })
  t.notOk(await isKnown(async () => { await Promise.all([account.faults(), account.audit(), account.clearFaults()]) }), 'not one that asks for what an account has')
  t.ok(await isKnown(async () => { await admin.audit() }))
})

t.test('an audit takes the choices of a sweep for met, and no others', async t => {
  const { emulator, answer } = await openWatched({ assume: { 'same-plan': 'charge-again', 'month-length': '30-days' } }, undefined, { choices: ['same-plan'] })
  t.teardown(async () => { await emulator.stop() })
  await answer()
  const admin = connect(emulator.url)
  for (const reset of [async () => {}, async () => { await admin.reset() }]) {
    await reset()
    t.same((await admin.audit({ strict: true })).violations.map(({ says }) => says.split(' ')[0]), ['month-length=30-days'])
  }
})

t.test('of what is removed without being met, so much is kept', async t => {
  const { emulator, answer } = await openWatched({ assume: { 'same-plan': 'charge-again' }, scenario: { accounts: [], faults: [{ kind: 'hang' }] } })
  t.teardown(async () => { await emulator.stop() })
  const { watch } = await answer()
  t.same(watch.unmet(), [], 'nothing of what the emulator was started with')
  const admin = connect(emulator.url)
  const faults = Array.from({ length: MAX_UNMET - 1 }, (_, index) => ({ kind: 'hang' as const, project_id: index + 1 }))
  const named = (name: string) => ({ accounts: [{ name }], faults: faults.map(fault => ({ ...fault, account: name })) })
  await admin.load(named('one'))
  await admin.load(named('two'))
  await admin.load({})
  t.equal(watch.unmet().length, MAX_UNMET)
})
