import { performance } from 'node:perf_hooks'
import * as timers from 'node:timers'
import * as util from 'node:util'

/**
 * What a fake has replaced. Fakes of `@sinonjs/fake-timers`, which Jest and Vitest have as well, keep it: without it, a package that is
 * loaded among them, as Jest does it with `fakeTimers: { enableGlobally: true }`, would wait for ever.
 */
const real = <Given>(name: string, given: Given): Given => (given as { readonly clock?: Readonly<Record<string, Given>> }).clock?.[`_${name}`] ?? given

/**
 * The machine's timers and time, bound when this module is loaded. In a test suite the globals belong to the test: one that fakes
 * timers replaces them, often those of `node:timers` as well, and an emulator in the same process must go on regardless. The build
 * gives these to the bundled libraries too.
 */
export const setTimeout = real('setTimeout', timers.setTimeout)
export const clearTimeout = real('clearTimeout', timers.clearTimeout)
export const setInterval = real('setInterval', timers.setInterval)
export const clearInterval = real('clearInterval', timers.clearInterval)
export const setImmediate = real('setImmediate', timers.setImmediate)
export const clearImmediate = real('clearImmediate', timers.clearImmediate)
export const Date = real('Date', globalThis.Date)
export const queueMicrotask = real('queueMicrotask', globalThis.queueMicrotask)
// Taken apart: in place of its name in full, the build puts this one.
const { process: { nextTick: givenTick } } = globalThis
export const nextTick = real('nextTick', givenTick)

/**
 * Classes of Node.js itself. An environment such as jsdom has others among its globals, which Node's own functions do not take and which
 * may lack what newer ones have. No module exports a constructor of signals, only a function that makes one.
 */
export { URL, URLSearchParams } from 'node:url'
export const AbortController = madeBy(util.transferableAbortController).constructor as typeof globalThis.AbortController
export const AbortSignal = new AbortController().signal.constructor as typeof globalThis.AbortSignal

/** Gives what a function of Node.js makes. Where there is none, as in Bun, which is refused in words later, it is one of the global class. */
export function madeBy (make: (() => AbortController) | undefined): AbortController {
  return make === undefined ? new globalThis.AbortController() : make()
}

/** Waits for the next turn of the event loop. */
export async function turn (): Promise<void> {
  await new Promise<void>(resolve => { setImmediate(resolve) })
}

/** Waits so many milliseconds, or until a signal rejects it with its reason. Without `ref`, it does not keep the process from ending. */
export async function sleep (ms: number, { signal, ref = true }: { readonly signal?: AbortSignal | undefined, readonly ref?: boolean } = {}): Promise<void> {
  signal?.throwIfAborted()
  let end!: () => void
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, ms)
    if (!ref) timer.unref()
    end = () => {
      clearTimeout(timer)
      resolve()
    }
    signal?.addEventListener('abort', end)
  })
  signal?.removeEventListener('abort', end)
  signal?.throwIfAborted()
}

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

/** Gives a time in milliseconds that only moves forward, for measuring how long something takes. A fake replaces the object's function. */
export const monotonicTime: () => number = nowOf(performance).bind(performance)

/** Gives the function of an object's prototype; in Bun, only the object has it. */
export function nowOf (clock: typeof performance): () => number {
  const { now } = Object.getPrototypeOf(clock) as Partial<typeof performance>
  return now ?? clock.now
}

/** Gives the machine's time, in milliseconds since 1970. */
export const machineTime: () => number = steadyTime(Date.now, monotonicTime)
