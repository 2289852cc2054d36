import fc from 'fast-check'
import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { BodyRefused, createBodies, type Bodies } from '../../src/runtime/bodies.js'

/** A body that a test sends piece by piece, and what became of it. */
function reading (bodies: Bodies, limit: number, declared?: number) {
  const stream = Object.assign(new PassThrough(), { headers: declared === undefined ? {} : { 'content-length': String(declared) } })
  const outcomes: Array<Buffer | Error> = []
  bodies.read(stream as unknown as IncomingMessage, limit, (error, bytes) => { outcomes.push(error ?? bytes!) })
  return { stream, outcomes, send: async (bytes: string | Buffer) => { stream.write(bytes); await turn() } }
}

t.test('a body is read whole, in whatever pieces it arrives, declared or chunked', async t => {
  const bodies = createBodies(4000)
  await fc.assert(fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), fc.boolean(), async (pieces, isDeclared) => {
    const whole = Buffer.concat(pieces)
    const { stream, outcomes } = reading(bodies, 4000, isDeclared ? whole.length : undefined)
    for (const piece of pieces) stream.write(piece)
    stream.end()
    await turn()
    t.same(outcomes.length, 1)
    if (!whole.equals(outcomes[0] as Buffer)) throw new Error('other bytes')
  }), { numRuns: 200 })
  const { outcomes } = reading(bodies, 4000, 4000)
  t.same(outcomes, [], 'and leaves all the room to the next one')
})

t.test('a body that comes in one piece is not copied', async t => {
  const { stream, outcomes } = reading(createBodies(4000), 4000, 5)
  const piece = Buffer.from('whole')
  stream.end(piece)
  await turn()
  t.equal(outcomes[0], piece)
})

t.test('a body that waits to be looked at counts among those that are not finished', async t => {
  const bodies = createBodies(1000)
  const release = bodies.keep(Buffer.alloc(600))
  t.match(reading(bodies, 1000, 401).outcomes, [{ httpStatus: 503 }])
  release()
  t.same(reading(bodies, 1000, 1000).outcomes, [])
})

t.test('a body that is too large is refused as early as that is known', async t => {
  const bodies = createBodies(4000)
  const large = { name: 'Error', httpStatus: 413, message: 'it is larger than 100 bytes' }
  t.match(reading(bodies, 100, 101).outcomes, [large], 'by its declared length')
  t.same(reading(bodies, 100, 100).outcomes, [])
  const { outcomes, send } = reading(bodies, 100)
  await send('x'.repeat(100))
  t.same(outcomes, [])
  await send('x')
  t.match(outcomes, [large], 'by what has arrived')
  t.ok(outcomes[0] instanceof BodyRefused)
  await send('x')
  t.equal(outcomes.length, 1, 'once')
})

t.test('unfinished bodies have a bound together', async t => {
  const many = { httpStatus: 503, message: 'it would bring all unfinished bodies together to more than 1000 bytes; send it again later' }
  const ends: Array<[string, (stream: PassThrough) => void]> = [
    ['are complete', stream => { stream.end() }],
    ['fail', stream => { stream.emit('error', new Error('aborted')) }],
    ['are refused', stream => { stream.write('x'.repeat(2000)) }]
  ]
  for (const [name, end] of ends) {
    const bodies = createBodies(1000)
    const first = reading(bodies, 1000)
    await first.send('x'.repeat(400))
    await first.send('x')
    t.match(reading(bodies, 1000, 201).outcomes, [many], 'a new one is refused by its declared length')
    const second = reading(bodies, 1000, 200)
    await second.send('x'.repeat(150))
    t.same(second.outcomes, [])
    const third = reading(bodies, 1000)
    await third.send('x'.repeat(51))
    t.match(third.outcomes, [many], 'by what has arrived: room for a growing body counts')
    for (const { stream } of [first, second]) end(stream)
    await turn()
    t.same([first, second, third].map(({ outcomes }) => outcomes.length), [1, 1, 1])
    t.same(reading(bodies, 1000, 1000).outcomes, [], `there is room again when they ${name}`)
  }
})
