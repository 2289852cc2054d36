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
  readonly shards: SweepShards | null
  /** The command without any fault. */
  readonly reference: SweepReference
  /** Open questions that the reference did not rest on, so that no run tries their other choices. */
  readonly questions_not_met: readonly string[]
  /** Open questions that an option settles. */
  readonly questions_settled: readonly string[]
  /** Verdicts that were accepted. */
  readonly accepted: readonly SweepVerdict[]
  /** One for each run. */
  readonly results: readonly SweepResult[]
  /** Numbers of results by what they mean. An accepted one does not count as a failure. */
  readonly counts: SweepCounts
  /** Whether all runs were made, and there is no failure. */
  readonly ok: boolean
}

/** The reference. */
export interface SweepReference {
  /** Its calls, in the order in which they arrived. */
  readonly calls: readonly SweepCall[]
  /** What all accounts were charged together. */
  readonly charged: string
  /** Time that it took, in milliseconds. */
  readonly duration_ms: number
  /** Whether it replaced or reset the world, or asked for what is set in it or removed that: a fault of `run --fault` would be gone, or in the way. */
  readonly resets: boolean
  /** What it set through the control API and never met: faults, choices and clocks, each in a sentence. */
  readonly unmet: readonly string[]
}

/** A call of the reference. */
export interface SweepCall {
  /** Last part of the path. */
  readonly endpoint: string
  /** Project that it was for; 0 for all; `null` if it named none. */
  readonly project_id: number | null
  /** Plan that it asked for; `null` if it named none. */
  readonly plan_id: number | null
  /** Number of calls before it that a fault for it would match as well. */
  readonly skip: number
  /** The vendor's status. */
  readonly api_status: number | null
  /** The rule that refused it; `null` if it was granted. */
  readonly rule: string | null
  /** Whether it charged the account. */
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
  /** Fault at that call; `null` if the run as a whole was varied. */
  readonly fault: ScenarioFault | null
  /** Choice that the run had for an open question. */
  readonly question: SweepChoice | null
  /** Dialect that the run had. */
  readonly wire: ScenarioWire | null
  /** Instant that the world's clock was frozen at. */
  readonly instant: string | null
  /** Verdict by the books, then by how it ended. */
  readonly verdict: SweepVerdict
  /** What the verdict means, together with `if`. */
  readonly mark: SweepMark
  /** Whether its verdicts are all accepted. */
  readonly accepted: boolean
  /** What happened, in a sentence. */
  readonly says: string
  /** Other verdicts, if a question that the run came to rest on is answered otherwise. */
  readonly if: readonly SweepOther[]
  /** How the command, or the function, ended. */
  readonly ending: SweepEnding
  /** Exit code of the command; `null` if a signal ended it, and for a function. */
  readonly exit_code: number | null
  /** Signal that ended the command; `null` for none. */
  readonly signal: string | null
  /** Time that it took, in milliseconds. */
  readonly duration_ms: number
  /** What all accounts were charged together. */
  readonly charged: string
  /** Number of calls. */
  readonly calls: number
  /** End of what the command wrote, or what the function threw. */
  readonly output: string
  /** Command line that shows it again; `null` for a function. */
  readonly reproduce: string | null
  /**
   * True if more was refused for want of money than in the reference, in the run or under another choice: a wallet that can't pay twice hides
   * a double charge. Absent otherwise, and where a double charge was found.
   */
  readonly short_of_money?: boolean
  /** Name of the file of its case, in the folder of `--save-dir`; absent if none was kept. */
  readonly case?: string
}

/** Choice for an open question. */
export interface SweepChoice {
  /** Name of the question. */
  readonly name: string
  /** One of its choices. */
  readonly choice: string
}

/** Verdict on a run under another choice for an open question. */
export interface SweepOther extends SweepChoice {
  /** Verdict by the books, then by how it ended. */
  readonly verdict: SweepVerdict
  /** What happened, in a sentence. */
  readonly says: string
  /** Command line that shows it; `null` for a function. */
  readonly reproduce: string | null
}

/** Shards that a report covers. */
export interface SweepShards {
  /** Number of all shards. */
  readonly of: number
  /** Numbers of those that were run, from 1. */
  readonly done: readonly number[]
}

/** Numbers of results by what they mean. */
export interface SweepCounts {
  /** Right. */
  readonly pass: number
  /** Worth a look. */
  readonly warning: number
  /** Wrong, and not accepted. */
  readonly failure: number
  /** Not reached. */
  readonly none: number
  /** Wrong, but accepted. */
  readonly accepted: number
}
