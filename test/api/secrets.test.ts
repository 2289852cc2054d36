import { Writable } from 'node:stream'
import pino from 'pino'
import t from 'tap'
import { BASE_PATH, ENDPOINTS, servedAt } from '../../src/api/index.js'
import type { JournalEntry } from '../../src/contract/journal-entry.js'
import { createContext } from '../../src/runtime/context.js'
import { bundledPlans } from '../../src/scenario/bundled.js'
import { loadSeed } from '../../src/scenario/load.js'
import { readScenario } from '../../src/scenario/read.js'
import { buildApp } from '../../src/server/app.js'
import { openStore } from '../../src/store/index.js'

const MASTER = 'a master token of the account'
const KEY = 'aaaabbbbccccddddeeeeffff000011'
const GIVEN = '0123456789abcdef0123456789abcdef01234567'

/** An emulator whose log and events are kept, which does not listen. */
const logged: string[] = []
const published: string[] = []
const store = openStore()
loadSeed(store, readScenario({
  clock: { mode: 'frozen', at: '2020-06-16' },
  accounts: [{ name: 'a', token: MASTER, balance: '100', projects: [{ project_id: 1, license_key: KEY, api_tokens: [{ token: GIVEN, ip: '192.0.2.7' }] }] }]
}, { plans: bundledPlans(), machineTime: Date.now(), seed: 1 }))
const log = pino({ level: 'trace' }, new Writable({ write (chunk, _encoding, done) { logged.push(String(chunk)); done() } }))
const context = createContext({ store, log, machineTime: Date.now, seed: 1, journal: { entries: 100, bytes: 1e7 } })
const app = await buildApp(context, { access: { token: null, hosts: [] }, endpoints: servedAt({}), hasConsole: false })
t.teardown(async () => {
  await app.close()
  store.close()
})
context.eventBus.subscribe(message => { published.push(JSON.stringify(message)) })

async function ask (path: string, body?: object): Promise<string> {
  return (await app.inject({ method: body === undefined ? 'GET' : 'POST', url: path, ...body && { payload: body } })).body
}

const journal = async (): Promise<JournalEntry[]> => (JSON.parse(await ask('/__admin/requests')) as { requests: JournalEntry[] }).requests

/** What there is to be kept secret: the account's token, and every token and licence key that was ever given or made. */
const secrets = new Set([MASTER, KEY, GIVEN])

async function post (path: string, fields: object): Promise<string> {
  const text = await ask(BASE_PATH + path, { token: MASTER, ...fields })
  for (const [, secret] of text.matchAll(/"([0-9a-f]{40}|[0-9a-f]{30})"/g)) secrets.add(secret!)
  return text
}

t.test('what was made and given is shown to the client alone: not by the journal, not to listeners, not in the log', async t => {
  await post('/pm/create-project', { project_name: 'Token', notes: 'API token', billing_plan: 2, generate_api_token: true, token_ip_address: ['192.0.2.1', '::1'] })
  const [made] = [...secrets].slice(4)
  await post('/pm/get-projects', { project_id: 1 })
  await post('/pm/get-projects', { project_id: 0 })
  await post('/pm/create-api-token', { project_id: 1, ip_whitelist: ['192.0.2.2'] })
  await post('/pm/manage-api-token', { project_id: 2, api_token: made, action: 1 })
  await post('/pm/manage-api-token', { project_id: 2, api_token: `${made} misspelt`, action: 1 })
  await post('/pm/set-webhook', { project_id: 1, global_webhook: 'https://example.com/' })
  await post('/pm/fetch-balance', {})
  await post('/check-balance', { token: GIVEN })
  await post('/check-balance', { token: made })
  t.equal(secrets.size, 3 + 3 + 1, 'two tokens and a key of the new project, and a token of the old one')
  t.same([...new Set((await journal()).map(({ endpoint }) => endpoint))], ENDPOINTS.map(({ name }) => name).slice(1))

  const [, one] = await journal()
  const shown: Record<string, string> = {
    'the list': await ask('/__admin/requests'),
    'a request': await ask(`/__admin/requests/${one!.id}`),
    'what was waited for': await ask('/__admin/requests/wait?timeout=0ms'),
    'a problem: none should have come': await ask('/__admin/requests/wait?count=0&timeout=0ms'),
    'a problem: the nearest misses': await ask('/__admin/requests/wait?timeout=0ms&plan_id=x&project_id=x&account=x&text=x'),
    'the listeners': published.join(),
    'the log': logged.join()
  }
  for (const [where, text] of Object.entries(shown)) {
    t.ok(text.length > 300, where)
    t.same([...secrets].filter(secret => text.includes(secret)), [], where)
  }
  for (const secret of secrets) t.match(JSON.parse(await ask(`/__admin/requests?text=${encodeURIComponent(secret)}`)), { total: 0 }, 'nor can it be guessed at')
})

t.test('and all that is no secret is shown as it was', async t => {
  const [created, shown, all, added, managed] = await journal()
  t.same(created!.request.body, { token: '[redacted]', project_name: 'Token', notes: 'API token', billing_plan: 2, generate_api_token: true, token_ip_address: ['192.0.2.1', '::1'] })
  t.match(created!.response!.body, { project_name: 'Token', license_key: '[redacted]', qr_code_base64: /^aHR0c/, api_tokens: [{ ip: '192.0.2.1', token: '[redacted]' }, { ip: '::1', token: '[redacted]' }], amount_debited: '5', notes: 'API token' })
  t.match(shown!.response!.body, { project_id: '1', license_key: '[redacted]', api_tokens: [{ ip: '192.0.2.7', token: '[redacted]' }] })
  t.match(all!.response!.body, { projects: [{ project_id: '1', license_key: '[redacted]', api_tokens: [{ ip: '192.0.2.7', token: '[redacted]' }] }, { project_id: '2' }] })
  t.same(added!.request.body, { token: '[redacted]', project_id: 1, ip_whitelist: ['192.0.2.2'] })
  t.same(added!.response!.body, { status: 100, message: 'Success', project_id: 1, api_token: [{ ip: '192.0.2.2', token: '[redacted]' }] })
  t.same(managed!.request.body, { token: '[redacted]', project_id: 2, api_token: '[redacted]', action: 1 })
})

t.test('a list of tokens that is not as documented is not shown at all', async t => {
  const S = 'a secret of nobody'
  const lists = [[S], [{ ip: '::1', token: S, also: S }], [[S]], [{ ip: '::1', token: S }, S], { ip: '::1', token: S }, S]
  for (const name of ['api_tokens', 'api_token']) {
    for (const list of lists) {
      await ask(`${BASE_PATH}/check-balance`, { [name]: list })
      const entry = (await journal()).at(-1)!
      t.same(entry.request.body, { [name]: '[redacted]' }, JSON.stringify({ [name]: list }))
    }
    await ask(`${BASE_PATH}/check-balance`, { [name]: [], list: [{ [name]: [null, { ip: '::1' }, {}, { token: S }] }] })
    t.same((await journal()).at(-1)!.request.body, { [name]: [], list: [{ [name]: [null, { ip: '::1' }, {}, { token: '[redacted]' }] }] })
    await ask(`${BASE_PATH}/check-balance?${name}=${encodeURIComponent(S)}`, {})
    t.equal((await journal()).at(-1)!.path, `${BASE_PATH}/check-balance?${name}=[redacted]`)
  }
  t.notOk((await ask('/__admin/requests')).includes(S))
})

t.test('the log shows no secret of a path, whatever route it misses', async t => {
  const unknown = 'a secret of nobody'.replaceAll(' ', '-')
  const paths = [
    `${BASE_PATH}/check-balance&token=${unknown}`, `${BASE_PATH}/check-balance;token=${unknown}`, `${BASE_PATH}/check-balance%3Ftoken=${unknown}`, `${BASE_PATH}/token:${unknown}`,
    `${BASE_PATH}/${GIVEN}/check-balance`, `/${GIVEN}`, `/__admin/${GIVEN}`, `/__admin/accounts/a&token=${unknown}`, `${BASE_PATH}/check-balance?token=${unknown}`,
    `${BASE_PATH}/${[...GIVEN].map(letter => `%${letter.charCodeAt(0).toString(16)}`).join('')}`
  ]
  logged.length = 0
  for (const path of paths) await ask(path, {})
  t.equal(logged.length, paths.length)
  t.same(logged.filter(line => line.includes(unknown) || line.includes(GIVEN) || decodeURIComponent(line).includes(GIVEN)), [])
  t.equal(logged.filter(line => line.includes('[redacted]')).length, paths.length - 1, 'all but the query, which is not logged at all')
  await ask(`${BASE_PATH}/check-balance`, {})
  t.match(JSON.parse(logged.at(-1)!), { path: `${BASE_PATH}/check-balance` })
  t.notOk((await ask('/__admin/requests')).includes(unknown), 'nor does the journal')
})

t.test('a problem document quotes no token that was sent in place of something else', async t => {
  const calls: Array<[path: string, body?: object]> = [
    [`/accounts/${GIVEN}`], [`/faults/${GIVEN}/x`], [`/requests/${GIVEN}`], [`/requests?account=${GIVEN}&limit=${GIVEN}`], [`/requests/wait?text=${GIVEN}&path=${GIVEN}&timeout=0ms`], [`/accounts/a/wallet/${GIVEN}/${'x'.repeat(1001)}`],
    ['/clock/advance', { by: GIVEN }], ['/undo', { id: GIVEN }], ['/faults', { kind: GIVEN }], ['/faults', { [GIVEN]: 1 }], ['/accounts', { copy_of: GIVEN }], ['/accounts', { name: 'a', note: GIVEN }]
  ]
  for (const [path, body] of calls) {
    const answer = await ask(`/__admin${path}`, body)
    t.match(JSON.parse(answer), { type: 'about:blank', detail: String, advice: String }, path)
    t.notOk(answer.includes(GIVEN), answer)
  }
  const { detail } = JSON.parse(await ask('/__admin/clock/advance', { by: GIVEN })) as { detail: string }
  t.match(detail, 'the clock is wrong at /by: found "[redacted]", expected an ISO 8601 duration', 'and says all the rest')
  const wrong = JSON.parse(await ask('/__admin/accounts', { name: 'b', token: 5 })) as object
  t.match(wrong, { errors: [{ pointer: '/token' }], detail: /^the body is wrong at \/token: found .*, expected a/ }, 'also of a secret field')
})

t.test('the token of the control API is shown nowhere, either', async t => {
  const adminToken = 'an-admin-token-0815'
  const store = openStore()
  t.teardown(store.close)
  store.tokens.note(GIVEN)
  const { journal: kept } = createContext({ store, log, machineTime: Date.now, seed: 1, journal: { entries: 1, bytes: 1e6 }, adminToken })
  t.equal(kept.redact(`${adminToken} ${GIVEN} b`), '[redacted] [redacted] b')
  t.equal(kept.redact(`${adminToken} ${GIVEN} b`), '[redacted] [redacted] b', 'however often it is asked')
})
