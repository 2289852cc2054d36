import t from 'tap'
import { collectAliases } from '../../src/case/aliases.js'
import { deriveApiToken, deriveLicenseKey } from '../../src/world/generated.js'

const MASTER = 'S3cret-of-demo-7f21'
const API_TOKEN = deriveApiToken(MASTER, 7, 1)
const LICENSE_KEY = deriveLicenseKey(MASTER, 7)

/** The aliases of an account with a token of its own, a project, and what was derived for it. */
function aliases () {
  const { addScenario, addAnswer, aliases } = collectAliases()
  addScenario({
    accounts: [
      { name: 'demo', token: MASTER, projects: [{ project_id: 7, api_tokens: [{ token: deriveApiToken(MASTER, 7, 0) }, { token: 'given by hand' }] }, { project_id: 8, license_key: 'my-own-key' }] },
      { name: 'ordinary', token: 'test' },
      { name: 'without a token' }
    ]
  })
  addAnswer('demo', JSON.stringify({ status: 100, project_id: '7', api_token: [{ ip: '127.0.0.1', token: API_TOKEN }] }))
  return aliases()
}

t.test('in place of tokens stand others, named after their accounts', async t => {
  const { in: replaced } = aliases()
  const cases: Array<[name: string, given: unknown, expected: unknown]> = [
    ['a token', MASTER, 'token-of-demo'],
    ['a token in a text', `{"token":"${MASTER}"}`, '{"token":"token-of-demo"}'],
    ['a token somewhere', `curl -d '${MASTER}' x`, 'curl -d \'token-of-demo\' x'],
    ['a token that is an ordinary word, beside its name', '{"token":"test","project_name":"test"}', '{"token":"token-of-ordinary","project_name":"test"}'],
    ['a derived API token', deriveApiToken(MASTER, 7, 0), deriveApiToken('token-of-demo', 7, 0)],
    ['an API token that an answer showed', { token: API_TOKEN }, { token: deriveApiToken('token-of-demo', 7, 1) }],
    ['an API token that was given', { token: 'given by hand' }, { token: 'token-of-demo-7' }],
    ['a derived licence key', `"license_key":"${LICENSE_KEY}"`, `"license_key":"${deriveLicenseKey('token-of-demo', 7)}"`],
    ['a licence key that was given', { license_key: 'my-own-key' }, { license_key: deriveLicenseKey('token-of-demo', 8) }],
    ['what is no secret', { name: 'demo', balance: '5', projects: [1, null, true] }, { name: 'demo', balance: '5', projects: [1, null, true] }]
  ]
  for (const [name, given, expected] of cases) t.strictSame(replaced(given), expected, name)
})

t.test('other secrets are taken out, and what stands there keeps its kind', async t => {
  const { in: replaced } = aliases()
  const cases: Array<[given: string, expected: string]> = [
    ['{"token":"unknown"}', '{"token":"[redacted]"}'],
    ['{"token":12345678}', '{"token":12345678}'],
    ['{"token":123456789}', '{"token":0}'],
    ['{"token":-1.5e300}', '{"token":-1.5e300}'],
    ['{"token":-1.25e300}', '{"token":0}'],
    ['{"token":"12345"}', '{"token":"[redacted]"}'],
    ['{"token":null}', '{"token":null}'],
    ['{"token":true}', '{"token":true}'],
    ['{"token":""}', '{"token":""}'],
    ['{"token":["a secret"]}', '{"token":[]}'],
    ['{"token":{"value":"a secret"}}', '{"token":{}}'],
    ['token=unknown&project_id=7', 'token=[redacted]&project_id=7'],
    ['{"project_id":7}', '{"project_id":7}'],
    ['not JSON, no secret', 'not JSON, no secret']
  ]
  for (const [given, expected] of cases) t.equal(aliases().in(given), expected, given)
  t.strictSame(replaced({ license_key: 'unknown', token: 5 }), { license_key: '[redacted]', token: 5 })
})

t.test('other secrets are told from each other, whatever they are, and twice over', async t => {
  const { in: replaced } = aliases()
  const cases: Array<[given: string, expected: string]> = [
    ['{"token":"one"}', '{"token":"[redacted]"}'],
    ['{"token":"two"}', '{"token":"[redacted-2]"}'],
    ['token=one&api_token=two', 'token=[redacted]&api_token=[redacted-2]'],
    ['{"token":100000001}', '{"token":0}'],
    ['{"token":100000002}', '{"token":2}'],
    ['{"token":["one"]}', '{"token":[]}'],
    ['{"token":["two"]}', '{"token":[2]}'],
    ['{"token":{"is":"one"}}', '{"token":{}}'],
    ['{"token":{"is":"two"}}', '{"token":{"n":2}}']
  ]
  for (const [given, expected] of cases) t.strictSame([replaced(given), replaced(expected)], [expected, expected], given)
  t.strictSame(replaced({ token: 'three' }), { token: '[redacted-3]' })
})

t.test('what stands for a secret within a string of JSON is written as it can stand there, and as where the string is a value of its own', async t => {
  const { addScenario, aliases } = collectAliases()
  addScenario({ accounts: [{ name: 'demo', token: 'a/b' }] })
  const { in: replaced } = aliases()
  const texts = [
    'token={one}', 'token={two}', 'token=[one]', 'token=[two]', 'token: 123456789', 'token=one/two', 'https://x.example/hook?token=three', 'token: one\nnext line', '{"token":"four"}',
    'a,token\nb,five"', 'token: a/b'
  ]
  for (const notes of texts) {
    const expected = replaced({ notes })
    t.not(expected.notes, notes)
    for (const body of [JSON.stringify({ notes }), JSON.stringify({ notes }).replaceAll('/', '\\/'), JSON.stringify({ notes }, null, 2)]) {
      t.strictSame(JSON.parse(replaced(body)), expected, body)
      t.strictSame(JSON.parse(JSON.parse(replaced(JSON.stringify(body)))), expected, 'also within JSON')
    }
  }
  t.equal(replaced('{"token":"a\\/b"}'), '{"token":"token-of-demo"}')
})

t.test('headers', async t => {
  const { headers } = aliases()
  t.strictSame(headers({ authorization: `Bearer ${MASTER}`, 'x-token': 'unknown', cookie: 'a=b', accept: `text/${MASTER}`, host: 'x' }), {
    authorization: 'Bearer token-of-demo', 'x-token': '[redacted]', cookie: '[redacted-2]', accept: 'text/token-of-demo', host: 'x'
  })
  t.strictSame(headers({ 'x-token': MASTER, 'x-api-key': 'a b', Authorization: MASTER, 'proxy-authorization': 'Basic cHJveHk6cHc=' }), {
    'x-token': 'token-of-demo', 'x-api-key': '[redacted-3]', Authorization: 'token-of-demo', 'proxy-authorization': 'Basic [redacted-4]'
  })
  for (const cookie of [`session=${MASTER}; theme=dark`, `theme=dark; session=${MASTER}`, 'session=unknown; a=b', '']) {
    t.match(headers({ cookie }).cookie, /^\[redacted-\d\]$/, cookie)
  }
  t.match(headers({ cookie: 'sid=abc; api_token=xyz' }).cookie, /^token=\[redacted-\d\]$/, 'that it names a token is told')
  t.match(headers({ Cookie: `token=${MASTER}` }).Cookie, 'token=token-of-demo')
  t.equal(headers({ cookie: 'token=[redacted-2]' }).cookie, 'token=[redacted-2]')
  const digest = `Digest username="x", nonce="${MASTER}", response="f00d"`
  t.match(headers({ authorization: digest }).authorization, /^Digest \[redacted-\d+\]$/, 'only the scheme is shown')
})

t.test('an alias stays as it is wherever a client puts a token, whatever the name of the account is', async t => {
  const names = ['x\0y', 'a\nb', '\\', '"', '..\\..', 'a b', 'a/b', '%2e', 'é', '日本', 'x\u202ey', '&=+', '<b>', "'", ' ', '#', '日', 'a'.repeat(200), `${'a'.repeat(199)}b`]
  const tokens = names.map((_name, index) => `S3cret-${index}-7f21c0`)
  const { addScenario, aliases } = collectAliases()
  addScenario({ accounts: names.map((name, index) => ({ name, token: tokens[index]!, projects: [{ project_id: 1, api_tokens: [{ token: `of the project ${index}` }] }] })) })
  const { in: replaced } = aliases()
  const found = tokens.flatMap((token, index) => [replaced(token), replaced({ token: `of the project ${index}` }).token])
  for (const alias of found) t.match(alias, /^token-of-[\w.-]{1,150}$/)
  t.equal(new Set(found).size, found.length)
})

t.test('a token that stands for itself keeps its escapes', async t => {
  const { addScenario, aliases } = collectAliases()
  const odd = 'l1ne\n"two"\\ of it'
  addScenario({ accounts: [{ name: odd, token: odd }] })
  for (const text of [JSON.stringify({ note: odd }), `note=${encodeURIComponent(odd)}`]) t.equal(aliases().in(text), text)
})

t.test('bodies are JSON where they can be, and text otherwise', async t => {
  const { body, everywhere, url } = aliases()
  t.strictSame(body(`{"token":"${MASTER}"}`), { token: 'token-of-demo' })
  t.equal(body(`token=${MASTER}`), 'token=token-of-demo')
  t.equal(everywhere(`says ${MASTER}`), 'says token-of-demo')
  t.strictSame(everywhere([MASTER]), [MASTER], 'what has been through another')
  t.equal(everywhere(body(`{"token":"${MASTER}"`)), '{"token":"token-of-demo"', 'what has been through one is not hidden by the other')
  t.equal(url(`/app/api/v2/${MASTER}?token=${MASTER}`), '/app/api/v2/token-of-demo?token=token-of-demo')
})

t.test('a token that is the name of its account stays, and so does any name', async t => {
  const { addScenario, aliases } = collectAliases()
  addScenario({ accounts: [{ name: 'hasty', token: 'hasty' }, { name: 'other', token: 'T0ken-of-other-1' }] })
  const { in: replaced } = aliases()
  t.strictSame(replaced([{ name: 'hasty', token: 'hasty' }, { account: 'T0ken-of-other-1', copy_of: 'T0ken-of-other-1', name: { token: 'hasty' } }]),
    [{ name: 'hasty', token: 'hasty' }, { account: 'T0ken-of-other-1', copy_of: 'T0ken-of-other-1', name: { token: 'hasty' } }])
  t.strictSame(replaced({ plans: [{ plan_id: 3, name: 'for T0ken-of-other-1' }] }), { plans: [{ plan_id: 3, name: 'for token-of-other' }] }, 'but that of a plan')
})

t.test('a token that nobody has shown is known by who sent it', async t => {
  const { addScenario, addRequest, aliases } = collectAliases()
  addScenario({ accounts: [{ name: 'demo', token: MASTER, projects: [{ project_id: 700 }] }, { name: 'none', token: 'test' }] })
  const [known, lost] = [deriveApiToken(MASTER, 700, 3), deriveApiToken(MASTER, 701, 0)]
  const never = deriveApiToken('another', 700, 0)
  addRequest('demo', JSON.stringify({ token: MASTER, api_token: known }))
  addRequest('demo', JSON.stringify({ token: lost, api_token: never }))
  addRequest('demo', JSON.stringify({ token: 'was valid then', api_token: 5 }))
  addRequest('none', JSON.stringify({ token: 'test' }))
  addRequest('demo', JSON.stringify({ token: MASTER, api_token: known }))
  for (const body of ['', '[]', 'null', '{"token":5}']) addRequest('demo', body)
  addRequest('nobody', JSON.stringify({ token: 'x' }))
  const { in: replaced } = aliases()
  t.strictSame(replaced([{ token: known }, { token: lost }, { token: never }, { token: 'was valid then' }, { token: 'x' }]), [
    { token: deriveApiToken('token-of-demo', 700, 3) }, { token: deriveApiToken('token-of-demo', 701, 0) }, { token: '[redacted]' }, { token: 'token-of-demo-2' }, { token: '[redacted-2]' }
  ])
})

t.test('two tokens never have the same alias', async t => {
  const { addScenario, addAnswer, aliases } = collectAliases()
  addScenario({ accounts: [{ name: 'a', token: 'the first token' }] })
  addScenario({ accounts: [{ name: 'a', token: 'the second token' }] })
  addScenario({ accounts: [{ name: 'a', token: 'the first token' }] })
  addAnswer('nobody', '{"token":"x","project_id":1}')
  addAnswer('a', '{"project_id":3,"license_key":"a key cut short"')
  addAnswer('a', '{"token":')
  addAnswer('a', '{"token":"of no project"}')
  const { in: replaced } = aliases()
  t.strictSame(replaced([{ token: 'the first token' }, { token: 'the second token' }]), [{ token: 'token-of-a' }, { token: 'token-of-a-2' }])
  t.notMatch(replaced({ license_key: 'a key cut short' }), { license_key: '[redacted]' }, 'also of an answer that a fault has cut short')
})

t.test('aliases have themselves for aliases, so that the replay of a case gives the same case', async t => {
  const once = aliases()
  const { addScenario, aliases: again } = collectAliases()
  addScenario({ accounts: [{ name: 'demo', token: 'token-of-demo', projects: [{ project_id: 7, api_tokens: [{ token: once.in(API_TOKEN) }, { token: 'token-of-demo-7' }] }] }] })
  const twice = again()
  for (const text of ['token-of-demo', once.in(API_TOKEN), '{"token":"[redacted]"}', '{"token":0}', '{"token":{}}']) t.equal(twice.in(text), text)
})

t.test('more tokens and licence keys than there is memory for are a problem', async t => {
  const scenario = { accounts: [{ name: 'a', token: 'the first token', projects: [{ project_id: 1 }] }] }
  collectAliases(2).addScenario(scenario)
  t.throws(() => { collectAliases(1).addScenario(scenario) }, { message: 'the case has more than 1 tokens and licence keys, for which there is no memory', status: 503 })
})
