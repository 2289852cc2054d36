import type { Context } from '../runtime/context.js'

/**
 * Replaces the world by what `load` writes, and begins a new generation: requests that arrived earlier are cut off, and later ones
 * see the new world. The caller brings faults and the journal in line, and schedules the expiry of accounts.
 */
export function replaceWorld ({ store, pending, snapshots, usage }: Context, load: () => void): void {
  store.flush()
  store.replace(() => {
    load()
    store.world.countStart()
  })
  pending.abort()
  snapshots.removeOfAccounts()
  usage.forgetAll()
}
