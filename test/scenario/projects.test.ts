import t from 'tap'
import type { ScenarioAccount } from '../../src/contract/scenario.js'
import { parseInstant } from '../../src/domain/clock.js'
import type { Project } from '../../src/domain/project.js'
import { Problem } from '../../src/problem.js'
import { bundledPlans } from '../../src/scenario/bundled.js'
import { readScenario, type Seed } from '../../src/scenario/read.js'
import { deriveApiToken, deriveMasterToken } from '../../src/world/generated.js'
import { WHOLE } from '../support/project.js'

const read = (input: unknown, seed = 1): Seed => readScenario(input, { plans: bundledPlans(), machineTime: parseInstant('2026-03-01')!, seed })
const worldWith = (project: object): unknown => ({ accounts: [{ name: 'demo', token: 'of demo', projects: [project] }] })
const projectOf = (project: object): Project => read(worldWith(project)).accounts[0]!.projects[0]!

function problemOf (input: unknown): Problem {
  try {
    read(input)
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('nothing was refused')
}

const PROJECT = '/accounts/0/projects/0'
const SECRET = '"[redacted]"'
const LONG = (length: number): string => `https://example.com/${'x'.repeat(length - 20)}`
const TEXTS = ['number', 'company_name', 'license_key', 'unbranded_keyword', 'branded_keyword', 'notes'] as const
const WEBHOOKS = ['global_webhook', 'event_webhook', 'smart_reply_webhook'] as const

t.test('a project has all that it says of itself, and its tokens in their order', async t => {
  t.strictSame(projectOf(WHOLE), {
    projectId: 715,
    projectName: 'shop',
    status: 'Expired',
    subscriptions: [{ service: 1, planId: 2, nextBillingAt: parseInstant('2020-06-15T23:59:59Z')! }],
    details: {
      number: '919876543210',
      companyName: 'Müller & Söhne 👩‍👩‍👧',
      country: 'IN',
      timeZone: 'Asia/Kolkata',
      dateFormat: 'DD-MM-YYYY',
      licenseKey: '0123456789abcdef0123456789abcd',
      unbrandedKeyword: 'START 715',
      brandedKeyword: 'EXAMPLE',
      globalWebhook: 'https://example.com/global',
      eventWebhook: 'http://localhost:8080/?event=1#x',
      smartReplyWebhook: 'HTTPS://[::1]/',
      notes: 'line\nline'
    },
    apiTokens: [{ token: 'the first of 715', ip: '192.0.2.1', status: 'enabled' }, { token: 'the second of 715', ip: '2001:db8::1', status: 'disabled' }, { token: 'the third of 715', ip: '', status: 'deleted' }]
  })
})

t.test('what is empty is left out, but for the name, which a project may lack', async t => {
  const { projectName, details } = projectOf({ project_name: '', ...Object.fromEntries(TEXTS.map(name => [name, ''])), api_tokens: [] })
  t.strictSame([projectName, details], ['', {}])
})

t.test('the longest that there is room for', async t => {
  const given = { project_name: 'x'.repeat(200), ...Object.fromEntries(TEXTS.map(name => [name, '\u0000'.repeat(1000)])), global_webhook: LONG(2048), api_tokens: [{ token: '😀'.repeat(100) }] }
  const { projectName, details, apiTokens } = projectOf(given)
  t.strictSame([projectName.length, details.notes?.length, details.licenseKey?.length, details.globalWebhook?.length, apiTokens[0]!.token.length], [200, 1000, 1000, 2048, 200])
})

t.test('a token that is left out is made from the account\'s, the project\'s id and its place', async t => {
  const given = (account: ScenarioAccount) => ({ accounts: [{ projects: [{}, { project_id: 7, api_tokens: [{}, { token: 'given', ip: '::1' }, { status: 'deleted' }] }], ...account }] })
  const tokens = (account: ScenarioAccount, seed = 1) => read(given(account), seed).accounts[0]!.projects[1]!.apiTokens
  t.strictSame(tokens({ token: 'of demo' }), [
    { token: deriveApiToken('of demo', 7, 0), ip: '', status: 'enabled' },
    { token: 'given', ip: '::1', status: 'enabled' },
    { token: deriveApiToken('of demo', 7, 2), ip: '', status: 'deleted' }
  ])
  t.equal(deriveApiToken('of demo', 7, 0), '147e83b0d10ef9990e9ab5b6bd9538c60bedc184', 'the same on every machine')
  t.strictSame(tokens({ token: 'of demo' }, 2), tokens({ token: 'of demo' }), 'whatever the seed')
  t.equal(tokens({ name: 'mine' }, 2)[0]!.token, deriveApiToken(deriveMasterToken('mine', 2), 7, 0), 'unless the account\'s is made from it')
  const made = (nth: number) => ({ token: deriveApiToken('of demo', 7, nth) })
  t.match(tokens({ token: 'of demo', projects: [{}, { project_id: 7, api_tokens: [{}, made(3), made(2), {}, {}] }] }), [made(0), made(3), made(2), made(4), made(5)], 'one that is there already is passed over')
  const all = read({ accounts: Array(20).fill({ projects: Array(5).fill({ api_tokens: [{}, {}] }) }) }).accounts.flatMap(({ projects }) => projects.flatMap(({ apiTokens }) => apiTokens.map(({ token }) => token)))
  t.equal(new Set(all).size, 200)
})

type Row = readonly [field: string, value: unknown, expected: string, found?: string]

const wrong: readonly Row[] = [
  ['licence_key', 'x', 'license_key? The keys here are project_id, project_name, ', 'an unknown key'],
  ['api_token', [], 'api_tokens? The keys here are ', 'an unknown key'],
  ['qr_code_base64', 'x', 'project_id, project_name, project_status, status_rests_on, number, company_name, country, time_zone, date_format, license_key, unbranded_keyword, branded_keyword, global_webhook, event_webhook, smart_reply_webhook, notes, subscriptions, api_tokens', 'an unknown key'],
  ...[5, null, 'x'.repeat(201), '\ud800'].map((value): Row => ['project_name', value, 'a string of at most 200 characters, without lone surrogates']),
  ...TEXTS.flatMap(field => [5, 'x'.repeat(1001), 'a\udc00', '\ud83d\ud83d\ude00'].map((value): Row =>
    [field, value, 'a string of at most 1000 characters, without lone surrogates', field === 'license_key' ? SECRET : JSON.stringify(value)])),
  ...TEXTS.map((field): Row => [field, null, 'a string of at most 1000 characters']),
  ...['', 'in', 'UK', 'IND', 'XX', 'I', ' IN', 'IN\n', 91, null].map((value): Row => ['country', value, 'an ISO 3166-1 alpha-2 country code, such as "IN"']),
  ...['', 'Mars/Phobos', '+05:30', 'UTC+1', 'Asia/', '/Kolkata', 'Asia/Kolkata\n', 5.5, null].map((value): Row => ['time_zone', value, 'an IANA time zone, such as "Asia/Kolkata"']),
  ...['', 'yyyy-mm-dd', 'YYYY/MM/DD', 'YYYY-DD-MM', 'DD-MM-YY', 1, null].map((value): Row => ['date_format', value, 'one of YYYY-MM-DD, DD-MM-YYYY, MM-DD-YYYY']),
  ...WEBHOOKS.flatMap(field => ['', 'example.com', '/webhook', '//example.com', 'ftp://example.com', 'javascript:alert(1)', 'https://', 'http://exa mple.com/', 'http://[::1', LONG(2049), 5, null]
    .map((value): Row => [field, value, 'an absolute http or https URL of at most 2048 characters'])),
  ['api_tokens', {}, 'a list of API tokens', '{}'],
  ['api_tokens', { token: 'hidden', ip: '::1' }, 'a list of API tokens', '{"token":"[redacted]","ip":"::1"}'],
  ['api_tokens', 'hidden', 'a list of API tokens', SECRET],
  ['api_tokens/0', 'hidden', 'an API token', SECRET],
  ['api_tokens/0', 12345, 'an API token', SECRET],
  ['api_tokens/0', [], 'an API token', '[]'],
  ['api_tokens/0', null, 'an API token', 'null'],
  ['api_tokens/0/tokn', 'hidden', 'token? The keys here are token, ip, status', 'an unknown key'],
  ['api_tokens/0/project_id', 1, 'token, ip, status', 'an unknown key'],
  ['api_tokens/0/token', '', 'a string of 1 to 200 characters', '""'],
  ['api_tokens/0/token', null, 'a string of 1 to 200 characters', 'null'],
  ...['x'.repeat(201), '\udfff', 132321343].map((value): Row => ['api_tokens/0/token', value, 'a string of 1 to 200 characters, without lone surrogates', SECRET]),
  ...['', 'localhost', '1.2.3', '1.2.3.256', '01.2.3.4', '10.0.0.0/8', ' ::1', '::g', 'fe80::1%eth0', '[::1]', 1, null, ['::1']].map((value): Row => ['api_tokens/0/ip', value, 'an IPv4 or IPv6 address']),
  ...['', 'Enabled', 'active', 1, true, null].map((value): Row => ['api_tokens/0/status', value, 'one of enabled, disabled, deleted'])
]

t.test('each field is refused with what it is not, at its place', async t => {
  for (const [field, value, expected, found = JSON.stringify(value)] of wrong) {
    const [, outer = '', index, inner] = /^([^/]+)(\/0)?(?:\/(.*))?$/.exec(field)!
    const { issues, message } = problemOf(worldWith({ [outer]: index === undefined ? value : [inner === undefined ? value : { [inner]: value }] }))
    const name = `${field}: ${JSON.stringify(value)}`.slice(0, 100)
    t.strictSame(issues.map(({ pointer }) => pointer), [`${PROJECT}/${field}`], name)
    const word = /^"(x+)"$/.exec(found)?.[1]
    const told = word === undefined ? `${found.slice(0, 57).replace(/\w+$/, '')}...` : `a word of ${word.length} characters`
    t.equal(issues[0]!.found, found.length > 60 ? told : found, name)
    t.ok(issues[0]!.expected.includes(expected), `${name}: expected ${issues[0]!.expected}`)
    t.notMatch(message, /hidden|132321343|12345/, `${name}: no token is told`)
  }
})

t.test('a token that is there twice is refused where it comes again, and not told', async t => {
  const one = (token: string, status?: string) => ({ api_tokens: [{ token, ...status !== undefined && { status } }] })
  const twins: ReadonlyArray<readonly [name: string, accounts: readonly object[], ...pointers: string[]]> = [
    ['within a project', [{ projects: [{ api_tokens: [{ token: 'hidden' }, {}, { token: 'hidden', ip: '::1' }] }] }], '/accounts/0/projects/0/api_tokens/2/token'],
    ['between projects', [{ projects: [one('hidden'), {}, one('hidden')] }], '/accounts/0/projects/2/api_tokens/0/token'],
    ['between accounts', [{ projects: [one('hidden')] }, { projects: [{}, one('hidden')] }], '/accounts/1/projects/1/api_tokens/0/token'],
    ['one of them deleted', [{ projects: [one('hidden', 'deleted'), one('hidden')] }], '/accounts/0/projects/1/api_tokens/0/token'],
    ['the account\'s own', [{ token: 'hidden', projects: [one('hidden')] }], '/accounts/0/projects/0/api_tokens/0/token'],
    ['that of an account before', [{ token: 'hidden' }, { projects: [one('hidden')] }], '/accounts/1/projects/0/api_tokens/0/token'],
    ['that of an account behind', [{ projects: [one('hidden')] }, { token: 'hidden' }], '/accounts/1/token'],
    ['one that is made for an account', [{ projects: [one(deriveMasterToken('account-2', 1))] }, {}], '/accounts/1/token'],
    ['one that is made for a project', [{ token: 'x', projects: [{ project_id: 2, ...one(deriveApiToken('x', 1, 0)) }, { project_id: 1, api_tokens: [{}] }] }], '/accounts/0/projects/1/api_tokens/0/token'],
    ['again and again', [{ token: 'hidden', projects: [one('hidden'), one('hidden')] }, { token: 'hidden' }], '/accounts/0/projects/0/api_tokens/0/token', '/accounts/0/projects/1/api_tokens/0/token', '/accounts/1/token']
  ]
  for (const [name, accounts, ...pointers] of twins) {
    const { issues, message } = problemOf({ accounts })
    t.strictSame(issues, pointers.map(pointer => ({ pointer, found: SECRET, expected: 'a value used only once' })), name)
    t.notMatch(message, /hidden|[0-9a-f]{40}/, name)
  }
  t.doesNotThrow(() => read({ accounts: [{ token: 'x', projects: [{ ...one('y'), license_key: 'x', notes: 'y' }, { license_key: 'x' }] }] }), 'only tokens have to be apart')
})

t.test('what is quoted of something else that is wrong does not tell the secrets in it', async t => {
  const secrets = { token: 'hidden', license_key: 'hidden' }
  const cases: ReadonlyArray<readonly [scenario: unknown, found: string]> = [
    [[secrets], '[{"token":"[redacted]","license_key":"[redacted]"}]'],
    [{ accounts: secrets }, '{"token":"[redacted]","license_key":"[redacted]"}'],
    [{ accounts: { token: { value: 'hidden' } } }, '{"token":"[redacted]"}'],
    [{ accounts: { token: ['hidden', { value: 'hidden' }] } }, '{"token":"[redacted]"}'],
    [JSON.stringify({ a: 1, token: 'hidden' }), '"{\\"a\\":1,\\"token\\":\\"[redacted]\\"}"'],
    [JSON.stringify(JSON.stringify({ token: { value: 'hidden' } })), '"\\"{\\\\\\"token\\\\\\":\\\\\\"[redacted]\\\\\\"}\\""'],
    [{ accounts: [[secrets]] }, '[{"token":"[redacted]","license_key":"[redacted]"}]'],
    [{ accounts: [{ projects: { api_tokens: ['hidden', [7], { ip: 'x', token: { a: 1 } }] } }] }, '{"api_tokens":["[redacted]",["[redacted]"],{"ip":"x","...'],
    [{ accounts: [{ name: { token: '', license_key: null } }] }, '{"token":"","license_key":null}']
  ]
  for (const [scenario, found] of cases) {
    const { issues, message } = problemOf(scenario)
    t.strictSame(issues.map(issue => issue.found), [found])
    t.notMatch(message, 'hidden')
  }
})

t.test('a cycle that is not given rests on how long it is, and knows the day of a cut one', async t => {
  const begun = (at: string, more: object = {}, settings: object = {}) => (readScenario({
    clock: { mode: 'frozen', at }, settings, accounts: [{ name: 'demo', projects: [{ project_id: 1, status_rests_on: ['deletion', 'auto-renew', 'deletion'], subscriptions: [{ service: 1, plan_id: 2, ...more }] }] }]
  }, { plans: bundledPlans(), machineTime: 0, seed: 1 })).accounts[0]!.projects[0]!
  const end = (date: string) => parseInstant(`${date}T23:59:59Z`)!
  const plan = { service: 1, planId: 2 }
  t.strictSame(begun('2020-06-16').subscriptions, [{ ...plan, nextBillingAt: end('2020-07-16') }], 'a month of thirty days')
  t.strictSame(begun('2020-07-16').subscriptions, [{ ...plan, nextBillingAt: end('2020-08-16'), restsOn: ['month-length'] }])
  t.strictSame(begun('2020-01-31').subscriptions, [{ ...plan, nextBillingAt: end('2020-02-29'), anchorDay: 31, restsOn: ['month-length'] }])
  t.strictSame(begun('2020-01-31', {}, { assumptions: { 'month-length': '30-days' } }).subscriptions, [{ ...plan, nextBillingAt: end('2020-03-01'), restsOn: ['month-length'] }])
  t.strictSame(begun('2020-07-16', { rests_on: ['auto-renew'] }).subscriptions, [{ ...plan, nextBillingAt: end('2020-08-16'), restsOn: ['month-length', 'auto-renew'] }], 'beside what it is said to rest on')
  t.strictSame(begun('2020-07-16', { next_billing_date: '2020-08-30T23:59:59Z', anchor_day: 31, rests_on: ['auto-renew', 'same-plan'] }).subscriptions,
    [{ ...plan, nextBillingAt: end('2020-08-30'), anchorDay: 31, restsOn: ['same-plan', 'auto-renew'] }])
  t.strictSame(begun('2020-06-16').statusRestsOn, ['auto-renew', 'deletion'], 'each once, in the order of the list')
})
