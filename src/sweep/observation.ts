import type { Case } from '../contract/case.js'
import type { ScenarioFault, ScenarioWire } from '../contract/scenario.js'
import type { Unmet } from '../contract/control.js'
import type { AccountBooks } from '../domain/account-books.js'
import type { Ending } from '../domain/verdict.js'
import type { ObservedCall } from '../runtime/probe.js'

/** What a run has otherwise than the reference. */
export interface Variation {
  readonly fault: ScenarioFault | null
  readonly assume: Readonly<Record<string, string>>
  readonly wire: ScenarioWire | null
  /** Instant to freeze the world's clock at. */
  readonly instant: string | null
}

/** Nothing varied: the reference. */
export const UNVARIED: Variation = { fault: null, assume: {}, wire: null, instant: null }

/** A run, as it was observed. */
export interface Observation {
  readonly ending: Ending
  readonly exitCode: number | null
  readonly signal: string | null
  readonly durationMs: number
  readonly output: string
  readonly calls: readonly ObservedCall[]
  /** Number of all calls, of which `calls` may be the first ones only. */
  readonly totalCalls: number
  readonly books: readonly AccountBooks[]
  /** What it set and never met. */
  readonly unmet: readonly Unmet[]
  /** Whether it replaced or reset the world, or asked for the faults in it or removed them: one of the world would be gone, or in the way. */
  readonly resets: boolean
  /** Its case; `null` unless it was asked for. */
  readonly saved: Case | null
}

/** Makes a run in a world that no other run shares. Rejects with the signal's reason if it is aborted. */
export type Runner = (variation: Variation, signal: AbortSignal) => Promise<Observation>
