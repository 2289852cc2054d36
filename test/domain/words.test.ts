import t from 'tap'
import { LEDGER_KINDS } from '../../src/domain/account.js'
import { API_TOKEN_STATUSES } from '../../src/domain/api-token.js'
import { ASSUMPTIONS, DEFAULT_CHOICES } from '../../src/domain/assumptions.js'
import { BILLING_EVENTS, EXPIRY_REASONS } from '../../src/domain/billing-events.js'
import { FAULT_KINDS } from '../../src/domain/fault.js'
import { HISTORY_EVENTS } from '../../src/domain/history.js'
import { DATE_FORMATS, PROJECT_STATUSES } from '../../src/domain/project.js'
import { COMMON_RULES, Refusal, RULES } from '../../src/domain/refusal.js'
import { changeSettings, DEFAULT_SETTINGS, settingsFor } from '../../src/domain/settings.js'

// These words are in databases, scenarios, exported journals and the code of clients: another spelling would break all of them.
t.test('words that are kept in files stay what they are', async t => {
  t.same(LEDGER_KINDS, ['opening', 'plan-change', 'renewal', 'credit', 'adjustment'])
  t.same(BILLING_EVENTS, ['renewed', 'expired', 'lapsed', 'deleted'])
  t.same(HISTORY_EVENTS, ['renewed', 'expired', 'lapsed', 'deleted', 'clock-moved', 'world-clock-moved'])
  t.same(EXPIRY_REASONS, ['balance-too-low', 'auto-renew-off', 'api-disabled'])
  t.same(API_TOKEN_STATUSES, ['enabled', 'disabled', 'deleted'])
  t.same(PROJECT_STATUSES, ['Active', 'Expired', 'Delete'], 'as the vendor spells them')
  t.same(DATE_FORMATS, ['YYYY-MM-DD', 'DD-MM-YYYY', 'MM-DD-YYYY'], 'as the vendor spells them')
  t.same(FAULT_KINDS, ['delay', 'http_error', 'api_refusal', 'connection_reset', 'empty_response', 'hang', 'truncated_body', 'malformed_json', 'slow_body'])
})

t.test('the open questions have their names and choices, the default first', async t => {
  const choices: Record<string, readonly string[]> = {
    'same-plan': ['refuse', 'accept-free', 'charge-again'],
    'price-between-paid-plans': ['full-price', 'difference'],
    'month-length': ['calendar', '30-days'],
    'unknown-project-status': ['410', '408', '409'],
    'disabled-status': ['101', '405'],
    'pay-as-you-go-fields': ['empty-string', 'zero', 'absent'],
    'disabled-time-zone': ['utc', 'utc+14', 'utc-12'],
    'auto-renew': ['on', 'off'],
    'expired-project': ['refuse', 'revive'],
    'all-projects-key': ['projects', 'data'],
    'billing-anchor': ['drifts', 'keeps-day'],
    'unpaid-service': ['expires-project', 'falls-back'],
    'renewal-after-switch-off': ['continues', 'stops'],
    deletion: ['after-14-days', 'never'],
    'deleted-project': ['shown', 'gone'],
    'inactive-project': ['refuse', 'allow'],
    'shown-service': ['first', 'last'],
    'token-without-address': ['any-address', 'no-token'],
    'check-balance-switch-off': ['disabled', 'enabled'],
    'pay-as-you-go-service': ['both', 'phone-automation'],
    'plan-prices': ['bundled'],
    'set-webhook-endpoint': ['like-its-siblings'],
    'fetch-balance-endpoint': ['like-check-balance'],
    'refusal-status': ['nearest-text'],
    'project-statuses': ['by-payment'],
    'project-without-plan': ['pay-as-you-go'],
    cancellation: ['at-once'],
    'renewal-order': ['lowest-project-id'],
    'create-project-fields': ['none-but-token'],
    'create-project-keys': ['after-service'],
    'qr-code-url': ['nowhere'],
    'deleted-tokens': ['hidden'],
    'empty-ip-whitelist': ['refuse'],
    'repeated-token-action': ['nothing']
  }
  t.same(Object.fromEntries(Object.entries(ASSUMPTIONS).map(([name, { choices }]) => [name, choices])), choices)
  t.same(DEFAULT_CHOICES, Object.fromEntries(Object.entries(choices).map(([name, [first]]) => [name, first])))
})

t.test('an assumption without a choice names the setting that takes its place, where there is one', async t => {
  t.same(Object.entries(ASSUMPTIONS).flatMap(([name, assumption]) => 'otherwise' in assumption ? [[name, assumption.otherwise]] : []), [
    ['plan-prices', 'rows of the plan table: --plans FILE'],
    ['set-webhook-endpoint', '--path set-webhook=PATH'],
    ['fetch-balance-endpoint', '--path fetch-balance=PATH']
  ])
})

t.test('the rules, in the order in which they are checked, and how each is known', async t => {
  t.same(Object.entries(RULES), [
    ['path-must-be-known', 'assumed'],
    ['api-is-disabled-after-cutoff', 'documented'],
    ['method-must-be-post', 'documented'],
    ['body-must-be-json-object', 'assumed'],
    ['token-must-be-known', 'documented'],
    ['token-must-be-master', 'documented'],
    ['token-must-be-enabled', 'assumed'],
    ['token-must-come-from-its-address', 'assumed'],
    ['fields-must-be-valid', 'assumed'],
    ['project-must-exist', 'assumed'],
    ['project-must-be-active', 'observed'],
    ['api-token-must-exist', 'assumed'],
    ['plan-must-exist', 'documented'],
    ['plan-must-belong-to-service', 'documented'],
    ['plan-must-differ', 'assumed'],
    ['wallet-must-cover-price', 'documented']
  ])
  t.same(COMMON_RULES, ['api-is-disabled-after-cutoff', 'method-must-be-post', 'body-must-be-json-object', 'token-must-be-known'], 'those that every endpoint has')
})

t.test('a refusal says its rule and detail, and costs no stack', async t => {
  const refusal = new Refusal('plan-must-exist', 'plan_id 10 is not in the plan table')
  t.equal(refusal.rule, 'plan-must-exist')
  t.equal(String(refusal), 'Refusal: plan_id 10 is not in the plan table')
  t.notMatch(refusal.stack, /\n {4}at /, 'it names no line of code')
  t.match(new Error('another').stack, /\n {4}at /, 'which other errors still do')
})

t.test('settings', async t => {
  t.match(DEFAULT_SETTINGS, {
    wire: { types: 'sample', httpStatus: '200', contentType: 'application/json', message: 'detailed' },
    assumptions: DEFAULT_CHOICES,
    strict: false,
    cutoff: { kind: 'day', utcMidnight: Date.UTC(2023, 1, 1) }
  }, 'are what is documented, or else observed, where nobody chose')

  t.test('that are changed in part stay as they are in the rest', async t => {
    const chosen = { wire: { types: 'table' }, assumptions: { 'auto-renew': 'off' }, strict: true, cutoff: { kind: 'never' } } as const
    const changed = changeSettings(DEFAULT_SETTINGS, chosen)
    t.same(changed, { wire: { ...DEFAULT_SETTINGS.wire, types: 'table' }, assumptions: { ...DEFAULT_CHOICES, 'auto-renew': 'off' }, strict: true, cutoff: { kind: 'never' } })
    t.same(changeSettings(changed, {}), changed, 'by nothing')
    t.equal(changeSettings(changed, { strict: false }).strict, false, 'and can be taken back')
  })

  t.test('are the account\'s, else the world\'s, else the default', async t => {
    const world = { strict: true, wire: { types: 'table', message: 'bare' } } as const
    const account = { wire: { message: 'detailed' } } as const
    t.same(settingsFor(world, account), { ...DEFAULT_SETTINGS, strict: true, wire: { ...DEFAULT_SETTINGS.wire, types: 'table', message: 'detailed' } })
    t.same(settingsFor(world), { ...DEFAULT_SETTINGS, strict: true, wire: { ...DEFAULT_SETTINGS.wire, ...world.wire } }, 'of a world without an account')
    t.same(settingsFor({}, account), DEFAULT_SETTINGS, 'of another world')
    t.same(settingsFor(world, { strict: false }).strict, false, 'of another account')
  })

  t.test('are put together once for the same world and account', async t => {
    const [world, account] = [{ strict: true }, { strict: false }]
    t.equal(settingsFor(world, account), settingsFor(world, account))
    t.equal(settingsFor(world), settingsFor(world))
    t.not(settingsFor(world, account), settingsFor(world))
  })
})
