import t from 'tap'
import { readCase } from '../../src/case/read.js'
import type { Case } from '../../src/contract/case.js'
import { replay } from '../../src/server/replay.js'
import { start } from '../../src/server/start.js'
import { CHANGE_BILLING, SAMPLE_REQUEST } from '../support/emulator.js'

/** Case of one request, whose parts a test replaces by what no emulator has saved. */
async function sample (): Promise<Case> {
  const emulator = await start({ clock: 'frozen:2020-06-16T12:00:00Z' })
  try {
    await (await fetch(emulator.url + CHANGE_BILLING, { method: 'POST', body: SAMPLE_REQUEST })).text()
    return await (await fetch(`${emulator.url}/__admin/case`)).json() as Case
  } finally {
    await emulator.stop()
  }
}

const SAMPLE = JSON.stringify(await sample())

/** Reads a case that was changed by hand, as whoever is sent one would. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- Anything may be wrong in it.
function changed (change: (saved: any) => void): Case {
  const saved: unknown = JSON.parse(SAMPLE)
  change(saved)
  return readCase(saved)
}

const control = (method: string, path: string, more: object = {}): object => {
  const { at } = (JSON.parse(SAMPLE) as Case).end
  return { step: 'control', at, emulated_at: at, account: null, method, path, ...more }
}

t.test('a replay of a case from a stranger comes to an end', async t => {
  t.match(await replay(changed(() => {})), { equal: true }, 'the sample itself is replayed')

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- The same.
  const request = (change: (request: any) => void) => changed(({ timeline: [step] }) => { change(step.request) })
  const cases: Array<[what: string, saved: Case]> = [
    ['under a fault that leaves a request without an answer, of which it says nothing', changed(({ start }) => { start.scenario.faults = [{ kind: 'hang' }] })],
    ['under a delay of which it says nothing', changed(({ start }) => { start.scenario.faults = [{ kind: 'delay', delay: { fixed: 600_000 } }] })],
    ['with a length that no body has', request(({ request }) => { Object.assign(request, { text: '', headers: { 'Content-Length': '1000' } }) })],
    ['with two lengths', request(({ request }) => { request.headers = { 'Transfer-Encoding': 'chunked', Expect: '100-continue', Connection: 'Upgrade', Upgrade: 'x' } })],
    ['with a header of two lines', request(({ request }) => { request.headers = { 'x-a': 'b\r\nhost: evil.example' } })],
    ['with a header that has no bytes', request(({ request }) => { request.headers = { 'x-a': '\u{1f600}' } })],
    ['with CONNECT', request(entry => { Object.assign(entry, { method: 'CONNECT', path: '/x' }) })],
    ['with a method that none has', request(entry => { entry.method = 'DANCE' })]
  ]
  for (const [what, saved] of cases) t.match(await replay(saved), { equal: false, differences: [{ step: 0 }] }, what)
})

t.test('a look at an account that the world has not got brings nothing', async t => {
  for (const account of ['demo', 'nobody']) {
    t.match(await replay(changed(({ timeline, start: { at } }) => { timeline.unshift({ step: 'events', at, account, events: [], total: 1 }) })), { equal: true }, account)
  }
})

t.test('requests that are all said to have arrived at the beginning are decided in their order', async t => {
  const saved = changed(({ timeline, start }) => {
    const [step] = timeline
    Object.assign(timeline, [1, 2, 3].map(number => ({ ...step, arrived: { before: 0, at: start.at }, request: { ...step.request, id: `1-${number}` } })))
  })
  t.match(await replay(saved), { equal: false, requests: 3 })
})

t.test('a call of a case reaches the control API of its replay, and nothing else', async t => {
  for (const path of ['/../app/api/v2/pm/change-billing', '/accounts/%2e%2e/%2E./../x', '/..\\..\\x', '/..', '/faults/%zz']) {
    t.throws(() => changed(({ timeline }) => { timeline.push(control('POST', path)) }), /\/timeline\/1\/path: found .*, expected a path below the control API's/, path)
  }
  t.doesNotThrow(() => changed(({ timeline }) => { timeline.push(control('POST', '/accounts/a..b/reset?x=%zz')) }))
  const calls = [
    control('DELETE', '/requests', { fault: 'none', snapshot: 'none' }),
    control('POST', '/faults', { body: { kind: 'delay' }, fault: 'mine', snapshot: 'none' }),
    control('DELETE', '/faults/mine')
  ]
  t.match(await replay(changed(({ timeline }) => { timeline.push(...calls) })), { equal: true }, 'ids that it does not give are not waited for')
  t.match(await replay(changed(({ timeline }) => { timeline.push(control('POST', '/replay', { body: JSON.parse(SAMPLE) })) })), { differences: [{ step: 1 }] }, 'no replay within a replay')
})

t.test('paths of a case are checked as those of the options are', async t => {
  const at = (paths: object) => () => changed(saved => { saved.paths = paths })
  t.throws(at({ 'set-webhook': '/:any' }), /\/paths\/set-webhook/)
  t.throws(at({ 'set-webhook': '/(a+)+b' }), /\/paths\/set-webhook/)
  t.throws(at({ 'change-billing': '/x' }), /found "change-billing", expected one of /)
  t.throws(at({ 'set-webhook': '/pm/change-billing' }), /found "\/pm\/change-billing", expected a path that no other endpoint has/)
  t.doesNotThrow(at({ 'set-webhook': null }))
})

t.test('the memory of a replay follows the size of its case, not what it asks for', async t => {
  const body = 'x'.repeat(65_536)
  const saved = changed(({ start, timeline }) => {
    start.scenario.faults = [{ kind: 'http_error', body }]
    const [step] = timeline
    for (let number = 2; number <= 600; number++) timeline.push({ ...step, request: { ...step.request, id: `1-${number}`, state: 'client-gone' } })
  })
  const { differences } = await replay(saved)
  t.match(differences.find(({ found }) => found === undefined && true), { pointer: '' }, 'the first answers are no longer kept')
})

t.test('a replay ends where no more differences are listed', async t => {
  const saved = changed(({ timeline }) => {
    const [step] = timeline
    for (let number = 2; number <= 300; number++) timeline.push({ ...step, request: { ...step.request, id: `1-${number}`, response: { ...step.request.response, http_status: 201 } } })
    timeline.push(control('POST', '/accounts/nobody/reset'))
  })
  const { differences } = await replay(saved)
  t.equal(differences.length, 100)
  t.ok(differences.every(({ step }) => step !== null && step < 110), 'the first ones are told')
})
