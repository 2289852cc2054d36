import type { Context } from '../runtime/context.js'
import { isLarge, loadSeed, stageSeed } from '../scenario/load.js'
import type { Seed } from '../scenario/read.js'
import type { IsWanted } from '../time-slices.js'

/**
 * Replaces the world by what `load` writes, and begins a new generation: requests that arrived earlier are cut off, and later ones
 * see the new world. The caller brings faults and the journal in line, and schedules the expiry of accounts.
 */
export function replaceWorld ({ store, pending, snapshots, usage, probe }: Context, load: () => void, areKeysChecked?: boolean): void {
  store.flush()
  store.replace(() => {
    load()
    store.world.countStart()
  }, areKeysChecked)
  probe?.begin(store.accounts.list())
  pending.abort()
  snapshots.removeOfAccounts()
  usage.forgetAll()
}

/** World that has been read, and can be loaded at one moment. */
export interface ReadyWorld {
  readonly seed: Seed
  /** Whether it is large. */
  readonly isStaged: boolean
  /** Writes it, within `replaceWorld` or a dry run. */
  readonly load: () => void
  /** Must be called once it has been loaded, or will not be. */
  readonly close: () => void
}

/**
 * Gets a world ready to be loaded: a large one is written beside the present one, which requests are answered from meanwhile. That can be one
 * at a time, and must be in turn.
 */
export async function readyWorld ({ store }: Context, seed: Seed, isInTurn: boolean, isWanted: IsWanted): Promise<ReadyWorld> {
  if (isInTurn && isLarge(seed)) return { seed, isStaged: true, ...await stageSeed(store, seed, isWanted) }
  return { seed, isStaged: false, load () { loadSeed(store, seed) }, close () {} }
}
