import t from 'tap'
import type { Account } from '../../src/domain/account.js'
import type { PresentedToken } from '../../src/domain/api-token.js'
import { assumptionLog, DEFAULT_CHOICES, namesIn, type Choices } from '../../src/domain/assumptions.js'
import { checkBalance, fetchBalance } from '../../src/domain/check-balance.js'
import { parseInstant } from '../../src/domain/clock.js'
import { parseCutoff } from '../../src/domain/cutoff.js'
import { Refusal, type Rule } from '../../src/domain/refusal.js'
import type { RequestFacts } from '../../src/domain/request.js'

const ACCOUNT: Account = { accountId: 1, name: 'demo', token: 'secret', balanceMills: 59_108, clock: null, settings: {}, dueAt: null }

interface Case {
  now?: string
  body?: Refusal
  token?: Refusal
  account?: 'none'
  apiToken?: Partial<PresentedToken>
}

const broken = (rule: Rule): Refusal => new Refusal(rule, 'broken')

/** What is decided, or the rule that refuses it and what its detail is. */
function outcome (decide: typeof checkBalance, { now = '2020-06-16', body, token, account, apiToken }: Case): unknown {
  const world: RequestFacts = {
    now: parseInstant(now)!,
    cutoff: parseCutoff('2023-02-01')!,
    assumptions: assumptionLog(DEFAULT_CHOICES),
    account: account === 'none' ? undefined : ACCOUNT,
    apiToken: apiToken && { token: 'secret', ip: '', status: 'enabled', projectId: 7, isFromItsAddress: true, ...apiToken }
  }
  try {
    return decide({ body: body ?? {}, token: token ?? 'secret', input: null }, world)
  } catch (error) {
    if (error instanceof Refusal) return `${error.rule}: ${error.message}`
    throw error
  }
}

const disabled = /^api-is-disabled-after-cutoff: .* since 2023-02-01T00:00:00Z;/
const deleted = 'token-must-be-known: this API token of project 7 has been deleted'
const elsewhere = { ip: '10.0.0.1', isFromItsAddress: false }

/** Cases, and what the Account API's balance and that of the Project Management API make of each. */
const CASES: Array<[string, Case, unknown, unknown]> = [
  ['the master token', {}, ACCOUNT, ACCOUNT],
  ['the master token in the last millisecond', { now: '2023-01-31T23:59:59.999Z' }, ACCOUNT, ACCOUNT],
  ['the switch-off, before anything else', { now: '2023-02-01', body: broken('body-must-be-json-object'), account: 'none' }, disabled, disabled],
  ['no JSON object, before the token', { body: broken('body-must-be-json-object'), token: broken('token-must-be-known') }, /^body-must-be-json-object/, /^body-must-be-json-object/],
  ['no token', { token: broken('token-must-be-known') }, 'token-must-be-known: broken', 'token-must-be-known: broken'],
  ['a token of nobody', { account: 'none' }, 'token-must-be-known: no account has this token', 'token-must-be-known: no account has this token'],
  ['a project\'s token', { apiToken: {} }, ACCOUNT, 'token-must-be-master: this is an API token of project 7; the account\'s master API token is required'],
  ['a project\'s token from its address', { apiToken: { ip: '10.0.0.1' } }, ACCOUNT, /^token-must-be-master/],
  ['a project\'s token from another address', { apiToken: elsewhere }, 'token-must-come-from-its-address: this API token of project 7 may only be used from 10.0.0.1', /^token-must-be-master/],
  ['a disabled token, before its address', { apiToken: { ...elsewhere, status: 'disabled' } }, 'token-must-be-enabled: this API token of project 7 is disabled', /^token-must-be-master/],
  ['a deleted token, wherever it comes from', { apiToken: { ...elsewhere, status: 'deleted' } }, deleted, deleted]
]

for (const [name, given, account, project] of CASES) {
  t.test(name, async t => {
    t.match(outcome(checkBalance, given), account, 'for the Account API')
    t.match(outcome(fetchBalance, given), project, 'for the Project Management API')
  })
}

t.test('a balance rests on what made it what it is, and check-balance on whether it was switched off', async t => {
  const decided = (decide: typeof checkBalance, now: string, choices: Partial<Choices>): string[] => {
    const assumptions = assumptionLog({ ...DEFAULT_CHOICES, ...choices })
    const world: RequestFacts = { now: parseInstant(now)!, cutoff: parseCutoff('2023-02-01')!, assumptions, account: { ...ACCOUNT, balanceRestsOn: ['auto-renew'] }, apiToken: undefined }
    try {
      decide({ body: {}, token: 'secret', input: null }, world)
      return ['granted', ...namesIn(assumptions)]
    } catch (error) {
      return [(error as Refusal).rule, ...namesIn(assumptions)]
    }
  }
  const on = { 'check-balance-switch-off': 'enabled' } as const
  const late = { 'disabled-time-zone': 'utc-12' } as const
  const off = 'api-is-disabled-after-cutoff'
  const rows: ReadonlyArray<[now: string, choices: Partial<Choices>, account: string[], project: string[]]> = [
    ['2020-06-16', {}, ['granted', 'auto-renew'], ['granted', 'auto-renew']],
    ['2023-03-01', {}, [off, 'check-balance-switch-off'], [off]],
    ['2023-03-01', on, ['granted', 'check-balance-switch-off', 'auto-renew'], [off]],
    ['2023-02-01', {}, [off, 'check-balance-switch-off', 'disabled-time-zone'], [off, 'disabled-time-zone']],
    ['2023-02-01', late, ['granted', 'disabled-time-zone', 'auto-renew'], ['granted', 'disabled-time-zone', 'auto-renew']],
    ['2023-02-01', { ...on, ...late }, ['granted', 'auto-renew'], ['granted', 'disabled-time-zone', 'auto-renew']]
  ]
  for (const [now, choices, account, project] of rows) {
    t.same(decided(checkBalance, now, choices), account, `for the Account API, ${now} ${JSON.stringify(choices)}`)
    t.same(decided(fetchBalance, now, choices), project, 'for the Project Management API')
  }
})
