// Types that programs using this package see. They import no library: libraries are bundled, and their types are not shipped.
import type { Scenario, ScenarioClock, ScenarioFault, ScenarioPlan, ScenarioWire } from './scenario.js'

/** The levels of the log, from everything to nothing. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** A level of the log: it and the more serious ones are written. */
export type LogLevel = typeof LOG_LEVELS[number]

/** Options of an emulator. Each defaults to the default of its flag (`picky-emulator --help`), unless noted otherwise. */
export interface StartOptions {
  /** Address to listen on, or several; both loopback addresses by default. */
  readonly host?: string | readonly string[]
  /** Port; 0, the default here, picks a free one. (The command's default is 4290.) */
  readonly port?: number
  /** A database file, or `:memory:`, the default. */
  readonly db?: string
  /** World of an empty database: a scenario, the path of one, or the name of a bundled one. */
  readonly scenario?: string | Scenario
  /** Rows that override the bundled plan table, or a file with them. */
  readonly plans?: string | readonly ScenarioPlan[]
  /** The world's clock: `system`, an instant to run from, `frozen:INSTANT`, or as a scenario has it. */
  readonly clock?: string | ScenarioClock
  /** When the API becomes disabled: a date, an instant, or `never`. */
  readonly cutoff?: string
  /** Wire dialect of the answers. */
  readonly wire?: ScenarioWire
  /** Choices by assumption. */
  readonly assume?: Readonly<Record<string, string>>
  /** Refuse numeric strings where a number is documented. */
  readonly strict?: boolean
  /**
   * Paths of the endpoints whose path is undocumented, `set-webhook` and `fetch-balance`: below `/app/api/v2`, such as
   * `/pm/webhook`, or `off`.
   */
  readonly paths?: Readonly<Record<string, string>>
  /** Serve the web console at `/`; `true` by default. */
  readonly console?: boolean
  /** Seed of generated tokens and of the faults' decisions; 1 by default. */
  readonly seed?: number
  /** Bearer token that the control API requires; none by default. */
  readonly adminToken?: string
  /** File that holds that token, instead of `adminToken`; a line break at its end is left out. */
  readonly adminTokenFile?: string
  /** Host names under which the control API may be called, besides the loopback's. */
  readonly allowHost?: string | readonly string[]
  /**
   * Origins whose pages may call the emulated API from a browser, such as `http://localhost:5173`; none by default. The control API
   * is not for pages of other origins.
   */
  readonly cors?: string | readonly string[]
  /** Maximum number of requests in the journal; 10000 by default. */
  readonly journalEntries?: number
  /** Maximum memory of the journal in bytes; by default 64 MiB, or an eighth of the heap's limit if that is less. */
  readonly journalBytes?: number
  /**
   * File to write when the emulator is ready, and to remove when it stops: JSON with `url`, `urls`, `pid` and the first account's
   * `token`. None by default.
   */
  readonly readyFile?: string
  /** Folder in which the case of the world is saved whenever the process gets `SIGUSR2`. None by default. */
  readonly caseDir?: string
  /**
   * Let the process end although the emulator has not been stopped, as in a test that forgets to; `false` by default. (The command
   * has no such setting.)
   */
  readonly unref?: boolean
  /** Faults to set at the start, besides those of the scenario. */
  readonly faults?: readonly ScenarioFault[]
  /** Port on which the vendor's hosts are answered over TLS, at the addresses of `host`; none by default, 0 picks a free one. */
  readonly tlsPort?: number
  /** Folder that keeps the certificates, so that clients trust the next start as well. By default they are made anew, in memory. */
  readonly tlsDir?: string
  /**
   * Port of an HTTP proxy on the loopback that answers for the vendor's hosts, and leads to all others; none by default, 0 picks a
   * free one.
   */
  readonly proxyPort?: number
  /** HTTP proxy through which the proxy reaches other hosts, such as `http://proxy.example:3128`; none by default. */
  readonly upstreamProxy?: string
  /** Whether the proxy refuses all hosts but the vendor's; `false` by default. */
  readonly offline?: boolean
  /**
   * Whether connections of this process to the vendor's hosts lead to the emulator until it stops, so that a client is tested with
   * the address that it has compiled in; `false` by default. One emulator of a process can do so at a time.
   */
  readonly intercept?: boolean
  /** Level of the log on standard error; `silent` by default. (The command's default is `info`.) */
  readonly logLevel?: LogLevel
}
