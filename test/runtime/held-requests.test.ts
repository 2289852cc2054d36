import t from 'tap'
import { TEXT_COST, createHeldRequests, REQUEST_OVERHEAD } from '../../src/runtime/held-requests.js'

t.test('held requests are let go for another one, those first that have been held for longest', async t => {
  const held = createHeldRequests(3 * REQUEST_OVERHEAD)
  const gone: number[] = []
  const hold = (number: number, length = 0): (() => void) => held.hold(length, () => { gone.push(number) })
  const [release] = [0, 1, 2].map(number => hold(number)) as [() => void]
  t.strictSame(gone, [], 'up to the bound')
  release()
  release()
  hold(3)
  t.strictSame(gone, [], 'one that is over makes room, once')
  const releaseLarge = hold(4, REQUEST_OVERHEAD / TEXT_COST)
  t.strictSame(gone, [1, 2], 'the length of a body counts')
  release()
  hold(5)
  t.strictSame(gone, [1, 2, 3], 'what was let go is counted no more')
  releaseLarge()
  hold(6)
  hold(7)
  t.strictSame(gone, [1, 2, 3])
  hold(8, 10 * REQUEST_OVERHEAD)
  t.strictSame(gone, [1, 2, 3, 5, 6, 7], 'one that is larger than the bound is held alone')
})

t.test('what is let go may be released at that moment', async t => {
  const held = createHeldRequests(REQUEST_OVERHEAD)
  let releases = 0
  const release = held.hold(0, () => {
    release()
    releases++
  })
  held.hold(0, () => { t.fail('the bound counts the first one no more') })()
  held.hold(0, () => {})
  t.equal(releases, 1)
})
