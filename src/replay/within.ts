import { AbortController, clearTimeout, setTimeout } from '../machine.js'

/** Outcome of work that has not ended in time. */
export const LATE = Symbol('late')

/** Does work that may take so many milliseconds. After that, its signal is aborted, whatever that makes it end with. */
export async function within<T> (ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T | typeof LATE> {
  const end = new AbortController()
  const timer = setTimeout(() => { end.abort() }, ms)
  const late = (error: unknown): typeof LATE => {
    if (end.signal.aborted) return LATE
    throw error
  }
  const outcome = await work(end.signal).catch(late).finally(() => { clearTimeout(timer) })
  return end.signal.aborted ? LATE : outcome
}
