import { join } from 'node:path'
import t from 'tap'
import { audit } from '../../src/domain/audit.js'
import { usd } from '../../src/domain/money.js'
import { instant, loaded, MACHINE_TIME, read, world } from '../support/scenario.js'
import { Database } from '../support/sqlite.js'

t.test('a ledger is read entry by entry, and ids left out of it are null', async t => {
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

t.test('an account expires after its ttl in the machine\'s time, and its origin holds everything but the ttl', async t => {
  const cases: ReadonlyArray<[ttl: string | undefined, ms: number | null]> = [[undefined, null], ['0ms', 0], ['999999999ms', 999_999_999], ['30s', 30_000], ['10m', 600_000], ['999999999h', 3_599_999_996_400_000]]
  for (const [ttl, ms] of cases) {
    const given = { name: 'demo', balance: '5', clock: { mode: 'system' }, projects: [{}], ...ttl !== undefined && { ttl } }
    const { ttl: _, ...origin } = { ttl, ...given }
    t.strictSame(read(world(given)).accounts[0]!.record, { origin, expiresAt: ms === null ? null : MACHINE_TIME + ms }, ttl ?? 'for ever')
  }
})

t.test('a token left out is derived from the account\'s name and the seed alone', async t => {
  const tokens = (scenario: unknown, seed = 1): string[] => read(scenario, {}, seed).accounts.map(({ account }) => account.token)
  t.strictSame([0, 2].map(seed => tokens(world({}), seed)[0]), ['ec9ab0ac92cbf0295a3b5cf0fc002cbbcedb73e5', '4cdd860ba1ca903653a6e07d1f2d261c5ac12feb'])
  t.strictSame(tokens(world({ name: 'demo' }), 2), tokens(world({ balance: '1' }, { name: 'demo' }), 2).slice(1))
  const [demo, second] = tokens(world({ name: 'demo' }, {}))
  t.strictSame(tokens(world({ token: 'x' }, { balance: '5' }, { name: 'demo', balance: '7' })), ['x', second, demo])
  t.equal(new Set(tokens(world(...Array(100).fill({})))).size, 100)
})

t.test('each wallet opens with one entry, at the account\'s own time', async t => {
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
