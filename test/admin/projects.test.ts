import t, { type Test } from 'tap'
import { connect } from '../../src/client/connect.js'
import type { ProjectPatch } from '../../src/contract/control.js'
import type { StartOptions } from '../../src/server/options.js'
import { deriveApiToken } from '../../src/world/generated.js'
import { emulate, SAMPLE } from '../support/emulator.js'
import { DETAILS, MORE_DETAILS, WHOLE } from '../support/project.js'

const FROZEN: StartOptions = { clock: 'frozen:2020-06-16T12:00:00Z' }

/** An emulator, the same one as its control API's client has it, and what a client of the emulated API gets from it. */
async function control (t: Test, options: StartOptions = FROZEN) {
  const emulator = await emulate(t, options)
  const post = async (path: string, fields: object) =>
    (await emulator.ask(`/app/api/v2${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(fields) })).body
  return { ...emulator, admin: connect(emulator.url), post }
}

t.test('projects', async t => {
  t.test('a project is created, replaced and removed', async t => {
    const { admin, ask, change } = await control(t)
    const account = await admin.createAccount({ balance: '100' })
    const order = async () => (await change({ ...SAMPLE, token: account.token, project_id: 7 })).body
    t.strictSame(await account.setProject(7, {}), { project_id: 7, project_name: 'project 7', project_status: 'Active', subscriptions: [] })
    t.match(await order(), { status: 100, old_billing_plan: '1' })
    const whole = { project_id: 7, project_name: 'shop', project_status: 'Expired', subscriptions: [{ service: 2, plan_id: 7, next_billing_date: '2020-06-30T23:59:59Z' }, { service: 1, plan_id: 1 }] } as const
    const kept = { ...whole, subscriptions: [whole.subscriptions[1], whole.subscriptions[0]] }
    t.strictSame(await account.setProject(7, whole), kept, 'by their services')
    t.strictSame((await account.state()).projects, [kept])
    t.match(await order(), { status: 408 })
    t.match(await account.setProject(7, { subscriptions: [{ service: 1, plan_id: 6 }] }), { project_name: 'project 7', project_status: 'Active', subscriptions: [{ service: 1, plan_id: 6, next_billing_date: '2021-06-16T23:59:59Z' }] }, 'all of it')
    const { http, text } = await ask(`/__admin/accounts/${account.name}/projects/7`, { method: 'DELETE' })
    t.strictSame([http, text], [204, ''])
    t.match(await order(), { status: 410 })
    t.strictSame((await account.state()).projects, [])
    t.ok((await admin.audit()).ok)
  })

  t.test('PUT /accounts/:account/projects/:project_id replaces every field of the project', async t => {
    const { admin, post } = await control(t)
    const account = await admin.createAccount({ name: 'mine', token: 'of mine', balance: '59.108', projects: [{ project_id: 715 }, {}] })
    t.strictSame(await account.setProject(715, WHOLE), WHOLE)
    t.strictSame((await account.state()).projects![1], WHOLE)
    t.strictSame((await account.setProject(715, (await account.state()).projects![1]!)), WHOLE, 'and again to what is shown of it')
    t.match(await post('/pm/get-projects', { token: 'of mine', project_id: 715 }), {
      status: 100,
      project_status: 'Expired',
      ...DETAILS,
      ...MORE_DETAILS,
      api_tokens: [{ ip: '192.0.2.1', token: 'the first of 715' }, { ip: '2001:db8::1', token: 'the second of 715' }]
    })
    t.match(await post('/check-balance', { token: 'the third of 715' }), { status: 401 })
    t.match(await account.setProject(715, { api_tokens: [{ token: 'the third of 715' }, { token: 'the first of 715', status: 'deleted' }] }),
      { project_name: 'project 715', project_status: 'Active', subscriptions: [], api_tokens: [{ token: 'the third of 715', status: 'enabled' }, { token: 'the first of 715', status: 'deleted' }] })
    t.match(await post('/check-balance', { token: 'the third of 715' }), { balance: 59.108 })
    t.strictSame(Object.keys(await account.setProject(715, {})), ['project_id', 'project_name', 'project_status', 'subscriptions'], 'what is left out is gone')
    t.match(await post('/check-balance', { token: 'the third of 715' }), { status: 401 })
  })

  t.test('a project created through the emulated API can be saved, loaded and set like any other', async t => {
    const { admin, post, ask } = await control(t)
    const account = await admin.createAccount({ name: 'mine', token: 'of mine', balance: '100', projects: [{ project_id: 40, api_tokens: [{}] }] })
    const made = async (fields: object) => Number((await post('/pm/create-project', { token: 'of mine', ...fields })).project_id)
    const [bare, full] = [await made({}), await made({ ...DETAILS, billing_plan: 2, generate_api_token: true, token_ip_address: ['192.0.2.1', '::1'] })]
    t.strictSame([bare, full], [41, 42])
    const { api_token: created } = await post('/pm/create-api-token', { token: 'of mine', project_id: full, ip_whitelist: ['127.0.0.1', '::1'] }) as { api_token: Array<{ token: string }> }
    for (const [index, action] of [1, 3].entries()) t.match(await post('/pm/manage-api-token', { token: 'of mine', project_id: full, api_token: created[index]!.token, action }), { status: 100 })
    t.match(await post('/pm/set-webhook', { token: 'of mine', project_id: full, global_webhook: '', event_webhook: 'https://example.com/new' }), { status: 100 })

    const { projects } = await account.state()
    const { global_webhook: _taken, ...kept } = DETAILS
    t.strictSame(projects!.slice(1), [
      { project_id: 41, project_name: '', project_status: 'Active', subscriptions: [{ service: 1, plan_id: 1 }] },
      {
        project_id: 42,
        project_status: 'Active',
        ...kept,
        event_webhook: 'https://example.com/new',
        subscriptions: [{ service: 1, plan_id: 2, next_billing_date: '2020-07-16T23:59:59Z' }],
        api_tokens: ['192.0.2.1', '::1', '127.0.0.1', '::1'].map((ip, index) => ({ token: deriveApiToken('of mine', 42, index), ip, status: ['enabled', 'enabled', 'disabled', 'deleted'][index] }))
      }
    ])
    const answers = async (): Promise<unknown> => [await post('/pm/get-projects', { token: 'of mine', project_id: 0 }), await post('/check-balance', { token: created[0]!.token })]
    const [before, state, shown] = [await answers(), await admin.state(), await account.state()]
    t.strictSame(await admin.load(state), state, 'it is saved and loaded')
    t.strictSame(await answers(), before)
    await account.remove()
    t.strictSame(await (await admin.createAccount(shown)).state(), shown, 'it is made again with its account')
    t.strictSame(await answers(), before)
    for (const project of projects!) t.strictSame(await account.setProject(project.project_id!, project), project, 'it is set to what is shown of it')
    t.strictSame(await answers(), before)
    t.equal((await ask('/__admin/audit', {})).body.ok, true)
  })

  t.test('PUT /accounts/:account/projects/:project_id starts the billing cycle by the clock and the assumptions of the account', async t => {
    const { admin } = await control(t)
    const account = await admin.createAccount({ clock: { mode: 'frozen', at: '2021-01-31' }, settings: { assumptions: { 'month-length': '30-days' } } })
    t.match(await account.setProject(1, { subscriptions: [{ service: 1, plan_id: 2 }] }), { subscriptions: [{ next_billing_date: '2021-03-02T23:59:59Z' }] })
  })

  t.test('PUT /accounts/:account/projects/:project_id changes only the account in the path', async t => {
    const { admin } = await control(t)
    const [one, two] = await admin.createAccounts([{}, {}])
    await one!.setProject(Number.MAX_SAFE_INTEGER, {})
    t.equal((await one!.state()).projects!.length, 1)
    t.strictSame((await two!.state()).projects, [])
    await admin.load(await admin.state())
    t.equal((await one!.state()).projects![0]!.project_id, Number.MAX_SAFE_INTEGER)
  })

  t.test('PATCH /accounts/:account/projects/:project_id changes the given fields alone', async t => {
    const { admin } = await control(t)
    const [phone, other] = [{ service: 1, plan_id: 2, next_billing_date: '2020-07-01T23:59:59Z' }, { service: 2, plan_id: 7, next_billing_date: '2020-07-02T23:59:59Z' }] as const
    const subscriptions = [phone, other]
    const account = await admin.createAccount({ balance: '100', projects: [{ ...WHOLE, subscriptions }] })
    const shown = async () => (await account.state()).projects![0]
    let now: Record<string, unknown> = { ...WHOLE, subscriptions }
    const steps: ReadonlyArray<readonly [says: string, fields: ProjectPatch, then: object, without?: string]> = [
      ['nothing', {}, {}],
      ['the status', { project_status: 'Active' }, { project_status: 'Active' }],
      ['a plan, and the other service keeps its own', { subscriptions: [{ service: 1, plan_id: 3 }] }, { subscriptions: [{ service: 1, plan_id: 3, next_billing_date: '2020-07-16T23:59:59Z' }, other] }],
      ['the other one', { subscriptions: [phone] }, { subscriptions: [phone, other] }],
      ['a field that goes', { notes: null }, {}, 'notes'],
      ['its name and a webhook', { project_name: 'new', event_webhook: 'https://example.com/patched' }, { project_name: 'new', event_webhook: 'https://example.com/patched' }],
      ['API tokens, all together', { api_tokens: [{ token: 'the third of 715' }] }, { api_tokens: [{ token: 'the third of 715', status: 'enabled' }] }],
      ['its own number', { project_id: 715 }, {}],
      ['no plan is left', { subscriptions: null }, { subscriptions: [] }]
    ]
    for (const [says, fields, then, without = ''] of steps) {
      const { [without]: _gone, ...kept } = { ...now, ...then } as Record<string, unknown>
      now = kept
      t.strictSame(await account.changeProject(715, fields), now, says)
      t.strictSame(await shown(), now, `${says}, as it is shown`)
    }
  })

  t.test('PATCH /accounts/:account/projects/:project_id: what is set rests on no assumption, and what is not set still does', async t => {
    const { admin } = await control(t)
    const rests = { project_id: 1, project_status: 'Expired', status_rests_on: ['expired-project'], subscriptions: [{ service: 1, plan_id: 2, next_billing_date: '2020-07-16T23:59:59Z', rests_on: ['month-length'] }] } as const
    const account = await admin.createAccount({ projects: [rests] })
    const { status_rests_on: _rested, ...set } = rests
    t.match(await account.changeProject(1, { notes: 'x' }), rests)
    t.strictSame(await account.changeProject(1, { notes: null, project_status: 'Expired' }), { project_name: 'project 1', ...set })
  })

  const wrong: ReadonlyArray<readonly [name: string, id: string, body: unknown, pointer: string, expected: string | RegExp]> = [
    ['another id than the path', '7', { project_id: 8 }, '/project_id', '7, as in the path'],
    ['the id 0', '0', {}, '/project_id', 'a whole number from 1 to 9007199254740991'],
    ['an id that is no number', 'x', {}, '/project_id', 'a whole number from 1 to 9007199254740991'],
    ['an id with a sign', '-7', {}, '/project_id', 'a whole number from 1 to 9007199254740991'],
    ['an id of twenty digits', '12345678901234567890', {}, '/project_id', 'a whole number from 1 to 9007199254740991'],
    ['an id that no number holds exactly', '9007199254740993', {}, '/project_id', 'a whole number from 1 to 9007199254740991'],
    ['another key', '7', { name: 'x' }, '/name', 'project_id, project_name'],
    ['a status that there is not', '7', { project_status: 'active' }, '/project_status', 'one of Active, Expired, Delete'],
    ['a plan of the other service', '7', { subscriptions: [{ service: 2, plan_id: 2 }] }, '/subscriptions/0/plan_id', 'a plan of service 2'],
    ['twin services', '7', { subscriptions: [{ service: 1, plan_id: 1 }, { service: 1, plan_id: 2 }] }, '/subscriptions/1/service', 'a value used only once'],
    ['a cycle on Pay As You Go', '7', { subscriptions: [{ service: 1, plan_id: 1, next_billing_date: '2020-07-16' }] }, '/subscriptions/0/next_billing_date', /^no value: /],
    ['a key that only answers have', '7', { qr_code_base64: 'x' }, '/qr_code_base64', 'project_id, project_name'],
    ['too long a name', '7', { project_name: 'x'.repeat(201) }, '/project_name', 'a string of at most 200 characters'],
    ['half a surrogate pair', '7', { notes: 'a\ud83d' }, '/notes', 'without lone surrogates'],
    ['no country', '7', { country: 'UK' }, '/country', 'an ISO 3166-1 alpha-2 country code'],
    ['no time zone', '7', { time_zone: '+05:30' }, '/time_zone', 'an IANA time zone'],
    ['no date format', '7', { date_format: 'YYYY/MM/DD' }, '/date_format', 'one of YYYY-MM-DD, DD-MM-YYYY, MM-DD-YYYY'],
    ['a webhook that leads nowhere', '7', { smart_reply_webhook: '/here' }, '/smart_reply_webhook', 'an absolute http or https URL'],
    ['a token for no address', '7', { api_tokens: [{}, { ip: '10.0.0.0/8' }] }, '/api_tokens/1/ip', 'an IPv4 or IPv6 address'],
    ['a token of no status', '7', { api_tokens: [{ status: 'active' }] }, '/api_tokens/0/status', 'one of enabled, disabled, deleted'],
    ['a token with another key', '7', { api_tokens: [{ tokn: 'x' }] }, '/api_tokens/0/tokn', 'token? The keys here are token, ip, status'],
    ['no body', '7', undefined, '', 'a project']
  ]
  const { ask, kept } = await control(t)
  for (const [name, id, body, pointer, expected] of wrong) {
    t.test(`PUT /accounts/:account/projects/:project_id refuses ${name}`, async t => {
      const before = kept()
      const answered = await ask(`/__admin/accounts/demo/projects/${id}`, { method: 'PUT', headers: { 'content-type': 'application/json' }, ...body !== undefined && { body: JSON.stringify(body) } })
      t.equal(answered.http, 400)
      t.match(answered.body, { errors: [{ pointer, expected }] })
      t.strictSame(kept(), before)
    })
  }

  const unfit: ReadonlyArray<readonly [name: string, body: object, pointer: string, expected: string | RegExp]> = [
    ['another id than the path', { project_id: 8 }, '/project_id', '5786, as in the path'],
    ['another key', { name: 'x' }, '/name', 'project_id, project_name'],
    ['a status that there is not', { project_status: 'active' }, '/project_status', 'one of Active, Expired, Delete'],
    ['a plan of the other service', { subscriptions: [{ service: 2, plan_id: 2 }] }, '/subscriptions/0/plan_id', 'a plan of service 2'],
    ['twin services', { subscriptions: [{ service: 1, plan_id: 1 }, { service: 1, plan_id: 2 }] }, '/subscriptions/1/service', 'a value used only once'],
    ['an empty list of plans', { subscriptions: [] }, '/subscriptions', 'the plans that change, or null to remove all'],
    ['no plan in the list', { subscriptions: [null] }, '/subscriptions/0', /^a subscription/],
    ['a token of another project', { api_tokens: [{ token: 'taken' }] }, '/api_tokens/0/token', 'a token that no account and no other project uses']
  ]
  for (const [name, body, pointer, expected] of unfit) {
    t.test(`PATCH /accounts/:account/projects/:project_id refuses ${name}`, async t => {
      const { admin, ask, kept } = await control(t)
      await admin.createAccount({ projects: [{ api_tokens: [{ token: 'taken' }] }] })
      const before = kept()
      const answered = await ask('/__admin/accounts/demo/projects/5786', { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
      t.equal(answered.http, 400)
      t.match(answered.body, { errors: [{ pointer, expected }] })
      t.strictSame(kept(), before)
    })
  }

  for (const [method, fields] of [['DELETE', undefined], ['PATCH', '{}']] as const) {
    t.test(`${method} /accounts/:account/projects/:project_id refuses an unknown project and one of another account`, async t => {
      const { admin, ask, kept } = await control(t)
      await admin.createAccount({ name: 'other' })
      const before = kept()
      const call = { method, ...fields !== undefined && { body: fields, headers: { 'content-type': 'application/json' } } }
      const { http, body } = await ask('/__admin/accounts/other/projects/5786', call)
      t.equal(http, 404)
      t.match(body, { detail: 'the account has no project 5786', advice: 'GET /__admin/accounts/other lists its projects' })
      t.match((await ask('/__admin/accounts/other/projects/9007199254740993', call)).body, { status: 400, errors: [{ pointer: '/project_id' }] })
      t.strictSame(kept(), before)
    })
  }
})
