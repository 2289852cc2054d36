import type { Context } from '../runtime/context.js'

/**
 * Numbers requests `1-1`, `1-2`, …: the first number changes with each start on the same database and with each reset. Those with another
 * prefix are numbered by themselves.
 */
export function requestNumbers ({ store, pending }: Pick<Context, 'store' | 'pending'>, prefix = ''): () => string {
  let start = store.world.lastStart()
  let generation = pending.generation()
  let count = 0
  return () => {
    if (generation.aborted) [generation, start, count] = [pending.generation(), store.world.lastStart(), 0]
    return `${start}-${prefix}${++count}`
  }
}
