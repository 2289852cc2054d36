import type { Db } from './database.js'
import type { Memo } from './memo.js'

interface Job {
  readonly work: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

type Outcome = { readonly value: unknown } | { readonly error: unknown }

/** Runs work in a transaction that it shares with all that arrives in the same turn of the event loop. */
export type Commit = <T>(work: () => T) => Promise<T>

/**
 * Requests that arrive in the same turn of the event loop share one transaction, because the commit is what costs. Each
 * sees what those before it did, and is answered only after the commit that holds it. Work that throws is undone alone;
 * when the commit itself fails, nothing has happened and all of them are rejected. Work must do nothing but read and
 * write the database: where one throws, the others are run once more. `flush` commits at once what is waiting; `check` may
 * refuse a transaction before it begins.
 */
export function groupCommit (db: Db, memo: Memo, check: () => void = () => {}): { commit: Commit, flush: () => void } {
  const begin = db.prepare('BEGIN IMMEDIATE')
  const savepoint = db.prepare('SAVEPOINT job')
  const undo = db.prepare('ROLLBACK TO job')
  const release = db.prepare('RELEASE job')
  const commit = db.prepare('COMMIT')
  const rollback = db.prepare('ROLLBACK')
  let group: Job[] = []

  return {
    commit: <T>(work: () => T) => new Promise<T>((resolve, reject) => {
      if (group.length === 0) setImmediate(flush)
      group.push({ work, resolve: resolve as Job['resolve'], reject })
    }),
    flush
  }

  function flush (): void {
    const jobs = group
    if (jobs.length === 0) return
    group = []
    try {
      const outcomes = committedTogether(jobs) ?? committed(jobs, inSavepoint)
      jobs.forEach((job, index) => settle(job, outcomes[index]!))
    } catch (error) {
      for (const job of jobs) job.reject(error)
    }
  }

  /** As almost all work goes: nothing throws, so none of it needs a savepoint. `undefined`, and nothing done, if some did. */
  function committedTogether (jobs: Job[]): Outcome[] | undefined {
    let failed = false
    try {
      return committed(jobs, ({ work }) => {
        try {
          return { value: work() }
        } catch (error) {
          failed = true
          throw error
        }
      })
    } catch (error) {
      if (failed) return undefined
      throw error
    }
  }

  function committed (jobs: Job[], run: (job: Job) => Outcome): Outcome[] {
    check()
    begin.run()
    memo.begin()
    try {
      const outcomes = jobs.map(run)
      commit.run()
      memo.end()
      return outcomes
    } catch (error) {
      memo.end()
      memo.invalidate()
      if (db.inTransaction) rollback.run()
      throw error
    }
  }

  function inSavepoint ({ work }: Job): Outcome {
    savepoint.run()
    try {
      const value = work()
      release.run()
      return { value }
    } catch (error) {
      // A full disk, for one, makes SQLite give up the whole transaction: then there is no savepoint to return to,
      // and the group fails together.
      if (!db.inTransaction) throw error
      undo.run()
      release.run()
      return { error }
    }
  }
}

function settle ({ resolve, reject }: Job, outcome: Outcome): void {
  if ('error' in outcome) reject(outcome.error)
  else resolve(outcome.value)
}
