import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { forEachInSlices, inSlices, mapInSlices, Unwanted } from '../src/time-slices.js'
import { useUpSlice, withinSlice, work } from './support/slices.js'

t.test('short work is done at once, in one turn of the event loop', async t => {
  const done: number[] = []
  const { result } = await withinSlice(() => {
    done.length = 0
    return forEachInSlices([1, 2, 3], item => { done.push(item) })
  })
  t.same(done, [1, 2, 3])
  await result
  t.same(await mapInSlices([1, 2, 3], item => 2 * item), [2, 4, 6])
  t.same(await mapInSlices([], work), [])
  const yielded: number[] = []
  for await (const item of inSlices([1, 2, 3])) yielded.push(item)
  t.same(yielded, [1, 2, 3])
})

t.test('long work gives way to the event loop, and all long work together takes one slice a turn', async t => {
  await setImmediate()
  const seen: string[] = []
  const over = new AbortController()
  const turns = (async () => {
    while (!over.signal.aborted) {
      await setImmediate()
      seen.push('turn')
    }
  })()
  await Promise.all(['a', 'b', 'c'].map(async name => {
    await forEachInSlices([1, 2], number => {
      seen.push(name + String(number))
      work()
    })
  }))
  over.abort()
  await turns
  const text = seen.join(' ')
  t.match(text, /^a1 (turn )+a2 (turn )+b1 (turn )+c1 (turn )+b2 (turn )+c2/, 'first come, first served')
})

t.test('work that begins when the slice of a turn is used up waits for the next turn', async t => {
  await useUpSlice()
  const done: number[] = []
  const result = forEachInSlices([1], item => { done.push(item) })
  const yielding = inSlices([2])[Symbol.asyncIterator]().next().then(({ value }) => { done.push(value as number) })
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
  t.same(done, [])
  await Promise.all([result, yielding])
  t.same(done, [1, 2])
})

t.test('an error in an item ends the work, and no other', async t => {
  await useUpSlice()
  const failed = forEachInSlices([1, 2], () => { throw new Error('no') })
  const done: number[] = []
  const other = forEachInSlices([1, 2], item => { done.push(item) })
  await t.rejects(failed, { message: 'no' })
  await other
  t.same(done, [1, 2])
})

t.test('work that nobody wants any more ends at its next slice', async t => {
  await useUpSlice()
  const done: number[] = []
  let isWanted = true
  const result = mapInSlices([1, 2, 3], item => {
    done.push(item)
    work()
    isWanted = item < 2
  }, () => isWanted)
  await t.rejects(result, { constructor: Unwanted, message: /nobody waits/ })
  t.same(done, [1, 2], 'until then it goes on')
  await setImmediate()
  await t.resolves(forEachInSlices([1], item => { done.push(item) }, () => false), 'what needs no other slice is done')
  await setImmediate()
})
