import * as timers from 'node:timers'
import * as timersPromises from 'node:timers/promises'

/**
 * The machine's timers and time, bound when this module is loaded. In a test suite the globals belong to the test: one that fakes
 * timers replaces them, often those of `node:timers` as well, and an emulator in the same process must go on regardless. The build
 * gives these to the bundled libraries too.
 */
export const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate } = timers
export const { setTimeout: sleep } = timersPromises
export const { Date, queueMicrotask, process: { nextTick } } = globalThis

/**
 * Creates a source of time that follows the machine's clock but never goes back: while that clock is behind what was given
 * before, as after it was set back, time goes on by a monotonic one.
 */
export function steadyTime (clock: () => number, monotonic: () => number): () => number {
  let [time, mark] = [clock(), monotonic()]
  return () => {
    const [shown, now] = [clock(), monotonic()]
    time = shown >= time ? shown : time + now - mark
    mark = now
    return Math.trunc(time)
  }
}

/** Gives a time in milliseconds that only moves forward, for measuring how long something takes. */
export const monotonicTime: () => number = performance.now.bind(performance)

/** Gives the machine's time, in milliseconds since 1970. */
export const machineTime: () => number = steadyTime(Date.now, monotonicTime)
