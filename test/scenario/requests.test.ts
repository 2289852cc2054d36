import t, { type Test } from 'tap'
import { connect } from '../../src/client/connect.js'
import type { Scenario } from '../../src/contract/scenario.js'
import { CHANGE_BILLING, emulate, raw, SAMPLE } from '../support/emulator.js'

const FROZEN = { clock: 'frozen:2023-01-20T00:00:00Z' }

/** A world in which something has been asked: granted, refused, struck by a fault, and by nobody. */
async function usedWorld (t: Test) {
  const emulator = await emulate(t, FROZEN)
  const control = connect(emulator.url)
  await control.createAccount({ name: 'other', token: 'another token', balance: '1' })
  await emulator.change({ ...SAMPLE, project_id: '5786' }, { 'content-type': 'text/plain', authorization: 'Bearer something secret' })
  await emulator.change(SAMPLE)
  await emulator.change('no JSON at all')
  await emulator.change({ ...SAMPLE, token: 'another token' })
  await (await control.account('demo')).fail({ kind: 'connection_reset', when: 'after', times: 1 })
  await emulator.change({ ...SAMPLE, plan_id: 3 }).catch(() => {})
  await control.fail({ kind: 'delay', endpoint: 'get-projects' })
  await (await control.account('other')).fail({ kind: 'hang' })
  return { ...emulator, control }
}

t.test('a world is saved with what had been asked, and shows it again where it is loaded', async t => {
  const { ask, control } = await usedWorld(t)
  const before = await control.requests.list()
  const saved = (await ask('/__admin/state?requests=true', {})).body as Scenario
  t.same(saved.requests, before)
  t.equal((await control.state()).requests, undefined, 'only if it is asked for')
  t.notMatch(JSON.stringify(saved.requests), /132321343dsfsdf|another token|something secret/, 'secrets stay out')

  for (const [name, load] of [
    ['put into a running emulator', async () => { const other = await emulate(t); await connect(other.url).load(saved); return other }],
    ['as the scenario that an emulator starts with', async () => await emulate(t, { scenario: saved })]
  ] as const) {
    const other = await load()
    const there = connect(other.url)
    t.same(await there.requests.list(), before, name)
    t.same((await other.ask('/__admin/state?requests=true', {})).body, saved, `${name}: and it can be saved again`)
    t.same((await there.requests.list({ lint: 'near-switch-off' })).length, before.length, `${name}: what was found in them is known`)
    t.equal((await there.requests.wait({ account: 'demo', fault: 'connection_reset' }))[0]!.charged, true)
    await other.change(SAMPLE)
    const ids = (await there.requests.list()).map(({ id }) => id)
    t.equal(new Set(ids).size, ids.length, `${name}: new requests have ids of their own`)
    const booked = (await (await there.account('demo')).ledger()).map(({ request_id: id }) => id).filter(id => id !== null)
    t.equal(new Set(booked).size, booked.length, `${name}: also in the ledger`)
  }
})

t.test('whatever target a client has sent, the world and its case can be loaded again', async t => {
  const { url, ask } = await emulate(t)
  const targets = ['*', `*${CHANGE_BILLING.slice(1)}`, '*a?b', 'ws://x/a', 'http:///a', 'http://[x/a', '/a#b', '/%ff', '//x']
  for (const target of targets) await raw(url, `POST ${target} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`)
  const saved = (await ask('/__admin/state?requests=true', {})).body
  t.equal((saved.requests as unknown[]).length, targets.length)
  const headers = { 'content-type': 'application/json' }
  const replayed = await ask('/__admin/replay', { method: 'POST', headers, body: (await ask('/__admin/case', {})).text })
  t.match(replayed.body, { requests: targets.length, differences: [] })
  t.equal((await ask('/__admin/state', { method: 'PUT', headers, body: JSON.stringify(saved) })).http, 200)
})

t.test('a request is saved as it was sent, and a file from before it was keeps what it has', async t => {
  const { ask, url } = await emulate(t, FROZEN)
  const control = connect(url)
  const bodies = [
    `{"token":"${SAMPLE.token}","project_id":9007199254740993}`, '{"plan_id":1,"plan_id":2}', '{ "plan_id": 1e400 }', '{"token": 735198246571}', '"text"', 'no JSON', '{"note":"x"} '
  ]
  for (const body of bodies) await (await fetch(`${url}${CHANGE_BILLING}`, { method: 'POST', body })).text()
  const { requests } = (await ask('/__admin/state?requests=true', {})).body as Required<Scenario>
  t.same(requests.map(({ request: { body, text } }) => [text, body]), [
    ['{"token":"[redacted]","project_id":9007199254740993}', { token: '[redacted]', project_id: 9007199254740992 }],
    [bodies[1], { plan_id: 2 }], [bodies[2], { plan_id: null }], ['{"token": "[redacted]"}', { token: '[redacted]' }], [bodies[4], 'text'], [bodies[5], 'no JSON'], [bodies[6], { note: 'x' }]
  ])
  const bare = requests.map(entry => ({ ...entry, request: { headers: entry.request.headers, body: entry.request.body } }))
  const broken = requests.map(entry => ({ ...entry, request: { ...entry.request, text: `${entry.request.text}]` } }))
  const dense = requests.map(entry => ({ ...entry, request: { ...entry.request, text: `[${'{},'.repeat(400_000)}{}]` } }))
  await control.load({ requests: dense.map(entry => ({ ...entry, request: { ...entry.request, body: entry.request.text } })) } as unknown as Scenario)
  t.equal(await control.requests.count({ project_id: 1 }), 0, 'as text, it has no fields')
  for (const [given, first] of [[dense, '{"token":"[redacted]","project_id":9007199254740992}'], [requests, requests[0]!.request.text], [bare, '{"token":"[redacted]","project_id":9007199254740992}'], [broken, '{"token":"[redacted]","project_id":9007199254740992}']] as const) {
    await control.load({ requests: given } as unknown as Scenario)
    const loaded = await control.requests.list()
    t.equal(loaded[0]!.request.text, first)
    t.same(loaded[0]!.request.body, { token: '[redacted]', project_id: 9007199254740992 })
  }
})

t.test('the state of a request is saved; one that was under way is cut, and a file from before there were states tells it by the response', async t => {
  const { ask, control } = await usedWorld(t)
  const saved = (await ask('/__admin/state?requests=true', {})).body as unknown as Required<Scenario>
  t.same(saved.requests.map(({ state }) => state), ['answered', 'answered', 'answered', 'answered', 'cut'])
  const [first, last] = [saved.requests[0]!, saved.requests.at(-1)!]
  const loaded = async (...requests: object[]): Promise<string[]> => {
    await control.load({ ...saved, requests: requests.map((request, index) => ({ ...request, id: `1-${index}` })) } as unknown as Scenario)
    return (await control.requests.list()).map(({ state }) => state)
  }
  t.same(await loaded(...['under-way', 'answered', 'client-gone', 'cut'].map(state => ({ ...first, state }))), ['cut', 'answered', 'client-gone', 'cut'])
  t.same(await loaded({ ...first, state: undefined }, { ...last, state: undefined }), ['answered', 'cut'])
})

t.test('an account is saved alone, with its requests and the faults that it meets', async t => {
  const { ask, control } = await usedWorld(t)
  const saved = (await ask('/__admin/accounts/demo/state', {})).body as Required<Scenario>
  t.same(saved.accounts.map(({ name }) => name), ['demo'])
  t.equal(saved.accounts[0]!.ledger!.length, 3)
  t.same(saved.requests, await control.requests.list({ account: 'demo' }))
  t.same(saved.faults.map(({ kind }) => kind), ['connection_reset', 'delay'], 'not those of another account')
  t.same(saved.clock, { mode: 'frozen', at: '2023-01-20T00:00:00Z' })

  const other = await emulate(t, { scenario: saved })
  t.same((await other.ask('/__admin/accounts/demo/state', {})).body, saved)
  t.equal((await other.ask('/__admin/accounts/nobody/state', {})).http, 404)
})

t.test('a request that the journal can\'t have shown is refused, and nothing changes', async t => {
  const { ask, control } = await usedWorld(t)
  const saved = (await ask('/__admin/state?requests=true', {})).body as { requests: object[] }
  const first = saved.requests[0]!
  const cases: Array<[object, string]> = [
    [{ ...first, id: undefined }, '/requests/0/id'],
    [{ ...first, at: 'now' }, '/requests/0/at'],
    [{ ...first, emulated_at: '2023-02-30' }, '/requests/0/emulated_at'],
    [{ ...first, endpoint: 'change-biling' }, '/requests/0/endpoint'],
    [{ ...first, rule: 'no-such-rule' }, '/requests/0/rule'],
    [{ ...first, assumptions: ['none'] }, '/requests/0/assumptions/0'],
    [{ ...first, response: { http_status: 99, headers: {}, body: '' } }, '/requests/0/response/http_status'],
    [{ ...first, request: { headers: { accept: 1 }, body: '' } }, '/requests/0/request/headers/accept'],
    [{ ...first, request: { headers: { accept: 'a'.repeat(131_073) }, body: '' } }, '/requests/0/request/headers/accept'],
    [{ ...first, request: { headers: Object.fromEntries(Array.from({ length: 16_385 }, (_none, index) => [`x${index}`, ''])), body: '' } }, '/requests/0/request/headers'],
    [{ ...first, request: { headers: {}, body: '', text: 'a'.repeat(8_388_609) } }, '/requests/0/request/text'],
    [{ ...first, state: 'gone' }, '/requests/0/state'],
    [{ ...first, duration_ms: -1 }, '/requests/0/duration_ms'],
    [{ ...first, more: true }, '/requests/0/more']
  ]
  const before = await control.state()
  for (const [request, pointer] of cases) {
    const answer = await ask('/__admin/state', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...saved, requests: [request] }) })
    t.equal(answer.http, 400, pointer)
    t.equal((answer.body.errors as Array<{ pointer: string }>)[0]!.pointer, pointer)
  }
  const twice = await ask('/__admin/state', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...saved, requests: [first, first] }) })
  t.match(twice.body.errors, [{ pointer: '/requests/1/id', expected: 'a value used only once' }])
  t.same(await control.state(), before)
})

t.test('a header of a request that was loaded is one line, as all that come over HTTP are', async t => {
  const { ask } = await usedWorld(t)
  const saved = (await ask('/__admin/state?requests=true', {})).body as { requests: Array<{ request: { body: unknown } }> }
  const first = saved.requests[0]!
  const headers = { 'X-Note': 'two\r\n\nlines', accept: '*/*' }
  const requests = [{ ...first, request: { ...first.request, headers } }]
  t.equal((await ask('/__admin/state', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...saved, requests }) })).http, 200)
  t.match((await ask('/__admin/requests', {})).body, { requests: [{ request: { headers: { 'x-note': 'two lines', accept: '*/*' } } }] })
})

t.test('the bundled scenarios are listed and shown, and can be loaded', async t => {
  const { ask } = await emulate(t)
  t.same((await ask('/__admin/scenarios', {})).body, { scenarios: ['default', 'edge-cases'] })
  const { body } = await ask('/__admin/scenarios/edge-cases', {})
  t.equal((await ask('/__admin/state', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).http, 200)
  t.match((await ask('/__admin/scenarios/edgecases', {})).body, { status: 400, errors: [{ pointer: '/name', expected: 'one of default, edge-cases' }] })
})

t.test('a world that is saved without any request says so by an empty list', async t => {
  const { ask } = await emulate(t)
  t.same((await ask('/__admin/state?requests=true', {})).body.requests, [])
  t.same((await ask('/__admin/state?requests=false', {})).body.requests, undefined)
  t.equal((await ask('/__admin/state?requests=yes', {})).http, 400)
})

t.test('a saved request is refused if its method, its path or the name of a header can not have come over HTTP', async t => {
  const { ask, control } = await usedWorld(t)
  const { requests: [request], ...world } = (await ask('/__admin/state?requests=true', {})).body as unknown as Scenario & { requests: Array<Record<string, unknown>> }
  const wrong: ReadonlyArray<readonly [change: object, pointer: string]> = [
    ...['', 'GET;id', 'GET /', '$(id)', 'a\u0003'].map(method => [{ method }, '/requests/0/method'] as const),
    ...['', '@evil.example/', 'evil', '.evil.example', '/a b', '/\u001b[2J', '/\n', '*x'].map(path => [{ path }, '/requests/0/path'] as const),
    ...['@file', 'a b', 'a:', ''].map(name => [{ request: { headers: { [name]: 'x' }, body: '' } }, `/requests/0/request/headers/${name}`] as const)
  ]
  for (const [change, pointer] of wrong) {
    const { http, body } = await ask('/__admin/state', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...world, requests: [{ ...request, ...change }] }) })
    t.match({ http, body }, { http: 400, body: { errors: [{ pointer }] } }, JSON.stringify(change))
  }
  for (const path of ['*', 'http://example.com/a', '//a', '/é%20?x=[redacted]']) {
    await control.load({ ...world, requests: [{ ...request, path }] } as unknown as Scenario)
    t.equal((await control.requests.list())[0]!.path, path)
  }
})
