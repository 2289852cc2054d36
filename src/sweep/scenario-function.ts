import type { Account } from '../client/connect.js'
import type { ScenarioAccount } from '../contract/scenario.js'
import type { StartOptions } from '../contract/start-options.js'
import type { SweepVerdict } from '../contract/sweep-report.js'

/** The platform's AbortSignal, whether its type comes from the DOM's library or from Node's. */
export type PlatformSignal = typeof globalThis extends {
  /** Its class. */
  readonly AbortSignal: {
    /** An instance. */
    readonly prototype: infer Signal
  }
} ? Signal : unknown

/** What a scenario function gets. */
export interface SweepRun {
  /** Base URL that a client uses in place of `https://pickyassist.com`. */
  readonly url: string
  /** Account of this run alone. */
  readonly account: Account
  /** Token of that account. */
  readonly token: string
  /** Aborted when the run takes too long: it counts as hung, whatever the function does then. */
  readonly signal: PlatformSignal
}

/** Options of `sweep`. */
export interface SweepOptions {
  /** Account of each run, as a scenario has it; its name and its token are each run's own. */
  readonly account?: ScenarioAccount
  /** Faults to try at each call: `quick` (the default), `all`, or kinds such as `hang` and `connection_reset.after`. */
  readonly faults?: string | readonly string[]
  /** Whether to try the alternatives to each open question that the reference rests on, and to its dialect; `true` by default. */
  readonly questions?: boolean
  /** Whether to try the ends of months and of a year, the switch-off, and each refusal at each call; `false` by default. */
  readonly instants?: boolean
  /** Number of runs side by side; 8 by default. */
  readonly concurrency?: number
  /** Milliseconds after which a run counts as hung; 10 000 by default. */
  readonly timeout?: number
  /** Number of runs without a fault that must be alike; 2 by default. */
  readonly repeat?: number
  /** The `index`-th (from 1) of `of` parts of all runs. */
  readonly shard?: {
    /** Number of the part, from 1. */
    readonly index: number
    /** Number of all parts. */
    readonly of: number
  }
  /** Verdicts that are no failures. */
  readonly accept?: readonly SweepVerdict[]
  /** Options of the emulator, such as its plan table. */
  readonly emulator?: StartOptions
  /** Ends the sweep early: the report has the results so far. */
  readonly signal?: PlatformSignal
}
