import { setImmediate } from '../machine.js'
import type { Db } from './database.js'
import type { Memo } from './memo.js'

/** What is known of work, and of a result that may be large. */
export interface Manner<T> {
  /** Size of the result. */
  readonly sizeOf: (result: T) => number
  /** Whose work it is. After a large result, the work of others comes first. */
  readonly whose: unknown
  /** Whether it changes nothing, so that what asks for a `flush` need not wait for it. */
  readonly isReading: boolean
}

interface Job extends Manner<unknown> {
  readonly work: () => unknown
  isLeft: boolean
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Tells whether a job is left for a later turn, of a group whose results are large by now or not. */
type Leaves = (job: Job, isLarge: boolean) => boolean

type Outcome = { readonly value: unknown } | { readonly error: unknown }

/** Runs work in a transaction shared with all work that arrives in the same turn of the event loop. */
export type Commit = <T>(work: () => T, manner?: Manner<T>) => Promise<T>

/** Size of the results with which a group ends, as they are in memory until they can be sent: many times as much as a busy turn brings. */
export const MAX_RESULTS = 1_048_576

const SMALL: Manner<unknown> = { sizeOf: () => 0, whose: undefined, isReading: false }

/**
 * Groups requests that arrive in the same turn of the event loop into one transaction, because commits are expensive. Each sees
 * the effects of those before it, and is answered only after the commit. Work that throws is rolled back alone; if the commit
 * itself fails, nothing has happened and all of it is rejected. Work must only read and write the database: if one throws, the
 * rest is run again. `flush` commits waiting work at once; `check` may refuse a transaction before it begins.
 *
 * Once the results of a group are large, the rest waits for the next turn, so that they can be sent, and others are heard, before more are
 * made.
 */
export function groupCommit (db: Db, memo: Memo, check: () => void = () => {}): { commit: Commit, flush: () => void } {
  const begin = db.prepare('BEGIN IMMEDIATE')
  const savepoint = db.prepare('SAVEPOINT job')
  const rollbackJob = db.prepare('ROLLBACK TO job')
  const release = db.prepare('RELEASE job')
  const commit = db.prepare('COMMIT')
  const rollback = db.prepare('ROLLBACK')
  let group: Job[] = []
  let isScheduled = false

  return {
    commit: <T>(work: () => T, { sizeOf, whose, isReading }: Manner<T> = SMALL) => new Promise<T>((resolve, reject) => {
      group.push({ work, sizeOf: sizeOf as Job['sizeOf'], whose, isReading, isLeft: false, resolve: resolve as Job['resolve'], reject })
      schedule()
    }),
    // Of what was left in the same turn, one more with each flush would come between a call and what it changes.
    flush () { run(({ isReading, isLeft }, isLarge) => isReading && (isLeft || isLarge)) }
  }

  function schedule (): void {
    if (isScheduled) return
    isScheduled = true
    setImmediate(() => {
      isScheduled = false
      run((_job, isLarge) => isLarge)
    })
  }

  /** Runs the group, except for what it leaves for a later turn. */
  function run (leaves: Leaves): void {
    const jobs = group
    if (jobs.length === 0) return
    group = []
    try {
      const outcomes = committedTogether(jobs, leaves) ?? committed(jobs, leaves, inSavepoint)
      const left = jobs.filter(job => !outcomes.has(job))
      if (left.length > 0) leave(left, [...outcomes.keys()].at(-1)?.whose)
      for (const [job, outcome] of outcomes) settle(job, outcome)
    } catch (error) {
      for (const job of jobs) job.reject(error)
    }
  }

  /** Leaves work for the next turn; that of whose result came last, behind that of others. */
  function leave (left: readonly Job[], whose: unknown): void {
    for (const job of left) job.isLeft = true
    const all = [...left, ...group]
    group = [...all.filter(job => job.whose !== whose), ...all.filter(job => job.whose === whose)]
    schedule()
  }

  /** Commits without savepoints, since work hardly ever throws. If some does, rolls everything back and returns `undefined`. */
  function committedTogether (jobs: readonly Job[], leaves: Leaves): Map<Job, Outcome> | undefined {
    let failed = false
    try {
      return committed(jobs, leaves, ({ work }) => {
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

  function committed (jobs: readonly Job[], leaves: Leaves, outcomeOf: (job: Job) => Outcome): Map<Job, Outcome> {
    check()
    begin.run()
    memo.begin()
    try {
      const outcomes = new Map<Job, Outcome>()
      let size = 0
      for (const job of jobs) {
        if (leaves(job, size >= MAX_RESULTS)) continue
        const outcome = outcomeOf(job)
        outcomes.set(job, outcome)
        if ('value' in outcome) size += job.sizeOf(outcome.value)
      }
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
