/** One thing that is wrong in a document: where it is, what was found there, and what would be right. */
export interface Issue {
  /** JSON pointer (RFC 6901); empty for the document itself. */
  readonly pointer: string
  readonly found: string
  readonly expected: string
}

interface ProblemDetails {
  readonly issues?: readonly Issue[]
  /** The HTTP status with which the control API answers; 400 where it is left out. */
  readonly status?: number
  /** What to do next. */
  readonly advice?: string
  /** Whatever else a program may want to know. */
  readonly more?: Readonly<Record<string, unknown>>
}

/**
 * What the operator of the emulator got wrong: a flag, a file, a scenario, a call of the control API. The message is one
 * line that names the thing and says what would be right. (What a client of the emulated API got wrong is a `Refusal`.)
 */
export class Problem extends Error {
  readonly issues: readonly Issue[]
  readonly status: number
  readonly advice: string | null
  readonly more: Readonly<Record<string, unknown>>

  constructor (message: string, { issues = [], status = 400, advice, more = {} }: ProblemDetails = {}) {
    super(message)
    this.name = 'Problem'
    this.issues = issues
    this.status = status
    this.advice = advice ?? null
    this.more = more
  }
}

/** The issues that a `Problem` tells. Whatever else was thrown is a bug, and thrown on. */
export function issuesOf (error: unknown): readonly Issue[] {
  if (error instanceof Problem) return error.issues
  throw error
}
