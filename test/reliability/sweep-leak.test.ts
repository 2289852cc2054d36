import t from 'tap'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { sweep } from '../../src/index.js'
import { effort } from '../support/effort.js'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const RUNS = 10_000

/** Runs before the first measurement: until then code is compiled, and pools fill. */
const WARM_UP = 200

/**
 * Bytes that a run may leave behind: its token, which is noted for the journal that hides it (up to 40 000 of them). A call that is kept,
 * or the account with its map's entry, would be more.
 */
const LEFT_BEHIND = 500

// A few hundred runs would tell more of what is compiled meanwhile than of what is left behind.
const inFull = effort({ skip: 'npm run prove runs it' }, {})

t.test(`${RUNS} runs of a sweep leave nothing behind`, inFull, async t => {
  let runs = 0
  const heap: number[] = []
  await sweep(async ({ url, token }) => {
    const body = JSON.stringify({ token, service: 1, billing_plan: 2 })
    const response = await fetch(`${url}/app/api/v2/pm/create-project`, { method: 'POST', body })
    await response.text()
    runs++
    if (runs === WARM_UP || runs === RUNS) {
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
  const [before, after] = heap as [number, number]
  const left = (after - before) / (RUNS - WARM_UP)
  t.ok(left < LEFT_BEHIND + 100_000 / (RUNS - WARM_UP), `a run leaves ${Math.round(left)} bytes behind`)
})
