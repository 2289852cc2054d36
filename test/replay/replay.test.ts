import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request as requestOf } from 'node:http'
import { connect as connectTo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readCase } from '../../src/case/read.js'
import { connect } from '../../src/client/connect.js'
import type { Case, CaseRequest } from '../../src/contract/case.js'
import type { StartOptions } from '../../src/contract/start-options.js'
import type { Replay } from '../../src/contract/replay.js'
import { isRequest } from '../../src/replay/compare.js'
import { cut, replay } from '../../src/server/replay.js'
import { start, type Started } from '../../src/server/start.js'
import { share } from '../support/effort.js'
import { CHANGE_BILLING } from '../support/emulator.js'

/** What a test does with an emulator before it saves the case. */
class World {
  readonly admin
  constructor (readonly emulator: Started) { this.admin = connect(emulator.url) }

  /** Posts to the emulated API; the connection may end in any way. */
  async post (path: string, body: unknown, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<string> {
    const text = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
    return await new Promise(resolve => {
      requestOf(this.emulator.url + path, { method: 'POST', agent: false, headers: { 'content-type': 'application/json', ...headers }, ...signal && { signal } }, response => {
        let answer = ''
        response.setEncoding('utf8').on('data', chunk => { answer += chunk }).on('error', () => {}).on('close', () => resolve(answer))
      }).on('error', error => { resolve(error.message) }).end(text)
    })
  }

  async change (token: string, projectId: number, planId: number): Promise<string> {
    return await this.post(CHANGE_BILLING, { token, project_id: projectId, service: 1, plan_id: planId })
  }

  async call (method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.emulator.url}/__admin${path}`, { method, ...body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } })
    return response.status === 204 ? null : await response.json()
  }

  async saved (account?: string): Promise<Case> {
    const query = account === undefined ? '' : `?account=${encodeURIComponent(account)}`
    return readCase(await (await fetch(`${this.emulator.url}/__admin/case${query}`)).json())
  }
}

async function worldOf (t: Test, options: StartOptions = {}): Promise<World> {
  const emulator = await start(options)
  t.teardown(() => emulator.stop())
  return new World(emulator)
}

/** Where to save the cases of this version, before it is published: SAVE_CASES=fixtures/cases. */
const SAVE_IN = process.env.SAVE_CASES

const EQUAL = { equal: true, skipped: 0, differences: [] }

const DEMO = { token: '132321343dsfsdf', project: 5786 } as const

/** Posts over a connection each, in the same turn of the event loop, and waits for the ends of all. */
async function sentAtOnce ({ url }: Started, posts: ReadonlyArray<readonly [path: string, body: unknown]>): Promise<void> {
  const sockets = await Promise.all(posts.map(async () => {
    const socket = connectTo(Number(new URL(url).port), '127.0.0.1')
    // Accepted, and ready to be read.
    socket.write('GET /__admin/health HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await once(socket, 'data')
    return socket.resume()
  }))
  await Promise.all(posts.map(async ([path, body], index) => {
    const text = JSON.stringify(body)
    sockets[index]!.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`)
    await once(sockets[index]!, 'close')
  }))
}

/** What can happen to a world, and how many requests of it are sent again. */
const LIVES: Record<string, { readonly options?: StartOptions, readonly requests: number, readonly live: (world: World) => Promise<void> }> = {
  'nothing at all': { requests: 0, live: async () => {} },
  'a clock that runs': {
    requests: 2,
    async live (world) {
      await world.change(DEMO.token, DEMO.project, 2)
      await world.change(DEMO.token, DEMO.project, 3)
    }
  },
  'the machine\'s own time': { options: { clock: 'system', cutoff: 'never' }, requests: 1, live: async world => { await world.change(DEMO.token, DEMO.project, 2) } },
  'accounts made, copied, reset, removed and made again': {
    requests: 3,
    async live ({ admin, change }: World) {
      change = World.prototype.change.bind(arguments[0] as World)
      const account = await admin.createAccount({ balance: '20', projects: [{ project_id: 1, api_tokens: [{}] }] })
      await change(account.token, 1, 2)
      const copy = await admin.createAccount({ copy_of: account.name })
      await change(copy.token, 1, 3)
      await copy.reset()
      await account.remove()
      const [again] = await admin.createAccounts([{ name: account.name, token: 'another secret token' }, { copy_of: copy.name }])
      await change(again!.token, 1, 2)
    }
  },
  'API tokens and licence keys, of a token of one\'s own': {
    options: { scenario: { accounts: [{ name: 'own', token: 'a-token-that-nobody-may-see', balance: '50', projects: [{ project_id: 1, license_key: 'my own key', api_tokens: [{ token: 'my project token' }, {}] }] }] } },
    requests: 5,
    async live (world) {
      const token = 'a-token-that-nobody-may-see'
      const made = JSON.parse(await world.post('/app/api/v2/pm/create-api-token', { token, project_id: 1, ip_whitelist: ['127.0.0.1', '192.0.2.1'] })) as { api_token: Array<{ token: string }> }
      await world.change(made.api_token[0]!.token, 1, 2)
      await world.change('my project token', 1, 3)
      await world.post('/app/api/v2/pm/create-project', { token, project_name: 'shop', billing_plan: 2, generate_api_token: true, token_ip_address: ['127.0.0.1'] })
      await world.post('/app/api/v2/pm/get-projects', { token, project_id: 1 })
    }
  },
  'bodies that are no JSON, tokens of every kind': {
    requests: 6,
    async live (world) {
      for (const body of ['', '{', 'token=132321343dsfsdf', { token: 5 }, { token: 'unknown-secret-token' }, '{"token":null,"project_id":"5786"}']) await world.post(CHANGE_BILLING, body)
    }
  },
  'a retry that differs in a secret of somebody else alone': {
    requests: 8,
    async live (world) {
      await world.admin.settings.change({ assumptions: { 'same-plan': 'charge-again' } })
      for (const secret of ['one', 'two', 100_000_001, 100_000_002, ['one'], ['two'], { is: 'one' }, { is: 'two' }]) {
        await world.post(CHANGE_BILLING, { token: DEMO.token, project_id: DEMO.project, service: 1, plan_id: 2, password: secret })
      }
    }
  },
  'paths and methods that nobody serves': {
    requests: 3,
    async live (world) {
      await world.post('/app/api/v2/pm/change-biling?token=132321343dsfsdf', { token: DEMO.token })
      for (const method of ['GET', 'PROPFIND']) await fetch(world.emulator.url + CHANGE_BILLING, { method })
    }
  },
  'what time brings': {
    requests: 2,
    async live (world) {
      await world.change(DEMO.token, DEMO.project, 2)
      await world.admin.clock.advance('P3M')
      const demo = await world.admin.account('demo')
      await demo.wallet.set('0')
      await demo.clock.jump('next-billing+P14D')
      await demo.clock.release()
      await world.change(DEMO.token, DEMO.project, 2)
    }
  },
  'what time had brought when somebody looked': {
    requests: 3,
    async live (world) {
      const accounts = ['one', 'two', 'three'].map(name => ({
        name, balance: '50', projects: [{ project_id: 1, subscriptions: [{ service: 1 as const, plan_id: 2, next_billing_date: '2020-06-30T23:59:59Z' }] }]
      }))
      const [one, two, three] = await world.admin.createAccounts(accounts)
      await world.admin.clock.set({ mode: 'running', at: '2020-06-30T23:59:58.990Z' })
      const isRenewed = async (name: string): Promise<boolean> => (await (await world.admin.account(name)).history()).length > 0
      while (!await isRenewed('one'));
      await world.change(one!.token, 1, 3)
      await world.call('DELETE', '/accounts/two/faults/fault-9')
      await world.change(two!.token, 1, 3)
      await world.admin.accounts()
      await world.change(three!.token, 1, 3)
    }
  },
  'settings, plans and projects': {
    requests: 2,
    async live (world) {
      await world.admin.settings.change({ wire: { types: 'table' }, assumptions: { 'same-plan': 'charge-again' } })
      await fetch(`${world.emulator.url}/__admin/plans`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '[{"plan_id":2,"price":"7.5"}]' })
      const demo = await world.admin.account('demo')
      await demo.setProject(7, { project_name: 'shop', api_tokens: [{ token: 'token of seven' }] })
      await world.change('token of seven', 7, 2)
      await demo.settings.change({ strict: true })
      await world.change(DEMO.token, DEMO.project, 2)
      await fetch(`${world.emulator.url}/__admin/accounts/demo/projects/7`, { method: 'DELETE' })
    }
  },
  'calls that were refused': {
    requests: 0,
    async live (world) {
      await Promise.allSettled([world.admin.createAccount({ name: 'demo' }), world.admin.clock.jump('never'), world.admin.undo()])
    }
  },
  'a reset, and an undo of it': {
    requests: 3,
    async live (world) {
      await world.change(DEMO.token, DEMO.project, 2)
      await world.admin.reset()
      await world.change(DEMO.token, DEMO.project, 3)
      const { redo } = await world.admin.undo()
      await world.change(DEMO.token, DEMO.project, 4)
      await world.admin.undo(redo!)
    }
  },
  'a world that is loaded, also from a case': {
    requests: 2,
    async live (world) {
      await world.change(DEMO.token, DEMO.project, 2)
      const saved = await world.saved()
      await world.call('PUT', '/state?dry_run=false', saved)
      await world.change('token-of-demo', DEMO.project, 3)
    }
  },
  'faults of the command line, which a reset does not bring back': {
    options: { faults: [{ kind: 'http_error', times: 1, account: 'demo' }, { kind: 'api_refusal', status: 405, probability: 0.5 }] },
    requests: 6,
    async live (world) {
      for (let count = 0; count < 4; count++) await world.change(DEMO.token, DEMO.project, 2)
      await world.admin.reset()
      for (let count = 0; count < 2; count++) await world.change(DEMO.token, DEMO.project, 2)
    }
  },
  'a fault that is removed': {
    requests: 1,
    async live (world) {
      const { id } = await world.admin.fail({ kind: 'http_error' })
      await world.admin.fail({ kind: 'delay', delay: { fixed: 0 } })
      await fetch(`${world.emulator.url}/__admin/faults/${id}`, { method: 'DELETE' })
      await world.change(DEMO.token, DEMO.project, 2)
    }
  },
  'a request that a delay lets others overtake': {
    requests: 3,
    async live (world) {
      const demo = await world.admin.account('demo')
      await demo.fail({ kind: 'delay', when: 'before', times: 1, delay: { fixed: 150 } })
      const slow = world.change(DEMO.token, DEMO.project, 2)
      while ((await demo.faults())[0]!.triggered === 0) await new Promise(setImmediate)
      await world.change(DEMO.token, DEMO.project, 3)
      await demo.wallet.credit('1')
      await slow
      await world.change(DEMO.token, DEMO.project, 4)
    }
  },
  'delayed requests that arrive at once with one before them': {
    requests: 40,
    async live (world) {
      const demo = await world.admin.account('demo')
      for (let round = 0; round < 20; round++) {
        await demo.fail({ kind: 'delay', when: 'before', skip: 1, times: 1, delay: { fixed: 1 } })
        await sentAtOnce(world.emulator, [2, 3].map(planId => [CHANGE_BILLING, { token: DEMO.token, project_id: DEMO.project, service: 1, plan_id: planId }]))
      }
    }
  },
  'a fault that is set while its account is being reset': {
    requests: 1,
    async live (world) {
      for (let round = 0; round < 20; round++) {
        await sentAtOnce(world.emulator, [['/__admin/accounts/demo/reset', {}], ['/__admin/accounts/demo/faults', { kind: 'delay', delay: { fixed: 0 } }]])
      }
      await world.change(DEMO.token, DEMO.project, 2)
    }
  },
  'a delay that a reset cuts short': {
    requests: 2,
    async live (world) {
      const demo = await world.admin.account('demo')
      await world.admin.fail({ kind: 'delay', when: 'before', times: 2, delay: { fixed: 60_000 } })
      const slow = world.change(DEMO.token, DEMO.project, 2)
      while ((await world.admin.faults())[0]!.triggered === 0) await new Promise(setImmediate)
      await demo.reset()
      await slow
      await world.admin.clearFaults()
      await world.change(DEMO.token, DEMO.project, 3)
    }
  },
  'an answer that never comes, and a client that gives up': {
    requests: 2,
    async live (world) {
      const demo = await world.admin.account('demo')
      await demo.fail({ kind: 'hang', when: 'after', times: 1 })
      const client = new AbortController()
      const hanging = world.post(CHANGE_BILLING, { token: DEMO.token, project_id: DEMO.project, service: 1, plan_id: 2 }, {}, client.signal)
      await demo.requests.wait()
      client.abort()
      await hanging
      await world.change(DEMO.token, DEMO.project, 3)
    }
  },
  'accounts whose names mean something in JSON, in a form or in a URL': {
    requests: 5,
    async live (world) {
      for (const name of ['say "hi"\\', 'a&b=c d', 'straße/\u202e', 'a b', 'a-b']) {
        const { token } = await world.admin.createAccount({ name, projects: [{ project_id: 1 }] })
        await world.change(token, 1, 2)
      }
    }
  },
  'requests of other methods, of which HEAD is answered without a body': {
    requests: 9,
    async live (world) {
      for (const [method, path] of [['HEAD', CHANGE_BILLING], ['HEAD', '/nowhere'], ['OPTIONS', CHANGE_BILLING], ['PUT', CHANGE_BILLING], ['DELETE', '/nowhere'], ['PATCH', CHANGE_BILLING]] as const) {
        await fetch(world.emulator.url + path, { method })
      }
      for (const kind of ['http_error', 'empty_response', 'malformed_json'] as const) {
        await world.admin.fail({ kind, times: 1 })
        await fetch(world.emulator.url + CHANGE_BILLING, { method: 'HEAD' }).catch(() => {})
      }
    }
  },
  'an account whose ttl is over': {
    requests: 1,
    async live (world) {
      const account = await world.admin.createAccount({ ttl: '1s', projects: [{ project_id: 1 }] })
      await world.change(account.token, 1, 1)
      while ((await world.admin.accounts()).length > 1) await new Promise(resolve => setTimeout(resolve, 20))
    }
  }
}

/** What is replayed from its last request on as well. */
const CUT = share(Object.keys(LIVES), 0, 3)

for (const [name, { options = {}, requests, live }] of Object.entries(LIVES)) {
  t.test(`a case replays equal: ${name}`, async t => {
    const world = await worldOf(t, options)
    await live(world)
    const saved = await world.saved()
    t.strictSame(await replay(saved), { ...EQUAL, requests })
    const last = saved.timeline.findLast(isRequest)
    if (last !== undefined && CUT.includes(name)) t.match(await replay(readCase(await cut(saved, last.request.id))), EQUAL, 'also from its last request on')
    if (SAVE_IN !== undefined) writeFileSync(join(SAVE_IN, `${saved.emulator}-${name.replace(/\W+/g, '-')}.json`), `${JSON.stringify(saved)}\n`)
  })
}

/** Cases that former versions have saved: what they say is what this version still does. */
const FORMER = readdirSync('fixtures/cases')

for (const file of FORMER) {
  t.test(`a case of a former version replays equal: ${file}`, async t => {
    const saved = readCase(JSON.parse(readFileSync(join('fixtures/cases', file), 'utf8')))
    t.match(await replay(saved), EQUAL)
  })
}

t.test('a body that is no valid JSON is replayed with its mistake, wherever that is in the case', async t => {
  const world = await worldOf(t)
  const [short, long] = ['Ab1-2', 'A long token of its own 7c1f9e'].map(token => ({ token, projects: [{ project_id: 1 }], balance: '10' }))
  await world.admin.createAccount({ name: 'somebody', ...short })
  await world.admin.createAccount({ name: 'b', ...long })
  const withTokens = [
    ',}', ',"project_id":1,"service":1,"service":1}', ' "x":1}', '', ',"a":05786}', ',\n"a":1,}', ',"notes":"token: one" "x":1}', ',"notes":"token: one","x":tru}', `,"x":"${'y'.repeat(60)}","a":1,}`,
    ', // why\n"a":1}', ',"notes":"one\ntwo"}'
  ].flatMap(rest => [short!, long!].flatMap(({ token }) => [`{"token":${JSON.stringify(token)}${rest}`, `\uFEFF{"note":"token: unknown-1","token":${JSON.stringify(token)}${rest}`]))
  const others = ["{'token':'Ab1-2'}", 'token=Ab1-2&x=1', '{"token":Ab1-2}', '{"token":Zz12Qq34x,"a":1}', '["Ab1-2"]', `["${long!.token}"]`, '{"token":nul,"a":1}', '{"a":1}{"token":"Ab1-2"}']
  const all = [...withTokens, ...others]
  for (const body of all) t.match(JSON.parse(await world.post(CHANGE_BILLING, body)), { status: 410 })
  for (const kind of ['malformed_json', 'truncated_body', 'connection_reset'] as const) {
    await world.admin.fail({ kind, when: 'after', times: 2 })
    for (const body of withTokens.slice(0, 2)) await world.post(CHANGE_BILLING, body)
  }
  const saved = await world.saved()
  t.ok(saved.timeline.filter(isRequest).every(({ sendable }) => sendable))
  t.match(await replay(saved), { ...EQUAL, requests: all.length + 6 })
})

t.test('a header that names a token is replayed as one that does', async t => {
  const world = await worldOf(t)
  const { token } = await world.admin.createAccount({ name: 'a', balance: '100', projects: [{ project_id: 1 }] })
  for (const headers of [{ cookie: 'sid=abc; token=xyz' }, { cookie: `token=${token}` }, { cookie: 'sid=abc' }, { 'x-token': 'xyz' }, { authorization: 'Basic dTpw' }] as Array<Record<string, string>>) {
    await world.post(CHANGE_BILLING, { token, project_id: 1, service: 1, plan_id: 2 }, headers)
  }
  t.match(await replay(await world.saved()), EQUAL)
})

t.test('a mistake within a secret is not in the case, and its request is skipped', async t => {
  const world = await worldOf(t)
  const bodies = ['{"token":["Ab1-2",]}', '{"token":{"a":1,}}', '{"token":[1,2}', '{"token":012345678901,"a":1}', '{"token":"a\tb","a":}']
  for (const body of bodies) t.match(JSON.parse(await world.post(CHANGE_BILLING, body)), { status: 410 })
  t.match(await replay(await world.saved()), { equal: true, requests: 0, skipped: bodies.length })
})

t.test('a body that names a secret within one of its strings is replayed as what it was', async t => {
  const world = await worldOf(t)
  const { token } = await world.admin.createAccount({ name: 'a', balance: '1000' })
  const webhooks = [
    'https://x.example/hook?token=abc123def456', `https://x.example/hook?token=${token}`, 'https://x.example/hook?license_key=AB/12#top', 'http://token-service:8080/hook',
    'https://token:a1b2@x.example/hook'
  ]
  for (const webhook of webhooks) {
    for (const write of [JSON.stringify, (body: object) => JSON.stringify(body).replaceAll('/', '\\/')]) {
      const order = { token, project_name: 'shop', service: 1, billing_plan: 2 }
      for (const body of [{ ...order, global_webhook: webhook }, { global_webhook: webhook, ...order }, { ...order, notes: `token: Ab "12"\n${webhook}` }]) {
        t.match(JSON.parse(await world.post('/app/api/v2/pm/create-project', write(body))), { status: 100 })
      }
    }
  }
  const saved = await world.saved()
  t.notMatch(JSON.stringify(saved), /abc123def456|AB(?:\\\\)?\/12|Ab \\|a1b2/)
  t.match(await replay(saved), EQUAL)
})

t.test('there are cases of former versions', async t => { t.ok(FORMER.length >= 10, `${FORMER.length}`) })

t.test('a case replays equal, whatever fault there was', async t => {
  const world = await worldOf(t)
  const faults = [
    { kind: 'delay', delay: { fixed: 0 } }, { kind: 'http_error', body: 'out of order' }, { kind: 'api_refusal', status: 403 }, { kind: 'connection_reset' },
    { kind: 'empty_response' }, { kind: 'truncated_body' }, { kind: 'malformed_json' }, { kind: 'slow_body', duration: 20 }
  ] as const
  for (const fault of faults) {
    for (const when of ['before', 'after'] as const) {
      const account = await world.admin.createAccount({ balance: '9', projects: [{ project_id: 1 }] })
      await account.fail({ ...fault, when, times: 1 })
      for (let count = 0; count < 2; count++) await world.change(account.token, 1, 2)
    }
  }
  t.strictSame(await replay(await world.saved()), { ...EQUAL, requests: 4 * faults.length })
})

t.test('a delay is waited for in real time alone', async t => {
  const world = await worldOf(t)
  const account = await world.admin.createAccount({ projects: [{ project_id: 1 }] })
  for (const when of ['before', 'after'] as const) await account.fail({ kind: 'delay', when, times: 1, delay: { fixed: 80 } })
  for (let count = 0; count < 2; count++) await world.change(account.token, 1, 1)
  const saved = await world.saved()
  const began = performance.now()
  t.match(await replay(saved, { isRealTime: true }), { equal: true })
  t.ok(performance.now() - began >= 150, 'both are')
})

t.test('after a restart on a file, the timeline begins anew, and resets go back to what they went back to', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'picky-case-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  const db = join(folder, 'world.db')
  const first = new World(await start({ db }))
  const made = await first.admin.createAccount({ name: 'made', balance: '30', projects: [{ project_id: 1 }] })
  await first.change(made.token, 1, 2)
  await first.emulator.stop()
  const world = await worldOf(t, { db, clock: 'frozen:2020-09-01T00:00:00Z' })
  await world.change(made.token, 1, 3)
  await (await world.admin.account('made')).reset()
  await world.change(made.token, 1, 4)
  await world.admin.reset()
  await world.change(DEMO.token, DEMO.project, 2)
  t.strictSame(await replay(await world.saved()), { ...EQUAL, requests: 3 })
})

t.test('POST /replay replays a case and leaves the world alone', async t => {
  const world = await worldOf(t, { clock: 'frozen:2020-06-16T12:00:00Z' })
  await world.change(DEMO.token, DEMO.project, 2)
  const before = await world.admin.state()
  const saved = await world.saved()
  const post = async (body: unknown, query = ''): Promise<[status: number, answer: unknown]> => {
    const response = await fetch(`${world.emulator.url}/__admin/replay${query}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    return [response.status, await response.json()]
  }
  t.strictSame(await post(saved), [200, { ...EQUAL, requests: 1 }])
  t.strictSame(await world.admin.state(), before)
  t.strictSame((await world.saved()).timeline, saved.timeline, 'nor is it a part of the timeline')
  const [[first], [second]] = await Promise.all([post(saved), post(saved)])
  t.strictSame([first, second].sort(), [200, 409], 'one at a time')
  t.match(await post({ ...saved, incomplete: 'gone' }), [409, { detail: /can't be replayed: gone/ }])
  t.match(await post({ ...saved, case: 2 }), [400, { errors: [{ pointer: '/case' }] }])
  t.comment('with dry_run=true it is only checked')
  t.strictSame(await post(saved, '?dry_run=true'), [200, { dry_run: true, incomplete: null }])
  t.strictSame(await post({ ...saved, incomplete: 'gone' }, '?dry_run=true'), [200, { dry_run: true, incomplete: 'gone' }])
  t.match(await post({ ...saved, case: 2 }, '?dry_run=true'), [400, { errors: [{ pointer: '/case' }] }])
})

t.test('a case of one account leaves the others out', async t => {
  const world = await worldOf(t)
  const [one, other] = await world.admin.createAccounts([{ name: 'one', balance: '20', projects: [{ project_id: 1 }] }, { name: 'other', projects: [{ project_id: 1 }] }])
  await world.change(one!.token, 1, 2)
  await world.change(other!.token, 1, 2)
  await world.admin.clock.advance('P1M')
  const fault = await other!.fail({ kind: 'http_error' })
  await one!.fail({ kind: 'http_error', times: 1 })
  for (const { token } of [one!, other!]) await world.change(token, 1, 3)
  await fetch(`${world.emulator.url}/__admin/faults/${fault.id}`, { method: 'DELETE' })
  await one!.reset()
  await world.admin.undo()
  const saved = await world.saved('one')
  t.notMatch(JSON.stringify(saved), /other/)
  t.strictSame(await replay(saved), { ...EQUAL, requests: 2 })

  t.test('and has nothing of one that never was', async t => {
    t.equal((await fetch(`${world.emulator.url}/__admin/case?account=nobody`)).status, 404)
    const [silent, brief] = [await world.admin.createAccount({ name: 'silent' }), await world.admin.createAccount({ name: 'brief', ttl: '1s' })]
    t.equal((await world.saved(silent.name)).timeline.filter(step => 'account' in step && step.account === 'silent').length, 1)
    while ((await world.admin.accounts()).some(({ name }) => name === brief.name)) await new Promise(resolve => setTimeout(resolve, 20))
    const gone = await world.saved('brief')
    t.match(gone.timeline.at(-1), { step: 'removal', account: 'brief' })
    t.strictSame(await replay(gone), { ...EQUAL, requests: 0 })
    t.equal((await fetch(`${world.emulator.url}/__admin/case?account=demo`)).status, 200)
  })

  t.test('nor does a fault of another one that a loaded world brings shift those of its own', async t => {
    const faultOf = (account: string) => ({ kind: 'http_error', account, times: 2 }) as const
    const accounts = [{ name: 'one', token: 'of one', projects: [{ project_id: 1 }] }, { name: 'other', projects: [{ project_id: 1 }] }]
    const world = await worldOf(t, { scenario: { accounts, faults: [faultOf('other'), faultOf('one')] } })
    await world.change('of one', 1, 1)
    await world.call('PUT', '/state', { accounts, faults: [faultOf('other'), faultOf('one')] })
    await world.change('of one', 1, 1)
    await world.call('DELETE', '/faults/fault-4')
    await world.admin.reset()
    await world.change('of one', 1, 1)
    const saved = await world.saved('one')
    t.strictSame([saved.start.faults, saved.timeline.map(step => step.step === 'control' ? step.faults : step.step)], [['fault-2'], ['request', ['fault-4'], 'request', undefined, ['fault-6'], 'request']])
    t.strictSame(await replay(saved), { ...EQUAL, requests: 3 })
    await world.call('PUT', '/state', { accounts, faults: [{ kind: 'http_error' }] })
    t.match(JSON.stringify(await world.saved('one')), /other/, 'all are in it if it brings a fault of all')
  })

  t.test('also a call of theirs that brought its events', async t => {
    const overdue = { service: 1, plan_id: 2, next_billing_date: '2020-06-01T23:59:59Z' } as const
    const accounts = [{ name: 'one' }, { name: 'late', token: 'of late', balance: '50', projects: [{ project_id: 1, subscriptions: [overdue] }] }]
    const world = await worldOf(t, { scenario: { clock: { mode: 'frozen', at: '2020-06-16T12:00:00Z' }, accounts } })
    await world.call('PATCH', '/accounts/one/settings', { cutoff: 'never' })
    await world.change('of late', 1, 3)
    const saved = await world.saved('late')
    t.match(saved.timeline, [{ step: 'events', at: String, events: [{ event: 'renewed' }] }, { step: 'request' }])
    t.strictSame(await replay(saved), { ...EQUAL, requests: 1 })
    t.match((await world.saved()).timeline, [{ step: 'control' }, { step: 'events', at: undefined }, { step: 'request' }])
  })

  t.test('but for those that it was copied from', async t => {
    const copy = await world.admin.createAccount({ copy_of: 'one' })
    await world.change(copy.token, 1, 4)
    t.strictSame(await replay(await world.saved(copy.name)), { ...EQUAL, requests: 3 })
  })

  t.test('and but for all, if a fault counted their requests', async t => {
    await world.admin.fail({ kind: 'http_error', skip: 1, times: 1 })
    for (const { token } of [other!, one!]) await world.change(token, 1, 5)
    const all = await world.saved('one')
    t.match(JSON.stringify(all), /other/)
    t.match(await replay(all), EQUAL)
  })
})

t.test('an answer without its body replays equal, and a target that is no path reaches no other one', async t => {
  const world = await worldOf(t)
  const { url } = world.emulator
  await world.call('POST', '/faults', { kind: 'http_error', when: 'before', skip: 1, times: 1 })
  for (let count = 0; count < 2; count++) await fetch(url + CHANGE_BILLING, { method: 'HEAD' })
  const targets = ['http:///__admin/reset', 'http://?/__admin/reset', 'http://x/__admin/reset#b', 'http://[x/__admin/reset', `http://x${CHANGE_BILLING}`]
  for (const target of targets) {
    const socket = connectTo(Number(new URL(url).port), '127.0.0.1')
    socket.end(`POST ${target} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n`)
    await once(socket.resume(), 'close')
  }
  const saved = await world.saved()
  t.same(saved.timeline.filter(isRequest).slice(2).map(({ request }) => request.path), [...targets.slice(0, -1), CHANGE_BILLING])
  t.match(await replay(saved), { ...EQUAL, requests: 2 + targets.length })
})

t.test('a request whose body is not kept is left out of a replay', async t => {
  const world = await worldOf(t)
  await world.post(CHANGE_BILLING, new Uint8Array([0x7b, 0xff, 0x7d]))
  await world.post(CHANGE_BILLING, new Uint8Array([0x1f, 0x8b, 0x08, 0]), { 'content-encoding': 'gzip' })
  await world.change(DEMO.token, DEMO.project, 2)
  t.strictSame(await replay(await world.saved()), { ...EQUAL, requests: 1, skipped: 2 })
})

t.test('a case that can\'t be replayed says why', async t => {
  const world = await worldOf(t, { journalEntries: 2 })
  for (let count = 0; count < 3; count++) await world.change(DEMO.token, DEMO.project, 2)
  const saved = await world.saved()
  await t.rejects(replay(saved), /the case can't be replayed: the beginning of the timeline is gone/)
})

t.test('a request that a load cuts off once it has been decided replays equal, and is compared in what it booked', async t => {
  const emulator = await start({}, undefined, {
    observe ({ store }) {
      const { commit } = store
      Object.assign(store, {
        async commit (work: () => unknown) {
          const answer = await commit(work)
          await world.call('PUT', '/state', { accounts: [] })
          return answer
        }
      })
    }
  })
  t.teardown(emulator.stop)
  const world = new World(emulator)
  await world.change(DEMO.token, DEMO.project, 2)
  const saved = await world.saved()
  const request = saved.timeline.find(isRequest)!
  t.match(request.request, { state: 'cut', response: null, charged: true, booked: { ledger: [{ amount: '-5' }] } })
  t.strictSame(await replay(saved), { requests: 1, ...EQUAL })
  const other = { ...request, request: { ...request.request, charged: false } }
  const { differences } = await replay({ ...saved, timeline: saved.timeline.map(step => step === request ? other : step) })
  t.strictSame(differences.map(({ pointer }) => pointer), ['/charged'])
})

t.test('a difference', async t => {
  const world = await worldOf(t, { clock: 'frozen:2020-06-16T12:00:00Z' })
  await world.change(DEMO.token, DEMO.project, 2)
  const saved = await world.saved()
  const changed = (change: (step: CaseRequest, all: Case) => void): Case => {
    const copy = JSON.parse(JSON.stringify(saved)) as Case
    change(copy.timeline[0] as CaseRequest, copy)
    return copy
  }
  type Open<T> = { -readonly [Key in keyof T]: T[Key] extends object | null ? Open<T[Key]> : T[Key] }
  const cases: Array<[name: string, changed: Case, first: Partial<Replay['differences'][number]>]> = [
    ['in the answer\'s body', changed(({ request }) => { (request as unknown as Open<typeof request>).response!.body = { status: 100 } }), { step: 0, pointer: '/received/body', expected: '{"status":100}' }],
    ['in the HTTP status', changed(({ request }) => { (request as Open<typeof request>).response!.http_status = 201 }), { step: 0, pointer: '/received/http_status', expected: 201, found: 200 }],
    ['in a header', changed(({ request }) => { (request.response as unknown as Open<{ headers: Record<string, string> }>).headers['content-type'] = 'text/html' }), { step: 0, pointer: '/received/headers/content-type', expected: 'text/html', found: 'application/json' }],
    ['in what was booked', changed(({ request }) => { (request as Open<typeof request>).charged = false }), { step: 0, pointer: '/charged', expected: false, found: true }],
    ['in the world at the end', changed((_step, { end }) => { (end as unknown as Open<{ scenario: { accounts: Array<{ balance: string }> } }>).scenario.accounts[0]!.balance = '94' }), { step: null, pointer: '/accounts/0/balance', expected: '94', found: '95' }],
    ['in a call that is refused', changed((_step, { timeline }) => { (timeline as unknown[]).push({ step: 'control', at: saved.end.at, emulated_at: saved.end.at, account: 'nobody', method: 'POST', path: '/accounts/nobody/reset' }) }), { step: 1, pointer: '', expected: 'a call that is carried out' }],
    ['in an id', changed(({ request }) => { (request as unknown as Open<{ id: string }>).id = '9-9' }), { step: 0, pointer: '/booked/ledger/0/request_id' }]
  ]
  for (const [name, different, first] of cases) {
    t.test(`${name} is told with its place`, async t => {
      const { equal, differences } = await replay(different)
      t.equal(equal, false)
      t.match(differences[0], first)
    })
  }

  t.test('there is none if an account that is to be removed, or looked at, is gone already', async t => {
    const gone = changed((_step, { timeline }) => {
      (timeline as unknown[]).push({ step: 'events', at: saved.end.at, account: 'nobody', events: [], total: 0 }, { step: 'removal', at: saved.end.at, account: 'nobody' })
    })
    t.match(await replay(readCase(gone)), EQUAL)
  })

  t.test('ends a replay after a hundred, also while a request is held back', async t => {
    const many = changed((step, all) => {
      const call = { step: 'control', at: step.at, emulated_at: step.at, account: 'nobody', method: 'POST', path: '/accounts/nobody/reset' }
      const fault = { step: 'control', at: step.at, emulated_at: step.at, account: null, method: 'POST', path: '/faults', body: { kind: 'delay', times: 1 }, fault: 'fault-1' }
      const late = { ...step, arrived: { before: 1, at: step.at }, request: { ...step.request, fault: { id: 'fault-1', kind: 'delay', when: 'before', matched: 0 } } }
      Object.assign(all, { timeline: [fault, ...Array.from({ length: 120 }, () => call), late] })
    })
    t.equal((await replay(readCase(many))).differences.length, 100)
  })

  t.test('is one of at most a hundred', async t => {
    const many = changed((step, all) => {
      const steps = Array.from({ length: 150 }, (_, index) => ({ ...step, request: { ...step.request, id: `1-${index + 1}`, charged: index > 0 } }))
      Object.assign(all, { timeline: steps })
    })
    t.equal((await replay(many)).differences.length, 100)
  })
})
