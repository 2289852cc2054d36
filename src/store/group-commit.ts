import { setImmediate } from '../machine.js'
import type { Db } from './database.js'
import type { Memo } from './memo.js'

interface Job {
  readonly work: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

type Outcome = { readonly value: unknown } | { readonly error: unknown }

/** Runs work in a transaction shared with all work that arrives in the same turn of the event loop. */
export type Commit = <T>(work: () => T) => Promise<T>

/**
 * Groups requests that arrive in the same turn of the event loop into one transaction, because commits are expensive. Each sees
 * the effects of those before it, and is answered only after the commit. Work that throws is rolled back alone; if the commit
 * itself fails, nothing has happened and all of it is rejected. Work must only read and write the database: if one throws, the
 * rest is run again. `flush` commits waiting work at once; `check` may refuse a transaction before it begins.
 */
export function groupCommit (db: Db, memo: Memo, check: () => void = () => {}): { commit: Commit, flush: () => void } {
  const begin = db.prepare('BEGIN IMMEDIATE')
  const savepoint = db.prepare('SAVEPOINT job')
  const rollbackJob = db.prepare('ROLLBACK TO job')
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

  /** Commits without savepoints, since work hardly ever throws. If some does, rolls everything back and returns `undefined`. */
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
      // An error such as a full disk makes SQLite roll back the whole transaction: then there is no savepoint to return to,
      // and the group fails together.
      if (!db.inTransaction) throw error
      memo.invalidate()
      rollbackJob.run()
      release.run()
      return { error }
    }
  }
}

function settle ({ resolve, reject }: Job, outcome: Outcome): void {
  if ('error' in outcome) reject(outcome.error)
  else resolve(outcome.value)
}
