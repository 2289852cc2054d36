import type { BillingEvent } from '../domain/billing-events.js'
import type { Instant } from '../domain/clock.js'
import type { ActiveFault } from '../domain/fault.js'
import type { JournalLimits } from '../journal/journal.js'
import { MAX_DUE, type EntryFacts } from '../journal/record.js'

/** A request: placed when it is decided, completed when its answer is known. */
export interface TimelineRequest {
  readonly kind: 'request'
  /** Machine's time at which it was decided. */
  at: Instant
  /** For one that a fault delayed before it was decided: the position at which it arrived, and the machine's time of that. */
  readonly arrived: { readonly position: number, readonly at: Instant } | null
  readonly from: string
  /** Whether its body is kept as it was sent. */
  readonly isSendable: boolean
  /** The request and its answer; `null` for one that failed, and has changed nothing. */
  recorded: EntryFacts | null
  isPlaced: boolean
  bytes: number
}

/** A call of the control API that changed something. */
export interface TimelineCall {
  readonly kind: 'call'
  readonly at: Instant
  /** Time by the clock of the account, or of the world, before the call. */
  readonly emulatedAt: Instant
  /** Names of the accounts that it was about; none for the world. */
  accounts: readonly string[]
  readonly method: string
  readonly path: string
  body: unknown
  /** Id of the fault that it added, or of the snapshot that undoes it. */
  fault?: string
  snapshot?: string
  /** Faults that it added, or that came with a world that it loaded. */
  faults: ReadonlyArray<{ readonly id: string, readonly account: string | undefined }>
  /** Whether it changed nothing after all. */
  isVoid: boolean
  /** Whether it removed its account in another way than by `DELETE`: by an undo. */
  isRemoval?: boolean
  bytes: number
}

/** What time brought, when something looked at an account or at all of them. */
export interface TimelineEvents {
  readonly kind: 'events'
  /** Machine's time of the look. */
  readonly at: Instant
  /** Name of the account; `null` for all. */
  readonly account: string | null
  /** Call that looked before it changed something, or that brought the events itself; `null` if there was a mere look. */
  readonly call: TimelineCall | null
  /** The first `MAX_DUE`. */
  readonly events: readonly BillingEvent[]
  readonly total: number
  readonly bytes: number
}

/** Removal of an account whose `ttl` was over. */
export interface TimelineRemoval {
  readonly kind: 'removal'
  readonly at: Instant
  readonly account: string
  readonly bytes: number
}

export type TimelineStep = TimelineRequest | TimelineCall | TimelineEvents | TimelineRemoval

/** World that a timeline begins with. */
export interface TimelineStart {
  /** Machine's time at which it was loaded. */
  readonly at: Instant
  /** Faults that were active then. */
  readonly faults: readonly ActiveFault[]
  /** The world of a file that was opened again; `null` if a scenario was loaded, and `undefined` if it is too large to be kept. */
  readonly resumed: Buffer | null | undefined
  /** Version of the data by then, which other processes on the same file count up. */
  readonly dataVersion: number
  /** Paths of endpoints that are not served at their own; `null` for one that is switched off. */
  readonly paths: Readonly<Record<string, string | null>>
}

/** Everything that made the world what it is, in order. */
export interface Timeline {
  readonly start: TimelineStart
  /** Number of steps placed so far, those included that are no longer kept. */
  readonly position: () => number
  /** Appends a step. Placing it again changes nothing: a group of requests that could not be committed at once is run again. */
  readonly place: (step: TimelineStep) => void
  /** Counts what was added to a step since it was placed, in bytes. */
  readonly enlarge: (step: TimelineCall, bytes: number) => void
  /** Gives the call that was placed last; `null` for none. */
  readonly lastCall: () => TimelineCall | null
  /** Adds what a request was, and how it was answered. */
  readonly complete: (step: TimelineRequest, recorded: EntryFacts, bytes: number) => void
  /** Notes the accounts that a call has made: what was lost of others that had their names does not matter any more. */
  readonly begin: (accounts: readonly string[]) => void
  /** Gives the steps that are kept, oldest first, and the position of the first. */
  readonly steps: () => { readonly first: number, readonly steps: readonly TimelineStep[] }
  /** Tells whether steps are missing that are needed for an account, or for the world (`null`). */
  readonly isLost: (account: string | null) => boolean
}

/** Approximate size in bytes of what a step is besides its texts. */
export const STEP_OVERHEAD = 512

/** Approximate size in bytes of what a step notes of an account or of a fault, besides what was sent. */
export const NOTE_OVERHEAD = 256

/** Number of dropped steps at the beginning of the list before it is cut. */
const SLACK = 1024

/** Stands in the place of a dropped step until then. */
const DROPPED: TimelineStep = { kind: 'removal', at: 0, account: '', bytes: 0 }

/** Creates a timeline, which drops the oldest steps when it exceeds a limit: the journal's, with whose entries it shares the texts. */
export function createTimeline (limits: JournalLimits, start: TimelineStart): Timeline {
  let steps: TimelineStep[] = []
  let dropped = 0
  let before = 0
  let bytes = 0
  let lastCall: TimelineCall | null = null
  let isWorldLost = false
  let isAnyLost = false
  const lost = new Set<string>()
  // What is added to a step after it was dropped takes no memory here.
  const gone = new WeakSet<TimelineStep>()

  return {
    start,
    position: () => before + steps.length,
    place (step) {
      if (step.kind === 'request') {
        if (step.isPlaced) return
        step.isPlaced = true
      }
      if (step.kind === 'call') lastCall = step
      steps.push(step)
      bytes += step.bytes
      keepWithinLimits()
    },
    enlarge,
    lastCall: () => lastCall,
    complete (step, recorded, size) {
      step.recorded = recorded
      enlarge(step, size)
    },
    begin (accounts) { for (const account of accounts) lost.delete(account) },
    steps: () => ({ first: before + dropped, steps: steps.slice(dropped) }),
    isLost: account => account === null ? isAnyLost : isWorldLost || lost.has(account)
  }

  function enlarge (step: TimelineCall | TimelineRequest, size: number): void {
    if (gone.has(step)) return
    step.bytes += size
    bytes += size
    keepWithinLimits()
  }

  function keepWithinLimits (): void {
    while (dropped < steps.length && (steps.length - dropped > limits.entries || bytes > limits.bytes)) {
      const step = steps[dropped]!
      // Its body is let go of at once, not only when the list is cut.
      steps[dropped++] = DROPPED
      bytes -= step.bytes
      gone.add(step)
      lose(step)
    }
    if (dropped < SLACK || dropped < steps.length / 2) return
    steps = steps.slice(dropped)
    before += dropped
    dropped = 0
  }

  function lose (step: TimelineStep): void {
    isAnyLost = true
    switch (step.kind) {
      case 'request':
        if (step.recorded !== null && step.recorded.account !== null) lost.add(step.recorded.account)
        break
      case 'call':
        if (step.accounts.length === 0) isWorldLost = true
        // What was lost of an account is not missed once it has been removed.
        if (step.isRemoval === true || (step.method === 'DELETE' && /^\/accounts\/[^/]+$/.test(step.path))) lost.delete(step.accounts[0]!)
        else for (const account of step.accounts) lost.add(account)
        break
      case 'removal':
        lost.delete(step.account)
        break
      case 'events':
        for (const { account } of step.events) lost.add(account)
        if (step.total > step.events.length) isWorldLost = true
    }
  }
}

/** Makes a step of what time brought by a look at an account, or at all of them (`null`). */
export function eventsStep (at: Instant, account: string | null, call: TimelineCall | null, events: readonly BillingEvent[]): TimelineEvents {
  const kept = events.slice(0, MAX_DUE)
  return { kind: 'events', at, account, call, events: kept, total: events.length, bytes: STEP_OVERHEAD * (kept.length + 1) }
}
