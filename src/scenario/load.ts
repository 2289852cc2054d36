import type { ScenarioPlan } from '../contract/scenario.js'
import { openCopied, type Staging, type Store, type Tables } from '../store/index.js'
import { forEachInSlices, partsOf, type IsWanted } from '../time-slices.js'
import type { SeedAccount } from './accounts.js'
import { readPlans, refuseMovedPlans } from './plans.js'
import type { Seed } from './read.js'
import { lastEpoch } from './requests.js'

/** World to load. */
type World = Omit<Seed, 'faults'>

/** Parts of it that the table `world` depends on. */
type Shared = Pick<World, 'clock' | 'settings' | 'accounts' | 'requests'>

/** Replaces a store's world by a scenario's. Must run within a transaction. */
export function loadSeed (store: Store, world: World): void {
  removeWorld(store, world)
  for (const write of writingWorld(store, world)) write()
}

/** World beside a store's. */
export interface StagedWorld {
  /** Makes it the store's. Must run within `replace`. */
  readonly load: () => void
  readonly close: () => void
}

/** Loads a scenario's world beside a store's, in slices. */
export async function stageSeed (store: Store, world: World, isWanted?: IsWanted): Promise<StagedWorld> {
  return await staged(store, world, ({ tables }) => writingWorld(tables, world), isWanted)
}

/**
 * Loads a world that was copied of the same store, in the same way. Nothing is lost, as it would be in a scenario: that has no initial states of
 * accounts, and writes a running clock as one that starts now.
 */
export async function stageCopy (store: Store, copy: Buffer, isWanted?: IsWanted): Promise<StagedWorld> {
  const { tables, close } = openCopied(copy)
  const { clock, settings } = tables.world.find()!
  close()
  // The present world has counted at least as many starts.
  return await staged(store, { clock, settings, accounts: [], requests: [] }, ({ fillingWith }) => fillingWith(copy), isWanted)
}

async function staged (
  store: Store, world: Shared, writing: (staging: Staging) => Iterable<() => void>, isWanted: IsWanted | undefined
): Promise<StagedWorld> {
  const staging = store.stage()
  try {
    await forEachInSlices(writing(staging), staging.transaction, isWanted)
  } catch (error) {
    staging.close()
    throw error
  }
  return {
    load () {
      removeWorld(store, world)
      staging.copy()
    },
    close: staging.close
  }
}

/** Number of rows from which on a world is staged: to write fewer takes a few milliseconds, and to open tables for them about one. */
const MANY = 1000

/** Tells whether a world has too many rows to be written without a break. */
export function isLarge ({ accounts }: World): boolean {
  return accounts.reduce((sum, { projects, entries, history }) => sum + 1 + projects.length + entries.length + history.length, 0) >= MANY
}

function removeWorld (store: Store, { clock, settings, accounts, requests }: Shared): void {
  store.accounts.removeAll()
  store.history.removeAll()
  store.plans.removeAll()
  const starts = Math.max(store.world.find()?.starts ?? 0, lastEpoch(accounts, requests))
  store.world.update({ starts, clock, settings })
}

/** Gives the parts of writing a world, each of which takes a fraction of a slice. */
function * writingWorld (tables: Tables, { plans, accounts, history }: World): Iterable<() => void> {
  yield () => { for (const plan of plans) tables.plans.update(plan) }
  for (const account of accounts) yield * writingAccount(tables, account)
  yield () => { tables.history.insert(null, history) }
}

/** Adds an account, under the id of a removed one if `accountId` is given. */
export function loadAccount (tables: Tables, account: SeedAccount, accountId: number | null = null): void {
  for (const write of writingAccount(tables, account, accountId)) write()
}

/** Number of rows that are written in one part. */
const PART = 100

/** Gives the parts of adding an account, each of which takes a fraction of a slice. */
export function * writingAccount (tables: Tables, { account, record, projects, entries, history }: SeedAccount, accountId: number | null = null): Iterable<() => void> {
  let id!: number
  yield () => { id = tables.accounts.insert(account, record, accountId) }
  for (const part of partsOf(entries, PART)) yield () => { for (const entry of part) tables.ledger.insert(id, entry) }
  for (const part of partsOf(projects, PART)) yield () => { tables.projects.insertAll(id, part) }
  yield () => { tables.history.insert(id, history) }
}

/** Changes rows of a store's plan table, or throws a `Problem`. A plan in use can't move to the other service. */
export function loadPlans (store: Store, rows: unknown): void {
  const before = store.plans.table()
  const plans = readPlans(rows, [...before.values()])
  refuseMovedPlans(rows as ScenarioPlan[], before, store.projects.isAnyOn)
  for (const plan of plans) store.plans.update(plan)
}
