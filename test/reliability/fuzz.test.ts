import { Value } from '@sinclair/typebox/value'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { METHODS } from 'node:http'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { servedAt } from '../../src/api/index.js'
import { STATUS_TEXTS } from '../../src/api/status-codes.js'
import type { Scenario } from '../../src/contract/scenario.js'
import { issuesOf } from '../../src/problem.js'
import { bundledPlans } from '../../src/scenario/bundled.js'
import { readScenario } from '../../src/scenario/read.js'
import { readJson } from '../../src/text/json.js'
import { effort } from '../support/effort.js'
import { contents } from '../support/emulator.js'
import { details } from '../support/project.js'
import { startWatched, type Held, type Watched } from '../support/watched.js'
import { anyText, damaged, jsonOf, oddJson, type Hints, type Schema } from './odd.js'
import { answersIn, exchange, exchangeAll, type Answer } from './wire.js'

/** The same requests in every run. Others: SEED=7. More of them: ROUNDS=10. */
const SEED = Number(process.env.SEED ?? 1)
const ROUNDS = Number(process.env.ROUNDS ?? 1)
/** How often each must be met at least. */
const OFTEN = effort(1, 20)

const EDGE_CASES = JSON.parse(readFileSync('fixtures/edge-cases.json', 'utf8')) as Scenario

const json = (value: unknown): string => JSON.stringify(value)
const oneOf = (values: readonly unknown[]): fc.Arbitrary<string> => fc.constantFrom(...values.map(json))

const TOKENS = EDGE_CASES.accounts!.flatMap(({ token, projects = [] }) => [token, ...projects.flatMap(({ api_tokens: tokens = [] }) => tokens.map(({ token }) => token))])

/** Right values, with which a request gets as far as it can. */
const HINTS: Hints = {
  token: oneOf([...TOKENS, ...Array.from({ length: 10 }, () => ['rich', 'tokens']).flat(), 'nobody']),
  api_token: oneOf(['for-any-address', 'for-this-machine', 'disabled', 'deleted', 'rich']),
  project_id: oneOf([1, 1, 1, 2, 3, 4, 5, 715, 99, 0, '1']),
  service: oneOf([1, 1, 2, '1']),
  plan_id: oneOf([1, 2, 3, 4, 6, 7, 9, 10, '2']),
  billing_plan: oneOf([1, 2, 3, 6, 7, 10]),
  action: oneOf([1, 2, 3]),
  ip_whitelist: oneOf([['192.0.2.1'], ['127.0.0.1', '::1'], []]),
  token_ip_address: oneOf([['192.0.2.1', '2001:db8::1'], []]),
  ...Object.fromEntries(Object.entries(details).map(([name, value]) => [name, (value as fc.Arbitrary<unknown>).map(json)]))
}

interface Sent {
  readonly method: string
  readonly target: string
  readonly bytes: Buffer
  /** Which endpoint it is for, if its path is as it should be. */
  readonly endpoint: string | null
}

const ENDPOINTS = [...servedAt({})]

const targets = (path: string): fc.Arbitrary<string> => fc.oneof(
  { weight: 20, arbitrary: fc.constant(path) },
  { weight: 1, arbitrary: fc.array(fc.tuple(anyText, anyText)).map(pairs => `${path}?${pairs.map(pair => pair.map(text => encodeURIComponent(Buffer.from(text).toString())).join('=')).join('&')}`) },
  { weight: 1, arbitrary: fc.constantFrom('?', '??', '?token=rich&token=rich', '?__proto__[x]=1', '?%', '?%zz', '#x', '%', '%zz', '%c3%28', '/', '/..', ';x=1', `?${'x'.repeat(6000)}`).map(end => path + end) },
  { weight: 1, arbitrary: fc.constantFrom('//', '/app', '/%2e%2e/', '/__proto__', '/constructor', `/${'x'.repeat(6000)}`, `http://localhost${path}`, path.replace('pm', '%70m'), path.toUpperCase(), `/.${path}`) }
)

const HEADERS = fc.oneof(
  { weight: 6, arbitrary: fc.constant('content-type: application/json\r\n') },
  { weight: 3, arbitrary: fc.constantFrom('', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml', 'application/json; charset=utf-16', ';', '', 'x', '/', 'a/b; c', '"').map(type => `content-type: ${type}\r\n`) },
  { weight: 1, arbitrary: fc.constantFrom('content-encoding: gzip', 'accept: image/png', 'accept-version: 1.x', 'expect: 100-continue', 'expect: x', 'upgrade: h2c', 'authorization: Bearer rich', 'cookie: token=rich', 'host: evil.example', 'x-forwarded-for: 192.0.2.1', 'content-type: a\r\ncontent-type: b', '__proto__: x', 'constructor: x', 'range: bytes=0-1', 'if-none-match: *', 'origin: null', `x: ${'x'.repeat(6000)}`, 'x: \xff\xfe', 'te: trailers', 'content-type:\t\t').map(line => `${line}\r\n`) },
  { weight: 1, arbitrary: fc.nat(300).map(count => 'a: b\r\n'.repeat(count)) }
)

const ENCODINGS = ['utf8', 'utf8', 'utf8', 'utf8', 'utf8', 'utf8', 'utf8', 'utf8', 'latin1', 'utf16le'] as const

/** A request that is HTTP, whatever it says. */
const sents: fc.Arbitrary<Sent> = fc.constantFrom(...ENDPOINTS).chain(([path, { name, fields }]) => {
  const right = jsonOf(fields as Schema, HINTS)
  return fc.record({
    method: fc.oneof({ weight: 15, arbitrary: fc.constant('POST') }, { weight: 1, arbitrary: fc.constantFrom(...METHODS.filter(method => method !== 'CONNECT')) }),
    target: targets(path),
    headers: HEADERS,
    body: fc.oneof({ weight: 20, arbitrary: right }, { weight: 3, arbitrary: right.chain(damaged) }, { weight: 2, arbitrary: oddJson }, { weight: 1, arbitrary: anyText }),
    encoding: fc.constantFrom(...ENCODINGS),
    chunk: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 20 }) })
  }).map(({ method, target, headers, body, encoding, chunk }) => ({
    method,
    target,
    endpoint: target.startsWith(`${path}?`) || target === path ? name : null,
    bytes: written(method, target, headers, Buffer.from(body, encoding), chunk)
  }))
})

/** In pieces of so many bytes, or with its length. */
function written (method: string, target: string, headers: string, body: Buffer, chunk = 0): Buffer {
  const head = (how: string): Buffer => Buffer.from(`${method} ${target} HTTP/1.1\r\n${headers.includes('host:') ? '' : 'host: localhost\r\n'}${how}\r\n${headers}\r\n`, 'latin1')
  if (chunk === 0) return Buffer.concat([head(`content-length: ${body.length}`), body])
  const pieces: Buffer[] = []
  for (let at = 0; at < body.length && pieces.length < 1000; at += chunk) {
    const piece = body.subarray(at, pieces.length === 999 ? undefined : at + chunk)
    pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'))
  }
  return Buffer.concat([head('transfer-encoding: chunked'), ...pieces, Buffer.from('0\r\n\r\n')])
}

/** What is wrong with an answer of the emulated API; nothing if it is as documented. */
function wrongWith ({ http, headers, text }: Answer, { method, endpoint }: Pick<Sent, 'method' | 'endpoint'>): string | undefined {
  if (headers['content-type'] !== 'application/json') return `its type is ${headers['content-type']}`
  if (method === 'HEAD') return http === 200 || http === 404 || http === 405 ? undefined : `HTTP ${http} to a HEAD`
  const { status, message, ...more } = JSON.parse(text) as { status: keyof typeof STATUS_TEXTS, message: string }
  if (!Object.hasOwn(STATUS_TEXTS, status) || !message.startsWith(STATUS_TEXTS[status])) return 'its status and its message do not go together'
  if (status === 101 && !message.includes('the Project Management API has been disabled')) return 'the emulator failed'
  if (http >= 500 && status !== 101) return `HTTP ${http}`
  if (status !== 100) return Object.keys(more).length === 0 && Object.keys(JSON.parse(text) as object).join() === 'status,message' ? undefined : 'a refusal says more than it should'
  const answer = ENDPOINTS.find(([, { name }]) => name === endpoint)?.[1].answer
  return answer === undefined || Value.Check(answer, JSON.parse(text)) ? undefined : 'it is not what its endpoint answers'
}

const ORDINARY = written('GET', '/__admin/health', 'connection: close\r\n', Buffer.of())

/** Sends requests over one connection, and an ordinary one behind them; gives the answers to the former. */
async function answersTo (port: number, sents: ReadonlyArray<Pick<Sent, 'method' | 'bytes'>>): Promise<Answer[]> {
  const bytes = await exchange(port, [...sents.map(({ bytes }) => bytes), ORDINARY])
  const answers = answersIn(bytes, sents.map(({ method }) => method))
  const last = answers.pop()
  if (answers.length !== sents.length || last?.http !== 200 || !last.text.includes('"ready"')) throw new Error(`${answers.length} answers to ${sents.length} requests, the last ${json(last)}; the first without one: ${json(sents[answers.length]?.bytes.toString('latin1'))}`)
  return answers
}

async function control (port: number, method: string, path: string, body = ''): Promise<unknown> {
  const bytes = await exchange(port, written(method, path, 'content-type: application/json\r\nconnection: close\r\n', Buffer.from(body)))
  return JSON.parse(answersIn(bytes)[0]!.text)
}

/** An emulator that is looked at from all sides. */
async function watched (t: Test, ...args: string[]): Promise<Watched & { readonly db: string }> {
  const db = join(t.testdir(), 'world.db')
  return { ...await startWatched(t, ['--db', db, '--scenario', 'edge-cases', '--journal-entries', '100', ...args]), db }
}

/** What must be so whatever has come in. */
async function unharmed (t: Test, { port, isRunning, complaints }: Watched): Promise<void> {
  t.equal(isRunning(), true, 'it has not ended')
  t.match(await control(port, 'GET', '/__admin/audit'), { ok: true }, 'its books are in order')
  t.equal(complaints(), '', 'it has complained of nothing')
}

/** Tries a property. What breaks it is told by an error that shows the one request; SEED and PATH_TO try just that once more. */
async function holds (t: Test, property: fc.IAsyncProperty<[...unknown[]]>, numRuns: number): Promise<void> {
  const path = process.env.PATH_TO === undefined ? {} : { path: process.env.PATH_TO }
  const { failed, seed, counterexamplePath, errorInstance } = await fc.check(property, { seed: SEED, numRuns: numRuns * ROUNDS, ...path })
  if (failed) t.fail(`SEED=${seed} PATH_TO=${counterexamplePath}: ${String(errorInstance)}`)
}

const isGranted = ({ text }: Answer): boolean => text.includes('"status":100,')

t.test(`requests that are HTTP, whatever they say (SEED=${SEED})`, async t => {
  const emulator = await watched(t)
  const { port, db } = emulator
  const granted = new Map(ENDPOINTS.map(([, { name }]) => [name, 0]))
  let refused = 0
  await holds(t, fc.asyncProperty(fc.array(sents, { minLength: 20, maxLength: 60, size: 'max' }), async sents => {
    await control(port, 'POST', '/__admin/reset')
    await control(port, 'GET', '/__admin/state')
    const answers = await answersTo(port, sents)
    answers.forEach((answer, index) => {
      const { bytes, endpoint } = sents[index]!
      const wrong = wrongWith(answer, sents[index]!)
      if (wrong !== undefined) throw new Error(`${wrong}: HTTP ${answer.http} ${answer.text.slice(0, 500)} to ${json(bytes.toString('latin1').slice(0, 2000))}`)
      if (isGranted(answer) && endpoint !== null) granted.set(endpoint, granted.get(endpoint)! + 1)
    })
    const again = sents.filter(({ method }, index) => method !== 'HEAD' && !isGranted(answers[index]!))
    const before = contents(db)
    if (!(await answersTo(port, again)).some(isGranted) && json(contents(db)) !== json(before)) throw new Error('what was refused has changed something')
    refused += again.length
  }), effort(10, 600))
  t.comment(`${refused} were refused, and once more; granted were ${json([...granted])}`)
  const rarely = [...granted].filter(([, count]) => count < OFTEN).map(([endpoint]) => endpoint)
  // A few hundred requests may grant none that needs a token and a project which exist.
  t.ok(rarely.length <= effort(1, 0), `each endpoint has granted some; not so ${rarely.join(', ')}`)
  await unharmed(t, emulator)
})

/** What comes before, between and behind requests that are none. */
const GARBAGE = [
  'GET /\r\n', 'GET / HTTP/1.1\r\n', 'garbage\r\n\r\n', '\r\n\r\n\r\n', '\n\n', '\0\0\0\0', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n', 'CONNECT localhost:80 HTTP/1.1\r\n\r\n', 'OPTIONS * HTTP/1.0\r\n\r\n', 'post / HTTP/1.1\r\n\r\n', 'POST / HTTP/9.9\r\n\r\n', 'POST / HTTP/1.1x\r\n\r\n', 'POST  /  HTTP/1.1\r\n\r\n',
  'GET /a b HTTP/1.1\r\n\r\n', 'GET http://[::1 HTTP/1.1\r\n\r\n', 'GET /\xff HTTP/1.1\r\n\r\n', 'GET /\0 HTTP/1.1\r\n\r\n', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`, `GET / HTTP/1.1\r\n${'a:\r\n'.repeat(5000)}\r\n`,
  'SSH-2.0-OpenSSH_9.2\r\n', '*1\r\n$4\r\nPING\r\n', '{"token":"rich"}'
]

const FRAMING = [
  'content-length: -1', 'content-length: 1e1', 'content-length: 99999999999999999999', 'content-length: 5\r\ncontent-length: 6', 'content-length: 5, 5', 'content-length:', 'transfer-encoding: chunked\r\ncontent-length: 5', 'transfer-encoding: gzip',
  'transfer-encoding: chunked, chunked', 'transfer-encoding: xchunked', 'transfer-encoding : chunked', 'content-length: 3\r\n folded: x', ': x', 'no colon', 'x\0: y', 'x: \0', 'x: y\rz', 'connection: close', 'connection: upgrade\r\nupgrade: websocket', 'expect: 100-continue'
]

const CHUNKS = ['0\r\n\r\n', '5\r\nhello\r\n0\r\n\r\n', 'g\r\n', '-1\r\n', 'ffffffffffffffffff\r\n', '5\nhello\n0\n\n', `5;${'x'.repeat(20_000)}\r\nhello\r\n`, '5\r\nhello', `0\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, '\r\n', '5\r\nhelloworld\r\n']

/** Makes a project where it is read as it stands: how many have been made can be counted. */
const MAKE = written('POST', '/app/api/v2/pm/create-project', '', Buffer.from('{"token":"rich"}')).toString('latin1')

const bytes: fc.Arbitrary<Buffer> = fc.array(fc.oneof(
  { weight: 4, arbitrary: fc.constant(MAKE) },
  { weight: 4, arbitrary: damaged(MAKE) },
  { weight: 2, arbitrary: fc.constantFrom(...GARBAGE) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('POST', 'GET'), fc.constantFrom(...FRAMING), fc.constantFrom('', '{}', '\r\n', ...CHUNKS)).map(([method, line, body]) => `${method} /app/api/v2/pm/create-project HTTP/1.1\r\nhost: x\r\n${line}\r\n\r\n${body}`) },
  { weight: 2, arbitrary: fc.constantFrom(...CHUNKS).map(chunk => `POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${chunk}`) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map(all => Buffer.from(all).toString('latin1')) }
), { minLength: 1, maxLength: 6 }).map(pieces => Buffer.from(pieces.join(''), 'latin1'))

t.test(`bytes of any kind (SEED=${SEED})`, async t => {
  const emulator = await watched(t, '--db', ':memory:')
  const { port } = emulator
  const seen = { connections: 0, answers: 0, unreadable: 0 }
  await holds(t, fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 80, size: 'max' }), async all => {
    await control(port, 'POST', '/__admin/reset')
    const projects = async (): Promise<number> => (await control(port, 'GET', '/__admin/health') as { projects: number }).projects
    const before = await projects()
    const exchanged = await exchangeAll(port, all, projects)
    let granted = 0
    for (const [index, { bytes, isEnded }] of exchanged.entries()) {
      const sent = all[index]!
      for (const answer of answersIn(bytes)) {
        const wrong = answer.headers['content-type'] === 'application/json' ? wrongWith(answer, { method: 'POST', endpoint: 'create-project' }) : answer.http === 200 ? undefined : 'it is in no known format'
        if (wrong !== undefined) throw new Error(`${wrong}: HTTP ${answer.http} ${answer.text.slice(0, 500)} to ${json(sent.toString('latin1').slice(0, 2000))}`)
        if (isGranted(answer)) granted++
        seen.answers++
        if (answer.headers.connection === 'close' && !isEnded) throw new Error(`it says that it closes the connection and does not, after ${json(sent.toString('latin1').slice(0, 2000))}`)
        if (answer.text.includes('not a readable HTTP/1.1 request')) seen.unreadable++
      }
    }
    const made = await projects() - before
    if (made !== granted) throw new Error(`${granted} were answered that a project is made, and ${made} were, after ${json(all.map(sent => sent.toString('latin1'))).slice(0, 3000)}`)
    seen.connections += all.length
  }), effort(2, 60))
  t.comment(json(seen))
  t.ok(Math.min(seen.unreadable, seen.answers - seen.unreadable) > 5 * OFTEN, 'some can be read and some can\'t')
  await unharmed(t, emulator)
})

const INSTANTS = ['2020-06-16T12:00:00Z', '2020-06-16', '2020-07-16T23:59:59Z', '2023-01-31T23:59:59.999Z', '2023-02-01', '1970-01-01', '9998-12-31T23:59:59Z', '2020-02-30', '2020-06-16T12:00:00+05:30', '0000-00-00', '+275760-09-13']
const NAMES = [...EDGE_CASES.accounts!.map(({ name }) => name), 'nobody', 'a', '', '.', 'a/b', 'ä']

/** Right values of the control API and of scenarios. */
const CONTROL_HINTS: Hints = {
  ...HINTS,
  name: oneOf([...NAMES, 'b', 'c', 'd', 'e', 'default', 'edge-cases']),
  token: oneOf([...TOKENS, 'a', 'b', 'c', 'd', 'e', 'f', 'g']),
  account: oneOf(NAMES),
  copy_of: oneOf(NAMES),
  at: oneOf(INSTANTS),
  next_billing_date: oneOf(INSTANTS),
  emulated_at: oneOf(INSTANTS),
  by: oneOf(['P1M', '-P1D', 'PT1H', 'P1Y', 'P9999Y', 'P', 'P1', 'PT0.5S', '-PT1S', 'P1M2DT3H']),
  to: oneOf([...INSTANTS, 'disabled', 'disabled-1s', 'next-billing', 'next-billing+1s', 'disabled-PT30M', 'next', 'disabled+P9999Y']),
  cutoff: oneOf(['never', ...INSTANTS]),
  ttl: oneOf(['10m', '1h', '999999999h', '10']),
  timeout: oneOf(['0ms', '5ms', '5', '9h']),
  balance: oneOf(['0', '5', '4.999', '999999999999', '1000']),
  amount: oneOf(['0', '5', '-5']),
  credit: oneOf(['1', '999999999999.999', '0']),
  set: oneOf(['0', '12.5']),
  price: oneOf(['0', '7.5', '999999999999.999']),
  endpoint: oneOf([...ENDPOINTS.map(([, { name }]) => name), 'nothing']),
  id: oneOf(['1-1', 'fault-1', 'fault-2', '9-9']),
  limit: oneOf(['1', '1000', '0'])
}

/** Where values by the name of their field alone are seldom right. */
const HINTS_AT: ReadonlyArray<readonly [RegExp, Hints]> = [
  [/\/scenarios\//, { name: oneOf(['default', 'edge-cases', 'nobody']) }],
  [/\/clock$/, { '': oneOf([{ mode: 'frozen', at: '2020-06-16T12:00:00Z' }, { mode: 'running', at: '2020-06-16T12:00:00Z' }]) }],
  [/\/clock\/advance$/, { '': oneOf([{ by: 'PT1H' }, { to: '2020-07-16T23:59:59Z' }]) }],
  [/\/wallet$/, { '': oneOf([{ set: '12.5' }, { credit: '1' }]) }],
  [/\/projects\/\{project_id\}$/, { account: oneOf(['rich', 'strict', 'mapped']), project_id: oneOf([1, 2]), '': oneOf([{ notes: 'x' }, { project_status: 'Active' }, { subscriptions: null }]) }],
  // What a fault may have goes by its kind.
  [/\/faults$/, { '': oneOf([{ kind: 'delay', delay: { fixed: 1 } }, { kind: 'http_error', http_status: 503, times: 1 }, { kind: 'connection_reset', when: 'after', endpoint: 'change-billing' }]) }]
]

interface Operation {
  readonly parameters?: ReadonlyArray<{ readonly name: string, readonly in: string, readonly schema: Schema }>
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly responses: Readonly<Record<string, unknown>>
}

type Call = Pick<Sent, 'method' | 'target' | 'bytes'> & { readonly operation: Operation }

/** A JSON text as it is written into an address. */
function inAddress (text: string): string {
  try {
    return encodeURIComponent(String(JSON.parse(text)))
  } catch {
    return text.replace(/[^\w.%-]/g, '')
  }
}

function callsOf (path: string, method: string, operation: Operation): fc.Arbitrary<Call> {
  const { parameters = [], requestBody } = operation
  const { '': whole, ...hints } = { ...CONTROL_HINTS, ...HINTS_AT.find(([at]) => at.test(path))?.[1] }
  const values = fc.tuple(...parameters.map(({ name, in: place, schema }) => fc.record({ name: fc.constant(name), place: fc.constant(place), value: jsonOf(schema, hints, name).map(inAddress), isGiven: fc.nat(7).map(chance => chance === 0) })))
  const more = fc.oneof({ weight: 20, arbitrary: fc.constant('') }, { weight: 1, arbitrary: fc.constantFrom('&', '&x=1', '&account=a&account=b', '&__proto__=1', '&%', '&a[b]=c') })
  const schema = requestBody?.content['application/json']!.schema
  const made = schema === undefined ? fc.constant('') : fc.oneof(whole ?? jsonOf(schema, hints), jsonOf(schema, hints))
  const body = schema === undefined ? made : fc.oneof({ weight: 20, arbitrary: made }, { weight: 1, arbitrary: made.chain(damaged) })
  const type = fc.oneof({ weight: 30, arbitrary: fc.constant('content-type: application/json\r\n') }, { weight: 1, arbitrary: HEADERS })
  return fc.record({ values, more, body, type }).map(({ values, more, body, type }) => {
    // A wait that is not told for how long would take its two seconds.
    const query = values.filter(({ name, place, isGiven }) => place === 'query' && (isGiven || name === 'timeout')).map(({ name, value }) => `${name}=${value}`).join('&') + more
    const target = path.replace(/\{(\w+)\}/g, (_all, wanted: string) => values.find(({ name }) => name === wanted)!.value) + (query === '' ? '' : `?${query}`)
    return { method, target, operation, bytes: written(method, target, `${type.includes('host:') ? '' : type}connection: close\r\n`, Buffer.from(body)) }
  })
}

/** What is wrong with an answer of the control API. */
function wrongWithCall ({ http, headers, text }: Answer, { operation }: Call): string | undefined {
  if (http < 400) return Object.hasOwn(operation.responses, http) ? undefined : `HTTP ${http}, which is not documented`
  if (http >= 500) return `HTTP ${http}`
  if (headers['content-type'] !== 'application/problem+json') return `its type is ${headers['content-type']}`
  const { status, type, title, detail, advice, errors = [] } = JSON.parse(text) as { status: number, errors?: Array<Record<string, string>> } & Record<'type' | 'title' | 'detail' | 'advice', string>
  if (status !== http || [type, title, detail, advice].some(said => typeof said !== 'string' || said === '')) return 'it is no problem document'
  if (errors.some(({ pointer, found, expected }) => !/^(\/|$)/.test(pointer!) || !found || !expected || expected === 'undefined')) return 'an error does not say where, or what would be right'
  if (/^the \S+( \S+){0,5} is wrong/.test(detail) && !detail.includes(` is wrong${errors[0]?.pointer && ` at ${errors[0].pointer}`}: found `)) return 'it names a place and has no pointer to it'
  return undefined
}

async function answerToCall (port: number, call: Call): Promise<Answer> {
  const bytes = await exchange(port, call.bytes)
  const [answer] = answersIn(bytes)
  const wrong = answer === undefined ? 'no answer' : wrongWithCall(answer, call)
  if (wrong === undefined) return answer!
  throw new Error(`${wrong}: ${bytes.toString().slice(0, 700)} to ${json(call.bytes.toString('latin1').slice(0, 2000))}`)
}

t.test(`calls of the control API (SEED=${SEED})`, async t => {
  const emulator = await watched(t)
  const { port, db } = emulator
  const { paths } = await control(port, 'GET', '/__admin/openapi.json') as { paths: Record<string, Record<string, Operation>> }
  const operations = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })))
    // The events never end, and the reset ends all that came in at the same time.
    .filter(({ path }) => path.startsWith('/__admin/') && !['/__admin/events', '/__admin/reset'].includes(path))
  const done = new Map(operations.map(({ method, path }) => [`${method} ${path}`, { granted: 0, refused: 0 }]))
  const calls = fc.constantFrom(...operations).chain(({ path, method, operation }) => callsOf(path, method, operation).map(call => ({ call, count: done.get(`${method} ${path}`)! })))
  await holds(t, fc.asyncProperty(fc.array(calls, { minLength: 20, maxLength: 40, size: 'max' }), async all => {
    await control(port, 'POST', '/__admin/reset')
    await answersTo(port, all.slice(0, 3).map(() => ({ method: 'POST', bytes: Buffer.from(MAKE) })))
    await control(port, 'GET', '/__admin/state')
    // One after the other: what replaces the world would cut the others off.
    const again: Call[] = []
    for (const { call, count } of all) {
      const { http } = await answerToCall(port, call)
      if (http >= 400) again.push(call)
      count[http < 400 ? 'granted' : 'refused']++
    }
    // But for the time that is left to faults.
    const kept = async (): Promise<string> => json([contents(db), await control(port, 'GET', '/__admin/faults')]).replace(/"ttl":"\d+ms"/g, '')
    // What is due is booked whoever asks, also where that is refused.
    await control(port, 'GET', '/__admin/state')
    const before = await kept()
    let granted = 0
    for (const call of again) if ((await answerToCall(port, call)).http < 400) granted++
    if (granted === 0 && await kept() !== before) throw new Error(`what was refused has changed something: ${json(again.map(({ bytes }) => bytes.toString('latin1')))}`)
    const { violations } = await control(port, 'GET', '/__admin/audit') as { violations: unknown[] }
    if (violations.length > 0) throw new Error(`the books are not in order: ${json(violations)}`)
  }), effort(4, 120))
  t.comment(json([...done]))
  // Ids are never the same ones, what is waited for seldom comes, and no random body is a case.
  const rare = [...done].filter(([name, { granted, refused }]) => granted + refused < OFTEN || (granted === 0 && !/\/(\{id\}|wait|replay)$|^POST .*\/case$/.test(name)))
  t.same(effort([], rare), [], 'each was called, and has granted some')
  await unharmed(t, emulator)
})

/** A value with one thing in it dropped, doubled, renamed, moved, or replaced by something else. */
function mutated (value: unknown, [what, where, from, odd]: readonly [number, number, number, unknown]): unknown {
  const copy = structuredClone(value)
  const places = placesIn(copy)
  const place = places[where % places.length]!
  const other = places[from % places.length]!
  const holder = place.holder as Record<string, unknown>
  const found = structuredClone(other.holder[other.key])
  switch (what) {
    case 0: Array.isArray(holder) ? holder.splice(Number(place.key), 1) : delete holder[place.key]; break
    case 1: Array.isArray(holder) ? holder.push(structuredClone(holder[Number(place.key)])) : Object.assign(holder, { [json(odd).slice(0, 20)]: holder[place.key] }); break
    case 2: holder[place.key] = found; break
    case 3: [holder[place.key], other.holder[other.key]] = [found, structuredClone(holder[place.key])]; break
    default: holder[place.key] = odd
  }
  return copy
}

function placesIn (value: unknown): Array<{ readonly holder: Record<string, unknown>, readonly key: string }> {
  if (typeof value !== 'object' || value === null) return []
  const holder = value as Record<string, unknown>
  return Object.keys(holder).flatMap(key => [{ holder, key }, ...placesIn(holder[key])])
}

t.test(`scenarios with something wrong in them (SEED=${SEED})`, async t => {
  const emulator = await watched(t)
  const { port, db } = emulator
  for (const [path, body] of [['/__admin/faults', '{"kind":"delay","endpoint":"check-balance","ttl":"1h"}'], ['/__admin/clock/advance', '{"by":"P2M"}'], ['/__admin/accounts/rich/wallet', '{"credit":"5"}']]) await control(port, 'POST', path!, body)
  for (const request of [MAKE, MAKE.replace('rich', 'mine')]) await answersTo(port, [{ method: 'POST', bytes: Buffer.from(request) }])
  const whole = await control(port, 'GET', '/__admin/state?requests=true')
  const sources = [EDGE_CASES, whole, JSON.parse(readFileSync('fixtures/default.json', 'utf8'))]
  const odd = fc.oneof(fc.constantFrom(null, true, -1, 0, 1.5, 1e300, 2 ** 53, '', '0', [], {}, [{}], { __proto__: 1 }), fc.constantFrom(...INSTANTS), fc.constantFrom(...TOKENS), anyText, fc.jsonValue({ maxDepth: 2 }))
  const scenarios = fc.tuple(fc.constantFrom(...sources), fc.array(fc.tuple(fc.nat(4), fc.nat(1e6), fc.nat(1e6), odd), { minLength: 1, maxLength: 2 })).map(([source, changes]) => changes.reduce<unknown>((value, change) => mutated(value, change), source))
  const seen = { loaded: 0, refused: 0 }
  await holds(t, fc.asyncProperty(scenarios, async scenario => {
    const text = json(scenario)
    const shown = (): string => `: ${text.slice(0, 3000)}`
    const isRight = isReadable(text)
    const before = json(contents(db))
    const state = await control(port, 'PUT', '/__admin/state', text) as { status?: number, errors?: unknown[], type?: string }
    if (isRight === (state.type === 'about:blank')) throw new Error(`it is read in one place and refused in another${shown()}`)
    seen[isRight ? 'loaded' : 'refused']++
    if (!isRight) {
      if (state.status !== 400 || state.errors?.length === 0) throw new Error(`${json(state)} to${shown()}`)
      if (json(contents(db)) !== before) throw new Error(`it was refused and has changed something${shown()}`)
      return
    }
    const { violations } = await control(port, 'GET', '/__admin/audit') as { violations: Array<{ invariant: string }> }
    // What an entry was for is the scenario's to say; that it adds up is not.
    if (violations.some(({ invariant }) => invariant !== 'debit-has-plan-change')) throw new Error(`the books are not in order: ${json(violations)}${shown()}`)
    const saved = json(await control(port, 'GET', '/__admin/state?requests=true'))
    await control(port, 'PUT', '/__admin/state', saved)
    const again = json(await control(port, 'GET', '/__admin/state?requests=true'))
    if (timeless(again) !== timeless(saved)) throw new Error(`what is saved is not what is loaded: ${saved.slice(0, 2000)} and ${again.slice(0, 2000)}`)
  }), effort(30, 500))
  t.comment(json(seen))
  t.ok(Math.min(seen.loaded, seen.refused) > 2 * OFTEN, 'some are loaded, and some are refused')
  await unharmed(t, emulator)
})

/** Without what passes while it is looked at. */
function timeless (state: string): string {
  return state.replace(/"ttl":"\d+ms"/g, '"ttl":""').replace(/("mode":"(?:running|system)","at":)"[^"]*"/g, '$1""')
}

/** Whether a scenario is right; what is wrong in it is told with where that is. */
function isReadable (text: string): boolean {
  const read = readJson(text)
  if ('issue' in read) return false
  try {
    readScenario(read.value, { plans: bundledPlans(), machineTime: Date.now(), seed: 1 })
    return true
  } catch (error) {
    for (const { pointer, found, expected } of issuesOf(error)) if (!/^(\/|$)/.test(pointer) || found === '' || expected === '' || expected === 'undefined') throw new Error(`a issue says too little: ${json({ pointer, found, expected })}`)
    return false
  }
}

t.test(`refused requests leave nothing behind (SEED=${SEED})`, async t => {
  const emulator = await watched(t)
  const { port, look } = emulator
  const batches = fc.sample(fc.array(sents.filter(({ method }) => method !== 'HEAD'), { minLength: 40, maxLength: 40 }), { seed: SEED, numRuns: effort(3, 40) })
  const raws = fc.sample(bytes, { seed: SEED, numRuns: effort(20, 100) }).filter(bytes => !bytes.includes(MAKE))
  // None of them makes anything: their tokens are nobody's.
  const nobodys = batches.map(batch => batch.map(sent => ({ ...sent, bytes: Buffer.from(sent.bytes.toString('latin1').replaceAll(/rich|tokens/g, 'nope'), 'latin1') })))
  const round = async (): Promise<void> => {
    for (const batch of nobodys) await exchange(port, [...batch.map(({ bytes }) => bytes), ORDINARY])
    const listeners = ['/__admin/events', '/__admin/requests/wait?timeout=5m', '/__admin/nothing', '/__admin/events?x=1'].map(path => written('GET', path, '', Buffer.of()))
    await exchangeAll(port, [...raws, ...listeners], async () => await control(port, 'GET', '/__admin/health'))
  }
  const calm = async (): Promise<Held> => {
    const { open: { Immediate, ...open }, ...held } = await look()
    // What is done in the next turn of the event loop is neither.
    return open.TCPSocketWrap === undefined ? { ...held, open } : await calm()
  }
  for (let rounds = 0; rounds < effort(2, 5); rounds++) await round()
  const before = await calm()
  for (let rounds = 0; rounds < effort(2, 10); rounds++) await round()
  const after = await calm()
  t.comment(json({ before, after }))
  t.same(after.open, before.open, 'no timer, no socket')
  t.ok(after.heap < before.heap + 2_000_000, `${after.heap - before.heap} bytes more than before`)
  await unharmed(t, emulator)
})
