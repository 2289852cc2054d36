import pino from 'pino'
import t, { type Test } from 'tap'
import { narrowed } from '../../src/case/about.js'
import { caseOf } from '../../src/case/make.js'
import { named, startWith } from '../../src/case/start.js'
import type { JournalEntry } from '../../src/contract/journal-entry.js'
import { createContext, type Context } from '../../src/runtime/context.js'
import { eventsStep, type TimelineStart } from '../../src/runtime/timeline.js'
import { bundledPlans } from '../../src/scenario/bundled.js'
import { loadSeed } from '../../src/scenario/load.js'
import { readScenario } from '../../src/scenario/read.js'
import { openStore } from '../../src/store/index.js'

const SCENARIO = { clock: { mode: 'frozen', at: '2020-06-16T12:00:00Z' }, accounts: [{ token: 'the token of the first' }, { name: 'second' }], faults: [{ kind: 'http_error' }] }

/** A running emulator that began with a scenario, as its timeline says. */
function contextOf (t: Test, start: Partial<TimelineStart> = {}): Context {
  const store = openStore()
  t.teardown(store.close)
  const seed = readScenario(SCENARIO, { plans: bundledPlans(), machineTime: 0, seed: 1 })
  store.transaction(() => {
    loadSeed(store, seed)
    store.world.updateScenario(SCENARIO)
  })
  const begins = { at: 0, faults: seed.faults, resumed: null, dataVersion: store.dataVersion(), paths: {}, ...start }
  return createContext({ store, log: pino({ enabled: false }), seed: 1, journal: { entries: 10, bytes: 1e6 }, start: begins })
}

t.test('a case begins with the scenario, whose accounts have names and tokens in it', async t => {
  const { start, incomplete } = await caseOf(contextOf(t), null)
  t.equal(incomplete, null)
  t.match(start.scenario, { accounts: [{ name: 'account-1', token: 'token-of-account-1' }, { name: 'second', token: 'token-of-second' }], faults: [{ kind: 'http_error' }] })
  t.equal(start.reset_to, undefined)

  const without = contextOf(t, { faults: [] })
  without.store.world.updateScenario({})
  t.strictSame((await caseOf(without, null)).start.scenario, {}, 'if it has any')
  t.strictSame(named({}, 1), {})
})

t.test('a case of a world that is resumed begins with it as it was, and one of an account with that account', async t => {
  const past = contextOf(t).store
  past.transaction(() => { past.accounts.updateBalance(1, 5000) })
  const resumed = past.copy(Infinity)!
  const { at, ...start } = startWith(past, [], 0, 1)
  const saved = async (account: string | null) => (await caseOf(contextOf(t, { resumed, faults: [] }), account)).start
  const initial = [{ name: 'account-1', token: 'token-of-account-1' }, { name: 'second', token: 'token-of-second' }]
  t.match(start.scenario.accounts, [{ name: 'account-1', balance: '5' }, { name: 'second' }])
  const whole = await saved(null)
  t.strictSame(whole.initial, initial)
  t.strictSame([whole.at, Object.keys(whole), Object.keys(whole.scenario)], [at, ['at', ...Object.keys(start)], Object.keys(start.scenario)])
  t.match(whole, { scenario: { accounts: [{ name: 'account-1', balance: '5' }, { name: 'second' }] }, reset_to: { accounts: initial } })
  const { scenario, reset_to: resetTo, ...rest } = await saved('second')
  t.strictSame([scenario.accounts!.map(({ name }) => name), resetTo!.accounts, rest.initial], [['second'], initial.slice(1), initial.slice(1)])
})

t.test('what is not known makes a case incomplete', async t => {
  const incompleteOf = async (start: Partial<TimelineStart>, account: string | null = null): Promise<string | null> =>
    (await caseOf(contextOf(t, start), account)).incomplete
  t.match(await incompleteOf({ resumed: undefined }), /too large/)
  t.match(await incompleteOf({ dataVersion: -1 }), /another process/)
  t.match(await incompleteOf({ faults: [] }, 'nobody'), /nothing of the account/)
  t.equal(await incompleteOf({ faults: [] }, 'second'), null)
})

t.test('a look at all accounts that brought more than is listed is in the case of each', async t => {
  const context = contextOf(t, { faults: [] })
  const deleted = { at: 0, event: 'deleted', account: 'account-1', projectId: 1 } as const
  for (const count of [100, 101]) context.timeline.place(eventsStep(0, null, null, Array.from({ length: count }, () => deleted)))
  t.strictSame((await caseOf(context, 'second')).timeline, [{ step: 'events', at: '1970-01-01T00:00:00Z', account: null, events: [], total: 0 }])
})

t.test('a world is left with the accounts, faults and requests of some accounts', async t => {
  const [mine, other, ofNone] = ['mine', 'other', null].map(account => ({ account }) as JournalEntry)
  const fault = { kind: 'http_error' } as const
  const world = {
    settings: {},
    accounts: [{ name: 'mine' }, { name: 'other' }],
    faults: [fault, { ...fault, account: 'mine' }, { ...fault, account: 'other' }],
    requests: [mine!, other!, ofNone!]
  }
  t.strictSame(narrowed(world, new Set(['mine'])), { settings: {}, accounts: [{ name: 'mine' }], faults: [fault, { ...fault, account: 'mine' }], requests: [mine] })
  t.equal(narrowed(world, null), world)
})
