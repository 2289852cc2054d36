/** Outcome of replaying a case: whether every answer and the books at the end are what the case has. */
export interface Replay {
  /** Whether there is no difference. */
  readonly equal: boolean
  /** Number of requests that were sent again. */
  readonly requests: number
  /** Number of requests that could not be sent again, as their bodies are not kept. Each was refused for its body. */
  readonly skipped: number
  /** The first hundred differences, in the order of the timeline. Those after the first may well follow from it. */
  readonly differences: readonly Difference[]
}

/** A place where a replay differs from its case. */
export interface Difference {
  /** Index of the step in the timeline; `null` for the world at the end. */
  readonly step: number | null
  /** JSON pointer to the place in the step, or in the scenario at the end. */
  readonly pointer: string
  /** What the case has there; absent if it has nothing. */
  readonly expected?: unknown
  /** What the replay has there; absent if it has nothing. */
  readonly found?: unknown
}
