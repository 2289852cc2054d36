import t from 'tap'
import { replay, startEmulator } from '../../src/index.js'
import { buyPlans, post, savedCase } from '../support/saved-case.js'

t.test('a program saves cases of the world and of an account, and replays them', async t => {
  await using emulator = await startEmulator()
  const account = await emulator.createAccount({ balance: '20', projects: [{ project_id: 1 }] })
  await buyPlans(account, emulator)
  await post(emulator.url, 'get-projects', { token: 'unknown' })
  const [world, own] = [await emulator.case(), await account.case()]
  t.match([world.account, own.account], [null, account.name])
  t.strictSame(await replay(world), { equal: true, requests: 5, skipped: 0, differences: [] })
  t.match(await replay(own, { realTime: true }), { equal: true, requests: 4 })
  t.match((await replay({ ...world, seed: 2, end: world.start })).differences.at(-1), { step: null })
})

t.test('a program begins a case with a request', async t => {
  await using emulator = await startEmulator()
  const account = await emulator.createAccount({ balance: '20', projects: [{ project_id: 1 }] })
  await buyPlans(account, emulator)
  const requests = await account.requests.list()
  const from = requests[2]!.id
  for (const saved of [await emulator.case({ from }), await account.case({ from })]) {
    t.match(saved.timeline[0], { step: 'request', request: { id: from } })
    t.match(await replay(saved), { equal: true, requests: requests.length - 2 })
  }
})

t.test('a program replays a case against a server', async t => {
  const saved = await savedCase(buyPlans)
  await using emulator = await startEmulator({ adminToken: 'let-me-in' })
  t.match(await replay(saved, { against: `${emulator.url}/`, adminToken: 'let-me-in', timeout: 60_000 }), { equal: true, requests: 4 })
})

t.test('what is wrong rejects with a Problem', async t => {
  const saved = await savedCase(async () => {})
  const wrong = async (message: string | RegExp, ...given: Parameters<typeof replay>): Promise<void> => { await t.rejects(replay(...given), { name: 'Problem', message }) }
  await wrong(/^the case is wrong at \/timeline\/0: /, { ...saved, timeline: [{ step: 'x' } as never] })
  await wrong('the case can\'t be replayed: its beginning is lost', { ...saved, incomplete: 'its beginning is lost' })
  await wrong('the option tokens is wrong: it needs against, the server that it is for', saved, { tokens: {} })
  await wrong('there is no option realtime; did you mean realTime?', saved, { realtime: true } as never)
  await wrong('the option tokens is wrong at /demo: found 1, expected a token', saved, { tokens: { demo: 1 } } as never)
  await wrong('the option timeout is wrong: found "1s", expected milliseconds, a whole number from 1 to 86400000', saved, { timeout: '1s' } as never)
  await wrong('the option realTime is wrong: delays of a server that a case is replayed against take their time', saved, { realTime: true, against: 'http://127.0.0.1:1' })
  await wrong('"localhost:1" is no URL of a server, such as http://127.0.0.1:4290', saved, { against: 'localhost:1' })
  await wrong('"http://[" is no URL of a server, such as http://127.0.0.1:4290', saved, { against: 'http://[' })
  await wrong('http://127.0.0.1:1 can\'t be reached (ECONNREFUSED)', saved, { against: 'http://127.0.0.1:1', tokens: { 'demo-1': 'x' } })
})
