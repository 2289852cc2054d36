import { clearTimeout, machineTime, setTimeout, sleep } from '../machine.js'

/** What a running emulator takes from outside of its world. A replay gives it what a case has recorded. */
export interface Surroundings {
  /** Machine's time in milliseconds, to which the clocks of the world and its accounts are relative. */
  readonly machineTime: () => number
  /** Waits for what a fault delays; rejects when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** Calls back once after a time, without keeping the process alive, and returns a function that cancels it. */
  readonly setAlarm: (ms: number, callback: () => void) => () => void
  /** Gives a request its id in the journal; `next` counts. */
  readonly requestId: (next: () => string) => string
  /** Gives the address that a request comes from. */
  readonly addressOf: (request: { readonly ip: string }) => string
}

export const REAL_SURROUNDINGS: Surroundings = {
  machineTime,
  sleep: async (ms, signal) => { await sleep(ms, { signal }) },
  setAlarm (ms, callback) {
    const timer = setTimeout(callback, ms).unref()
    return () => { clearTimeout(timer) }
  },
  requestId: next => next(),
  // Of a disconnected client, it may be unknown.
  addressOf: ({ ip }) => String(ip)
}
