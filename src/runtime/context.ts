import type { Logger } from 'pino'
import { createJournal, type Journal, type JournalLimits } from '../journal/journal.js'
import type { Store } from '../store/index.js'
import type { TokenBatch } from '../store/tokens.js'
import { createBodies, type Bodies } from './bodies.js'
import { createEventBus, type EventBus } from './events.js'
import { createActiveFaults, type ActiveFaults } from './faults.js'
import { createHeldRequests, type HeldRequests } from './held-requests.js'
import { heldTime } from './held-time.js'
import { memoryBounds } from './memory.js'
import { createPending, type Pending } from './pending.js'
import { createProbe, type Probe } from './probe.js'
import { createSnapshots, type Snapshots } from './snapshots.js'
import { REAL_SURROUNDINGS, type Surroundings } from './surroundings.js'
import { unmetOf } from './unmet.js'
import { createTimeline, type Timeline, type TimelineStart } from './timeline.js'
import { createTurns, type InTurn } from './turns.js'
import { createUndecided, type Undecided } from './undecided.js'
import { createUnreadAnswers, type UnreadAnswers } from './unread-answers.js'
import { createUsage, type Usage } from './usage.js'

/** Parts of a running emulator, shared by everything that answers requests. */
export interface Context extends Surroundings {
  readonly store: Store
  readonly journal: Journal
  readonly timeline: Timeline
  readonly activeFaults: ActiveFaults
  readonly pending: Pending
  readonly snapshots: Snapshots
  readonly usage: Usage
  readonly eventBus: EventBus
  readonly bodies: Bodies
  readonly unreadAnswers: UnreadAnswers
  readonly heldRequests: HeldRequests
  readonly undecided: Undecided
  /** Makes the answers that take most memory, one after the other. */
  readonly inTurn: InTurn
  /** Observes the calls of a sweep; `null` if nothing is observed. */
  readonly probe: Probe | null
  readonly log: Logger
  /** Holds the machine's time until the code that is running gives way, so that a call reads one time however often it looks. */
  readonly holdTime: (at?: number) => number
  /** Tells whether the code of such a call is running. */
  readonly isTimeHeld: () => boolean
  /** Seed for generated tokens and the decisions of faults. */
  readonly seed: number
}

/** `adminToken` is the control API's, which is not shown either. */
type ContextOptions = Pick<Context, 'store' | 'log' | 'seed'> & {
  readonly journal: JournalLimits
  readonly adminToken?: string | null
  /** Whether calls are to be observed. */
  readonly isObserved?: boolean
  /** What the timeline begins with; by default the scenario, which has just been loaded. */
  readonly start?: TimelineStart
} & Partial<Surroundings>

/** Creates the parts of a running emulator around a store. */
export function createContext (options: ContextOptions): Context {
  const { store, log, seed, journal, adminToken = null, isObserved = false } = options
  const { machineTime: unheld, sleep, setAlarm, requestId, addressOf }: Surroundings = { ...REAL_SURROUNDINGS, ...options }
  const { now: machineTime, hold: holdTime, isHeld: isTimeHeld } = heldTime(unheld)
  const { start = { at: machineTime(), faults: [], resumed: null, dataVersion: store.dataVersion(), paths: {} } } = options
  const activeFaults = createActiveFaults(machineTime)
  const usage = createUsage(store)
  return {
    store,
    journal: createJournal(journal, adminToken === null ? store.tokens.read : all => withToken(adminToken, store.tokens.read(all))),
    timeline: createTimeline(journal, start),
    activeFaults,
    pending: createPending(),
    snapshots: createSnapshots(),
    usage,
    eventBus: createEventBus(),
    bodies: createBodies(memoryBounds().unfinishedBodies),
    inTurn: createTurns(),
    unreadAnswers: createUnreadAnswers(memoryBounds().unreadAnswers),
    heldRequests: createHeldRequests(memoryBounds().heldRequests),
    undecided: createUndecided(),
    probe: isObserved ? createProbe(store, (accounts, isWorldIncluded) => unmetOf({ store, activeFaults, usage }, accounts, isWorldIncluded)) : null,
    log,
    machineTime,
    holdTime,
    isTimeHeld,
    sleep,
    setAlarm,
    requestId,
    addressOf,
    seed
  }
}

function withToken (token: string, batch: TokenBatch): TokenBatch {
  return { ...batch, tokens: [...batch.tokens, token] }
}
