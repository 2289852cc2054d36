import t from 'tap'
import { limitOf, memoryBounds } from '../../src/runtime/memory.js'

const MEBIBYTE = 1_048_576

t.test('the bounds of memory follow the limit of the heap', async t => {
  t.strictSame(memoryBounds(64 * MEBIBYTE), { journal: 8 * MEBIBYTE, snapshots: 8 * MEBIBYTE, scenario: 2 * MEBIBYTE, values: 524_288, secrets: 8192, unfinishedBodies: 4 * MEBIBYTE, unreadAnswers: 4 * MEBIBYTE, faults: 2 * MEBIBYTE, unreadEvents: 4 * MEBIBYTE, heldRequests: 4 * MEBIBYTE, connections: 1024, billingEvents: 65_536 })
  t.strictSame(memoryBounds(512 * MEBIBYTE - 1), {
    journal: 64 * MEBIBYTE - 1, snapshots: 64 * MEBIBYTE - 1, scenario: 16 * MEBIBYTE - 1, values: 4 * MEBIBYTE - 1, secrets: 65_535, unfinishedBodies: 32 * MEBIBYTE - 1, unreadAnswers: 32 * MEBIBYTE - 1, faults: 16 * MEBIBYTE - 1, unreadEvents: 32 * MEBIBYTE - 1, heldRequests: 32 * MEBIBYTE - 1, connections: 8191, billingEvents: 250_000
  })
  const enough = { journal: 64 * MEBIBYTE, snapshots: 64 * MEBIBYTE, scenario: 64 * MEBIBYTE, values: 16_777_216, secrets: 262_144, unfinishedBodies: 128 * MEBIBYTE, unreadAnswers: 128 * MEBIBYTE, faults: 32 * MEBIBYTE, unreadEvents: 64 * MEBIBYTE, heldRequests: 128 * MEBIBYTE, connections: 16_384, billingEvents: 250_000 }
  t.strictSame(memoryBounds(2048 * MEBIBYTE), enough)
  t.strictSame(memoryBounds(65_536 * MEBIBYTE), { ...enough, values: 32_000_000, secrets: 400_000, unreadAnswers: 256 * MEBIBYTE, heldRequests: 256 * MEBIBYTE }, 'and are never larger than needed')
  t.ok(Object.values(memoryBounds()).every(bound => bound > 0), 'of this process')
})

t.test('what newer versions of Node.js add to the limit of the heap is not counted', async t => {
  for (const [options, limit, expected] of [
    [['--max-old-space-size=64'], 112, 112],
    [['--max-old-space-size=64'], 256, 112],
    [['--no-warnings --max_old_space_size=64', '--title=x'], 160, 112],
    [['--max-old-space-size=64', '--max-old-space-size', '100'], 256, 148],
    [['--max-old-space-size=8192'], 4144, 4144],
    [['--title=x'], 4288, 4288],
    [[''], 4288, 4288]
  ] as ReadonlyArray<readonly [readonly string[], number, number]>) {
    t.equal(limitOf(options, limit * MEBIBYTE), expected * MEBIBYTE, `${options.join(' ')}, ${limit} MiB`)
  }
})
