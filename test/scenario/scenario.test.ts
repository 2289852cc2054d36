import Database from 'better-sqlite3'
import fc from 'fast-check'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { ENDPOINT_NAMES } from '../../src/api/index.js'
import type { Scenario, ScenarioProject } from '../../src/contract/scenario.js'
import { LEDGER_KINDS } from '../../src/domain/account.js'
import { ASSUMPTION_NAMES, ASSUMPTIONS } from '../../src/domain/assumptions.js'
import { audit } from '../../src/domain/audit.js'
import { instantText, parseInstant, type Instant } from '../../src/domain/clock.js'
import { usd } from '../../src/domain/money.js'
import type { Plan } from '../../src/domain/plan.js'
import { dueAt } from '../../src/domain/project.js'
import { Problem, type Issue } from '../../src/problem.js'
import { BUNDLED_SCENARIOS, bundledFile, bundledPlans, scenarioFile } from '../../src/scenario/bundled.js'
import { dumpWorld } from '../../src/scenario/dump.js'
import { inFile, issueLines, readJsonFile } from '../../src/scenario/file.js'
import { loadSeed } from '../../src/scenario/load.js'
import { planRow, readPlans } from '../../src/scenario/plans.js'
import { DEFAULT_CLOCK, readScenario, type Overrides, type Seed } from '../../src/scenario/read.js'
import { mergeChanges } from '../../src/scenario/settings.js'
import { openStore, type Store } from '../../src/store/index.js'
import { apiTokens, details, withTokensApart } from '../support/project.js'

const PLANS = bundledPlans()
const MACHINE_TIME = instant('2026-03-01T08:00:00Z')

function read (input: unknown, overrides?: Overrides, seed = 1): Seed {
  return readScenario(input, { plans: PLANS, machineTime: MACHINE_TIME, seed, ...overrides && { overrides } })
}

function instant (text: string): Instant {
  return parseInstant(text)!
}

function problemOf (act: () => unknown): Problem {
  try {
    act()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('nothing was refused')
}

const world = (...accounts: unknown[]): unknown => ({ accounts })
const projects = (...projects: unknown[]): unknown => world({ projects })
const subscriptions = (...subscriptions: unknown[]): unknown => projects({ project_id: 1, subscriptions })
const S = '/accounts/0/projects/0/subscriptions'
const OPENING = { at: '2020-06-16T12:00:00Z', kind: 'opening', amount: '10', balance: '10' }
const booked = (...entries: object[]): unknown => world({ ledger: [OPENING, ...entries] })
const failing = (fault: object): unknown => ({ faults: [{ kind: 'hang', ...fault }] })

type Expected = readonly [pointer: string, found: string, expected: string]

const flawed: ReadonlyArray<readonly [name: string, scenario: unknown, ...issues: Expected[]]> = [
  // Not a scenario at all.
  ['a list', [], ['', '[]', 'a scenario']],
  ['null', null, ['', 'null', 'a scenario']],
  ['a text', 'default', ['', '"default"', 'a scenario']],
  ['nothing', undefined, ['', 'nothing', 'a scenario']],

  // Keys that nobody knows, at each level.
  ['an unknown key of the scenario', { acounts: [] }, ['/acounts', 'an unknown key', 'accounts? The keys here are clock, settings, plans, accounts, faults']],
  ['an unknown key that is like no other', { version: 1 }, ['/version', 'an unknown key', 'clock, settings, plans, accounts, faults']],
  ['an unknown key of the clock', { clock: { mode: 'system', att: '2020-01-01' } }, ['/clock/att', 'an unknown key', 'at? The keys here are mode, at']],
  ['an unknown key of the settings', { settings: { asumptions: {} } }, ['/settings/asumptions', 'an unknown key', 'assumptions? The keys here are wire, assumptions, strict, cutoff']],
  ['an unknown key of the dialect', { settings: { wire: { 'http-status': '200' } } }, ['/settings/wire/http-status', 'an unknown key', 'http_status? The keys here are types, ']],
  ['an unknown assumption', { settings: { assumptions: { sameplan: 'refuse' } } }, ['/settings/assumptions/sameplan', 'an unknown key', 'same-plan? The keys here are same-plan, ']],
  ['an unknown key of a plan', { plans: [{ plan_id: 2, prize: '5' }] }, ['/plans/0/prize', 'an unknown key', 'price? The keys here are plan_id, name, service, price, cycle']],
  ['an unknown key of an account', world({}, { balence: '5' }), ['/accounts/1/balence', 'an unknown key', 'balance? The keys here are name, token, balance, ']],
  ['an unknown key of an account\'s clock', world({ clock: { mode: 'system', Mode: 'frozen' } }), ['/accounts/0/clock/Mode', 'an unknown key', 'mode? The keys here are mode, at']],
  ['an unknown key of an account\'s settings', world({ settings: { stric: true } }), ['/accounts/0/settings/stric', 'an unknown key', 'strict? ']],
  ['an unknown key of a project', projects({ project_id: 1, name: 'x' }), ['/accounts/0/projects/0/name', 'an unknown key', 'The keys here are project_id, project_name, project_status, number, ']],
  ['an unknown key of a subscription', subscriptions({ service: 1, plan_id: 1, next_biling_date: '2020-01-01' }), [`${S}/0/next_biling_date`, 'an unknown key', 'next_billing_date? The keys here are service, plan_id, next_billing_date']],
  ['an unknown key of a ledger entry', booked({ ...OPENING, ammount: '1' }), ['/accounts/0/ledger/1/ammount', 'an unknown key', 'amount? The keys here are at, kind, amount, balance, project_id, plan_id, request_id']],
  ['an unknown key of a fault', failing({ probabilty: 1 }), ['/faults/0/probabilty', 'an unknown key', 'probability? The keys here are kind, when, account, ']],
  ['the id of a fault, which an emulator gives it', failing({ id: 'fault-1' }), ['/faults/0/id', 'an unknown key', 'kind, when, account, ']],
  ['an unknown key that a pointer has to escape', { 'a/b~c': 1 }, ['/a~1b~0c', 'an unknown key', 'clock, ']],
  ['an unknown key __proto__', JSON.parse('{"__proto__":{"accounts":[]}}'), ['/__proto__', 'an unknown key', 'clock, ']],
  ['an unknown key that every object inherits', { constructor: 1 }, ['/constructor', 'an unknown key', 'clock, ']],

  // Wrong types, and keys that are missing.
  ['a clock as a text', { clock: 'system' }, ['/clock', '"system"', 'a clock such as {"mode":"frozen","at":"2023-01-31T23:59:59Z"}']],
  ['a clock without a mode', { clock: { at: '2020-01-01' } }, ['/clock/mode', 'nothing', 'one of system, running, frozen']],
  ['a clock of a mode that there is not', { clock: { mode: 'Frozen', at: '2020-01-01' } }, ['/clock/mode', '"Frozen"', 'one of system, running, frozen']],
  ['an instant as a number', { clock: { mode: 'frozen', at: 0 } }, ['/clock/at', '0', 'an ISO 8601 date, or date and time with an offset']],
  ['settings as a list', { settings: [] }, ['/settings', '[]', 'an object of settings']],
  ['a dialect as a text', { settings: { wire: 'sample' } }, ['/settings/wire', '"sample"', 'an object with the wire dialect']],
  ['a dialect\'s choice that there is not', { settings: { wire: { types: 'samples' } } }, ['/settings/wire/types', '"samples"', 'one of sample, table']],
  ['a status as a number', { settings: { wire: { http_status: 200 } } }, ['/settings/wire/http_status', '200', 'one of 200, mapped']],
  ['a content type that there is not', { settings: { wire: { content_type: 'text/plain' } } }, ['/settings/wire/content_type', '"text/plain"', 'one of application/json, text/html']],
  ['a message that there is not', { settings: { wire: { message: 'long' } } }, ['/settings/wire/message', '"long"', 'one of detailed, bare']],
  ['assumptions as a list', { settings: { assumptions: ['same-plan'] } }, ['/settings/assumptions', '["same-plan"]', 'an object of choices by the names of the assumptions']],
  ['an assumption\'s choice that there is not', { settings: { assumptions: { 'same-plan': 'allow' } } }, ['/settings/assumptions/same-plan', '"allow"', 'one of refuse, accept-free, charge-again']],
  ['a choice as a number', { settings: { assumptions: { 'unknown-project-status': 410 } } }, ['/settings/assumptions/unknown-project-status', '410', 'one of 410, 408, 409']],
  ['strictness as a text', { settings: { strict: 'true' } }, ['/settings/strict', '"true"', 'true or false']],
  ['a cutoff as a null', { settings: { cutoff: null } }, ['/settings/cutoff', 'null', 'a date, an instant, or "never"']],
  ['plans as an object', { plans: {} }, ['/plans', '{}', 'a list of plans']],
  ['a plan as a number', { plans: [2] }, ['/plans/0', '2', 'a plan']],
  ['a plan without an id', { plans: [{ name: 'x' }] }, ['/plans/0/plan_id', 'nothing', 'a whole number from 1 to 9007199254740991']],
  ['a plan of the id 0', { plans: [{ plan_id: 0 }] }, ['/plans/0/plan_id', '0', 'a whole number from 1 to']],
  ['a plan of half an id', { plans: [{ plan_id: 2.5 }] }, ['/plans/0/plan_id', '2.5', 'a whole number from 1 to']],
  ['a plan of a service that there is not', { plans: [{ plan_id: 2, service: 3 }] }, ['/plans/0/service', '3', '1 (Phone Automation) or 2 (WhatsApp Official)']],
  ['a plan of a cycle that there is not', { plans: [{ plan_id: 2, cycle: 'week' }] }, ['/plans/0/cycle', '"week"', 'one of month, year']],
  ['accounts as an object', { accounts: {} }, ['/accounts', '{}', 'a list of accounts']],
  ['an account as a text', world('demo'), ['/accounts/0', '"demo"', 'an account']],
  ['an account without letters in its name', world({ name: '' }), ['/accounts/0/name', '""', 'a text of 1 to 200 characters']],
  ['an account with too long a name', world({ name: 'x'.repeat(201) }), ['/accounts/0/name', `"${'x'.repeat(56)}...`, 'a text of 1 to 200 characters']],
  ['a token as a number', world({ token: 132321343 }), ['/accounts/0/token', '"[redacted]"', 'a text of 1 to 200 characters']],
  ['too long a token', world({ token: 'x'.repeat(201) }), ['/accounts/0/token', '"[redacted]"', 'a text of 1 to 200 characters']],
  ['an empty token', world({ token: '' }), ['/accounts/0/token', '""', 'a text of 1 to 200 characters']],
  ['projects as a number', world({ projects: 1 }), ['/accounts/0/projects', '1', 'a list of projects']],
  ['a project of the id 0', projects({ project_id: 0 }), ['/accounts/0/projects/0/project_id', '0', 'a whole number from 1 to']],
  ['a project\'s id as a text', projects({ project_id: '5786' }), ['/accounts/0/projects/0/project_id', '"5786"', 'a whole number from 1 to']],
  ['a project\'s id that a JSON number can\'t hold', projects({ project_id: 2 ** 53 }), ['/accounts/0/projects/0/project_id', '9007199254740992', 'a whole number from 1 to 9007199254740991']],
  ['a project\'s status that there is not', projects({ project_id: 1, project_status: 'active' }), ['/accounts/0/projects/0/project_status', '"active"', 'one of Active, Expired, Delete']],
  ['subscriptions as an object', projects({ project_id: 1, subscriptions: { service: 1 } }), [S, '{"service":1}', 'a list of subscriptions']],
  ['a subscription that is empty', subscriptions({}), [`${S}/0/service`, 'nothing', '1 (Phone Automation) or 2'], [`${S}/0/plan_id`, 'nothing', 'a whole number from 1 to']],
  ['a subscription to no service', subscriptions({ service: 0, plan_id: 1 }), [`${S}/0/service`, '0', '1 (Phone Automation) or 2 (WhatsApp Official)']],
  ['a date as a null', subscriptions({ service: 1, plan_id: 2, next_billing_date: null }), [`${S}/0/next_billing_date`, 'null', 'an ISO 8601 date']],

  ['a ledger as an object', world({ ledger: {} }), ['/accounts/0/ledger', '{}', 'a list of ledger entries']],
  ['a ledger entry that is empty', world({ ledger: [{}] }), ...['at', 'kind', 'amount', 'balance'].map((key): Expected => [`/accounts/0/ledger/0/${key}`, 'nothing', ''])],
  ['a ledger entry of a kind that there is not', world({ ledger: [{ ...OPENING, kind: 'refund' }] }), ['/accounts/0/ledger/0/kind', '"refund"', 'one of opening, plan-change, renewal, credit, adjustment']],
  ['a ledger entry of no project', booked({ ...OPENING, project_id: 0 }), ['/accounts/0/ledger/1/project_id', '0', 'a whole number from 1 to 9007199254740991, or null']],
  ['a ledger entry of half a plan', booked({ ...OPENING, plan_id: 2.5 }), ['/accounts/0/ledger/1/plan_id', '2.5', 'or null']],
  ['a ledger entry of a request without an id', booked({ ...OPENING, request_id: '' }), ['/accounts/0/ledger/1/request_id', '""', 'a text of 1 to 200 characters']],
  ...['', '10', '-1s', '1.5h', '1d', '1 h', '1000000000s', '1h30m'].flatMap((ttl): Array<[string, unknown, Expected]> => [
    [`an account for ${JSON.stringify(ttl)}`, world({ ttl }), ['/accounts/0/ttl', JSON.stringify(ttl), 'a span of time such as "500ms", "30s", "10m" or "1h"']],
    [`a fault for ${JSON.stringify(ttl)}`, failing({ ttl }), ['/faults/0/ttl', JSON.stringify(ttl), 'a span of time such as']]
  ]),
  ['a span of time as a number', world({ ttl: 500 }), ['/accounts/0/ttl', '500', 'a span of time such as']],
  ['faults as an object', { faults: {} }, ['/faults', '{}', 'a list of faults']],
  ['a fault as a text', { faults: ['hang'] }, ['/faults/0', '"hang"', 'a fault']],
  ['what only faults of other kinds have', failing({ kind: 'http_error', http_status: 502, status: 403 }), ['/faults/0/status', '403', 'nothing, as only api_refusal has it; http_error has http_status and body']],
  ['a fault without a kind', { faults: [{ times: 1 }] }, ['/faults/0/kind', 'nothing', 'one of delay, http_error, api_refusal, connection_reset, ']],
  ...([
    ['kind', 'reset', 'one of delay, http_error, api_refusal, connection_reset, empty_response, hang, truncated_body, malformed_json, slow_body'],
    ['when', 'between', 'one of before, after'],
    ['project_id', '5786', 'a whole number from 1 to'],
    ['plan_id', 0, 'a whole number from 1 to'],
    ['times', 0, 'a whole number from 1; leave it out for no limit'],
    ['skip', -1, 'a whole number from 0'],
    ['probability', 1.01, 'a number from 0 to 1'],
    ['seed', 4_294_967_296, 'a whole number from 0 to 4294967295'],
    ['delay', 500, 'one of {"fixed":200}, {"uniform":[100,300]}, {"lognormal":{"median":90,"sigma":0.4}}'],
    ['delay', {}, 'one of {"fixed":200}, '],
    ['delay', { fixed: 1, uniform: [1, 2] }, 'one of {"fixed":200}, '],
    ['delay/fixed', 600_001, 'a number of milliseconds from 0 to 600000'],
    ['delay/uniform', [1], 'two numbers of milliseconds, the least and the most'],
    ['delay/lognormal', 90, 'an object such as {"median":90,"sigma":0.4}'],
    ['http_status', 200, 'an HTTP status from 400 to 599'],
    ['body', { error: 'x' }, 'a text of at most 65536 characters'],
    ['status', 100, 'one of 101, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410'],
    ['status', 500, 'one of 101, 401, '],
    ['duration', -1, 'a number of milliseconds from 0 to 600000'],
    ['matched', -1, 'a whole number from 0'],
    ['struck', 0.5, 'a whole number from 0']
  ] as const).map(([key, value, right]): [string, unknown, Expected] => {
    const [outer, inner] = key.split('/') as [string, string?]
    return [`a fault's ${key} of ${JSON.stringify(value)}`, failing({ [outer]: inner === undefined ? value : { [inner]: value } }), [`/faults/0/${key}`, JSON.stringify(value), right]]
  }),

  // Texts that would not come back as they were given: half a surrogate pair, or a name that leads elsewhere in a URL.
  ...['\ud800', '\udfff', 'a\udc00b', '\ud83d\ud83d\ude00', '\ude00\ud83d', 'x\ud83d'].flatMap((text): Array<[string, unknown, Expected]> => [
    ['name', world({ name: text }), '/accounts/0/name'],
    ['token', world({ token: text }), '/accounts/0/token'],
    ['project name', projects({ project_name: text }), '/accounts/0/projects/0/project_name'],
    ['plan name', { plans: [{ plan_id: 2, name: text }] }, '/plans/0/name'],
    ['request', booked({ ...OPENING, request_id: text }), '/accounts/0/ledger/1/request_id'],
    ['faulty account', failing({ account: text }), '/faults/0/account']
  ].map(([what, scenario, pointer]): [string, unknown, Expected] =>
    [`the ${what as string} ${JSON.stringify(text)}`, scenario, [pointer as string, what === 'token' ? '"[redacted]"' : JSON.stringify(text), '200 characters, none of them half a surrogate pair']])),
  ...['.', '..'].map((name): [string, unknown, Expected] =>
    [`an account called ${name}`, world({ name }), ['/accounts/0/name', JSON.stringify(name), 'and not "." or "..", which no URL can hold']]),

  // Money.
  ...['5.0000', '0.0001', '-1', '-0', '+5', '05', '.5', '5.', '5,00', '1e3', ' 5', '5\n', '', '$5', 'Infinity', '1000000000000'].map((amount): [string, unknown, Expected] =>
    [`a balance of ${JSON.stringify(amount)}`, world({ balance: amount }), ['/accounts/0/balance', JSON.stringify(amount), 'an amount in USD as a string with at most three decimals, such as "4.99"']]),
  ['a balance as a number', world({ balance: 100 }), ['/accounts/0/balance', '100', 'an amount in USD as a string']],
  ['a price with a fourth decimal', { plans: [{ plan_id: 2, price: '4.9999' }] }, ['/plans/0/price', '"4.9999"', 'an amount in USD as a string']],
  ['a negative price', { plans: [{ plan_id: 2, price: '-5' }] }, ['/plans/0/price', '"-5"', 'an amount in USD as a string']],
  ['a fourth decimal in a ledger', world({ ledger: [{ ...OPENING, amount: '0.0001' }] }), ['/accounts/0/ledger/0/amount', '"0.0001"', 'an amount in USD as a string, such as "-4.99"']],
  ['a negative balance in a ledger', world({ ledger: [{ ...OPENING, amount: '-5', balance: '-5' }] }), ['/accounts/0/ledger/0/balance', '"-5"', 'an amount in USD as a string']],
  ['a ledger that does not add up', booked({ ...OPENING, kind: 'credit', amount: '5', balance: '15' }, { ...OPENING, kind: 'plan-change', amount: '-5', balance: '9.999' }),
    ['/accounts/0/ledger/2/balance', '"9.999"', 'the balance before this entry plus its amount']],
  ['a ledger that does not begin with nothing', world({ ledger: [{ ...OPENING, balance: '11' }] }), ['/accounts/0/ledger/0/balance', '"11"', 'the balance before this entry plus its amount']],
  ['a wallet that holds something else than its ledger', world({ balance: '10.001', ledger: [OPENING] }), ['/accounts/0/balance', '"10.001"', 'the balance of the last ledger entry']],
  ['a wallet that holds something, and an empty ledger', world({ balance: '5', ledger: [] }), ['/accounts/0/balance', '"5"', 'the balance of the last ledger entry']],
  ['a price as a number', { plans: [{ plan_id: 2, price: 5 }] }, ['/plans/0/price', '5', 'an amount in USD as a string']],

  // What is there twice.
  ['twin names', world({ name: 'demo' }, { name: 'other' }, { name: 'demo' }), ['/accounts/2/name', '"demo"', 'something that is there only once'], ['/accounts/2/token', '"', 'something that is there only once']],
  ['twin names of accounts with tokens', world({ name: 'demo', token: 'a' }, { name: 'demo', token: 'b' }), ['/accounts/1/name', '"demo"', 'something that is there only once']],
  ['a name that is the default of another account', world({ name: 'account-2', token: 'a' }, {}), ['/accounts/1/name', '"account-2"', 'something that is there only once']],
  ['twin tokens', world({ token: 'abc' }, { token: 'abc' }, { token: 'abc' }), ['/accounts/1/token', '"[redacted]"', 'something that is there only once'], ['/accounts/2/token', '"[redacted]"', 'something that is there only once']],
  ['a token that another account has by default', world({ name: 'a', token: 'b48a6ae3a78bc05c7d9c91fe2ca2938bb6224ad4' }, { name: 'account-1' }), ['/accounts/1/token', '"[redacted]"', 'something that is there only once']],
  ['twin projects', projects({ project_id: 7 }, { project_id: 8 }, { project_id: 7 }), ['/accounts/0/projects/2/project_id', '7', 'something that is there only once']],
  ['twin services', subscriptions({ service: 2, plan_id: 1 }, { service: 2, plan_id: 7 }), [`${S}/1/service`, '2', 'something that is there only once']],
  ['twin plans', { plans: [{ plan_id: 2, price: '5' }, { plan_id: 2, price: '6' }] }, ['/plans/1/plan_id', '2', 'something that is there only once']],

  // Plans.
  ['a price on Pay As You Go', { plans: [{ plan_id: 1, price: '5' }] }, ['/plans/0/price', '"5"', 'nothing: Pay As You Go has no price and no cycle']],
  ['all that a paid plan has on Pay As You Go', { plans: [{ plan_id: 1, service: 1, price: '0', cycle: 'month' }] },
    ['/plans/0/service', '1', 'nothing: Pay As You Go'], ['/plans/0/price', '"0"', 'nothing: Pay As You Go'], ['/plans/0/cycle', '"month"', 'nothing: Pay As You Go']],
  ...(['name', 'service', 'price', 'cycle'] as const).map((key): [string, unknown, Expected] => {
    const { [key]: _, ...row } = { plan_id: 10, name: 'New', service: 1, price: '5', cycle: 'month' }
    return [`a new plan without its ${key}`, { plans: [{ plan_id: 3 }, row] }, ['/plans/1', JSON.stringify(row).slice(0, 57), 'a row with name, service, price and cycle, because no plan of the bundled table has this plan_id']]
  }),
  ['a subscription to a plan that there is not', subscriptions({ service: 1, plan_id: 10 }), [`${S}/0/plan_id`, '10', 'a plan of service 1: 1, 2, 3, 4, 5, 6']],
  ['a subscription to a plan of the other service', subscriptions({ service: 2, plan_id: 2 }), [`${S}/0/plan_id`, '2', 'a plan of service 2: 1, 7, 8, 9']],
  ['a subscription to a plan that a row has moved to the other service', { plans: [{ plan_id: 2, service: 2 }], ...subscriptions({ service: 1, plan_id: 2 }) as object }, [`${S}/0/plan_id`, '2', 'a plan of service 1: 1, 3, 4, 5, 6']],
  ['a billing date on Pay As You Go', subscriptions({ service: 1, plan_id: 1, next_billing_date: '2020-07-16T23:59:59Z' }), [`${S}/0/next_billing_date`, '"2020-07-16T23:59:59Z"', 'nothing: Pay As You Go has no billing cycle']],

  // Time.
  ['a frozen clock that stands nowhere', { clock: { mode: 'frozen' } }, ['/clock/at', 'nothing', 'the instant at which a frozen clock stands']],
  ['a running clock that starts nowhere', { clock: { mode: 'running' } }, ['/clock/at', 'nothing', 'the instant at which a running clock stands']],
  ['a system clock set to another time', { clock: { mode: 'system', at: '2020-06-16' } }, ['/clock/at', '"2020-06-16"', 'nothing: a system clock shows the machine\'s time']],
  ['an account\'s clock that stands nowhere', world({ clock: { mode: 'frozen' } }), ['/accounts/0/clock/at', 'nothing', 'the instant at which a frozen clock stands']],
  ['an account\'s system clock set to another time', world({ clock: { mode: 'system', at: '2020-06-16' } }), ['/accounts/0/clock/at', '"2020-06-16"', 'nothing: a system clock']],
  ...[
    '2023-02-30', '2023-02-29', '2023-04-31T00:00:00Z', '2023-13-01', '2023-00-10', '2023-01-00', '2023-1-1', '20230101', '01.02.2023', 'yesterday', '',
    '2023-01-31T23:59:59', '2023-01-31T24:00:01Z', '2023-01-31T23:60Z', '2023-01-31 23:59:59Z', '2023-01-31T23:59:59.1234Z', '2023-01-31T23:59:59+24:00', '2023-01-31T23:59:59z',
    '1969-12-31T23:59:59.999Z', '1970-01-01T00:00:00+00:01', '9999-01-01', '9998-12-31T23:59:59-00:01', ' 2023-01-31', '2023-01-31\n'
  ].flatMap((text): Array<[string, unknown, Expected]> => [
    [`a clock at ${JSON.stringify(text)}`, { clock: { mode: 'frozen', at: text } }, ['/clock/at', JSON.stringify(text), 'an ISO 8601 date, or date and time with an offset']],
    // A cycle of the last year that a clock can show ends in the next one.
    ...text.startsWith('999') ? [] : [[`a billing date of ${JSON.stringify(text)}`, subscriptions({ service: 1, plan_id: 2, next_billing_date: text }), [`${S}/0/next_billing_date`, JSON.stringify(text), 'an ISO 8601 date']] satisfies [string, unknown, Expected]],
    [`a cutoff of ${JSON.stringify(text)}`, { settings: { cutoff: text } }, ['/settings/cutoff', JSON.stringify(text), 'a date such as "2023-02-01", an instant such as']]
  ]),
  ['a cutoff in words', { settings: { cutoff: 'Never' } }, ['/settings/cutoff', '"Never"', 'or "never"']],
  ['an account\'s bad cutoff', world({}, { settings: { cutoff: 'soon' } }), ['/accounts/1/settings/cutoff', '"soon"', 'a date such as "2023-02-01"']],

  ['a ledger entry at no time', world({ ledger: [{ ...OPENING, at: '2020-06-31' }] }), ['/accounts/0/ledger/0/at', '"2020-06-31"', 'an ISO 8601 date']],

  // Faults that would never strike.
  ['a fault for an account that there is not', { ...world({ name: 'demo' }, {}) as object, faults: [{ kind: 'hang', account: 'demo' }, { kind: 'hang', account: 'account-2' }, { kind: 'hang', account: 'dem' }] },
    ['/faults/2/account', '"dem"', 'the name of an account of this scenario']],
  ['a fault for an endpoint that there is not', failing({ endpoint: '/pm/change-billing' }), ['/faults/0/endpoint', '"/pm/change-billing"', 'one of change-billing']],

  // Several at once, in the order of the document; what rests on them is looked at only when each thing by itself is right.
  ['issues all over', { clock: { mode: 'frozen' }, settings: { cutoff: 'soon' }, plans: [{ plan_id: 1, cycle: 'year' }], ...world({ projects: [{ project_id: 1, subscriptions: [{ service: 1, plan_id: 7 }] }, { project_id: 1 }] }) as object },
    ['/clock/at', 'nothing', 'the instant'], ['/settings/cutoff', '"soon"', 'a date'], ['/plans/0/cycle', '"year"', 'nothing: Pay As You Go'],
    [`${S}/0/plan_id`, '7', 'a plan of service 1'], ['/accounts/0/projects/1/project_id', '1', 'something that is there only once']],
  ['issues of the form all over', { extra: 1, clock: {}, accounts: [{ balance: 5, projects: [{ project_id: null }] }] },
    ['/extra', 'an unknown key', 'clock, settings, plans, accounts'], ['/clock/mode', 'nothing', 'one of'], ['/accounts/0/balance', '5', 'an amount'], ['/accounts/0/projects/0/project_id', 'null', 'a whole number']]
]

t.test('a scenario that is wrong is refused, with every issue at its place', async t => {
  for (const [name, scenario, ...expected] of flawed) {
    const { issues, message } = problemOf(() => read(scenario))
    const [first] = issues
    t.strictSame(issues.map(({ pointer }) => pointer), expected.map(([pointer]) => pointer), name)
    const told = expected.every(([, found, right], index) => issues[index]!.found.startsWith(found) && issues[index]!.expected.includes(right))
    t.ok(told, `${name}: says ${JSON.stringify(issues)}`)
    t.equal(message, `the scenario is wrong at ${first!.pointer || 'its root'}: found ${first!.found}, expected ${first!.expected}${issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''}`)
  }
})

t.test('of a document that is wrong all over, twenty issues are told', async t => {
  const { issues } = problemOf(() => read(world(...Array(50).fill({ nam: 1, token: 1 }))))
  t.equal(issues.length, 20)
  t.equal(new Set(issues.map(({ pointer }) => pointer)).size, 20, 'each at another place')
})

t.test('what was found is quoted up to sixty characters', async t => {
  const found = (name: unknown): string => problemOf(() => read(world({ name }))).issues[0]!.found
  t.equal(found({ a: 'x'.repeat(52) }), `{"a":"${'x'.repeat(52)}"}`)
  t.equal(found({ a: 'x'.repeat(53) }), `{"a":"${'x'.repeat(51)}...`)
  t.equal(found({ a: 'x'.repeat(53) }).length, 60)
})

t.test('a document nested by the thousand is a issue too', async t => {
  for (const levels of [100, 3000, 6000, 100_000]) {
    const deep: unknown = JSON.parse('['.repeat(levels) + ']'.repeat(levels))
    for (const [pointer, scenario] of [['', deep], ['/extra', { extra: deep }], ['/accounts/0/name', world({ name: deep })], ['/accounts', { accounts: { deep } }]] as const) {
      t.strictSame(problemOf(() => read(scenario)).issues.map(issue => issue.pointer), [pointer], `${levels} levels at ${pointer || 'the root'}`)
    }
  }
})

t.test('a plan table that is wrong is refused, with every issue at its place', async t => {
  const cases: ReadonlyArray<readonly [name: string, table: unknown, base: readonly Plan[], ...issues: Expected[]]> = [
    ['an object', { plans: [] }, PLANS, ['', '{"plans":[]}', 'a list of plans']],
    ['an unknown key', [{ plan_id: 2, nmae: 'x' }], PLANS, ['/0/nmae', 'an unknown key', 'name? The keys here are']],
    ['twin plans', [{ plan_id: 3 }, { plan_id: 2 }, { plan_id: 3 }], PLANS, ['/2/plan_id', '3', 'only once']],
    ['a price on Pay As You Go', [{ plan_id: 1, price: '1' }], PLANS, ['/0/price', '"1"', 'nothing: Pay As You Go']],
    ['a row with nothing below it', [{ plan_id: 2, price: '5' }], [], ['/0', '{"plan_id":2,"price":"5"}', 'a row with name, service, price and cycle']]
  ]
  for (const [name, table, base, ...expected] of cases) {
    const { message, issues } = problemOf(() => readPlans(table, base))
    t.strictSame(issues.map(({ pointer }) => pointer), expected.map(([pointer]) => pointer), name)
    t.ok(expected.every(([, found, right], index) => issues[index]!.found === found && issues[index]!.expected.includes(right)), JSON.stringify(issues))
    t.match(message, /^the plan table is wrong at /)
  }
})

t.test('rows put over the bundled plan table change what they say, and nothing else', async t => {
  const changed = (...rows: unknown[]): Plan[] => read({ plans: rows }).plans.filter(plan => !PLANS.some(bundled => isDeepStrictEqual(plan, bundled)))
  const small = PLANS[1]!
  const cases: ReadonlyArray<[name: string, row: object, plan: Plan]> = [
    ['a price', { plan_id: 2, price: '5.5' }, { planId: 2, name: small.name, service: 1, price: { mills: 5500, cycle: 'month' } }],
    ['no price to pay', { plan_id: 2, price: '0' }, { planId: 2, name: small.name, service: 1, price: { mills: 0, cycle: 'month' } }],
    ['the highest price', { plan_id: 2, price: '999999999999.999' }, { planId: 2, name: small.name, service: 1, price: { mills: 999_999_999_999_999, cycle: 'month' } }],
    ['a name', { plan_id: 2, name: 'Small' }, { planId: 2, name: 'Small', service: 1, price: { mills: 5000, cycle: 'month' } }],
    ['a cycle', { plan_id: 2, cycle: 'year' }, { planId: 2, name: small.name, service: 1, price: { mills: 5000, cycle: 'year' } }],
    ['a service', { plan_id: 2, service: 2 }, { planId: 2, name: small.name, service: 2, price: { mills: 5000, cycle: 'month' } }],
    ['the name of Pay As You Go', { plan_id: 1, name: 'Prepaid' }, { planId: 1, name: 'Prepaid', service: null, price: null }],
    ['a new plan', { plan_id: 10, name: 'New', service: 2, price: '0.001', cycle: 'year' }, { planId: 10, name: 'New', service: 2, price: { mills: 1, cycle: 'year' } }]
  ]
  for (const [name, row, plan] of cases) t.strictSame(changed(row), [plan], name)
  t.strictSame(changed({ plan_id: 2 }, { plan_id: 1 }), [], 'a row that says nothing')
  t.strictSame(read({ plans: [{ plan_id: 12, name: 'x', service: 1, price: '1', cycle: 'month' }, { plan_id: 11, name: 'y', service: 1, price: '1', cycle: 'month' }, { plan_id: 3 }] })
    .plans.map(({ planId }) => planId), [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12], 'by their ids, whatever the order of the rows')
  t.strictSame(readPlans([{ plan_id: 1 }], []), [PLANS[0]], 'a table of its own has Pay As You Go by that name')
  t.strictSame(readPlans([{ plan_id: 1 }], [{ planId: 1, name: 'Prepaid', service: null, price: null }]), [{ planId: 1, name: 'Prepaid', service: null, price: null }], 'Pay As You Go keeps a name that it was given before')
})

t.test('a plan table that is written is read as the same table', async t => {
  t.strictSame(readPlans(PLANS.map(planRow), []), PLANS)
  t.strictSame(planRow(PLANS[0]!), { plan_id: 1, name: 'Pay As You Go' })
  t.strictSame(planRow(PLANS[1]!), { plan_id: 2, name: 'Phone Automation Small', service: 1, price: '5', cycle: 'month' })
})

t.test('what is left out has a default', async t => {
  t.strictSame(read({}), { clock: { mode: 'running', at: instant('2020-06-16T12:00:00Z'), since: MACHINE_TIME }, settings: {}, plans: PLANS, accounts: [], faults: [], requests: [] })
  t.strictSame(DEFAULT_CLOCK, { mode: 'running', at: instant('2020-06-16T12:00:00Z') })
  const { accounts } = read(world({}, { name: 'demo' }, { projects: [{ project_id: 7, subscriptions: [] }, { project_id: 8, subscriptions: [{ service: 2, plan_id: 1 }] }] }))
  t.strictSame(accounts[0], {
    account: { name: 'account-1', token: 'b48a6ae3a78bc05c7d9c91fe2ca2938bb6224ad4', balanceMills: 0, clock: null, settings: {} },
    record: { origin: { name: 'account-1' }, expiresAt: null },
    projects: [],
    entries: [{ at: instant('2020-06-16T12:00:00Z'), kind: 'opening', amountMills: 0, balanceMills: 0, projectId: null, planId: null, requestId: null }]
  })
  t.match(accounts[1]!.account, { name: 'demo', token: /^[0-9a-f]{40}$/ })
  t.match(accounts[2]!.account, { name: 'account-3', token: /^[0-9a-f]{40}$/ })
  t.strictSame(accounts[2]!.projects, [
    { projectId: 7, projectName: 'project 7', status: 'Active', subscriptions: [], details: {}, apiTokens: [] },
    { projectId: 8, projectName: 'project 8', status: 'Active', subscriptions: [{ service: 2, planId: 1, nextBillingAt: null }], details: {}, apiTokens: [] }
  ])
})

t.test('a project without an id gets the first that is free', async t => {
  const ids = (...given: unknown[]): number[] => read(projects(...given)).accounts[0]!.projects.map(({ projectId }) => projectId)
  t.strictSame(ids({}, {}, {}), [1, 2, 3])
  t.strictSame(ids({}, { project_id: 1 }, {}, { project_id: 3 }, {}), [2, 1, 4, 3, 5], 'whatever its place in the list')
  t.strictSame(ids({ project_id: 5786 }, {}), [5786, 1])
  t.equal(read(projects({ project_id: 1 }, {})).accounts[0]!.projects[1]!.projectName, 'project 2')
})

t.test('a ledger is read as it is; what is left out in it is nothing', async t => {
  const ledger = [
    { at: '2020-06-16T12:00:00Z', kind: 'opening', amount: '10', balance: '10' },
    { at: '2020-06-16T14:00:00.5+02:00', kind: 'plan-change', amount: '-5', balance: '5', project_id: 5786, plan_id: 2, request_id: '1-1' },
    { at: '2020-06-17', kind: 'credit', amount: '0.001', balance: '5.001', project_id: null, plan_id: null, request_id: null },
    { at: '2020-06-16', kind: 'adjustment', amount: '-5.001', balance: '0' }
  ]
  const none = { projectId: null, planId: null, requestId: null }
  const entries = [
    { at: instant('2020-06-16T12:00:00Z'), kind: 'opening', amountMills: 10_000, balanceMills: 10_000, ...none },
    { at: instant('2020-06-16T12:00:00.500Z'), kind: 'plan-change', amountMills: -5000, balanceMills: 5000, projectId: 5786, planId: 2, requestId: '1-1' },
    { at: instant('2020-06-17'), kind: 'credit', amountMills: 1, balanceMills: 5001, ...none },
    { at: instant('2020-06-16'), kind: 'adjustment', amountMills: -5001, balanceMills: 0, ...none }
  ]
  for (const [length, balance] of [[1, '10'], [2, '5'], [3, '5.001'], [4, '0']] as const) {
    const given = ledger.slice(0, length)
    const [left, stated] = read(world({ ledger: given }, { ledger: given, balance })).accounts
    t.strictSame(left!.entries, entries.slice(0, length))
    t.equal(usd(left!.account.balanceMills), balance, 'the wallet holds what the last entry leaves')
    t.strictSame({ ...stated!.account, ...left!.account }, left!.account)
    t.strictSame(audit({ account: 'it', balanceMills: left!.account.balanceMills, entries: left!.entries }), [])
  }
  t.match(read(world({ ledger: [] }, { ledger: [], balance: '0.000' })).accounts, [{ entries: [], account: { balanceMills: 0 } }, { entries: [], account: { balanceMills: 0 } }])
})

t.test('an account lives for its span of the machine\'s time, and is made again as it was, which is without it', async t => {
  const cases: ReadonlyArray<[ttl: string | undefined, ms: number | null]> = [[undefined, null], ['0ms', 0], ['999999999ms', 999_999_999], ['30s', 30_000], ['10m', 600_000], ['999999999h', 3_599_999_996_400_000]]
  for (const [ttl, ms] of cases) {
    const given = { name: 'demo', balance: '5', clock: { mode: 'system' }, projects: [{}], ...ttl !== undefined && { ttl } }
    const { ttl: _, ...origin } = { ttl, ...given }
    t.strictSame(read(world(given)).accounts[0]!.record, { origin, expiresAt: ms === null ? null : MACHINE_TIME + ms }, ttl ?? 'for ever')
  }
})

t.test('a fault is read with what is left out; its seed is the world\'s', async t => {
  const DEFAULTS = { when: 'before', skip: 0, probability: 1, seed: 7, delay: { fixed: 1000 }, httpStatus: 500, body: '<html><body><h1>Internal Server Error</h1></body></html>', status: 101, duration: 1000 }
  const cases: ReadonlyArray<[given: object, fault: object, progress?: object]> = [
    [{ kind: 'hang' }, {}],
    [{ kind: 'hang', when: 'after', account: 'demo', endpoint: 'change-billing', project_id: 5786, plan_id: 2, times: 3, skip: 1, probability: 0.5, seed: 0 },
      { when: 'after', account: 'demo', endpoint: 'change-billing', projectId: 5786, planId: 2, times: 3, skip: 1, probability: 0.5, seed: 0 }],
    [{ kind: 'delay', delay: { uniform: [100, 300] } }, { delay: { uniform: [100, 300] } }],
    [{ kind: 'delay', delay: { lognormal: { median: 90, sigma: 0.4 } } }, { delay: { lognormal: { median: 90, sigma: 0.4 } } }],
    [{ kind: 'http_error', http_status: 502, body: '' }, { httpStatus: 502, body: '' }],
    [{ kind: 'api_refusal', status: 410 }, { status: 410 }],
    [{ kind: 'slow_body', duration: 0 }, { duration: 0 }],
    [{ kind: 'hang', ttl: '10m', matched: 5, struck: 2 }, {}, { matched: 5, triggered: 2, expiresAt: MACHINE_TIME + 600_000 }]
  ]
  for (const [given, fault, progress] of cases) {
    const { kind } = given as { kind: string }
    t.strictSame(read({ accounts: [{ name: 'demo' }], faults: [given] }, {}, 7).faults, [{ fault: { kind, ...DEFAULTS, ...fault }, matched: 0, triggered: 0, expiresAt: null, ...progress }], JSON.stringify(given))
  }
})

t.test('a token that is left out depends on the name and on the seed, and on nothing else', async t => {
  const tokens = (scenario: unknown, seed = 1): string[] => read(scenario, {}, seed).accounts.map(({ account }) => account.token)
  t.strictSame([0, 2].map(seed => tokens(world({}), seed)[0]), ['ec9ab0ac92cbf0295a3b5cf0fc002cbbcedb73e5', '4cdd860ba1ca903653a6e07d1f2d261c5ac12feb'])
  t.strictSame(tokens(world({ name: 'demo' }), 2), tokens(world({ balance: '1' }, { name: 'demo' }), 2).slice(1))
  const [demo, second] = tokens(world({ name: 'demo' }, {}))
  t.strictSame(tokens(world({ token: 'x' }, { balance: '5' }, { name: 'demo', balance: '7' })), ['x', second, demo])
  t.equal(new Set(tokens(world(...Array(100).fill({})))).size, 100)
})

t.test('a cycle that is left out starts now, by the account\'s own clock and month, and ends with a day', async t => {
  const nextBillingAt = (planId: number, scenario: object, account: object, overrides?: Overrides): string => {
    const seed = read({ ...scenario, accounts: [{ ...account, projects: [{ project_id: 1, subscriptions: [{ service: 1, plan_id: planId }] }] }] }, overrides)
    return instantText(seed.accounts[0]!.projects[0]!.subscriptions[0]!.nextBillingAt!)
  }
  const frozen = (at: string): object => ({ clock: { mode: 'frozen', at } })
  const days = (monthLength: string): object => ({ settings: { assumptions: { 'month-length': monthLength } } })
  const cases: ReadonlyArray<[name: string, ends: string, ...Parameters<typeof nextBillingAt>]> = [
    ['the default clock', '2020-07-16T23:59:59Z', 2, {}, {}],
    ['a year', '2021-06-16T23:59:59Z', 6, {}, {}],
    ['the scenario\'s clock', '2023-02-28T23:59:59Z', 2, frozen('2023-01-31T23:59:59Z'), {}],
    ['the machine\'s clock', '2026-04-01T23:59:59Z', 2, { clock: { mode: 'system' } }, {}],
    ['the account\'s frozen clock', '2024-02-29T23:59:59Z', 2, frozen('2023-01-31'), frozen('2024-01-30T12:00:00+01:00')],
    ['the account\'s running clock', '2025-02-28T23:59:59Z', 6, frozen('2023-01-31'), { clock: { mode: 'running', at: '2024-02-29' } }],
    ['the account\'s clock is the machine\'s', '2026-04-01T23:59:59Z', 2, {}, { clock: { mode: 'system' } }],
    ['the last instant', '9999-12-31T23:59:59Z', 6, frozen('9998-12-31T23:59:59.999Z'), {}],
    ['the first instant', '1970-02-01T23:59:59Z', 2, frozen('1970-01-01'), {}],
    ['a month of thirty days for all', '2023-03-02T23:59:59Z', 2, { ...frozen('2023-01-31'), ...days('30-days') }, {}],
    ['a month of thirty days for the account', '2023-03-02T23:59:59Z', 2, frozen('2023-01-31'), days('30-days')],
    ['a calendar month for the account alone', '2023-02-28T23:59:59Z', 2, { ...frozen('2023-01-31'), ...days('30-days') }, days('calendar')],
    ['a clock put over the scenario\'s', '2022-06-01T23:59:59Z', 2, frozen('2023-01-31'), {}, { clock: { mode: 'frozen', at: instant('2022-05-01') } }],
    ['a clock put over the scenario\'s is not put over the account\'s', '2024-02-29T23:59:59Z', 2, {}, frozen('2024-01-30'), { clock: { mode: 'frozen', at: instant('2022-05-01') } }],
    ['a month put over the scenario\'s', '2023-03-02T23:59:59Z', 2, { ...frozen('2023-01-31'), ...days('calendar') }, {}, { settings: { assumptions: { 'month-length': '30-days' } } }],
    ['a cycle put over the scenario\'s', '2021-06-16T23:59:59Z', 2, {}, {}, { plans: [{ plan_id: 2, cycle: 'year' }] }]
  ]
  for (const [name, ends, ...args] of cases) t.equal(nextBillingAt(...args), ends, name)
})

t.test('a billing date that is given is kept, also one in the past', async t => {
  const cases: ReadonlyArray<[text: string, at: string]> = [
    ['2020-07-16T23:59:59Z', '2020-07-16T23:59:59Z'],
    ['2020-07-16T23:59:59+00:00', '2020-07-16T23:59:59Z'],
    ['2020-07-17T05:29:59+05:30', '2020-07-16T23:59:59Z'],
    ['2019-12-31', '2019-12-31T00:00:00Z'],
    ['2020-02-29T12:00Z', '2020-02-29T12:00:00Z'],
    ['2020-01-01T00:00:00.5Z', '2020-01-01T00:00:00.500Z']
  ]
  for (const [text, at] of cases) {
    const { accounts } = read(subscriptions({ service: 1, plan_id: 2, next_billing_date: text }))
    t.strictSame(accounts[0]!.projects[0]!.subscriptions, [{ service: 1, planId: 2, nextBillingAt: instant(at) }], text)
  }
})

t.test('clocks and settings are read for the world and for an account alike', async t => {
  const settings = {
    wire: { types: 'table', http_status: 'mapped', content_type: 'text/html', message: 'bare' },
    assumptions: { 'same-plan': 'charge-again', 'disabled-time-zone': 'utc+14' },
    strict: true,
    cutoff: '2023-02-01'
  }
  const change = {
    wire: { types: 'table', httpStatus: 'mapped', contentType: 'text/html', message: 'bare' },
    assumptions: { 'same-plan': 'charge-again', 'disabled-time-zone': 'utc+14' },
    strict: true,
    cutoff: { kind: 'day', utcMidnight: instant('2023-02-01') }
  }
  const cases: ReadonlyArray<[given: object, clock: object | undefined, settings: object]> = [
    [{ settings }, undefined, change],
    [{ settings: {} }, undefined, {}],
    [{ settings: { strict: false } }, undefined, { strict: false }],
    [{ settings: { wire: {}, assumptions: {} } }, undefined, {}],
    [{ settings: { wire: { message: 'bare' } } }, undefined, { wire: { message: 'bare' } }],
    [{ settings: { cutoff: 'never' } }, undefined, { cutoff: { kind: 'never' } }],
    [{ settings: { cutoff: '2023-02-01T05:30:00+05:30' } }, undefined, { cutoff: { kind: 'instant', at: instant('2023-02-01') } }],
    [{ clock: { mode: 'system' } }, { mode: 'system' }, {}],
    [{ clock: { mode: 'frozen', at: '2023-01-31' } }, { mode: 'frozen', at: instant('2023-01-31') }, {}],
    [{ clock: { mode: 'running', at: '2023-01-31' } }, { mode: 'running', at: instant('2023-01-31'), since: MACHINE_TIME }, {}]
  ]
  for (const [given, clock, settings] of cases) {
    const ofWorld = read(given)
    t.strictSame([ofWorld.clock, ofWorld.settings], [clock ?? read({}).clock, settings], `the world: ${JSON.stringify(given)}`)
    const { account } = read(world(given)).accounts[0]!
    t.strictSame([account.clock, account.settings], [clock ?? null, settings], `an account: ${JSON.stringify(given)}`)
  }
})

t.test('what the emulator was started with wins over the scenario, part by part', async t => {
  const scenario = {
    clock: { mode: 'system' },
    settings: { wire: { types: 'table', message: 'bare' }, assumptions: { 'same-plan': 'accept-free', 'month-length': '30-days' }, strict: true, cutoff: 'never' },
    plans: [{ plan_id: 2, name: 'Small', price: '6' }, { plan_id: 10, name: 'New', service: 1, price: '7', cycle: 'month' }]
  }
  const seed = read(scenario, {
    clock: { mode: 'running', at: 5 },
    settings: { wire: { types: 'sample' }, assumptions: { 'same-plan': 'refuse' }, strict: false },
    plans: [{ plan_id: 2, price: '8' }, { plan_id: 10, cycle: 'year' }]
  })
  t.strictSame(seed.clock, { mode: 'running', at: 5, since: MACHINE_TIME })
  t.strictSame(seed.settings, { wire: { types: 'sample', message: 'bare' }, assumptions: { 'same-plan': 'refuse', 'month-length': '30-days' }, strict: false, cutoff: { kind: 'never' } })
  t.strictSame(seed.plans.filter(({ planId }) => planId === 2 || planId === 10), [
    { planId: 2, name: 'Small', service: 1, price: { mills: 8000, cycle: 'month' } },
    { planId: 10, name: 'New', service: 1, price: { mills: 7000, cycle: 'year' } }
  ])
  t.strictSame(read(scenario, { settings: { cutoff: { kind: 'instant', at: 1 } } }).settings.cutoff, { kind: 'instant', at: 1 })
  t.strictSame(read(scenario, {}), read(scenario), 'nothing put over it leaves it as it is')
  t.strictSame(read({ clock: { mode: 'frozen', at: '2020-01-01' } }, { clock: { mode: 'system' } }).clock, { mode: 'system' })
})

t.test('a change of settings over another one keeps what the upper one leaves open', async t => {
  t.strictSame(mergeChanges({}, {}), {})
  t.strictSame(mergeChanges({ strict: true }, {}), { strict: true })
  t.strictSame(mergeChanges({ wire: { types: 'table' } }, { assumptions: { 'same-plan': 'refuse' } }), { wire: { types: 'table' }, assumptions: { 'same-plan': 'refuse' } })
  t.strictSame(mergeChanges({ wire: { types: 'table' } }, { wire: { message: 'bare' } }), { wire: { types: 'table', message: 'bare' } })
})

t.test('files', async t => {
  const dir = t.testdir({
    'right.json': '{"accounts":[{"name":"demo"}]}',
    'bom.json': '\ufeff{\n "clock": "now"}',
    'empty.json': '',
    'comma.json': '{\n  "clock": { "mode": "system" }\n  "accounts": []\n}\n',
    'comment.json': '{\n  // no\n}',
    'twice.json': '{\r\n  "accounts": [\r\n    { "name": "a", "name": "b" }\r\n  ]\r\n}',
    'proto.json': '{ "accounts": [{ "__proto__": {} }] }',
    folder: {}
  })
  writeFileSync(join(dir, 'latin-1.json'), Buffer.from('{"accounts":[{"name":"Jos\xe9"}]}', 'latin1'))
  writeFileSync(join(dir, 'utf-16.json'), Buffer.from('\ufeff{}', 'utf16le'))

  t.test('one that can\'t be read, or is not JSON, is refused with the place', async t => {
    const cases: ReadonlyArray<[file: string, says: string]> = [
      ['missing.json', ': there is no such file'],
      ['right.json/under', ': there is no such file'],
      ['folder', ': it can\'t be read (EISDIR)'],
      ['latin-1.json', ': it is not UTF-8 text'],
      ['utf-16.json', ': it is not UTF-8 text'],
      ['empty.json', ':1:1: value expected'],
      ['comma.json', ':3:3: comma expected'],
      ['comment.json', ':2:3: invalid comment token'],
      ['twice.json', ':3:20: the key "name" is there twice'],
      ['proto.json', ':1:18: the key "__proto__" is not allowed']
    ]
    for (const [file, says] of cases) {
      const { message, issues } = problemOf(() => readJsonFile(join(dir, file)))
      t.equal(message, `${join(dir, file)}${says}`)
      t.strictSame(issues, [], 'no issue of a scenario')
    }
  })

  t.test('one that is right is read, also behind a byte order mark', async t => {
    t.strictSame(readJsonFile(join(dir, 'right.json')).value, { accounts: [{ name: 'demo' }] })
    t.strictSame(inFile(readJsonFile(join(dir, 'right.json')), read), read({ accounts: [{ name: 'demo' }] }))
    const { value, placeOf } = readJsonFile(join(dir, 'bom.json'))
    t.strictSame(value, { clock: 'now' })
    t.equal(placeOf(''), '1:1')
    t.equal(placeOf('/clock'), '2:11')
  })

  t.test('a issue in one is told with its line and column', async t => {
    const path = join(dir, 'bom.json')
    const file = readJsonFile(path)
    const { message, issues } = problemOf(() => inFile(file, read))
    t.match(message, new RegExp(`^${path}:2:11: the scenario is wrong at /clock: found "now", expected a clock`))
    t.strictSame(issues, problemOf(() => read(file.value)).issues)
    t.strictSame(issueLines(file, issues), [`${path}:2:11: /clock: found "now", expected ${issues[0]!.expected}`])
  })

  t.test('what is no problem of the file passes through', async t => {
    const bug = new TypeError('a bug')
    t.throws(() => inFile(readJsonFile(join(dir, 'right.json')), () => { throw bug }), bug)
  })
})

t.test('each issue of a file has a line of its own, with the nearest place that is there', async t => {
  const text = `{
  "clock": { "mode": "frozen" },
  "a/b": 1, "m~n": 2,
  "5": [
    0
  ],
  "accounts": [
    { "name": "\u00e9\ud83d\ude00", "nam": 1 },
    { "projects": [ { "project_id": 1, "subscriptions": [ { "service": 1 } ] } ] },
    {}, {}, {}, {}, {}, {}, {}, {},
    { "token": 7 }
  ]
}`
  const path = join(t.testdir({ 'flawed.json': text }), 'flawed.json')
  const file = readJsonFile(path)
  const cases: ReadonlyArray<[pointer: string, place: string]> = [
    ['', '1:1'],
    ['/clock', '2:12'],
    ['/clock/mode', '2:22'],
    ['/clock/at', '2:12'],
    ['/settings/wire/types', '1:1'],
    ['/a~1b', '3:10'],
    ['/m~0n', '3:20'],
    ['/5', '4:8'],
    ['/5/0', '5:5'],
    ['/5/1', '4:8'],
    ['/5/length', '4:8'],
    ['/accounts/0/nam', '8:29'],
    ['/accounts/1/projects/0/subscriptions/0/plan_id', '9:59'],
    ['/accounts/10/token', '11:16'],
    ['/accounts/11/token', '7:15']
  ]
  for (const [pointer, place] of cases) t.equal(file.placeOf(pointer), place, pointer || 'the root')
  const issues: Issue[] = [{ pointer: '', found: 'a', expected: 'b' }, { pointer: '/accounts/10/token', found: '7', expected: 'a text' }]
  t.strictSame(issueLines(file, issues), [`${path}:1:1: (the root): found a, expected b`, `${path}:11:16: /accounts/10/token: found 7, expected a text`])
  t.match(problemOf(() => inFile(file, read)).message, new RegExp(`^${path}:4:8: the scenario is wrong at /5: found an unknown key, .* \\(and 5 more\\)$`), 'the first issue\'s place')
})

t.test('a scenario is named as one of the bundled ones, or by its path', async t => {
  t.equal(scenarioFile('default'), bundledFile('default'))
  t.equal(scenarioFile('edge-cases'), bundledFile('edge-cases'))
  t.equal(basename(bundledFile('default')), 'default.json')
  for (const path of ['./default', 'default.json', 'plans', '/tmp/x.json']) t.equal(scenarioFile(path), path)
})

function loaded (seed: Seed, file = ':memory:'): Store {
  const store = openStore(file)
  store.transaction(() => loadSeed(store, seed))
  return store
}

function asJson (value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

/** Compares a store with what was put into it. */
function differences (store: Store, seed: Seed): string[] {
  const found: Array<readonly [name: string, holds: boolean]> = [
    ['world', isDeepStrictEqual(store.world.find(), { starts: 0, clock: seed.clock, settings: seed.settings })],
    ['plans', isDeepStrictEqual(store.plans.list(), seed.plans)],
    ['accounts', store.accounts.count() === seed.accounts.length],
    ['projects', store.projects.count() === seed.accounts.reduce((sum, { projects }) => sum + projects.length, 0)]
  ]
  for (const { account, record, entries, projects } of seed.accounts) {
    const { accountId, dueAt: dueFrom, ...there } = store.accounts.findByToken(account.token) ?? { accountId: 0, dueAt: null }
    found.push([`account ${account.name}`, isDeepStrictEqual(there, account)])
    found.push([`when something is due of ${account.name}`, projects.every(project => (dueAt(project) ?? Infinity) >= (dueFrom ?? Infinity))])
    found.push([`the record of ${account.name}`, accountId > 0 && isDeepStrictEqual(store.accounts.findRecord(accountId), asJson(record))])
    found.push([`the ledger of ${account.name}`, isDeepStrictEqual(store.ledger.list(accountId), entries)])
    for (const project of projects) {
      const subscriptions = [...project.subscriptions].sort((a, b) => a.service - b.service)
      found.push([`project ${project.projectId}`, isDeepStrictEqual(store.projects.find(accountId, project.projectId), { ...project, subscriptions })])
    }
  }
  return found.filter(([, holds]) => !holds).map(([name]) => name)
}

const EXAMPLE: Scenario = {
  clock: { mode: 'running', at: '2020-06-16T12:00:00Z' },
  settings: { wire: { types: 'sample' }, assumptions: { 'same-plan': 'refuse' }, strict: false },
  plans: [{ plan_id: 2, name: 'Phone Automation Small', service: 1, price: '5', cycle: 'month' }],
  accounts: [
    {
      name: 'demo',
      token: '132321343dsfsdf',
      balance: '100',
      projects: [
        { project_id: 5786, project_name: 'api test project1', project_status: 'Active', subscriptions: [{ service: 1, plan_id: 1 }] }
      ]
    }
  ]
}

t.test('the documented example of a scenario is loaded', async t => {
  const seed = read(EXAMPLE)
  const store = loaded(seed)
  t.teardown(store.close)
  t.strictSame(differences(store, seed), [])
  t.strictSame(store.world.find(), { starts: 0, clock: { mode: 'running', at: instant('2020-06-16T12:00:00Z'), since: MACHINE_TIME }, settings: { wire: { types: 'sample' }, assumptions: { 'same-plan': 'refuse' }, strict: false } })
  t.strictSame(store.plans.list(), PLANS)
  t.strictSame([...store.accounts.list()], [{ accountId: 1, name: 'demo', token: '132321343dsfsdf', balanceMills: 100_000, clock: null, settings: {}, dueAt: null }])
  t.strictSame(store.projects.find(1, 5786), { projectId: 5786, projectName: 'api test project1', status: 'Active', subscriptions: [{ service: 1, planId: 1, nextBillingAt: null }], details: {}, apiTokens: [] })
})

t.test('the largest numbers and the longest texts are loaded as they are', async t => {
  const most = Number.MAX_SAFE_INTEGER
  const seed = read({
    plans: [{ plan_id: most, name: 'p'.repeat(200), service: 2, price: '999999999999.999', cycle: 'year' }],
    accounts: [{
      name: '\ud83d\ude00'.repeat(100),
      token: '\u0000'.repeat(200),
      balance: '999999999999.999',
      clock: { mode: 'frozen', at: '9998-12-31T23:59:59.999Z' },
      projects: [{ project_id: most, project_name: "'; DROP TABLE account; --", project_status: 'Delete', subscriptions: [{ service: 2, plan_id: most }, { service: 1, plan_id: 1 }] }]
    }]
  })
  const store = loaded(seed)
  t.teardown(store.close)
  t.strictSame(differences(store, seed), [])
  t.equal(seed.accounts[0]!.account.balanceMills, 999_999_999_999_999)
})

t.test('the bundled scenarios are right', async t => {
  const there = BUNDLED_SCENARIOS.filter(name => existsSync(bundledFile(name)))
  t.ok(there.includes('default'))
  for (const name of there) {
    const seed = inFile(readJsonFile(scenarioFile(name)), read)
    const store = loaded(seed)
    t.strictSame(differences(store, seed), [], name)
    t.ok(store.accounts.count() > 0 && store.projects.count() > 0, `${name} holds something`)
    store.close()
  }
  const { plans, settings, ...documented } = EXAMPLE
  t.strictSame(JSON.parse(readFileSync(bundledFile('default'), 'utf8')), documented, 'the default world is the documented sample\'s')
})

const POINTER = /^(\/([^~/]|~[01])*)*$/

/** Whether a pointer leads to something in the document, or to a key that is missing in something there. */
function leadsSomewhere (document: unknown, pointer: string): boolean {
  const steps = pointer.split('/').slice(1).map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  return steps.slice(0, -1).reduce((value, step) => Object.hasOwn(Object(value), step) ? (value as Record<string, unknown>)[step] : undefined, document) !== undefined
}

const anyJson = fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' })

/** What it should be, and now and then anything else. */
function roughly (sane: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 60, arbitrary: sane }, { weight: 1, arbitrary: anyJson })
}

/** An object with the keys it may have, mostly with those it must have, and now and then with another one. */
function roughObject (must: Record<string, fc.Arbitrary<unknown>>, may: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  const values = Object.fromEntries(Object.entries({ ...must, ...may }).map(([key, sane]) => [key, roughly(sane)]))
  const whole = fc.record(values, { requiredKeys: Object.keys(must) })
  return fc.oneof(
    { weight: 60, arbitrary: whole },
    { weight: 1, arbitrary: fc.record(values, { requiredKeys: [] }) },
    { weight: 1, arbitrary: fc.tuple(whole, fc.string(), anyJson).map(([object, key, value]) => ({ ...object, [key]: value })) })
}

const roughList = (sane: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => fc.array(roughly(sane), { maxLength: 3 })
const roughDate = fc.oneof({ weight: 20, arbitrary: fc.constantFrom('2020-06-16T12:00:00Z', '2023-01-31', '9998-12-31') }, { weight: 1, arbitrary: fc.constantFrom('2023-02-30', 'never') })
const roughAmount = fc.oneof({ weight: 20, arbitrary: fc.constantFrom('0', '5', '4.99', '999999999999.999') }, { weight: 1, arbitrary: fc.constantFrom('0.0001', '-1') })
const service = fc.constantFrom(1, 2)
const roughClock = fc.oneof(roughObject({ mode: fc.constantFrom('running', 'frozen'), at: roughDate }, {}), roughObject({ mode: fc.constant('system') }, {}))
const roughSettings = roughObject({}, {
  wire: roughObject({}, { types: fc.constantFrom('sample', 'table'), http_status: fc.constantFrom('200', 'mapped') }),
  assumptions: roughObject({}, { 'month-length': fc.constantFrom('calendar', '30-days'), 'same-plan': fc.constant('refuse') }),
  strict: fc.boolean(),
  cutoff: roughDate
})
const roughPlan = roughObject({ plan_id: fc.integer({ min: 1, max: 12 }) }, { name: fc.constant('x'), price: roughAmount, service, cycle: fc.constantFrom('month', 'year') })
const roughSubscription = roughObject({ service, plan_id: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 12 })) }, { next_billing_date: roughDate })
const roughToken = roughObject({}, { token: fc.string({ minLength: 1 }), ip: fc.constantFrom('192.0.2.1', '::1'), status: fc.constantFrom('enabled', 'disabled', 'deleted') })
const roughProject = roughObject({ project_id: fc.integer({ min: 1, max: 9 }) },
  { project_status: fc.constantFrom('Active', 'Expired', 'Delete'), subscriptions: roughList(roughSubscription), api_tokens: roughList(roughToken), country: fc.constantFrom('IN', 'DE'), time_zone: fc.constantFrom('UTC', 'Asia/Kolkata'), global_webhook: fc.constant('https://example.com/'), notes: fc.string() })
const roughAccount = roughObject({ name: fc.constantFrom('a', 'b', 'c', 'd', 'e') }, { token: fc.string({ minLength: 1 }), balance: roughAmount, clock: roughClock, settings: roughSettings, projects: roughList(roughProject) })
const roughScenario = roughObject({}, { clock: roughClock, settings: roughSettings, plans: roughList(roughPlan), accounts: roughList(roughAccount) })

t.test('any JSON value is a scenario, or a problem whose issues have places; and it stays as it is', async t => {
  const met = { right: 0, ofForm: 0, ofSense: 0 }
  fc.assert(fc.property(fc.oneof({ weight: 1, arbitrary: fc.jsonValue({ stringUnit: 'binary' }) }, { weight: 4, arbitrary: roughly(roughScenario) }), input => {
    const before = JSON.stringify(input)
    let issues: readonly Issue[] = []
    try {
      read(input)
      met.right++
    } catch (error) {
      if (!(error instanceof Problem) || error.issues.length === 0) return false
      issues = error.issues
      met[issues.some(({ expected }) => /only once|a plan of service|nothing: |clock stands|a row with/.test(expected)) ? 'ofSense' : 'ofForm']++
    }
    return JSON.stringify(input) === before && issues.every(({ pointer, found, expected }) =>
      POINTER.test(pointer) && leadsSomewhere(input, pointer) && found !== '' && found.length <= 60 && expected !== '' && expected !== 'undefined')
  }), { numRuns: 2000 })
  t.ok(Math.min(met.right, met.ofForm, met.ofSense) > 100, `each kind was tried: ${JSON.stringify(met)}`)
})

/** Up to a year before the last instant: a cycle that starts later ends beyond it, and its end could not be written down. */
const instants = fc.integer({ min: 0, max: Date.UTC(9997, 11, 31) / 1000 }).map(seconds => instantText(seconds * 1000))
const amounts = fc.oneof(fc.integer({ min: 0, max: 200_000 }), fc.integer({ min: 0, max: 999_999_999_999_999 })).map(usd)
const clocks = fc.oneof(fc.constant({ mode: 'system' as const }), fc.record({ mode: fc.constantFrom('running' as const, 'frozen' as const), at: instants }))
const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
const settings = fc.record({
  wire: fc.record({ types: fc.constantFrom('sample' as const, 'table' as const), http_status: fc.constantFrom('200' as const, 'mapped' as const) }, { requiredKeys: [] }),
  assumptions: fc.uniqueArray(fc.constantFrom(...ASSUMPTION_NAMES)).chain(names => fc.tuple(...names.map(name => fc.constantFrom<string>(...ASSUMPTIONS[name].choices).map(choice => [name, choice]))))
    .map(choices => Object.fromEntries(choices) as Record<string, string>),
  strict: fc.boolean(),
  cutoff: fc.oneof(fc.constant('never'), instants, instants.map(text => text.slice(0, 10)))
}, { requiredKeys: [] })
/** The sane plans of `plans` below, by their services. */
const PLAN_IDS = { 1: [1, 2, 3, 4, 5, 6, 10], 2: [1, 7, 8, 9] }
const subscriptionTo = (service: 1 | 2) => fc.tuple(fc.constantFrom(...PLAN_IDS[service]), fc.option(instants, { nil: undefined })).map(([planId, date]) =>
  ({ service, plan_id: planId, ...planId !== 1 && date !== undefined && { next_billing_date: date } }))
const project = fc.record({
  project_id: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
  project_name: fc.oneof(fc.constant(''), names),
  ...details,
  api_tokens: apiTokens,
  project_status: fc.constantFrom('Active' as const, 'Expired' as const, 'Delete' as const),
  subscriptions: fc.subarray([1, 2] as const).chain(services => fc.tuple(...services.map(subscriptionTo)))
}, { requiredKeys: [] })
const ttls = fc.tuple(fc.integer({ min: 0, max: 999_999_999 }), fc.constantFrom('ms', 's', 'm', 'h')).map(([count, unit]) => `${count}${unit}`)
/** Balances that follow one another, and what led from each to the next. */
const ledger = fc.array(fc.record({
  at: instants,
  kind: fc.constantFrom(...LEDGER_KINDS),
  balanceMills: fc.integer({ min: 0, max: 999_999_999_999_999 }),
  project_id: fc.option(fc.integer({ min: 1 })),
  plan_id: fc.option(fc.integer({ min: 1 })),
  request_id: fc.option(names)
}, { requiredKeys: ['at', 'kind', 'balanceMills'] }), { maxLength: 4 }).map(entries => entries.map(({ balanceMills, ...entry }, index) =>
  ({ ...entry, amount: usd(balanceMills - (entries[index - 1]?.balanceMills ?? 0)), balance: usd(balanceMills) })))
const ofEveryFault = {
  when: fc.constantFrom('before' as const, 'after' as const),
  endpoint: fc.constantFrom(...ENDPOINT_NAMES),
  project_id: fc.integer({ min: 1 }),
  plan_id: fc.integer({ min: 1 }),
  times: fc.integer({ min: 1, max: 1_000_000_000 }),
  skip: fc.nat(1_000_000_000),
  probability: fc.double({ min: 0, max: 1, noNaN: true }),
  seed: fc.nat(0xffff_ffff),
  ttl: ttls,
  matched: fc.nat(1_000_000_000),
  struck: fc.nat(1_000_000_000)
}
const delay = fc.oneof(
  fc.record({ fixed: fc.nat(600_000) }),
  fc.record({ uniform: fc.tuple(fc.nat(600_000), fc.nat(600_000)) }),
  fc.record({ lognormal: fc.record({ median: fc.nat(600_000), sigma: fc.double({ min: 0, max: 10, noNaN: true }) }) }))
const fault = fc.oneof(...([
  ['delay', { delay }],
  ['http_error', { http_status: fc.integer({ min: 400, max: 599 }), body: fc.string({ unit: 'binary' }) }],
  ['api_refusal', { status: fc.constantFrom(101, 403, 410) }],
  ['slow_body', { duration: fc.nat(600_000) }],
  ['hang', {}]
] as const).map(([kind, own]) => fc.record({ kind: fc.constant(kind), ...ofEveryFault, ...own }, { requiredKeys: ['kind'] })))
const wealth = fc.oneof(fc.record({ balance: amounts }), fc.record({ ledger }), fc.constant({}))
const account = fc.tuple(wealth, fc.record({
  name: names.map(name => `the ${name}`),
  token: names.map(token => `the ${token}`),
  clock: clocks,
  settings,
  projects: fc.uniqueArray(project, { maxLength: 4, comparator: (a, b) => a.project_id !== undefined && a.project_id === b.project_id }),
  ttl: ttls
}, { requiredKeys: [] })).map(([wealth, rest]) => ({ ...rest, ...wealth }))
const scenario: fc.Arbitrary<Scenario> = fc.record({
  clock: clocks,
  settings,
  plans: fc.tuple(amounts, amounts, fc.constantFrom('month' as const, 'year' as const)).map(([price, other, cycle]) =>
    [{ plan_id: 2, price }, { plan_id: 10, name: 'New', service: 1 as const, price: other, cycle }]),
  accounts: fc.uniqueArray(account, { maxLength: 5, comparator: (a, b) => (a.name !== undefined && a.name === b.name) || (a.token !== undefined && a.token === b.token) }).map(withTokensApart),
  faults: fc.array(fault, { maxLength: 3 })
}, { requiredKeys: ['plans'] })

t.test('any scenario that is right is loaded as it is, and each wallet is the sum of its ledger', async t => {
  const dir = t.testdir()
  let files = 0
  fc.assert(fc.property(scenario, scenario => {
    const seed = read(scenario)
    const file = join(dir, `${++files}.db`)
    const store = loaded(seed, file)
    const different = differences(store, seed)
    store.close()
    const db = new Database(file, { readonly: true })
    const sums = db.prepare(`SELECT name, coalesce(sum(amount_mills), 0) FROM account LEFT JOIN ledger_entry USING (account_id)
      GROUP BY account_id ORDER BY account_id`).raw().all()
    db.close()
    return different.length === 0 && isDeepStrictEqual(sums, seed.accounts.map(({ account }) => [account.name, account.balanceMills]))
  }), { numRuns: 40 })
})

/** What a project says of itself; an empty text says nothing. */
function detailsOf (project: ScenarioProject): object {
  return Object.fromEntries(Object.entries(project).filter(([key, value]) => Object.hasOwn(details, key) && value !== ''))
}

t.test('a world that is written is read as the same world, and holds what was given', async t => {
  const written = (seed: Seed): Scenario => {
    const store = loaded(seed)
    const scenario = dumpWorld(store, seed.faults, MACHINE_TIME)
    store.close()
    return asJson(scenario) as Scenario
  }
  const met = { ledgers: 0, faults: 0, spans: 0, details: 0, tokens: 0 }
  fc.assert(fc.property(scenario, scenario => {
    const once = written(read(scenario))
    const twice = written(read(once))
    for (const account of once.accounts!) {
      if (account.ledger!.length > 1) met.ledgers++
      if (account.ttl !== undefined) met.spans++
    }
    if (once.faults !== undefined) met.faults++
    for (const [index, { projects = [] }] of (scenario.accounts ?? []).entries()) {
      const written = once.accounts![index]!.projects!
      for (const given of projects.filter(({ project_id: id }) => id !== undefined)) {
        const project = written.find(({ project_id: id }) => id === given.project_id)!
        met.details += Object.keys(detailsOf(given)).length
        met.tokens += given.api_tokens?.length ?? 0
        if (!isDeepStrictEqual(detailsOf(project), detailsOf(given))) return false
        const tokens = project.api_tokens?.map(({ token, ...rest }, nth) => ({ ...given.api_tokens![nth]!.token !== undefined && { token }, ...rest }))
        if (!isDeepStrictEqual(tokens ?? [], (given.api_tokens ?? []).map(token => ({ ...token, status: token.status ?? 'enabled' })))) return false
      }
    }
    return isDeepStrictEqual(twice, once)
  }), { numRuns: 100 })
  t.ok(Math.min(...Object.values(met)) > 10, `each was tried: ${JSON.stringify(met)}`)
})

t.test('each wallet begins with one entry, at the account\'s own time', async t => {
  const file = join(t.testdir(), 'world.db')
  loaded(read(world({ balance: '4.99' }, { clock: { mode: 'frozen', at: '2023-01-31' } })), file).close()
  const db = new Database(file, { readonly: true })
  t.teardown(() => db.close())
  const none = { project_id: null, plan_id: null, request_id: null }
  t.strictSame(db.prepare('SELECT * FROM ledger_entry ORDER BY entry_id').all().map(row => ({ ...row as object })), [
    { entry_id: 1, account_id: 1, at: instant('2020-06-16T12:00:00Z'), kind: 'opening', amount_mills: 4990, balance_mills: 4990, ...none },
    { entry_id: 2, account_id: 2, at: instant('2023-01-31'), kind: 'opening', amount_mills: 0, balance_mills: 0, ...none }
  ])
})
