import fc from 'fast-check'
import { getEventListeners } from 'node:events'
import { connect as openSocket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import t, { type Test } from 'tap'
import { SECRET } from '../../src/api/fields.js'
import { BASE_PATH, ENDPOINTS, servedAt } from '../../src/api/index.js'
import { isSecretName, SECRET_FIELDS } from '../../src/api/secret-fields.js'
import { readCase } from '../../src/case/read.js'
import { connect, type Account } from '../../src/client/connect.js'
import type { CaseRequest } from '../../src/contract/case.js'
import type { RequestFilter } from '../../src/contract/control.js'
import type { JournalEntry } from '../../src/contract/journal-entry.js'
import { entryOf } from '../../src/journal/entry.js'
import { headerLines } from '../../src/journal/headers.js'
import { createJournal } from '../../src/journal/journal.js'
import { LINTS, UNREADABLE_LINTS, type Entry, type Recorded } from '../../src/journal/record.js'
import { waitFor } from '../../src/journal/wait.js'
import { createContext, type Context } from '../../src/runtime/context.js'
import { bundledPlans } from '../../src/scenario/bundled.js'
import { loadSeed } from '../../src/scenario/load.js'
import { readScenario } from '../../src/scenario/read.js'
import { buildApp } from '../../src/server/app.js'
import { listen } from '../../src/server/listen.js'
import { openStore } from '../../src/store/index.js'
import { effort } from '../support/effort.js'
import { CHANGE_BILLING, emulate, SAMPLE } from '../support/emulator.js'
import { listenTo } from '../support/events.js'
import { send as sendTo } from '../support/http.js'
import { recorded } from '../support/recorded.js'
import { refusal } from '../support/refusal.js'
import { until } from '../support/until.js'

interface Asked {
  readonly method?: string
  /** Behind the endpoint's path. */
  readonly query?: string
  readonly path?: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

async function ask (url: string, { method = 'POST', path = CHANGE_BILLING, query = '', headers = { 'content-type': 'application/json' }, body = '' }: Asked): Promise<string> {
  return (await sendTo(url, { method, path: path + query, headers, body })).text
}

const change = (url: string, fields: object = {}, headers?: Record<string, string>) =>
  ask(url, { body: JSON.stringify({ ...SAMPLE, ...fields }), ...headers && { headers } })

/** Whether something is over, and what came of it. */
interface Settled<T = unknown> { readonly is: () => boolean, readonly outcome: Promise<T> }

function settled<T> (outcome: Promise<T>): Settled<T> {
  let isOver = false
  outcome.finally(() => { isOver = true }).catch(() => {})
  return { is: () => isOver, outcome }
}

const entryFor = (more: Partial<Recorded>): Entry => createJournal({ entries: 10, bytes: 1e9 }).add(recorded(more))

t.test('entries of the journal', async t => {
  const { url } = await emulate(t, { clock: 'frozen:2020-06-16T12:00:00Z' })
  const control = connect(url)

  t.test('an entry of a granted request has all its fields', async t => {
    const began = Date.now()
    await ask(url, { query: '?trace=1', body: JSON.stringify({ ...SAMPLE, plan_id: '2' }), headers: { 'Content-Type': 'application/json', 'X-Trace': 'a', accept: 'application/json' } })
    const [entry] = await control.requests.list()
    t.match(entry, {
      id: '1-1',
      account: 'demo',
      endpoint: 'change-billing',
      method: 'POST',
      path: `${CHANGE_BILLING}?trace=1`,
      emulated_at: '2020-06-16T12:00:00Z',
      request: { headers: { 'content-type': 'application/json', 'x-trace': 'a', accept: 'application/json' }, body: { token: '[redacted]', project_id: 5786, service: 1, plan_id: '2' } },
      response: { http_status: 200, headers: { 'content-type': 'application/json' }, body: { status: 100, amount_debited: '5' } },
      api_status: 100,
      rule: null,
      assumptions: [],
      charged: true,
      lint: [{ name: 'numeric-string', says: 'plan_id is a string; the documented sample has a number' }],
      fault: null
    })
    t.ok(Date.parse(entry!.at) >= began - 1 && Date.parse(entry!.at) <= Date.now(), entry!.at)
    t.ok(entry!.duration_ms >= 0)
    t.equal(entry!.duration_ms, Math.round(entry!.duration_ms * 100) / 100)
    t.same(await control.requests.get('1-1'), entry)
    t.ok((await control.audit()).ok)
  })

  t.test('an entry of a refused request has its rule and assumptions', async t => {
    await change(url)
    const [entry] = await control.requests.list({ rule: 'plan-must-differ' })
    t.match(entry, { api_status: 410, rule: 'plan-must-differ', assumptions: ['same-plan'], charged: false, response: { headers: { 'x-emulator-assumptions': 'same-plan' }, body: { status: 410 } } })
  })

  t.test('an entry of an unknown token has no account and the time of the world', async t => {
    const account = await control.createAccount({ name: 'later', clock: { mode: 'frozen', at: '2024-01-01' } })
    await change(url, { token: 'nobody' })
    await change(url, { token: account.token })
    t.match((await control.requests.list()).slice(-2), [{ account: null, emulated_at: '2020-06-16T12:00:00Z' }, { account: 'later', emulated_at: '2024-01-01T00:00:00Z', rule: 'api-is-disabled-after-cutoff', api_status: 101 }])
  })

  t.test('an entry of a request that reached no endpoint tells why', async t => {
    await ask(url, { path: '/elsewhere', query: '?a=1' })
    await ask(url, { method: 'GET' })
    await ask(url, { body: '{"plan_id":' })
    await ask(url, { body: 'x'.repeat(1_048_577) })
    t.match((await control.requests.list()).slice(-4), [
      { endpoint: null, path: '/elsewhere?a=1', rule: 'path-must-be-known', api_status: 410, lint: [], response: { http_status: 404 } },
      { endpoint: 'change-billing', method: 'GET', rule: 'method-must-be-post', request: { body: '' } },
      { rule: 'body-must-be-json-object', request: { body: '{"plan_id":' } },
      { rule: 'body-must-be-json-object', request: { body: '' } }
    ])
  })

  t.test('an entry joins repeated headers', async t => {
    const entry = entryOf(entryFor({ headers: headerLines(['X-Trace', 'a', 'x-trace', 'b', 'X-Empty', '', '__proto__', 'c']) }))
    t.equal(entry.request.headers['x-trace'], 'a, b')
    t.equal(entry.request.headers['x-empty'], '')
    t.strictSame(entryOf(entryFor({ headers: headerLines([]) })).request.headers, {}, 'or of none at all')
    t.notOk(Object.hasOwn(entry.request.headers, '__proto__'), 'a name that no reader of JSON here takes is left out')
  })
})

const SECRET_TEXT = 'zq7SeCrEtTokenzq7'.replace('Token', '9')
const SECRET_NUMBER = 735_198_246_571

/** Every way to write a text by which it can be read again. */
function readings (text: string): string {
  const unescaped = text.replace(/\\+u([0-9a-f]{4})/gi, (_all, code: string) => String.fromCharCode(parseInt(code, 16)))
  const decoded = unescaped.replace(/%(?:25)*([0-9a-f]{2})/gi, (_all, code: string) => String.fromCharCode(parseInt(code, 16)))
  return `${text} ${unescaped} ${decoded}`
}

const isIn = (text: string): boolean => readings(text).includes(SECRET_TEXT) || readings(text).includes(String(SECRET_NUMBER))

const escaped = (text: string): string => [...text].map(letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
const percents = (text: string): string => [...text].map(letter => `%${letter.charCodeAt(0).toString(16)}`).join('')

/** How a client may send the secret field `name` of an endpoint. */
function waysToSend (name: string): Array<[string, Asked]> {
  const S = SECRET_TEXT
  const capital = name[0]!.toUpperCase() + name.slice(1)
  const json = (value: unknown): Asked => ({ body: JSON.stringify(value) })
  const text = (body: string, type = 'text/plain'): Asked => ({ body, headers: { 'content-type': type } })
  const boundary = 'multipart/form-data; boundary=b'
  return [
    ['as documented', json({ ...SAMPLE, [name]: S })],
    ['as documented, and the answer refuses a number', json({ ...SAMPLE, [name]: SECRET_NUMBER })],
    ['as a number in text that is cut off', text(`{"${name}":${SECRET_NUMBER},"plan_id":`)],
    ['as a list', json({ [name]: [S, { a: S }] })],
    ['as an object', json({ [name]: { value: S } })],
    ['in the wrong case', json({ [name.toUpperCase()]: S, [capital]: S })],
    ['under a longer name', json({ [`api_${name}`]: S, [`x-${name}`]: S, [`my${capital}`]: S, [`${name}s`]: [S] })],
    ['nested', json({ data: { list: [{ deep: { [name]: S } }] } })],
    ['nested in a list', json([{ [name]: S }])],
    ['in pairs', json([{ name, value: S }, [capital, S]])],
    ['in pairs of an object', json({ fields: [{ key: name.toUpperCase(), value: S, more: { x: S } }] })],
    ['beside a copy in a field of another name', json({ ...SAMPLE, [name]: S, api_key: S, project_id: S, note: `it is ${S}!` })],
    ['beside a copy in the path and in other headers', { path: `${CHANGE_BILLING}/${S}`, headers: { 'x-client': `me ${S}`, 'content-type': 'application/json' }, body: JSON.stringify({ [name]: S }) }],
    ['beside a copy that is a number', json({ [name]: String(SECRET_NUMBER), copy: SECRET_NUMBER, list: [SECRET_NUMBER] })],
    ['as JSON that was made to JSON twice', json(JSON.stringify({ ...SAMPLE, [name]: S }))],
    ['as JSON that was made to JSON three times', json(JSON.stringify(JSON.stringify({ [name]: S })))],
    ['as JSON in a field of JSON', json({ payload: JSON.stringify({ [name]: S }) })],
    ['as JSON in a field of JSON, where the key is twice', json({ payload: `{"note":"${name}=${S}","note":"x"}` })],
    ['as JSON that was made to JSON twice and cut off', text(JSON.stringify(JSON.stringify({ [name]: S, plan_id: 1 })).slice(0, -3))],
    ['with its key twice', text(`{"${name}":"${S}","${name}":"${S}"}`)],
    ['as the key', text(`{"${name}=${S}":1}`)],
    ['with a key that is escaped', text(`{"${escaped(name)}":"${S}"}`)],
    ['with a value that is escaped', text(`{"${name}":"${escaped(S)}"}`)],
    ['with a key that is escaped, cut off', text(`{"${escaped(name)}":"${S}"`)],
    ['with a value that is escaped, cut off', text(`{"${name}":"${escaped(S)}"`)],
    ['with a value that has quotes in it, cut off', text(`{"${name}":"a\\"${S}","plan_id":`)],
    ['cut off behind it', text(`{"${name}":"${S}"`)],
    ['cut off within it', text(`{"${name}": "${S}`)],
    ['with a comma too much', text(`{"${name}": "${S}",}`)],
    ['over several lines, cut off', text(`{\n  "${name}":\n    "${S}",\n  "plan_id": 2\n`)],
    ['in a list, cut off', text(`{"${name}": ["a", "${S}"`)],
    ['in an object, cut off', text(`{"${name}": {"a": {"b": 1}, "value": "${S}"`)],
    ['with single quotes', text(`{'${name}': '${S}', 'plan_id': 2}`)],
    ['with single quotes and an escaped one', text(`{'${name}': 'a\\'${S}'}`)],
    ['with typographic quotes', text(`{“${name}”: “${S}”}`)],
    ['without quotes', text(`{${name}: ${S}, plan_id: 2}`)],
    ['as YAML', text(`${name}: ${S}\nplan_id: 2`)],
    ['as a hash', text(`{:${name} => "${S}", '${name}' => '${S}'}`)],
    ['as XML', text(`<request><${name}>${S}</${name}></request>`, 'application/xml')],
    ['as a form', text(`plan_id=2&${name}=${S}&service=1`, 'application/x-www-form-urlencoded')],
    ['as a form in capitals', text(`${name.toUpperCase()}=${S}`)],
    ['as a form with brackets', text(`${name}[]=${S}&data[${name}]=${S}&${name}%5B%5D=${S}`)],
    ['as a form with an escaped name', text(`${percents(name)}=${S}`)],
    ['as a form that is escaped as a whole', text(encodeURIComponent(`${name}=${S}`))],
    ['as JSON that is escaped', text(encodeURIComponent(JSON.stringify({ [name]: S })))],
    ['as a part of a form', text(`--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${S}\r\n--b--\r\n`, boundary)],
    ['as a part of a form with headers', text(`--b\r\nContent-Disposition: form-data; name="${name}"\r\nContent-Type: text/plain\r\n\r\n${S}\r\n--b--\r\n`, boundary)],
    ['behind a word', text(`${name}=Bearer ${S}`)],
    ['in JSON nested too deeply to look through', text(`${'['.repeat(3000)}{"${name}":"${S}"}${']'.repeat(3000)}`)],
    ['in the query', { query: `?${name}=${S}` }],
    ['in the query, among others', { query: `?a=1&${name}=${S}&b=2`, body: JSON.stringify(SAMPLE) }],
    ['in the query, with strange characters', { query: `?${name}=a,b;${S}` }],
    ['in the query, escaped', { query: `?${percents(name)}=${percents(S)}` }],
    ['in the query, in capitals and with brackets', { query: `?${name.toUpperCase()}=${S}&${name}[]=${S}&x[${name}]=${S}` }],
    ['in the query, twice a question mark', { query: `?a=1?${name}=${S}` }],
    ['in the query, with semicolons', { query: `?a=1;${name}=${S}` }],
    ['in the query, as JSON', { query: `?body=${encodeURIComponent(JSON.stringify({ [name]: S }))}` }],
    ['in the query, as JSON escaped twice', { query: `?body=${encodeURIComponent(encodeURIComponent(JSON.stringify({ [name]: S })))}` }],
    ['in the query, as JSON without a name', { query: `?${encodeURIComponent(JSON.stringify({ [name]: S }))}` }],
    ['in the query with a colon', { query: `?${name}:${S}` }],
    ['in the path', { path: `${CHANGE_BILLING};${name}=${S}` }],
    ['in the header authorization', { headers: { authorization: `Bearer ${S}` } }],
    ['in the header proxy-authorization', { headers: { 'proxy-authorization': S } }],
    ['in a header of its name', { headers: { [name]: S, [`x-${name}`]: S, [`X-Api-${capital}`]: S } }],
    ['in the usual headers', { headers: { 'x-api-key': S, 'X-Auth': S, 'x-secret': S, apikey: S } }],
    ['in a cookie', { headers: { cookie: `a=1; ${name}=${S}; b=2` } }],
    ['in a cookie of another name', { headers: { cookie: `session=${S}` } }],
    ['in the header referer', { headers: { referer: `http://example.test/?${name}=${S}`, 'x-original-url': `/?${name}=${S}` } }],
    ['in a header and in a field of another name', { headers: { authorization: `Bearer ${S}` }, body: JSON.stringify({ key: S, plan_id: S }) }],
    ['in the query and in a field of another name', { query: `?${name}=${S}`, body: JSON.stringify({ key: S, service: S }) }]
  ]
}

t.test('redacting secrets', async t => {
  t.test('the secret fields are derived from the schemas of the endpoints', async t => {
    for (const { name, fields } of ENDPOINTS) t.equal(fields.properties.token![SECRET], true, `${name} marks its token as a secret`)
    t.same([...SECRET_FIELDS].sort(), ['api_token', 'license_key', 'token'], 'also those that are only in answers')
    for (const name of SECRET_FIELDS) for (const form of [name, name.toUpperCase(), `x-${name}`, `my_${name}s`, `${name}s`]) t.ok(isSecretName(form), form)
    for (const name of ['token_ip_address', 'generate_api_token', 'ip', 'ip_whitelist', 'project_id', 'service', 'plan_id', 'status', 'message', 'content-type', 'accept', 'to', 'ken']) t.notOk(isSecretName(name), name)
    for (let n = 0; n < 1000; n++) isSecretName(`field_${n}`)
    t.strictSame(['api_token', 'field_1', 'field_999', `${'x'.repeat(99)}token`].map(isSecretName), [true, false, false, true], 'however many names there were')
  })

  const { url } = await emulate(t)
  const control = connect(url)
  await control.createAccounts([{ name: 'holder', token: SECRET_TEXT }, { name: 'other', token: String(SECRET_NUMBER) }])
  const everything = await listenTo(t, url)
  const admin = async (path: string): Promise<string> => await (await fetch(`${url}/__admin${path}`)).text()

  // Every way for each name, though npm test leaves out most for the second and the third; and at each other endpoint that takes it the
  // documented one.
  const tried = new Set<string>()
  let read = 0
  const licenseKey = { name: 'create-project', path: '/pm/create-project', secrets: ['license_key'] }
  for (const { name: endpoint, path, secrets } of [...ENDPOINTS.map(({ name, path, fields }) => ({ name, path, secrets: [...SECRET_FIELDS].filter(secret => secret in fields.properties) })), licenseKey]) {
    for (const name of secrets) {
      const isFirst = tried.size === 0
      const ways = waysToSend(name).slice(0, tried.has(name) ? 2 : Infinity).filter((_, index) => effort(isFirst || index % 5 === 0, true))
      tried.add(name)
      t.test(`the journal shows no ${name} of ${endpoint}, however it is sent`, async t => {
        await control.requests.clear()
        const told: string[] = []
        /** Notes where a way is told by something that is shown. */
        const look = (way: string, where: string, text: string): void => { if (isIn(text)) told.push(`${where}, sent ${way}`) }
        for (const [way, asked] of ways) {
          await ask(url, { ...asked, path: asked.path ?? BASE_PATH + path })
          const misses = await admin('/requests/wait?timeout=0ms&path=x&project_id=x&plan_id=x&text=x&account=x')
          t.match(misses, /"missed":\[/)
          look(way, 'a problem: the nearest misses', misses)
        }
        const entries = await control.requests.list({ limit: 1000 })
        t.equal(entries.length, ways.length)
        await until(() => everything.events().length === read + ways.length)
        const events = everything.events().slice(read)
        read = everything.events().length
        for (const [index, [way]] of ways.entries()) {
          const shown = JSON.stringify(entries[index])
          t.match(shown, /redacted/, `${way}: but that there was one is shown`)
          look(way, 'the list', shown)
          look(way, 'the request', await admin(`/requests/${entries[index]!.id}`))
          look(way, 'the events', JSON.stringify(events[index]))
        }
        for (const view of ['', '?text=redacted', '/wait', '/wait?count=0', '/1-0']) look('in any way', view, await admin(`/requests${view}`))
        t.same(told, [])
      })
    }
  }

  t.test('the journal shows what is no secret as it is', async t => {
    await control.requests.clear()
    const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
    t.same(entryOf(entryFor({ body: nested(50) })).request.body, JSON.parse(nested(50)))
    for (const levels of [150, 2000, 4000, 8000, 100_000]) t.equal(entryOf(entryFor({ body: nested(levels) })).request.body, nested(levels), `${levels} levels are shown as text`)
    const body = { project_id: 5786, service: '1', nested: { list: [1, null, true, 'a: b', '{ "a": 1 }', '5'] }, note: 'his name=x', price: 1.5 }
    await ask(url, { query: '?trace=a%20b&c', body: JSON.stringify(body), headers: { 'content-type': 'application/json', 'user-agent': 'client/1.0 (a=b)' } })
    await ask(url, { body: '{"project_id": 1, "plan_id": 2' })
    const [entry, broken] = await control.requests.list()
    t.same(entry!.request.body, body)
    t.equal(entry!.path, `${CHANGE_BILLING}?trace=a%20b&c`)
    t.equal(entry!.request.headers['user-agent'], 'client/1.0 (a=b)')
    t.equal(broken!.request.body, '{"project_id": 1, "plan_id": 2')
    await ask(url, { query: '?token=123&a=1', body: '{"token": "abc", "project_id": 1, "plan_id": 2' })
    await ask(url, { body: 'plan_id=2&token=a1&service=1', headers: { 'x-token': 'ab', authorization: 'Bearer x' } })
    const [, , cut, form] = await control.requests.list()
    t.equal(cut!.path, `${CHANGE_BILLING}?token=[redacted]&a=1`)
    t.equal(cut!.request.body, '{"token": "[redacted]", "project_id": 1, "plan_id": 2')
    t.equal(form!.request.body, 'plan_id=2&token=[redacted]&service=1')
    t.match(form!.request.headers, { 'x-token': '[redacted]', authorization: '[redacted]' })
  })

  t.test('the journal shows no secret of any body, wherever it is cut off', async () => {
    const value = fc.letrec<{ value: fc.JsonValue }>(tie => ({
      value: fc.oneof({ maxDepth: 4 }, fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 })) as fc.Arbitrary<fc.JsonValue>
    })).value
    const key = fc.constantFrom('token', 'Token', 'x-token', 'api_token', 'apiToken', 'TOKEN[]', 'my token')
    const holder = fc.tuple(value, key, fc.dictionary(fc.string(), value, { maxKeys: 3 }), fc.integer({ min: 0, max: 3 })).map(([outer, name, beside, levels]) => {
      let held: unknown = { ...beside, [name]: SECRET_TEXT }
      for (let level = 0; level < levels; level++) held = level % 2 === 0 ? [outer, held] : { outer, held }
      return held
    })
    fc.assert(fc.property(holder, fc.constantFrom(undefined, 2, '\t'), fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), (held, indent, where, twice) => {
      const whole = JSON.stringify(held, null, indent)
      const text = twice ? JSON.stringify(whole) : whole
      return [text, text.slice(0, Math.ceil(text.length * where))].every(body => !JSON.stringify(entryOf(entryFor({ body }))).includes(SECRET_TEXT.slice(0, 8)))
    }), { numRuns: effort(200, 2000) })
  })
})

t.test('lints', async t => {
  const { url } = await emulate(t, { clock: 'frozen:2020-06-16T12:00:00Z' })
  const control = connect(url)
  const now = async (at: string): Promise<void> => { await control.clock.freeze(at) }
  const good = { 'content-type': 'application/json', accept: 'application/json' }
  const body = JSON.stringify(SAMPLE)
  const with_ = (fields: object): string => JSON.stringify({ ...SAMPLE, ...fields })

  type Case = [name: keyof typeof LINTS, sent: Asked, says: string | null, at?: string]
  const cases: Case[] = [
    ['token-outside-body', { query: '?token=x', body, headers: good }, 'the query parameter token holds a token; it belongs in the body'],
    ['token-outside-body', { query: `?${'x'.repeat(35)}_token=x`, body, headers: good }, 'a query parameter, with a name of 41 characters, holds a token; it belongs in the body'],
    ['token-outside-body', { query: '?a=1&Api%5Ftoken=x', body, headers: good }, 'the query parameter Api_token holds a token; it belongs in the body'],
    ['token-outside-body', { body, headers: { ...good, authorization: 'Bearer x' } }, 'the header authorization holds a token; it belongs in the body'],
    ['token-outside-body', { body, headers: { ...good, 'X-Token': 'x' } }, 'the header x-token holds a token; it belongs in the body'],
    ['token-outside-body', { body, headers: { ...good, cookie: 'token=x' } }, 'the header cookie holds a token; it belongs in the body'],
    ['token-outside-body', { query: '?a=1', body, headers: { ...good, cookie: 'a=1' } }, null],
    ['numeric-string', { body: with_({ service: '1' }), headers: good }, 'service is a string; the documented sample has a number'],
    ['numeric-string', { body, headers: good }, null],
    ['content-type', { body, headers: { ...good, 'content-type': 'text/plain' } }, 'content-type is text/plain, not application/json'],
    ['content-type', { body, headers: { ...good, 'content-type': 'application/json-patch+json' } }, 'content-type is application/json-patch+json, not application/json'],
    ['content-type', { body, headers: { accept: '*/*' } }, 'content-type is missing, not application/json'],
    ['content-type', { body, headers: { ...good, 'content-type': 'Application/JSON; charset=utf-8' } }, null],
    ['content-type', { method: 'GET', headers: { accept: '*/*' } }, null],
    ['unknown-field', { body: with_({ planid: 1 }), headers: good }, 'planid is not a field of change-billing'],
    ['unknown-field', { body: with_({ constructor: 1 }), headers: good }, 'constructor is not a field of change-billing'],
    ['unknown-field', { body: with_({ ['x'.repeat(1000)]: 1 }), headers: good }, 'a name of 1000 characters is not a field of change-billing'],
    ['unknown-field', { body: with_({ ['x'.repeat(40)]: 1 }), headers: good }, `${'x'.repeat(40)} is not a field of change-billing`],
    ['unknown-field', { body: '"a text is no object"', headers: good }, null],
    ['unknown-field', { body: '[1,2]', headers: good }, null],
    ['unknown-field', { body: 'null', headers: good }, null],
    ['unknown-field', { body: '{', headers: good }, null],
    ['accept', { body, headers: { ...good, accept: 'text/html' } }, 'accept is text/html, which excludes JSON'],
    ['accept', { body, headers: { ...good, accept: 'text/html, application/*;q=0.1' } }, null],
    ['accept', { body, headers: { ...good, accept: 'text/html, */*' } }, null],
    ['accept', { body, headers: { 'content-type': 'application/json' } }, null],
    ['near-switch-off', { body, headers: good }, 'the API is switched off within a day', '2023-01-31T23:59:59.999Z'],
    ['near-switch-off', { body, headers: good }, 'the API is switched off within 30 days', '2023-01-02'],
    ['near-switch-off', { body, headers: good }, null, '2023-01-01T23:59:59.999Z'],
    ['near-switch-off', { body, headers: good }, null, '2023-02-01']
  ]
  for (const [name, sent, says, at = '2020-06-16'] of cases) {
    t.test(`the lint ${name} ${says === null ? 'passes' : `says ${says} for`} ${JSON.stringify(sent).slice(0, 60)} ${at}`, async t => {
      await now(at)
      await control.requests.clear()
      await ask(url, sent)
      const [entry] = await control.requests.list()
      t.same(entry!.lint.filter(lint => lint.name === name).map(lint => lint.says), says === null ? [] : [says])
    })
  }

  t.test('the lints numeric-string and unknown-field follow the fields of each endpoint', async t => {
    const numbers: Readonly<Record<string, string[]>> = {
      'change-billing': ['project_id', 'service', 'plan_id'],
      'create-project': ['service', 'billing_plan'],
      'get-projects': ['project_id'],
      'create-api-token': ['project_id'],
      'manage-api-token': ['project_id', 'action'],
      'set-webhook': ['project_id'],
      'fetch-balance': [],
      'check-balance': []
    }
    t.same(Object.keys(numbers), ENDPOINTS.map(({ name }) => name))
    await now('2020-06-16')
    for (const { name, path, fields } of ENDPOINTS) {
      await control.requests.clear()
      const all = ['project_id', 'service', 'plan_id', 'billing_plan', 'action', 'number', 'notes']
      await ask(url, { path: BASE_PATH + path, body: JSON.stringify({ token: SAMPLE.token, ...Object.fromEntries(all.map(field => [field, '1'])) }), headers: good })
      const [entry] = await control.requests.list()
      t.same(entry!.lint.map(({ says }) => says), [
        ...all.filter(field => !Object.hasOwn(fields.properties, field)).map(field => `${field} is not a field of ${name}`),
        ...numbers[name]!.map(field => `${field} is a string; the documented sample has a number`)
      ], name)
    }
  })

  t.test('the lint charged-retry marks an identical request after a charged one', async t => {
    await now('2020-06-16')
    const account = await control.createAccount({ balance: '100', projects: [{ project_id: 1 }, { project_id: 2 }] })
    const order = { token: account.token, project_id: 1, service: 1, plan_id: 2 }
    const bodies = [order, order, { ...order, project_id: 2 }, { ...order, plan_id: 99 }, { ...order, plan_id: 99 }, order]
    for (const fields of bodies) await ask(url, { body: JSON.stringify(fields) })
    await ask(url, { query: '?another=1', body: JSON.stringify(order) })
    const entries = await account.requests.list()
    const first = entries[0]!.id
    t.same(entries.map(({ lint }) => lint.filter(({ name }) => name === 'charged-retry').map(({ says }) => says).join()), [
      '', `the identical request ${first} has already been charged`, '', '', '', `the identical request ${first} has already been charged`, ''
    ])
    await account.requests.clear()
    await ask(url, { body: JSON.stringify(order) })
    t.same((await account.requests.list())[0]!.lint.map(({ name }) => name), [], 'what the journal has forgotten is none')
    t.ok((await control.audit()).ok)
  })

  t.test('every lint is caused by some request here, and none by a good one', async t => {
    t.same([...new Set([...cases.filter(([, , says]) => says !== null).map(([name]) => name), 'charged-retry', ...UNREADABLE_LINTS])].sort(), Object.keys(LINTS).sort(), 'those of unreadable requests in test/server/unreadable.test.ts')
    await now('2020-06-16')
    await control.requests.clear()
    await ask(url, { body: JSON.stringify({ ...SAMPLE, plan_id: 3 }), headers: good })
    await ask(url, { path: '/elsewhere', query: '?token=x', body: '{"a":1}', headers: { accept: 'text/html' } })
    t.same((await control.requests.list()).map(({ lint }) => lint), [[], []], 'nor by one that reached no endpoint')
  })

  t.test('a lint of many unknown fields stays short', async t => {
    await control.requests.clear()
    await ask(url, { body: JSON.stringify(Object.fromEntries(Array.from({ length: 50_000 }, (_none, index) => [`field${index}`, 1]))) })
    await ask(url, { body: JSON.stringify('a'.repeat(500_000)) })
    const [entry, text] = await control.requests.list()
    t.equal(entry!.lint.filter(({ name }) => name === 'unknown-field').length, 20)
    t.ok(text!.lint.length < 3)
  })
})

t.test('listing, counting and removing requests', async t => {
  const { url } = await emulate(t, { clock: 'frozen:2023-01-20' })
  const control = connect(url)
  const [one, other] = await control.createAccounts([{ name: 'one', balance: '5', projects: [{ project_id: 1 }] }, { name: 'other', projects: [{ project_id: 1 }] }]) as [Account, Account]
  const order = { token: one.token, project_id: 1, service: 1, plan_id: 2 }
  await ask(url, { body: JSON.stringify(order), headers: { 'content-type': 'application/json' } })
  await ask(url, { body: JSON.stringify({ ...order, project_id: '1' }), headers: { 'content-type': 'application/json' } })
  const fault = await one.fail({ kind: 'http_error', http_status: 503, times: 1 })
  await ask(url, { body: JSON.stringify({ ...order, plan_id: 3 }) })
  await ask(url, { body: JSON.stringify({ ...order, token: other.token }) })
  await ask(url, { body: '{', query: '?x=Umlaut' })
  await ask(url, { method: 'GET', path: '/elsewhere' })
  const hang = await other.fail({ kind: 'empty_response', times: 1 })
  await ask(url, { body: JSON.stringify({ ...order, token: other.token }) }).catch(() => '')
  const ids = (entries: readonly JournalEntry[]): number[] => entries.map(({ id }) => Number(id.split('-')[1]))

  const cases: Array<[RequestFilter & Record<string, unknown>, number[]]> = [
    [{}, [1, 2, 3, 4, 5, 6, 7]],
    [{ account: 'one' }, [1, 2, 3]],
    [{ account: 'null' }, [5, 6]],
    [{ account: 'nobody' }, []],
    [{ endpoint: 'change-billing' }, [1, 2, 3, 4, 5, 7]],
    [{ endpoint: 'null' }, [6]],
    [{ method: 'GET' }, [6]],
    [{ path: '/elsewhere' }, [6]],
    [{ path: CHANGE_BILLING }, [1, 2, 3, 4, 5, 7]],
    [{ path: `${CHANGE_BILLING}?x=Umlaut` }, []],
    [{ api_status: 100 }, [1]],
    [{ api_status: null }, [3, 7]],
    [{ http_status: 503 }, [3]],
    [{ http_status: null }, [7]],
    [{ rule: 'plan-must-differ' }, [2]],
    [{ rule: null }, [1]],
    [{ assumption: 'same-plan' }, [2]],
    [{ assumption: 'month-length' }, [1, 2, 3]],
    [{ assumption: 'null' }, [4, 5, 6, 7]],
    [{ lint: 'numeric-string' }, [2]],
    [{ lint: 'null' }, [6]],
    [{ lint: 'near-switch-off' }, [1, 2, 3, 4, 5, 7]],
    [{ fault: 'http_error' }, [3]],
    [{ fault: fault.id }, [3]],
    [{ fault: hang.id }, [7]],
    [{ fault: null }, [1, 2, 4, 5, 6]],
    [{ fault: 'fault-99' }, []],
    [{ state: 'answered' }, [1, 2, 3, 4, 5, 6]],
    [{ state: ['cut', 'client-gone'] }, [7]],
    [{ state: 'under-way' }, []],
    [{ charged: 'unanswered' }, []],
    [{ charged: true }, [1]],
    [{ charged: false }, [2, 3, 4, 5, 6, 7]],
    [{ project_id: 1 }, [1, 2, 3, 4, 7]],
    [{ project_id: 'null' }, [5, 6]],
    [{ plan_id: 3 }, [3]],
    [{ text: 'umlaut' }, [5]],
    [{ text: 'INSUFFICIENT' }, [4]],
    [{ text: one.token }, []],
    [{ account: 'one', plan_id: 2, charged: false }, [2]]
  ]
  for (const [filter, expected] of cases) {
    t.test(`GET /requests filters by ${JSON.stringify(filter)}`, async t => {
      t.same(ids(await control.requests.list(filter)), expected)
      t.equal(await control.requests.count(filter), expected.length)
    })
  }
  t.test('the tested filters of GET /requests are all documented ones', async t => {
    const { paths } = await (await fetch(`${url}/__admin/openapi.json`)).json() as { paths: Record<string, { get: { parameters: Array<{ name: string }> } }> }
    const names = paths['/__admin/requests/count']!.get.parameters.map(({ name }) => name)
    t.same([...new Set(cases.flatMap(([filter]) => Object.keys(filter)))].sort(), names.sort())
  })

  t.test('GET /requests filters by plan_id under each name that endpoints have for it', async t => {
    const { url } = await emulate(t)
    const control = connect(url)
    for (const body of [{ billing_plan: '8' }, { billing_plan: 8 }, { billing_plan: 8, plan_id: 7 }, { billing_plan: [8] }, {}]) await ask(url, { path: `${BASE_PATH}/pm/create-project`, body: JSON.stringify(body) })
    t.same(ids(await control.requests.list({ plan_id: 8 })), [1, 2, 3], 'the one that the endpoint reads')
    await ask(url, { path: CHANGE_BILLING, body: JSON.stringify({ billing_plan: 8, plan_id: 7 }) })
    t.same(ids(await control.requests.list({ plan_id: 7 })), [6])
    t.same(ids(await control.requests.list({ plan_id: 'null' } as RequestFilter)), [4, 5])
  })

  t.test('GET /requests pages with limit, after and before', async t => {
    const at = (number: number): string => `1-${number}`
    const pages: Array<[object, number[]]> = [
      [{ limit: 2 }, [6, 7]],
      [{ limit: 1000 }, [1, 2, 3, 4, 5, 6, 7]],
      [{ limit: 2, before: at(6) }, [4, 5]],
      [{ limit: 2, before: at(2) }, [1]],
      [{ before: at(1) }, []],
      [{ limit: 2, after: at(1) }, [2, 3]],
      [{ limit: 2, after: at(6) }, [7]],
      [{ after: at(7) }, []],
      [{ after: at(2), before: at(6) }, [3, 4, 5]],
      [{ after: at(2), before: at(6), limit: 1 }, [3]],
      // A request of another account has its place among this one's, too.
      [{ account: 'one', after: at(2) }, [3]],
      [{ account: 'other', after: at(2) }, [4, 7]],
      [{ account: 'other', before: at(6) }, [4]],
      // What is no longer there was before all that is.
      [{ after: '0-99' }, [1, 2, 3, 4, 5, 6, 7]],
      [{ after: '0-u7' }, [1, 2, 3, 4, 5, 6, 7]],
      [{ before: '0-99' }, []],
      [{ after: at(3), before: '0-99' }, []],
      [{ after: at(3), before: at(3) }, []]
    ]
    for (const [query, expected] of pages) t.same(ids(await control.requests.list(query)), expected, JSON.stringify(query))
    const { total } = await (await fetch(`${url}/__admin/requests?limit=1&account=one`)).json() as { total: number }
    t.equal(total, 3, 'the total does not depend on the page')
    t.match(await refusal(control.requests.list({ after: at(4), before: at(3) })), { detail: 'the query is wrong at /after: found "1-4", expected a request that is no later than the one of before, 1-3' })
  })

  t.test('GET /requests lists a hundred requests by default', async t => {
    const { url } = await emulate(t)
    for (let count = 0; count < 120; count++) await ask(url, { method: 'GET', path: '/elsewhere' })
    const list = async (query = '') => await (await fetch(`${url}/__admin/requests${query}`)).json() as { requests: JournalEntry[], total: number }
    const { requests, total } = await list()
    t.equal(total, 120)
    t.same([requests.length, requests[0]!.id, requests.at(-1)!.id], [100, '1-21', '1-120'])
    t.equal((await list('?limit=120')).requests.length, 120)
  })

  t.test('GET /requests refuses an invalid query', async t => {
    const queries: Array<[string, string, RegExp]> = [
      [`?text=${'a'.repeat(1001)}`, '/text', /at most 1000 characters/],
      ['?limit=0', '/limit', /1 to 1000/], ['?limit=1001', '/limit', /1 to 1000/], ['?limit=ten', '/limit', /1 to 1000/],
      ['?fault=http-error', '/fault', /http_error/], ['?fault=fault-', '/fault', /fault-1/], ['?fault=undefined', '/fault', /or null/],
      ['?acount=one', '/acount', /account\?/], ['?account=one&account=two', '/account', /the name of an account, or null/],
      ['/count?limit=1', '/limit', /keys here are account/], ['/wait?count=-1', '/count', /0 verifies that none arrives/], ['/wait?count=100000', '/count', /0 to 99999/], ['/wait?timeout=2', '/timeout', /500ms/],
      ['/wait?since=undefined', '/since', /such as 1-17/], ['/wait?since=&count=0', '/since', /such as 1-17/], ['/wait?since=fault-1', '/since', /such as 1-17/],
      ['?after=None', '/after', /such as 1-17/], ['?before=1-', '/before', /such as 1-17/], ['?before=17', '/before', /such as 1-17/],
      ['/wait?timeout=301s', '/timeout', /at most 5m/], ['/wait?limit=1', '/limit', /timeout/]
    ]
    for (const [query, pointer, expected] of queries) {
      const response = await fetch(`${url}/__admin/requests${query}`)
      const problem = await response.json() as { errors: Array<{ pointer: string, expected: string }> }
      t.equal(response.status, 400, query)
      t.equal(problem.errors[0]!.pointer, pointer)
      t.match(problem.errors[0]!.expected, expected)
    }
  })

  t.test('GET /requests/:id shows one request', async t => {
    t.equal((await control.requests.get('1-3')).id, '1-3')
    t.match(await refusal(control.requests.get('1-99')), { status: 404, detail: 'there is no request "1-99" in the journal', advice: /--journal-entries/ })
  })

  t.test('DELETE /requests removes by the same filters', async t => {
    t.equal(await one.requests.clear({ rule: 'plan-must-differ' }), 1)
    t.same(ids(await control.requests.list()), [1, 3, 4, 5, 6, 7])
    t.equal(await one.requests.clear(), 2)
    t.same(ids(await control.requests.list()), [4, 5, 6, 7], 'an account\'s alone')
    t.equal(await control.requests.clear({ account: 'null' }), 2)
    t.equal(await control.requests.clear(), 2)
    t.equal(await control.requests.clear(), 0)
    t.equal(await control.requests.count(), 0)
    await change(url)
    t.same(ids(await control.requests.list()), [8], 'and the ids go on')
  })
})

t.test('odd bodies break neither the journal nor waits nor events nor cases', async t => {
  const { url } = await emulate(t)
  const control = connect(url)
  const deep = '['.repeat(100_000) + ']'.repeat(100_000)
  const bodies = [
    deep, `{"project_id":${deep}}`, '{"project_id":{"toString":1}}', '{"project_id":{"valueOf":null,"toString":null}}', '{"project_id":[[["5"]]]}', '{"__proto__":{"token":1},"plan_id":5}',
    '"project_id"', '5', 'null', 'true', '[]', '""', '\uFEFF{}', '{"project_id":"\uD800"}', '{"token":"\\ud800\\ud800\\ud800\\ud800\\ud800\\ud800\\ud800"}', '{"project_id":true}', '{"":""}', 'undefined', '{"token":null}', '{"token":""}'
  ]
  const listener = await listenTo(t, url)
  const waiting = refusal(control.requests.wait({ project_id: 5, plan_id: 5, text: 'x', lint: 'accept', timeout: '300ms' }))
  for (const body of bodies) {
    const text = await ask(url, { body })
    t.match(JSON.parse(text), { status: /^4\d\d$/ }, `${body.slice(0, 40)}: the API answers`)
  }
  t.match(await waiting, { status: 409, nearest_misses: [] })
  t.equal((await control.requests.list({ limit: 1000 })).length, bodies.length)
  for (const filter of [{ project_id: 'x' }, { plan_id: 'x' }, { text: 'x' }, { lint: 'accept' }]) t.type(await control.requests.count(filter), 'number', `they are filtered by ${Object.keys(filter).join()}`)
  t.equal(await control.requests.count({ project_id: 'null' }), bodies.length - 1)
  await until(() => listener.events().length === bodies.length)
  const proto = ['{"__proto__":{"token":"x"},"a":1}', '[{"a":{"__proto__":1}}]', '{"a":"{\\"__proto__\\":1}"}']
  for (const body of proto) await ask(url, { body, headers: { ['__proto__']: 'x', constructor: 'y' } })
  const sent = await control.requests.list({ limit: 3 })
  t.match(sent[0]!.request, { body: '{"__proto__":{"token":"[redacted]"},"a":1}', headers: { constructor: 'y' } }, 'a key that no reader takes is shown in the text')
  for (const path of ['state?requests=true', 'case']) {
    const text = await (await fetch(`${url}/__admin/${path}`)).text()
    const loaded = await fetch(`${url}/__admin/state?dry_run=true`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: text })
    t.match(await loaded.json(), { dry_run: true }, `${path} can be loaded`)
  }
  const nested = '['.repeat(101) + ']'.repeat(101)
  for (const body of [nested, `[${nested}]`]) await ask(url, { body })
  const saved = readCase(await (await fetch(`${url}/__admin/case`)).json())
  t.equal(saved.timeline.length, bodies.length + 5)
  t.same(saved.timeline.slice(-2).map(step => (step as CaseRequest).request.request.body), (await control.requests.list({ limit: 2 })).map(({ request }) => request.body))
})

t.test('waiting for requests', async t => {
  const { url, ask: call } = await emulate(t)
  const control = connect(url)
  const sandbox = () => control.createAccount({ balance: '100', projects: [{ project_id: 1 }] })
  const send = async ({ token }: Account, planId = 99): Promise<void> => { await ask(url, { body: JSON.stringify({ token, project_id: 1, service: 1, plan_id: planId }) }) }

  t.test('GET /requests/wait counts earlier requests first', async t => {
    const account = await sandbox()
    await send(account)
    t.equal((await account.requests.wait({ timeout: '0ms' })).length, 1)
    await send(account)
    t.same((await account.requests.wait({ count: 2 })).map(({ account: name }) => name), [account.name, account.name])
  })

  t.test('GET /requests/wait waits until count requests have arrived', async t => {
    const account = await sandbox()
    await send(account)
    const waiting = account.requests.wait({ count: 3, timeout: '20s' })
    await send(account)
    await sleep(20)
    await send(account)
    t.equal((await waiting).length, 3)
  })

  t.test('GET /requests/wait answers with all matching requests, even more than count', async t => {
    const account = await sandbox()
    for (let count = 0; count < 3; count++) await send(account)
    t.equal((await account.requests.wait({ count: 1 })).length, 3)
  })

  t.test('GET /requests/wait serves several waits at once', async t => {
    const [one, other] = [await sandbox(), await sandbox()]
    const waiting = [
      one.requests.wait({ timeout: '20s' }), one.requests.wait({ count: 2, timeout: '20s' }), other.requests.wait({ timeout: '20s' }),
      control.requests.wait({ account: one.name, plan_id: 3, timeout: '20s' }), control.requests.wait({ text: other.name, timeout: '20s' })
    ]
    await sleep(20)
    await send(one)
    await send(other)
    await send(one, 3)
    t.same((await Promise.all(waiting)).map(found => found.map(({ account }) => account)), [[one.name], [one.name, one.name], [other.name], [one.name], [other.name]])
    t.ok((await control.audit()).ok)
  })

  t.test('GET /requests/wait fails with the nearest misses and why each does not match', async t => {
    const account = await control.createAccount({ name: 'wanted', projects: [{ project_id: 1 }] })
    const stranger = await control.createAccount({ name: 'stranger' })
    await send(account, 3)
    await change(url, { token: 'nobody' })
    await send(stranger, 7)
    const { nearest_misses: misses, ...problem } = await refusal(account.requests.wait({ plan_id: 7, endpoint: 'change-billing', rule: 'plan-must-exist', timeout: '30ms' }))
    t.match(problem, { status: 409, detail: '0 of 1 matching requests arrived within 30ms', matched: [], advice: /nearest_misses shows why/ })
    const [first, second, third] = misses as Array<{ id: string, path: string, missed: object[] }>
    t.same(first!.missed, [
      { filter: 'plan_id', wanted: '7', found: '3' },
      { filter: 'rule', wanted: 'plan-must-exist', found: 'wallet-must-cover-price' }
    ])
    t.equal(first!.path, CHANGE_BILLING)
    t.same(second!.missed, [
      { filter: 'plan_id', wanted: '7', found: '2' },
      { filter: 'rule', wanted: 'plan-must-exist', found: 'token-must-be-known' },
      { filter: 'account', wanted: 'wanted', found: 'null' }
    ], 'what nobody\'s token was in may have been meant')
    t.match(third!.missed, [{ filter: 'rule' }, { filter: 'account', wanted: 'wanted' }], 'another account\'s comes last, even if less differs')
    t.ok((misses as object[]).length <= 5)

    t.match(await refusal(account.requests.wait({ plan_id: 3, count: 2, timeout: '0ms' })), { detail: '1 of 2 matching requests arrived within 0ms', nearest_misses: [{ missed: [{ filter: 'plan_id', wanted: '3', found: '2' }, { filter: 'account', wanted: 'wanted', found: 'null' }] }] })
    t.match(await refusal(account.requests.wait({ text: 'nowhere', timeout: '0ms' })), { nearest_misses: [{ missed: [{ filter: 'text', wanted: 'nowhere', found: 'no such text' }] }] })
    t.match(await refusal(account.requests.wait({ assumption: 'same-plan', lint: 'accept', timeout: '0ms' })), { nearest_misses: [{ missed: [{ filter: 'assumption', found: 'plan-prices' }, { filter: 'lint' }] }] })
  })

  t.test('GET /requests/wait tells when no other request arrived', async t => {
    const { url } = await emulate(t)
    const control = connect(url)
    t.match(await refusal(control.requests.wait({ timeout: '0ms' })), { status: 409, nearest_misses: [], advice: 'no other request arrived either: does the client call this emulator?' })
    await change(url)
    t.match(await refusal(control.requests.wait({ count: 2, timeout: '0ms' })), { nearest_misses: [], matched: ['1-1'], advice: 'no other request arrived; wait longer, or for fewer requests' })
    t.ok((await control.audit()).ok)
  })

  t.test('GET /requests/wait with since counts only later requests', async t => {
    const [one, other] = [await sandbox(), await sandbox()]
    await send(one)
    await send(other)
    const [{ id: since }] = await other.requests.list() as [JournalEntry]
    t.match(await refusal(one.requests.wait({ since, timeout: '0ms' })), { status: 409, nearest_misses: [{ missed: [{ filter: 'since', wanted: 'a later request', found: 'an earlier request' }] }] })
    await send(one, 2)
    t.match(await one.requests.wait({ since }), [{ request: { body: { plan_id: 2 } } }])
    await one.requests.expectNone({ since, plan_id: 99, timeout: '0ms' })
    t.equal((await one.requests.wait({ since: '0-1' })).length, 2, 'what is no longer there was before all that is')
  })

  t.test('GET /requests/wait with count=0 verifies that no request arrives', async t => {
    const account = await sandbox()
    await account.requests.expectNone({ timeout: '30ms' })
    const comes = refusal(account.requests.expectNone({ timeout: '20s' }))
    await sleep(20)
    await send(account)
    t.match(await comes, { status: 409, detail: 'expected no matching request, but 1 arrived', requests: [{ account: account.name }], advice: /since=ID/ })
    t.match(await refusal(account.requests.expectNone({ timeout: '20s' })), { detail: 'expected no matching request, but 1 arrived' }, 'nor was there before')
    await account.requests.expectNone({ rule: 'token-must-be-known', timeout: '0ms' })
    await Promise.all(Array.from({ length: 100 }, () => send(account)))
    const { requests, ...many } = await refusal(account.requests.expectNone({ timeout: '0ms' }))
    t.match(many, { detail: 'expected no matching request, but 101 arrived', advice: /^the problem lists the first 100; / })
    t.equal((requests as object[]).length, 100)
    for (const size of [10, 100_000]) {
      await fetch(`${url}${CHANGE_BILLING}`, { method: 'POST', body: JSON.stringify({ token: account.token, note: 'x'.repeat(size) }) }).then(async response => await response.text())
      const { status, headers } = await fetch(`${url}/__admin/requests/wait?account=${account.name}&count=0&timeout=0ms`)
      t.strictSame([status, headers.get('content-type')], [409, 'application/problem+json'], `with a body of ${size} characters`)
    }
  })

  t.test('GET /requests/wait waits two seconds for one request by default', async t => {
    const account = await sandbox()
    const { http, body } = await call(`/__admin/requests/wait?account=${account.name}&text=never`, { method: 'GET' })
    t.equal(http, 409)
    t.match(body, { detail: '0 of 1 matching requests arrived within 2s' })
  })

  for (const [name, wish] of [['for some request', { timeout: '5m' }], ['for none', { timeout: '5m', count: 0 }]] as const) {
    t.test(`waiting ${name} is aborted by a reset`, async t => {
      const [one, other] = [await sandbox(), await sandbox()]
      const [ones, others, worlds] = [one, other, control].map(({ requests }) => settled(refusal(requests.wait({ ...wish, text: 'never' })))) as [Settled, Settled, Settled]
      // Nobody can see whether a wait has begun; so it is tried until it had.
      await until(async () => await one.reset() && ones.is())
      t.match(await ones.outcome, { status: 409, detail: 'the wait was aborted by a reset', advice: /wait again/ })
      t.notOk(others.is() || worlds.is(), 'of its own account alone')
      await until(async () => await control.reset() && others.is() && worlds.is())
      t.match(await others.outcome, { status: 409, detail: 'the wait was aborted by a reset' })
      t.match(await worlds.outcome, { status: 409, detail: 'the wait was aborted by a reset' })
    })
  }

  t.test('GET /requests/wait ends when the emulator stops', async t => {
    const { url, stop } = await emulate(t)
    const waiting = connect(url).requests.wait({ timeout: '5m' }).then(() => 'found', () => 'ended')
    await sleep(50)
    await stop()
    t.equal(await waiting, 'ended')
  })

  t.test('a wait looks through the journal once, and ends with the request that decides it, without a timer', async t => {
    for (const count of [0, 1]) {
      const journal = createJournal({ entries: 10, bytes: 1e6 })
      let looks = 0
      const watched = { ...journal, list: (account?: string) => { looks++; return journal.list(account) } }
      const waiting = settled(waitFor(watched, { filter: { method: 'POST' }, count, timeout: 60_000, after: 0 }, new AbortController().signal))
      await sleep(20)
      journal.add(recorded({ method: 'GET' }))
      await sleep(20)
      t.notOk(waiting.is())
      t.equal(looks, 1)
      const entry = journal.add(recorded({ id: '1-2' }))
      // Promises that are resolved already go first: neither a timer nor the event loop has had a turn by then.
      for (let turn = 0; turn < 5; turn++) await Promise.resolve()
      t.ok(waiting.is())
      t.same(await waiting.outcome, { end: count === 0 ? 'unfulfilled' : 'fulfilled', found: [entry] })
      t.equal(looks, 1)
    }
  })
})

/** An emulator made of the same parts as any, which counts its subscribers and those who listen to what is pending. */
async function counted (t: Test) {
  const subscribed = { journal: 0, events: 0 }
  const store = openStore()
  loadSeed(store, readScenario({ accounts: [{ name: 'demo', token: SAMPLE.token, balance: '100', projects: [{ project_id: SAMPLE.project_id }] }] }, { plans: bundledPlans(), machineTime: Date.now(), seed: 1 }))
  const made = createContext({ store, log: pino({ enabled: false }), machineTime: Date.now, seed: 1, journal: { entries: 100, bytes: 1e8 } })
  /** Counts until the function that ends it is called. */
  const countUntil = (name: keyof typeof subscribed, end: () => void) => {
    subscribed[name]++
    let done = false
    return () => {
      if (!done) subscribed[name]--
      done = true
      end()
    }
  }
  const context: Context = {
    ...made,
    journal: { ...made.journal, listen: listener => countUntil('journal', made.journal.listen(listener)) },
    eventBus: { ...made.eventBus, subscribe: subscriber => countUntil('events', made.eventBus.subscribe(subscriber)) }
  }
  const app = await buildApp(context, { access: { token: null, hosts: [] }, endpoints: servedAt({}), hasConsole: false })
  const { urls, close } = await listen(app.routing, ['127.0.0.1'], 0)
  t.teardown(async () => {
    await close()
    await app.close()
    store.close()
  })
  return { url: urls[0]!, counts: () => ({ ...subscribed, pending: getEventListeners(made.pending.signalFor(null), 'abort').length }) }
}

const NOTHING_LEFT = { journal: 0, events: 0, pending: 0 }

t.test('clients that disconnect', async t => {
  const { url, counts } = await counted(t)
  const { hostname, port } = new URL(url)
  const control = connect(url)
  const get = (path: string): string => `GET /__admin${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`

  const cases: Array<[string, string, Partial<typeof NOTHING_LEFT>]> = [
    ['while it waits', get('/requests/wait?timeout=5m'), { journal: 1, pending: 1 }],
    ['while it waits for one of several things, the others behind it', get('/requests/wait?timeout=5m') + get('/requests/wait?timeout=5m&count=2') + get('/events'), { journal: 1, pending: 1 }],
    ['while it listens', get('/events'), { events: 1 }],
    ['while it listens behind something that it has waited for', get('/requests/wait?timeout=50ms') + get('/events'), { events: 1 }]
  ]
  for (const [name, bytes, expected] of cases) {
    t.test(`a client that disconnects ${name} leaves nothing behind`, async t => {
      const socket = openSocket(Number(port), hostname, () => socket.write(bytes))
      await until(() => JSON.stringify(counts()) === JSON.stringify({ ...NOTHING_LEFT, ...expected }))
      socket.destroy()
      await until(() => Object.values(counts()).every(count => count === 0))
      t.same(counts(), NOTHING_LEFT)
    })
  }

  t.test('a wait that times out leaves nothing behind', async t => {
    for (let count = 0; count < 30; count++) await control.requests.wait({ timeout: '1ms' }).catch(() => {})
    t.same(counts(), NOTHING_LEFT)
  })

  t.test('a client that disconnects during a fault leaves nothing behind', async t => {
    for (const kind of ['hang', 'slow_body'] as const) {
      await control.fail({ kind, times: 1, ...kind === 'slow_body' && { duration: 60_000 } })
      const body = JSON.stringify({ token: 'x' })
      const socket = openSocket(Number(port), hostname, () => socket.write(`POST ${CHANGE_BILLING} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n${body}`))
      await until(() => counts().pending > 0)
      socket.destroy()
      await until(() => counts().pending === 0)
      t.same(counts(), NOTHING_LEFT, kind)
    }
  })
})

t.test('limits of the journal', async t => {
  t.test('the journal drops the oldest entries beyond its limit of entries', async t => {
    const { url } = await emulate(t, { journalEntries: 3 })
    const control = connect(url)
    for (let count = 0; count < 5; count++) await change(url, { plan_id: 90 + count })
    t.same((await control.requests.list()).map(({ id }) => id), ['1-3', '1-4', '1-5'])
    t.equal(await control.requests.count({ account: 'demo' }), 3)
    t.equal((await refusal(control.requests.get('1-1'))).status, 404)
  })

  t.test('the journal counts bodies, paths and headers towards its limit of bytes', async t => {
    const { url } = await emulate(t, { journalBytes: 200_000 })
    const control = connect(url)
    const large = 'x'.repeat(15_000)
    const ways: Asked[] = [{ body: large.repeat(2) }, { query: `?${large.slice(0, 10_000)}` }, { headers: { 'x-large': large } }]
    for (const [index, way] of ways.entries()) {
      await control.requests.clear()
      for (let count = 0; count < 20; count++) await ask(url, { path: '/elsewhere', ...way })
      const kept = await control.requests.count()
      t.ok(kept >= 1 && kept <= 200_000 / (2 * [30_000, 10_000, 15_000][index]!), `${kept} of 20 are kept`)
    }
  })

  t.test('a journal without room still serves waits and events', async t => {
    for (const limits of [{ journalEntries: 0 }, { journalBytes: 0 }]) {
      const { url } = await emulate(t, limits)
      const control = connect(url)
      const listener = await listenTo(t, url)
      t.match(JSON.parse(await change(url)), { status: 100 }, 'the API answers')
      await until(() => listener.events().length === 1)
      t.match(listener.events()[0], { event: 'request', account: 'demo', data: { id: '1-1', charged: true } })
      const waiting = settled(control.requests.wait({ timeout: '5m' }))
      await until(async () => await change(url) !== '' && waiting.is())
      t.match(await waiting.outcome, [{ rule: 'plan-must-differ' }])
      t.equal(await control.requests.count(), 0)
      t.ok((await control.audit()).ok)
    }
  })

  t.test('the journal stays within its limits, however many requests come', async t => {
    const journal = createJournal({ entries: 1000, bytes: 4_000_000 })
    const all = effort(20_000, 200_000)
    let most = 0
    for (let count = 1; count <= all; count++) {
      journal.add(recorded({ id: `1-${count}`, account: `account-${count % (all / 4)}`, body: `{"plan_id":${count}}`, charged: true }))
      const { entries, bytes } = journal.size()
      if (entries > 1000 || bytes > 4_000_000) t.fail(`${entries} entries, ${bytes} bytes`)
      most = Math.max(most, entries)
    }
    t.equal(most, 1000)
    t.same([...journal.list()].map(({ id }) => id).slice(0, 2), [`1-${all - 999}`, `1-${all - 998}`])
    t.equal(journal.find(`1-${all}`)!.serial, all)
    t.same([...journal.list('account-1')], [], 'nothing is left of an account whose requests are gone')
    t.equal(journal.removeAll(journal.list()), 1000)
    t.same(journal.size(), { entries: 0, bytes: 0 })
  })

  t.test('the journal counts its bytes and entries right, whatever is added and removed', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ body: fc.string(), account: fc.constantFrom(null, 'a', 'b'), charged: fc.boolean(), answer: fc.option(fc.string()) }) },
      { weight: 1, arbitrary: fc.constantFrom('a', 'b', undefined) })
    fc.assert(fc.property(fc.nat(6), fc.integer({ min: 0, max: 8000 }), fc.array(step, { maxLength: 60 }), (entries, bytes, steps) => {
      const journal = createJournal({ entries, bytes })
      let expected: Entry[] = []
      steps.forEach((taken, index) => {
        if (typeof taken === 'object') {
          const { answer, ...more } = taken
          const entry = journal.add(recorded({ id: `1-${index}`, ...more, answer: answer === null ? null : { httpStatus: 200, headers: {}, body: answer } }))
          if (entry.bytes <= bytes) expected.push(entry)
          while (expected.length > entries || expected.reduce((sum, entry) => sum + entry.bytes, 0) > bytes) expected.shift()
        } else {
          journal.removeAll(journal.list(taken))
          expected = expected.filter(({ account }) => taken !== undefined && account !== taken)
        }
        const shown = (list: Iterable<Entry>): string => [...list].map(({ id }) => id).join()
        const wrong = shown(journal.list()) !== shown(expected) ||
          journal.size().bytes !== expected.reduce((sum, entry) => sum + entry.bytes, 0) || journal.size().entries !== expected.length ||
          ['a', 'b'].some(account => shown(journal.list(account)) !== shown(expected.filter(entry => entry.account === account)))
        if (wrong) throw new Error(`after step ${index}`)
      })
    }), { numRuns: effort(100, 500) })
  })
})

t.test('events', async t => {
  t.test('GET /events streams requests and changes, of everything or of one account', async t => {
    const { url } = await emulate(t)
    const control = connect(url)
    const [one, other] = await control.createAccounts([{ name: 'one', balance: '1', projects: [{}] }, { name: 'other' }]) as [Account, Account]
    const [all, ones] = [await listenTo(t, url), await listenTo(t, url, '?account=one')]
    t.match(all.response.headers, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
    await ask(url, { body: JSON.stringify({ token: one.token }) })
    await ask(url, { body: JSON.stringify({ token: other.token }) })
    await ask(url, { path: '/elsewhere' })
    await one.fail({ kind: 'hang' })
    await control.clearFaults()
    await one.wallet.credit('1')
    await one.setProject(5, {})
    await one.clock.freeze('2021-01-01')
    await control.clock.freeze('2021-01-01')
    await one.settings.change({ strict: true })
    await control.plans.change([{ plan_id: 2, price: '6' }])
    await other.reset()
    await one.remove()
    await control.load(await control.state())
    await control.reset()
    await until(() => all.events().some(({ event }) => event === 'reset'))
    t.same(ones.events().map(({ event, account }) => [event, account]), ['request', 'fault', 'wallet', 'project', 'clock', 'settings', 'account'].map(event => [event, 'one']))
    const seen = all.events().map(({ event, account }) => `${event} ${account}`)
    for (const event of ['request one', 'request other', 'request null', 'fault null', 'clock null', 'plans null', 'account other', 'state null', 'reset null']) t.ok(seen.includes(event), event)
    t.match(all.events()[0], { event: 'request', account: 'one', data: { id: '1-1', endpoint: 'change-billing', account: 'one' } })
    t.notOk(all.text().includes('\r'))
    t.equal((await fetch(`${url}/__admin/events?acount=one`)).status, 400)
  })

  t.test('GET /events cuts off a listener that does not read', async t => {
    const { url, counts } = await counted(t)
    const control = connect(url)
    const { hostname, port } = new URL(url)
    const reader = await listenTo(t, url)
    const socket = openSocket(Number(port), hostname, () => socket.write('GET /__admin/events HTTP/1.1\r\nhost: localhost\r\n\r\n'))
    let received = 0
    let ended = false
    socket.on('close', () => { ended = true }).on('error', () => {})
    await new Promise(resolve => { socket.once('data', resolve) })
    socket.pause()
    t.equal(counts().events, 2)
    // An event shows such text by six times as many characters.
    const large = '\u0001'.repeat(260_000)
    let sent = 0
    // How much the machine's sockets take is up to the machine.
    for (; counts().events === 2; sent++) await ask(url, { body: large })
    await ask(url, { body: large })
    await until(() => reader.events().length === sent + 1)
    t.ok(reader.text().length > 1_500_000 * sent, 'one that reads gets all of it')
    socket.on('data', chunk => { received += chunk.length })
    socket.resume()
    await until(() => ended)
    t.ok(received < reader.text().length, `${received} of ${reader.text().length} bytes`)
    t.equal(await control.requests.count(), sent + 1, 'and the emulator goes on')
  })

  t.test('GET /events sends an event larger than its buffer to a listener that reads', async t => {
    const { url } = await emulate(t)
    const reader = await listenTo(t, url)
    await ask(url, { body: '\u0001'.repeat(260_000) })
    await until(() => reader.events().length === 1)
    t.ok(reader.text().length > 1_500_000)
    await ask(url, { body: '{}' })
    await until(() => reader.events().length === 2)
    t.match(reader.events()[1], { data: { id: '1-2' } })
  })

  t.test('GET /events ends when the emulator stops', async t => {
    const { url, stop } = await emulate(t)
    const { response } = await listenTo(t, url)
    const ended = new Promise(resolve => { response.on('close', resolve) })
    await stop()
    await ended
    t.pass('and so does the listener\'s connection')
  })
})
