import fc from 'fast-check'
import assert from 'node:assert/strict'
import { join } from 'node:path'
import t from 'tap'
import type { AssumptionName } from '../../src/domain/assumptions.js'
import type { Subscription } from '../../src/domain/project.js'
import { openStore, type Store } from '../../src/store/index.js'
import { MAX_ROWS } from '../../src/store/memo.js'
import { effort } from '../support/effort.js'
import { DEMO, fileStore, OPENING, RECORD } from '../support/store.js'

const NAMES = ['a', 'b']
const PROJECTS = [1, 2]

/** All that requests read of these accounts and projects. */
function read (store: Store): unknown {
  return [store.world.find(), [...store.plans.table().values()], ...NAMES.map(name => {
    const account = store.accounts.findByToken(name)
    if (account === undefined) return name
    const { accountId } = account
    return [account, store.accounts.find(accountId), PROJECTS.map(id => [store.projects.findStanding(accountId, id), store.projects.find(accountId, id)])]
  })]
}

const RESTS_ON: ReadonlyArray<readonly AssumptionName[] | undefined> = [undefined, ['month-length'], ['plan-prices', 'month-length']]
const instant = fc.integer({ min: 0, max: 5 })
const name = fc.constantFrom(...NAMES)
const id = fc.constantFrom(...PROJECTS)
const subscription = fc.record({
  service: fc.constantFrom(1 as const, 2 as const),
  planId: fc.constantFrom(1, 2),
  nextBillingAt: fc.option(instant),
  restsOn: fc.constantFrom(...RESTS_ON)
}) as fc.Arbitrary<Subscription>

type Write = (store: Store) => void
const accountIdOf = (store: Store, name: string): number =>
  store.accounts.findByToken(name)?.accountId ?? store.accounts.insert({ ...DEMO, name, token: name }, RECORD)
const ofAccount = (write: fc.Arbitrary<(store: Store, accountId: number) => void>): fc.Arbitrary<Write> =>
  fc.tuple(name, write).map(([name, write]) => store => { write(store, accountIdOf(store, name)) })
const ofProject = (write: fc.Arbitrary<(store: Store, accountId: number, projectId: number) => void>): fc.Arbitrary<Write> =>
  fc.tuple(name, id, write).map(([name, projectId, write]) => store => {
    const accountId = accountIdOf(store, name)
    if (store.projects.find(accountId, projectId) === undefined) {
      store.projects.insert(accountId, { projectId, projectName: name, status: 'Active', details: {}, subscriptions: [], apiTokens: [] })
    }
    write(store, accountId, projectId)
  })
const keyed = (accountId: number, projectId: number, status: 'enabled' | 'disabled') => ({ token: `${accountId}/${projectId}`, ip: '', status })

/** Every write there is, of what is read above. */
const write: fc.Arbitrary<Write> = fc.oneof(
  ofAccount(fc.tuple(fc.nat(9), fc.constantFrom(...RESTS_ON)).map(([mills, restsOn]) => (store, id) => { store.accounts.updateBalance(id, mills, restsOn) })),
  ofAccount(fc.option(instant).map(at => (store, id) => { store.accounts.updateDue(id, at) })),
  ofAccount(instant.map(at => (store, id) => { store.accounts.lowerDue(id, at) })),
  ofAccount(fc.boolean().map(isAll => (store, id) => { store.accounts.recheckDue(isAll ? null : id) })),
  ofAccount(fc.option(instant).map(at => (store, id) => { store.accounts.updateClock(id, at === null ? null : { mode: 'frozen', at }) })),
  ofAccount(fc.boolean().map(strict => (store, id) => { store.accounts.updateSettings(id, { strict }) })),
  ofAccount(fc.constant((store, id) => { store.accounts.remove(id) })),
  fc.constant<Write>(store => { store.accounts.removeAll() }),
  instant.map((at): Write => store => { store.world.update({ starts: 1, clock: { mode: 'frozen', at }, settings: {} }) }),
  fc.nat(2).map((n): Write => store => { store.plans.update({ planId: 2, name: `plan ${n}`, service: null, price: null }) }),
  ofProject(subscription.map(one => (store, accountId, projectId) => {
    store.projects.updateSubscription({ ...DEMO, accountId, dueAt: null }, projectId, one)
  })),
  ofProject(fc.tuple(fc.constantFrom('Active' as const, 'Expired' as const), fc.constantFrom(...RESTS_ON)).map(([status, restsOn]) =>
    (store, accountId, projectId) => { store.projects.updateStatus(accountId, projectId, status, restsOn) })),
  ofProject(fc.tuple(fc.constantFrom('Active' as const, 'Delete' as const), fc.array(subscription, { maxLength: 1 })).map(([status, subscriptions]) =>
    (store, accountId, projectId) => { store.projects.updateBilling(accountId, { projectId, status, subscriptions }) })),
  ofProject(fc.constantFrom('x', 'y').map(notes => (store, accountId, projectId) => { store.projects.updateDetails(accountId, projectId, { notes }) })),
  ofProject(fc.constantFrom('enabled' as const, 'disabled' as const).map(status => (store, accountId, projectId) => {
    const apiToken = keyed(accountId, projectId, status)
    if (store.projects.findByApiToken(apiToken.token) === undefined) store.projects.insertApiToken(accountId, projectId, apiToken)
    else store.projects.updateApiToken(apiToken)
  })),
  ofProject(fc.constant((store, accountId, projectId) => { store.projects.remove(accountId, projectId) }))
)

const UNDONE = new Error('undone')
/** Work that fails after its write, and so is undone. */
const undone = (store: Store, write: Write) => (): never => {
  write(store)
  throw UNDONE
}
const requests = async (store: Store, ...jobs: Array<() => unknown>): Promise<void> => {
  await Promise.allSettled(jobs.map(job => store.commit(job)))
}

/** Ways in which something is written, or is not. */
const WAYS: Readonly<Record<string, (store: Store, write: Write, other: Store) => unknown>> = {
  'by a request': async (store, write) => { await requests(store, () => { write(store) }) },
  'by one of several requests': async (store, write) => { await requests(store, () => { write(store) }, () => read(store)) },
  'by a request that fails': async (store, write) => { await requests(store, undone(store, write)) },
  'by a request that fails among others': async (store, write) => { await requests(store, () => read(store), undone(store, write), () => read(store)) },
  'by a request, of which another one fails': async (store, write) => { await requests(store, undone(store, () => {}), () => { write(store) }) },
  'by a control call': (store, write) => { store.transaction(() => { write(store) }) },
  'by a control call without a transaction': (store, write) => { write(store) },
  'by a control call that fails': (store, write) => { try { store.transaction(undone(store, write)) } catch {} },
  'by a dry run': (store, write) => { store.dryRun(() => { write(store) }) },
  'by another process': (_store, write, other) => { other.transaction(() => { write(other) }) }
}

t.test('a request reads what is in the tables, whoever has written it, and however', async t => {
  const steps = fc.array(fc.tuple(fc.constantFrom(...Object.keys(WAYS)), write), { minLength: 1, maxLength: 40, size: 'max' })
  let files = 0
  await fc.assert(fc.asyncProperty(steps, async steps => {
    const file = join(t.testdir(), `${files++}.db`)
    const store = openStore(file)
    const other = openStore(file)
    for (const planId of [1, 2]) store.plans.update({ planId, name: 'plan', service: null, price: null })
    store.world.update({ starts: 1, clock: { mode: 'frozen', at: 0 }, settings: {} })
    try {
      for (const [way, write] of steps) {
        await WAYS[way]!(store, write, other)
        const cached = await store.commit(() => {
          read(store)
          return read(store)
        })
        // It has no groups, and so nothing that it could have kept.
        const written = read(other)
        assert.deepEqual(cached, written, way)
        assert.deepEqual(read(store), written, `${way}, read by a control call`)
      }
    } finally {
      store.close()
      other.close()
    }
  }), { numRuns: effort(20, 500) })
})

t.test('a booking is never earlier than the opening, although that is looked up once', async t => {
  const { store, insert } = fileStore(t)
  const openedAt = (accountId: number): number => store.ledger.list(accountId)[0]!.at
  const book = async (accountId: number, ...instants: number[]): Promise<void> => {
    await store.commit(() => {
      for (const at of instants) store.ledger.book(accountId, { ...OPENING, kind: 'credit', at })
    })
  }
  const accountId = insert('a')
  store.ledger.insert(accountId, { ...OPENING, at: 50 })
  await book(accountId, 60)
  t.equal(openedAt(accountId), 50)
  await book(accountId, 40, 70)
  t.equal(openedAt(accountId), 40, 'after the clock went back')
  await book(accountId, 45, 30)
  t.equal(openedAt(accountId), 30, 'and back again')

  store.accounts.remove(accountId)
  t.equal(insert('b'), accountId, 'another account gets the id')
  await store.commit(() => { store.ledger.insert(accountId, { ...OPENING, at: 90 }) })
  await book(accountId, 80)
  t.equal(openedAt(accountId), 80, 'but not what is known of the former one')
})

t.test('more rows than fit push each other out, and are read again', async t => {
  const { store, insert } = fileStore(t)
  const ids = store.transaction(() => Array.from({ length: MAX_ROWS + 1 }, (_, index) => insert(`account ${index}`)))
  const readAll = async (): Promise<number[]> => await store.commit(() => ids.map(id => store.accounts.find(id)!.accountId))
  t.strictSame(await readAll(), ids)
  t.strictSame(await readAll(), ids, 'also those that were pushed out')
})
