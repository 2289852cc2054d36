import { dataVersionOf, type Db } from './database.js'

/** Cache of what requests read again and again, kept from one group of requests to the next. */
export interface Memo {
  /**
   * Begins a group of requests. If anybody has written since the last group, drops what may have been written: all rows, and for another
   * process's write the values as well.
   */
  readonly begin: () => void
  readonly end: () => void
  /**
   * Returns the cached value of a key, or loads it. Outside a group, one that is loaded is not kept. Whatever writes a value here has to
   * invalidate it, for as long as the process runs; so most writes leave it alone, such as that of an account for each test of a suite.
   */
  readonly read: <T>(key: string, load: () => T) => T
  /** Creates a map of rows, in which nothing is found or kept outside a group. Whatever writes a row within one has to change it here. */
  readonly rows: <Key, Row>() => Rows<Key, Row>
  /** Drops all rows, because one was written whose place here is not known. */
  readonly invalidateRows: () => void
  /** Drops everything, because a value was written, or because the group was undone. */
  readonly invalidate: () => void
}

export interface Rows<Key, Row> {
  readonly get: (key: Key) => Row | undefined
  readonly set: (key: Key, row: Row) => void
  readonly delete: (key: Key) => void
  readonly clear: () => void
}

/** Maximum number of rows in a map. Beyond it everything is dropped, as most of it has not been read for long. */
export const MAX_ROWS = 1000

/** Creates a cache for the requests of one connection. */
export function createMemo (db: Db): Memo {
  const dataVersion = dataVersionOf(db)
  // Counts every row that this connection has written, also by a foreign key and in transactions that were rolled back.
  const writes = db.prepare<[], number>('SELECT total_changes()').pluck()
  const values = new Map<string, unknown>()
  const maps: Array<Map<unknown, unknown>> = []
  let seenVersion: number | undefined
  let seenWrites: number | undefined
  let isInGroup = false

  return {
    begin () {
      const [version, count] = [dataVersion(), writes.get()]
      if (version !== seenVersion) clear()
      else if (count !== seenWrites) clearRows()
      seenVersion = version
      isInGroup = true
    },
    end () {
      seenWrites = writes.get()
      isInGroup = false
    },
    read<T> (key: string, load: () => T): T {
      if (!isInGroup && dataVersion() !== seenVersion) return load()
      if (values.has(key)) return values.get(key) as T
      const value = load()
      if (isInGroup) values.set(key, value)
      return value
    },
    rows<Key, Row> (): Rows<Key, Row> {
      const rows = new Map<Key, Row>()
      maps.push(rows)
      return {
        get: key => isInGroup ? rows.get(key) : undefined,
        set (key, row) {
          if (!isInGroup) return
          if (rows.size === MAX_ROWS) clearRows()
          rows.set(key, row)
        },
        delete (key) { rows.delete(key) },
        clear () { rows.clear() }
      }
    },
    invalidateRows: clearRows,
    invalidate: clear
  }

  function clear (): void {
    values.clear()
    clearRows()
  }

  function clearRows (): void {
    for (const map of maps) map.clear()
  }
}
