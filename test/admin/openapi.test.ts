import { FormatRegistry } from '@sinclair/typebox'
import { Ajv2020 } from 'ajv/dist/2020.js'
import pino from 'pino'
import t from 'tap'
import { BASE_PATH, ENDPOINTS, servedAt } from '../../src/api/index.js'
import { STATUS_TEXTS } from '../../src/api/status-codes.js'
import { ASSUMPTIONS } from '../../src/domain/assumptions.js'
import { COMMON_RULES, RULE_NAMES, RULES } from '../../src/domain/refusal.js'
import { version } from '../../src/package.js'
import { createContext } from '../../src/runtime/context.js'
import { bundledPlans } from '../../src/scenario/bundled.js'
import { loadSeed } from '../../src/scenario/load.js'
import { readScenario } from '../../src/scenario/read.js'
import { buildApp } from '../../src/server/app.js'
import type { Replayer } from '../../src/admin/replay.js'
import { cut, replay } from '../../src/server/replay.js'
import { openStore } from '../../src/store/index.js'
import { CHANGE_BILLING, emulate, SAMPLE } from '../support/emulator.js'

/** A case of a world without accounts, in which nothing has happened. */
const EMPTY_WORLD = { at: '2026-01-01T00:00:00Z', scenario: { clock: { mode: 'frozen', at: '2020-06-16T12:00:00Z' }, settings: {}, accounts: [] } }
const EMPTY_CASE = { case: 1, emulator: version, saved_at: EMPTY_WORLD.at, account: null, incomplete: null, seed: 1, start: EMPTY_WORLD, timeline: [], end: EMPTY_WORLD }

const EMPTY_REQUEST = JSON.parse(`{
  "step": "request", "at": "${EMPTY_WORLD.at}", "from": "127.0.0.1", "sendable": true,
  "request": {
    "id": "1-1", "account": null, "endpoint": null, "method": "GET", "path": "/", "at": "${EMPTY_WORLD.at}", "emulated_at": "${EMPTY_WORLD.at}",
    "state": "cut", "duration_ms": 0, "request": { "headers": {}, "body": "", "text": "" }, "response": null, "api_status": null, "rule": null,
    "assumptions": [], "charged": false, "booked": null, "lint": [], "fault": null
  }
}`) as object

/** A JSON schema. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly [keyword: string]: unknown
}

interface Operation {
  readonly summary: string
  readonly tags: readonly string[]
  readonly 'x-provenance': string
  readonly 'x-rules'?: readonly string[]
  readonly parameters?: ReadonlyArray<{ readonly name: string, readonly in: string, readonly required: boolean, readonly schema: Schema }>
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly responses: Readonly<Record<string, { readonly description: string, readonly headers?: Readonly<Record<string, object>>, readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>>
}

interface Document {
  readonly openapi: string
  readonly info: { readonly title: string, readonly version: string, readonly description: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly [extension: `x-${string}`]: unknown
}

/** The app itself, which does not listen. */
const store = openStore()
loadSeed(store, readScenario({}, { plans: bundledPlans(), machineTime: Date.now(), seed: 1 }))
const context = createContext({ store, log: pino({ enabled: false }), machineTime: Date.now, seed: 1, journal: { entries: 10, bytes: 1e6 } })
const replayer: Replayer = { replay: async saved => await replay(saved), cut }
const app = await buildApp(context, { access: { token: null, hosts: [] }, endpoints: servedAt({}), hasConsole: false, replayer })
const text = (await app.inject('/__admin/openapi.json')).body
const document = JSON.parse(text) as Document
t.teardown(async () => {
  await app.close()
  store.close()
})

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, path, method, operation })))

/** Checks by the JSON Schema of OpenAPI 3.1, 2020-12. In strict mode it refuses schemas with unknown keywords and formats. */
const ajv = new Ajv2020({ strict: true, allErrors: true, code: { optimize: false } })
ajv.addVocabulary(['x-provenance', 'x-secret'])
for (const [format, check] of FormatRegistry.Entries()) ajv.addFormat(format, check)

const compiled = new Map<string, ReturnType<typeof ajv.compile>>()

/** Compiles a schema, once for all the calls that have the same one. Throws where it is none. */
function validator (schema: Schema): ReturnType<typeof ajv.compile> {
  const text = JSON.stringify(schema)
  const known = compiled.get(text) ?? ajv.compile(schema)
  compiled.set(text, known)
  return known
}

/** What in a value violates a schema. */
function violations (schema: Schema, value: unknown): string[] {
  const isValid = validator(schema)
  return isValid(value) ? [] : isValid.errors!.map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)
}

/** What the app serves, read from the tree that it draws of its routes. */
function routesOf (tree: string): string[] {
  const above: string[] = []
  return tree.split('\n').flatMap(line => {
    const [, indent, path, methods] = /^([│ ]*[├└]── )(\S+)(?: \((.*)\))?$/.exec(line) ?? []
    if (path === undefined) return []
    const level = indent!.length / 4 - 1
    above.length = level
    above.push(path)
    return methods?.split(', ').map(method => `${method} ${above.join('')}`) ?? []
  })
}

t.test('GET /openapi.json describes every route and no other', async t => {
  // A HEAD is a GET without a body.
  const documented = routesOf(app.printRoutes({ commonPrefix: false })).filter(route => !route.startsWith('HEAD '))
  const routes = documented.map(route => route.replace(/:(\w+)/g, '{$1}'))
  t.ok(routes.length > 40, `${routes.length} routes`)
  t.same(operations.map(({ name }) => name).sort(), routes.sort())
  for (const { path, method } of operations) t.ok(app.hasRoute({ method: method.toUpperCase(), url: path.replace(/\{(\w+)\}/g, ':$1') }), `${method} ${path}`)

  const emulated = operations.filter(({ path }) => !path.startsWith('/__admin'))
  t.same(emulated.map(({ name }) => name), [...ENDPOINTS.map(({ path }) => `POST ${BASE_PATH}${path}`), 'POST /api/v2/check-balance'])
  for (const { path, operation } of emulated) {
    const { fields, answer, provenance: known, rules } = ENDPOINTS.find(endpoint => BASE_PATH + endpoint.path === path || endpoint.alias === path)!
    t.equal(operation['x-provenance'], known)
    t.same(operation['x-rules'], RULE_NAMES.filter(rule => COMMON_RULES.includes(rule) || rules.includes(rule)), 'every rule that it can break, in the order in which they are checked')
    t.same(operation.requestBody!.content['application/json']!.schema, JSON.parse(JSON.stringify(fields)), 'by the schema that checks requests')
    t.same(operation.responses['200']!.content!['application/json']!.schema, JSON.parse(JSON.stringify(answer)))
  }
})

t.test('GET /openapi.json is OpenAPI 3.1', async t => {
  t.equal(document.openapi, '3.1.0')
  t.equal(document.info.version, version)
  t.match(document.info, { title: 'picky-assist-emulator', description: /control API/ })
  t.same(Object.keys(document).filter(key => !/^(openapi|info|paths|x-\w+)$/.test(key)), [])
  const references = [...text.matchAll(/"\$ref"/g)]
  t.equal(references.length, 0, 'nothing refers to anything that could be missing')

  for (const { name, path, method, operation } of operations) {
    t.test(`the description of ${name} is valid`, async t => {
      t.match(path, /^\/[\w./{}-]+$/)
      t.ok(['get', 'put', 'post', 'delete', 'patch'].includes(method))
      t.match(operation.summary, /^[A-Z].{9,}[^.]$/)
      t.equal(operation.tags.length, 1)
      t.match(operation['x-provenance'], path.startsWith('/__admin') ? /^emulator$/ : /^(documented|observed|assumed)$/)
      t.same(Object.keys(operation).filter(key => !['summary', 'tags', 'x-provenance', ...path.startsWith('/__admin') ? [] : ['x-rules'], 'parameters', 'requestBody', 'responses'].includes(key)), [])

      const parameters = operation.parameters ?? []
      const inPath = parameters.filter(parameter => parameter.in === 'path')
      t.same(inPath.map(parameter => parameter.name).sort(), [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter).sort())
      t.equal(new Set(parameters.map(parameter => `${parameter.in} ${parameter.name}`)).size, parameters.length)
      t.same(parameters.filter(({ in: place, required }) => !['path', 'query'].includes(place) || required !== (place === 'path')), [])
      t.doesNotThrow(() => parameters.forEach(({ schema }) => validator(schema)))

      const answers = Object.entries(operation.responses)
      t.ok(answers.some(([status]) => /^2\d\d$/.test(status)))
      if (path.startsWith('/__admin')) t.ok(operation.responses.default!.content!['application/problem+json'])
      t.same(answers.filter(([status, { description, content }]) =>
        !/^([1-5]\d\d|default)$/.test(status) || typeof description !== 'string' || (content === undefined) !== (status === '204')), [])
      const media = [operation.requestBody?.content, ...answers.map(([, answer]) => answer.content)].flatMap(content => Object.entries(content ?? {}))
      t.same(media.filter(([type]) => !/^[a-z]+\/[a-z+-]+$/.test(type)), [])
      t.doesNotThrow(() => media.forEach(([, { schema }]) => validator(schema)))
    })
  }
})

t.test('GET /openapi.json tells the provenance of everything', async t => {
  for (const { path, operation } of operations.filter(({ path }) => !path.startsWith('/__admin'))) {
    for (const schema of [operation.requestBody!.content['application/json']!.schema, operation.responses['200']!.content!['application/json']!.schema]) {
      for (const [name, field] of Object.entries(schema.properties!)) t.match(field['x-provenance'], /^(documented|observed|assumed)$/, `${path} ${name}`)
    }
  }
  t.same(document['x-rules'], RULES)
  t.same(document['x-assumptions'], ASSUMPTIONS)
  t.same(document['x-statuses'], STATUS_TEXTS)
})

/** Requests to the sibling endpoints, in this order; the second time some of them are refused. */
const EMULATED: ReadonlyArray<[path: string, fields: object]> = [
  ['/pm/create-project', { project_name: 'x', number: 123, country: 'IN', time_zone: 'Asia/Kolkata', date_format: 'DD-MM-YYYY', service: 1, billing_plan: 2, generate_api_token: true, token_ip_address: ['::1'], global_webhook: '', event_webhook: 'https://example.com/', notes: 'x' }],
  ['/pm/get-projects', { project_id: SAMPLE.project_id }],
  ['/pm/get-projects', { project_id: 0 }],
  ['/pm/create-api-token', { project_id: SAMPLE.project_id, ip_whitelist: ['192.0.2.1'] }],
  ['/pm/manage-api-token', { project_id: SAMPLE.project_id, api_token: 'none', action: 1 }],
  ['/pm/set-webhook', { project_id: SAMPLE.project_id, smart_reply_webhook: 'http://example.com/' }],
  ['/pm/fetch-balance', {}],
  ['/check-balance', {}]
]

t.test('requests and answers match GET /openapi.json', async t => {
  const { url } = await emulate(t, { clock: 'frozen:2020-06-16T12:00:00Z' })
  /** Each operation once, or more often where it can be called in several ways. */
  const calls: Array<[method: string, path: string, body?: unknown, values?: Record<string, string>, query?: string]> = [
    ['POST', CHANGE_BILLING, SAMPLE],
    ['POST', '/api/v2/check-balance', { token: SAMPLE.token }],
    ['POST', CHANGE_BILLING, SAMPLE],
    ...[1, 2].flatMap(() => EMULATED.map(([path, fields]): [string, string, object] => ['POST', BASE_PATH + path, { token: SAMPLE.token, ...fields }])),
    ['PATCH', '/__admin/settings', { wire: { types: 'table' } }],
    ...EMULATED.map(([path, fields]): [string, string, object] => ['POST', BASE_PATH + path, { token: SAMPLE.token, ...fields }]),
    ['PATCH', '/__admin/settings', { wire: null }],
    ['GET', '/__admin/health'],
    ['POST', '/__admin/accounts', { name: 'a', balance: '5', ttl: '1h', clock: { mode: 'frozen', at: '2021-01-01' }, settings: { strict: true, wire: { types: 'table' } }, projects: [{ subscriptions: [{ service: 1, plan_id: 2 }, { service: 2, plan_id: 1 }] }] }],
    ['POST', '/__admin/accounts', [{}, { copy_of: 'demo' }]],
    ['GET', '/__admin/accounts'],
    ['GET', '/__admin/accounts/{account}', undefined, { account: 'a' }],
    ['POST', '/__admin/accounts/{account}/wallet', { credit: '1.5' }, { account: 'a' }],
    ['GET', '/__admin/accounts/{account}/wallet', undefined, { account: 'a' }],
    ['GET', '/__admin/accounts/{account}/ledger', undefined, { account: 'demo' }],
    ['GET', '/__admin/accounts/{account}/summary', undefined, { account: 'demo' }],
    ['GET', '/__admin/case'],
    ['POST', '/__admin/case', { ...EMPTY_CASE, timeline: [EMPTY_REQUEST] }, {}, 'from=1-1'],
    ['POST', '/__admin/replay', EMPTY_CASE],
    ['POST', '/__admin/replay', EMPTY_CASE, {}, 'dry_run=true'],
    ['GET', '/__admin/audit'],
    ['GET', '/__admin/audit', undefined, {}, 'strict=true'],
    ['GET', '/__admin/accounts/{account}/audit', undefined, { account: 'a' }],
    ['PUT', '/__admin/accounts/{account}/projects/{project_id}', { project_name: 'x' }, { account: 'a', project_id: '9' }],
    ['PATCH', '/__admin/accounts/{account}/projects/{project_id}', { notes: null }, { account: 'a', project_id: '9' }],
    ['DELETE', '/__admin/accounts/{account}/projects/{project_id}', undefined, { account: 'a', project_id: '9' }],
    ['GET', '/__admin/clock'],
    ['PUT', '/__admin/clock', { mode: 'system' }],
    ['POST', '/__admin/clock/advance', { to: '2020-01-01' }],
    ['DELETE', '/__admin/clock'],
    ['GET', '/__admin/accounts/{account}/clock', undefined, { account: 'a' }],
    ['PUT', '/__admin/accounts/{account}/clock', { mode: 'frozen', at: '2022-01-01' }, { account: 'a' }],
    ['POST', '/__admin/accounts/{account}/clock/advance', { by: 'P2Y' }, { account: 'a' }],
    ['DELETE', '/__admin/accounts/{account}/clock', undefined, { account: 'a' }],
    ['GET', '/__admin/history'],
    ['GET', '/__admin/accounts/{account}/history', undefined, { account: 'a' }],
    ['GET', '/__admin/settings'],
    ['PATCH', '/__admin/settings', { assumptions: { 'same-plan': 'accept-free' }, cutoff: 'never' }],
    ['GET', '/__admin/accounts/{account}/settings', undefined, { account: 'a' }],
    ['PATCH', '/__admin/accounts/{account}/settings', { strict: false, wire: null }, { account: 'a' }],
    ['GET', '/__admin/assumptions', undefined, {}, 'account=a'],
    ['GET', '/__admin/plans'],
    ['PUT', '/__admin/plans', [{ plan_id: 2, price: '6' }]],
    ['POST', '/__admin/faults', { kind: 'delay', delay: { uniform: [1, 2] }, times: 1, ttl: '1h', project_id: 1, plan_id: 2, endpoint: 'change-billing', account: 'a' }],
    ['POST', '/__admin/faults', { kind: 'http_error', probability: 0.5 }],
    ['GET', '/__admin/faults'],
    ['DELETE', '/__admin/faults/{id}', undefined, { id: 'fault-1' }],
    ['DELETE', '/__admin/faults'],
    ['POST', '/__admin/accounts/{account}/faults', { kind: 'slow_body', probability: 0 }, { account: 'a' }],
    ['GET', '/__admin/accounts/{account}/faults', undefined, { account: 'a' }],
    ['GET', '/__admin/state'],
    ['GET', '/__admin/state', undefined, {}, 'requests=true'],
    ['GET', '/__admin/accounts/{account}/state', undefined, { account: 'demo' }],
    ['GET', '/__admin/scenarios'],
    ['GET', '/__admin/scenarios/{name}', undefined, { name: 'edge-cases' }],
    ['DELETE', '/__admin/accounts/{account}/faults/{id}', undefined, { account: 'a', id: 'fault-3' }],
    ['DELETE', '/__admin/accounts/{account}/faults', undefined, { account: 'a' }],
    ['GET', '/__admin/requests', undefined, {}, 'account=demo&limit=1'],
    ['GET', '/__admin/requests/count', undefined, {}, 'rule=null'],
    ['GET', '/__admin/requests/wait', undefined, {}, 'count=2&timeout=0ms'],
    ['GET', '/__admin/requests/{id}', undefined, { id: '1-1' }],
    ['DELETE', '/__admin/requests', undefined, {}, 'account=demo'],
    ['POST', '/__admin/accounts/{account}/reset', undefined, { account: 'a' }],
    ['DELETE', '/__admin/accounts/{account}', undefined, { account: 'a' }],
    ['PUT', '/__admin/state', { accounts: [{ name: 'only' }], faults: [{ kind: 'hang' }] }],
    ['POST', '/__admin/reset', undefined, {}, 'dry_run=true'],
    ['POST', '/__admin/reset'],
    ['DELETE', '/__admin/accounts/{account}', undefined, { account: 'demo' }, 'dry_run=true'],
    ['PUT', '/__admin/accounts/{account}/clock', { mode: 'system' }, { account: 'demo' }],
    ['GET', '/__admin/snapshots'],
    ['POST', '/__admin/undo', { account: 'demo' }, {}, 'dry_run=true'],
    ['POST', '/__admin/undo', { account: 'demo' }],
    ['POST', '/__admin/undo', undefined, {}, 'dry_run=true'],
    ['POST', '/__admin/undo'],
    ['GET', '/__admin/openapi.json']
  ]
  for (const [method, path, body, values = {}, query = ''] of calls) {
    const actual = path.replace(/\{(\w+)\}/g, (_all, name: string) => values[name]!)
    t.test(`${method} ${actual} matches its schemas`, async t => {
      const operation = document.paths[path]![method.toLowerCase()]!
      if (body !== undefined) t.same(violations(operation.requestBody!.content['application/json']!.schema, body), [], 'what is sent')
      for (const name of new URLSearchParams(query).keys()) t.ok(operation.parameters!.some(parameter => parameter.in === 'query' && parameter.name === name), name)
      const response = await fetch(`${url}${actual}${query && `?${query}`}`, { method, ...body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } })
      const documented = operation.responses[response.status]
      t.ok(documented, `${response.status} is documented`)
      const answer = await response.text()
      if (response.status === 204) return t.equal(answer, '')
      // The emulator's own, beside those that every answer has.
      const own = [...response.headers.keys()].filter(name => name.startsWith('x-emulator'))
      const described = Object.keys(operation.responses[String(response.status)]?.headers ?? {})
      t.same(own.filter(name => !described.includes(name)), [], 'its headers are described')
      const [type] = response.headers.get('content-type')!.split(';')
      const { schema } = documented!.content![type!]!
      t.same(violations(schema, JSON.parse(answer)), [])
      if (!path.startsWith('/__admin')) t.same(Object.keys(JSON.parse(answer) as object).filter(name => !Object.hasOwn(schema.properties!, name)), [], 'and no key more')
    })
  }

  t.test('every operation is checked against its schemas, except for the endless GET /events', async t => {
    const called = new Set(calls.map(([method, path]) => `${method} ${path}`))
    t.same(operations.map(({ name }) => name).filter(name => !called.has(name)), ['GET /__admin/events'])
    const response = await fetch(`${url}/__admin/events`)
    t.ok(response.headers.get('content-type')! in document.paths['/__admin/events']!.get!.responses['200']!.content!)
    await response.body!.cancel()
  })

  t.test('problem documents match their schema', async t => {
    const { schema } = document.paths['/__admin/clock']!.put!.responses.default!.content!['application/problem+json']!
    const wrong: Array<[string, string, number]> = [
      ['PUT', '/__admin/clock', 400], ['GET', '/__admin/accounts/nobody', 404], ['GET', '/__admin/nothing', 404], ['GET', '/__admin/requests?x=1', 400], ['GET', '/__admin/requests/wait?timeout=0ms', 409], ['POST', '/__admin/accounts', 415]
    ]
    for (const [method, path, status] of wrong) {
      const response = await fetch(url + path, { method, ...status === 415 && { body: '{}' } })
      t.equal(response.status, status, `${method} ${path}`)
      t.equal(response.headers.get('content-type'), 'application/problem+json')
      t.same(violations(schema, await response.json()), [])
    }
  })
})

t.test('GET /openapi.json describes a moved endpoint at its path, and omits one that is switched off', async t => {
  const { ask } = await emulate(t, { paths: { 'set-webhook': '/pm/webhook', 'fetch-balance': 'off' } })
  const { paths } = (await ask('/__admin/openapi.json', {})).body as unknown as Document
  const own = Object.keys(document.paths).filter(path => !path.startsWith('/__admin'))
  t.same(Object.keys(paths).filter(path => !path.startsWith('/__admin')), own.filter(path => !path.endsWith('/fetch-balance')).map(path => path.replace('/set-webhook', '/webhook')))
  t.match(paths['/app/api/v2/pm/webhook']!.post, {
    summary: 'Emulated: set-webhook',
    'x-provenance': 'assumed',
    'x-rules': ['api-is-disabled-after-cutoff', 'method-must-be-post', 'body-must-be-json-object', 'token-must-be-known', 'token-must-be-master', 'fields-must-be-valid', 'project-must-exist', 'project-must-be-active']
  })
  t.same(Object.entries(document.paths).filter(([path]) => own.includes(path)).map(([path, { post }]) => [path.split('/').at(-1), post!['x-provenance']]), [
    ['change-billing', 'documented'], ['create-project', 'documented'], ['get-projects', 'documented'], ['create-api-token', 'documented'],
    ['manage-api-token', 'documented'], ['set-webhook', 'assumed'], ['fetch-balance', 'assumed'], ['check-balance', 'observed'], ['check-balance', 'observed']
  ])
})
