import t from 'tap'
import type { ScenarioAccount } from '../../src/contract/scenario.js'
import { emulate } from '../support/emulator.js'
import { Database } from '../support/sqlite.js'

const PATH = '/pm/create-project'

/** A request with every documented field. */
const FULL = {
  token: 'master',
  project_name: 'api test project1',
  number: 919876543210,
  company_name: 'Example Ltd',
  country: 'IN',
  time_zone: 'Asia/Kolkata',
  date_format: 'YYYY-MM-DD',
  service: 1,
  billing_plan: 2,
  generate_api_token: true,
  token_ip_address: ['192.168.0.1', '2001:db8::1'],
  global_webhook: 'https://example.com/global',
  event_webhook: 'http://example.com/event',
  smart_reply_webhook: 'https://example.com/smart?a=1',
  notes: 'a note'
}

const account = (more: ScenarioAccount = {}): ScenarioAccount => ({ name: 'a', token: 'master', balance: '100', ...more })

/** What is made from the account's token is only told by its kind. */
const withoutSecrets = (text: string): string => text.replace(/"[0-9a-f]{40}"/g, '"TOKEN"').replace(/"[0-9a-f]{30}"/g, '"KEY"')

const full = (projectId: string, plan: string, amount: string): string =>
  `{"status":100,"message":"Success","project_status":"Active","project_id":${projectId},"project_name":"api test project1","number":"919876543210","company_name":"Example Ltd","country":"IN","time_zone":"Asia/Kolkata","date_format":"YYYY-MM-DD","service":1,"billing_plan":${plan},"license_key":"KEY","qr_code_base64":"aHR0cHM6Ly9waWNreWFzc2lzdC5pbnZhbGlkL3FyLWNvZGUvMS5wbmc=","unbranded_keyword":"","branded_keyword":"","api_tokens":[{"ip":"192.168.0.1","token":"TOKEN"},{"ip":"2001:db8::1","token":"TOKEN"}],"global_webhook":"https://example.com/global","event_webhook":"http://example.com/event","smart_reply_webhook":"https://example.com/smart?a=1","next_billing_date":"2020-07-16T23:59:59+00:00","amount_debited":${amount},"notes":"a note"}`

t.test('the project object, byte for byte', async t => {
  t.test('in the types of the sample, with every field given', async t => {
    const { post } = await emulate(t, { scenario: { accounts: [account()] } })
    const { http, headers, text } = await post(PATH, FULL)
    t.equal(http, 200)
    t.equal(headers.get('content-type'), 'application/json')
    t.equal(headers.get('x-emulator-assumptions'), null)
    t.equal(withoutSecrets(text), full('"1"', '2', '"5"'))
  })

  t.test('in the types of the table', async t => {
    const { post } = await emulate(t, { scenario: { accounts: [account()] }, wire: { types: 'table' } })
    t.equal(withoutSecrets((await post(PATH, FULL)).text), full('1', '"2"', '5'))
  })

  t.test('with everything left out but the token: what does not apply is empty', async t => {
    const { post, kept } = await emulate(t, { scenario: { accounts: [account()] } })
    for (const [index, body] of [{ token: 'master' }, { token: 'master', project_name: '', number: '', company_name: '', country: '', time_zone: '', date_format: '', global_webhook: '', event_webhook: '', smart_reply_webhook: '', notes: '', token_ip_address: [] }].entries()) {
      const id = index + 1
      t.equal(withoutSecrets((await post(PATH, body)).text), `{"status":100,"message":"Success","project_status":"Active","project_id":"${id}","project_name":"","number":"","company_name":"","country":"","time_zone":"","date_format":"","service":1,"billing_plan":1,"license_key":"KEY","qr_code_base64":"${Buffer.from(`https://pickyassist.invalid/qr-code/${id}.png`).toString('base64')}","unbranded_keyword":"","branded_keyword":"","api_tokens":[],"global_webhook":"","event_webhook":"","smart_reply_webhook":"","next_billing_date":"","amount_debited":"","notes":""}`)
    }
    t.match(kept().subscription, [{ project_id: 1, service: 1, plan_id: 1, next_billing_at: null }, { project_id: 2, service: 1, plan_id: 1, next_billing_at: null }])
    t.equal(kept().ledger_entry!.length, 1, 'nothing is debited')
  })

  t.test('and get-projects shows what was made', async t => {
    const { post } = await emulate(t, { scenario: { accounts: [account()] }, wire: { types: 'table' } })
    const { body: made } = await post(PATH, FULL)
    t.same((await post('/pm/get-projects', { token: 'master', project_id: made.project_id })).body, { ...made, amount_debited: '' }, 'but for what this request debited')
  })
})

t.test('a field that is right is kept as it was given', async t => {
  const { post } = await emulate(t, { scenario: { accounts: [account()] } })
  const cases: ReadonlyArray<[field: string, given: unknown, shown?: unknown]> = [
    ['project_name', 'a\0b\n'],
    ['number', '+91 (0) 98765'], ['number', 0, '0'], ['number', Number.MAX_SAFE_INTEGER, '9007199254740991'], ['number', '9'.repeat(200)],
    ['company_name', '\u{1F3ED}'.repeat(200)],
    ['service', '1', 1], ['billing_plan', '01', 1],
    ['generate_api_token', false, undefined]
  ]
  for (const [field, given, shown = given] of cases) {
    const { body } = await post(PATH, { token: 'master', [field]: given })
    t.equal(body.status, 100, `${field} ${JSON.stringify(given).slice(0, 30)}`)
    if (field !== 'generate_api_token') t.equal(body[field], shown)
  }
})

t.test('a field that is wrong is refused, and nothing is made', async t => {
  const { post, kept, last } = await emulate(t, { scenario: { accounts: [account()] } })
  const strict = await emulate(t, { scenario: { accounts: [account()] }, strict: true })
  const [before, strictly] = [kept(), strict.kept()]
  const addresses = Array.from({ length: 101 }, () => '::1')
  const cases: ReadonlyArray<[fields: object, detail: string]> = [
    [{ project_name: 5 }, 'project_name must be a string of at most 20 characters, not 5'],
    [{ project_name: null }, 'project_name must be a string of at most 20 characters, not null'],
    [{ number: -1 }, 'number must be a phone number, as a string or a whole number, not -1'],
    [{ number: 1.5 }, 'number must be a phone number, as a string or a whole number, not 1.5'],
    [{ number: 2 ** 53 }, 'number must be a phone number, as a string or a whole number, not 9007199254740992'],
    [{ number: '9'.repeat(201) }, 'number must be a phone number, as a string or a whole number, not a string of 201 characters'],
    [{ project_name: `${'😀'.repeat(20)}x` }, 'project_name must be a string of at most 20 characters, not a string of 21 characters'],
    [{ number: ['1'] }, 'number must be a phone number, as a string or a whole number, not an array'],
    [{ company_name: 'x'.repeat(201) }, 'company_name must be a string of at most 200 characters, not a string of 201 characters'],
    [{ service: 2 }, 'service must be the number 1 (Phone Automation), the only service that a project can be created for, not 2'],
    [{ service: '2' }, 'not the string "2"'], [{ service: 0 }, 'not 0'], [{ service: '' }, 'service must be the number 1 (Phone Automation), the only service that a project can be created for, not the string ""'],
    [{ billing_plan: 0 }, 'billing_plan must be a whole number from 1 to 9007199254740991, not 0'],
    [{ billing_plan: 2.5 }, 'not 2.5'], [{ billing_plan: '' }, 'not the string ""'], [{ billing_plan: 'two' }, 'not the string "two"'],
    ...['true', 1, 0, '', null].map((given): [object, string] => [{ generate_api_token: given }, `generate_api_token must be true or false, not ${given === null ? 'null' : typeof given === 'number' ? given : `the string "${given}"`}`]),
    [{ token_ip_address: '192.168.0.1' }, 'token_ip_address must be an array of 0 to 100 IP addresses, not the string "192.168.0.1"'],
    [{ token_ip_address: { 0: '::1' } }, 'token_ip_address must be an array of 0 to 100 IP addresses, not an object'],
    [{ token_ip_address: ['192.168.0.1', 'localhost', 'x'] }, 'token_ip_address[1] must be an IPv4 or IPv6 address, not the string "localhost"'],
    [{ token_ip_address: [''] }, 'token_ip_address[0] must be an IPv4 or IPv6 address, not the string ""'],
    [{ token_ip_address: [null] }, 'token_ip_address[0] must be an IPv4 or IPv6 address, not null'],
    [{ token_ip_address: [['::1']] }, 'token_ip_address[0] must be an IPv4 or IPv6 address, not an array'],
    [{ token_ip_address: addresses }, 'token_ip_address must be an array of 0 to 100 IP addresses, not an array of 101'],
    [{ country: 'UK', time_zone: '+05:30', notes: 5 }, 'country must be an ISO 3166-1 alpha-2 country code, such as "IN", not the string "UK"; time_zone must be an IANA time zone, such as "Asia/Kolkata", not the string "+05:30"; notes must be a string of at most 250 characters, not 5']
  ]
  for (const [fields, detail] of cases) {
    const { text, body } = await post(PATH, { token: 'master', ...fields })
    t.match(body, { status: 410, message: detail }, JSON.stringify(fields).slice(0, 60))
    t.ok(text.length < 400, 'the message stays short')
    t.equal((await last()).rule, 'fields-must-be-valid')
  }
  t.same(kept(), before, 'nothing has changed')
  t.equal((await post(PATH, { token: 'master', generate_api_token: true, token_ip_address: addresses.slice(1) })).body.status, 100, 'a hundred addresses are enough')

  t.same((await strict.post(PATH, { token: 'master', service: '1', billing_plan: '1', number: '1' })).body, {
    status: 410,
    message: 'Invalid Request: service must be the number 1 (Phone Automation), the only service that a project can be created for, not the string "1"; billing_plan must be a whole number from 1 to 9007199254740991, not the string "1"'
  }, 'numeric strings only where nobody is strict')
  t.same(strict.kept(), strictly)
})

t.test('a paid plan is bought as change-billing buys it', async t => {
  const plans = [{ plan_id: 3, price: '0' }]
  const cases: ReadonlyArray<[name: string, balance: string, plan: number, answer: object, clock?: string]> = [
    ['exactly enough', '5', 2, { status: 100, amount_debited: '5', next_billing_date: '2020-07-16T23:59:59+00:00' }],
    ['one mill short', '4.999', 2, { status: 403, message: 'Insufficient Balance: the wallet holds 4.999 USD, but plan_id 2 costs 5 USD' }],
    ['an empty wallet', '0', 2, { status: 403 }],
    ['for a year', '250', 6, { status: 100, amount_debited: '250', next_billing_date: '2021-06-16T23:59:59+00:00' }],
    ['at the end of January', '5', 2, { status: 100, next_billing_date: '2020-02-29T23:59:59+00:00' }, 'frozen:2020-01-31'],
    ['for nothing', '0', 3, { status: 100, amount_debited: '0', next_billing_date: '2020-07-16T23:59:59+00:00' }],
    ['a plan of the other service', '100', 7, { status: 410, message: 'Invalid Request: plan_id 7 belongs to service 2, not to service 1' }],
    ['the last of them', '100', 9, { status: 410 }],
    ['a plan that is not there', '100', 10, { status: 410, message: 'Invalid Request: plan_id 10 is not in the plan table' }]
  ]
  for (const [name, balance, plan, expected, clock = 'frozen:2020-06-16T12:00:00Z'] of cases) {
    t.test(name, async t => {
      const accounts = [account({ balance, projects: [] }), account({ name: 'b', token: 'other', balance, projects: [{ project_id: 1 }] })]
      const { post, change, kept, last } = await emulate(t, { scenario: { accounts }, plans, clock })
      const before = kept()
      const changed = await change({ token: 'other', project_id: 1, service: 1, plan_id: plan })
      const { charged, rule } = await last()
      const made = await post(PATH, { token: 'master', billing_plan: plan })
      t.match(made.body, expected)
      t.match(await last(), { charged, rule })
      t.equal(made.headers.get('x-emulator-assumptions'), changed.headers.get('x-emulator-assumptions'))
      for (const field of ['status', 'amount_debited', 'next_billing_date'] as const) t.equal(made.body[field], changed.body[field], field)
      const after = kept()
      const [one, other] = after.account as Array<{ balance_mills: number }>
      t.equal(one!.balance_mills, other!.balance_mills)
      const entries = (after.ledger_entry as Array<Record<string, unknown>>).slice(2).map(({ entry_id: _id, account_id: _account, request_id: request, ...entry }) => ({ ...entry, request }))
      const paid = charged ? [{ at: Date.parse(clock.slice('frozen:'.length)), kind: 'plan-change', amount_mills: -Number(balance) * 1000, balance_mills: 0, project_id: 1, plan_id: plan }] : []
      t.same(entries, paid.flatMap(entry => [{ ...entry, request: '1-1' }, { ...entry, request: '1-2' }]), 'the same entry, but for whose it is')
      if (rule !== null) {
        t.equal(made.text, changed.text)
        t.same(after, before, 'nothing is made')
      }
    })
  }

  t.test('with thirty days for a month where that is assumed', async t => {
    const { post } = await emulate(t, { scenario: { accounts: [account()] }, clock: 'frozen:2020-01-31', assume: { 'month-length': '30-days' } })
    const { headers, body } = await post(PATH, { token: 'master', billing_plan: 2 })
    t.equal(body.next_billing_date, '2020-03-01T23:59:59+00:00')
    t.equal(headers.get('x-emulator-assumptions'), 'month-length')
  })

  t.test('by as many as the wallet pays for, however many come at once', async t => {
    const { post, kept, ask } = await emulate(t, { scenario: { accounts: [account({ balance: '50' })] } })
    const answers = await Promise.all(Array.from({ length: 20 }, async () => (await post(PATH, { token: 'master', billing_plan: 2 })).body))
    t.same(answers.filter(({ status }) => status === 100).map(({ project_id: id }) => Number(id)).sort((a, b) => a - b), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    t.equal(answers.filter(({ status }) => status === 403).length, 10)
    t.match(kept().account, [{ balance_mills: 0 }])
    t.match((await ask('/__admin/audit', {})).body, { ok: true })
  })

  t.test('all of it or nothing: where the emulator fails the project is not there either', async t => {
    const { post, db, kept } = await emulate(t, { scenario: { accounts: [account()] } })
    const file = new Database(db)
    file.exec('ALTER TABLE ledger_entry RENAME TO elsewhere')
    t.equal((await post(PATH, FULL)).http, 500)
    file.exec('ALTER TABLE elsewhere RENAME TO ledger_entry')
    file.close()
    t.same([kept().project, kept().api_token, kept().subscription], [[], [], []])
    t.match((await post(PATH, FULL)).body, { status: 100, project_id: '1' })
  })
})

t.test('the id is one more than the highest of the account', async t => {
  const cases: ReadonlyArray<[there: number[], ids: string[]]> = [
    [[], ['1', '2']],
    [[5, 2], ['6', '7']],
    [[9007199254740990], ['9007199254740991', '1', '2']],
    [[1, 2, 4, 9007199254740991], ['3', '5']]
  ]
  for (const [there, ids] of cases) {
    const projects = there.map(id => ({ project_id: id }))
    const { post } = await emulate(t, { scenario: { accounts: [account({ projects }), account({ name: 'b', token: 'other', projects: [{ project_id: 77 }] })] } })
    for (const id of ids) t.equal((await post(PATH, { token: 'master' })).body.project_id, id)
    t.equal((await post(PATH, { token: 'other' })).body.project_id, '78', 'whatever another account has')
  }
})

t.test('tokens are made for each address, and the same on every machine', async t => {
  const cases: ReadonlyArray<[fields: object, addresses: string[]]> = [
    [{ generate_api_token: true, token_ip_address: ['192.168.0.1', '::1', '192.168.0.1'] }, ['192.168.0.1', '::1', '192.168.0.1']],
    [{ generate_api_token: true }, ['']],
    [{ generate_api_token: true, token_ip_address: [] }, ['']],
    [{ generate_api_token: false, token_ip_address: ['::1'] }, []],
    [{ token_ip_address: ['::1'] }, []]
  ]
  const made: unknown[] = []
  for (const token of ['master', 'master', 'another']) {
    const { post } = await emulate(t, { scenario: { accounts: [account({ token })] } })
    const answers = []
    for (const [fields, addresses] of cases) {
      const { api_tokens: tokens, license_key: key } = (await post(PATH, { token, ...fields })).body as { api_tokens: Array<{ ip: string, token: string }>, license_key: string }
      t.same(tokens.map(({ ip }) => ip), addresses)
      for (const { token } of tokens) t.match(token, /^[0-9a-f]{40}$/)
      t.match(key, /^[0-9a-f]{30}$/)
      answers.push(...tokens.map(({ token }) => token), key)
    }
    t.equal(new Set(answers).size, answers.length, 'none comes twice')
    made.push(answers)
  }
  t.same(made[1], made[0], 'the same account\'s token makes the same ones')
  t.notOk((made[2] as string[]).some(secret => (made[0] as string[]).includes(secret)), 'and another\'s others')
})
