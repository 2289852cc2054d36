import t from 'tap'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { sweep } from '../../src/index.js'
import { effort } from '../support/effort.js'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const RUNS = 10_000

/** Runs between two measurements. */
const BETWEEN = 1000

/** Bytes that a run may leave behind. A call or an account that is kept would be more. */
const LEFT_BEHIND = 500

// A few thousand runs would tell more of what is compiled meanwhile than of what is left behind.
const inFull = effort({ skip: 'npm run prove runs it' }, {})

t.test(`${RUNS} runs of a sweep leave nothing behind`, inFull, async t => {
  let runs = 0
  const heap: number[] = []
  await sweep(async ({ url, token }) => {
    const body = JSON.stringify({ token, service: 1, billing_plan: 2 })
    const response = await fetch(`${url}/app/api/v2/pm/create-project`, { method: 'POST', body })
    await response.text()
    runs++
    if (runs % BETWEEN === 0) {
      // What is freed by a finalizer is gone after the second.
      collectGarbage()
      collectGarbage()
      heap.push(process.memoryUsage().heapUsed)
    }
  }, {
    account: { balance: '100' },
    repeat: RUNS,
    faults: ['connection_reset'],
    questions: false,
    // What a journal holds is bounded, and not what is measured here.
    emulator: { journalEntries: 0 }
  })
  // A leak is in every thousand of runs; code that is compiled, or a pool that fills, in one or two.
  const left = heap.slice(1).map((used, index) => (used - (heap[index] as number)) / BETWEEN).sort((a, b) => a - b)
  const median = left[Math.floor(left.length / 2)] as number
  t.ok(median < LEFT_BEHIND, `a run leaves ${Math.round(median)} bytes behind`)
})
