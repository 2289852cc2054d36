import { setTimeout as sleep } from 'node:timers/promises'

/** Polls until a condition holds, for at most ten seconds. */
export async function until (condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end; await sleep(5)) if (await condition()) return
  throw new Error(`this did not become true within ten seconds: ${condition.toString()}`)
}
