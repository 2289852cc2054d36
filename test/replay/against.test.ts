import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { connect, startEmulator, type StartOptions } from '../../src/index.js'
import { replayAgainst } from '../../src/replay/against.js'
import { idsInReplay } from '../../src/replay/ids.js'
import { LATE, within } from '../../src/replay/within.js'
import { overtaken } from '../support/overtaken.js'
import { buyPlans, PM, post, savedCase } from '../support/saved-case.js'
import { told } from '../support/told.js'

const LIMITS = { adminToken: null, tokens: new Map<string, string>(), tokenSetting: '--token', timeoutMs: 60_000 }

const EQUAL = { equal: true, skipped: 0, differences: [] }

async function serverFor (t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function emulator (t: Test, options: StartOptions = {}) {
  const started = await startEmulator(options)
  t.teardown(() => started.stop())
  return started
}

t.test('against another emulator, a case comes out the same, and an undo brings back what was there', async t => {
  const saved = await savedCase(buyPlans)
  const other = await emulator(t, { adminToken: 'let-me-in' })
  const before = await other.state()
  const file = join(t.testdir({}), 'case.json')
  writeFileSync(file, JSON.stringify(saved))
  const { code, stdout, stderr } = await told(t, ['replay', file, '--against', `${other.url}/`, '--admin-token', 'let-me-in'])
  t.strictSame([code, stderr], [0, ''], stdout)
  const [, id = ''] = /^.*: equal: 4 requests .*\n {2}http:\S+ has the world of the case now; POST \/__admin\/undo \{"id":"(.*)"\} brings back what it had before\n$/.exec(stdout)!
  t.match((await other.state()).accounts, [{ name: 'demo-1', token: 'token-of-demo-1' }])
  await other.undo(id)
  t.same((await other.state()).accounts, before.accounts)
  const { code: refused, stderr: says } = await told(t, ['replay', file, '--against', other.url])
  t.equal(refused, 2)
  t.match(says, /^picky-emulator: http:\S+ refused GET \/__admin\/state\?requests=true: .+\n$/)
})

t.test('the faults of a loaded world are known by the ids that they get there', async t => {
  const saved = await savedCase(async (_account, { url, load }) => {
    const faults = [{ kind: 'http_error' }, { kind: 'connection_reset' }] as const
    await load({ accounts: [{ name: 'own', token: 'of own', balance: '20', projects: [{ project_id: 1 }] }], faults })
    for (const fault of [1, 2]) await fetch(`${url}/__admin/faults/fault-${fault}`, { method: 'DELETE' })
    await post(url, 'change-billing', { token: 'of own', project_id: 1, service: 1, plan_id: 2 })
  })
  const other = await emulator(t)
  await other.fail({ kind: 'hang' })
  t.match((await replayAgainst(saved, { ...LIMITS, url: other.url })).replay, { ...EQUAL, requests: 1 })
})

t.test('clocks of accounts, faults, resets, undos, removals and delays are those of the case', async t => {
  const saved = await savedCase(async (account, { url, clock, plans, reset, createAccount, undo, fail, clearFaults }) => {
    const buy = async (token: string, plan: number) => await post(url, 'change-billing', { token, project_id: 1, service: 1, plan_id: plan })
    await buy(account.token, 2)
    await account.clock.freeze('2021-01-31T00:00:00Z')
    await plans.change([{ plan_id: 3, price: '1.5' }])
    await buy(account.token, 3)
    await account.clock.advance('P1Y')
    await account.undo()
    await account.reset()
    await account.clock.release()
    await buy(account.token, 2)
    const { id } = await fail({ kind: 'http_error', times: 1 })
    await fetch(`${url}/__admin/faults/${id}`, { method: 'DELETE' })
    const other = await createAccount({ name: 'other', balance: '50', projects: [{ project_id: 1 }], ttl: '1h' })
    await buy(other.token, 2)
    await account.remove()
    // Both are under way at once.
    await fail({ kind: 'delay', when: 'before', delay: { fixed: 100 }, times: 1 })
    const delayed = buy(other.token, 3)
    await clearFaults()
    await buy(other.token, 4)
    await delayed
    await clock.advance('P1M')
    await buy('token-of-nobody', 4)
    await clock.release()
    await reset()
    const again = await createAccount({ name: 'again', balance: '50', projects: [{ project_id: 1 }] })
    await buy(again.token, 2)
    await clock.advance('P1M')
    await undo()
    await buy(again.token, 3)
  })
  const other = await emulator(t)
  const { replay } = await replayAgainst(saved, { ...LIMITS, url: other.url })
  t.match(replay, EQUAL, JSON.stringify(replay.differences.slice(0, 3)))
})

t.test('a request that a delay lets others overtake is overtaken there as well', async t => {
  const saved = await overtaken(async times => {
    const saved = await savedCase(async (account, { url }) => {
      await account.fail({ kind: 'delay', when: 'before', delay: { fixed: 200 * times }, times: 1 })
      const delayed = post(url, 'change-billing', { token: account.token, project_id: 1, service: 1, plan_id: 3 })
      while ((await account.faults())[0]!.triggered === 0) await new Promise(setImmediate)
      await post(url, 'change-billing', { token: account.token, project_id: 1, service: 1, plan_id: 2 })
      await delayed
    })
    return saved.timeline.some(step => step.step === 'request' && step.arrived !== undefined) ? saved : undefined
  })
  const other = await emulator(t)
  const { replay } = await replayAgainst(saved, { ...LIMITS, url: other.url })
  t.equal(replay.requests, 2)
})

t.test('a case that somebody has written is played as far as it goes', async t => {
  const saved = await savedCase(async ({ token, fail }, { url }) => {
    const buy = async (plan: number, signal?: AbortSignal) => await fetch(`${url}${PM}/change-billing`, { method: 'POST', signal: signal ?? null, body: JSON.stringify({ token, project_id: 1, service: 1, plan_id: plan }) }).catch(String)
    await buy(2)
    await fail({ kind: 'hang', when: 'after', times: 1 })
    const client = new AbortController()
    const hung = buy(3, client.signal)
    while ((await (await fetch(`${url}/__admin/requests/count`)).json() as { count: number }).count < 2) await new Promise(setImmediate)
    client.abort()
    await hung
  })
  const { at } = saved.end
  const { clock: _clock, ...clockless } = saved.start.scenario
  const more = [
    { step: 'control', at, emulated_at: at, account: null, method: 'DELETE', path: '/clock' },
    { step: 'removal', at, account: 'demo-1' }
  ] as const
  const other = await emulator(t)
  for (const clock of [{ mode: 'system' } as const, undefined]) {
    const { clock: _end, ...world } = saved.end.scenario
    const written = {
      ...saved,
      start: { ...saved.start, scenario: clockless },
      timeline: [...saved.timeline, ...more],
      end: { at, scenario: { ...world, accounts: [], ...clock && { clock } } }
    }
    t.match((await replayAgainst(written, { ...LIMITS, url: other.url })).replay, { ...EQUAL, requests: 2 })
  }
})

t.test('work that fails in time fails', async t => {
  await t.rejects(within(60_000, async () => { throw new Error('at once') }), { message: 'at once' })
  t.equal(await within(1, async signal => { await new Promise((_resolve, reject) => { signal.addEventListener('abort', reject) }) }), LATE)
  t.equal(await within(1, async signal => { await new Promise(resolve => { signal.addEventListener('abort', resolve) }) }), LATE)
})

t.test('an answer that nobody waited for is not waited for', async t => {
  const saved = await savedCase(async ({ token, fail }, { url }) => {
    const buy = async (plan: number, signal?: AbortSignal) => await fetch(`${url}${PM}/change-billing`, { method: 'POST', signal: signal ?? null, body: JSON.stringify({ token, project_id: 1, service: 1, plan_id: plan }) }).catch(String)
    await fail({ kind: 'hang', when: 'after', times: 1 })
    const client = new AbortController()
    const hung = buy(2, client.signal)
    while ((await (await fetch(`${url}/__admin/requests/count`)).json() as { count: number }).count < 1) await hung.constructor
    client.abort()
    await hung
    await buy(3)
  })
  // The first of a journal, and one behind others.
  const other = await emulator(t)
  for (let count = 0; count < 2; count++) t.match((await replayAgainst(saved, { ...LIMITS, url: other.url })).replay, { ...EQUAL, requests: 2 })
})

t.test('what was there can be brought back however many calls there were, or it is told', async t => {
  const saved = await savedCase(async (account, { clock }) => {
    for (let count = 0; count < 11; count++) await clock.advance('P1D')
    await buyPlans(account, { url: 'http://127.0.0.1:1' })
  })
  const other = await emulator(t)
  const before = (await other.state()).accounts
  const { notes } = await replayAgainst(saved, { ...LIMITS, url: other.url })
  t.match((await other.state()).accounts, [{ name: 'demo-1' }])
  await other.undo(/snapshot-\d+/.exec(notes[0]!)![0])
  t.same((await other.state()).accounts, before)
})

t.test('an emulator with other settings differs, as far as the books are compared', async t => {
  const saved = await savedCase(buyPlans)
  const wrong = structuredClone(saved)
  Object.assign(wrong.end.scenario.accounts![0]!, { balance: '1' })
  const other = await emulator(t)
  t.match((await replayAgainst(wrong, { ...LIMITS, url: other.url })).replay, { equal: false, differences: [{ step: null, pointer: '/accounts/0/balance', expected: '1', found: '0' }] })
  const calling = structuredClone(saved)
  Object.assign(calling.timeline.find(({ step }) => step === 'control')!, { path: '/accounts/nobody/wallet', body: { credit: '1' }, method: 'POST' })
  t.match((await replayAgainst(calling, { ...LIMITS, url: other.url })).replay.differences, [{ step: 0, pointer: '', expected: 'a call that is carried out', found: { status: 404 } }])
})

t.test('an account that was there before the case can only be reset by a replay here', async t => {
  const saved = await savedCase(async account => { await account.reset() })
  const resumed = { ...saved, start: { ...saved.start, initial: [{ name: 'demo-1' }] } }
  const { url } = await emulator(t)
  await t.rejects(replayAgainst(resumed, { ...LIMITS, url }), { message: /^step 2 resets an account to what it was before .*, which only a replay without --against can do$/ })
  await t.rejects(replayAgainst(saved, { ...LIMITS, url, tokens: new Map([['demo-1', 'x']]) }), { message: `--token is wrong: ${url} is an emulator, which gets the tokens of the case` })
})

t.test('any other server is sent the requests with tokens of its own, and its answers are compared', async t => {
  const saved = await savedCase(async (account, { url, createAccount }) => {
    const second = await createAccount({ name: 'demo-1-b', balance: '20', projects: [{ project_id: 1 }] })
    await post(url, 'change-billing', { token: second.token, project_id: 1, service: 1, plan_id: 2 })
    await post(url, 'get-projects', { token: account.token, project_id: 1, seen: second.token })
    await account.fail({ kind: 'http_error', when: 'before', times: 1 })
    await post(url, 'change-billing', { token: account.token, project_id: 1, service: 1, plan_id: 3 })
    await account.fail({ kind: 'truncated_body', when: 'after', times: 1 })
    await post(url, 'change-billing', { token: account.token, project_id: 1, service: 1, plan_id: 2 })
    await fetch(`${url}/nowhere`, { method: 'POST', body: 'no JSON' }).then(async response => await response.text())
    await fetch(`${url}/nowhere`, { method: 'HEAD' })
  })
  const accounts = ['demo-1', 'demo-1-b'].map(name => ({ name, token: `their "${name}"`, balance: '20', projects: [{ project_id: 1 }] }))
  const { url } = await emulator(t, { scenario: { accounts } })
  const paths: string[] = []
  let answer = (body: string): string => body
  const other = await serverFor(t, (request, response) => {
    text(request).then(async body => {
      if (request.url!.startsWith('/__admin')) return response.end('<html>')
      paths.push(request.url!)
      const passed = await fetch(url + request.url!, { method: request.method!, ...body !== '' && { body }, headers: { 'content-type': 'application/json' } })
      return response.writeHead(passed.status, { 'content-type': 'application/json' }).end(answer(await passed.text()))
    })
  })
  const args = ['--against', `${other}/`, '--token', 'demo-1=their "demo-1"', '--token', 'demo-1-b=their "demo-1-b"']
  const file = join(t.testdir({}), 'case.json')
  writeFileSync(file, JSON.stringify(saved))
  const { code, stdout, stderr } = await told(t, ['replay', file, ...args])
  t.strictSame([code, stderr], [0, ''], stdout)
  t.match(stdout, [
    `  ${other} is no emulator: only answers were compared, without their headers and secrets`,
    '  1 request that a fault kept from the API was not sent',
    '  1 answer that a fault replaced, or that was cut short, was not compared', ''
  ].join('\n'))
  t.strictSame(paths, ['change-billing', 'get-projects', 'change-billing'].map(name => `${PM}/${name}`).concat('/nowhere', '/nowhere'))
  // As it was.
  await connect(url).reset()
  answer = body => body.replace('"status":100', '"status":"100"')
  const { code: different, stdout: says } = await told(t, ['replay', file, ...args])
  t.equal(different, 1)
  t.match(says, /\n {2}at \/received\/body\/status: expected 100, found "100"\n/)
  const report = join(dirname(file), 'report.json')
  for (const written of ['their "demo"-1', 'their "demo-1"', 'x=their%20%22demo-1%22&y', '\\"their \\\\\\"demo-1\\\\\\"\\"']) {
    answer = () => `{"status":401,"message":"unknown token ${written.includes('\\') ? written : JSON.stringify(written).slice(1, -1)}","their \\"demo-1-b\\"":[1]}`
    const isToken = written !== 'their "demo"-1'
    await told(t, ['replay', file, ...args, '--report', report])
    const text = readFileSync(report, 'utf8')
    t.equal(/unknown token [^\n]{0,12}token-of-demo-1[^-]/.test(text), isToken, written)
    t.match(text, '/received/body/token-of-demo-1-b', written)
    t.notMatch(text, /their\W+demo-1(?:-b)?\W*"|%22demo/, written)
  }
  answer = () => '[their \\"demo-1\\"'
  t.match((await told(t, ['replay', file, ...args])).stdout, /found "\[token-of-demo-1"/, 'in a text as well')
  answer = () => 'out of order'
  t.match((await told(t, ['replay', file, ...args])).stdout, /found "out of order"/)
  answer = () => '['.repeat(20_000) + ']'.repeat(20_000)
  t.match((await told(t, ['replay', file, ...args])).stdout, /found "\[{60}/, 'one that is nested too deeply to be compared is a text')
  answer = body => body
  const wrong = async (tokens: Record<string, string>): Promise<string> => await replayAgainst(saved, { ...LIMITS, url: other, tokens: new Map(Object.entries(tokens)) }).then(() => '', error => (error as Error).message)
  t.equal(await wrong({ demo: 'x' }), '--token is wrong: found "demo", expected one of demo-1, demo-1-b')
  t.equal(await wrong({ 'demo-1': 'x' }), 'the case has the token of demo-1-b; give that of the server with --token')
  const alone = { ...saved, timeline: saved.timeline.filter(step => step.step === 'request' && step.request.endpoint === null) }
  t.match((await replayAgainst(alone, { ...LIMITS, url: other })).replay, EQUAL)
})

t.test('an answer that a fault only made late is compared with that of any other server', async t => {
  const saved = await savedCase(async (account, { url }) => {
    await account.fail({ kind: 'delay', when: 'before', delay: { fixed: 1 }, times: 1 })
    await post(url, 'get-projects', { token: account.token, project_id: 1 })
    await account.fail({ kind: 'delay', when: 'after', delay: { fixed: 1 }, times: 1 })
    await post(url, 'get-projects', { token: account.token, project_id: 1 })
    await account.fail({ kind: 'slow_body', when: 'after', duration: 1, times: 1 })
    await post(url, 'get-projects', { token: account.token, project_id: 1 })
    await account.fail({ kind: 'malformed_json', when: 'after', times: 1 })
    await post(url, 'get-projects', { token: account.token, project_id: 1 })
  })
  const other = await serverFor(t, ({ url }, response) => { response.end(url!.startsWith('/__admin') ? '<html>' : '{"status":410}') })
  const { replay: { differences } } = await replayAgainst(saved, { ...LIMITS, url: other, tokens: new Map([['demo-1', 'x']]) })
  t.strictSame(differences.filter(({ pointer }) => pointer === '/received/body/status').map(({ step }) => step), [2, 4, 6])
})

t.test('a server that does not answer, or not as an emulator', async t => {
  const saved = await savedCase(async ({ token }, { url }) => {
    await post(url, 'get-projects', { token, project_id: 1 })
    await post(url, 'get-projects', { token, project_id: 1 })
  })
  const tokens = new Map([['demo-1', 'x']])
  const silent = await serverFor(t, () => {})
  await t.rejects(replayAgainst(saved, { ...LIMITS, tokens, url: silent, timeoutMs: 5 }), { message: `${silent} gives no answer` })
  const broken = await serverFor(t, ({ socket }) => { socket.destroy() })
  await t.rejects(replayAgainst(saved, { ...LIMITS, tokens, url: broken }), { message: `${broken} gives no answer` })
  const starting = await serverFor(t, (_, response) => { response.writeHead(503).end('{"status":"unavailable"}') })
  await t.rejects(replayAgainst(saved, { ...LIMITS, tokens, url: starting }), { message: `${starting} is an emulator that is not ready` })
  let hung = 0
  const hanging = await serverFor(t, ({ url }, response) => {
    if (url === '/__admin/health') response.end('null')
    else hung++
  })
  const { replay } = await replayAgainst(saved, { ...LIMITS, tokens, url: hanging, timeoutMs: 2000 })
  t.match(replay, { equal: false, requests: 1, differences: [{ pointer: '/received', expected: 'an answer', found: 'none within 2 s' }] })
  t.equal(hung, 1, 'nothing is sent after it')
})

t.test('no message shows the password or the token in the URL of a server', async t => {
  const saved = await savedCase(async ({ token }, { url }) => { await post(url, 'get-projects', { token, project_id: 1 }) })
  const unreachable = 'http://user:s3cret-word@127.0.0.1:1/?token=s3cret-token'
  await t.rejects(replayAgainst(saved, { ...LIMITS, url: unreachable }), { message: 'http://user:[redacted]@127.0.0.1:1/?token=[redacted] can\'t be reached (ECONNREFUSED)' })
  const other = await serverFor(t, (_, response) => { response.end('{}') })
  const { notes } = await replayAgainst(saved, { ...LIMITS, tokens: new Map([['demo-1', 'x']]), url: other.replace('//', '//user:s3cret-word@') })
  t.match(notes[0], `${other.replace('//', '//user:[redacted]@')} is no emulator`)
})

t.test('an emulator that stops answering, whatever it is asked', async t => {
  const saved = await savedCase(async ({ token }, { url }) => { await post(url, 'get-projects', { token, project_id: 1 }) })
  const { url } = await emulator(t)
  let silent = (path: string): boolean => path.startsWith(PM)
  let ended = (_path: string): boolean => false
  const other = await serverFor(t, (request, response) => {
    const { method, url: path } = request as { method: string, url: string }
    text(request).then(async body => {
      if (silent(path)) return
      if (ended(path)) return response.destroy()
      const passed = await fetch(url + path, { method, ...body !== '' && { body, headers: { 'content-type': 'application/json' } } })
      return response.writeHead(passed.status, { 'content-type': 'application/json' }).end(await passed.text())
    })
  })
  const { replay } = await replayAgainst(saved, { ...LIMITS, url: other, timeoutMs: 3000 })
  t.match(replay, { equal: false, requests: 1, differences: [{ step: 1, found: 'none within 3 s' }] })
  silent = path => path === '/__admin/faults'
  await t.rejects(replayAgainst(saved, { ...LIMITS, url: other, timeoutMs: 3000 }), { message: `${other} has not answered GET /__admin/faults within 3 s` })
  silent = () => false
  ended = path => path === '/__admin/faults'
  await t.rejects(replayAgainst(saved, { ...LIMITS, url: other }), { name: 'Problem', message: /^GET \/__admin\/faults: http:\S+ can't be reached \(/ })
})

t.test('a path of a file that was written by hand is sent as it is', async t => {
  const ids = idsInReplay()
  ids.learn({ fault: 'a b' }, null, { id: 'fault-9' })
  const call = (path: string) => ids.inCall({ step: 'control', at: '', emulated_at: '', account: null, method: 'DELETE', path }).path
  t.strictSame(['/faults/a%20b', '/faults/%', '/faults'].map(call), ['/faults/fault-9', '/faults/%25', '/faults'])
})
