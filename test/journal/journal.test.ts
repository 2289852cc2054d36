import t from 'tap'
import { entryOf } from '../../src/journal/entry.js'
import { matching, nearestMisses } from '../../src/journal/filter.js'
import { createJournal } from '../../src/journal/journal.js'
import { waitFor } from '../../src/journal/wait.js'
import { recorded } from '../support/recorded.js'
import { useUpSlice } from '../support/slices.js'

const LIMITS = { entries: 1000, bytes: 1e7 }
const NEVER = new AbortController().signal

/** A journal with requests `1-1`, `1-2`, …, whose bodies name their number. */
function filled (count: number, limits = LIMITS) {
  const journal = createJournal(limits)
  const add = (number: number) => journal.add(recorded({ id: `1-${number}`, account: number % 2 === 0 ? 'even' : 'odd', body: `{"plan_id":${number}}` }))
  for (let number = 1; number <= count; number++) add(number)
  return { journal, add }
}

const ids = (entries: Iterable<{ readonly id: string }>): string[] => [...entries].map(({ id }) => id)

t.test('the JSON text of an entry', async t => {
  t.test('is the entry as it is shown, and made once', async t => {
    const { journal } = filled(3)
    const [first, second] = [...journal.list()]
    const text = journal.textOf(first!)
    t.equal(text, JSON.stringify(entryOf(first!)))
    t.notMatch(journal.textOf(second!), text)
    // Not kept text would have to read the entry again.
    Object.defineProperty(first, 'body', { get () { throw new Error('made again') } })
    t.equal(journal.textOf(first!), text)
  })

  t.test('is part of the size of an entry from the start, so that a look at a full journal drops nothing', async t => {
    for (const limits of [{ entries: 50, bytes: 1e7 }, { entries: 1000, bytes: 100_000 }]) {
      const { journal } = filled(200, limits)
      const before = [journal.size(), ids(journal.list())]
      const texts = [...journal.list()].map(journal.textOf)
      t.same([journal.size(), ids(journal.list())], before)
      const room = [...journal.list()].reduce((sum, { bytes, url, headers, body }) => sum + bytes - 2 * (url + headers + body).length, 0)
      t.ok(texts.join('').length <= room, `${texts.join('').length} characters`)
    }
  })

  t.test('of one that is under way is made once for all who look at it, and again when it has ended', async t => {
    const journal = createJournal(LIMITS)
    const entry = journal.add(recorded({ state: 'under-way' }))
    const text = journal.textOf(entry)
    t.match(JSON.parse(text), { state: 'under-way' })
    const { body } = entry
    Object.defineProperty(entry, 'body', { get () { throw new Error('made again') }, configurable: true })
    t.equal(journal.textOf(entry), text)
    Object.defineProperty(entry, 'body', { value: body })
    journal.settle(entry, 'answered', 7)
    t.match(JSON.parse(journal.textOf(entry)), { state: 'answered', duration_ms: 7 })
  })

  t.test('has room for what was booked', async t => {
    const { journal } = filled(1)
    const at = Date.parse('2020-06-16T12:00:00.001Z')
    const state = { planId: Number.MAX_SAFE_INTEGER, status: 'Expired' as const, nextBillingAt: at }
    const entry = { at, kind: 'plan-change' as const, amountMills: -1e15 + 1, balanceMills: 1e15 - 1, projectId: Number.MAX_SAFE_INTEGER, planId: Number.MAX_SAFE_INTEGER, requestId: '999999999-9007199254740991' }
    const { projectId, planId, balanceMills } = entry
    const due = { at, event: 'expired' as const, projectId, service: 2 as const, planId, reason: 'balance-too-low' as const, priceMills: balanceMills, balanceMills }
    const lines = 100
    const bare = journal.add(recorded({ id: '1-2' }))
    for (const booked of [
      { entries: Array<typeof entry>(lines).fill(entry), subscriptions: [], due: [], total: 0 },
      { entries: [], subscriptions: Array.from({ length: lines }, () => ({ projectId, service: 2 as const, before: state, after: state })), due: [], total: 0 },
      { entries: [], subscriptions: [], due: Array<typeof due>(lines).fill(due), total: lines }
    ]) {
      const large = journal.add(recorded({ id: '1-3', booked }))
      const text = journal.textOf(large)
      t.ok(text.length - journal.textOf(bare).length <= (large.bytes - bare.bytes) / 2, `${text.length} characters`)
      Object.defineProperty(large, 'body', { get () { throw new Error('made again') }, configurable: true })
      t.equal(journal.textOf(large), text)
      Object.defineProperty(large, 'body', { value: '' })
      journal.removeAll([large])
    }
  })

  t.test('is not kept if it is larger than its room: far more escapes than usual, or wide characters', async t => {
    for (const body of ['\u0001'.repeat(10_000), '\u4e00'.repeat(10_000)]) {
      const { journal } = filled(1)
      const large = journal.add(recorded({ id: '1-2', body }))
      const text = journal.textOf(large)
      t.equal(text, JSON.stringify(entryOf(large)))
      t.equal(journal.textOf(large), text, 'the last one is at hand')
      journal.textOf(journal.find('1-1')!)
      let looks = 0
      Object.defineProperty(large, 'body', { get () { looks++; return body } })
      t.equal(journal.textOf(large), text)
      t.ok(looks > 0, 'it is made again')
    }
  })

  t.test('is not kept while the entry is under way, and tells how it ended', async t => {
    const { journal } = filled(1)
    const entry = journal.add(recorded({ id: '1-2', state: 'under-way', durationMs: 1 }))
    t.match(JSON.parse(journal.textOf(entry)), { state: 'under-way', duration_ms: 1 })
    const before = journal.size()
    t.ok(journal.settle(entry, 'client-gone', 2))
    t.match(JSON.parse(journal.textOf(entry)), { state: 'client-gone', duration_ms: 2 })
    t.same(journal.size(), before)
    journal.removeAll([entry])
    const again = journal.add(recorded({ id: '1-2', state: 'under-way' }))
    t.notOk(journal.settle(entry, 'cut', 3), 'it is gone, though another one has its id')
    t.equal(journal.find('1-2'), again)
    t.equal(again.state, 'under-way')
  })

  t.test('can be had of an entry that is no longer in the journal', async t => {
    const { journal } = filled(2)
    const [first] = [...journal.list()]
    journal.removeAll(journal.list())
    t.equal(journal.textOf(first!), JSON.stringify(entryOf(first!)))
    t.same(journal.size(), { entries: 0, bytes: 0 })
  })
})

t.test('what is larger than the journal is heard of once, not kept, and displaces no other', async t => {
  const { journal } = filled(3, { entries: 1000, bytes: 100_000 })
  const heard: string[] = []
  journal.listen(({ id }) => { heard.push(id) })
  const large = journal.add(recorded({ id: '1-4', state: 'under-way', body: 'x'.repeat(50_000) }))
  t.same([heard, ids(journal.list())], [['1-4'], ['1-1', '1-2', '1-3']])
  t.notOk(journal.isFollowed(large))
  t.notOk(journal.settle(large, 'answered', 1))
  t.same(heard, ['1-4'])
  const fitting = journal.add(recorded({ id: '1-5', state: 'under-way' }))
  t.ok(journal.isFollowed(fitting))
  journal.removeAll([fitting])
  t.notOk(journal.isFollowed(fitting))
  const none = createJournal({ entries: 0, bytes: 0 })
  t.ok(none.isFollowed(none.add(recorded({ state: 'under-way' }))), 'without room for any, listeners hear of the end')
})

t.test('unreadable requests take a tenth of the journal at most, and displace no others', async t => {
  const lint = [{ name: 'unreadable', says: 'x' }] as const
  const garbage = (number: number, body = '') => recorded({ id: `1-u${number}`, lint, body })
  const cases: Array<[limits: typeof LIMITS, kept: number, size?: number]> = [
    [{ entries: 10_000, bytes: 1e9 }, 100], [{ entries: 500, bytes: 1e9 }, 50], [{ entries: 11, bytes: 1e9 }, 2], [{ entries: 1, bytes: 1e9 }, 1], [{ entries: 0, bytes: 1e9 }, 0],
    [{ entries: 10_000, bytes: 350_000 }, 2, 3000], [{ entries: 10_000, bytes: 10_000 }, 0, 3000]
  ]
  for (const [limits, kept, size = 0] of cases) {
    const { journal, add } = filled(1, limits)
    const others = limits.entries > 1 ? ['1-1'] : []
    for (let number = 1; number <= 1000; number++) journal.add(garbage(number, 'x'.repeat(size)))
    const found = ids(journal.list())
    t.same(found, [...others, ...Array.from({ length: kept }, (_, index) => `1-u${1000 - kept + 1 + index}`)], `the newest of ${limits.entries} entries and ${limits.bytes} bytes`)
    journal.removeAll(journal.list())
    t.same(journal.size(), { entries: 0, bytes: 0 })
    for (let number = 1; number <= 1000; number++) journal.add(garbage(number, 'x'.repeat(size)))
    t.equal(ids(journal.list()).length, kept, 'again, after all were removed')
    add(2)
    t.equal(ids(journal.list()).includes('1-2'), limits.entries > 0)
  }
})

t.test('a query that gives way answers for the moment of its call', async t => {
  t.test('a reset in between changes nothing of what it finds', async t => {
    const { journal, add } = filled(20)
    for (const [filter, expected] of [[{ text: '"plan_id":1' }, 11], [{ plan_id: '7' }, 1], [{ account: 'even' }, 10], [{}, 20]] as const) {
      const saved = [...journal.list()]
      await useUpSlice()
      const result = matching(journal, filter)
      journal.removeAll(journal.list())
      add(17)
      t.equal((await result).length, expected)
      journal.removeAll(journal.list())
      for (const { serial: _serial, retryOf: _retryOf, bytes: _bytes, ...entry } of saved) journal.add(entry)
    }
  })

  t.test('what arrives in between is not in it', async t => {
    const { journal, add } = filled(3)
    await useUpSlice()
    const result = matching(journal, {}, 1)
    add(4)
    t.same(ids(await result), ['1-2', '1-3'])
    t.same(ids(await matching(journal, {}, 1)), ['1-2', '1-3', '1-4'])
  })

  t.test('removing what was found removes neither what is gone nor what has its id now', async t => {
    const { journal, add } = filled(3)
    await useUpSlice()
    const result = matching(journal, {})
    journal.removeAll(journal.list())
    add(2)
    t.equal(journal.removeAll(await result), 0)
    t.same(ids(journal.list()), ['1-2'])
    t.equal(journal.removeAll(journal.list()), 1)
    t.same(journal.size(), { entries: 0, bytes: 0 })
  })
})

t.test('a wait that looks back in slices', async t => {
  const begin = async (count: number, timeout: number, signal: AbortSignal = NEVER) => {
    const made = filled(3)
    await useUpSlice()
    return { ...made, result: waitFor(made.journal, { filter: { text: 'plan_id' }, count, timeout, after: 1 }, signal) }
  }

  t.test('counts what arrives meanwhile, once', async t => {
    const { journal, add, result } = await begin(4, 60_000)
    add(4)
    journal.add(recorded({ id: '1-5', body: 'something else' }))
    setTimeout(add, 20, 6)
    const { end, found } = await result
    t.same([end, ids(found)], ['fulfilled', ['1-2', '1-3', '1-4', '1-6']])
  })

  t.test('has the requests from before and in between, even with no time to wait', async t => {
    for (const timeout of [0, 1]) {
      const { add, result } = await begin(5, timeout)
      add(4)
      const { end, found } = await result
      t.same([end, ids(found)], ['unfulfilled', ['1-2', '1-3', '1-4']])
    }
  })

  t.test('counts what comes to match when it ends, once, and nothing that is too early', async t => {
    const { journal } = filled(1)
    const early = journal.add(recorded({ id: '1-2', state: 'under-way' }))
    const [late, other] = ['1-3', '1-4'].map(id => journal.add(recorded({ id, state: 'under-way' })))
    await useUpSlice()
    const result = waitFor(journal, { filter: { state: 'cut,client-gone' }, count: 2, timeout: 60_000, after: 2 }, NEVER)
    journal.settle(other!, 'client-gone', 1)
    journal.settle(early, 'cut', 1)
    setTimeout(() => journal.settle(late!, 'cut', 1), 20)
    const { end, found } = await result
    t.same([end, ids(found)], ['fulfilled', ['1-3', '1-4']])
  })

  t.test('is aborted by a reset meanwhile, unless it is decided', async t => {
    for (const [count, end] of [[4, 'aborted'], [2, 'fulfilled'], [0, 'unfulfilled']] as const) {
      const controller = new AbortController()
      const { journal, result } = await begin(count, 60_000, controller.signal)
      controller.abort()
      journal.removeAll(journal.list())
      t.equal((await result).end, end, String(count))
    }
  })
})

t.test('the nearest misses have the fewest differences, then are the newest; foreign ones and early ones come last', async t => {
  const { journal } = filled(8)
  const nearest = await nearestMisses(journal, { account: 'even', plan_id: '7', method: 'POST' }, 4)
  t.same(nearest.map(({ id, missed }) => [id, ...missed.map(({ filter }) => filter)]), [
    ['1-8', 'plan_id'], ['1-6', 'plan_id'], ['1-4', 'plan_id', 'since'], ['1-2', 'plan_id', 'since'], ['1-7', 'account']
  ])
  t.same(ids(await nearestMisses(journal, { method: 'POST' }, 4)), ['1-4', '1-3', '1-2', '1-1'])
})

t.test('what a wait looks for in a request is made once for all who wait:', async t => {
  // As most arrive, and one whose client does not read the answer.
  for (const state of ['answered', 'under-way'] as const) {
    for (const filter of [{ project_id: '77' }, { plan_id: '77' }, { lint: 'accept' }, { text: 'nowhere' }]) {
      t.test(`${Object.keys(filter).join()} in one that is ${state}`, async t => {
        const readsFor = async (waits: number): Promise<number> => {
          const journal = createJournal(LIMITS)
          const end = new AbortController()
          const results = Array.from({ length: waits }, () => waitFor(journal, { filter, count: 1, timeout: 60_000, after: 0 }, end.signal))
          const request = recorded({ state })
          let reads = 0
          Object.defineProperty(request, 'body', {
            get () {
              reads++
              return '{"project_id":5786,"plan_id":2}'
            }
          })
          journal.add(request)
          end.abort()
          for (const result of await Promise.all(results)) t.match(result, { end: 'aborted', found: [] })
          return reads
        }
        t.equal(await readsFor(8), await readsFor(1))
      })
    }
  }

  t.test('the secrets that the nearest misses must not show', async t => {
    const { journal } = filled(1)
    const [entry] = journal.list()
    const { body } = entry!
    let reads = 0
    Object.defineProperty(entry, 'body', {
      get () {
        reads++
        return body
      }
    })
    const waits = await Promise.all(Array.from({ length: 20 }, () => nearestMisses(journal, { plan_id: '7', account: 'other' }, 0)))
    t.equal(waits.filter(([nearest]) => nearest!.missed.length === 2).length, 20)
    const once = reads
    await nearestMisses(journal, { plan_id: '7', account: 'other' }, 0)
    t.equal(reads, once)
  })
})
