import fc from 'fast-check'
import t from 'tap'
import { Problem, type Issue } from '../../src/problem.js'
import { DEFAULT_CLOCK } from '../../src/scenario/read.js'
import { effort } from '../support/effort.js'
import { booked, failing, instant, MACHINE_TIME, OPENING, PLANS, problemOf, projects, read, S, subscriptions, world } from '../support/scenario.js'
import { anyCharacter } from '../support/texts.js'

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
  ['an unknown key of a project', projects({ project_id: 1, name: 'x' }), ['/accounts/0/projects/0/name', 'an unknown key', 'project_name? The keys here are project_id, project_name, project_status, status_rests_on, number, ']],
  ['an unknown key of a subscription', subscriptions({ service: 1, plan_id: 1, next_biling_date: '2020-01-01' }), [`${S}/0/next_biling_date`, 'an unknown key', 'next_billing_date? The keys here are service, plan_id, next_billing_date']],
  ['an unknown key of a ledger entry', booked({ ...OPENING, ammount: '1' }), ['/accounts/0/ledger/1/ammount', 'an unknown key', 'amount? The keys here are at, kind, amount, balance, project_id, plan_id, request_id']],
  ['an unknown key of a fault', failing({ probabilty: 1 }), ['/faults/0/probabilty', 'an unknown key', 'probability? The keys here are kind, when, account, ']],
  ['the id of a fault, which an emulator gives it', failing({ id: 'fault-1' }), ['/faults/0/id', 'an unknown key', 'kind, when, account, ']],
  ['an unknown key that a pointer has to escape', { 'a/b~c': 1 }, ['/a~1b~0c', 'an unknown key', 'clock, ']],
  ['an unknown key __proto__', JSON.parse('{"__proto__":{"accounts":[]}}'), ['/__proto__', 'an unknown key', 'clock, ']],
  ['an unknown key that every object inherits', { constructor: 1 }, ['/constructor', 'an unknown key', 'clock, ']],

  // Wrong types, and keys that are missing.
  ['a clock as a text that is none', { clock: 'System' }, ['/clock', '"System"', 'a clock such as {"mode":"frozen","at":"2023-01-31T23:59:59Z"}, or system, an instant']],
  ['a clock without a mode', { clock: { at: '2020-01-01' } }, ['/clock/mode', 'nothing', 'one of system, running, frozen']],
  ['a clock of a mode that there is not', { clock: { mode: 'Frozen', at: '2020-01-01' } }, ['/clock/mode', '"Frozen"', 'one of system, running, frozen']],
  ['an instant as a number', { clock: { mode: 'frozen', at: 0 } }, ['/clock/at', '0', 'an ISO 8601 date, or date and time with an offset']],
  ['settings as a list', { settings: [] }, ['/settings', '[]', 'a settings object']],
  ['a dialect as a text', { settings: { wire: 'sample' } }, ['/settings/wire', '"sample"', 'an object such as {"types":"table"}']],
  ['a dialect\'s choice that there is not', { settings: { wire: { types: 'samples' } } }, ['/settings/wire/types', '"samples"', 'one of sample, table']],
  ['a status as a number', { settings: { wire: { http_status: 200 } } }, ['/settings/wire/http_status', '200', 'one of 200, mapped']],
  ['a content type that there is not', { settings: { wire: { content_type: 'text/plain' } } }, ['/settings/wire/content_type', '"text/plain"', 'one of application/json, text/html']],
  ['a message that there is not', { settings: { wire: { message: 'long' } } }, ['/settings/wire/message', '"long"', 'one of detailed, bare']],
  ['assumptions as a list', { settings: { assumptions: ['same-plan'] } }, ['/settings/assumptions', '["same-plan"]', 'an object such as {"same-plan":"charge-again"}']],
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
  ['an account as an empty list', world([]), ['/accounts/0', '[]', 'an account']],
  ['an account as a text', world('demo'), ['/accounts/0', '"demo"', 'an account']],
  ['an account without letters in its name', world({ name: '' }), ['/accounts/0/name', '""', 'a string of 1 to 200 characters']],
  ['an account with too long a name', world({ name: 'x'.repeat(201) }), ['/accounts/0/name', 'a word of 201 characters', 'a string of 1 to 200 characters']],
  ['a token as a number', world({ token: 132321343 }), ['/accounts/0/token', '"[redacted]"', 'a string of 1 to 200 characters']],
  ['too long a token', world({ token: 'x'.repeat(201) }), ['/accounts/0/token', '"[redacted]"', 'a string of 1 to 200 characters']],
  ['an empty token', world({ token: '' }), ['/accounts/0/token', '""', 'a string of 1 to 200 characters']],
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
  ['a ledger entry of a request without an id', booked({ ...OPENING, request_id: '' }), ['/accounts/0/ledger/1/request_id', '""', 'a string of 1 to 200 characters']],
  ...['', '10', '-1s', '1.5h', '1d', '1 h', '1000000000s', '1h30m'].flatMap((ttl): Array<[string, unknown, Expected]> => [
    [`an account for ${JSON.stringify(ttl)}`, world({ ttl }), ['/accounts/0/ttl', JSON.stringify(ttl), 'a duration such as "500ms", "30s", "10m" or "1h"']],
    [`a fault for ${JSON.stringify(ttl)}`, failing({ ttl }), ['/faults/0/ttl', JSON.stringify(ttl), 'a duration such as']]
  ]),
  ['a span of time as a number', world({ ttl: 500 }), ['/accounts/0/ttl', '500', 'a duration such as']],
  ['faults as an object', { faults: {} }, ['/faults', '{}', 'a list of at most 1000 faults']],
  ['a fault as a text', { faults: ['hang'] }, ['/faults/0', '"hang"', 'a fault']],
  ['what only faults of other kinds have', failing({ kind: 'http_error', http_status: 502, status: 403 }), ['/faults/0/status', '403', 'nothing, as only api_refusal has it; http_error has http_status and body']],
  ['a fault without a kind', { faults: [{ times: 1 }] }, ['/faults/0/kind', 'nothing', 'one of delay, http_error, api_refusal, connection_reset, ']],
  ...([
    ['kind', 'reset', 'one of delay, http_error, api_refusal, connection_reset, empty_response, hang, truncated_body, malformed_json, slow_body'],
    ['when', 'between', 'one of before, after'],
    ['project_id', '5786', 'a whole number from 0 to'],
    ['plan_id', -1, 'a whole number from 0 to'],
    ['times', 0, 'a whole number from 1 to 1000000000; leave it out for no limit'],
    ['skip', -1, 'a whole number from 0'],
    ['probability', 1.01, 'a number from 0 to 1'],
    ['seed', 4_294_967_296, 'a whole number from 0 to 4294967295'],
    ['delay', 500, 'one of {"fixed":200}, {"uniform":[100,300]}, {"lognormal":{"median":90,"sigma":0.4}}'],
    ['delay', {}, 'one of {"fixed":200}, '],
    ['delay', { fixed: 1, uniform: [1, 2] }, 'one of {"fixed":200}, '],
    ['delay/fixed', 600_001, 'a number of milliseconds from 0 to 600000'],
    ['delay/uniform', [1], 'two numbers of milliseconds, a minimum and a maximum'],
    ['delay/lognormal', 90, 'an object such as {"median":90,"sigma":0.4}'],
    ['http_status', 200, 'an HTTP status from 400 to 599'],
    ['body', { error: 'x' }, 'a string of at most 65536 characters'],
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
    [`the ${what as string} ${JSON.stringify(text)}`, scenario, [pointer as string, what === 'token' ? '"[redacted]"' : JSON.stringify(text), '200 characters, without lone surrogates']])),
  ...['.', '..'].map((name): [string, unknown, Expected] =>
    [`an account called ${name}`, world({ name }), ['/accounts/0/name', JSON.stringify(name), 'not "." or "..", which no URL path can hold']]),

  // Money.
  ...['5.0000', '0.0001', '-1', '-0', '+5', '05', '.5', '5.', '5,00', '1e3', ' 5', '5\n', '', '$5', 'Infinity', '1000000000000'].map((amount): [string, unknown, Expected] =>
    [`a balance of ${JSON.stringify(amount)}`, world({ balance: amount }), ['/accounts/0/balance', JSON.stringify(amount), 'an amount in USD as a string of at most 12 digits and 3 decimals, such as "4.99"']]),
  ['a balance as a number', world({ balance: 100 }), ['/accounts/0/balance', '100', 'an amount in USD as a string']],
  ['a price with a fourth decimal', { plans: [{ plan_id: 2, price: '4.9999' }] }, ['/plans/0/price', '"4.9999"', 'an amount in USD as a string']],
  ['a negative price', { plans: [{ plan_id: 2, price: '-5' }] }, ['/plans/0/price', '"-5"', 'an amount in USD as a string']],
  ['a fourth decimal in a ledger', world({ ledger: [{ ...OPENING, amount: '0.0001' }] }), ['/accounts/0/ledger/0/amount', '"0.0001"', 'an amount in USD as a string of at most 12 digits and 3 decimals, such as "-4.99"']],
  ['a negative balance in a ledger', world({ ledger: [{ ...OPENING, amount: '-5', balance: '-5' }] }), ['/accounts/0/ledger/0/balance', '"-5"', 'an amount in USD as a string']],
  ['a ledger that does not add up', booked({ ...OPENING, kind: 'credit', amount: '5', balance: '15' }, { ...OPENING, kind: 'plan-change', amount: '-5', balance: '9.999' }),
    ['/accounts/0/ledger/2/balance', '"9.999"', 'the balance before this entry plus its amount: "10"']],
  ['a ledger that does not begin with nothing', world({ ledger: [{ ...OPENING, balance: '11' }] }), ['/accounts/0/ledger/0/balance', '"11"', 'the balance before this entry plus its amount']],
  ['a wallet that holds something else than its ledger', world({ balance: '10.001', ledger: [OPENING] }), ['/accounts/0/balance', '"10.001"', 'the balance of the last ledger entry: "10"']],
  ['a wallet that holds something, and an empty ledger', world({ balance: '5', ledger: [] }), ['/accounts/0/balance', '"5"', 'the balance of the last ledger entry: "0"']],
  ['a price as a number', { plans: [{ plan_id: 2, price: 5 }] }, ['/plans/0/price', '5', 'an amount in USD as a string']],

  // What is there twice.
  ['twin names', world({ name: 'demo' }, { name: 'other' }, { name: 'demo' }), ['/accounts/2/name', '"demo"', 'a value used only once'], ['/accounts/2/token', '"', 'a value used only once']],
  ['twin names of accounts with tokens', world({ name: 'demo', token: 'a' }, { name: 'demo', token: 'b' }), ['/accounts/1/name', '"demo"', 'a value used only once']],
  ['a name that is the default of another account', world({ name: 'account-2', token: 'a' }, {}), ['/accounts/1/name', '"account-2"', 'a value used only once']],
  ['twin tokens', world({ token: 'abc' }, { token: 'abc' }, { token: 'abc' }), ['/accounts/1/token', '"[redacted]"', 'a value used only once'], ['/accounts/2/token', '"[redacted]"', 'a value used only once']],
  ['a token that another account has by default', world({ name: 'a', token: 'b48a6ae3a78bc05c7d9c91fe2ca2938bb6224ad4' }, { name: 'account-1' }), ['/accounts/1/token', '"[redacted]"', 'a value used only once']],
  ['twin projects', projects({ project_id: 7 }, { project_id: 8 }, { project_id: 7 }), ['/accounts/0/projects/2/project_id', '7', 'a value used only once']],
  ['twin services', subscriptions({ service: 2, plan_id: 1 }, { service: 2, plan_id: 7 }), [`${S}/1/service`, '2', 'a value used only once']],
  ['twin plans', { plans: [{ plan_id: 2, price: '5' }, { plan_id: 2, price: '6' }] }, ['/plans/1/plan_id', '2', 'a value used only once']],

  // Plans.
  ['a price on Pay As You Go', { plans: [{ plan_id: 1, price: '5' }] }, ['/plans/0/price', '"5"', 'no value: Pay As You Go has no price or cycle']],
  ['all that a paid plan has on Pay As You Go', { plans: [{ plan_id: 1, service: 1, price: '0', cycle: 'month' }] },
    ['/plans/0/service', '1', 'no value: Pay As You Go'], ['/plans/0/price', '"0"', 'no value: Pay As You Go'], ['/plans/0/cycle', '"month"', 'no value: Pay As You Go']],
  ...(['name', 'service', 'price', 'cycle'] as const).map((key): [string, unknown, Expected] => {
    const { [key]: _, ...row } = { plan_id: 10, name: 'New', service: 1, price: '5', cycle: 'month' }
    return [`a new plan without its ${key}`, { plans: [{ plan_id: 3 }, row] }, ['/plans/1', JSON.stringify(row).slice(0, 57), 'a row with name, service, price and cycle, as the plan table has no plan with this plan_id']]
  }),
  ['a subscription to a plan that there is not', subscriptions({ service: 1, plan_id: 10 }), [`${S}/0/plan_id`, '10', 'a plan of service 1: 1, 2, 3, 4, 5, 6']],
  ['a subscription to a plan of the other service', subscriptions({ service: 2, plan_id: 2 }), [`${S}/0/plan_id`, '2', 'a plan of service 2: 1, 7, 8, 9']],
  ['a subscription to a plan that a row has moved to the other service', { plans: [{ plan_id: 2, service: 2 }], ...subscriptions({ service: 1, plan_id: 2 }) as object }, [`${S}/0/plan_id`, '2', 'a plan of service 1: 1, 3, 4, 5, 6']],
  ['a billing date on Pay As You Go', subscriptions({ service: 1, plan_id: 1, next_billing_date: '2020-07-16T23:59:59Z' }), [`${S}/0/next_billing_date`, '"2020-07-16T23:59:59Z"', 'no value: Pay As You Go has no billing cycle']],
  ['a day of purchase on Pay As You Go', subscriptions({ service: 1, plan_id: 1, anchor_day: 31 }), [`${S}/0/anchor_day`, '31', 'no value: Pay As You Go has no billing cycle']],
  ['a day of purchase without a billing date', subscriptions({ service: 1, plan_id: 2, anchor_day: 31 }), [`${S}/0/anchor_day`, '31', 'no value without next_billing_date']],
  ['a day of purchase that is the billing date\'s', subscriptions({ service: 1, plan_id: 2, next_billing_date: '2020-02-29T23:59:59Z', anchor_day: 29 }), [`${S}/0/anchor_day`, '29', 'a later day of the month than that of next_billing_date']],
  ['a day of no month', subscriptions({ service: 1, plan_id: 2, next_billing_date: '2020-02-29T23:59:59Z', anchor_day: 32 }), [`${S}/0/anchor_day`, '32', 'a day of the month from 1 to 31']],
  ['a balance that rests on what there is not', { accounts: [{ balance_rests_on: ['auto-renewal'] }] }, ['/accounts/0/balance_rests_on/0', '"auto-renewal"', 'one of same-plan, ']],

  // Time.
  ['a frozen clock that stands nowhere', { clock: { mode: 'frozen' } }, ['/clock/at', 'nothing', 'the instant that a frozen clock shows']],
  ['a running clock that starts nowhere', { clock: { mode: 'running' } }, ['/clock/at', 'nothing', 'the instant that a running clock starts from']],
  ['a system clock set to another time', { clock: { mode: 'system', at: '2020-06-16' } }, ['/clock/at', '"2020-06-16"', 'no value: a system clock shows the machine\'s time']],
  ['an account\'s clock that stands nowhere', world({ clock: { mode: 'frozen' } }), ['/accounts/0/clock/at', 'nothing', 'the instant that a frozen clock shows']],
  ['an account\'s system clock set to another time', world({ clock: { mode: 'system', at: '2020-06-16' } }), ['/accounts/0/clock/at', '"2020-06-16"', 'no value: a system clock']],
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
    ['/faults/2/account', '"dem"', 'the name of an account in this scenario']],
  ['a fault for an endpoint that there is not', failing({ endpoint: '/pm/change-billing' }), ['/faults/0/endpoint', '"/pm/change-billing"', 'one of change-billing']],

  // Several at once, in the order of the document; what rests on them is looked at only when each thing by itself is right.
  ['issues all over', { clock: { mode: 'frozen' }, settings: { cutoff: 'soon' }, plans: [{ plan_id: 1, cycle: 'year' }], ...world({ projects: [{ project_id: 1, subscriptions: [{ service: 1, plan_id: 7 }] }, { project_id: 1 }] }) as object },
    ['/clock/at', 'nothing', 'the instant'], ['/settings/cutoff', '"soon"', 'a date'], ['/plans/0/cycle', '"year"', 'no value: Pay As You Go'],
    [`${S}/0/plan_id`, '7', 'a plan of service 1'], ['/accounts/0/projects/1/project_id', '1', 'a value used only once']],
  ['issues of the form all over', { extra: 1, clock: {}, accounts: [{ balance: 5, projects: [{ project_id: null }] }] },
    ['/extra', 'an unknown key', 'clock, settings, plans, accounts'], ['/clock/mode', 'nothing', 'one of'], ['/accounts/0/balance', '5', 'an amount'], ['/accounts/0/projects/0/project_id', 'null', 'a whole number']]
]

t.test('a wrong scenario is refused with every issue at its place', async t => {
  for (const [name, scenario, ...expected] of flawed) {
    const { issues, message } = problemOf(() => read(scenario))
    const [first] = issues
    t.strictSame(issues.map(({ pointer }) => pointer), expected.map(([pointer]) => pointer), name)
    const told = expected.every(([, found, right], index) => issues[index]!.found.startsWith(found) && issues[index]!.expected.includes(right))
    t.ok(told, `${name}: says ${JSON.stringify(issues)}`)
    t.equal(message, `the scenario is wrong${first!.pointer && ` at ${first!.pointer}`}: found ${first!.found}, expected ${first!.expected}${issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''}`)
  }
})

t.test('everything left out of a scenario has a default', async t => {
  t.strictSame(read({}), { clock: { mode: 'running', at: instant('2020-06-16T12:00:00Z'), since: MACHINE_TIME }, settings: {}, plans: PLANS, accounts: [], history: [], faults: [], requests: [] })
  t.strictSame(DEFAULT_CLOCK, { mode: 'running', at: instant('2020-06-16T12:00:00Z') })
  const { accounts } = read(world({}, { name: 'demo' }, { projects: [{ project_id: 7, subscriptions: [] }, { project_id: 8, subscriptions: [{ service: 2, plan_id: 1 }] }] }))
  t.strictSame(accounts[0], {
    account: { name: 'account-1', token: 'b48a6ae3a78bc05c7d9c91fe2ca2938bb6224ad4', balanceMills: 0, clock: null, settings: {} },
    record: { origin: { name: 'account-1' }, expiresAt: null },
    projects: [],
    entries: [{ at: instant('2020-06-16T12:00:00Z'), kind: 'opening', amountMills: 0, balanceMills: 0, projectId: null, planId: null, requestId: null }],
    history: []
  })
  t.match(accounts[1]!.account, { name: 'demo', token: /^[0-9a-f]{40}$/ })
  t.match(accounts[2]!.account, { name: 'account-3', token: /^[0-9a-f]{40}$/ })
  t.strictSame(accounts[2]!.projects, [
    { projectId: 7, projectName: 'project 7', status: 'Active', subscriptions: [], details: {}, apiTokens: [] },
    { projectId: 8, projectName: 'project 8', status: 'Active', subscriptions: [{ service: 2, planId: 1, nextBillingAt: null }], details: {}, apiTokens: [] }
  ])
})

t.test('the options that the emulator was started with override the scenario part by part', async t => {
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

const POINTER = /^(\/([^~/]|~[01])*)*$/

/** Whether a pointer leads to something in the document, or to a key that is missing in something there. */
function leadsSomewhere (document: unknown, pointer: string): boolean {
  const steps = pointer.split('/').slice(1).map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  return steps.slice(0, -1).reduce((value, step) => Object.hasOwn(Object(value), step) ? (value as Record<string, unknown>)[step] : undefined, document) !== undefined
}

const anyJson = fc.jsonValue({ maxDepth: 2, stringUnit: anyCharacter })

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

t.test('any JSON value is a scenario or refused with issues at places in it, and is not modified', async t => {
  const met = { right: 0, ofForm: 0, ofSense: 0 }
  fc.assert(fc.property(fc.oneof({ weight: 1, arbitrary: fc.jsonValue({ stringUnit: anyCharacter }) }, { weight: 4, arbitrary: roughly(roughScenario) }), input => {
    const before = JSON.stringify(input)
    let issues: readonly Issue[] = []
    try {
      read(input)
      met.right++
    } catch (error) {
      if (!(error instanceof Problem) || error.issues.length === 0) return false
      issues = error.issues
      met[issues.some(({ expected }) => /only once|a plan of service|no value: |clock (shows|starts from)|a row with/.test(expected)) ? 'ofSense' : 'ofForm']++
    }
    return JSON.stringify(input) === before && issues.every(({ pointer, found, expected }) =>
      POINTER.test(pointer) && leadsSomewhere(input, pointer) && found !== '' && found.length <= 60 && expected !== '' && expected !== 'undefined')
  }), { numRuns: effort(200, 2000) })
  t.ok(Math.min(met.right, met.ofForm, met.ofSense) > effort(0, 100), `each kind was tried: ${JSON.stringify(met)}`)
})
