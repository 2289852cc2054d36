import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { createContext } from '../../src/runtime/context.js'
import { scheduleExpiry, stopExpiry } from '../../src/runtime/expiry.js'
import { start } from '../../src/server/start.js'
import { openStore, type Store } from '../../src/store/index.js'
import { DEMO, look, namesIn } from '../support/store.js'
import { until } from '../support/until.js'

/** What a process has inserted that did not live to remove it. */
function insert (store: Store, name: string, expiresAt: number): number {
  return store.accounts.insert({ ...DEMO, name, token: name }, { origin: { name }, expiresAt })
}

/** The parts of a running emulator on a file, with a clock to set. `search` does what its timer does. */
function emulatorOn (t: Test, file: string, patience?: number) {
  const store = openStore(file, patience)
  const clock = { now: 0 }
  const logged: string[] = []
  const log = pino({ base: null }, { write (line: string) { logged.push((JSON.parse(line) as { err: { message: string } }).err.message) } })
  const context = createContext({ store, log, machineTime: () => clock.now, seed: 1, journal: { entries: 10, bytes: 1e6 } })
  const removed: Array<string | null> = []
  context.eventBus.subscribe(({ account }) => { removed.push(account) })
  t.teardown(() => {
    stopExpiry(context)
    store.close()
  })
  return { store, context, clock, logged, removed, search: () => scheduleExpiry(context) }
}

t.test('an account with a ttl of a process that was killed', async t => {
  t.test('is removed by another one that runs already', async t => {
    const db = join(t.testdir(), 'world.db')
    const running = await start({ db })
    t.teardown(running.stop)
    const killed = openStore(db)
    t.teardown(killed.close)
    insert(killed, 'left', Date.now() + 1)
    insert(killed, 'stays', Date.now() + 3_600_000)
    await until(() => !namesIn(killed).includes('left'))
    t.strictSame(namesIn(killed), ['demo', 'stays'])
  })

  t.test('is removed at the next start', async t => {
    const db = join(t.testdir(), 'world.db')
    await (await start({ db })).stop()
    const killed = openStore(db)
    insert(killed, 'left', Date.now() - 1)
    killed.close()
    const running = await start({ db })
    t.teardown(running.stop)
    const seen = look(t, db).prepare('SELECT name FROM account').pluck().all()
    t.strictSame(seen, ['demo'])
  })
})

t.test('two emulators on a file', async t => {
  t.test('remove an account only when its ttl is over, whichever of them created it', async t => {
    const file = join(t.testdir(), 'world.db')
    const [one, other] = [emulatorOn(t, file), emulatorOn(t, file)]
    insert(one.store, 'brief', 5000)
    for (const { search, clock } of [one, other]) {
      clock.now = 4999
      search()
    }
    t.strictSame(namesIn(one.store), ['brief'])
    other.clock.now = 5000
    other.search()
    t.strictSame(namesIn(one.store), [])
  })

  t.test('forget an account that the other has removed, with all that is pending, and no other', async t => {
    const file = join(t.testdir(), 'world.db')
    const [one, other] = [emulatorOn(t, file), emulatorOn(t, file)]
    for (const [name, expiresAt] of [['brief', 5000], ['long', 60_000]] as const) insert(one.store, name, expiresAt)
    one.search()
    const signals = ['brief', 'long'].map(name => one.context.pending.signalFor(name))
    other.clock.now = 5000
    other.search()
    t.strictSame(namesIn(one.store), ['long'])
    one.search()
    t.strictSame(signals.map(({ aborted }) => aborted), [true, false])
    t.strictSame(one.removed, ['brief'])
    one.search()
    t.strictSame(one.removed, ['brief'], 'told once')
  })

  t.test('forget accounts that the other has removed before their time, as soon as they are too many', async t => {
    const file = join(t.testdir(), 'world.db')
    const [{ store, context, search }, other] = [emulatorOn(t, file), emulatorOn(t, file)]
    const { usage, pending, activeFaults } = context
    const removed = ['a', 'b', 'c']
    for (const name of ['stays', ...removed]) {
      insert(store, name, 1e12)
      usage.note({ account: name, assumptions: [] })
      pending.signalFor(name)
      activeFaults.add({ fault: { kind: 'hang', when: 'before', account: name, skip: 0, probability: 1, seed: 1, delay: { fixed: 0 }, httpStatus: 500, body: '', status: 101, duration: 0 }, matched: 0, triggered: 0, expiresAt: null })
    }
    search()
    for (const name of removed) other.store.accounts.remove(other.store.accounts.findByName(name)!.accountId)
    search()
    t.strictSame([usage.accounts(), pending.accounts(), activeFaults.list().map(({ active }) => active.fault.account)].map(names => [...names]),
      [['stays'], ['stays'], ['stays']])
    search()
    t.strictSame(context.timeline.steps().steps.map(step => step.kind === 'removal' && step.account), removed)
  })
})

t.test('nothing searches after the stop, although a call that it did not wait for may end then', t => {
  const { store, context, logged, search } = emulatorOn(t, join(t.testdir(), 'world.db'))
  insert(store, 'brief', 0)
  stopExpiry(context)
  search()
  t.strictSame(namesIn(store), ['brief'])
  store.close()
  search()
  t.strictSame(logged, [])
  t.end()
})

t.test('a search that fails is told once, goes on, and ends nothing', async t => {
  const folder = t.testdir({ away: {} })
  const file = join(folder, 'world.db')
  const { store, logged, search, clock } = emulatorOn(t, file)
  insert(store, 'brief', 1000)
  clock.now = 1000
  for (let times = 0; times < 2; times++) {
    renameSync(file, join(folder, 'away/world.db'))
    search()
    search()
    t.match(logged.splice(0), [/world\.db has been deleted, moved or replaced/])
    t.strictSame(namesIn(store), times === 0 ? ['brief'] : [])
    renameSync(join(folder, 'away/world.db'), file)
    search()
    t.strictSame([namesIn(store), logged], [[], []])
  }
})

t.test('a search does not hold up what only reads while another process has locked the file', async t => {
  const file = join(t.testdir(), 'world.db')
  const { store, logged, search, clock } = emulatorOn(t, file, 600_000)
  insert(store, 'brief', 1000)
  clock.now = 1000
  const other = look(t, file)
  other.exec('BEGIN IMMEDIATE')
  search()
  t.strictSame([namesIn(store), logged], [['brief'], ['database is locked']])
  other.exec('COMMIT')
  search()
  t.strictSame(namesIn(store), [])
})
