import t, { type Test } from 'tap'
import type { InProcess } from '../../src/server/in-process.js'
import { start } from '../../src/server/start.js'
import { CHANGE_BILLING } from '../support/emulator.js'
import { listenTo } from '../support/events.js'
import { until } from '../support/until.js'

const OPTIONS = { port: 0, logLevel: 'silent', clock: 'frozen:2020-06-16T12:00:00Z', adminToken: 'open sesame' } as const
const OWN = { authorization: 'Bearer open sesame', 'x-requested-with': 'test' }
const JSON_BODY = { ...OWN, 'content-type': 'application/json' }

type Call = readonly [name: string, status: number, method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>]

/** Calls one after the other. Each finds what those before it have left. */
const CALLS: readonly Call[] = [
  ['an account is created', 201, 'POST', '/accounts', { name: 'mine', balance: '100', projects: [{ project_id: 1 }] }],
  ['two with names and tokens of the emulator\'s', 201, 'POST', '/accounts', [{}, { balance: '1' }]],
  ['with no body but its type', 201, 'POST', '/accounts', ''],
  ['a name that is taken', 409, 'POST', '/accounts', { name: 'mine' }],
  ['a field that is wrong', 400, 'POST', '/accounts', { balance: '5.0001' }],
  ['a body that is no JSON', 400, 'POST', '/accounts', '{"name":'],
  ['a body of another type', 415, 'POST', '/accounts', '{}', { ...OWN, 'content-type': 'text/plain' }],
  ['a body that is too large', 413, 'POST', '/accounts/mine/wallet', `{"credit":"${'1'.repeat(1_100_000)}"}`],
  ['a name that is not ASCII', 201, 'POST', '/accounts', { name: 'Müller \u{1F600}/ %' }],
  ['that account', 200, 'GET', `/accounts/${encodeURIComponent('Müller \u{1F600}/ %')}`],
  ['a wallet', 200, 'POST', '/accounts/mine/wallet', { credit: '0.001' }],
  ['a wallet of no account', 404, 'GET', '/accounts/mien/wallet'],
  ['a project', 200, 'PUT', '/accounts/mine/projects/2', { project_name: 'two', subscriptions: [{ service: 1, plan_id: 2 }] }],
  ['a fault', 201, 'POST', '/accounts/mine/faults', { kind: 'hang', plan_id: 9 }],
  ['a dry run of a clock', 200, 'POST', '/accounts/mine/clock/advance?dry_run=true', { by: 'P2M' }],
  ['a dry run of a removal', 200, 'DELETE', '/accounts/mine?dry_run=true'],
  ['a clock', 200, 'POST', '/accounts/mine/clock/advance', { by: 'P2M' }],
  ['settings', 200, 'PATCH', '/accounts/mine/settings', { strict: true }],
  ['a path that there is not', 404, 'GET', '/nothing'],
  ['a path that can\'t be decoded', 404, 'GET', '/%zz'],
  ['a method that there is not', 405, 'DELETE', '/state'],
  ['a wait in vain', 409, 'GET', '/requests/wait?timeout=1ms'],
  ['a wait for what there is', 200, 'GET', '/requests/wait?count=0&timeout=1ms'],
  ['requests', 200, 'GET', '/requests'],
  ['a summary', 200, 'GET', '/accounts/mine/summary'],
  ['a removal', 204, 'DELETE', '/accounts/mine'],
  ['an undo', 200, 'POST', '/undo', { account: 'mine' }],
  ['what there is to undo', 200, 'GET', '/snapshots'],
  ['the world', 200, 'GET', '/state'],
  ['no token', 401, 'GET', '/state', undefined, {}],
  ['a wrong token', 401, 'DELETE', '/accounts/mine', undefined, { authorization: 'Bearer sesame' }],
  ['health, which needs none', 200, 'GET', '/health', undefined, {}],
  ['another site', 403, 'DELETE', '/accounts/mine', undefined, { ...OWN, 'sec-fetch-site': 'cross-site' }],
  ['the timeline of all that', 200, 'GET', '/case']
]

async function emulate (t: Test) {
  const emulator = await start(OPTIONS)
  t.teardown(emulator.stop)
  return emulator
}

async function answerOf (fetch: InProcess['fetch'], url: string, [name, , method, path, body, headers]: Call) {
  const response = await fetch(`${url}/__admin${path}`, {
    method,
    headers: headers ?? (body === undefined ? OWN : JSON_BODY),
    ...body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }
  })
  return { name, status: response.status, ok: response.ok, text: alike(await response.text(), url) }
}

/** An answer without what differs from one emulator to another: the machine's time, the address, and how long a thing takes. */
function alike (text: string, url: string): string {
  const year = new Date().getUTCFullYear()
  return text.replaceAll(new RegExp(`${year}-[-\\dT:.]+Z`, 'g'), 'NOW').replaceAll(new URL(url).host, 'HOST').replace(/"(uptime\w*|[a-z_]*bytes)":[\d.]+/g, '"$1":N')
}

t.test('a call without a socket does what the same does over HTTP: answers, refusals, dry runs, events and timeline', async t => {
  const [local, remote] = [await emulate(t), await emulate(t)]
  const heard = await Promise.all([local, remote].map(async ({ url }) => await listenTo(t, url, '', OWN)))
  for (const call of CALLS) {
    const [name, status] = call
    const here = await answerOf(local.fetch, local.url, call)
    t.equal(here.status, status, name)
    t.strictSame(here, await answerOf(fetch, remote.url, call), name)
  }
  const events = () => heard.map(({ events }, index) => events().map(event => alike(JSON.stringify(event), [local, remote][index]!.url)))
  await until(() => new Set(events().map(({ length }) => length)).size === 1 && events()[0]!.length > 5)
  const [mine, theirs] = events()
  t.strictSame(mine, theirs)
})

t.test('the guard asks a call in this process for all that it asks of one over the network', async t => {
  const { fetch, url } = await emulate(t)
  const refused = async (headers: Readonly<Record<string, string>>) => {
    const response = await fetch(`${url}/__admin/state`, { method: 'GET', headers })
    return response.status
  }
  t.equal(await refused(OWN), 200)
  t.equal(await refused({ ...OWN, host: 'attacker.example.test' }), 403)
  t.equal(await refused({ ...OWN, origin: 'http://attacker.example.test' }), 403)
  t.equal(await refused({ 'user-agent': 'Mozilla/5.0' }), 401)
})

t.test('a wait without a socket is met by a request, ended by a reset, and ended by a stop, after which calls are refused', async t => {
  const { fetch: call, url, stop } = await emulate(t)
  const waitOf = async (query: string) => await call(`${url}/__admin/requests/wait?timeout=5m&${query}`, { method: 'GET', headers: OWN })
  const met = waitOf('account=demo')
  await fetch(url + CHANGE_BILLING, { method: 'POST', body: '{"token":"132321343dsfsdf","project_id":5786,"service":1,"plan_id":2}' })
  t.match(JSON.parse(await (await met).text()), { total: 1, requests: [{ account: 'demo', api_status: 100 }] })
  const reset = waitOf('count=2')
  await call(`${url}/__admin/reset`, { method: 'POST', headers: OWN })
  t.match([(await reset).status, JSON.parse(await (await reset).text())], [409, { detail: 'the wait was aborted by a reset, an undo, or the end of the emulator' }])
  // One that has begun, and one that has not even reached its route.
  const begun = waitOf('count=3')
  await call(`${url}/__admin/state`, { method: 'GET', headers: OWN })
  const late = waitOf('count=4')
  const stopped = stop()
  t.match(await Promise.all([begun, late]), [{ status: 409 }, { status: 409 }])
  await stopped
  await t.rejects(waitOf('count=5'), { cause: { code: 'ECONNREFUSED' } })
})
