import type { Db } from './database.js'

/** What requests read again and again although it hardly ever changes. */
export interface Memo {
  /** A group of requests begins: what another process has written since the last one is noticed here. */
  readonly begin: () => void
  readonly end: () => void
  /** Gives what was read before under this key, or reads it. Outside of a group it is always read. */
  readonly read: <T>(key: string, load: () => T) => T
  /** To be called when any of it is written. */
  readonly invalidate: () => void
}

/** Keeps values from one group of requests to the next, for as long as nobody has written them. */
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
