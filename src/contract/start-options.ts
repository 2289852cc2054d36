// Types a program using this package sees. They import no library: the libraries are bundled, and their types are not shipped.
import type { Scenario, ScenarioClock, ScenarioPlan, ScenarioWire } from './scenario.js'

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

export type LogLevel = typeof LOG_LEVELS[number]

/** How an emulator is started. What is left out has the default of the flag of the same name (`picky-emulator --help`). */
export interface StartOptions {
  /** One address, or several to listen on; both loopback addresses by default. */
  readonly host?: string | readonly string[]
  /** 0, the default here, picks a free port. (The command's default is 4290.) */
  readonly port?: number
  /** A database file, or `:memory:`, the default. */
  readonly db?: string
  /** The world that an empty database starts with: a scenario, the path of one, or the name of a bundled one. */
  readonly scenario?: string | Scenario
  /** Rows of the plan table that differ from the bundled one, or a file of them. */
  readonly plans?: string | readonly ScenarioPlan[]
  /** The world's clock: `system`, an instant to run from, `frozen:INSTANT`, or as a scenario has it. */
  readonly clock?: string | ScenarioClock
  /** From when on the API is disabled: a date, an instant, or `never`. */
  readonly cutoff?: string
  /** How answers look. */
  readonly wire?: ScenarioWire
  /** Choices by the names of the assumptions. */
  readonly assume?: Readonly<Record<string, string>>
  /** Refuse numeric strings where a number is documented. */
  readonly strict?: boolean
  /**
   * Where the endpoints are served whose paths nobody knows, `set-webhook` and `fetch-balance`: below `/app/api/v2`, such as
   * `/pm/webhook`, or `off`.
   */
  readonly paths?: Readonly<Record<string, string>>
  /** Serve the web console at `/`; `true` by default. */
  readonly console?: boolean
  /** What made-up names, tokens and the decisions of faults depend on: the same seed gives the same. 1 by default. */
  readonly seed?: number
  /** The bearer token that the control API wants; none by default. */
  readonly adminToken?: string
  /** Names under which the control API may be called, beside those of the loopback. */
  readonly allowHost?: string | readonly string[]
  /** How many requests the journal holds; 10000 by default. */
  readonly journalEntries?: number
  /** How many bytes of memory the journal may take; 64 MiB by default. */
  readonly journalBytes?: number
  /** What is logged, to the standard error stream; `silent` by default. (The command's default is `info`.) */
  readonly logLevel?: LogLevel
}
