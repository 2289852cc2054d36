import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { call } from '../../src/client/call.js'
import { connect, type Account, type RemoteEmulator } from '../../src/client/connect.js'
import type { ScenarioAccount } from '../../src/contract/scenario.js'
import type { StartOptions } from '../../src/server/options.js'
import { parseDuration } from '../../src/text/duration.js'
import { effort } from '../support/effort.js'
import { CHANGE_BILLING, emulate, raw, SAMPLE } from '../support/emulator.js'
import { refusal } from '../support/refusal.js'
import { until } from '../support/until.js'
import { Database } from '../support/sqlite.js'

const FROZEN: StartOptions = { clock: 'frozen:2020-06-16T12:00:00Z' }

/** An emulator, and the same one as its control API's client has it. */
async function control (t: Test, options: StartOptions = FROZEN) {
  const emulator = await emulate(t, options)
  return { ...emulator, admin: connect(emulator.url) }
}

async function order (url: string, token: string, fields: object = {}): Promise<unknown> {
  const response = await fetch(url + CHANGE_BILLING, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...SAMPLE, token, ...fields }) })
  return await response.json()
}

/** All that hangs on an account. */
async function everythingOf (account: Account) {
  return {
    state: await account.state(),
    clock: await account.clock.get(),
    settings: await account.settings.get(),
    balance: await account.wallet.balance(),
    ledger: await account.ledger(),
    requests: await account.requests.list(),
    faults: await account.faults()
  }
}

async function booksAreInOrder (t: Test, admin: RemoteEmulator): Promise<void> {
  t.match(await admin.audit(), { ok: true, violations: [] }, 'the books are in order')
}

/** Changes the database behind the emulator's back. */
function corrupt (file: string, sql: string): void {
  const db = new Database(file)
  try {
    db.pragma('ignore_check_constraints = ON')
    db.exec(sql)
  } finally {
    db.close()
  }
}

const RICH: ScenarioAccount = {
  name: 'rich',
  token: 'the token of rich',
  balance: '1000.001',
  clock: { mode: 'frozen', at: '2021-03-04T05:06:07.008Z' },
  settings: { wire: { types: 'table' }, assumptions: { 'same-plan': 'charge-again' }, strict: true, cutoff: 'never' },
  projects: [
    { project_id: 5786, project_name: 'shop', project_status: 'Active', subscriptions: [{ service: 1, plan_id: 2, next_billing_date: '2021-04-01T23:59:59Z' }, { service: 2, plan_id: 1 }] },
    { project_id: 6000, project_name: 'old', project_status: 'Expired', subscriptions: [] }
  ]
}

t.test('creating an account', async t => {
  t.test('POST /accounts generates the name and the token of an empty account', async t => {
    const { admin, url } = await control(t)
    const account = await admin.createAccount()
    t.strictSame(await account.state(), { name: 'account-2', token: '6b4ffcef9c3f3eb8cd193c78d2036bde8cf655ba', balance: '0', projects: [] }, 'the same on every machine')
    t.match(await order(url, account.token), { status: 410, message: /has no project 5786/ }, 'its token is known')
    t.strictSame((await admin.accounts()).map(({ name }) => name), ['demo', 'account-2'])
    await booksAreInOrder(t, admin)
  })

  t.test('POST /accounts needs no body', async t => {
    const { ask } = await control(t)
    for (const headers of [{}, { 'content-type': 'application/json' }] as Array<Record<string, string>>) {
      const { http, body } = await ask('/__admin/accounts', { method: 'POST', headers })
      t.equal(http, 201)
      t.match(body, { name: /^account-[23]$/, balance: '0' })
    }
  })

  t.test('POST /accounts generates the same names and tokens for the same calls and seed, and other tokens for another seed', async t => {
    const made = async (seed: number) => {
      const { admin } = await control(t, { ...FROZEN, seed })
      await admin.createAccount()
      await admin.createAccounts([{ name: 'account-5' }, { projects: [{}, { project_id: 1 }, {}] }, { copy_of: 'demo' }, { token: 'given' }])
      await (await admin.account('account-2')).remove()
      await admin.createAccount({ balance: '5' })
      return (await Promise.all((await admin.accounts()).map(account => account.state())))
    }
    const [first, again, other] = [await made(1), await made(1), await made(7)]
    t.strictSame(again, first)
    t.strictSame(first.map(({ name }) => name), ['demo', 'account-5', 'account-4', 'account-6', 'account-7', 'account-8'])
    t.strictSame(first[2]!.projects!.map(project => project.project_id), [1, 2, 3], 'ids are the first that are free')
    t.strictSame(other.map(({ name }) => name), first.map(({ name }) => name), 'names do not depend on the seed')
    const differs = other.map(({ token }, index) => token !== first[index]!.token)
    t.strictSame(differs, [false, true, true, true, false, true], 'every token that was made up is another, none that was given')
  })

  t.test('POST /accounts reuses no generated name before a reset', async t => {
    const { admin, url } = await control(t)
    const first = await admin.createAccount()
    await first.remove()
    const next = await admin.createAccount()
    t.strictSame([first.name, next.name], ['account-2', 'account-3'])
    t.match(await order(url, first.token), { status: 401 }, 'so that the token of the one that is gone is nobody\'s')
    t.equal(await next.requests.count(), 0)
    await admin.reset()
    const again = await admin.createAccount()
    t.strictSame([again.name, again.token], [first.name, first.token])
    await booksAreInOrder(t, admin)
  })

  t.test('POST /accounts creates the account as given, and requests are answered by it', async t => {
    const { admin, url } = await control(t)
    const account = await admin.createAccount(RICH)
    t.strictSame(await account.state(), RICH)
    t.strictSame((await admin.state()).accounts![1], { ...RICH, ledger: [{ at: '2021-03-04T05:06:07.008Z', kind: 'opening', amount: '1000.001', balance: '1000.001', project_id: null, plan_id: null, request_id: null }] })
    t.strictSame(await order(url, RICH.token!), { status: 100, message: 'Success', project_id: 5786, old_billing_plan: '2', new_billing_plan: '2', amount_debited: 5, next_billing_date: '2021-04-04T23:59:59+00:00' })
    await booksAreInOrder(t, admin)
  })

  t.test('POST /accounts accepts a ledger', async t => {
    const { admin } = await control(t)
    const none = { project_id: null, plan_id: null, request_id: null }
    const ledger = [
      { at: '2020-01-01T00:00:00Z', kind: 'opening', amount: '10', balance: '10', ...none },
      { at: '2020-01-02T00:00:00Z', kind: 'plan-change', amount: '-5', balance: '5', project_id: 1, plan_id: 2, request_id: '1-1' },
      { at: '2020-01-03T00:00:00Z', kind: 'credit', amount: '2.5', balance: '7.5', ...none },
      { at: '2020-01-04T00:00:00Z', kind: 'adjustment', amount: '-0.001', balance: '7.499', ...none }
    ] as const
    const [full, brief, empty] = await admin.createAccounts([
      { ledger, balance: '7.499' },
      { ledger: ledger.map(({ at, kind, amount, balance }) => ({ at, kind, amount, balance, ...kind === 'plan-change' && { project_id: 1, plan_id: 2 } })) },
      { ledger: [] }
    ])
    t.strictSame(await full!.ledger(), ledger)
    t.strictSame(await brief!.ledger(), ledger.map(entry => ({ ...entry, request_id: null })), 'what is left out is null')
    t.equal(await brief!.wallet.balance(), '7.499', 'the balance is that of the last entry')
    t.strictSame([await empty!.ledger(), await empty!.wallet.balance()], [[], '0'])
    await booksAreInOrder(t, admin)
  })

  t.test('POST /accounts accepts any text as a name and as a token', async t => {
    const { admin, url } = await control(t)
    const names = ['a/b', 'a%2Fb', '%', '?x=1', '#', 'a b', 'é', '日本', '👩‍👩‍👧', "'; DROP TABLE account; --", '...', '__proto__', 'constructor', '\n', '\u0000', 'x'.repeat(200), '/'.repeat(200), '😀'.repeat(100)]
    for (const name of names) {
      const account = await admin.createAccount({ name, token: name, balance: '5' })
      t.equal((await account.state()).name, name, JSON.stringify(name.slice(0, 20)))
      await account.setProject(5786, {})
      t.match(await order(url, account.token), { status: 100 })
      t.equal(await account.requests.count(), 1)
      t.equal((await account.ledger()).length, 2)
    }
    await booksAreInOrder(t, admin)
    for (const name of names) await (await admin.account(name)).remove()
    t.strictSame((await admin.accounts()).map(({ name }) => name), ['demo'])
  })
})

t.test('copying an account', async t => {
  t.test('copy_of copies everything but the name, the token, the ledger and the ttl', async t => {
    const { admin, url } = await control(t)
    const original = await admin.createAccount({ ...RICH, ttl: '1h' })
    await original.fail({ kind: 'delay' })
    await original.clearFaults()
    await order(url, original.token)
    const before = await original.state()
    const { ttl, ...like } = before
    const copy = await admin.createAccount({ copy_of: 'rich' })
    t.strictSame(await copy.state(), { ...like, name: 'account-3', token: copy.token }, 'without the ttl')
    t.match(ttl, /^\d+ms$/)
    t.match(copy.token, /^[0-9a-f]{40}$/)
    t.match(await copy.ledger(), [{ kind: 'opening', amount: '995.001', balance: '995.001', at: '2021-03-04T05:06:07.008Z' }])
    t.equal((await copy.ledger()).length, 1)
    t.equal(await copy.requests.count(), 0)
    await booksAreInOrder(t, admin)
  })

  t.test('copy_of accepts a name, a token and a ttl', async t => {
    const { admin } = await control(t)
    const copy = await admin.createAccount({ copy_of: 'demo', name: 'twin', token: 'twin token', ttl: '1h' })
    const { projects } = await (await admin.account('demo')).state()
    t.match(await copy.state(), { name: 'twin', token: 'twin token', balance: '100', projects, ttl: /^3[56]\d{5}ms$/ })
  })

  t.test('a copy is independent of its original, and its reset restores what was copied', async t => {
    const { admin, url } = await control(t)
    const demo = await admin.account('demo')
    const copy = await admin.createAccount({ copy_of: 'demo' })
    const before = await everythingOf(demo)
    t.match(await order(url, copy.token), { status: 100 })
    await copy.wallet.credit('1')
    await copy.clock.freeze('2022-01-01')
    t.strictSame(await everythingOf(demo), before)
    t.match(await order(url, demo.token), { status: 100 })
    const reset = await copy.reset()
    t.strictSame(reset, { ...before.state, name: copy.name, token: copy.token }, 'to what it was then, not to what the original is now')
    await booksAreInOrder(t, admin)
  })

  t.test('a copy of an account with a running clock runs on from the same time', async t => {
    const { admin } = await control(t)
    await admin.createAccount({ name: 'running', clock: { mode: 'running', at: '2021-01-01' } })
    const copy = await admin.createAccount({ copy_of: 'running' })
    t.match(await copy.clock.get(), { mode: 'running', now: /^2021-01-01T00:00:/ })
  })
})

t.test('creating several accounts', async t => {
  t.test('POST /accounts creates a list in its order, including copies of earlier items', async t => {
    const { admin } = await control(t)
    const made = await admin.createAccounts([{ balance: '1' }, { name: 'b', balance: '2' }, { copy_of: 'b' }, {}])
    t.strictSame(await Promise.all(made.map(async account => [account.name, await account.wallet.balance()])),
      [['account-2', '1'], ['b', '2'], ['account-4', '2'], ['account-5', '0']])
    t.strictSame(await admin.createAccounts([]), [], 'or none')
    await booksAreInOrder(t, admin)
  })

  const wrong: ReadonlyArray<readonly [name: string, body: unknown, status: number, ...issues: Array<readonly [pointer: string, found: string, expected: string]>]> = [
    ['an amount as a number', [{}, { balance: 5 }], 400, ['/1/balance', '5', 'an amount in USD as a string']],
    ['something that is no account', [{}, 5], 400, ['/1', '5', 'an account']],
    ['a list in the list', [{}, [{}]], 400, ['/1', '[{}]', 'an account']],
    ['an empty list in the list', [{}, []], 400, ['/1', '[]', 'an account']],
    ['a text', 'demo', 400, ['', '"demo"', 'an account']],
    ['two wrong accounts', [{ balance: 5 }, { copy_of: 'demo' }, { copy_of: 1 }], 400, ['/0/balance', '5', 'an amount in USD as a string'], ['/2/copy_of', '1', 'the name of an account']],
    ['an unknown key', { nam: 'x' }, 400, ['/nam', 'an unknown key', 'name? The keys here are name, token, ']],
    ['two unknown keys of the second', [{}, { nam: 'x', to: 1 }], 400, ['/1/nam', 'an unknown key', 'name?'], ['/1/to', 'an unknown key', 'name, token']],
    ['a key beside copy_of', [{}, { copy_of: 'demo', balance: '5' }], 400, ['/1/balance', 'an unknown key', 'copy_of, name, token, ttl']],
    ['a copy of a number', { copy_of: 1 }, 400, ['/copy_of', '1', 'the name of an account']],
    ['a copy of nobody', [{}, { copy_of: 'dem' }], 404, ['/1/copy_of', '"dem"', 'the name of an account']],
    ['a copy of one that comes later', [{ copy_of: 'b' }, { name: 'b' }], 404, ['/0/copy_of', '"b"', 'the name of an account']],
    ['a plan of the other service', [{}, { projects: [{}, { subscriptions: [{ service: 1, plan_id: 7 }] }] }], 400, ['/1/projects/1/subscriptions/0/plan_id', '7', 'a plan of service 1']],
    ['twin projects', { projects: [{ project_id: 7 }, { project_id: 7 }] }, 400, ['/projects/1/project_id', '7', 'a value used only once']],
    ['a clock that stands nowhere', [{ clock: { mode: 'frozen' } }], 400, ['/0/clock/at', 'nothing', 'the instant that a frozen clock shows']],
    ['a cutoff that is none', { settings: { cutoff: 'soon' } }, 400, ['/settings/cutoff', '"soon"', 'a date such as']],
    ['a ttl without a unit', { ttl: '5' }, 400, ['/ttl', '"5"', 'a duration such as']],
    ['an empty name', { name: '' }, 400, ['/name', '""', 'a string of 1 to 200 characters']],
    ['half a surrogate pair', JSON.parse('{"name":"\\ud800"}'), 400, ['/name', '"\\ud800"', 'a string of 1 to 200 characters']],
    ['a ledger that does not add up', [{ ledger: [{ at: '2020-01-01', kind: 'opening', amount: '1', balance: '2' }] }], 400, ['/0/ledger/0/balance', '"2"', 'the balance before this entry plus its amount: "1"']],
    ['a balance that is not the ledger\'s', [{}, { balance: '5', ledger: [{ at: '2020-01-01', kind: 'opening', amount: '1', balance: '1' }] }], 400, ['/1/balance', '"5"', 'the balance of the last ledger entry: "1"']],
    ['a balance without entries', { balance: '5', ledger: [] }, 400, ['/balance', '"5"', 'the balance of the last ledger entry: "0"']],
    ['an entry at no time', { ledger: [{ at: '2020-02-30', kind: 'opening', amount: '0', balance: '0' }] }, 400, ['/ledger/0/at', '"2020-02-30"', 'an ISO 8601 date']],
    ['a name that is taken', { name: 'demo' }, 409, ['/name', '"demo"', 'a name that no account uses yet']],
    ['a token that is taken', [{}, { token: SAMPLE.token }], 409, ['/1/token', '"[redacted]"', 'a token that no account uses yet']],
    ['a name that is taken by a copy', { copy_of: 'demo', name: 'demo' }, 409, ['/name', '"demo"', 'a name that no account uses yet']],
    ['twin names', [{ name: 'a' }, { name: 'a', token: 'x' }], 409, ['/1/name', '"a"', 'a name that no account uses yet']],
    ['twin tokens', [{ token: 'a' }, { token: 'b' }, { token: 'a' }], 409, ['/2/token', '"[redacted]"', 'a token that no account uses yet']]
  ]
  const { url, kept } = await control(t)
  for (const [name, body, status, ...issues] of wrong) {
    t.test(`POST /accounts refuses ${name} and creates none of the accounts`, async t => {
      const before = kept()
      const problem = await refusal(call({ base: url }, 'POST', '/accounts', JSON.stringify(body)))
      t.equal(problem.status, status)
      t.strictSame(problem.errors!.map(({ pointer, found }) => [pointer, found]), issues.map(([pointer, found]) => [pointer, found]))
      t.match(problem.errors!.map(({ expected }) => expected), issues.map(([, , expected]) => expected))
      t.match(problem.advice, /./)
      t.notMatch(JSON.stringify(problem), SAMPLE.token, 'no token is told')
      t.strictSame(kept(), before)
    })
  }

  t.test('POST /accounts advises what to do about a name or token that is taken', async t => {
    const { admin } = await control(t)
    t.match(await refusal(admin.createAccount({ name: 'demo' })), { detail: 'an account with this name already exists', advice: 'omit the name to have one generated, or remove the account with DELETE /__admin/accounts/demo' })
    t.match(await refusal(admin.createAccount({ token: SAMPLE.token })), { detail: 'an account with this token already exists', advice: /^omit the token .* DELETE \/__admin\/accounts\/demo$/ })
    await admin.createAccount({ name: 'a/b', token: '6b4ffcef9c3f3eb8cd193c78d2036bde8cf655ba' })
    t.match(await refusal(admin.createAccount({ name: 'account-2' })), { detail: 'an account with this token already exists', advice: 'choose a token, or remove the account with DELETE /__admin/accounts/a%2Fb' })
  })

  t.test('POST /accounts creates none of the accounts when the database fails midway', async t => {
    const { admin, kept, db } = await control(t)
    corrupt(db, "CREATE TRIGGER full BEFORE INSERT ON account WHEN new.name = 'b' BEGIN SELECT RAISE(FAIL, 'the disk is full'); END")
    const before = kept()
    t.match(await refusal(admin.createAccounts([{ name: 'a' }, { name: 'b' }])), { status: 500, title: 'Internal Server Error', detail: 'the emulator failed; its log says why', advice: 'this is a bug in the emulator; nothing was changed' })
    t.strictSame(kept(), before)
    t.equal((await admin.createAccount({ name: 'c' })).name, 'c', 'and the next one is')
  })
})

t.test('every call for an unknown account is a 404 that suggests a similar name', async t => {
  const { admin, ask, kept } = await control(t)
  await admin.createAccount({ name: 'weather' })
  const before = kept()
  const calls: ReadonlyArray<readonly [method: string, path: string, body?: object]> = [
    ['GET', ''], ['DELETE', ''], ['POST', '/reset'],
    ['GET', '/wallet'], ['POST', '/wallet', { credit: '5' }], ['GET', '/ledger'], ['GET', '/summary'],
    ['PUT', '/projects/1', {}], ['PATCH', '/projects/1', {}], ['DELETE', '/projects/1'],
    ['GET', '/settings'], ['PATCH', '/settings', {}],
    ['GET', '/clock'], ['PUT', '/clock', { mode: 'system' }], ['DELETE', '/clock'], ['POST', '/clock/advance', { by: 'P1D' }],
    ['GET', '/faults'], ['POST', '/faults', { kind: 'hang' }], ['DELETE', '/faults']
  ]
  for (const [method, path, json] of calls) {
    const answered = await ask(`/__admin/accounts/dmeo${path}`, { method, ...json && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(json) } })
    t.equal(answered.headers.get('content-type'), 'application/problem+json', `${method} ${path}`)
    t.strictSame(answered.body, {
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'there is no account "dmeo"; did you mean "demo"?',
      advice: 'GET /__admin/accounts lists the accounts; POST /__admin/accounts creates one'
    }, `${method} ${path}`)
  }
  t.match(await refusal(admin.account('xyz')), { status: 404, detail: 'there is no account "xyz"' }, 'none was meant')
  t.match(await refusal(admin.account('x'.repeat(500))), { status: 404 })
  t.match(await refusal(admin.assumptions('wether')), { status: 404, detail: 'there is no account "wether"; did you mean "weather"?' })
  t.strictSame(kept(), before)
})

/** Three accounts alike, each in the middle of things, and what concerns all of them. */
async function sandboxes (t: Test) {
  const emulator = await control(t)
  const { admin, url } = emulator
  const made = await admin.createAccounts(['a', 'b', 'c'].map(name => ({ ...RICH, name, token: `token of ${name}` })))
  const [a, b, c] = made as [Account, Account, Account]
  for (const account of [a, b, c]) {
    await order(url, account.token)
    await order(url, account.token, { plan_id: 3 })
    await account.wallet.credit('1')
    await account.setProject(7, { project_name: 'new' })
    await account.settings.change({ strict: false })
    await account.clock.advance('P1D')
    await account.fail({ kind: 'api_refusal', status: 403, plan_id: 4, times: 2 })
    await order(url, account.token, { plan_id: 4 })
  }
  await admin.fail({ kind: 'http_error', plan_id: 9 })
  await order(url, 'of nobody')
  const rest = async () => ({
    b: await everythingOf(b),
    c: await everythingOf(c),
    demo: await everythingOf(await admin.account('demo')),
    ofNobody: await admin.requests.list({ rule: 'token-must-be-known' }),
    forAll: (await admin.faults()).filter(({ account }) => account === undefined),
    clock: await admin.clock.get(),
    settings: await admin.settings.get(),
    plans: await admin.plans.list()
  })
  return { ...emulator, a, rest }
}

t.test('removing an account', async t => {
  t.test('DELETE /accounts/:account removes everything of the account and touches nothing else', async t => {
    const { admin, a, rest, url, kept } = await sandboxes(t)
    const before = await rest()
    t.equal(await a.requests.count(), 3)
    await a.remove()
    t.match(await refusal(a.state()), { status: 404 })
    t.strictSame(await rest(), before)
    t.equal(await a.requests.count(), 0)
    t.strictSame((await admin.faults()).map(({ account }) => account).sort(), ['b', 'c', undefined])
    t.match(await order(url, a.token), { status: 401 }, 'its token is unknown')
    t.equal(new Set((kept().ledger_entry as Array<{ account_id: number }>).map(entry => entry.account_id)).size, 3)
    t.strictSame((await admin.accounts()).map(({ name }) => name), ['demo', 'b', 'c'])
    await booksAreInOrder(t, admin)
  })

  t.test('DELETE /accounts/:account frees the name, and a new account of that name has nothing of the old one', async t => {
    const { admin, a, url } = await sandboxes(t)
    await a.remove()
    const again = await admin.createAccount({ name: 'a', projects: [{ project_id: 5786 }], balance: '5' })
    t.not(again.token, a.token)
    t.strictSame([await again.requests.list(), await again.faults()], [[], []])
    t.match(await order(url, again.token), { status: 100, old_billing_plan: '1', new_billing_plan: 2 })
    t.match(await refusal(again.remove().then(() => again.remove())), { status: 404 }, 'once')
    await booksAreInOrder(t, admin)
  })

  t.test('await using removes an account at the end of its block', async t => {
    const { admin } = await control(t)
    {
      await using account = await admin.createAccount({ name: 'brief' })
      t.equal(account.name, 'brief')
    }
    t.match(await refusal(admin.account('brief')), { status: 404 })
  })
})

t.test('resetting an account', async t => {
  t.test('POST /accounts/:account/reset restores the initial state and touches nothing else', async t => {
    const { admin, a, rest, url } = await sandboxes(t)
    const before = await rest()
    const reset = await a.reset()
    t.strictSame(reset, { ...RICH, name: 'a', token: 'token of a' })
    t.strictSame(await a.state(), reset)
    t.match(await a.ledger(), [{ kind: 'opening', amount: '1000.001', at: '2021-03-04T05:06:07.008Z' }])
    t.equal((await a.ledger()).length, 1)
    t.strictSame([await a.requests.list(), await a.faults()], [[], []])
    t.strictSame(await rest(), before)
    t.strictSame((await admin.accounts()).map(({ name }) => name), ['demo', 'a', 'b', 'c'], 'in its old place')
    t.match(await order(url, a.token), { status: 100, amount_debited: 5 })
    t.match(await a.requests.list(), [{ lint: [] }], 'which is no retry of what is forgotten')
    await booksAreInOrder(t, admin)
  })

  t.test('POST /accounts/:account/reset keeps generated tokens and ids, and the remaining ttl', async t => {
    const { admin } = await control(t)
    const account = await admin.createAccount({ projects: [{}], ttl: '1h' })
    const { ttl, ...before } = await account.state()
    await account.wallet.credit('5')
    await account.setProject(2, {})
    await sleep(5)
    const { ttl: left, ...after } = await account.reset()
    t.strictSame(after, before)
    t.ok(parseDuration(left!)! < parseDuration(ttl!)!, 'which goes on')
  })

  t.test('POST /accounts/:account/reset starts a billing cycle without a date at the current time of the world', async t => {
    const { admin } = await control(t)
    const account = await admin.createAccount({ projects: [{ subscriptions: [{ service: 1, plan_id: 2 }] }] })
    const next = async () => (await account.state()).projects![0]!.subscriptions![0]!.next_billing_date
    t.equal(await next(), '2020-07-16T23:59:59Z')
    await admin.clock.freeze('2020-08-01')
    t.equal(await next(), '2020-07-16T23:59:59Z')
    await account.reset()
    t.equal(await next(), '2020-09-01T23:59:59Z')
  })

  t.test('POST /accounts/:account/reset restores an account of the default world', async t => {
    const { admin, change } = await control(t)
    const demo = await admin.account('demo')
    const before = await everythingOf(demo)
    await change(SAMPLE)
    t.notSame(await everythingOf(demo), before)
    await demo.reset()
    t.strictSame(await everythingOf(demo), before)
    await booksAreInOrder(t, admin)
  })

  t.test('POST /accounts/:account/reset is refused when a plan of the initial state is gone, and changes nothing', async t => {
    const { admin, kept } = await control(t)
    const account = await admin.createAccount({ projects: [{ subscriptions: [{ service: 1, plan_id: 2 }] }] })
    await account.setProject(1, {})
    await admin.plans.change([{ plan_id: 2, service: 2 }])
    const before = kept()
    t.match(await refusal(account.reset()), { status: 400, detail: /^the initial state of the account is wrong at \/projects\/0/, errors: [{ pointer: '/projects/0/subscriptions/0/plan_id', found: '2', expected: 'a plan of service 1: 1, 3, 4, 5, 6' }] })
    t.strictSame(kept(), before)
  })

  t.test('POST /accounts/:account/reset comes after earlier requests, even of the same instant', async t => {
    const { admin, url } = await control(t)
    const account = await admin.createAccount({ name: 'mine', token: 'mine', balance: '100', projects: [{ project_id: 5786 }] })
    const before = await everythingOf(account)
    const body = JSON.stringify({ ...SAMPLE, token: 'mine' })
    const { host } = new URL(url)
    const received = await raw(url, `POST ${CHANGE_BILLING} HTTP/1.1\r\nhost: ${host}\r\ncontent-length: ${body.length}\r\n\r\n${body}POST /__admin/accounts/mine/reset HTTP/1.1\r\nhost: ${host}\r\n\r\n`)
    t.match(received, '"status":100')
    t.match(received, '"name":"mine"')
    t.strictSame(await everythingOf(account), before)
    await booksAreInOrder(t, admin)
  })

  t.test('resetting and removing an account in the same instant leaves no trace and no error', async t => {
    const { admin } = await control(t)
    for (let times = 0; times < 5; times++) {
      const account = await admin.createAccount({ name: 'mine' })
      const [reset] = await Promise.allSettled([account.reset(), account.remove()])
      if (reset.status === 'rejected') t.match(reset.reason, { problem: { status: 404 } })
      t.match(await refusal(admin.account('mine')), { status: 404 })
    }
  })
})

/** Asks until the answer is right, for at most ten seconds. */
const untilGone = (admin: RemoteEmulator, name: string) => until(async () => (await admin.accounts()).every(account => account.name !== name))

t.test('an account with a ttl', async t => {
  t.test('an account disappears when its ttl is over, with its faults and requests and nothing else', async t => {
    const { admin, url } = await control(t)
    const stays = await admin.createAccount({ ...RICH, name: 'stays', token: 'stays' })
    await stays.fail({ kind: 'api_refusal' })
    await order(url, 'stays')
    const use = async (ttl: number): Promise<Account> => {
      const goes = await admin.createAccount({ ...RICH, name: 'goes', token: 'goes', ttl: `${ttl}ms` })
      t.match((await goes.state()).ttl, /^\d+ms$/)
      await goes.fail({ kind: 'http_error' })
      await fetch(url + CHANGE_BILLING, { method: 'POST', body: JSON.stringify({ ...SAMPLE, token: 'goes' }) })
      if (await goes.requests.count() !== 1) throw new Error('it has gone')
      return goes
    }
    // Where the machine is so slow that it has gone meanwhile, a longer time will do.
    const goes = await use(250).catch(async () => {
      await untilGone(admin, 'goes')
      return await use(10_000)
    })
    const before = await everythingOf(stays)

    await untilGone(admin, 'goes')
    t.match(await order(url, 'goes'), { status: 401 })
    t.strictSame((await admin.faults()).map(({ account }) => account), ['stays'])
    t.equal(await goes.requests.count(), 0)
    t.strictSame(await everythingOf(stays), before)
    await booksAreInOrder(t, admin)
  })

  t.test('accounts disappear in the order of their ttls, however long, not of their creation', async t => {
    const { admin } = await control(t)
    const warnings: Error[] = []
    const onWarning = (warning: Error): void => { warnings.push(warning) }
    process.on('warning', onWarning)
    t.teardown(() => process.off('warning', onWarning))
    await admin.createAccounts([{ name: 'for ages', ttl: '999999999h' }, { name: 'at once', ttl: '0ms' }, { name: 'later', ttl: '1h' }])
    await admin.createAccount({ name: 'soon', ttl: '30ms' })
    await untilGone(admin, 'soon')
    t.strictSame((await admin.accounts()).map(({ name }) => name), ['demo', 'for ages', 'later'])
    await (await admin.account('later')).remove()
    await admin.createAccount({ ttl: '9999h' })
    t.strictSame(warnings, [], 'nor is any time too long for a timer')
  })

  t.test('the remaining ttl is shown in a form that can be loaded, however long it is', async t => {
    const { admin } = await control(t)
    const given = { a: '999999999ms', b: '999999999s', c: '999999999m', d: '999999999h', e: '1000000s' }
    await admin.createAccounts(Object.entries(given).map(([name, ttl]) => ({ name, ttl })))
    const ttls = async () => Object.fromEntries((await admin.state()).accounts!.map(({ name, ttl }) => [name, ttl]))
    const told = await ttls()
    t.match(told, { demo: undefined, a: /^99999\d{4}ms$/, b: /^99999999\ds$/, c: /^99999999\dm$/, d: /^99999999\dh$/, e: /^1000000s$|^99999\d{4}ms$/ })
    await admin.load(await admin.state())
    t.strictSame(Object.keys(await ttls()), Object.keys(told))
    t.match(await ttls(), { d: /^99999999\dh$/ })
  })

  t.test('an expired account that can\'t be removed is retried', async t => {
    const { admin, db } = await control(t)
    corrupt(db, "CREATE TRIGGER locked BEFORE DELETE ON account BEGIN SELECT RAISE(FAIL, 'locked'); END")
    await admin.createAccount({ name: 'sticky', ttl: '1ms' })
    await sleep(50)
    t.equal((await admin.account('sticky')).name, 'sticky', 'and nothing else fails')
    corrupt(db, 'DROP TRIGGER locked')
    await untilGone(admin, 'sticky')
  })
})

/** How many accounts come at once. */
const CROWD = effort(20, 100)

t.test(`${CROWD} accounts with the same project never see each other`, async t => {
  const { admin, url } = await control(t)
  const demo = await admin.account('demo')
  const before = await everythingOf(demo)
  const LETTERS = ['small', 'medium', 'large', 'unlimited']
  const results = await Promise.all(Array.from({ length: CROWD }, async (_, number) => {
    const plan = 2 + number % 4
    const account = await admin.createAccount({
      balance: String(100 + number),
      projects: [{ project_id: 5786, project_name: LETTERS[number % 4]! }],
      clock: { mode: 'frozen', at: `2020-0${1 + number % 9}-10T00:00:00Z` },
      settings: { assumptions: { 'auto-renew': 'off' } }
    })
    if (number % 10 === 0) await account.fail({ kind: 'api_refusal', status: 403, times: 1 })
    const answers = [await order(url, account.token, { plan_id: plan }), await order(url, account.token, { plan_id: 6 })] as Array<{ status: number, old_billing_plan?: string, next_billing_date?: string }>
    if (number % 7 === 0) await account.clock.jump('disabled')
    answers.push(await order(url, account.token, { plan_id: 1 }) as { status: number })
    return { number, plan, account, answers, is: await everythingOf(account) }
  }))
  t.equal(new Set(results.map(({ account }) => account.name)).size, CROWD)
  t.equal(new Set(results.map(({ account }) => account.token)).size, CROWD)
  const wrong = results.filter(({ number, plan, account, answers, is }) => {
    const isStruck = number % 10 === 0
    const isDisabled = number % 7 === 0
    const price = [5, 10, 15, 25][plan - 2]!
    const granted = isStruck ? [] : [price]
    // The year's plan costs 250 USD, which nobody has.
    const statuses = [isStruck ? 403 : 100, 403, isDisabled ? 101 : isStruck ? 410 : 100]
    const month = String(2 + number % 9).padStart(2, '0')
    return JSON.stringify(answers.map(({ status }) => status)) !== JSON.stringify(statuses) ||
      (!isStruck && answers[0]!.next_billing_date !== `2020-${month}-10T23:59:59+00:00`) ||
      is.balance !== String(100 + number - granted.reduce((sum, amount) => sum + amount, 0)) ||
      is.ledger.length !== 1 + granted.length ||
      is.requests.length !== 3 || is.requests.some(request => request.account !== account.name) ||
      is.faults.length !== (isStruck ? 1 : 0)
  })
  t.strictSame(wrong, [])
  t.strictSame(await everythingOf(demo), before, 'nor does the one that was there before')
  t.equal(await admin.requests.count(), 3 * CROWD)
  await booksAreInOrder(t, admin)
})

t.test('wallets', async t => {
  t.test('POST /accounts/:account/wallet books a credit or an adjustment at the time of the account', async t => {
    const { admin } = await control(t)
    const account = await admin.createAccount({ balance: '10', clock: { mode: 'frozen', at: '2021-01-01' } })
    t.equal(await account.wallet.credit('2.505'), '12.505')
    await account.clock.advance('P1D')
    t.equal(await account.wallet.set('4.99'), '4.99')
    t.equal(await account.wallet.set('4.99'), '4.99')
    t.equal(await account.wallet.credit('0'), '4.99')
    t.equal(await account.wallet.set('5'), '5')
    t.equal(await account.wallet.balance(), '5')
    const none = { project_id: null, plan_id: null, request_id: null }
    t.strictSame(await account.ledger(), [
      { at: '2021-01-01T00:00:00Z', kind: 'opening', amount: '10', balance: '10', ...none },
      { at: '2021-01-01T00:00:00Z', kind: 'credit', amount: '2.505', balance: '12.505', ...none },
      { at: '2021-01-02T00:00:00Z', kind: 'adjustment', amount: '-7.515', balance: '4.99', ...none },
      { at: '2021-01-02T00:00:00Z', kind: 'adjustment', amount: '0', balance: '4.99', ...none },
      { at: '2021-01-02T00:00:00Z', kind: 'credit', amount: '0', balance: '4.99', ...none },
      { at: '2021-01-02T00:00:00Z', kind: 'adjustment', amount: '0.01', balance: '5', ...none }
    ])
    await booksAreInOrder(t, admin)
  })

  t.test('POST /accounts/:account/wallet answers with the balance and the ledger entry', async t => {
    const { ask } = await control(t)
    const { http, body } = await ask('/__admin/accounts/demo/wallet', { method: 'POST', headers: { 'content-type': 'application/json; charset=utf-8' }, body: '{"credit":"0.001"}' })
    t.equal(http, 200)
    t.strictSame(body, { balance: '100.001', entry: { at: '2020-06-16T12:00:00Z', kind: 'credit', amount: '0.001', balance: '100.001', project_id: null, plan_id: null, request_id: null } })
  })

  t.test('POST /accounts/:account/wallet refuses more than 999999999999.999 USD', async t => {
    const { admin, kept } = await control(t)
    const account = await admin.createAccount()
    t.equal(await account.wallet.set('999999999999.998'), '999999999999.998')
    t.equal(await account.wallet.credit('0.001'), '999999999999.999')
    const before = kept()
    for (const amount of ['0.001', '999999999999.999']) {
      t.match(await refusal(account.wallet.credit(amount)), {
        status: 409,
        detail: 'a wallet holds at most 999999999999.999 USD',
        errors: [{ pointer: '/credit', expected: 'a balance of at most 999999999999.999' }],
        advice: 'credit less, or set the balance'
      })
    }
    t.strictSame(kept(), before)
    await booksAreInOrder(t, admin)
  })

  const wrong: ReadonlyArray<readonly [name: string, body: unknown, pointer: string]> = [
    ['nothing', {}, ''], ['no object', [], ''], ['null', null, ''], ['no body', undefined, ''],
    ['both', { credit: '1', set: '1' }, ''],
    ['a number', { credit: 5 }, '/credit'], ['a null', { set: null }, '/set'],
    ['less than nothing', { credit: '-1' }, '/credit'], ['a debt', { set: '-0.001' }, '/set'],
    ['a fourth decimal', { credit: '0.0001' }, '/credit'], ['too much', { set: '1000000000000' }, '/set'],
    ['another key', { debit: '5' }, '/debit']
  ]
  const { ask, kept } = await control(t)
  for (const [name, body, pointer] of wrong) {
    t.test(`POST /accounts/:account/wallet refuses ${name} and leaves the balance as it is`, async t => {
      const before = kept()
      const answered = await ask('/__admin/accounts/demo/wallet', { method: 'POST', headers: { 'content-type': 'application/json' }, ...body !== undefined && { body: JSON.stringify(body) } })
      t.equal(answered.http, 400)
      t.match(answered.body, { detail: /^the body is wrong( at |: )/, errors: [{ pointer }] })
      t.strictSame(kept(), before)
    })
  }
})

t.test('a ledger entry has all its keys, and null where one does not apply', async t => {
  const { admin, url } = await control(t)
  const account = await admin.createAccount({ balance: '100', projects: [{ project_id: 5786 }] })
  await order(url, account.token)
  await account.wallet.credit('1')
  await account.wallet.set('1')
  const [request] = await account.requests.list()
  t.strictSame((await account.ledger()).map(entry => Object.keys(entry)), Array.from({ length: 4 }, () => ['at', 'kind', 'amount', 'balance', 'project_id', 'plan_id', 'request_id']))
  t.strictSame((await account.ledger())[1], { at: '2020-06-16T12:00:00Z', kind: 'plan-change', amount: '-5', balance: '95', project_id: 5786, plan_id: 2, request_id: request!.id })
  for (const index of [0, 2, 3]) t.match((await account.ledger())[index], { project_id: null, plan_id: null, request_id: null })
  await booksAreInOrder(t, admin)
})

t.test('auditing corrupted books', async t => {
  const OF_ONE = 'account_id = (SELECT account_id FROM account WHERE name = \'one\')'
  const DEBIT = `${OF_ONE} AND kind = 'plan-change'`
  const cases: ReadonlyArray<readonly [name: string, sql: string, invariants: readonly string[]]> = [
    ['a wallet that holds more', `UPDATE account SET balance_mills = 95001 WHERE ${OF_ONE}`, ['balance-is-sum-of-entries']],
    ['a wallet that holds less', `UPDATE account SET balance_mills = 94999 WHERE ${OF_ONE}`, ['balance-is-sum-of-entries']],
    ['a wallet in debt', `UPDATE account SET balance_mills = -1 WHERE ${OF_ONE}`, ['balance-is-sum-of-entries', 'balance-is-not-negative']],
    ['a debit without its project', `UPDATE ledger_entry SET project_id = NULL WHERE ${DEBIT}`, ['debit-has-plan-change']],
    ['a debit without its plan', `UPDATE ledger_entry SET plan_id = NULL WHERE ${DEBIT}`, ['debit-has-plan-change']],
    ['a change of plan that gave money', `UPDATE ledger_entry SET amount_mills = 5000 WHERE ${DEBIT}`, ['entries-add-up', 'debit-has-plan-change', 'balance-is-sum-of-entries']],
    ['an entry of another amount', `UPDATE ledger_entry SET amount_mills = -4999 WHERE ${DEBIT}`, ['entries-add-up', 'balance-is-sum-of-entries']],
    ['an entry of another balance', `UPDATE ledger_entry SET balance_mills = 95001 WHERE ${DEBIT}`, ['entries-add-up']],
    ['an entry that leaves a debt', `UPDATE ledger_entry SET balance_mills = -5 WHERE ${DEBIT}`, ['entries-add-up', 'balance-is-not-negative']],
    ['an entry that is missing', `DELETE FROM ledger_entry WHERE ${DEBIT}`, ['balance-is-sum-of-entries']],
    ['an entry that is there twice', `INSERT INTO ledger_entry SELECT NULL, account_id, at, kind, amount_mills, balance_mills, project_id, plan_id, request_id FROM ledger_entry WHERE ${DEBIT}`, ['entries-add-up', 'balance-is-sum-of-entries']]
  ]
  const { admin, url, db } = await control(t)
  for (const [name, sql, invariants] of cases) {
    t.test(`GET /audit finds ${name}`, async t => {
      await admin.reset()
      const [one] = await admin.createAccounts([{ name: 'one', balance: '100', projects: [{ project_id: 5786 }] }, { name: 'two', balance: '1' }])
      await order(url, one!.token)
      t.strictSame(await admin.audit(), { ok: true, accounts: 3, violations: [], unmet: [] })
      corrupt(db, sql)
      const { ok, accounts, violations } = await admin.audit()
      t.strictSame({ ok, accounts, found: violations.map(({ account, invariant }) => [account, invariant]) },
        { ok: false, accounts: 3, found: invariants.map(invariant => ['one', invariant]) })
      t.ok(violations.every(({ says }) => /USD|names no project/.test(says)))
    })
  }
  await admin.reset()
})
