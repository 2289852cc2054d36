import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Scenario } from '../../src/index.js'
import { CHANGE_BILLING, CLI, offered, run, SAMPLE, SAMPLE_ANSWER, startBuilt, type Running } from '../support/built.js'
import { effort, share } from '../support/effort.js'
import { WHOLE } from '../support/project.js'
import { Database } from '../support/sqlite.js'

const PLAN_2 = 5000

t.test('the printed line gets the documented answer, byte for byte', async t => {
  const emulator = await startBuilt(t)
  t.match(emulator.text.stdout, /^ {2}listening {2}http:\/\/127\.0\.0\.1:\d+\b/m)
  t.match(emulator.text.stdout, /^ {2}clock {6}2020-06-16T12:00:0\S*Z .*: the API is enabled$/m)
  const { line, answer } = offered(emulator)
  t.equal(answer, SAMPLE_ANSWER)
  t.strictSame(await run('sh', ['-c', line]), { code: 0, stdout: SAMPLE_ANSWER, stderr: '' })
})

t.test('the printed line also works in another world, whatever stands in it', async t => {
  const tokens = ['it\'s "double" back\\slash $HOME `id` !! 100% ünï→', ...effort([], ['-d', '@/etc/passwd'])]
  const worlds: Array<[string, Scenario]> = [
    ...tokens.map((token): [string, Scenario] => [token, { accounts: [{ token, balance: '5', projects: [{ project_id: 7 }] }] }]),
    ['only the last project may', {
      clock: { mode: 'frozen', at: '2022-12-31' },
      settings: { wire: { types: 'table' } },
      accounts: [
        { name: 'poor', balance: '0', projects: [{ project_id: 1, subscriptions: [{ service: 1, plan_id: 1 }] }] },
        { balance: '29', projects: [{ project_id: 1, project_status: 'Expired' }, { project_id: 2 }] }
      ]
    }]
  ]
  const folder = t.testdir(Object.fromEntries(worlds.map(([, world], index) => [`${index}.json`, JSON.stringify(world)])))
  await Promise.all(worlds.map(async ([name], index) => {
    const emulator = await startBuilt(t, '--scenario', join(folder, `${index}.json`))
    const { line, answer } = offered(emulator)
    t.match(JSON.parse(answer), { status: 100 }, name)
    t.strictSame(await run('sh', ['-c', line]), { code: 0, stdout: answer, stderr: '' }, name)
  }))
})

t.test('the log is JSON, a line for each request, and holds no token', async t => {
  const { url, text, end } = await startBuilt(t)
  const token = SAMPLE.token
  const requests: Array<[string, RequestInit]> = [
    [CHANGE_BILLING, { body: JSON.stringify(SAMPLE) }],
    [CHANGE_BILLING, { body: JSON.stringify(SAMPLE) }],
    [CHANGE_BILLING, { body: `{"token":"${token}",` }],
    [CHANGE_BILLING, { body: JSON.stringify({ ...SAMPLE, token: [token] }) }],
    [CHANGE_BILLING, { body: JSON.stringify({ ...SAMPLE, project_id: token }) }],
    [`${CHANGE_BILLING}?token=${token}`, { body: '{}' }],
    [`/nowhere?token=${token}`, { body: '{}' }],
    [CHANGE_BILLING, { headers: { authorization: `Bearer ${token}`, 'content-type': token }, body: '{}' }]
  ]
  for (const [path, init] of requests) await (await fetch(url + path, { method: 'POST', ...init })).text()
  t.equal(await end('SIGTERM'), 0)

  const lines = text.stderr.trimEnd().split('\n').map(line => JSON.parse(line))
  t.strictSame(lines.map(({ status }) => status), [100, 410, 410, 401, 410, 401, 410, 401])
  t.strictSame(lines.map(({ request }) => request), requests.map((_, index) => `1-${index + 1}`))
  t.notMatch(text.stderr, token)
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`${signal} ends it at once, whatever connections are open`, async t => {
    const { url, text, end } = await startBuilt(t, '--log-level', 'silent')
    const { port, hostname } = new URL(url)
    const half = `POST ${CHANGE_BILLING} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"token":`
    for (const bytes of ['', 'GET / HTTP/1.1\r\nhost: x\r\n\r\n', 'POST / HT', half]) {
      const socket = connect(Number(port), hostname).on('error', () => {})
      socket.resume()
      t.teardown(() => socket.destroy())
      await once(socket, 'connect')
      socket.write(bytes)
    }
    t.equal(await changeBilling(url, SAMPLE), SAMPLE_ANSWER)
    // No limit would have ended these connections by then.
    const code = await Promise.race([end(signal), sleep(20_000, 'still running', { ref: false })])
    t.equal(code, 0)
    t.equal(text.stderr, '')
  })
}

t.test('a file is kept, tidied up and resumed', async t => {
  const folder = t.testdir()
  const db = join(folder, 'new/world.db')
  const first = await startBuilt(t, '--db', db)
  t.equal(await changeBilling(first.url, SAMPLE), SAMPLE_ANSWER)
  t.equal(await first.end('SIGTERM'), 0)
  t.strictSame(readdirSync(join(folder, 'new')), ['world.db'], 'with no journal beside it')

  const second = await startBuilt(t, '--db', db)
  t.match(second.text.stdout, `resumed from ${db}`)
  t.match(JSON.parse(await changeBilling(second.url, SAMPLE)), { status: 410, message: /already on plan_id 2/ })
  t.equal(await second.end('SIGINT'), 0)
  t.strictSame(audit(db), { accounts: 1, bought: 1 })
})

t.test('a file survives kill -9 with all that was answered', async t => {
  const folder = t.testdir({ 'world.json': JSON.stringify(worldOf({ accounts: 40, projects: 5, balance: '25' })) })
  const db = join(folder, 'world.db')
  const emulator = await startBuilt(t, '--db', db, '--scenario', join(folder, 'world.json'))
  const [post, granted] = [client(emulator.url), [] as string[]]
  const load = Promise.allSettled(ordersOf({ accounts: 40, projects: 5 }).map(async order => {
    if (JSON.parse(await post(order)).status !== 100) throw new Error('refused')
    granted.push(`${order.token} ${order.project_id}`)
    if (granted.length === 50) process.kill(emulator.pid, 'SIGKILL')
  }))
  t.equal(await emulator.end('SIGCONT'), null, 'ended by the signal')
  await load
  t.ok(granted.length >= 50 && granted.length < 200, `in the middle of it (${granted.length} answers)`)

  const again = await startBuilt(t, '--db', db)
  const kept = new Set(rows(db, "SELECT token || ' ' || project_id AS id FROM subscription JOIN account USING (account_id) WHERE plan_id = 2").map(({ id }) => id))
  t.strictSame(granted.filter(order => !kept.has(order)), [], 'nothing that was answered is lost')
  const missing = ordersOf({ accounts: 40, projects: 5 }).find(order => !kept.has(`${order.token} ${order.project_id}`))!
  t.match(JSON.parse(await changeBilling(again.url, missing)), { status: 100 }, 'and the rest can still be bought')
  t.equal(await again.end('SIGTERM'), 0)
  t.strictSame(audit(db), { accounts: 40, bought: kept.size + 1 })
})

t.test('what the user got wrong is one line and exit code 2', async t => {
  const { url } = await startBuilt(t)
  const file = join(t.testdir({ 'world.json': '{\n  "accounts": [{ "balance": "5 USD" }]\n}\n' }), 'world.json')
  const cases: Array<[string[], string]> = [
    [['--prot', '1'], 'unknown option --prot (did you mean --port?); --help lists all options'],
    [['--clock', 'noon'], '--clock is wrong: found "noon", expected system, an instant from 1970 to 9998 to run from such as 2023-01-31T23:59:59Z, or frozen:INSTANT'],
    [['--scenario', file], `${file}:2:29: the scenario is wrong at /accounts/0/balance: found "5 USD", expected an amount in USD as a string of at most 12 digits and 3 decimals, such as "4.99"`],
    [['--db', file], `the database ${file} can't be used: it is not a SQLite database`],
    [['--host', '127.0.0.1', '--port', new URL(url).port], `can't listen on port ${new URL(url).port} of 127.0.0.1: another program is listening there; choose another --port, or 0 for a free one`]
  ]
  // test/cli tells the same in process, and more.
  await Promise.all(share(cases, 0, 4).map(async ([args, message]) => {
    t.strictSame(await run(process.execPath, [CLI, ...args]), { code: 2, stdout: '', stderr: `picky-emulator: ${message}\n` }, args.join(' '))
  }))
})

t.test('a temporary folder that is missing is left missing, and one that nothing can be made in stops nothing', async t => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  const missing = join(t.testdir({}), 'missing')
  for (const folder of [missing, '/proc', '/proc/self/missing', '/dev/null']) {
    t.strictSame(await run('env', [`TMPDIR=${folder}`, process.execPath, CLI, '--version']), { code: 0, stdout: `${version}\n`, stderr: '' }, folder)
  }
  t.notOk(existsSync(missing))
})

t.test('--clock system shows what the real API does today', async t => {
  const emulator = await startBuilt(t, '--clock', 'system')
  t.match(emulator.text.stdout, /^ {2}clock .* \(the machine's time\): the API is disabled$/m)
  const { line, answer } = offered(emulator)
  const { stdout } = await run('sh', ['-c', line])
  t.match(JSON.parse(stdout), { status: 101, message: /^Service Unavailable: / })
  t.match(JSON.parse(answer), { status: 101 })
})

t.test('health and check', async t => {
  const { url } = await startBuilt(t)
  t.match(await run(process.execPath, [CLI, 'health', '--port', new URL(url).port]), { code: 0, stdout: /: ready, version / })
  t.match(await run(process.execPath, [CLI, 'health', '--port', '1']), { code: 1, stdout: /: not reachable / })
  t.match(await run(process.execPath, [CLI, 'check', 'default']), { code: 0, stdout: /valid scenario/ })
})

t.test('money for one upgrade buys one upgrade', async t => {
  const [accounts, projects] = [40, 8]
  const folder = t.testdir({ 'world.json': JSON.stringify(worldOf({ accounts, projects, balance: '5' })) })
  const statusesOf = (answers: string[]): number[] => answers.map(answer => JSON.parse(answer).status).sort((a, b) => a - b)
  const start = (db: string): Promise<Running> => startBuilt(t, '--db', join(folder, db), '--scenario', join(folder, 'world.json'))
  const setUps: Array<[string, string, () => Promise<Running[]>, number]> = [
    ['from two processes on one file, which start on it at the same moment', 'two.db', () => Promise.all([start('two.db'), start('two.db')]), 1],
    ['from two connections to one process', 'one.db', async () => [await start('one.db')], 2]
  ]
  for (const [name, db, setUp, connections] of setUps) {
    t.test(name, async t => {
      const emulators = await setUp()
      const posts = emulators.flatMap(({ url }) => Array.from({ length: connections }, () => client(url)))
      const orders = ordersOf({ accounts, projects })
      const expected = [100, ...Array.from({ length: projects - 1 }, () => 403)]
      for (let account = 0; account < accounts; account++) {
        const ordered = orders.slice(account * projects, (account + 1) * projects)
        // Which of them wins is chance, so each wins one without a race first: whatever it books, the others know.
        const alone = posts[account]
        const first = alone === undefined ? [] : [await alone(ordered.shift()!)]
        const others = await Promise.all(ordered.map((order, index) => posts[(account + 1 + index) % posts.length]!(order)))
        t.strictSame(statusesOf([...first, ...others]), expected)
        if (first.length > 0) t.strictSame(statusesOf(first), [100])
      }
      t.equal(rows(join(folder, db), "SELECT DISTINCT substr(request_id, 1, 2) FROM ledger_entry WHERE kind = 'plan-change'").length, emulators.length, 'each process has booked')
      for (const { end } of emulators) t.equal(await end('SIGTERM'), 0)
      t.strictSame(audit(join(folder, db)), { accounts, bought: accounts })
    })
  }
})

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0
t.test('a full disk fails requests, changes nothing, and is got over', hasPrlimit ? {} : { skip: 'there is no prlimit(1) of util-linux here, to fill a disk by' }, async t => {
  const db = join(t.testdir(), 'world.db')
  const { url, pid, text, end } = await startBuilt(t, '--db', db)
  const limit = (bytes: string): Promise<unknown> => run('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`])

  await limit('1')
  const { status, body } = await post(url, JSON.stringify(SAMPLE))
  t.equal(status, 500)
  t.match(JSON.parse(body), { status: 101, message: /^Service Unavailable: / })
  t.strictSame(rows(db, 'SELECT balance_mills FROM account'), [{ balance_mills: 100_000 }])

  await limit('unlimited')
  t.equal(await changeBilling(url, SAMPLE), SAMPLE_ANSWER)
  t.equal(await end('SIGTERM'), 0)
  t.strictSame(audit(db), { accounts: 1, bought: 1 })
  t.match(JSON.parse(text.stderr.split('\n').find(line => line.includes('"failed"'))!), { level: 50, err: { code: /^SQLITE_/ } }, 'the log says why')
})

t.test('check says what is wrong with projects and their tokens, and tells no token', async t => {
  const folder = t.testdir({
    'right.json': JSON.stringify({ accounts: [{ token: 'x', projects: [WHOLE, { api_tokens: [{}] }] }] }),
    'twins.json': `{ "accounts": [
  { "token": "hidden", "projects": [
    { "api_tokens": [{ "token": "hidden" }, { "ip": "::1" }] }
  ] } ] }`,
    'wrong.json': `{ "accounts": [ { "projects": [
  { "country": "UK", "time_zone": "+05:30",
    "api_tokens": [{ "ip": "localhost" }, "hidden"],
    "licence_key": "x" }
] } ] }`
  })
  const check = (file: string) => run(process.execPath, [CLI, 'check', file], { cwd: folder })
  t.strictSame(await check('right.json'), { code: 0, stdout: 'right.json: valid scenario with 1 account and 2 projects\n', stderr: '' })
  t.match(await check('edge-cases'), { code: 0, stdout: /valid scenario/ })
  const twins = await check('twins.json')
  t.strictSame(twins, { code: 2, stdout: '', stderr: 'twins.json:3:33: /accounts/0/projects/0/api_tokens/0/token: found "[redacted]", expected a value used only once\n' })
  const wrong = await check('wrong.json')
  t.equal(wrong.code, 2)
  t.strictSame(wrong.stderr.trimEnd().split('\n').map(line => line.replace(/, expected .*/, '')).sort(), [
    'wrong.json:2:16: /accounts/0/projects/0/country: found "UK"',
    'wrong.json:2:35: /accounts/0/projects/0/time_zone: found "+05:30"',
    'wrong.json:3:28: /accounts/0/projects/0/api_tokens/0/ip: found "localhost"',
    'wrong.json:3:43: /accounts/0/projects/0/api_tokens/1: found "[redacted]"',
    'wrong.json:4:20: /accounts/0/projects/0/licence_key: found an unknown key'
  ])
})

/** Accounts `0`, `1`, … each with projects 1, 2, … */
function worldOf ({ accounts, projects, balance }: { accounts: number, projects: number, balance: string }): Scenario {
  return {
    accounts: Array.from({ length: accounts }, (_, account) => ({
      token: `${account}`,
      balance,
      projects: Array.from({ length: projects }, (_, index) => ({ project_id: index + 1 }))
    }))
  }
}

/** Plan 2 for each project of such a world. */
function ordersOf ({ accounts, projects }: { accounts: number, projects: number }): Array<typeof SAMPLE> {
  return Array.from({ length: accounts * projects }, (_, index) =>
    ({ ...SAMPLE, token: `${Math.floor(index / projects)}`, project_id: index % projects + 1 }))
}

/** Checks that a database is sound and nothing in it is half done, and counts. */
function audit (file: string): object {
  t.strictSame(rows(file, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }])
  t.strictSame(rows(file, 'PRAGMA foreign_key_check'), [])
  t.strictSame(rows(file, `
    SELECT account_id, account.balance_mills AS balance, sum(amount_mills) AS entries FROM account JOIN ledger_entry USING (account_id)
    GROUP BY account_id HAVING balance <> entries`), [], 'a balance is the sum of its entries')
  t.strictSame(rows(file, `
    SELECT account_id, project_id FROM ledger_entry WHERE kind = 'plan-change' AND amount_mills = ${-PLAN_2}
    EXCEPT SELECT account_id, project_id FROM subscription WHERE plan_id = 2`), [], 'what was paid for was got')
  t.strictSame(rows(file, `
    SELECT account_id, project_id FROM subscription WHERE plan_id = 2
    EXCEPT SELECT account_id, project_id FROM ledger_entry WHERE kind = 'plan-change' AND amount_mills = ${-PLAN_2}`), [], 'and what was got was paid for')
  const [counts] = rows(file, "SELECT (SELECT count(*) FROM account) AS accounts, (SELECT count(*) FROM ledger_entry WHERE kind = 'plan-change') AS bought")
  return counts!
}

function rows (file: string, sql: string): Array<Record<string, unknown>> {
  const db = new Database(file)
  try {
    return db.prepare<[], Record<string, unknown>>(sql).all()
  } finally {
    db.close()
  }
}

async function post (url: string, body: string): Promise<{ status: number, body: string }> {
  const response = await fetch(url + CHANGE_BILLING, { method: 'POST', body })
  return { status: response.status, body: await response.text() }
}

async function changeBilling (url: string, order: object): Promise<string> {
  return (await post(url, JSON.stringify(order))).body
}

/** A client with one connection, which it keeps: what it is given at once, it sends one by one. */
function client (url: string): (order: object) => Promise<string> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return async order => {
    const asked = request(url + CHANGE_BILLING, { method: 'POST', agent })
    asked.end(JSON.stringify(order))
    const [response] = await once(asked, 'response')
    return await text(response)
  }
}
