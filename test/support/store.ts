import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Account, LedgerEntry } from '../../src/domain/account.js'
import type { Db } from '../../src/store/database.js'
import { openStore, type Store } from '../../src/store/index.js'
import { Database } from './sqlite.js'

/** An account as it is inserted, and what is kept of it besides. */
export const DEMO: Omit<Account, 'accountId' | 'dueAt'> = { name: 'demo', token: 'secret', balanceMills: 100_000, clock: null, settings: {} }
export const RECORD = { origin: { name: 'demo' }, expiresAt: null }

export const OPENING: LedgerEntry = {
  at: 0, kind: 'opening', amountMills: 100_000, balanceMills: 100_000, projectId: null, planId: null, requestId: null
}

/** A store on a file, and what another process sees of it. */
export function fileStore (t: Test) {
  const file = join(t.testdir(), 'world.db')
  const store = openStore(file)
  t.teardown(store.close)
  const other = look(t, file)
  return {
    store,
    insert: (name: string): number => store.accounts.insert({ ...DEMO, name, token: name }, RECORD),
    others: (): number => other.prepare<[], number>('SELECT count(*) FROM account').pluck().get()!,
    commits: (): number => commitsIn(`${file}-wal`)
  }
}

/** Opens a file as another process does. */
export function look (t: Test, file: string): Db {
  const db = new Database(file)
  t.teardown(() => db.close())
  return db
}

/** Uses a store, and closes it. */
export function using (store: Store, use: (store: Store) => unknown): void {
  use(store)
  store.close()
}

/** The names of a store's accounts. */
export function namesIn (store: Store): string[] {
  return [...store.accounts.list()].map(({ name }) => name)
}

/** How many transactions a WAL holds: the last frame of each has the size of the database in its header. */
function commitsIn (wal: string): number {
  const [HEADER, FRAME_HEADER] = [32, 24]
  const bytes = readFileSync(wal)
  const frame = FRAME_HEADER + bytes.readUInt32BE(8)
  let commits = 0
  for (let at = HEADER; at + frame <= bytes.length; at += frame) if (bytes.readUInt32BE(at + 4) > 0) commits++
  return commits
}
