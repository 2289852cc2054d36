import type { ScenarioFault, ScenarioWire } from './scenario.js'

/** Verdict on a run. */
export type SweepVerdict =
  | 'recovered' | 'failed' | 'failed-cleanly' | 'charged-but-failed' | 'double-charge' | 'false-success' | 'hung' | 'crashed' | 'not-reached'

/** What a verdict means: right, worth a look, wrong, or nothing. */
export type SweepMark = 'pass' | 'warning' | 'failure' | 'none'

/** How a command, or a scenario function, ended. */
export type SweepEnding = 'success' | 'failure' | 'timeout' | 'signal'

/** Report of a sweep. Amounts are in USD, as text. */
export interface SweepReport {
  /** Tells it from other files. */
  readonly format: 'picky-emulator-sweep'
  /** Version of the format. */
  readonly version: 1
  /** Version of the emulator. */
  readonly emulator: string
  /** The command and its arguments; `null` for a function. */
  readonly command: readonly string[] | null
  /** Options that the reference and every run had, as on the command line. */
  readonly options: readonly string[]
  /** Start, by the machine's time. */
  readonly started_at: string
  /** Time that it took, in milliseconds; of all shards together in a merged report. */
  readonly duration_ms: number
  /** Number of runs that were planned, in all shards. */
  readonly planned: number
  /** Digest of the names of all planned runs: reports that can be merged have the same. */
  readonly plan: string
  /** Whether all runs that this report is for have been made. */
  readonly complete: boolean
  /** The shards that it covers; `null` for all runs. */
  readonly shards: { readonly of: number, readonly done: readonly number[] } | null
  /** The command without any fault. */
  readonly reference: SweepReference
  /** Open questions that the reference did not rest on: no choice makes a difference to it. */
  readonly questions_not_met: readonly string[]
  /** Open questions that an option settles. */
  readonly questions_settled: readonly string[]
  /** Verdicts that were accepted. */
  readonly accepted: readonly SweepVerdict[]
  /** One for each run. */
  readonly results: readonly SweepResult[]
  /** Numbers of results by what they mean. An accepted one does not count as a failure. */
  readonly counts: { readonly pass: number, readonly warning: number, readonly failure: number, readonly none: number, readonly accepted: number }
  /** Whether there is no failure. */
  readonly ok: boolean
}

/** The reference. */
export interface SweepReference {
  readonly calls: readonly SweepCall[]
  /** What all accounts were charged together. */
  readonly charged: string
  readonly duration_ms: number
  /** Whether it replaced or reset the world, so that a fault of `run --fault` would be gone. */
  readonly resets: boolean
}

/** A call of the reference. */
export interface SweepCall {
  /** Last part of the path. */
  readonly endpoint: string
  readonly project_id: number | null
  readonly plan_id: number | null
  /** Number of calls before it that a fault for it would match as well. */
  readonly skip: number
  /** The vendor's status. */
  readonly api_status: number | null
  /** The rule that refused it; `null` if it was granted. */
  readonly rule: string | null
  readonly charged: boolean
  /** Open questions that its answer rests on. */
  readonly assumptions: readonly string[]
}

/** One run and the verdict on it. */
export interface SweepResult {
  /** Unique name, the same in each sweep of the same command. */
  readonly id: string
  /** Number in the plan, from 1. */
  readonly number: number
  /** What was varied. */
  readonly kind: 'fault' | 'question' | 'dialect' | 'instant'
  /** Number of the call in the reference, from 1; `null` if the run as a whole was varied. */
  readonly call: number | null
  readonly fault: ScenarioFault | null
  readonly question: SweepChoice | null
  readonly wire: ScenarioWire | null
  /** Instant that the world's clock was frozen at. */
  readonly instant: string | null
  readonly verdict: SweepVerdict
  /** What the verdict means, together with `if`. */
  readonly mark: SweepMark
  /** Whether its verdicts are all accepted. */
  readonly accepted: boolean
  /** What happened, in a sentence. */
  readonly says: string
  /** Other verdicts, if a question that the run came to rest on is answered otherwise. */
  readonly if: ReadonlyArray<SweepChoice & { readonly verdict: SweepVerdict, readonly says: string, readonly reproduce: string | null }>
  readonly ending: SweepEnding
  readonly exit_code: number | null
  readonly signal: string | null
  readonly duration_ms: number
  /** What all accounts were charged together. */
  readonly charged: string
  /** Number of calls. */
  readonly calls: number
  /** End of what the command wrote, or what the function threw. */
  readonly output: string
  /** Command line that shows it again; `null` for a function. */
  readonly reproduce: string | null
}

/** Choice for an open question. */
export interface SweepChoice {
  readonly name: string
  readonly choice: string
}
