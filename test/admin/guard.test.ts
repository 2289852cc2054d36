import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { connect } from '../../src/client/connect.js'
import { memoryBounds } from '../../src/runtime/memory.js'
import { readOptions, type StartOptions } from '../../src/server/options.js'
import { start } from '../../src/server/start.js'
import { share } from '../support/effort.js'
import { CHANGE_BILLING, emulate, raw, SAMPLE, SAMPLE_REQUEST } from '../support/emulator.js'
import { send, type Call, type Received } from '../support/http.js'

const JSON_HEADERS = { 'content-type': 'application/json' }

/** An emulator with something in all that calls could change, and a look at all of that. */
async function guarded (t: Test, options: StartOptions = {}) {
  const emulator = await emulate(t, { clock: 'frozen:2020-06-16T12:00:00Z', ...options })
  const { adminToken } = options
  const admin = connect(emulator.url, { ...adminToken !== undefined && { adminToken } })
  await emulator.change(SAMPLE_REQUEST)
  await admin.fail({ kind: 'hang', account: 'demo', plan_id: 9 })
  // Garbage is journaled as what it is, and that is all that comes of it.
  const requests = async () => (await admin.requests.list()).filter(({ lint }) => lint.every(({ name }) => name !== 'unreadable'))
  const everything = async () => ({ kept: emulator.kept(), faults: await admin.faults(), requests: await requests() })
  return { ...emulator, admin, everything, send: (call: Call) => send(emulator.url, call) }
}

/** A call of every kind that changes something, each of which would be granted. */
const WRITES: ReadonlyArray<readonly [method: string, path: string, body?: unknown]> = [
  ['POST', '/__admin/accounts', { name: 'new' }],
  ['DELETE', '/__admin/accounts/demo'],
  ['POST', '/__admin/accounts/demo/reset'],
  ['POST', '/__admin/accounts/demo/wallet', { credit: '5' }],
  ['PUT', '/__admin/accounts/demo/projects/1', {}],
  ['PATCH', '/__admin/accounts/demo/projects/5786', { notes: 'x' }],
  ['DELETE', '/__admin/accounts/demo/projects/5786'],
  ['PUT', '/__admin/accounts/demo/clock', { mode: 'system' }],
  ['POST', '/__admin/accounts/demo/clock/advance', { by: 'P1D' }],
  ['DELETE', '/__admin/accounts/demo/clock'],
  ['PATCH', '/__admin/accounts/demo/settings', { strict: true }],
  ['POST', '/__admin/accounts/demo/faults', { kind: 'hang' }],
  ['DELETE', '/__admin/accounts/demo/faults'],
  ['DELETE', '/__admin/faults/fault-1'],
  ['DELETE', '/__admin/faults'],
  ['DELETE', '/__admin/requests'],
  ['PUT', '/__admin/clock', { mode: 'system' }],
  ['POST', '/__admin/clock/advance', { by: 'P1D' }],
  ['PATCH', '/__admin/settings', { strict: true }],
  ['PUT', '/__admin/plans', [{ plan_id: 2, price: '1' }]],
  ['PUT', '/__admin/state', {}],
  ['POST', '/__admin/reset']
]

const READS = ['/__admin/state', '/__admin/accounts', '/__admin/requests', '/__admin/events', '/__admin/openapi.json', '/__admin/nothing']

/** What a refusal must be: a problem document that says what to do next, and no word of CORS. */
function problemOf ({ http, headers, body: { type, title, status, detail, advice } }: Received) {
  return {
    http,
    type: headers['content-type'],
    isWhole: type === 'about:blank' && status === http && [title, detail, advice].every(text => typeof text === 'string' && text !== ''),
    detail: String(detail),
    asks: headers['www-authenticate'],
    cors: Object.keys(headers).filter(name => name.startsWith('access-control-'))
  }
}

function isProblem (t: Test, received: Received, status: number, detail: string | RegExp, name: string): void {
  areProblems(t, [[name, received]], status, detail, name)
}

/** The same of several calls, in one assertion that names each. */
function areProblems (t: Test, received: ReadonlyArray<readonly [call: string, answer: Received]>, status: number, detail: string | RegExp, name: string): void {
  const expected = { http: status, type: /^application\/problem\+json$/, isWhole: true, detail, asks: status === 401 ? 'Bearer' : undefined, cors: [] }
  t.match(received.map(([call, answer]) => ({ call, ...problemOf(answer) })), received.map(([call]) => ({ call, ...expected })), name)
  t.strictSame(received.filter(([, { text }]) => text.includes('sesame')).map(([call]) => call), [], `${name}: the token is not told`)
}

const WITH_TOKEN: StartOptions = { adminToken: 'sesame' }
const WITH_NAMES: StartOptions = { allowHost: ['emulator.test', 'Upper.Test', '[fe80::1]'] }

const FORBIDDEN_HOST = 'the control API is not served under the name '
const FORBIDDEN_SITE = 'the control API accepts no requests from other sites'
const FOREIGN_PAGE = 'the control API accepts requests of a browser only from its console'
const NO_TOKEN = 'the control API requires the token that the emulator was started with'

const REFUSED: ReadonlyArray<readonly [name: string, headers: Record<string, string | string[]>, status: number, detail: string, options?: StartOptions]> = [
  ['a foreign host', { host: 'evil.example' }, 403, FORBIDDEN_HOST + '"evil.example"'],
  ['a name that DNS rebinding made point here', { host: '127.0.0.1.nip.example:4290' }, 403, FORBIDDEN_HOST + '"127.0.0.1.nip.example"'],
  ['a name that begins like the loopback', { host: 'localhost.evil.example' }, 403, FORBIDDEN_HOST],
  ['a name that ends like the loopback', { host: 'evil-localhost' }, 403, FORBIDDEN_HOST],
  ['a name that ends like the loopback, with a dot behind it', { host: 'evil-localhost.' }, 403, FORBIDDEN_HOST],
  ['the loopback with two dots behind it', { host: 'localhost..' }, 403, FORBIDDEN_HOST],
  ['an IPv6 address near the loopback', { host: '[0:0:0:0:0:0:1:1]' }, 403, FORBIDDEN_HOST],
  ['an IPv6 address with a zone', { host: '[::1%1]' }, 403, FORBIDDEN_HOST],
  ['an IPv4 address in brackets', { host: '[127.0.0.1]' }, 403, FORBIDDEN_HOST],
  ['the loopback with a dot behind it', { host: '127.0.0.1.' }, 403, FORBIDDEN_HOST],
  ['a user in front of the loopback', { host: 'evil@localhost' }, 403, FORBIDDEN_HOST],
  ['a path that ends like the loopback', { host: 'evil.example/.localhost' }, 403, FORBIDDEN_HOST],
  ['two ports', { host: 'localhost:80:80' }, 403, FORBIDDEN_HOST],
  ['a port that is none', { host: 'localhost:evil' }, 403, FORBIDDEN_HOST],
  ['half an IPv6 address', { host: '[::1' }, 403, FORBIDDEN_HOST],
  ['an IPv6 address without brackets', { host: '::1' }, 403, FORBIDDEN_HOST],
  ['another address of this machine', { host: '192.168.0.1' }, 403, FORBIDDEN_HOST],
  ['the wildcard address', { host: '0.0.0.0:4290' }, 403, FORBIDDEN_HOST],
  ['a name below one that is allowed', { host: 'sub.emulator.test' }, 403, FORBIDDEN_HOST, WITH_NAMES],
  ['a name above one that is allowed', { host: 'test' }, 403, FORBIDDEN_HOST, WITH_NAMES],
  ['a name that an allowed one is a part of', { host: 'notemulator.test' }, 403, FORBIDDEN_HOST, WITH_NAMES],

  ['the origin of another site', { host: 'localhost', origin: 'https://evil.example' }, 403, FORBIDDEN_SITE],
  ['no origin to speak of', { host: 'localhost', origin: 'null' }, 403, FORBIDDEN_SITE],
  ['an empty origin', { host: 'localhost', origin: '' }, 403, FORBIDDEN_SITE],
  ['the origin of another port', { host: 'localhost:4290', origin: 'http://localhost:3000' }, 403, FORBIDDEN_SITE],
  ['the origin of no port', { host: 'localhost:4290', origin: 'http://localhost' }, 403, FORBIDDEN_SITE],
  ['the origin of another name of this machine', { host: 'localhost:4290', origin: 'http://127.0.0.1:4290' }, 403, FORBIDDEN_SITE],
  ['the origin of the other scheme, at a port that is not its own', { host: 'localhost:443', origin: 'http://localhost' }, 403, FORBIDDEN_SITE],
  ['the origin of a name that ends like a port', { host: 'localhost:1443', origin: 'https://localhost:1' }, 403, FORBIDDEN_SITE],
  ['the origin of another scheme', { host: 'localhost:4290', origin: 'file://localhost:4290' }, 403, FORBIDDEN_SITE],
  ['an origin that begins like this one', { host: 'localhost', origin: 'http://localhost.evil.example' }, 403, FORBIDDEN_SITE],
  ['two origins', { host: 'localhost', origin: ['http://localhost', 'http://evil.example'] }, 403, FORBIDDEN_SITE],
  ['a request that a browser calls cross-site', { host: 'localhost', 'sec-fetch-site': 'cross-site' }, 403, FORBIDDEN_SITE],
  ['a request that a browser calls same-site', { host: 'localhost', 'sec-fetch-site': 'same-site' }, 403, FORBIDDEN_SITE],
  ['a request that a browser calls something new', { host: 'localhost', 'sec-fetch-site': 'near' }, 403, FORBIDDEN_SITE],
  ['what a page lets a browser load in advance', { host: 'localhost', 'sec-fetch-site': 'none', 'sec-purpose': 'prefetch' }, 403, FORBIDDEN_SITE],
  ['what a page lets a browser draw in advance', { host: 'localhost', 'sec-fetch-site': 'none', 'sec-purpose': 'prefetch;prerender' }, 403, FORBIDDEN_SITE],
  ['a cross-site request of this origin', { host: 'localhost', origin: 'http://localhost', 'sec-fetch-site': 'cross-site' }, 403, FORBIDDEN_SITE],
  ['another site, although with the token', { host: 'localhost', origin: 'https://evil.example', authorization: 'Bearer sesame' }, 403, FORBIDDEN_SITE, WITH_TOKEN],
  ...['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36', 'Mozilla/5.0 (Macintosh; rv:130.0) Gecko/20100101 Firefox/130.0'].map(agent =>
    ['a browser under an allowed name that says no site', { host: 'emulator.test', 'user-agent': agent, accept: 'application/json' }, 403, FOREIGN_PAGE, WITH_NAMES] as const),
  ['a foreign host, although with the token', { host: 'evil.example', authorization: 'Bearer sesame' }, 403, FORBIDDEN_HOST, WITH_TOKEN],

  ['no token', {}, 401, NO_TOKEN, WITH_TOKEN],
  ['an empty authorization', { authorization: '' }, 401, NO_TOKEN, WITH_TOKEN],
  ['a bearer of nothing', { authorization: 'Bearer ' }, 401, NO_TOKEN, WITH_TOKEN],
  ['a wrong token', { authorization: 'Bearer simsim' }, 401, NO_TOKEN, WITH_TOKEN],
  ['a token that is too short', { authorization: 'Bearer sesam' }, 401, NO_TOKEN, WITH_TOKEN],
  ['a token that is too long', { authorization: 'Bearer sesamee' }, 401, NO_TOKEN, WITH_TOKEN],
  ['a token in other letters', { authorization: 'Bearer SESAME' }, 401, NO_TOKEN, WITH_TOKEN],
  ['a token without a scheme', { authorization: 'sesame' }, 401, NO_TOKEN, WITH_TOKEN],
  ['a token of another scheme', { authorization: 'Basic c2VzYW1lOg==' }, 401, NO_TOKEN, WITH_TOKEN],
  ['the token in another scheme', { authorization: 'Basic sesame' }, 401, NO_TOKEN, WITH_TOKEN],
  ['a token in another header', { 'x-token': 'sesame', cookie: 'token=sesame' }, 401, NO_TOKEN, WITH_TOKEN]
]

t.test('guarding the control API', async t => {
  for (const [name, options] of [['by default', undefined], ['with allowed hosts', WITH_NAMES], ['with a token', WITH_TOKEN]] as const) {
    t.test(`the control API ${name} refuses foreign callers, and changes nothing`, async t => {
      const { send, everything } = await guarded(t, options)
      const before = await everything()
      for (const [row, [name, headers, status, detail]] of REFUSED.filter(([, , , , needed]) => needed === options).entries()) {
        const received: Array<[call: string, answer: Received]> = []
        for (const [method, path, body] of share([...WRITES, ...READS.map(path => ['GET', path] as const)], row, 5)) {
          const answer = await send({ method, path, headers: { ...headers, ...body !== undefined && JSON_HEADERS }, ...body !== undefined && { body: JSON.stringify(body) } })
          received.push([`${method} ${path}`, answer])
        }
        areProblems(t, received, status, detail, name)
      }
      t.strictSame(await everything(), before)
    })
  }

  t.test('the control API refuses requests without a host, and changes nothing', async t => {
    const { url, everything } = await guarded(t)
    const before = await everything()
    for (const [method, path] of [...WRITES, ['GET', '/__admin/state']] as const) {
      for (const head of ['HTTP/1.0', 'HTTP/1.1\r\nconnection: close\r\nhost: ']) t.match(await raw(url, `${method} ${path} ${head}\r\n\r\n`), /^HTTP\/1\.1 403 Forbidden\r\n[^]*content-type: application\/problem\+json\r\n[^]*"status":403,"detail":"the control API is not served under the name \\"\\""/, `${method} ${path}`)
      t.match(await raw(url, `${method} ${path} HTTP/1.1\r\nconnection: close\r\n\r\n`), /^HTTP\/1\.1 4\d\d /)
    }
    t.strictSame(await everything(), before)
  })
})

t.test('the control API refuses requests that name two hosts, and changes nothing', async t => {
  const { url, everything } = await guarded(t, WITH_NAMES)
  const before = await everything()
  for (const [row, [method, path]] of ([...WRITES, ['GET', '/__admin/state'], ['GET', '/%5F%5Fadmin/state']] as const).entries()) {
    const heads = [
      `${method} ${path} HTTP/1.1\r\nhost: localhost\r\nhost: evil.example`,
      `${method} ${path} HTTP/1.1\r\nhost: localhost\r\nHost: localhost`,
      `${method} http://evil.example${path} HTTP/1.1\r\nhost: localhost`,
      `${method} http://localhost${path} HTTP/1.1\r\nhost: emulator.test`,
      `${method} http://localhost:80${path} HTTP/1.1\r\nhost: localhost`,
      `${method} HTTPS://evil@localhost${path} HTTP/1.1\r\nhost: localhost`
    ]
    for (const head of share(heads, row, 3)) {
      const received = await raw(url, `${head}\r\nconnection: close\r\n\r\n`)
      t.match(received, /^HTTP\/1\.1 (400 Bad Request\r\n[^]*"detail":"the control API accepts no request that names more than one host"|404 Not Found\r\n)/, head)
    }
  }
  t.strictSame(await everything(), before)
  t.match(await raw(url, 'GET http://LOCALHOST/__admin/clock HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'), /^HTTP\/1\.1 200 /, 'one name, twice')
})

t.test('each way of writing a control call takes no number of the emulated API', async t => {
  const { url, change, last } = await emulate(t)
  const targets = ['/__admin/state', '/%5F%5Fadmin/state', '/%5f_admin', '/__admin#x', '/__admin?x', '/__a%64min/%zz', 'http://localhost/__admin/state', 'HTTP://localhost/__admin', 'http://localhost/%5F_admin/nothing', '/__console/%63onsole.js',
    '*__admin/state', 'http://localhost', 'http://localhost?x/y']
  for (const target of targets) t.match(await raw(url, `GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`), /^HTTP\/1\.1 [234]/, target)
  await change(SAMPLE_REQUEST)
  t.equal((await last()).id, '1-1')
  for (const target of ['/__admin%2Fstate', '/__administrator', '/x/__admin/state', '/_%255Fadmin']) await raw(url, `GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`)
  await change(SAMPLE_REQUEST)
  t.equal((await last()).id, '1-6', 'and what only looks like one does')
})

t.test('no method without a content type fails on a path of the control API', async t => {
  const { send } = await guarded(t)
  const paths = [...READS, ...WRITES.map(([, path]) => path), '/__admin', '/__admin/clock', '/__admin/health']
  const answered: string[] = []
  for (const method of ['QUERY', 'PROPFIND', 'SEARCH', 'LOCK', 'TRACE', 'MKCOL']) {
    for (const [row, path] of paths.entries()) {
      for (const body of share([undefined, '', '{}'], row, 3)) {
        const { http } = await send({ method, path, body })
        if (![404, 405, 415].includes(http)) answered.push(`${method} ${path} ${body}: ${http}`)
      }
    }
  }
  t.strictSame(answered, [])
})

t.test('each of the refused calls changes something when it is granted', async t => {
  const { send, everything, admin, change } = await guarded(t, WITH_TOKEN)
  for (const [method, path, body] of WRITES) {
    await admin.reset()
    await change(SAMPLE_REQUEST)
    const { id } = await admin.fail({ kind: 'hang', account: 'demo', plan_id: 9 })
    const before = await everything()
    const { http } = await send({ method, path: path.replace('fault-1', id), headers: { authorization: 'Bearer sesame', ...body !== undefined && JSON_HEADERS }, ...body !== undefined && { body: JSON.stringify(body) } })
    t.ok(http >= 200 && http < 300, `${method} ${path}`)
    // Giving an account a clock back that it has not is the one call that has nothing to do here.
    if (path !== '/__admin/accounts/demo/clock' || method !== 'DELETE') t.notSame(await everything(), before, `${method} ${path}`)
  }
})

const PORT = ':4290'

t.test('the control API answers allowed hosts, origins and tokens', async t => {
  const names = ['localhost', 'LocalHost', '127.0.0.1', '[::1]', 'x.localhost', 'a.b.LOCALHOST']
  const allowed: ReadonlyArray<readonly [name: string, headers: Record<string, string>, options?: StartOptions]> = [
    ...names.flatMap((name): Array<[string, Record<string, string>]> => [[name, { host: name }], [`${name} with a port`, { host: name + PORT }], [`a page of ${name} through a TLS proxy`, { host: name + PORT, origin: `https://${name}${PORT}`, 'sec-fetch-site': 'same-origin' }], [`a page of ${name}`, { host: name + PORT, origin: `http://${name}${PORT}`, 'sec-fetch-site': 'same-origin' }]]),
    ['a page at the port of its scheme, which a proxy adds', { host: 'localhost:443', origin: 'https://localhost', 'sec-fetch-site': 'same-origin' }],
    ['the same without TLS', { host: '[::1]:80', origin: 'http://[::1]', 'sec-fetch-site': 'same-origin' }],
    ['a page of a host that is written otherwise', { host: 'LOCALHOST', origin: 'http://localhost', 'sec-fetch-site': 'same-origin' }],
    ['the console on a page that was loaded in advance', { host: 'localhost', origin: 'http://localhost', 'sec-fetch-site': 'same-origin', 'sec-purpose': 'prefetch;prerender' }],
    ['the address bar of a browser', { host: 'localhost', 'sec-fetch-site': 'none' }],
    ['a program', {}],
    ...['emulator.test', 'EMULATOR.Test', 'upper.test', '[fe80::1]', '[FE80::1]'].flatMap((name): Array<[string, Record<string, string>, StartOptions]> => [[`${name}, which is allowed`, { host: name }, WITH_NAMES], [`${name} with a port, which is allowed`, { host: name + PORT, origin: `http://${name}${PORT}` }, WITH_NAMES]]),
    ['localhost, beside names that are allowed', { host: 'localhost' }, WITH_NAMES],
    ...['Bearer', 'bearer', 'BEARER'].map((scheme): [string, Record<string, string>, StartOptions] => [`${scheme} and the token`, { authorization: `${scheme} sesame` }, WITH_TOKEN])
  ]
  for (const options of [undefined, WITH_NAMES, WITH_TOKEN]) {
    const { send } = await guarded(t, options)
    for (const [name, headers] of allowed.filter(([, , needed]) => needed === options)) {
      t.match(await send({ path: '/__admin/accounts/demo/wallet', headers }), { http: 200, body: { balance: /^\d/ } }, name)
      t.match(await send({ method: 'POST', path: '/__admin/accounts/demo/wallet', headers: { ...headers, ...JSON_HEADERS }, body: '{"credit":"1"}' }), { http: 200 }, name)
    }
  }

  t.test('the control API answers under the address that the emulator listens on', async t => {
    const { url, stop } = await start({ host: '127.0.0.2' })
    t.teardown(stop)
    t.match(await connect(url).audit(), { ok: true })
    t.equal((await send(url, { path: '/__admin/audit', headers: { host: '127.0.0.3' } })).http, 403)
  })

  t.test('the client is answered with the token and refused without', async t => {
    const { url, admin } = await guarded(t, WITH_TOKEN)
    t.equal((await admin.createAccount({ name: 'mine' })).name, 'mine')
    await t.rejects(connect(url).createAccount({ name: 'other' }), { message: /^POST \/__admin\/accounts: the control API requires the token[^]*send the header "authorization: Bearer TOKEN"/, problem: { status: 401 } })
    t.strictSame((await admin.accounts()).map(({ name }) => name), ['demo', 'mine'])
  })
})

t.test('GET and HEAD of /health need no token and answer under any name, but refuse foreign sites', async t => {
  const { send } = await guarded(t, WITH_TOKEN)
  t.match(await send({ path: '/__admin/health' }), { http: 200, body: { status: 'ready', accounts: 1, projects: 1, requests: 1, faults: 1 } })
  t.match(await send({ path: '/__admin/health?x=1', headers: { authorization: 'Bearer wrong' } }), { http: 200 })
  for (const host of ['10.1.2.3:4290', 'any.example', 'host.docker.internal', '[2001:db8::1]:80']) {
    const got = await send({ path: '/__admin/health', headers: { host } })
    t.match(got, { http: 200, body: { status: 'ready' } }, host)
    const { http, headers, text } = await send({ method: 'HEAD', path: '/__admin/health', headers: { host } })
    t.match({ http, text, type: headers['content-type'] }, { http: 200, text: '', type: got.headers['content-type'] }, host)
  }
  isProblem(t, await send({ path: '/__admin/state', headers: { host: '10.1.2.3:4290', authorization: 'Bearer sesame' } }), 403, FORBIDDEN_HOST, 'nothing else does')
  isProblem(t, await send({ path: '/__admin/health', headers: { origin: 'http://evil.example' } }), 403, FORBIDDEN_SITE, 'a foreign site')
  for (const call of [{ method: 'POST', path: '/__admin/health' }, { path: '/__admin/health/' }, { path: '/__admin/healthy' }, { path: '/__admin/state/../health' }]) {
    isProblem(t, await send(call), 401, NO_TOKEN, 'what only looks like it')
  }
})

t.test('no answer has a CORS header', async t => {
  const { send } = await guarded(t)
  const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,authorization', 'access-control-request-private-network': 'true' }
  for (const path of ['/__admin/state', '/__admin/accounts', '/__admin/health', '/__admin', '/__admin/nothing', CHANGE_BILLING, '/']) {
    for (const method of ['OPTIONS', 'GET', 'HEAD', 'POST']) {
      for (const origin of [{}, { origin: 'https://evil.example' }, { origin: 'null' }]) {
        const { headers } = await send({ method, path, headers: { ...preflight, ...origin } })
        t.strictSame(Object.keys(headers).filter(name => name.startsWith('access-control-')), [], `${method} ${path}`)
      }
    }
  }
})

t.test('the emulated API is not guarded', async t => {
  const tries: ReadonlyArray<readonly [name: string, headers: Record<string, string>]> = [
    ['a foreign host', { host: 'pickyassist.com' }],
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['no origin', { origin: 'null' }],
    ['no token', { authorization: 'Bearer wrong' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }]
  ]
  const { url } = await emulate(t, WITH_TOKEN)
  for (const [index, [name, headers]] of tries.entries()) {
    const body = JSON.stringify({ ...SAMPLE, plan_id: 2 + index % 2 })
    t.match(await send(url, { method: 'POST', path: CHANGE_BILLING, headers, body }), { http: 200, body: { status: 100 } }, name)
  }
})

t.test('a body that is declared to be compressed is refused and changes nothing', async t => {
  const { send, everything } = await guarded(t)
  const before = await everything()
  const body = JSON.stringify({ name: 'small', balance: '1' })
  for (const [encoding, sent] of [['gzip', gzipSync(body)], ['GZip', gzipSync(body)], ['br', body], ['identity, gzip', gzipSync(body)]] as const) {
    const answer = await send({ method: 'POST', path: '/__admin/accounts', headers: { 'content-type': 'application/json', 'content-encoding': encoding }, body: sent })
    t.match(answer, { http: 415, body: { detail: 'compressed bodies are not read', advice: /without the header content-encoding/ } }, encoding)
  }
  t.strictSame(await everything(), before)
  for (const encoding of ['identity', 'Identity', '']) {
    const answer = await send({ method: 'POST', path: '/__admin/accounts', headers: { 'content-type': 'application/json', 'content-encoding': encoding }, body: '{}' })
    t.equal(answer.http, 201, JSON.stringify(encoding))
  }
})

t.test('a body that is not declared as JSON is refused and changes nothing', async t => {
  const types = [undefined, '', 'json', 'text/plain', 'text/plain; charset=UTF-8', 'text/plain; application/json', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonp', 'application/json5', 'application/merge-patch+json', 'application/json, text/plain', 'application/ json', '\tapplication/json/']
  const { send, everything } = await guarded(t)
  const before = await everything()
  for (const [row, type] of types.entries()) {
    const received: Array<[call: string, answer: Received]> = []
    for (const [method, path, body] of share(WRITES, row, 5)) {
      const headers = type === undefined ? {} : { 'content-type': type }
      received.push([`${method} ${path}`, await send({ method, path, headers, body: JSON.stringify(body ?? {}) })])
    }
    areProblems(t, received, 415, 'the body must be JSON and be declared as such', String(type))
  }
  t.strictSame(await everything(), before)
  for (const type of ['application/json', 'Application/JSON', 'application/json; charset=utf-8', 'application/json;charset=UTF-8']) {
    t.equal((await send({ method: 'POST', path: '/__admin/accounts', headers: { 'content-type': type }, body: '{}' })).http, 201, type)
  }
})

t.test('an unreadable body is refused and changes nothing', async t => {
  const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
  const bodies: ReadonlyArray<readonly [name: string, body: string | Buffer, status: number, detail: string | RegExp]> = [
    ['no JSON', 'credit=5', 400, 'the body is not valid JSON: invalid symbol at line 1, column 1'],
    ['white space', ' ', 400, 'the body is not valid JSON: value expected at line 1, column 2'],
    ['half an object', '{\n  "credit": "5"', 400, 'the body is not valid JSON: close brace expected at line 2, column 16'],
    ['a comma too many', '{"credit":"5",}', 400, 'the body is not valid JSON: '],
    ['a comment', '{"credit":"5"} // more', 400, 'the body is not valid JSON: '],
    ['two values', '{"credit":"5"}{}', 400, 'the body is not valid JSON: end of file expected at line 1, column 15'],
    ['a key that is there twice', '{"credit":"5","credit":"6"}', 400, 'the body is not valid JSON: duplicate key "credit" at line 1, column 15'],
    ['a key that is there twice further down', '[{"name":"a","clock":{"mode":"system","mode":"frozen"}}]', 400, 'duplicate key "mode"'],
    ['the key __proto__', '{"__proto__":{"credit":"5"}}', 400, 'the key "__proto__" is not allowed'],
    ['too many levels', deep(501), 400, 'nested too deeply at line 1, column 501'],
    ['very many levels', deep(200_000), 400, 'nested too deeply'],
    ['bytes that are no text', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), 400, 'the body is not valid JSON: invalid UTF-8 at line 1, column 3'],
    ['UTF-16', Buffer.from('{"credit":"5"}', 'utf16le'), 400, 'the body is not valid JSON: ']
  ]
  const { send, everything, url } = await guarded(t)
  const before = await everything()
  for (const [row, [name, body, status, detail]] of bodies.entries()) {
    const received: Array<[call: string, answer: Received]> = []
    for (const [method, path] of share(WRITES, row, 5)) received.push([`${method} ${path}`, await send({ method, path, headers: JSON_HEADERS, body })])
    areProblems(t, received, status, detail, name)
  }
  t.strictSame(await everything(), before)

  const head = (path: string, length: string) => `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${length}\r\n\r\n`
  for (const [path, limit] of [['/__admin/accounts', memoryBounds().scenario], ['/__admin/faults', 1_048_576]] as const) {
    const refused = new RegExp(`^HTTP/1\\.1 413 [^]*problem\\+json[^]*"detail":"the body can't be read: it is larger than ${limit} bytes","advice":"send a world in parts`)
    t.match(await raw(url, head(path, `content-length: ${limit + 1}`)), refused, path)
    t.notMatch(await raw(url, head(path, `content-length: ${limit}`), 100), '413', path)
  }
  t.equal(await raw(url, head('/__admin/accounts', 'content-length: 100') + '{"name":"a"}', 100), '', 'a body that is shorter than it says is waited for, until its client goes away')
  t.match(await raw(url, head('/__admin/accounts', 'content-length: five') + '{"name":"a"}'), /^HTTP\/1\.1 400 /)
  t.match(await raw(url, head('/__admin/accounts', 'content-length: 12\r\ncontent-length: 13') + '{"name":"a"} '), /^HTTP\/1\.1 400 /)
  t.match(await raw(url, head('/__admin/accounts', 'transfer-encoding: chunked\r\ncontent-length: 12') + '{"name":"a"}'), /^HTTP\/1\.1 400 /)
  t.notMatch(await raw(url, head('/__admin/accounts', 'content-length: 2') + '[]{"name":"a"}'), '"name":"a"', 'what comes behind a body is no part of it')
  t.strictSame(await everything(), before)

  t.match(await send({ method: 'POST', path: '/__admin/accounts', headers: JSON_HEADERS, body: '\ufeff{"name":"a"}' }), { http: 201 }, 'a byte order mark is passed over')
  t.match(await send({ method: 'POST', path: '/__admin/accounts', headers: JSON_HEADERS, body: `{"name":"large"${' '.repeat(2_000_000)}}` }), { http: 201 }, 'a world may be larger than a request of the emulated API')
  t.match(await send({ method: 'POST', path: '/__admin/accounts', headers: { ...JSON_HEADERS, 'transfer-encoding': 'chunked' }, body: '{"name":"é"}' }), { http: 201, body: { name: 'é' } })
})

t.test('an unknown call is a 404 that points to the list of routes, or a 405 that names the methods of the path', async t => {
  const { send, everything } = await guarded(t)
  const before = await everything()
  const calls: ReadonlyArray<readonly [method: string, path: string, allowed?: string]> = [
    ['GET', '/__admin'], ['GET', '/__admin/'], ['GET', '/__admin/nothing'], ['GET', '/__admin/state/'], ['GET', '/__admin/State'], ['GET', '/__admin//state'],
    ['OPTIONS', '/__admin/nothing'], ['GET', '/__admin/openapi-json'], ['GET', '/__admin/accounts/demo/projects/5786/x'],
    ...['POST', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'].map((method): [string, string, string] => [method, '/__admin/state', 'GET, PUT']),
    ['PUT', '/__admin/reset', 'POST'], ['GET', '/__admin/reset', 'POST'], ['PUT', '/__admin/accounts', 'GET, POST'], ['DELETE', '/__admin/accounts', 'GET, POST'],
    ['GET', '/__admin/accounts/demo/reset', 'POST'], ['GET', '/__admin/accounts/demo/projects/5786', 'PUT, PATCH, DELETE'], ['POST', '/__admin/requests/wait', 'GET'],
    ['POST', '/__admin/plans', 'GET, PUT'], ['PUT', '/__admin/settings', 'GET, PATCH'], ['POST', '/__admin/openapi.json', 'GET']
  ]
  for (const [method, path, allowed] of calls) {
    for (const [headers, body] of [[{}, undefined], [JSON_HEADERS, '{}'], [{ 'content-type': 'text/plain' }, '{}']] as const) {
      const received = await send({ method, path: `${path}?token=secret`, headers, body })
      if (allowed === undefined) isProblem(t, received, 404, `the control API has no ${method} ${path}`, `${method} ${path}`)
      else isProblem(t, received, 405, `${path} accepts ${allowed}, not ${method}`, `${method} ${path}`)
      t.match(received.body, { advice: /^\/__admin\/openapi\.json / })
      t.equal(received.headers.allow, allowed)
      t.notMatch(received.text, 'secret')
    }
  }
  t.equal((await send({ method: 'HEAD', path: '/__admin/state' })).http, 405)
  t.strictSame(await everything(), before)
})

t.test('the options adminToken and allowHost are validated', async t => {
  const wrong: ReadonlyArray<readonly [name: string, options: StartOptions, message: string]> = [
    ...['', ' ', ' sesame', 'sesame\n', 'sésame', 'a\tb', 5].map((adminToken): [string, StartOptions, string] =>
      [`the token ${JSON.stringify(adminToken)}`, { adminToken: adminToken as string }, 'the option adminToken is wrong: found "[redacted]", expected ASCII text that is not empty, without spaces around it']),
    ...['', 'emulator:4290', 'http://emulator', '*', 'a b', '::1', 5, ['fine', '']].map((allowHost): [string, StartOptions, string] =>
      [`the host ${JSON.stringify(allowHost)}`, { allowHost: allowHost as string }, `the option allowHost is wrong: found ${JSON.stringify(allowHost)}, expected a host name without a port`])
  ]
  for (const [name, options, message] of wrong) {
    t.throws(() => readOptions(options), { name: 'Problem', message: new RegExp(`^${message.replace(/[[\]*.+?()]/g, '\\$&')}`) }, name)
    await t.rejects(start(options), { name: 'Problem' }, name)
  }
  t.strictSame(readOptions({}).access, { token: null, hosts: [] })
  t.strictSame(readOptions({ adminToken: 'open sesame!', allowHost: 'emulator' }).access, { token: 'open sesame!', hosts: ['emulator'] })
})

t.test('a path of the control API that can\'t be decoded is a 404 problem document', async t => {
  const { ask } = await emulate(t)
  for (const path of ['/__admin/%zz', '/__admin/accounts/%']) {
    const answer = await ask(path, {})
    t.equal(answer.headers.get('content-type'), 'application/problem+json', path)
    t.match(answer.body, { status: 404, detail: `the control API has no GET ${path}`, advice: /openapi\.json/ })
  }
})

t.test('no call that the OpenAPI document lists can be made from elsewhere, and each refusal protects itself', async t => {
  const { url, everything } = await guarded(t, WITH_NAMES)
  const { paths } = await (await fetch(`${url}/__admin/openapi.json`)).json() as { readonly paths: Readonly<Record<string, object>> }
  const calls = Object.entries(paths).filter(([path]) => path.startsWith('/__admin') && path !== '/__admin/health').flatMap(([path, methods]) =>
    Object.keys(methods).map(method => [method.toUpperCase(), path.replace('{account}', 'demo').replace(/\{\w+\}/g, '1')] as const))
  t.ok(calls.length > 50, `${calls.length} calls`)
  const before = await everything()
  const foreign: ReadonlyArray<Record<string, string | string[]>> = [
    { host: 'evil.example' }, { host: 'localhost', origin: 'http://evil.example' }, { host: 'localhost', 'sec-fetch-site': 'cross-site' },
    { host: 'emulator.test', 'user-agent': 'Mozilla/5.0' }, { host: '[::1%25lo]' }, { host: 'localhost.evil.example.' }
  ]
  const granted: string[] = []
  for (const [row, [method, path]] of calls.entries()) {
    for (const headers of share(foreign, row, 3)) {
      const answer = await send(url, { method, path, headers: { ...headers, ...JSON_HEADERS }, ...method !== 'GET' && { body: '{}' } })
      const isProtected = answer.headers['content-security-policy']?.includes('sandbox') === true && answer.headers['x-content-type-options'] === 'nosniff' &&
        answer.headers['cross-origin-resource-policy'] === 'same-origin' && answer.headers['cache-control'] === 'no-store' && /^application\/problem\+json/.test(String(answer.headers['content-type']))
      if (![400, 403].includes(answer.http) || !isProtected) granted.push(`${method} ${path} with ${JSON.stringify(headers)}: ${answer.http}`)
    }
  }
  t.strictSame(granted, [])
  t.strictSame(await everything(), before, 'nothing has changed')
  for (const path of ['/__admin/state', '/__admin/health', '/__admin/case']) {
    t.equal((await send(url, { method: 'GET', path })).headers['cache-control'], 'no-store', `no proxy keeps ${path}`)
  }
})
