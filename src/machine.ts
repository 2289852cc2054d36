import * as timers from 'node:timers'
import * as timersPromises from 'node:timers/promises'
import { transferableAbortController } from 'node:util'

/**
 * The machine's timers and time, bound when this module is loaded. In a test suite the globals belong to the test: one that fakes
 * timers replaces them, often those of `node:timers` as well, and an emulator in the same process must go on regardless. The build
 * gives these to the bundled libraries too.
 */
export const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate } = timers
export const { setTimeout: sleep } = timersPromises
export const { Date, queueMicrotask, process: { nextTick } } = globalThis

/**
 * Classes of Node.js itself. An environment such as jsdom has others among its globals, which Node's own functions do not take and which
 * may lack what newer ones have. No module exports a constructor of signals, only a function that makes one.
 */
export { URL, URLSearchParams } from 'node:url'
export const AbortController = transferableAbortController().constructor as typeof globalThis.AbortController
export const AbortSignal = new AbortController().signal.constructor as typeof globalThis.AbortSignal

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
