import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import type { BillingEvent } from '../../src/domain/billing-events.js'
import { createTimeline, eventsStep, STEP_OVERHEAD, type TimelineCall, type TimelineRequest, type TimelineStep } from '../../src/runtime/timeline.js'
import type { EntryFacts } from '../../src/journal/record.js'

const START = { at: 0, faults: [], resumed: null, dataVersion: 1, paths: {} }
const timelineOf = (entries: number, bytes = Infinity) => createTimeline({ entries, bytes }, START)

function request (account: string | null = null): TimelineRequest {
  return { kind: 'request', at: 0, arrived: null, from: '127.0.0.1', isSendable: true, recorded: { account } as EntryFacts, isPlaced: false, bytes: STEP_OVERHEAD }
}

function call (accounts: readonly string[], method = 'POST', path = '/settings', bytes = STEP_OVERHEAD): TimelineCall {
  return { kind: 'call', at: 0, emulatedAt: 0, accounts, method, path, body: undefined, faults: [], isVoid: false, bytes }
}

t.test('a timeline has its steps in order, each once', async t => {
  const timeline = timelineOf(10)
  const [first, second] = [request(), request()]
  // A group that could not be committed at once is run again.
  for (const step of [first, second, first, second]) timeline.place(step)
  t.strictSame(timeline.steps(), { first: 0, steps: [first, second] })
  t.equal(timeline.position(), 2)
})

t.test('a timeline drops its oldest steps', async t => {
  t.test('beyond the number of entries', async t => {
    const timeline = timelineOf(3)
    const steps = Array.from({ length: 4 }, () => request())
    steps.slice(0, 3).forEach(timeline.place)
    t.equal(timeline.isLost(null), false)
    timeline.place(steps[3]!)
    t.strictSame(timeline.steps(), { first: 1, steps: steps.slice(1) })
    t.equal(timeline.isLost(null), true)
    t.equal(timeline.position(), 4)
  })

  t.test('with their bodies, which may be large, at once', async t => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const timeline = timelineOf(1)
    const place = (): WeakRef<object> => {
      const body = {}
      timeline.place({ ...call([]), body })
      return new WeakRef(body)
    }
    const [dropped, kept] = [place(), place()]
    await setImmediate()
    collect()
    t.strictSame([dropped.deref(), kept.deref()], [undefined, {}])
  })

  t.test('beyond the number of bytes, which a request has when it is complete', async t => {
    const timeline = timelineOf(100, 2 * STEP_OVERHEAD + 1000)
    const [first, second] = [request(), request()]
    timeline.place(first)
    timeline.place(second)
    timeline.complete(first, first.recorded!, 1000)
    t.equal(timeline.isLost(null), false)
    timeline.complete(second, second.recorded!, 1)
    t.strictSame(timeline.steps(), { first: 1, steps: [second] })
  })

  t.test('and keeps nothing of them', async t => {
    const timeline = timelineOf(2)
    for (let count = 0; count < 5000; count++) timeline.place(request())
    t.equal(timeline.steps().first, 4998)
    t.equal(timeline.position(), 5000)
  })

  t.test('all of them, without room for any', async t => {
    const timeline = timelineOf(0)
    timeline.place(request())
    t.strictSame(timeline.steps(), { first: 1, steps: [] })
  })
})

function deleted (account: string): BillingEvent {
  return { at: 1, event: 'deleted', account, projectId: 1 }
}

t.test('what is added to a step counts as long as it is kept', async t => {
  const timeline = timelineOf(100, 4 * STEP_OVERHEAD + 1000)
  const steps = Array.from({ length: 4 }, () => call(['a']))
  steps.forEach(timeline.place)
  timeline.enlarge(steps[3]!, 1000)
  t.equal(timeline.steps().first, 0)
  timeline.enlarge(steps[2]!, 1)
  t.equal(timeline.steps().first, 1, 'the oldest is dropped')
  for (let times = 0; times < 10; times++) timeline.enlarge(steps[0]!, 1000)
  t.strictSame(timeline.steps(), { first: 1, steps: steps.slice(1) }, 'what is added to that one takes nothing')
  t.equal(timeline.isLost('a'), true)
})

t.test('what is lost of whom', async t => {
  const cases: Array<[name: string, dropped: TimelineStep, lost: ReadonlyArray<string | null>]> = [
    ['a request is missed by its account', request('a'), [null, 'a']],
    ['a request without an account is missed by the world', request(), [null]],
    ['a call is missed by its account', call(['a']), [null, 'a']],
    ['a call is missed by all of its accounts', call(['a', 'b']), [null, 'a', 'b']],
    ['a call for the world is missed by everyone', call([]), [null, 'a', 'b', 'c']],
    ['a removal is missed by nobody who comes later', call(['a'], 'DELETE', '/accounts/a'), [null]],
    ['nor is an undo that removes one', { ...call(['a'], 'POST', '/undo'), isRemoval: true }, [null]],
    ['nor is one at the end of a ttl', { kind: 'removal', at: 0, account: 'a', bytes: 1 }, [null]],
    ['what time brought when somebody looked is missed by those whom it befell', eventsStep(1, null, null, [deleted('a'), deleted('b')]), [null, 'a', 'b']],
    ['and by everyone where not all of it is listed', eventsStep(1, 'a', null, Array.from({ length: 101 }, () => deleted('a'))), [null, 'a', 'b', 'c']]
  ]
  for (const [name, dropped, lost] of cases) {
    t.test(name, async t => {
      const timeline = timelineOf(1)
      timeline.place(dropped)
      timeline.place(request('c'))
      t.strictSame([null, 'a', 'b', 'c'].filter(timeline.isLost), lost)
    })
  }

  t.test('an account that is made anew misses nothing of the former one', async t => {
    const timeline = timelineOf(1)
    for (const step of [request('a'), call(['a'], 'DELETE', '/accounts/a')]) timeline.place(step)
    t.equal(timeline.isLost('a'), true)
    timeline.begin(['a'])
    t.equal(timeline.isLost('a'), false)
  })

  t.test('a removal that is dropped takes what was lost before along', async t => {
    const timeline = timelineOf(1)
    for (const step of [request('a'), call(['a'], 'DELETE', '/accounts/a'), request('b')]) timeline.place(step)
    t.equal(timeline.isLost('a'), false)
  })

  t.test('a request that failed is missed by nobody in particular', async t => {
    const timeline = timelineOf(1)
    timeline.place({ ...request('a'), recorded: null })
    timeline.place(request('b'))
    t.strictSame([null, 'a', 'b'].filter(timeline.isLost), [null])
  })
})

t.test('what time brought is kept up to a bound, and counted', async t => {
  const step = eventsStep(1, null, null, Array.from({ length: 150 }, () => deleted('a')))
  t.equal(step.events.length, 100)
  t.equal(step.total, 150)
})
