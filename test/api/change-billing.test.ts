import t from 'tap'
import type { ScenarioAccount } from '../../src/contract/scenario.js'
import { CHANGE_BILLING, emulate, raw, SAMPLE, SAMPLE_ANSWER, SAMPLE_REQUEST } from '../support/emulator.js'

const compact = (json: string): string => JSON.stringify(JSON.parse(json))

t.test('the documented sample', async t => {
  t.test('request gets the documented answer, byte for byte', async t => {
    const { change } = await emulate(t)
    const { http, headers, text } = await change(SAMPLE_REQUEST)
    t.equal(http, 200)
    t.equal(headers.get('content-type'), 'application/json')
    t.equal(headers.get('x-emulator-assumptions'), null)
    t.equal(text, compact(SAMPLE_ANSWER))
  })

  t.test('books one debit and moves the project to the plan', async t => {
    const { change, kept } = await emulate(t, { clock: 'frozen:2020-06-16T12:00:00Z' })
    await change(SAMPLE_REQUEST)
    const { account, ledger_entry: entries, subscription } = kept()
    const at = Date.parse('2020-06-16T12:00:00Z')
    t.match(account, [{ balance_mills: 95_000 }])
    t.match(entries, [
      { at, kind: 'opening', amount_mills: 100_000, balance_mills: 100_000, request_id: null },
      { at, kind: 'plan-change', amount_mills: -5000, balance_mills: 95_000, project_id: 5786, plan_id: 2, request_id: '1-1' }
    ])
    t.match(subscription, [{ project_id: 5786, service: 1, plan_id: 2, next_billing_at: Date.parse('2020-07-16T23:59:59Z') }])
  })

  for (const [name, headers] of Object.entries<Record<string, string>>({
    'text/plain, as .NET sends it': { 'content-type': 'text/plain; charset=utf-8' },
    'a form, as curl says without a header': { 'content-type': 'application/x-www-form-urlencoded' },
    'multipart without a boundary': { 'content-type': 'multipart/form-data' },
    'JSON in another character set': { 'content-type': 'application/json; charset=iso-8859-1' },
    'what is no content type': { 'content-type': 'json' }
  })) {
    t.test(`is read as JSON when its content type says ${name}`, async t => {
      const { change } = await emulate(t)
      t.equal((await change(SAMPLE_REQUEST, headers)).text, compact(SAMPLE_ANSWER))
    })
  }

  t.test('is answered over either loopback address, with a query, a byte order mark, unknown fields, a numeric string', async t => {
    const bodies = [
      ['', SAMPLE_REQUEST],
      ['?trace=1', SAMPLE_REQUEST],
      ['', `\uFEFF${SAMPLE_REQUEST}`],
      ['', JSON.stringify({ ...SAMPLE, unknown: { a: [1, 2] }, note: 'a:b' })],
      ['', JSON.stringify({ ...SAMPLE, project_id: '5786', service: '1', plan_id: '02' })]
    ] as const
    for (const [query, body] of bodies) {
      const { ask } = await emulate(t)
      t.equal((await ask(CHANGE_BILLING + query, { method: 'POST', body })).text, compact(SAMPLE_ANSWER), body)
    }
    const { urls } = await emulate(t)
    t.equal((await (await fetch(urls.at(-1)! + CHANGE_BILLING, { method: 'POST', body: SAMPLE_REQUEST })).text()), compact(SAMPLE_ANSWER))
  })
})

t.test('the table dialect', async t => {
  t.test('has the types of the Response Variables table, and project_id', async t => {
    const { change } = await emulate(t, { wire: { types: 'table' } })
    t.equal((await change(SAMPLE)).text,
      '{"status":100,"message":"Success","project_id":5786,"old_billing_plan":"1","new_billing_plan":"2","amount_debited":5,"next_billing_date":"2020-07-16T23:59:59+00:00"}')
  })

  t.test('shows an amount exactly', async t => {
    const plans = [{ plan_id: 2, price: '59.108' }]
    const table = await emulate(t, { wire: { types: 'table' }, plans })
    t.match((await table.change(SAMPLE)).text, '"amount_debited":59.108,')
    const sample = await emulate(t, { plans })
    t.match((await sample.change(SAMPLE)).text, '"amount_debited":"59.108",')
  })
})

t.test('the other wire options', async t => {
  t.test('content_type text/html says so of JSON', async t => {
    const { change } = await emulate(t, { wire: { content_type: 'text/html' } })
    const { headers, text } = await change(SAMPLE)
    t.equal(headers.get('content-type'), 'text/html; charset=UTF-8')
    t.equal(text, compact(SAMPLE_ANSWER))
  })

  t.test('message bare leaves the status table\'s text alone', async t => {
    const { change } = await emulate(t, { wire: { message: 'bare' } })
    t.same((await change({ ...SAMPLE, token: 'x' })).body, { status: 401, message: 'Authentication Failed' })
  })

  t.test('an account\'s own dialect goes before the world\'s', async t => {
    const accounts: ScenarioAccount[] = [
      { name: 'a', token: 'a', settings: { wire: { message: 'bare' } } },
      { name: 'b', token: 'b' }
    ]
    const { change } = await emulate(t, { scenario: { accounts }, wire: { types: 'table', message: 'detailed' } })
    t.same((await change({ ...SAMPLE, token: 'a' })).body, { status: 410, message: 'Invalid Request' })
    t.match((await change({ ...SAMPLE, token: 'b' })).body, { status: 410, message: /^Invalid Request: / })
  })
})

/** One account for each outcome; `project` is on Phone Automation Small where nothing else is said. */
const ACCOUNTS: ScenarioAccount[] = [
  { token: 'small', name: 'small', balance: '100', projects: [{ project_id: 1, subscriptions: [{ service: 1, plan_id: 2 }] }] },
  { token: 'short', name: 'short', balance: '4.999', projects: [{ project_id: 1 }] },
  { token: 'exact', name: 'exact', balance: '5', projects: [{ project_id: 1 }] },
  { token: 'expired', name: 'expired', balance: '100', projects: [{ project_id: 1, project_status: 'Expired' }] },
  { token: 'deleted', name: 'deleted', balance: '100', projects: [{ project_id: 1, project_status: 'Delete' }] },
  { token: 'late', name: 'late', balance: '100', clock: { mode: 'frozen', at: '2023-02-01T00:00:00.000Z' }, projects: [{ project_id: 1 }] },
  { token: 'in-time', name: 'in-time', balance: '100', clock: { mode: 'frozen', at: '2023-01-31T23:59:59.999Z' }, projects: [{ project_id: 1 }] }
]

t.test('what the API refuses', async t => {
  const cases: Array<[string, string, object, number, number, string]> = [
    // rule, token, fields, status, mapped HTTP status, detail
    ['api-is-disabled-after-cutoff', 'late', {}, 101, 503, 'Service Unavailable: the Project Management API has been disabled since 2023-02-01T00:00:00Z; it is now 2023-02-01T00:00:00Z'],
    ['token-must-be-known', 'nobody', {}, 401, 401, 'Authentication Failed: no account has this token'],
    ['fields-must-be-valid', 'exact', { plan_id: null }, 410, 400, 'Invalid Request: plan_id must be a whole number from 1 to 9007199254740991, not null'],
    ['project-must-exist', 'exact', { project_id: 2 }, 410, 400, 'Invalid Request: this account has no project 2'],
    ['project-must-be-active', 'expired', {}, 408, 409, 'Project is not Active: project 1 has the status Expired'],
    ['project-must-be-active', 'deleted', {}, 408, 409, 'Project is not Active: project 1 has the status Delete'],
    ['plan-must-exist', 'exact', { plan_id: 10 }, 410, 400, 'Invalid Request: plan_id 10 is not in the plan table'],
    ['plan-must-belong-to-service', 'exact', { plan_id: 7 }, 410, 400, 'Invalid Request: plan_id 7 belongs to service 2, not to service 1'],
    ['plan-must-differ', 'small', {}, 410, 400, 'Invalid Request: the project is already on plan_id 2'],
    ['wallet-must-cover-price', 'short', {}, 403, 402, 'Insufficient Balance: the wallet holds 4.999 USD, but plan_id 2 costs 5 USD']
  ]
  const plain = await emulate(t, { scenario: { accounts: ACCOUNTS } })
  const mapped = await emulate(t, { scenario: { accounts: ACCOUNTS }, wire: { http_status: 'mapped' }, db: ':memory:' })

  for (const [rule, token, fields, status, httpStatus, message] of cases) {
    t.test(`${rule}: ${message}`, async t => {
      const before = plain.kept()
      const body = { token, project_id: 1, service: 1, plan_id: 2, ...fields }
      const answer = await plain.change(body)
      t.equal(answer.http, 200)
      t.equal(answer.text, JSON.stringify({ status, message }))
      t.same(plain.kept(), before, 'nothing has changed')
      t.equal((await mapped.change(body)).http, httpStatus)
    })
  }

  t.test('not: a wallet that holds exactly the price, and the last millisecond before the switch-off', async t => {
    t.match((await plain.change({ token: 'exact', project_id: 1, service: 1, plan_id: 2 })).body, { status: 100, amount_debited: '5' })
    t.match((await plain.change({ token: 'in-time', project_id: 1, service: 1, plan_id: 2 })).body, { status: 100, next_billing_date: '2023-02-28T23:59:59+00:00' })
  })
})

t.test('a body that is wrong', async t => {
  const { change, ask, kept, url } = await emulate(t)
  const before = kept()
  const sample = SAMPLE_REQUEST
  const with_ = (fields: object): string => JSON.stringify({ ...SAMPLE, ...fields })
  const whole = 'a whole number from 1 to 9007199254740991'
  const object = 'the body must be a JSON object:'
  const cases: Array<[string, string | Uint8Array, number, string]> = [
    ['nothing', '', 410, `${object} it is empty`],
    ['a form', 'token=132321343dsfsdf&project_id=5786', 410, `${object} invalid symbol at line 1, column 1`],
    ['cut off', sample.slice(0, 30), 410, `${object} unexpected end of string at line 1, column 30`],
    ['two objects', `${sample}{}`, 410, `${object} end of file expected at line 1, column 75`],
    ['a trailing comma', '{"token":"132321343dsfsdf",}', 410, `${object} property name expected at line 1, column 28`],
    ['a comment', `/* hello */ ${sample}`, 410, `${object} invalid comment token at line 1, column 1`],
    ['a control character in a string', '{"token":"a\nb"}', 410, object],
    ['null', 'null', 410, `${object} it is null`],
    ['an array', `[${sample}]`, 410, `${object} it is an array`],
    ['a string', '"132321343dsfsdf"', 410, `${object} it is the string "132321343dsfsdf"`],
    ['a number', '5786', 410, `${object} it is 5786`],
    ['true', 'true', 410, `${object} it is true`],
    ['nested a hundred thousand levels deep', '['.repeat(100_000) + ']'.repeat(100_000), 410, object],
    ['invalid UTF-8', Buffer.concat([Buffer.from('{"token":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]), 410, `${object} invalid UTF-8 at line 1, column 11`],
    ['UTF-16', Buffer.from(sample, 'utf16le'), 410, object],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]), 410, `${object} it is compressed (gzip); only plain JSON is read`],
    ['UTF-16', Buffer.from(`\uFEFF${sample}`, 'utf16le'), 410, `${object} it is UTF-16, not UTF-8`],
    ['UTF-16, the other way round', Buffer.from(`\uFEFF${sample}`, 'utf16le').swap16(), 410, `${object} it is UTF-16, not UTF-8`],
    ['half a character of UTF-16', Buffer.from([0xfe, 0xff, 0]), 410, `${object} invalid UTF-8 at line 1, column 1`],
    ['one byte of a mark', Buffer.from([0xff]), 410, `${object} invalid UTF-8 at line 1, column 1`],
    ['the beginning of another mark', Buffer.from([0xfe, 0]), 410, `${object} invalid UTF-8 at line 1, column 1`],
    ['a number with more digits than a float has', '9007199254740993', 410, `${object} it is 9007199254740993`],
    ['a long number', '9'.repeat(41), 410, `${object} it is a number of 41 characters`],
    ['a key twice', sample.replace('"service"', '"project_id":1, "service"'), 410, `${object} duplicate key "project_id" at line 1, column 49`],
    ['a key twice, once escaped', sample.replace('"service"', '"pl\\u0061n_id":1, "service"'), 410, `${object} duplicate key "plan_id"`],
    ['a key twice, deep down', with_({ note: 1 }).replace('1}', '{"a":1,"a":2}}'), 410, `${object} duplicate key "a"`],
    ['__proto__', sample.replace('"service"', '"__proto__":{"service":1}, "service"'), 410, `${object} the key "__proto__" is not allowed`],
    ['__proto__, escaped', sample.replace('"service"', '"\\u005f_proto__":1, "service"'), 410, `${object} the key "__proto__" is not allowed`],
    ['no token', with_({ token: undefined }), 401, 'token is missing; the account\'s master API token must be in the JSON body'],
    ['a token that is a number', with_({ token: 132321343 }), 401, 'token must be a string, the account\'s master API token, not a number'],
    ['an empty token', with_({ token: '' }), 401, 'token must be a string, the account\'s master API token, not an empty string'],
    ['a token of a million characters', with_({ token: 'a'.repeat(1_000_000) }), 401, 'no account has this token'],
    ['a token with SQL in it', with_({ token: "' OR 1=1 --" }), 401, 'no account has this token'],
    ['a token with a NUL behind it', with_({ token: '132321343dsfsdf\0' }), 401, 'no account has this token'],
    ['a token in other letters', with_({ token: '132321343DSFSDF' }), 401, 'no account has this token'],
    ['an empty object', '{}', 401, 'token is missing'],
    ['no project_id', with_({ project_id: undefined }), 410, `project_id is missing; it must be ${whole}`],
    ['nothing but a token', JSON.stringify({ token: SAMPLE.token }), 410, 'project_id is missing; '],
    ['project_id null', with_({ project_id: null }), 410, `project_id must be ${whole}, not null`],
    ['project_id in words', with_({ project_id: 'abc' }), 410, `project_id must be ${whole}, not the string "abc"`],
    ['an empty project_id', with_({ project_id: '' }), 410, `project_id must be ${whole}, not the string ""`],
    ['project_id with a space', with_({ project_id: ' 5786' }), 410, `project_id must be ${whole}, not the string " 5786"`],
    ['project_id in hex', with_({ project_id: '0x169a' }), 410, 'project_id must be'],
    ['project_id as a float in a string', with_({ project_id: '5786.0' }), 410, 'project_id must be'],
    ['project_id of a million characters', with_({ project_id: '5'.repeat(1_000_000) }), 410, 'not a string of 1000000 characters'],
    ['project_id a fraction', with_({ project_id: 5786.5 }), 410, `project_id must be ${whole}, not 5786.5`],
    ['project_id negative', with_({ project_id: -5786 }), 410, `project_id must be ${whole}, not -5786`],
    ['project_id 0', with_({ project_id: 0 }), 410, `project_id must be ${whole}, not 0`],
    ['project_id -0', sample.replace('5786', '-0'), 410, 'project_id must be'],
    ['project_id 1e309', sample.replace('5786', '1e309'), 410, 'project_id must be a whole number from 1 to 9007199254740991, not 1e309'],
    ['project_id 2^53+1', sample.replace('5786', '9007199254740993'), 410, `project_id must be ${whole}, not 9007199254740993`],
    ['project_id 2^53+1 in a string', sample.replace('5786', '"9007199254740993"'), 410, 'project_id must be'],
    ['project_id an array', with_({ project_id: [5786] }), 410, `project_id must be ${whole}, not an array`],
    ['project_id an object', with_({ project_id: {} }), 410, `project_id must be ${whole}, not an object`],
    ['project_id true', with_({ project_id: true }), 410, `project_id must be ${whole}, not true`],
    ['service 3', with_({ service: 3 }), 410, 'service must be the number 1 (Phone Automation) or 2 (WhatsApp Official), not 3'],
    ['service in words', with_({ service: 'WhatsApp' }), 410, 'service must be the number 1 (Phone Automation) or 2 (WhatsApp Official), not the string "WhatsApp"'],
    ['plan_id 1.5', with_({ plan_id: 1.5 }), 410, `plan_id must be ${whole}, not 1.5`],
    ['every field at once', with_({ project_id: 'x', service: 0, plan_id: [] }), 410, /project_id must be .*; service must be .*; plan_id must be .* not an array$/ as unknown as string]
  ]
  for (const [name, body, status, detail] of cases) {
    t.test(name, async t => {
      const answer = await change(body)
      t.equal(answer.http, 200)
      t.same(Object.keys(answer.body), ['status', 'message'])
      t.match(answer.body, { status, message: detail })
      t.ok(answer.text.length < 700, 'the message stays short')
      t.same(kept(), before, 'nothing has changed')
    })
  }

  t.test('larger than a mebibyte', async t => {
    const answer = await change(with_({ note: 'a'.repeat(1_048_576) }))
    t.match(answer.body, { status: 410, message: `${object} it is larger than 1048576 bytes` })
    t.same(kept(), before)
  })

  t.test('cut off on the way', async t => {
    t.equal(await raw(url, `POST ${CHANGE_BILLING} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 200\r\n\r\n${sample}`, 100), '')
    t.same(kept(), before)
    t.equal((await ask('/__admin/health', {})).http, 200)
  })

  t.test('with the token in the query', async t => {
    const answer = await ask(`${CHANGE_BILLING}?token=${SAMPLE.token}`, { method: 'POST', body: with_({ token: undefined }) })
    t.match(answer.body, { status: 401, message: 'must be in the JSON body, not in the query string' })
    t.same(kept(), before)
  })
})

t.test('a numeric string', async t => {
  t.test('is refused with --strict', async t => {
    const { change, kept } = await emulate(t, { strict: true })
    const before = kept()
    t.match((await change({ ...SAMPLE, project_id: '5786' })).body, { status: 410, message: /^Invalid Request: project_id must be a whole number .* not the string "5786"$/ })
    t.same(kept(), before)
    t.match((await change(SAMPLE)).body, { status: 100 })
  })

  t.test('is refused only for the account that is strict', async t => {
    const projects = [{ project_id: 1 }]
    const { change } = await emulate(t, { scenario: { accounts: [{ token: 'a', balance: '5', projects, settings: { strict: true } }, { token: 'b', balance: '5', projects }] } })
    t.match((await change({ token: 'a', project_id: '1', service: 1, plan_id: 2 })).body, { status: 410 })
    t.match((await change({ token: 'b', project_id: '1', service: 1, plan_id: 2 })).body, { status: 100 })
  })
})

t.test('a request that misses the endpoint', async t => {
  const { ask, kept, url } = await emulate(t, { wire: { http_status: 'mapped' } })
  const before = kept()
  const cases: Array<[string, string, string, number, string]> = [
    ['GET', CHANGE_BILLING, '', 405, 'this endpoint accepts only POST, not GET'],
    ['PUT', CHANGE_BILLING, SAMPLE_REQUEST, 405, 'this endpoint accepts only POST, not PUT'],
    ['DELETE', CHANGE_BILLING, '', 405, 'this endpoint accepts only POST, not DELETE'],
    ['OPTIONS', CHANGE_BILLING, '', 405, 'this endpoint accepts only POST, not OPTIONS'],
    ['POST', `${CHANGE_BILLING}/`, SAMPLE_REQUEST, 404, `the nearest known path is ${CHANGE_BILLING}`],
    ['POST', '/app/api/v2/pm/change-biling', SAMPLE_REQUEST, 404, `the nearest known path is ${CHANGE_BILLING}`],
    ['POST', '/app/api/v2/pm/Change-Billing', SAMPLE_REQUEST, 404, `the nearest known path is ${CHANGE_BILLING}`],
    ['POST', '/api/v2/pm/change-billing', SAMPLE_REQUEST, 404, `the nearest known path is ${CHANGE_BILLING}`],
    ['POST', '//app/api/v2/pm/change-billing', SAMPLE_REQUEST, 404, `the nearest known path is ${CHANGE_BILLING}`],
    ['GET', '/app/api/v2/nothing/like/it', '', 404, 'there is no endpoint at this path'],
    ['GET', `/${'a'.repeat(10_000)}`, '', 404, 'there is no endpoint at this path'],
    ['POST', '/app/api/v2/pm/%zz', SAMPLE_REQUEST, 404, 'there is no endpoint at this path']
  ]
  for (const [method, path, body, http, detail] of cases) {
    t.test(`${method} ${path.slice(0, 60)}`, async t => {
      const answer = await ask(path, { method, ...body !== '' && { body } })
      t.equal(answer.http, http)
      t.match(answer.body, { status: 410, message: detail })
      t.equal(answer.headers.get('allow'), http === 405 ? 'POST' : null)
      t.same(kept(), before)
    })
  }

  t.test('HEAD', async t => {
    t.equal((await ask(CHANGE_BILLING, { method: 'HEAD' })).http, 405)
  })

  t.test('with a method that nobody knows', async t => {
    t.match(await raw(url, `PURGE ${CHANGE_BILLING} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`), /^HTTP\/1.1 405 .*"status":410,"message":"Invalid Request: this endpoint accepts only POST, not PURGE"/s)
  })

  t.test('is answered as disabled after the switch-off, if it reached the endpoint', async t => {
    const { ask } = await emulate(t, { clock: 'frozen:2023-02-01' })
    t.match((await ask(CHANGE_BILLING, { method: 'GET' })).body, { status: 101 })
    t.match((await ask(CHANGE_BILLING, { method: 'POST', body: 'garbage' })).body, { status: 101 })
    t.match((await ask(CHANGE_BILLING, { method: 'POST', body: `{"token":"${'a'.repeat(1_048_576)}"}` })).body, { status: 101 })
    t.match((await ask('/app/api/v2/pm/other', { method: 'POST' })).body, { status: 410 })
  })
})
