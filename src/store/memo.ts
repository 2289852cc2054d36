import type { Db } from './database.js'

/** Cache of values that every request reads and that hardly ever change. */
export interface Memo {
  /** Begins a group of requests, and drops all values if another process has written since the last group. */
  readonly begin: () => void
  readonly end: () => void
  /** Returns the cached value of a key, or loads it. Outside a group, it is always loaded. */
  readonly read: <T>(key: string, load: () => T) => T
  /** Drops all values. Must be called when any of them is written. */
  readonly invalidate: () => void
}

/** Creates a cache that keeps values from one group of requests to the next, until they are written. */
export function createMemo (db: Db): Memo {
  const dataVersion = db.prepare<[], number>('PRAGMA data_version').pluck()
  const values = new Map<string, unknown>()
  let seen: number | undefined
  let isInGroup = false

  return {
    begin () {
      const version = dataVersion.get()
      if (version !== seen) values.clear()
      seen = version
      isInGroup = true
    },
    end () {
      isInGroup = false
    },
    read<T> (key: string, load: () => T): T {
      if (!isInGroup) return load()
      if (!values.has(key)) values.set(key, load())
      return values.get(key) as T
    },
    invalidate () {
      values.clear()
    }
  }
}
