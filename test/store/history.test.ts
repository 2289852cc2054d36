import t from 'tap'
import type { HistoryEvent } from '../../src/domain/history.js'
import { MAX_HISTORY } from '../../src/store/history.js'
import { openStore } from '../../src/store/index.js'
import { DEMO, RECORD } from '../support/store.js'

const deleted = (projectId: number): HistoryEvent => ({ at: projectId, event: 'deleted', projectId })
const moved = (at: number, event: 'clock-moved' | 'world-clock-moved' = 'clock-moved'): HistoryEvent => ({ at, event, from: 0, mode: 'frozen' })
const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_none, index) => first + index)

t.test('histories', async t => {
  const store = openStore()
  t.teardown(store.close)
  const [one, two] = ['one', 'two'].map(name => store.accounts.insert({ ...DEMO, name, token: name }, RECORD)) as [number, number]
  const { history } = store

  const events: HistoryEvent[] = [
    moved(5),
    { at: 4, event: 'renewed', projectId: 1, service: 1, planId: 2, priceMills: 5000, balanceMills: 1 },
    { at: 3, event: 'expired', projectId: 1, service: 1, planId: 2, reason: 'balance-too-low', priceMills: 5000, balanceMills: 1 }
  ]
  history.insert(one, events.slice(0, 1))
  history.insert(two, [{ at: 9, event: 'deleted', projectId: 9, account: 'two' }])
  history.insert(one, events.slice(1))
  history.insert(one, [])
  t.strictSame(history.list(one), events, 'keep events in the order in which they happened, whatever their times')
  t.strictSame(history.list(two), [deleted(9)], 'of each account apart, without its name')
  t.strictSame(history.list(null), [])

  history.insert(null, [moved(7)])
  history.insert(one, [moved(7, 'world-clock-moved')])
  history.insert(two, [moved(7, 'world-clock-moved')])
  t.strictSame(history.listNewest().map(({ account, event }) => [account, event]),
    [['one', events[0]], ['two', deleted(9)], ['one', events[1]], ['one', events[2]], [null, moved(7)]], 'show a move of the world\'s clock once')

  t.equal(MAX_HISTORY, 1000)
  history.insert(two, range(1, 998).map(deleted))
  t.strictSame(history.list(two).length, 1000, 'hold a thousand events')
  history.insert(two, [deleted(999)])
  t.strictSame(history.list(two).slice(0, 2), [moved(7, 'world-clock-moved'), deleted(1)], 'drop the oldest beyond that')
  history.insert(two, range(1, 1001).map(deleted))
  t.strictSame(history.list(two), range(2, 1001).map(deleted), 'also of those that come at once')
  t.equal(history.list(one).length, 4, 'but not those of another account')
  history.insert(null, range(1, 1000).map(at => moved(at)))
  t.strictSame(history.list(null).map(({ at }) => at), range(1, 1000), 'nor less of the world\'s')
  t.equal(history.listNewest().length, 1000)

  history.insertForFollowers(moved(8, 'world-clock-moved'))
  t.strictSame(history.list(one).map(({ at }) => at), [5, 4, 3, 7, 8], 'get what comes to all')
  t.strictSame(history.list(two), [...range(3, 1001).map(deleted), moved(8, 'world-clock-moved')], 'and drop the oldest for it')
  store.accounts.updateClock(two, { mode: 'system' })
  history.insertForFollowers(moved(9, 'world-clock-moved'))
  t.strictSame([one, two].map(id => history.list(id).at(-1)?.at), [9, 8], 'unless their account has its own clock')

  store.accounts.remove(one)
  t.strictSame(history.list(one), [], 'go with their accounts')
  history.removeAll()
  t.strictSame([null, two].map(history.list), [[], []])
  t.throws(() => history.insert(77, [deleted(1)]), { code: 'SQLITE_CONSTRAINT_FOREIGNKEY' })
  t.throws(() => history.insert(two, [{ ...deleted(1), event: 'lost' } as never]), { code: 'SQLITE_CONSTRAINT_CHECK' })
})
