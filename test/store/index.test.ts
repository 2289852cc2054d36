import { join } from 'node:path'
import t from 'tap'
import type { LedgerEntry } from '../../src/domain/account.js'
import { API_TOKEN_STATUSES } from '../../src/domain/api-token.js'
import type { Project, ProjectBilling, ProjectStatus } from '../../src/domain/project.js'
import { openStore, type Store } from '../../src/store/index.js'
import { DEMO, fileStore, look, namesIn, OPENING, RECORD, using } from '../support/store.js'
import { Database } from '../support/sqlite.js'

t.test('work that is done at once', async t => {
  const store = openStore()
  t.teardown(store.close)
  const insert = (name: string): number => store.accounts.insert({ ...DEMO, name, token: name }, RECORD)

  t.equal(store.file, ':memory:')
  t.equal(store.transaction(() => insert('kept')), 1, 'gives what the work gives')
  t.throws(() => store.transaction(() => {
    insert('undone')
    throw new Error('no')
  }), { message: 'no' })
  t.strictSame(namesIn(store), ['kept'], 'is kept, or undone when it throws')

  t.equal(store.dryRun(() => insert('rehearsed') > 0 && store.accounts.count()), 2, 'sees itself in a rehearsal')
  t.throws(() => store.dryRun(() => {
    insert('undone')
    throw new Error('no')
  }), { message: 'no' })
  t.strictSame(namesIn(store), ['kept'], 'which leaves nothing')
  t.throws(() => store.dryRun(() => insert('kept')), { code: 'SQLITE_CONSTRAINT_UNIQUE' }, 'and fails where a write would')
})

t.test('work that only reads sees one moment, whatever another process writes meanwhile', async t => {
  const { store, insert } = fileStore(t)
  insert('before')
  using(openStore(store.file), other => {
    const seen = store.atOneMoment(() => {
      const names = namesIn(store)
      other.accounts.insert({ ...DEMO, name: 'meanwhile', token: 'meanwhile' }, RECORD)
      return [names, namesIn(store)]
    })
    t.strictSame(seen, [['before'], ['before']])
  })
  t.strictSame(namesIn(store), ['before', 'meanwhile'])
})

t.test('a world that is written beside another is seen by nobody until it replaces it, at once and whole', async t => {
  const { store, insert, others } = fileStore(t)
  const rowsOf = (): unknown => ['plan', 'account', 'account_origin', 'project', 'subscription', 'api_token', 'ledger_entry', 'history_event']
    .map(table => readCopyOf(store, table))
  store.plans.update({ planId: 2, name: 'old', service: 1, price: { mills: 5000, cycle: 'month' } })
  insert('old')
  store.tokens.read(true)
  const before = rowsOf()
  const fill = ({ tables, transaction }: ReturnType<typeof store.stage>): void => transaction(() => {
    tables.plans.update({ planId: 3, name: 'new', service: 1, price: { mills: 5000, cycle: 'month' } })
    tables.plans.update({ planId: 3, name: 'new', service: 1, price: { mills: 7000, cycle: 'month' } })
    const accountId = tables.accounts.insert({ ...DEMO, name: 'new', token: 'new-token' }, RECORD)
    tables.ledger.insert(accountId, OPENING)
    tables.projects.insertAll(accountId, [1, 2].map(projectId => ({
      projectId,
      projectName: 'p',
      status: 'Active',
      subscriptions: [{ service: 1, planId: 3, nextBillingAt: 7 }],
      details: {},
      apiTokens: [{ token: `t${projectId}`, ip: '', status: 'enabled' }]
    } as const)))
    tables.history.insert(accountId, [{ at: 1, event: 'deleted', projectId: 1 }])
    tables.history.insert(null, [])
  })
  const replace = (staged: ReturnType<typeof store.stage>, last = (): void => {}): void => store.replace(() => {
    store.accounts.removeAll()
    store.plans.removeAll()
    staged.copy()
    last()
  }, false)

  const first = store.stage()
  fill(first)
  t.equal(first.tables.accounts.list()[0]!.dueAt, 7)
  t.strictSame(rowsOf(), before)
  t.equal(others(), 1, 'nor does another process')
  using(openStore(store.file), again => t.strictSame(namesIn(again), ['old'], 'a process that is killed leaves nothing of it'))
  t.throws(() => { replace(first, () => { throw new Error('no') }) }, { message: 'no' })
  t.strictSame(rowsOf(), before, 'nor does one that fails')
  t.equal(store.dryRun(() => { store.accounts.removeAll(); store.plans.removeAll(); first.copy(); return namesIn(store).join() }, false), 'new', 'it can be looked at')
  t.strictSame(rowsOf(), before)
  first.close()

  const second = store.stage()
  t.equal(second.tables.accounts.count(), 0, 'the next one begins empty')
  fill(second)
  store.tokens.read(true)
  replace(second)
  second.close()
  using(openStore(), stopped => {
    const third = stopped.stage()
    stopped.close()
    third.close()
  })
  t.strictSame(store.tokens.read(false).tokens, ['new-token', 't1', 't2'], 'its tokens are new to those who hide them')
  t.strictSame(namesIn(store), ['new'])
  t.strictSame(store.plans.list().map(({ name, price }) => [name, price?.mills]), [['new', 7000]])
  t.strictSame(store.projects.list(1).map(({ projectId, apiTokens }) => [projectId, apiTokens[0]!.token]), [[1, 't1'], [2, 't2']])
  t.strictSame(readCopyOf(store, 'pragma_foreign_key_check'), [])
  t.throws(() => store.transaction(() => { store.plans.removeAll() }), { code: 'SQLITE_CONSTRAINT_FOREIGNKEY' }, 'foreign keys are checked again')
  using(openStore(store.file), again => t.strictSame(namesIn(again), ['new']))
})

/** The rows of a table in a copy of a store. */
function readCopyOf (store: Store, table: string): unknown[] {
  const db = new Database(store.copy(Infinity)!)
  const rows = db.prepare(`SELECT * FROM ${table}`).all()
  db.close()
  return rows
}

t.test('accounts that are written beside the world are added under new ids, or under their own', async t => {
  const { store, insert } = fileStore(t)
  const staged = store.stage()
  staged.transaction(() => {
    for (const name of ['a', 'b']) {
      const accountId = staged.tables.accounts.insert({ ...DEMO, name, token: name }, RECORD)
      for (const at of [3, 1, 2]) staged.tables.ledger.insert(accountId, { ...OPENING, at })
      staged.tables.history.insert(accountId, [{ at: 1, event: 'deleted', projectId: 1 }])
      staged.tables.projects.insert(accountId, {
        projectId: 1, projectName: name, status: 'Active', subscriptions: [], details: {}, apiTokens: [{ token: `of ${name}`, ip: '', status: 'enabled' }]
      })
    }
  })
  const ids = (): unknown => store.accounts.list().map(({ name, accountId }) => [name, accountId])
  store.replace(() => { staged.add('new') }, false)
  t.strictSame(ids(), [['a', 1], ['b', 2]], 'from the first one on in an empty world')
  t.ok(staged.isAnyTaken())
  store.accounts.removeAll()
  t.notOk(staged.isAnyTaken())
  store.replace(() => { staged.add('same') }, false)
  t.strictSame(ids(), [['a', 1], ['b', 2]])
  store.accounts.removeAll()
  for (const name of ['first', 'second', 'third']) insert(name)
  store.tokens.read(true)
  store.replace(() => { staged.add('new') }, false)
  t.strictSame(ids(), [['first', 1], ['second', 2], ['third', 3], ['a', 4], ['b', 5]])
  t.strictSame(store.ledger.list(5).map(({ at }) => at), [3, 1, 2], 'with all that belongs to them, in its order')
  t.match(store.projects.list(4), [{ projectName: 'a', apiTokens: [{ token: 'of a' }] }])
  t.strictSame(store.history.list(5), [{ at: 1, event: 'deleted', projectId: 1 }])
  t.strictSame(store.tokens.read(false).tokens, ['a', 'of a', 'b', 'of b'], 'and tokens that are known')
  staged.close()
  t.strictSame(readCopyOf(store, 'pragma_foreign_key_check'), [])
  for (const [name, token, expected] of [['x', 'y', false], ['a', 'y', true], ['x', 'b', true], ['x', 'of a', true]] as const) {
    const again = store.stage()
    again.transaction(() => { again.tables.accounts.insert({ ...DEMO, name, token }, RECORD) })
    t.equal(again.isAnyTaken(), expected, `${name} with the token ${token}`)
    again.close()
  }
})

t.test('a world that replaces a small or a large one', async t => {
  const store = openStore()
  t.teardown(store.close)
  const load = (name: string, size: number): void => {
    store.accounts.removeAll()
    const accountId = store.accounts.insert({ ...DEMO, name, token: name }, RECORD)
    store.ledger.insert(accountId, OPENING)
    store.history.insert(accountId, [{ at: 1, event: 'deleted', projectId: 1 }])
    store.projects.insertAll(accountId, Array.from({ length: size }, (_, index) => ({
      projectId: index + 1,
      projectName: '',
      status: 'Active',
      subscriptions: [{ service: 1, planId: 2, nextBillingAt: 2000 - index }],
      details: {},
      apiTokens: [{ token: `${name}-${index}`, ip: '', status: 'enabled' }]
    } as const)))
  }
  /** Counts the rows of each table, and those whose foreign key leads nowhere. */
  const rows = (): Record<string, unknown> => {
    const db = new Database(store.copy(Infinity)!)
    const count = (table: string): unknown => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()
    const tables = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%account_id%'").pluck().all()
    const counts = Object.fromEntries([...tables, 'pragma_foreign_key_check'].map(table => [table, count(table)]))
    db.close()
    return counts
  }
  const world = (size: number) => ({
    account: 1, account_origin: 1, ledger_entry: 1, history_event: 1, project: size, subscription: size, api_token: size, pragma_foreign_key_check: 0
  })
  store.plans.update({ planId: 2, name: 'paid', service: 1, price: { mills: 5000, cycle: 'month' } })
  for (const size of [1000, 999, 1001, 1]) {
    store.replace(() => { load(`of ${size}`, size) })
    t.strictSame(rows(), world(size), 'leaves nothing of it')
    t.equal(store.accounts.list()[0]!.dueAt, 2001 - size, 'and is due with its first project')
  }
  store.replace(() => { load('kept', 1000) })
  t.throws(() => store.replace(() => {
    load('undone', 1)
    throw new Error('no')
  }), { message: 'no' })
  t.strictSame([rows(), namesIn(store)], [world(1000), ['kept']], 'or changes nothing')
  const [kept] = store.accounts.list()
  store.accounts.remove(kept!.accountId)
  t.equal(store.projects.count(), 0, 'and foreign keys count again')
})

t.test('the tables', async t => {
  const store = openStore()
  t.teardown(store.close)

  t.equal(store.world.find(), undefined, 'hold no world until a scenario is loaded')
  store.world.update({ starts: 0, clock: { mode: 'system' }, settings: {} })
  store.world.update({ starts: 1, clock: { mode: 'frozen', at: 5 }, settings: { strict: true } })
  t.strictSame(store.world.find(), { starts: 1, clock: { mode: 'frozen', at: 5 }, settings: { strict: true } })
  t.equal(store.world.find()!.clock, store.world.find()!.clock, 'and parse a clock only when it has changed')

  const free = { planId: 1, name: 'free', service: null, price: null }
  const paid = { planId: 2, name: 'paid', service: 1, price: { mills: 5000, cycle: 'month' } } as const
  const dearer = { ...paid, price: { mills: 6000, cycle: 'year' } } as const
  for (const plan of [paid, free, dearer]) store.plans.update(plan)
  t.strictSame(store.plans.list(), [free, dearer], 'keep the last word on a plan, in the order of ids')
  t.strictSame([1, 2, 3].map(planId => store.plans.table().get(planId)), [free, dearer, undefined])

  const second = { ...DEMO, name: 'second', token: 'other', clock: { mode: 'frozen', at: 7 }, settings: { strict: true } } as const
  const [demoId, secondId] = [store.accounts.insert(DEMO, RECORD), store.accounts.insert(second, RECORD)]
  store.accounts.updateBalance(demoId, 1)
  t.strictSame([...store.accounts.list()], [{ ...DEMO, accountId: demoId, balanceMills: 1, dueAt: null }, { ...second, accountId: secondId, dueAt: null }])
  t.strictSame(store.accounts.findByToken('other'), { ...second, accountId: secondId, dueAt: null })
  t.equal(store.accounts.findByToken('nobody\'s'), undefined)
  t.equal(store.accounts.count(), 2)

  const project = { projectId: 9, projectName: 'nine', status: 'Expired', subscriptions: [{ service: 2, planId: 1, nextBillingAt: null }], details: { notes: 'ü', country: 'IN' }, apiTokens: [] } as const
  const apiTokens = ['b', 'a', 'c'].map((token, index) => ({ token, ip: index === 1 ? '::1' : '', status: API_TOKEN_STATUSES[index]! }))
  for (const accountId of [secondId, demoId]) store.projects.insert(accountId, { ...project, apiTokens: accountId === demoId ? apiTokens : [] })
  store.projects.insert(demoId, { ...project, projectId: 3, subscriptions: [] })
  store.projects.updateSubscription(store.accounts.find(demoId)!, 9, { service: 1, planId: 2, nextBillingAt: 11 })
  store.projects.updateSubscription(store.accounts.find(demoId)!, 9, { service: 2, planId: 2, nextBillingAt: 12 })
  t.strictSame(store.projects.find(demoId, 9), {
    ...project,
    subscriptions: [{ service: 1, planId: 2, nextBillingAt: 11 }, { service: 2, planId: 2, nextBillingAt: 12 }],
    apiTokens
  }, 'keep a project\'s tokens in the order in which they were made')
  t.strictSame(store.projects.find(secondId, 9), project, 'and two accounts apart that have the same project_id')
  t.equal(store.projects.find(secondId, 3), undefined)
  store.projects.updateApiToken({ ...apiTokens[1]!, status: 'enabled' })
  t.strictSame(store.projects.findByApiToken('a'), { accountId: demoId, projectId: 9, apiToken: { token: 'a', ip: '::1', status: 'enabled' } })
  t.equal(store.projects.findByApiToken('secret'), undefined, 'tell a project\'s token from an account\'s')
  store.projects.insertApiToken(secondId, 9, { token: 'd', ip: '', status: 'enabled' })
  store.projects.updateDetails(secondId, 9, { companyName: 'nine' })
  t.match(store.projects.find(secondId, 9), { details: { companyName: 'nine' }, apiTokens: [{ token: 'd' }] })
  t.strictSame(store.projects.find(demoId, 9)!.details, project.details)
  store.projects.updateDetails(secondId, 9, project.details)
  t.strictSame(store.projects.list(demoId).map(({ projectId }) => projectId), [3, 9])
  t.strictSame(store.projects.list(demoId, 1).map(({ projectId }) => projectId), [3])
  t.equal(store.projects.count(), 3)

  t.test('refuse what can\'t be', async t => {
    const wrong: Array<[string, () => unknown]> = [
      ['a balance below zero', () => store.accounts.updateBalance(demoId, -1)],
      ['a balance in parts of a mill', () => store.accounts.updateBalance(demoId, 0.5)],
      ['a name that is taken', () => store.accounts.insert({ ...DEMO, token: 'new' }, RECORD)],
      ['a token that is taken', () => store.accounts.insert({ ...DEMO, name: 'new' }, RECORD)],
      ['a price below zero', () => store.plans.update({ ...paid, price: { mills: -1, cycle: 'month' } })],
      ['a plan with a price and no service', () => store.plans.update({ ...paid, service: null } as never)],
      ['a service that does not exist', () => store.projects.updateSubscription(store.accounts.find(demoId)!, 9, { service: 3 as 1, planId: 1, nextBillingAt: null })],
      ['a subscription to no plan', () => store.projects.updateSubscription(store.accounts.find(demoId)!, 9, { service: 1, planId: 77, nextBillingAt: null })],
      ['a subscription of no project', () => store.projects.updateSubscription(store.accounts.find(demoId)!, 77, { service: 1, planId: 1, nextBillingAt: null })],
      ['a project of no account', () => store.projects.insert(77, project)],
      ['a project that is there', () => store.projects.insert(demoId, project)],
      ['a token that a project has', () => store.projects.insertApiToken(secondId, 9, { token: 'a', ip: '', status: 'enabled' })],
      ['a token of no project', () => store.projects.insertApiToken(demoId, 77, { token: 'new', ip: '', status: 'enabled' })],
      ['a token\'s status of another spelling', () => store.projects.updateApiToken({ token: 'a', ip: '', status: 'gone' as 'deleted' })],
      ['a status of another spelling', () => store.projects.insert(demoId, { ...project, projectId: 4, status: 'active' as 'Active' })],
      ['an entry of no account', () => store.ledger.insert(77, OPENING)],
      ['an entry that leaves a balance below zero', () => store.ledger.insert(demoId, { ...OPENING, balanceMills: -1 })]
    ]
    const before = [[...store.accounts.list()], store.plans.list(), store.projects.find(demoId, 9), store.projects.count()]
    for (const [name, write] of wrong) t.throws(write, { code: /^SQLITE_CONSTRAINT_/ }, name)
    t.strictSame([[...store.accounts.list()], store.plans.list(), store.projects.find(demoId, 9), store.projects.count()], before)
  })
})

t.test('the id of the next project', async t => {
  const store = openStore()
  t.teardown(store.close)
  const [one, other] = ['one', 'other'].map(name => store.accounts.insert({ ...DEMO, name, token: name }, RECORD)) as [number, number]
  const next = (projectId: number): number => {
    store.projects.insert(one, { projectId, projectName: '', status: 'Active', subscriptions: [], details: {}, apiTokens: [] })
    return store.projects.nextId(one)
  }
  t.equal(store.projects.nextId(one), 1, 'is 1 where there is none')
  t.equal(next(1), 2)
  t.equal(next(7), 8, 'is one more than the highest')
  store.projects.remove(one, 7)
  t.equal(store.projects.nextId(one), 2)
  t.equal(next(Number.MAX_SAFE_INTEGER), 2, 'or the first gap where there is no higher one')
  t.equal(next(2), 3)
  store.projects.remove(one, 1)
  t.equal(store.projects.nextId(one), 1)
  t.equal(store.projects.nextId(other), 1, 'whatever another account has')
})

t.test('when something is due', async t => {
  const store = openStore()
  t.teardown(store.close)
  store.plans.update({ planId: 2, name: 'paid', service: 1, price: { mills: 5000, cycle: 'month' } })
  const [one, other, own] = ['one', 'other', 'own'].map(name => store.accounts.insert({ ...DEMO, name, token: name, clock: name === 'own' ? { mode: 'system' } : null }, RECORD)) as [number, number, number]
  const [day, kept] = [86_400_000, 14 * 86_400_000]
  const put = (accountId: number, projectId: number, status: ProjectStatus, ...ends: Array<number | null>): void => store.projects.insert(accountId, {
    projectId, projectName: '', status, details: {}, apiTokens: [], subscriptions: ends.map((nextBillingAt, index) => ({ service: index === 0 ? 1 : 2, planId: 2, nextBillingAt }))
  })
  const due = (accountId: number) => store.accounts.find(accountId)!.dueAt
  const listed = (at: number) => store.projects.listDue(one, at).map(({ projectId }) => projectId).sort((a, b) => a - b)

  put(other, 1, 'Active', null)
  t.equal(due(other), null, 'nothing is, of an account without a cycle')
  t.equal(store.projects.nextDue(other), null)
  put(one, 1, 'Active', 20 * day, 18 * day)
  t.equal(due(one), 18 * day, 'a cycle that is earlier than all others says so')
  put(one, 2, 'Active', 19 * day)
  t.equal(due(one), 18 * day, 'and a later one does not')
  put(one, 3, 'Expired', 5 * day, 30 * day)
  put(one, 4, 'Delete', 1 * day)
  t.ok(due(one)! <= 18 * day, 'it may be early, but is never late')
  t.equal(store.projects.nextDue(one), 18 * day, 'an expired project is due 14 days after its cycle, a deleted one never')
  put(own, 1, 'Active', 90 * day)
  put(other, 2, 'Expired', 3 * day)
  t.equal(store.projects.nextDue(other), 3 * day + kept)
  t.equal(store.projects.nextDue(other, false), null, 'which is never, where expired projects are kept')
  t.equal(store.projects.nextDue(one, false), 18 * day)
  t.strictSame([0, 17, 18, 19, 20, 90].map(days => store.projects.nextCycleEnd(null, days * day)), [18 * day, 18 * day, 19 * day, 20 * day, null, null], 'of all on the world\'s clock')
  for (const id of [one, other, own]) store.accounts.updateDue(id, 200 * day)
  store.accounts.recheckDue(own)
  t.strictSame([one, other, own].map(due), [200 * day, 200 * day, 90 * day], 'an account is looked at again, at its first end of a cycle')
  store.accounts.recheckDue(null)
  t.strictSame([one, other, own].map(due), [1 * day, 3 * day, 90 * day], 'and all accounts')

  t.strictSame([listed(4 * day), listed(5 * day), listed(18 * day), listed(19 * day)], [[], [3], [1, 3], [1, 2, 3]])
  t.strictSame(store.projects.listDue(one, 18 * day).find(({ projectId }) => projectId === 1), store.projects.findStanding(one, 1), 'with all that billing asks of them')
  t.strictSame([0, 17, 18, 19, 20].map(days => store.projects.nextCycleEnd(one, days * day)), [18 * day, 18 * day, 19 * day, 20 * day, null], 'the next cycle is an active project\'s, and later')

  store.accounts.updateDue(one, 100 * day)
  store.accounts.updateDue(other, null)
  const dueAccounts = (at: number): string[] => store.accounts.listDue(at).map(({ name }) => name)
  t.strictSame([dueAccounts(100 * day - 1), dueAccounts(100 * day)], [['own'], ['one', 'own']], 'an account with a clock of its own may be at any time')

  store.projects.updateStatus(one, 3, 'Active')
  t.equal(due(one), 5 * day, 'what is active again is due at the end of its cycle')
  store.projects.updateStatus(other, 1, 'Active')
  t.equal(due(other), null)

  const standing = { projectId: 1, status: 'Expired', subscriptions: [{ service: 1, planId: 2, nextBillingAt: 20 * day }, { service: 2, planId: 2, nextBillingAt: 40 * day }] } as const
  store.projects.updateBilling(one, standing)
  t.strictSame(store.projects.findStanding(one, 1), standing)
  t.match(store.projects.findStanding(one, 2), { status: 'Active', subscriptions: [{ nextBillingAt: 19 * day }] })
  t.equal(store.projects.findStanding(one, 77), undefined)
  t.strictSame(store.projects.findStanding(other, 1)!.subscriptions, [{ service: 1, planId: 2, nextBillingAt: null }])
})

t.test('the ledger keeps every field of an entry', async t => {
  const file = join(t.testdir(), 'world.db')
  const debit: LedgerEntry = { at: 5, kind: 'plan-change', amountMills: -5000, balanceMills: 95_000, projectId: 9, planId: 2, requestId: '1-1' }
  using(openStore(file), store => {
    const accountId = store.accounts.insert(DEMO, RECORD)
    for (const entry of [OPENING, debit]) store.ledger.insert(accountId, entry)
  })
  t.strictSame(look(t, file).prepare('SELECT * FROM ledger_entry ORDER BY entry_id').all(), [
    { entry_id: 1, account_id: 1, at: 0, kind: 'opening', amount_mills: 100_000, balance_mills: 100_000, project_id: null, plan_id: null, request_id: null },
    { entry_id: 2, account_id: 1, at: 5, kind: 'plan-change', amount_mills: -5000, balance_mills: 95_000, project_id: 9, plan_id: 2, request_id: '1-1' }
  ])
})

t.test('many projects are updated, and many entries inserted, as one by one', async t => {
  const store = openStore()
  t.teardown(store.close)
  for (const planId of [2, 3]) store.plans.update({ planId, name: 'paid', service: 1, price: { mills: 5000, cycle: 'month' } })
  const [one, many, other] = ['one', 'many', 'other'].map(name => store.accounts.insert({ ...DEMO, name, token: name }, RECORD)) as [number, number, number]
  for (const size of [49, 50, 120]) {
    const before = Array.from({ length: size }, (_, index): Project => ({
      projectId: index + 1, projectName: 'p', status: 'Active', details: {}, apiTokens: [], subscriptions: [{ service: 1, planId: 2, nextBillingAt: 1 }, { service: 2, planId: 2, nextBillingAt: null }]
    }))
    for (const accountId of [one, many, other]) {
      for (const { projectId } of before) store.projects.remove(accountId, projectId)
      store.projects.insertAll(accountId, before)
    }
    const after = before.slice(1).map(({ projectId }): ProjectBilling => ({
      projectId,
      status: projectId % 3 === 0 ? 'Expired' : 'Active',
      ...projectId % 3 === 1 && { statusRestsOn: ['auto-renew'] },
      subscriptions: [
        { service: 1, planId: projectId % 4 === 0 ? 3 : 2, nextBillingAt: projectId % 5 === 0 ? projectId : 2, ...projectId % 2 === 0 && { restsOn: ['auto-renew'] } },
        { service: 2, planId: 2, nextBillingAt: null, ...projectId % 7 === 0 && { anchorDay: 31 } }
      ]
    }))
    for (const project of after) store.projects.updateBilling(one, project)
    store.projects.updateBillings(many, after)
    t.strictSame(store.projects.list(many), store.projects.list(one), `${size} projects`)
    t.strictSame(store.projects.list(other), before, 'and no others')
    const entries = Array.from({ length: size }, (_, index): LedgerEntry => ({ ...OPENING, kind: 'renewal', at: index, projectId: index % 2 === 0 ? null : index, requestId: `r${index}` }))
    for (const entry of entries) store.ledger.insert(one, entry)
    store.ledger.insertAll(many, entries)
    t.strictSame(store.ledger.list(many), store.ledger.list(one), `${size} entries`)
  }
  store.projects.updateBillings(many, [])
  t.strictSame(store.projects.list(many), store.projects.list(one))
})

t.test('what a state rests on is kept with it', async t => {
  const store = openStore()
  t.teardown(store.close)
  store.plans.update({ planId: 2, name: 'paid', service: 1, price: { mills: 5000, cycle: 'month', isAssumed: true } })
  const account = store.accounts.insert({ ...DEMO, balanceRestsOn: ['auto-renew', 'plan-prices'] }, RECORD)
  const subscriptions = [{ service: 1, planId: 2, nextBillingAt: 10, anchorDay: 31, restsOn: ['month-length'] }, { service: 2, planId: 2, nextBillingAt: 11, restsOn: ['auto-renew'] }] as const
  const given = { projectId: 1, projectName: '', status: 'Expired', statusRestsOn: ['auto-renew'], details: {}, apiTokens: [], subscriptions } as const
  store.projects.insert(account, given)
  const found = () => store.projects.find(account, 1)
  const { projectName: _, details: _1, apiTokens: _2, ...standing } = given
  t.strictSame(found(), given)
  t.strictSame(store.projects.findStanding(account, 1), standing)
  t.strictSame(store.accounts.find(account)!.balanceRestsOn, ['auto-renew', 'plan-prices'])
  t.strictSame(store.plans.list()[0]!.price, { mills: 5000, cycle: 'month', isAssumed: true })

  store.projects.updateBilling(account, { projectId: 1, status: 'Active', subscriptions: [{ service: 1, planId: 2, nextBillingAt: 20 }], statusRestsOn: ['deletion'] })
  t.match(found(), { status: 'Active', statusRestsOn: ['deletion'], subscriptions: [{ service: 1, nextBillingAt: 20, anchorDay: undefined, restsOn: undefined }, { restsOn: ['auto-renew'] }] })
  store.projects.updateSubscription(store.accounts.find(account)!, 1, { service: 2, planId: 2, nextBillingAt: 12, anchorDay: 30, restsOn: ['same-plan'] })
  t.match(found(), { subscriptions: [{}, { nextBillingAt: 12, anchorDay: 30, restsOn: ['same-plan'] }] })
  store.projects.updateStatus(account, 1, 'Active', ['expired-project'])
  t.strictSame(found()!.statusRestsOn, ['expired-project'])
  store.projects.updateStatus(account, 1, 'Active')
  t.notOk('statusRestsOn' in found()!)
  store.accounts.updateBalance(account, 1, ['same-plan'])
  t.strictSame(store.accounts.find(account)!.balanceRestsOn, ['same-plan'])
  store.accounts.updateBalance(account, 2)
  t.equal(store.accounts.find(account)!.balanceRestsOn, undefined, 'a balance that rests on nothing more')
  store.plans.update({ planId: 2, name: 'paid', service: 1, price: { mills: 5000, cycle: 'month' } })
  t.strictSame(store.plans.list()[0]!.price, { mills: 5000, cycle: 'month' })
})

t.test('a copy is made within a limit', async t => {
  const store = openStore()
  t.teardown(store.close)
  t.equal(store.copy(1), undefined)
  t.ok(store.copy(Infinity)!.length > 0)
})
