import { forEachInSlices } from '../../src/time-slices.js'

/** Works for so long that this turn's slice is over, however fast the machine is. */
export function work (): void {
  for (const end = performance.now() + 6; performance.now() < end;);
}

/** Uses up the slice of this turn, so that any work in slices has to wait for the next one. */
export async function useUpSlice (): Promise<void> {
  await forEachInSlices([1], work)
}
