import type { Context } from '../runtime/context.js'
import type { Staging, Tables } from '../store/index.js'
import { doInSlices, type IsWanted, type Work } from '../time-slices.js'

/** Accounts that are written beside the world, and can be made part of it at one moment. */
export interface Beside {
  /** What they may depend on, besides the world's clock, settings and plans: accounts, by their ids. */
  readonly sources: ReadonlySet<number>
  readonly ids: 'same' | 'new'
}

/** End of work that would have come out otherwise now, or would be refused. */
class Overtaken extends Error {}

/**
 * Writes accounts beside the world, in slices, and then calls `commit`, which makes them part of it by `add`, within `replace` or a dry run. Until
 * its promise is settled, they can be read there as they were added. Gives `undefined` if they depend on what has changed meanwhile; then nothing
 * has happened. That can be one at a time, and must be in turn.
 */
export async function writeBeside<Written, Result> (
  { store }: Context,
  { sources, ids }: Beside,
  write: (staging: Staging) => Work<Written>,
  commit: (add: () => void, written: Written, beside: Tables) => Promise<Result>,
  isWanted: IsWanted
): Promise<Result | undefined> {
  const staging = store.stage()
  const { isChanged, end } = store.watch(sources)
  return await attempt().catch(ifOvertaken).finally(() => {
    end()
    staging.close()
  })

  async function attempt (): Promise<Result> {
    const written = await doInSlices(writing(), isWanted)
    // Requests that have arrived are decided before.
    store.flush()
    return await commit(() => {
      if (isChanged() || staging.isAnyTaken()) throw new Overtaken('the world has changed')
      staging.add(ids)
    }, written, staging.tables)
  }

  function * writing (): Work<Written> {
    staging.transaction(() => { for (const plan of store.plans.list()) staging.tables.plans.update(plan) })
    return yield * write(staging)
  }
}

function ifOvertaken (error: unknown): undefined {
  if (!(error instanceof Overtaken)) throw error
}
