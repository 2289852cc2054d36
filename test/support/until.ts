import { setTimeout as sleep } from 'node:timers/promises'

/** So many milliseconds are enough on any machine: only a test that would fail waits for so long. */
const MAX_WAIT = 120_000

/** Polls until a condition holds. */
export async function until (condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + MAX_WAIT; Date.now() < end; await sleep(5)) if (await condition()) return
  throw new Error(`this did not become true: ${condition.toString()}`)
}
