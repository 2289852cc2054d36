import { EventEmitter } from 'node:events'
import t from 'tap'
import { createUnreadAnswers, MIN_COUNTED } from '../../src/runtime/unread-answers.js'

/** A response, and whether its client has been cut off. */
class Response extends EventEmitter {
  isCut = false
  readonly socket = { destroy: () => { this.isCut = true } }
}

t.test('answers that are not read are cut off for another one, those first that have been under way for longest', async t => {
  const unread = createUnreadAnswers(3 * MIN_COUNTED)
  const responses = [1, 2, 3, 4].map(() => new Response()) as [Response, Response, Response, Response]
  for (const response of responses.slice(0, 3)) unread.add(MIN_COUNTED, response)
  t.notOk(responses.some(({ isCut }) => isCut), 'up to the bound')
  responses[0].emit('close')
  unread.add(MIN_COUNTED, responses[3])
  t.notOk(responses.some(({ isCut }) => isCut), 'one that has been read makes room')
  unread.add(MIN_COUNTED + 1, responses[0])
  t.strictSame(responses.map(({ isCut }) => isCut), [false, true, true, false])
  for (const response of responses) response.emit('close')
  unread.add(3 * MIN_COUNTED, responses[1])
  responses[3].isCut = false
  t.notOk(responses[0].isCut || responses[3].isCut, 'what is over is counted no more, and only once')
})

t.test('small answers are not counted, and one that is larger than the bound is sent alone', async t => {
  const unread = createUnreadAnswers(MIN_COUNTED)
  const [first, second] = [new Response(), new Response()]
  for (let number = 0; number < 10; number++) unread.add(MIN_COUNTED - 1, first)
  t.equal(first.listenerCount('close'), 0)
  unread.add(5 * MIN_COUNTED, first)
  t.notOk(first.isCut)
  unread.add(NaN, second)
  unread.add(MIN_COUNTED, second)
  t.ok(first.isCut)
  t.notOk(second.isCut)
})

t.test('a call of this process has no client that could be cut off', async t => {
  const unread = createUnreadAnswers(MIN_COUNTED)
  for (const socket of [undefined, null, {}]) unread.add(MIN_COUNTED, Object.assign(new EventEmitter(), { ...socket !== undefined && { socket } }))
  t.doesNotThrow(() => { unread.add(MIN_COUNTED, new Response()) })
})
