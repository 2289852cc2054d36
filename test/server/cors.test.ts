import t, { type Test } from 'tap'
import { connect } from '../../src/client/connect.js'
import type { JournalEntry } from '../../src/contract/journal-entry.js'
import type { ScenarioFault } from '../../src/contract/scenario.js'
import { CHANGE_BILLING, emulate, SAMPLE_REQUEST } from '../support/emulator.js'
import { send, type Received } from '../support/http.js'

const SHOP = 'http://localhost:5173'
const PREFLIGHT = { origin: SHOP, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,x-trace' }

function corsOf ({ http, headers }: Received) {
  const granted = Object.entries(headers).filter(([name]) => name.startsWith('access-control-') || name === 'vary')
  return { http, ...Object.fromEntries(granted) }
}

async function browsable (t: Test, cors?: string | string[]) {
  const emulator = await emulate(t, { ...cors !== undefined && { cors } })
  const ask = (method: string, path: string, headers: Record<string, string>, body?: string) => send(emulator.url, { method, path, headers, body })
  const journal = async () => ((await emulator.ask('/__admin/requests', {})).body.requests as JournalEntry[])
    .map(({ id, method }) => [id, method])
  return { ...emulator, askFor: ask, journal }
}

const READABLE = {
  'access-control-allow-credentials': 'true',
  'access-control-allow-origin': SHOP,
  'access-control-expose-headers': 'x-emulator-assumptions',
  vary: 'origin'
}

t.test('by default a browser is a client like any other', async t => {
  const { askFor, journal } = await browsable(t)
  t.strictSame(corsOf(await askFor('POST', CHANGE_BILLING, { origin: SHOP }, SAMPLE_REQUEST)), { http: 200 })
  t.strictSame(corsOf(await askFor('OPTIONS', CHANGE_BILLING, PREFLIGHT)), { http: 200 })
  t.strictSame(await journal(), [['1-1', 'POST'], ['1-2', 'OPTIONS']])
})

t.test('with --cors, pages of that origin may call the emulated API', async t => {
  const { askFor, journal } = await browsable(t, [SHOP, 'https://Other.test'])
  t.strictSame(corsOf(await askFor('OPTIONS', CHANGE_BILLING, PREFLIGHT)), {
    http: 204, ...READABLE, 'access-control-allow-methods': 'POST', 'access-control-allow-headers': 'content-type,x-trace', 'access-control-max-age': '5'
  })
  const local = await askFor('OPTIONS', CHANGE_BILLING, { origin: SHOP, 'access-control-request-method': 'POST', 'access-control-request-private-network': 'true' })
  t.strictSame(corsOf(local), {
    http: 204, ...READABLE, 'access-control-allow-methods': 'POST', 'access-control-max-age': '5', 'access-control-allow-private-network': 'true'
  })
  const answer = await askFor('POST', CHANGE_BILLING, { origin: SHOP, 'content-type': 'application/json' }, SAMPLE_REQUEST)
  t.strictSame(corsOf(answer), { http: 200, ...READABLE })
  t.equal(answer.body.status, 100)
  t.match(corsOf(await askFor('POST', CHANGE_BILLING, { origin: 'https://other.test' }, SAMPLE_REQUEST)), { 'access-control-allow-origin': 'https://other.test' })
  t.strictSame(await journal(), [['1-1', 'POST'], ['1-2', 'POST']], 'preflights are apart from requests')
})

t.test('an origin may be given with the port that its scheme has anyway, which browsers leave out', async t => {
  const { askFor } = await browsable(t, ['http://Shop.test:80', 'https://shop.test:443', 'Capacitor://localhost'])
  for (const [origin, isAllowed] of [
    ['http://shop.test', true], ['https://shop.test', true], ['capacitor://localhost', true], ['http://localhost', false], ['https://shop.test:80', false], ['null', false]
  ] as const) {
    const { headers } = await askFor('POST', CHANGE_BILLING, { origin }, '{}')
    t.equal(headers['access-control-allow-origin'], isAllowed ? origin : undefined, origin)
  }
})

t.test('other origins are granted nothing, and their preflights are apart as well', async t => {
  const { askFor, journal } = await browsable(t, SHOP)
  for (const origin of ['http://localhost:5174', 'https://localhost:5173', 'http://localhost:5173.evil.test', 'null']) {
    t.strictSame(corsOf(await askFor('OPTIONS', CHANGE_BILLING, { ...PREFLIGHT, origin })), { http: 204, vary: 'origin' }, origin)
    t.strictSame(corsOf(await askFor('OPTIONS', '/%ff', { ...PREFLIGHT, origin })), { http: 204, vary: 'origin' }, `${origin}, at a path that can't be read`)
    t.strictSame(corsOf(await askFor('POST', CHANGE_BILLING, { origin }, '{}')), { http: 200, vary: 'origin' }, origin)
  }
  t.strictSame(corsOf(await askFor('POST', CHANGE_BILLING, {}, '{}')), { http: 200, vary: 'origin' }, 'a program')
  t.strictSame(corsOf(await askFor('OPTIONS', CHANGE_BILLING, { origin: SHOP })), { http: 200, ...READABLE }, 'no preflight, which asks for a method')
  t.ok((await journal()).filter(([, method]) => method === 'OPTIONS').length === 1)
})

t.test('every answer can be read: refusals, unknown paths, what faults deliver', async t => {
  const { askFor, url } = await browsable(t, SHOP)
  const control = connect(url)
  const at = (path: string, method = 'POST') => askFor(method, path, { origin: SHOP }, method === 'GET' ? undefined : SAMPLE_REQUEST)
  t.strictSame(corsOf(await at(CHANGE_BILLING, 'GET')), { http: 200, ...READABLE }, 'another method')
  t.strictSame(corsOf(await at('/nothing')), { http: 404, ...READABLE }, 'an unknown path')
  t.strictSame(corsOf(await at('/%ff')), { http: 404, ...READABLE }, 'a path that can not be decoded')
  t.match(corsOf(await askFor('OPTIONS', '/nothing', PREFLIGHT)), { http: 204, ...READABLE }, 'a preflight for an unknown path')
  t.strictSame(corsOf(await askFor('POST', CHANGE_BILLING, { origin: SHOP }, 'x'.repeat(2_000_000))), { http: 200, ...READABLE }, 'a body that is too large')
  const headers = { 'content-type': 'application/json', origin: SHOP }
  for (const fault of [{ kind: 'http_error' }, { kind: 'api_refusal', status: 403 }, { kind: 'malformed_json' }, { kind: 'truncated_body' }, { kind: 'slow_body', duration: 5 }]) {
    await control.fail({ ...fault, times: 1 } as ScenarioFault)
    const answer = await fetch(url + CHANGE_BILLING, { method: 'POST', headers, body: SAMPLE_REQUEST })
    t.equal(answer.headers.get('access-control-allow-origin'), SHOP, fault.kind)
    await answer.text().catch(() => {})
  }
})

t.test('the control API and the console stay closed', async t => {
  const { askFor } = await browsable(t, SHOP)
  for (const path of ['/__admin/state', '/__admin/faults', '/__admin/%ff', '/']) {
    for (const [method, headers] of [['OPTIONS', PREFLIGHT], ['GET', { origin: SHOP }], ['POST', { origin: SHOP, 'content-type': 'application/json' }]] as const) {
      const { 'access-control-allow-origin': allowed } = corsOf(await askFor(method, path, headers)) as Record<string, unknown>
      if (path !== '/' || method === 'GET') t.equal(allowed, undefined, `${method} ${path}`)
    }
  }
})
