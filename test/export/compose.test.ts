import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readCase } from '../../src/case/read.js'
import type { Case, CaseControlCall, CaseStep } from '../../src/contract/case.js'
import type { JournalEntry } from '../../src/contract/journal-entry.js'
import type { Scenario, ScenarioAccount } from '../../src/contract/scenario.js'
import { scriptOf } from '../../src/export/compose.js'
import { exportCase, FORMATS, type Format } from '../../src/export/export.js'
import type { ControlStep, RequestStep } from '../../src/export/script.js'
import { USUAL_PLANS } from '../../src/export/start-world.js'
import { Reference, type Term } from '../../src/export/terms.js'
import { packageRoot } from '../../src/package.js'
import { bundledPlans } from '../../src/scenario/bundled.js'
import { planRow } from '../../src/scenario/plans.js'

const AT = '2020-06-16T12:00:00Z'
const token = 'token-of-demo'
const DEMO: ScenarioAccount = { name: 'demo', token, balance: '100', projects: [{ project_id: 1 }] }

const ENTRY: JournalEntry = {
  id: '1-1',
  account: 'demo',
  endpoint: 'check-balance',
  method: 'POST',
  path: '/app/api/v2/check-balance',
  at: AT,
  emulated_at: AT,
  state: 'answered',
  duration_ms: 1,
  request: { headers: { 'content-type': 'application/json' }, body: { token }, text: JSON.stringify({ token }) },
  response: { http_status: 200, headers: { 'content-type': 'application/json' }, body: { balance: 100, status: 100, message: 'Success' } },
  api_status: 100,
  rule: null,
  assumptions: [],
  charged: false,
  booked: null,
  lint: [],
  fault: null
}

const request = (more: Partial<JournalEntry> = {}): CaseStep => ({ step: 'request', at: AT, from: '127.0.0.1', sendable: true, request: { ...ENTRY, ...more } })
const sending = (text: string, more: Partial<JournalEntry> = {}): CaseStep => request({ request: { ...ENTRY.request, text, body: text }, ...more })
const control = (method: string, path: string, body?: unknown, more: Partial<CaseControlCall> = {}): CaseStep =>
  ({ step: 'control', at: AT, emulated_at: AT, account: path.startsWith('/accounts/') ? 'demo' : null, method, path, ...body !== undefined && { body }, ...more })

/** A case with these steps. */
function caseOf (timeline: readonly CaseStep[], start: Scenario = { clock: { mode: 'frozen', at: AT }, accounts: [DEMO] }, more: Partial<Case> = {}): Case {
  return {
    case: 1, emulator: '0.1.0', saved_at: AT, account: null, incomplete: null, seed: 1, start: { at: AT, scenario: start }, timeline, end: { at: AT, scenario: start }, ...more
  }
}

/** The calls of the control API in a script, each in a line. */
function callsOf (given: Case): string[] {
  return scriptOf(given).steps.flatMap(step => step.step === 'request' ? step.fault ?? [] : step.step === 'control' ? step : [])
    .map(({ call, actor, body }: ControlStep) => [call, actor?.name, body === undefined ? undefined : JSON.stringify(body)].filter(part => part !== undefined).join(' '))
}

/** What a script leaves out, and why. */
function omissionsOf (given: Case): string[] {
  return scriptOf(given).steps.flatMap(step => step.step === 'omission' ? step.says : [])
}

const RUNNING: Scenario = { clock: { mode: 'running', at: AT }, accounts: [DEMO] }

t.test('an account that needs nothing of its world is made in any; else the script begins with the world', async t => {
  const isSole = (given: Case): boolean => scriptOf(given).world === null
  t.ok(isSole(caseOf([request()])))
  t.ok(isSole(caseOf([request()], { accounts: [DEMO, { name: 'other', token: 'token-of-other' }] })), 'another account that plays no part is left out')
  t.notOk(isSole(caseOf([request(), request({ account: null })])), 'a token that is unknown in one world is known in another')
  t.notOk(isSole(caseOf([sending(`{"token":"${token}",`)])), 'a token in a text')
  t.ok(isSole(caseOf([sending('{')])))
  t.notOk(isSole(caseOf([request()], { accounts: [DEMO], plans: [{ plan_id: 2, price: '6' }] })), 'prices')
  t.notOk(isSole(caseOf([request()], { accounts: [DEMO], plans: [{ plan_id: 20, name: 'Huge', service: 1, price: '6', cycle: 'month' }] })))
  t.ok(isSole(caseOf([request()], { accounts: [DEMO], plans: USUAL_PLANS })))
  t.notOk(isSole(caseOf([request(), control('PATCH', '/settings', {})])))
  t.notOk(isSole(caseOf([request(), control('POST', '/undo')])))
  t.notOk(isSole(caseOf([control('POST', '/accounts', [{ name: 'demo', token }, { name: 'twin', token: 'token-of-twin' }]), request()], {})))
  t.notOk(isSole(caseOf([request()], { accounts: [{ ...DEMO, projects: [{ project_id: 1, api_tokens: [{ token: 'x', status: 'enabled' }, { token: 'y', status: 'disabled' }] }] }] })))
})

t.test('the usual plans are those that come with the emulator', async t => {
  t.strictSame([...bundledPlans().values()].map(planRow).map(row => JSON.parse(JSON.stringify(row)) as object), USUAL_PLANS.map(row => ({ ...row })))
})

t.test('a case without a step asserts all accounts as they are', async t => {
  const { title, actors, steps } = scriptOf(caseOf([], { accounts: [DEMO, { name: 'other', token: 'token-of-other' }] }))
  t.equal(title, 'nothing happens')
  t.strictSame(actors.map(({ words }) => words), ['demo', 'other'])
  t.strictSame(steps.map(({ step }) => step), ['closing', 'closing'])
  t.strictSame(scriptOf(caseOf([], {})).steps, [])
  t.strictSame(scriptOf(caseOf([], {}, { account: 'gone' })).actors, [])
  for (const format of Object.keys(FORMATS) as Format[]) t.ok(exportCase(caseOf([], {}), format).text)
})

t.test('a ledger is begun with, unless it only opens with the balance', async t => {
  const opening = { at: AT, kind: 'opening', amount: '100', balance: '100', project_id: null, plan_id: null, request_id: null } as const
  const ledgerOf = (ledger: ScenarioAccount['ledger']): unknown => scriptOf(caseOf([request()], { accounts: [{ ...DEMO, ledger: ledger! }, { balance: '1' }] })).actors[0]!.start!.ledger
  t.strictSame(ledgerOf([opening]), undefined)
  t.strictSame(ledgerOf([{ ...opening, amount: '105', balance: '105' }, { at: AT, kind: 'plan-change', amount: '-5', balance: '100', project_id: 1, plan_id: 2, request_id: '1-1' }]), [
    { at: AT, kind: 'opening', amount: '105', balance: '105' },
    { at: AT, kind: 'plan-change', amount: '-5', balance: '100', project_id: 1, plan_id: 2 }
  ])
})

t.test('the settings and the frozen clock of the world are those of an account that is made in any', async t => {
  const [{ start } = { start: null }] = scriptOf(caseOf([request()], {
    clock: { mode: 'frozen', at: AT },
    settings: { strict: true, wire: { types: 'table' }, assumptions: { 'same-plan': 'refuse' } },
    accounts: [{ ...DEMO, settings: { wire: { message: 'bare' }, assumptions: { 'same-plan': 'charge-again' } } }]
  })).actors
  t.strictSame(start, {
    balance: '100',
    clock: { mode: 'frozen', at: AT },
    settings: { strict: true, wire: { types: 'table', message: 'bare' }, assumptions: { 'same-plan': 'charge-again' } },
    projects: [{ project_id: 1 }]
  })
})

t.test('a clock that runs is stopped where something depends on the time, and only there', async t => {
  const at = (emulatedAt: string, more: Partial<JournalEntry> = {}): CaseStep => request({ emulated_at: emulatedAt, ...more })
  const clockOf = (steps: readonly CaseStep[]): [unknown, string[]] => {
    const given = caseOf(steps, RUNNING)
    return [scriptOf(given).actors[0]!.start?.clock, callsOf(given)]
  }
  const first = { mode: 'frozen', at: '2020-06-16T12:00:01Z' }
  t.strictSame(clockOf([at('2020-06-16T12:00:01.700Z'), at('2020-06-16T23:59:59Z')]), [first, []], 'the same day')
  t.strictSame(clockOf([at('2020-06-16T12:00:01.700Z'), at('2020-06-17T00:00:00.500Z')]), [first, ['freeze demo {"mode":"frozen","at":"2020-06-17T00:00:00Z"}']], 'the next day')
  t.strictSame(clockOf([at('2020-06-16T12:00:01.700Z'), at('2020-06-16T12:00:00Z')]), [first, ['freeze demo {"mode":"frozen","at":"2020-06-16T12:00:00Z"}']], 'backwards')
  t.strictSame(clockOf([at('2020-06-16T12:00:01Z'), at('2020-06-16T12:00:02.5Z', { api_status: 101 })]), [first, ['freeze demo {"mode":"frozen","at":"2020-06-16T12:00:02.500Z"}']], 'a refusal that names the instant')
  const due = { events: [], total: 1 }
  t.strictSame(clockOf([at('2020-06-16T12:00:01Z'), at('2020-06-16T12:00:02Z', { booked: { ledger: [], subscriptions: [], due } })]), [first, ['freeze demo {"mode":"frozen","at":"2020-06-16T12:00:02Z"}']], 'something was due')
  const eventOf = (account: string): CaseStep => ({ step: 'events', events: [{ account, at: '2020-06-16T12:00:05Z', event: 'lapsed', project_id: 1 }], total: 1 })
  const event = eventOf('demo')
  t.strictSame(clockOf([at('2020-06-16T12:00:01Z'), event, at('2020-06-16T12:00:06Z')]), [first, ['freeze demo {"mode":"frozen","at":"2020-06-16T12:00:06Z"}']], 'something has been due')
  const foreign = eventOf('other')
  t.strictSame(clockOf([at('2020-06-16T12:00:01Z'), foreign, at('2020-06-16T12:00:06Z')]), [first, []], 'of another account')
  const ended = caseOf([at('2020-06-16T12:00:01Z'), event], RUNNING, { end: { at: AT, scenario: { clock: { mode: 'running', at: '2020-06-16T12:00:09Z' }, accounts: [DEMO] } } })
  t.strictSame(callsOf(ended), ['freeze demo {"mode":"frozen","at":"2020-06-16T12:00:09Z"}'], 'up to the end')
  const system = caseOf([at('2020-06-16T12:00:01Z'), event], { clock: { mode: 'system' }, accounts: [DEMO] })
  t.strictSame(callsOf(system), [`freeze demo {"mode":"frozen","at":"${AT}"}`])
})

t.test('a clock that is a text in a file is written as a program writes it', async t => {
  const clockOf = (clock: string): unknown => scriptOf(caseOf([control('PUT', '/state', { clock })])).steps.flatMap(step => step.step === 'control' ? step.body! : [])
  t.strictSame(clockOf('frozen:2022-01-01T00:00:00Z'), [{ clock: { mode: 'frozen', at: '2022-01-01T00:00:00Z' }, accounts: [] }])
  t.strictSame(clockOf('2022-01-01T00:00:00Z'), [{ clock: { mode: 'running', at: '2022-01-01T00:00:00Z' }, accounts: [] }])
  t.strictSame(clockOf('system'), [{ clock: { mode: 'system' }, accounts: [] }])
})

t.test('the clock of an account that is made in any world stands for the world\'s as well', async t => {
  const clock = { mode: 'frozen', at: '2021-01-01T00:00:00Z' }
  const next = { emulated_at: '2021-02-01T00:00:00Z' }
  t.strictSame(callsOf(caseOf([control('PUT', '/clock', clock), request()])), ['freeze demo {"mode":"frozen","at":"2021-01-01T00:00:00Z"}'])
  const own: Scenario = { clock: { mode: 'frozen', at: AT }, accounts: [{ ...DEMO, clock: { mode: 'frozen', at: AT } }] }
  t.strictSame(callsOf(caseOf([control('PUT', '/clock', clock), request()], own)), [], 'it does not follow it')
  t.strictSame(callsOf(caseOf([request(), control('DELETE', '/accounts/demo/clock'), request(next)], own)), ['freeze demo {"mode":"frozen","at":"2021-02-01T00:00:00Z"}'], 'it follows it again')
  t.strictSame(callsOf(caseOf([request(), control('POST', '/accounts/demo/reset'), request(next)], RUNNING)), ['reset demo', 'freeze demo {"mode":"frozen","at":"2021-02-01T00:00:00Z"}'])
  const alone: Scenario = { accounts: [{ ...DEMO, clock: { mode: 'running', at: AT } }] }
  const other = { name: 'other', token: 'token-of-other' }
  t.strictSame(scriptOf(caseOf([request(), request({ account: 'other' })], { accounts: [...alone.accounts!, other] })).world?.accounts, [
    { ...DEMO, clock: { mode: 'frozen', at: AT } }, other
  ], 'in its world as well')
  t.strictSame(callsOf(caseOf([control('PUT', '/accounts/demo/clock', { mode: 'system' }), request(next)])), ['freeze demo {"mode":"frozen","at":"2021-02-01T00:00:00Z"}'])
  t.strictSame(callsOf(caseOf([control('POST', '/accounts/demo/clock/advance', { by: 'soon' }), request()])), ['advance demo {"by":"soon"}'])
  t.strictSame(callsOf(caseOf([control('PUT', '/accounts/demo/clock', { mode: 'running', at: 'noon' })])), ['freeze demo {"mode":"frozen","at":"noon"}'])
})

t.test('an account that is made in the course of a case has a clock from then on', async t => {
  const later = { emulated_at: '2021-01-01T00:00:00Z' }
  const made = (account: object, more: Partial<CaseControlCall> = {}): string[] => callsOf(caseOf([control('POST', '/accounts', { name: 'demo', token, ...account }, more), request(later)], {}))
  t.strictSame(made({}), [`create demo {"clock":{"mode":"frozen","at":"${AT}"}}`, 'freeze demo {"mode":"frozen","at":"2021-01-01T00:00:00Z"}'])
  t.strictSame(made({ clock: { mode: 'frozen', at: '2021-01-01T00:00:00Z' } }), ['create demo {"clock":{"mode":"frozen","at":"2021-01-01T00:00:00Z"}}'])
  t.strictSame(made({}, { emulated_at: 'noon' }), ['create demo {"clock":{"mode":"frozen","at":"noon"}}', 'freeze demo {"mode":"frozen","at":"2021-01-01T00:00:00Z"}'])
})

t.test('a fault is set for the request that it met', async t => {
  const fault = { id: 'fault-1', kind: 'http_error', when: 'before', matched: 1 } as const
  const html = '<html><body><h1>Internal Server Error</h1></body></html>'
  const answered = (httpStatus: number, body: unknown): Partial<JournalEntry> => ({ fault, response: { http_status: httpStatus, headers: {}, body }, api_status: null })
  t.strictSame(callsOf(caseOf([request(answered(500, html))])), ['fail demo {"kind":"http_error","times":1}'])
  t.strictSame(callsOf(caseOf([request(answered(502, { a: 1 }))])), ['fail demo {"kind":"http_error","http_status":502,"body":"{\\"a\\":1}","times":1}'])
  t.strictSame(callsOf(caseOf([request({ fault: { ...fault, kind: 'connection_reset', when: 'after' }, account: null, response: null })])), ['fail {"kind":"connection_reset","when":"after","endpoint":"check-balance","times":1}'])
  t.strictSame(callsOf(caseOf([request({ fault: { ...fault, kind: 'flood' } })])), [], 'a kind of a later version')
  const text = exportCase(caseOf([request({ fault: { ...fault, kind: 'hang' }, account: null, response: null })]), 'postman').text
  t.match(text, '{ \\"kind\\": \\"http_error\\", \\"endpoint\\": \\"check-balance\\", \\"http_status\\": 502, \\"times\\": 1 }')
})

t.test('a test that takes long says so to a runner that would give it up', async t => {
  const unanswered = request({ fault: { id: 'fault-1', kind: 'hang', when: 'before', matched: 1 }, account: null, response: null })
  const endOf = (requests: CaseStep[], format: Format): string | undefined => exportCase(caseOf(requests), format).text.match(/^\}(?:, \d+)?\)$/gm)!.at(-1)
  const LIMITS: Array<[requests: CaseStep[], end: string]> = [
    [[unanswered], '})'], [[unanswered, unanswered], '}, 64000)'], [Array.from({ length: 100 }, () => request()), '})'], [Array.from({ length: 101 }, () => request()), '}, 60000)']
  ]
  for (const [requests, end] of LIMITS) {
    for (const format of ['jest', 'vitest'] as const) t.equal(endOf(requests, format), end, `${requests.length} requests, ${format}`)
    t.equal(endOf(requests, 'node-test'), '})')
  }
})

t.test('what can\'t be sent again is left out, and the script says why', async t => {
  const unusual = 'A request is left out: its method or its path is one that client libraries do not send.'
  for (const path of ['*', '//example.com', '/a b', '/../a', '/#', 'http://example.com/']) t.strictSame(omissionsOf(caseOf([request({ path })])), [unusual], path)
  for (const method of ['', 'CONNECT', 'TRACE', 'A B']) t.strictSame(omissionsOf(caseOf([request({ method })])), [unusual], method)
  t.strictSame(omissionsOf(caseOf([sending('a[12 characters left out]b')])), ['A request is left out: its body was too long to be kept whole.'])
  t.strictSame(omissionsOf(caseOf([request({ response: null })])), ['A request is left out: its answer is not known.'])
  t.strictSame(omissionsOf(caseOf([request({ response: null, fault: { id: 'x', kind: 'delay', when: 'after', matched: 1 } })])), ['A request is left out: its answer is not known.'])
  const unknown = 'A call of the control API is left out: it is not one that this version knows.'
  for (const call of [
    control('PUT', '/moon'), control('DELETE', '/accounts/%zz'), control('POST', '/wallet', { credit: '1' }), control('POST', '/accounts/demo/wallet', { credit: 1 }),
    control('POST', '/accounts', { name: 'x' }), control('PUT', '/state', { accounts: [1] }), control('PUT', '/state', []), control('PUT', '/clock')
  ]) t.strictSame(omissionsOf(caseOf([call])), [unknown], JSON.stringify(call))
  t.strictSame(omissionsOf(caseOf([control('POST', '/undo', { id: 'snapshot-9' })])), ['An undo is left out: what it restored is not in the case.'])
  t.strictSame(omissionsOf(caseOf([control('PUT', '/clock', { mode: 'system' }, { snapshot: 'snapshot-1' }), control('POST', '/undo')])), ['An undo is left out: what it restored is not in the case.'])
  const twice = [control('PUT', '/moon', {}, { snapshot: 's-1' }), control('POST', '/undo', { id: 's-1' }, { snapshot: 's-2' }), control('POST', '/undo', { id: 's-2' })]
  t.strictSame(omissionsOf(caseOf(twice)).slice(1), Array(2).fill('An undo is left out: what it restored is not in the case.'), 'what is left out is not undone either')
  t.strictSame(callsOf(caseOf([request(), control('POST', '/faults', { kind: 'hang' }), control('DELETE', '/requests')])), [], 'faults are set where they are met, and the journal plays no part')
})

t.test('an account is removed, and put back to what it was created as', async t => {
  t.strictSame(callsOf(caseOf([request(), { step: 'removal', at: AT, account: 'demo' }, { step: 'removal', at: AT, account: 'other' }])), ['remove demo'])
  const given = caseOf([request(), control('POST', '/accounts/demo/reset')], undefined, { start: { at: AT, scenario: { accounts: [DEMO] }, initial: [{ name: 'demo', balance: '7' }] } })
  t.strictSame(callsOf(given), ['remove demo', 'create demo {"name":"demo","balance":"7","token":"token-of-demo"}'])
  for (const format of Object.keys(FORMATS) as Format[]) if (format !== 'har') t.match(exportCase(given, format).text, '7')
  t.strictSame(callsOf(caseOf([control('POST', '/reset')], undefined, { start: { at: AT, scenario: {}, reset_to: { settings: { strict: true } } } })), ['load {"settings":{"strict":true},"accounts":[]}'])
})

const TWIN: ScenarioAccount = { ...DEMO, token: 'token-of-demo-2' }

/** A request with a token, to which the world answers whatever it does. */
const asking = (token: string, more: Partial<JournalEntry> = {}): CaseStep =>
  request({ request: { ...ENTRY.request, body: { token }, text: JSON.stringify({ token }) }, ...more })

/** The tokens of the requests of a script: `{demo}` out of the account's variable, or as they are. */
function tokensOf (given: Case): string[] {
  return scriptOf(given).steps.flatMap(step => {
    if (step.step !== 'request') return []
    const { token } = Object((step.body as { json: Term }).json) as { token: Term }
    return token instanceof Reference ? `{${token.words}}` : token as string
  })
}

t.test('a token is the one that the account has at the time', async t => {
  const later = [asking(token), asking('token-of-demo-2')]
  const load = (account: ScenarioAccount): CaseStep => control('PUT', '/state', { accounts: [account] })
  const remove = control('DELETE', '/accounts/demo')
  t.strictSame(tokensOf(caseOf([asking(token), remove, control('POST', '/accounts', { ...TWIN }), ...later])), [token, token, 'token-of-demo-2'], 'made again')
  t.strictSame(tokensOf(caseOf([load(TWIN), ...later])), later.map((_, index) => index === 0 ? token : 'token-of-demo-2'), 'loaded')
  t.strictSame(tokensOf(caseOf([control('POST', '/reset'), ...later], undefined, { start: { at: AT, scenario: { accounts: [DEMO] }, reset_to: { accounts: [TWIN] } } })), [token, 'token-of-demo-2'], 'reset')
  t.strictSame(tokensOf(caseOf([load(DEMO), asking(token)])), ['{demo}'], 'the same as before')
  t.strictSame(tokensOf(caseOf([asking(token), load({ ...DEMO, name: 'other', token: 'token-of-other' }), asking('token-of-other', { account: 'other' }), asking(token, { account: null })])), ['{demo}', '{other}', '{demo}'], 'one that is gone')
  t.strictSame(tokensOf(caseOf([asking('token-of-twin', { account: null }), control('POST', '/accounts', { copy_of: 'demo', name: 'twin', token: 'token-of-twin' }), asking('token-of-twin')])), ['token-of-twin', '{twin}'], 'one that is not there yet')
})

t.test('variables are set where an account has one token only', async t => {
  const given = caseOf([control('POST', '/accounts/demo/faults', { kind: 'hang', times: 1 }), control('DELETE', '/accounts/demo'), control('POST', '/accounts', { ...TWIN }), asking('token-of-demo-2', { response: null, fault: { id: 'fault-1', kind: 'hang', when: 'before', matched: 1 } })])
  for (const format of Object.keys(FORMATS) as Format[]) t.notMatch(exportCase(given, format).text, /demo_token|demoToken|demo\.token|demo\['token'\]/, format)
  const loaded = caseOf([control('PUT', '/state', { accounts: [{ ...DEMO, name: 'other', token: 'first' }] }), control('PUT', '/state', { accounts: [{ ...DEMO, name: 'other', token: 'second' }] }), asking('second', { account: 'other', response: null, fault: { id: 'fault-1', kind: 'hang', when: 'before', matched: 1 } })])
  t.match(exportCase(loaded, 'node-test').text, /const other = await emulator\.account\('other'\)\n.*\n *await other\.fail\(/, 'an account is looked up for its fault as well')
})

t.test('an account that is made again is reset to what it was made as, with the token that it has', async t => {
  const start = { at: AT, scenario: { accounts: [DEMO] }, initial: [{ name: 'demo', balance: '7' }] }
  const [reset, remove] = [control('POST', '/accounts/demo/reset', undefined, { snapshot: 's-1' }), control('DELETE', '/accounts/demo', undefined, { snapshot: 's-2' })]
  const make = control('POST', '/accounts', { ...TWIN })
  const undo = (id: string, more: Partial<CaseControlCall> = {}): CaseStep => control('POST', '/undo', { id }, more)
  const lastOf = (...steps: readonly CaseStep[]): string | undefined => callsOf(caseOf([request(), ...steps], undefined, { start })).at(-1)
  t.equal(lastOf(remove, make, reset), 'reset demo')
  t.equal(lastOf(control('PUT', '/state', { accounts: [DEMO] }), reset), 'reset demo')
  t.match(lastOf(remove, undo('s-2'), reset), 'create demo {"name":"demo","balance":"7","token":"token-of-demo"}')
  t.match(lastOf(control('POST', '/reset', undefined, { snapshot: 's-3' }), undo('s-3'), reset), 'create demo')
  t.equal(lastOf(remove, undo('s-2', { snapshot: 's-3' }), undo('s-3'), make, reset), 'reset demo')
  const undone = caseOf([request(), reset, undo('s-1')], undefined, { start })
  t.strictSame(scriptOf(undone).steps.flatMap(step => step.step === 'control' ? [[step.call, step.snapshot]] : []), [['remove', 'snapshot'], ['create', undefined], ['undo', undefined]], 'the snapshot is that of the removal')
})

t.test('what is undone has a snapshot, also where the call need not be made', async t => {
  const [set, undo] = [control('PUT', '/clock', { mode: 'running' }, { snapshot: 's-1' }), control('POST', '/undo', { id: 's-1' })]
  t.strictSame(callsOf(caseOf([set, request(), undo], RUNNING)).slice(0, 1), ['freeze {"mode":"frozen","at":"2020-06-16T12:00:00Z"}'])
  for (const format of Object.keys(FORMATS) as Format[]) if (format !== 'har') t.match(exportCase(caseOf([set, request(), undo], RUNNING), format).text, /snapshot\b.*[^]*snapshot/, format)
})

t.test('an account is not made in any world where a request has a token that would be another there', async t => {
  const sent = (text: string): Case => caseOf([request({ request: { ...ENTRY.request, body: JSON.parse(text) as object, text } })])
  t.equal(scriptOf(sent(`{"token":"${token}","x":1}`)).world, null)
  t.not(scriptOf(sent(`{"token":"${token}","x":1.0}`)).world, null, 'a text that no value gives')
  t.not(scriptOf(sent('{"token":"token-of-a-project"}')).world, null, 'a token of a project that no answer has told')
  t.not(scriptOf(sent(`{"token":"${token}","api_token":"token-of-a-project"}`)).world, null)
})

t.test('a JSON text is written in a line of ASCII, where a file would take it for something else', async t => {
  const sent = (text: string, format: Format): string => exportCase(caseOf([request({ request: { ...ENTRY.request, body: {}, text } })]), format).text
  const text = '\n { "token": "é {{url}}",\n\n  "x": 1.0 }\n'
  t.match(sent(text, 'http'), '\n{ "token": "\\u00e9 \\u007b\\u007burl}}",   "x": 1.0 }\n')
  t.match(sent(text, 'postman'), JSON.stringify('{ "token": "\\u00e9 \\u007b\\u007burl}}",   "x": 1.0 }'))
})

t.test('a history is asserted as far as it is new', async t => {
  const event = { at: AT, event: 'lapsed', project_id: 1 } as const
  const moved = { at: AT, event: 'clock-moved', from: AT, mode: 'frozen' } as const
  const historyOf = (before: ScenarioAccount['history'], after: ScenarioAccount['history'], steps: readonly CaseStep[] = []): unknown => {
    const [closing] = scriptOf(caseOf([request(), ...steps], { accounts: [{ ...DEMO, history: before! }] }, { end: { at: AT, scenario: { accounts: [{ ...DEMO, history: after! }] } } })).steps.slice(-1)
    return closing?.step === 'closing' && closing.history
  }
  t.strictSame(historyOf([event], [event, moved, { ...event, project_id: 2 }]), [{ ...event, project_id: 2 }])
  t.strictSame(historyOf([event], [{ ...event, project_id: 2 }]), [{ ...event, project_id: 2 }], 'the older events are gone')
  t.strictSame(historyOf([], [event], [control('POST', '/reset')]), [])
})

t.test('a body is written as a value where that is the same body, else as its text', async t => {
  const bodyOf = (text: string): unknown => (scriptOf(caseOf([sending(text)])).steps[0] as RequestStep).body
  t.strictSame(bodyOf('{ "a" : 1 ,\n"b c":[ "d  e" ] }'), { json: { a: 1, 'b c': ['d  e'] } })
  for (const text of ['{"a":1.0}', '{"a":1,"a":2}', '{"a":12345678901234567890}', '{"a":"\\u0061"}', 'a=1']) t.strictSame(bodyOf(text), { text }, text)
  const given = caseOf([request({ request: { ...ENTRY.request, headers: { 'content-type': 'application/json', 'x-empty': '', 'content-encoding': 'gzip', 'x-é': '1' }, text: '{"__proto__":1,"b c":true,"d":null,"e":false}' } })])
  t.match(exportCase(given, 'node-test').text, "send('/check-balance', { ['__proto__']: 1, 'b c': true, d: null, e: false }, { headers: { 'x-empty': '' } })")
  t.match(exportCase(given, 'pytest').text, "{'__proto__': 1, 'b c': True, 'd': None, 'e': False}")
  t.match(exportCase(given, 'sh').text, ' -H x-empty: --data-raw ')
})

t.test('a file of requests has a plain body as it is, and none that would be read as something else', async t => {
  const textOf = (text: string): string => exportCase(caseOf([sending(text)]), 'http').text
  t.match(textOf('a=1'), '\n\na=1\n')
  for (const text of ['a\n### b', '# a', '< /etc/passwd', '> {% x %}', 'a {{url}}', ' a', 'a\n\nb', 'é']) t.match(textOf(text), '\n# It is left out: its body would mean something else in this file.\n', text)
  t.match(exportCase(caseOf([sending('a {{url}}')]), 'postman').text, 'It is left out: Postman would take a part of its body for a variable.')
})

t.test('what the emulator makes up is taken from the answer', async t => {
  const answer = { 'a-b': [{ license_key: 'made-up' }], token }
  const given = caseOf([request({ response: { ...ENTRY.response!, body: answer } })])
  t.match(exportCase(given, 'node-test').text, "{ 'a-b': [{ license_key: answer.body['a-b'][0].license_key }], token: 'token-of-demo' }")
  t.match(exportCase(given, 'pytest').text, "'a-b': [{'license_key': answer[1]['a-b'][0]['license_key']}],\n")
})

t.test('a request is told by what it is for, and what became of it', async t => {
  const saysOf = (more: Partial<JournalEntry>): unknown => (scriptOf(caseOf([request(more)])).steps[0] as RequestStep).says
  const asked = (body: object): JournalEntry['request'] => ({ ...ENTRY.request, body })
  const fault = { id: 'fault-1', kind: 'connection_reset', when: 'before', matched: 1 } as const
  t.strictSame([
    saysOf({}),
    saysOf({ endpoint: 'change-billing', request: asked({ project_id: '5', plan_id: 1 }) }),
    saysOf({ endpoint: 'change-billing', request: asked({ project_id: '5\n', plan_id: {} }), rule: 'plan-must-exist' }),
    saysOf({ endpoint: 'get-projects', request: asked({ project_id: 0 }), rule: '*/' }),
    saysOf({ endpoint: 'fetch-balance', api_status: null }),
    saysOf({ endpoint: 'constructor' }),
    saysOf({ method: 'GET' }),
    saysOf({ fault, response: null }),
    saysOf({ fault: { ...fault, kind: 'hang', when: 'after' }, response: null, charged: true }),
    saysOf({ charged: true, booked: { ledger: [{ at: AT, kind: 'plan-change', amount: '?', balance: '0', project_id: 1, plan_id: 2, request_id: '1-1' }], subscriptions: [], due: { events: [], total: 0 } } })
  ], [
    'Look-up of the balance succeeds.',
    'Change of project 5 to plan 1 succeeds.',
    'Change of a project to a plan is refused (plan-must-exist).',
    'Look-up of all projects is refused.',
    'Look-up of the balance is answered.',
    'Request to another path succeeds.',
    'A GET request succeeds.',
    'Look-up of the balance is lost.',
    'Look-up of the balance is charged 0 USD, and no answer ever comes.',
    'Look-up of the balance is charged 0 USD.'
  ])
})

t.test('an archive has the address that a request was sent to', async t => {
  const urlOf = (path: string, host?: string): unknown => {
    const { text } = exportCase(caseOf([request({ path, request: { ...ENTRY.request, headers: host === undefined ? {} : { host } } })]), 'har')
    return (JSON.parse(text) as { log: { entries: Array<{ request: { url: string } }> } }).log.entries[0]!.request.url
  }
  t.equal(urlOf('/a?b=1', 'pickyassist.com'), 'http://pickyassist.com/a?b=1')
  t.equal(urlOf('/a'), 'http://localhost:4290/a')
  t.equal(urlOf('/a', 'a b'), 'http://localhost:4290/a')
  t.equal(urlOf('/a', 'a:99999'), 'http://localhost:4290/a')
  t.equal(urlOf(':99999'), 'http://localhost:4290')
})

t.test('projects that have expired, and moved paths, are told', async t => {
  const scenario: Scenario = { clock: { mode: 'frozen', at: AT }, accounts: [{ ...DEMO, projects: [{ project_id: 1, project_name: 'shop', project_status: 'Expired' }] }] }
  const deleted: CaseStep = { step: 'events', events: [{ account: 'demo', at: AT, event: 'deleted', project_id: 1 }], total: 1 }
  const script = scriptOf(caseOf([deleted, request()], scenario, { paths: { 'fetch-balance': null, 'set-webhook': '/pm/other', 'change-billing': '/x', nobody: '/"' } }))
  t.match(script.actors[0]!.start, { projects: [{ project_id: 1, project_name: 'shop', project_status: 'Expired' }] })
  t.strictSame(script.paths, { 'fetch-balance': 'off', 'set-webhook': '/pm/other' })
  t.match(script.title, /the data of project 1 is deleted/)
})

t.test('every case of a former version can be exported, also where a field is left out', async t => {
  const folder = join(packageRoot, 'fixtures/cases')
  const former = readdirSync(folder).map(file => readCase(JSON.parse(readFileSync(join(folder, file), 'utf8'))))
  const spare: ScenarioAccount = { ...DEMO, projects: [{ project_id: 1, subscriptions: [{ service: 1, plan_id: 2 }], api_tokens: [{ token: 'x' }, { status: 'deleted' }] }] }
  for (const given of [...former, caseOf([request()], { accounts: [spare] }), caseOf([control('POST', '/accounts', { ...spare, name: 'other' }), request()])]) {
    t.notOk(hasUndefined(scriptOf(given).world), 'says no more than there is')
    for (const format of Object.keys(FORMATS) as Format[]) t.ok(exportCase(given, format).text.length > 100, format)
  }
})

function hasUndefined (value: unknown): boolean {
  return value === undefined || (typeof value === 'object' && value !== null && Object.values(value).some(hasUndefined))
}
