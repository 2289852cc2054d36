import type { Logger } from 'pino'
import type { Endpoint } from '../api/endpoint.js'
import type { Journal } from '../journal/journal.js'
import type { Store } from '../store/index.js'
import type { EventBus } from './events.js'
import type { ActiveFaults } from './faults.js'
import type { Pending } from './pending.js'

/** What a running emulator is made of; everything that answers requests gets it. */
export interface Context {
  readonly store: Store
  readonly journal: Journal
  readonly activeFaults: ActiveFaults
  readonly pending: Pending
  readonly eventBus: EventBus
  readonly log: Logger
  /** The machine's time in milliseconds; the clocks of the world and its accounts are set against it. */
  readonly machineTime: () => number
  /** What made-up names, tokens and the decisions of faults depend on. */
  readonly seed: number
  readonly access: Access
  /** The endpoints of the emulated API that are served, by their whole paths. */
  readonly endpoints: ReadonlyMap<string, Endpoint>
  /** Whether the web console is served. */
  readonly hasConsole: boolean
}

/** Who may use the control API. */
export interface Access {
  /** The bearer token that it wants; `null` for none. */
  readonly token: string | null
  /** Names under which it may be called, beside those of the loopback. */
  readonly hosts: readonly string[]
}
