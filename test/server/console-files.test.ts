import { existsSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { apiState, count, day, duration, indented, instant, isoOf, money, pretty, span, switchOff } from '../../src/console/format.js'
import { curlOf, isIncomplete, resendable } from '../../src/console/resend.js'
import type { JournalEntry } from '../../src/contract/journal-entry.js'
import { emulate, SAMPLE_REQUEST } from '../support/emulator.js'

const BUILT = new URL('../dist/console/', import.meta.url)
if (!existsSync(BUILT)) throw new Error('dist/console is missing; this test looks at what is built: npm run build')

const FILES = { '/': 'index.html', '/__console/console.js': 'console.js', '/__console/console.css': 'console.css', '/__console/icon.svg': 'icon.svg' }
const TYPES = { '/': 'text/html; charset=utf-8', '/__console/console.js': 'text/javascript; charset=utf-8', '/__console/console.css': 'text/css; charset=utf-8', '/__console/icon.svg': 'image/svg+xml' }

t.test('the console is served', async t => {
  const { url, ask, change, last } = await emulate(t)

  for (const [path, file] of Object.entries(FILES)) {
    t.test(`at ${path}, as it was built, with its type and a strict policy`, async t => {
      const response = await fetch(url + path)
      t.equal(response.status, 200)
      t.equal(response.headers.get('content-type'), TYPES[path as '/'])
      t.equal(await response.text(), readFileSync(new URL(file, BUILT), 'utf8'))
      t.equal(response.headers.get('x-content-type-options'), 'nosniff')
      t.equal(response.headers.get('referrer-policy'), 'no-referrer')
      const policy = Object.fromEntries(response.headers.get('content-security-policy')!.split('; ').map(part => [part.split(' ')[0], part.split(' ').slice(1).join(' ')]))
      t.same(policy, { 'default-src': "'none'", 'script-src': "'self'", 'style-src': "'self'", 'img-src': "'self'", 'connect-src': "'self'", 'base-uri': "'none'", 'form-action': "'none'", 'frame-ancestors': "'none'" })
    })
  }

  t.test('also where a link says what is to be shown', async t => {
    t.equal((await fetch(`${url}/?view=requests&request=1-1`)).headers.get('content-type'), TYPES['/'])
  })

  for (const path of ['/__console', '/__console/', '/__console/x', '/__console/console.js/', '/__console/index.html', '/__console/../package.json', '/__console/%2e%2e/%2e%2e/package.json', '/__console/console.js.map']) {
    t.test(`and nothing at ${path}, which is answered as any path that nobody serves`, async t => {
      const { http, body } = await ask(path, {})
      t.equal(http, 404)
      t.match(body, { status: 410, message: /^Invalid Request: there is no endpoint at this path/ })
    })
  }

  t.test('without a trace in the journal, and requests are numbered as if nobody had looked', async t => {
    const { url, ask, change } = await emulate(t)
    await change(SAMPLE_REQUEST)
    for (const path of [...Object.keys(FILES), '/?view=requests', '/__admin/accounts', '/__admin/requests']) t.equal((await fetch(url + path)).status, 200)
    await change(SAMPLE_REQUEST)
    const { requests } = (await ask('/__admin/requests', {})).body as { requests: JournalEntry[] }
    t.same(requests.map(({ id }) => id), ['1-1', '1-2'])
  })

  t.test('and is no part of the emulated API', async t => {
    await change(SAMPLE_REQUEST)
    t.equal((await ask('/', { method: 'POST', body: SAMPLE_REQUEST })).http, 404)
    t.match(await last(), { id: /^1-\d+$/, path: '/', rule: 'path-must-be-known' }, 'and is numbered as any other request')
  })
})

t.test('where the console is switched off there is nothing of it', async t => {
  const { ask, last } = await emulate(t, { console: false })
  for (const [index, path] of Object.keys(FILES).entries()) {
    t.match(await ask(path, {}), { http: 404, body: { status: 410 } }, path)
    t.match(await last(), { id: `1-${index + 1}`, path }, 'a request like any other')
  }
  t.equal((await ask('/__admin/health', {})).http, 200)
})

t.test('what is served', async t => {
  const built = Object.values(FILES).map(file => readFileSync(new URL(file, BUILT)))

  t.test('is at most a hundred kilobytes, compressed', async t => {
    const bytes = built.reduce((sum, file) => sum + gzipSync(file).length, 0)
    t.ok(bytes < 100_000, `${bytes} bytes`)
  })

  t.test('names no address elsewhere, but for namespaces and what is shown as an example', async t => {
    // A long text is continued on the next line.
    const urls = built.flatMap(file => file.toString().replaceAll('\\\n', '').match(/\b(?:https?|wss?):\/\/[\w.-]+|["'(]\/\/[\w-]+\.[\w.-]+|\bsourceMappingURL/g) ?? [])
    t.same(urls.filter(url => !/^https?:\/\/(www\.w3\.org|example\.com|localhost)$/.test(url)), [])
  })

  t.test('has no script and no style within the page itself', async t => {
    const page = built[0]!.toString()
    t.notMatch(page, /<script(?! type="module" src=)|<style|\sstyle=|\son\w+=|javascript:/i)
    t.notMatch(built[1]!.toString(), /\beval\(|new Function\(|dangerouslySetInnerHTML=|document\.write/)
  })
})

t.test('words for people', async t => {
  const day0 = Date.parse('2023-02-01')
  const rows: ReadonlyArray<readonly [what: string, found: unknown, expected: unknown]> = [
    ['amounts have three decimals', ['0', '5', '4.99', '59.108', '-5'].map(money), ['0.000', '5.000', '4.990', '59.108', '-5.000']],
    ['and their thousands apart', ['999', '1000', '-123456.5', '999999999999.999'].map(money), ['999.000', '1,000.000', '-123,456.500', '999,999,999,999.999']],
    ['things are counted', [0, 1, 2, 12_345].map(number => count(number, 'request')), ['0 requests', '1 request', '2 requests', '12,345 requests']],
    ['instants are short', ['2020-06-16T12:00:00Z', '2023-01-31T23:59:59.999Z', '2020-07-16T23:59:59+00:00'].map(instant), ['2020-06-16 12:00:00', '2023-01-31 23:59:59', '2020-07-16 23:59:59']],
    ['days are shorter', day('2020-07-16T23:59:59Z'), '2020-07-16'],
    ['an instant goes back to the emulator whole', [isoOf(day0), isoOf(day0 - 1)], ['2023-02-01T00:00:00Z', '2023-01-31T23:59:59.999Z']],
    ['a span has its largest unit', [0, 999, 1000, 1999, 59_999, 60_000, 3_600_000, 86_399_999, 86_400_000, 2 * 86_400_000, 1000 * 86_400_000].map(span), ['less than a second', 'less than a second', '1 second', '1 second', '59 seconds', '1 minute', '1 hour', '23 hours', '1 day', '2 days', '1,000 days']],
    ['durations', [0.04, 12.34, 999.94, 1000, 61_500].map(duration), ['0.0 ms', '12.3 ms', '999.9 ms', '1.00 s', '61.50 s']],
    ['JSON is indented, text is left alone', [pretty({ a: [1] }), pretty('text'), indented('{"a":1}'), indented('{"a":')], ['{\n  "a": [\n    1\n  ]\n}', 'text', '{\n  "a": 1\n}', '{"a":']],
    ['the switch-off is the documented day', switchOff({}), day0],
    ['or begins with that day elsewhere', switchOff({ cutoff: '2023-02-01', assumptions: { 'disabled-time-zone': 'utc+14' } }), day0 - 14 * 3_600_000],
    ['or never', switchOff({ cutoff: 'never' }), Infinity],
    ['just before it', apiState(day0 - 1, day0), 'The API is enabled for another less than a second'],
    ['a day before it', apiState(day0 - 86_400_000, day0), 'The API is enabled for another 1 day'],
    ['at that instant', apiState(day0, day0), 'The API has been disabled for less than a second'],
    ['an hour later', apiState(day0 + 3_600_000, day0), 'The API has been disabled for 1 hour'],
    ['without one', apiState(day0, Infinity), 'The API is enabled, and never switched off']
  ]
  for (const [what, found, expected] of rows) t.same(found, expected, what)
})

/** A request as the journal shows it. */
function entry (given: { readonly method?: string, readonly path?: string, readonly rule?: string, readonly headers?: Record<string, string>, readonly body?: unknown }): JournalEntry {
  const { method = 'POST', path = '/p', rule = null, headers = { 'content-type': 'application/json' }, body = { token: '[redacted]', plan_id: 2 } } = given
  return { method, path, rule, request: { headers, body } } as unknown as JournalEntry
}

const ACCOUNT = {
  name: 'demo',
  token: 'master',
  balance: '0',
  projects: [
    { project_id: 1, api_tokens: [{ token: 'only' }] },
    { project_id: 2, api_tokens: [{ token: 'one' }, { token: 'other', status: 'disabled' as const }] },
    { project_id: 3 }
  ]
}

t.test('a request of the journal that is sent once more', async t => {
  const bodies: ReadonlyArray<readonly [what: string, given: Parameters<typeof entry>[0], body: string, isIncomplete: boolean]> = [
    ['has the account\'s token again', {}, '{"token":"master","plan_id":2}', false],
    ['has its fields in their order', { body: { plan_id: 2, token: '[redacted]' } }, '{"plan_id":2,"token":"master"}', false],
    ['keeps a token that is missing away', { body: { plan_id: 2 } }, '{"plan_id":2}', false],
    ['is text where it was no JSON', { body: 'token=x' }, 'token=x', false],
    ['is null where it was that', { body: null }, 'null', false],
    ['is a list where it was one', { body: [1] }, '[1]', false],
    ['has the token of the project where that has only one', { body: { token: '[redacted]', project_id: '1', api_token: '[redacted]', action: 1 } }, '{"token":"master","project_id":"1","api_token":"only","action":1}', false],
    ['leaves it out where it could be any of several', { body: { token: '[redacted]', project_id: 2, api_token: '[redacted]' } }, '{"token":"master","project_id":2,"api_token":"[redacted]"}', true],
    ['or none', { body: { token: '[redacted]', project_id: 3, api_token: '[redacted]' } }, '{"token":"master","project_id":3,"api_token":"[redacted]"}', true],
    ['has a disabled token where one was refused', { rule: 'token-must-be-enabled', body: { token: '[redacted]' } }, '{"token":"other"}', false],
    ['and none where it could be any of several', { rule: 'token-must-be-master', body: { token: '[redacted]' } }, '{"token":"[redacted]"}', true],
    ['says that its address has a secret in it', { path: '/p?token=[redacted]', body: '' }, '', true]
  ]
  for (const [what, given, body, isOpen] of bodies) {
    const again = resendable(entry(given), ACCOUNT)
    t.equal(again.body, body, what)
    t.equal(isIncomplete(again), isOpen, what)
  }
  t.equal(resendable(entry({}), undefined).body, '{"token":"[redacted]","plan_id":2}', 'has no token where no account had it')
  t.equal(resendable(entry({ body: { api_token: '[redacted]', project_id: 1 } }), { name: 'bare', token: 'x', balance: '0' }).body, '{"api_token":"[redacted]","project_id":1}', 'also of an account without projects')

  t.test('keeps the headers that its sender chose', async t => {
    const headers = { host: 'a', connection: 'keep-alive', 'content-length': '5', 'user-agent': 'x', accept: '*/*', 'accept-encoding': 'gzip', 'sec-fetch-mode': 'cors', origin: 'http://a', 'content-type': 'text/plain', 'x-mine': 'yes', authorization: '[redacted]' }
    t.same(resendable(entry({ headers }), ACCOUNT).headers, { 'content-type': 'text/plain', 'x-mine': 'yes' })
    t.same(resendable(entry({ headers: { accept: 'text/html' } }), ACCOUNT).headers, { accept: 'text/html' })
  })
})

t.test('a curl line', async t => {
  const line = (given: Parameters<typeof entry>[0]): string => curlOf(resendable(entry(given), ACCOUNT), 'http://localhost:1')
  const rows: ReadonlyArray<readonly [what: string, given: Parameters<typeof entry>[0], line: string]> = [
    ['posts', {}, "curl -s 'http://localhost:1/p' -H 'content-type: application/json' --data-raw '{\"token\":\"master\",\"plan_id\":2}'"],
    ['leaves curl its own content type', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'x' }, "curl -s 'http://localhost:1/p' --data-raw 'x'"],
    ['takes it from curl where there was none', { headers: {}, body: 'x' }, "curl -s 'http://localhost:1/p' -H 'content-type:' --data-raw 'x'"],
    ['gets', { method: 'GET', headers: {}, body: '' }, "curl -s 'http://localhost:1/p'"],
    ['gets with a body', { method: 'GET', headers: {}, body: 'x' }, "curl -s -X GET 'http://localhost:1/p' -H 'content-type:' --data-raw 'x'"],
    ['posts nothing', { headers: {}, body: '' }, "curl -s -X POST 'http://localhost:1/p'"],
    ['deletes', { method: 'DELETE', headers: {}, body: '' }, "curl -s -X DELETE 'http://localhost:1/p'"],
    ['asks for the head alone', { method: 'HEAD', headers: {}, body: '' }, "curl -s --head 'http://localhost:1/p'"],
    ['keeps brackets', { method: 'GET', path: '/p?a[]={1}', headers: {}, body: '' }, "curl -s -g 'http://localhost:1/p?a[]={1}'"],
    ['keeps dots', { method: 'GET', path: '/a/../p', headers: {}, body: '' }, "curl -s --path-as-is 'http://localhost:1/a/../p'"],
    ['keeps quotes, dollars and lines', { headers: { 'x-it': "it's" }, body: "it's $HOME `id`\n@x" }, "curl -s 'http://localhost:1/p' -H 'content-type:' -H 'x-it: it'\\''s' --data-raw 'it'\\''s $HOME `id`\n@x'"]
  ]
  for (const [what, given, expected] of rows) t.equal(line(given), expected, what)
})
