import type { Logger } from 'pino'
import { createJournal, type Journal, type JournalLimits } from '../journal/journal.js'
import type { Store } from '../store/index.js'
import { createEventBus, type EventBus } from './events.js'
import { createActiveFaults, type ActiveFaults } from './faults.js'
import { createPending, type Pending } from './pending.js'

/** The parts of a running emulator, shared by everything that answers requests. */
export interface Context {
  readonly store: Store
  readonly journal: Journal
  readonly activeFaults: ActiveFaults
  readonly pending: Pending
  readonly eventBus: EventBus
  readonly log: Logger
  /** The machine's time in milliseconds; the clocks of the world and its accounts are set against it. */
  readonly machineTime: () => number
  /** Generated names and tokens and the decisions of faults depend on it. */
  readonly seed: number
}

/** Puts a running emulator together around a store. */
export function createContext ({ store, log, machineTime, seed, journal }: Pick<Context, 'store' | 'log' | 'machineTime' | 'seed'> & { readonly journal: JournalLimits }): Context {
  return {
    store,
    journal: createJournal(journal),
    activeFaults: createActiveFaults(machineTime),
    pending: createPending(),
    eventBus: createEventBus(),
    log,
    machineTime,
    seed
  }
}
