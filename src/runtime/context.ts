import type { Logger } from 'pino'
import { createJournal, type Journal, type JournalLimits } from '../journal/journal.js'
import type { Store } from '../store/index.js'
import type { TokenBatch } from '../store/tokens.js'
import { createBodies, type Bodies } from './bodies.js'
import { createEventBus, type EventBus } from './events.js'
import { createActiveFaults, type ActiveFaults } from './faults.js'
import { memoryBounds } from './memory.js'
import { createPending, type Pending } from './pending.js'
import { createProbe, type Probe } from './probe.js'
import { createSnapshots, type Snapshots } from './snapshots.js'
import { unmetOf } from './unmet.js'
import { createUsage, type Usage } from './usage.js'

/** Parts of a running emulator, shared by everything that answers requests. */
export interface Context {
  readonly store: Store
  readonly journal: Journal
  readonly activeFaults: ActiveFaults
  readonly pending: Pending
  readonly snapshots: Snapshots
  readonly usage: Usage
  readonly eventBus: EventBus
  readonly bodies: Bodies
  /** Observes the calls of a sweep; `null` if nothing is observed. */
  readonly probe: Probe | null
  readonly log: Logger
  /** Machine's time in milliseconds, to which the clocks of the world and its accounts are relative. */
  readonly machineTime: () => number
  /** Seed for generated names, generated tokens and the decisions of faults. */
  readonly seed: number
}

/** `adminToken` is the control API's, which is not shown either. */
type ContextOptions = Pick<Context, 'store' | 'log' | 'machineTime' | 'seed'> & {
  readonly journal: JournalLimits
  readonly adminToken?: string | null
  /** Whether calls are to be observed. */
  readonly isObserved?: boolean
}

/** Creates the parts of a running emulator around a store. */
export function createContext ({ store, log, machineTime, seed, journal, adminToken = null, isObserved = false }: ContextOptions): Context {
  const activeFaults = createActiveFaults(machineTime)
  const usage = createUsage(store)
  return {
    store,
    journal: createJournal(journal, adminToken === null ? store.tokens.read : all => withToken(adminToken, store.tokens.read(all))),
    activeFaults,
    pending: createPending(),
    snapshots: createSnapshots(),
    usage,
    eventBus: createEventBus(),
    bodies: createBodies(memoryBounds().unfinishedBodies),
    probe: isObserved ? createProbe(store, (accounts, isWorldIncluded) => unmetOf({ store, activeFaults, usage }, accounts, isWorldIncluded)) : null,
    log,
    machineTime,
    seed
  }
}

function withToken (token: string, batch: TokenBatch): TokenBatch {
  return { ...batch, tokens: [...batch.tokens, token] }
}
