import type { JournalEntry } from './journal-entry.js'
import type { Scenario, ScenarioAccount } from './scenario.js'
import type { ScenarioHistoryEvent } from './books.js'

/**
 * A case: how a world came to be as it is. It can be replayed, compared and exported as a test; its start is also a scenario.
 * `docs/cases.md` explains each field. Instants are ISO 8601. No secret is in it: in place of a token stands one that is named after
 * its account, such as `token-of-demo`, everywhere, so that the case is the same world with other tokens.
 */
export interface Case {
  /** Version of the format. */
  readonly case: 1
  /** Version of the emulator that saved it. */
  readonly emulator: string
  /** Machine's time at which it was saved. */
  readonly saved_at: string
  /** The only account that it is about; `null` for the world. */
  readonly account: string | null
  /** Why it can't be replayed, such as that its beginning is no longer kept; `null` if it can. */
  readonly incomplete: string | null
  /** Seed of generated tokens and of the faults' decisions. */
  readonly seed: number
  /** Paths of endpoints that were not served at their own, as the option `paths` has them; `null` for one that was switched off. */
  readonly paths?: Readonly<Record<string, string | null>>
  /** World that the timeline begins with. */
  readonly start: CaseStart
  /** What happened, in order. */
  readonly timeline: readonly CaseStep[]
  /** World at the end, without its requests. */
  readonly end: CaseWorld
}

/** World at an end of a timeline. */
export interface CaseWorld {
  /** Machine's time, from which running clocks run. */
  readonly at: string
  /** The world. */
  readonly scenario: Scenario
}

/** World that a timeline begins with. */
export interface CaseStart extends CaseWorld {
  /** Ids of its faults, if they are others than `fault-1` and so on. */
  readonly faults?: readonly string[]
  /** World that a reset goes back to, if that is another. */
  readonly reset_to?: Scenario
  /** States that resets of accounts go back to, if they are others. */
  readonly initial?: readonly ScenarioAccount[]
}

/** A step of a timeline. */
export type CaseStep = CaseRequest | CaseControlCall | CaseEvents | CaseRemoval

/** A request to the emulated API, with its answer and what it booked. */
export interface CaseRequest {
  /** Tells it from the other steps. */
  readonly step: 'request'
  /** Machine's time at which it was decided. */
  readonly at: string
  /**
   * For a request that a fault delayed before it was decided: the index of the step before which it had arrived, and the machine's time
   * of that.
   */
  readonly arrived?: {
    /** Index of the step. */
    readonly before: number
    /** Machine's time. */
    readonly at: string
  }
  /** Address that it came from. */
  readonly from: string
  /** Whether its body is kept as it was sent, so that it can be sent again; otherwise it was refused for its body. */
  readonly sendable: boolean
  /** As the journal shows it. `request.text` is the body as it was sent. */
  readonly request: JournalEntry
}

/** A call of the control API that changed something. */
export interface CaseControlCall {
  /** Tells it from the other steps. */
  readonly step: 'control'
  /** Machine's time of the call. */
  readonly at: string
  /** Time that the clock of the account, or of the world, showed before the call. */
  readonly emulated_at: string
  /** Account that it was about; `null` for the world. */
  readonly account: string | null
  /** HTTP method. */
  readonly method: string
  /** Path below the control API's address, such as `/accounts/demo/wallet`, with the query. */
  readonly path: string
  /** Its body; absent if there was none. */
  readonly body?: unknown
  /** Id of the fault that it added. */
  readonly fault?: string
  /** Ids of the faults of a world that it loaded. */
  readonly faults?: readonly string[]
  /** Id of the snapshot that undoes it. */
  readonly snapshot?: string
}

/** What time brought when something looked at an account, or at all of them. What was due before a request stands in its `booked`. */
export interface CaseEvents {
  /** Tells it from the other steps. */
  readonly step: 'events'
  /** Machine's time of the look; absent, as `account` is, if the call before looked itself, or brought the events. */
  readonly at?: string
  /** Account that was looked at; `null` for all. */
  readonly account?: string | null
  /** The first hundred, each with the name of its account. */
  readonly events: ReadonlyArray<ScenarioHistoryEvent & {
    /** Name of the account. */
    readonly account: string
  }>
  /** Number of all of them. */
  readonly total: number
}

/** Removal of an account whose `ttl` was over. */
export interface CaseRemoval {
  /** Tells it from the other steps. */
  readonly step: 'removal'
  /** Machine's time. */
  readonly at: string
  /** Name of the account. */
  readonly account: string
}
