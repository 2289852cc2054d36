import { setImmediate } from 'node:timers/promises'
import { forEachInSlices } from '../../src/time-slices.js'

/** Works for so long that this turn's slice is over, however fast the machine is. */
export function work (): void {
  for (const end = performance.now() + 6; performance.now() < end;);
}

/** Uses up the slice of this turn, so that any work in slices has to wait for the next one. */
export async function useUpSlice (): Promise<void> {
  await forEachInSlices([1], work)
}

/** Begins short work, which does not use up its turn's slice. On a busy machine that may take several turns: until one of them is not interrupted. */
export async function withinSlice<Result> (begin: () => Promise<Result>): Promise<{ readonly result: Promise<Result> }> {
  for (;;) {
    await setImmediate()
    const from = performance.now()
    const result = begin()
    // Less than a slice.
    if (performance.now() - from < 4) return { result }
    await result
  }
}
