import t, { type Test } from 'tap'
import { readCase } from '../../src/case/read.js'
import { connect } from '../../src/client/connect.js'
import type { Case, CaseControlCall, CaseEvents } from '../../src/contract/case.js'
import type { Scenario } from '../../src/contract/scenario.js'
import { isRequest } from '../../src/replay/compare.js'
import { cut, replay } from '../../src/server/replay.js'
import { start } from '../../src/server/start.js'
import { CHANGE_BILLING } from '../support/emulator.js'
import { overtaken } from '../support/overtaken.js'

const emulator = await start({ clock: 'frozen:2020-06-16T12:00:00Z', faults: [{ kind: 'http_error', account: 'demo', skip: 1 }] })
const admin = connect(emulator.url)
t.teardown(() => emulator.stop())

/** Calls the control API, and gives the status and the body. */
async function call (method: string, path: string, body?: unknown): Promise<{ readonly status: number, readonly body: unknown }> {
  const response = await fetch(`${emulator.url}/__admin${path}`, { method, ...body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } })
  return { status: response.status, body: response.status === 204 ? null : await response.json() }
}

/** An account with a project, and a function that buys it a plan. */
async function shop () {
  const account = await admin.createAccount({ balance: '100', projects: [{ project_id: 1 }] })
  return {
    account,
    async buy (planId: number): Promise<void> {
      const body = JSON.stringify({ token: account.token, project_id: 1, service: 1, plan_id: planId })
      await fetch(emulator.url + CHANGE_BILLING, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).catch(() => {})
    }
  }
}

/** Cuts a case at its n-th request, in a file and back, and looks whether what is left replays equal. */
async function rest (t: Test, saved: Case, nth: number): Promise<Case> {
  const { request: { id } } = saved.timeline.filter(isRequest).at(nth)!
  const short = readCase(JSON.parse(JSON.stringify(await cut(saved, id))))
  t.match(await replay(short), { equal: true, differences: [] }, 'it replays equal')
  t.match(await cut(short, id), short, 'and begins there already')
  return short
}

t.test('a case that is cut begins with the world as it was, and ends as before', async t => {
  const { account, buy } = await shop()
  for (const plan of [2, 3, 4]) await buy(plan)
  const saved = await account.case()
  const short = await rest(t, saved, 1)
  t.strictSame(short.timeline, saved.timeline.filter(isRequest).slice(1))
  t.strictSame(short.end, saved.end)
  t.match(short.start.scenario.accounts, [{ name: account.name, token: `token-of-${account.name}`, balance: '95', projects: [{ subscriptions: [{ plan_id: 2 }] }] }])
  t.equal(short.start.scenario.accounts![0]!.ledger!.length, 2)
})

t.test('a case that is cut at its beginning stays what it is', async t => {
  const { account, buy } = await shop()
  await buy(2)
  const saved = await account.case()
  const first = { ...saved, start: { ...saved.start, scenario: (await rest(t, saved, 0)).start.scenario }, timeline: saved.timeline.slice(-1) }
  t.equal(await cut(first, first.timeline.find(isRequest)!.request.id), first)
})

t.test('a retry of what was charged before is still told of that', async t => {
  const { account, buy } = await shop()
  await account.settings.change({ assumptions: { 'same-plan': 'charge-again' } })
  for (const plan of [3, 2, 2]) await buy(plan)
  const short = await rest(t, await account.case(), 2)
  t.strictSame(short.start.scenario.requests?.map(({ request: { body } }) => (body as { plan_id: number }).plan_id), [2])
  t.match(short.timeline, [{ request: { lint: [{ name: 'charged-retry' }] } }])
  await account.requests.clear()
  await buy(2)
  t.equal((await rest(t, await account.case(), 3)).start.scenario.requests, undefined, 'but not of one that was removed from the journal')
})

t.test('faults that were set before keep their ids and their progress', async t => {
  const { account, buy } = await shop()
  const { id: used } = await account.fail({ kind: 'http_error', times: 1 })
  const { id: kept } = await account.fail({ kind: 'http_error', skip: 1, times: 2 })
  for (const plan of [2, 2, 2]) await buy(plan)
  await call('DELETE', `/accounts/${account.name}/faults/${used}`)
  await buy(3)
  const short = await rest(t, await account.case(), 2)
  t.strictSame(short.start.faults, [used, kept])
  t.match(short.start.scenario.faults, [{ matched: 2, triggered: 1 }, { matched: 1, triggered: 0 }])
  t.match(short.timeline, [{ request: { fault: { id: kept, matched: 1 } } }, { path: /faults/ }, { request: { fault: { id: kept } } }])
})

t.test('so do those that the world began with', async t => {
  const demo = await admin.account('demo')
  for (let count = 0; count < 3; count++) {
    await fetch(emulator.url + CHANGE_BILLING, { method: 'POST', headers: { 'content-type': 'application/json' }, body: `{"token":"132321343dsfsdf","plan_id":${count}}` })
  }
  const short = await rest(t, await demo.case(), 2)
  t.match(short.start, { faults: ['fault-1'], scenario: { faults: [{ matched: 2, triggered: 1 }] } })
})

t.test('a case begins earlier where what follows needs that', async t => {
  t.test('with the step before which a delayed request had arrived', async t => {
    const saved = await overtaken(async times => {
      const { account, buy } = await shop()
      await account.fail({ kind: 'delay', when: 'before', times: 1, delay: { fixed: 100 * times } })
      const slow = buy(2)
      while ((await account.faults())[0]!.triggered === 0) await new Promise(setImmediate)
      await buy(3)
      await account.wallet.credit('1')
      await slow
      const saved = await account.case()
      return saved.timeline.at(-1)!.step === 'request' ? saved : undefined
    })
    const short = await rest(t, saved, 1)
    t.equal(short.timeline.length, 3)
    t.match(short.timeline.at(-1), { step: 'request', arrived: { before: 0 } })
  })

  t.test('with the step whose snapshot an undo restores', async t => {
    const { account, buy } = await shop()
    await buy(2)
    await account.reset()
    await buy(3)
    await account.undo()
    await buy(4)
    const saved = await account.case()
    const short = await rest(t, saved, 1)
    t.match(short.timeline[0], { step: 'control', path: /reset/ } satisfies object)
    t.equal((await rest(t, saved, 2)).timeline.length, 1)
  })
})

t.test('what a loaded world shows of a request, without its token, is repeated by no later one', async t => {
  const { account, buy } = await shop()
  await buy(2)
  await admin.load(await call('GET', '/state?requests=true').then(({ body }) => body as Scenario))
  await buy(3)
  await buy(2)
  const short = await rest(t, await account.case(), 1)
  t.equal(short.start.scenario.requests, undefined)
})

t.test('what can\'t be cut is told', async t => {
  const { account, buy } = await shop()
  for (const plan of [2, 3]) await buy(plan)
  const saved = await account.case()
  const { request: { id } } = saved.timeline.findLast(isRequest)!
  await t.rejects(cut({ ...saved, incomplete: 'gone' }, id), { message: 'the case can\'t be replayed: gone', status: 409 })
  const wrong = saved.timeline.map(step => isRequest(step) ? { ...step, request: { ...step.request, charged: false } } : step)
  await t.rejects(cut({ ...saved, timeline: wrong }, id), { message: /^the case can't be cut: its replay differs before that, first at step \d+, \/charged$/, status: 409 })
  const refused: CaseControlCall = { step: 'control', at: saved.start.at, emulated_at: saved.start.at, account: null, method: 'POST', path: '/accounts/nobody/reset' }
  await t.rejects(cut({ ...saved, timeline: [refused, ...saved.timeline] }, id), { message: /first at step 1, $/ })
  const looks = ['nobody', account.name].map((name): CaseEvents => ({ step: 'events', at: saved.start.at, account: name, events: [], total: 0 }))
  t.equal((await cut({ ...saved, timeline: [...looks, ...saved.timeline] }, id)).timeline.length, 1, 'a look at what is not there brings nothing')
  t.match(await call('GET', `/case?account=nobody&from=${id}`), { status: 404, body: { detail: /nobody/ } })
  t.match(await call('GET', `/case?account=${account.name}&from=9-9`), {
    status: 404,
    body: { detail: 'the case has no request "9-9"', advice: 'expected the id of one of its own: not of another account\'s, nor of one that came with a saved world' }
  })
})

t.test('the control API cuts its own cases and those that were saved, and does not note that', async t => {
  const { account, buy } = await shop()
  for (const plan of [2, 3]) await buy(plan)
  const saved = await account.case()
  const { request: { id } } = saved.timeline.findLast(isRequest)!
  const [own, given] = [await call('GET', `/case?account=${account.name}&from=${id}`), await call('POST', `/case?from=${id}`, saved)]
  for (const { status, body } of [own, given]) {
    t.equal(status, 200)
    t.match(readCase(body).timeline, [{ request: { id } }])
  }
  t.match(await call('POST', `/case?from=${id}`, { ...saved, case: 2 }), { status: 400, body: { errors: [{ pointer: '/case' }] } })
  t.match(await call('POST', '/case', saved), { status: 400, body: { errors: [{ pointer: '/from' }] } })
  t.equal((await account.case()).timeline.length, saved.timeline.length)
})

// The last one: from here on, every case has all accounts in it.
t.test('a case that others are in, for a fault of all that is over, keeps them', async t => {
  const [one, other] = [await shop(), await shop()]
  const { id } = await admin.fail({ kind: 'http_error', times: 1 })
  for (const { buy } of [one, other]) await buy(2)
  await call('DELETE', `/faults/${id}`)
  for (const { buy } of [one, other, one]) await buy(3)
  const short = await rest(t, await one.account.case(), -2)
  t.strictSame(short.timeline.filter(isRequest).map(({ request: { account } }) => account), [other, one].map(({ account: { name } }) => name))
})
