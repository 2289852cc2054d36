/** An error in a document: its place, what was found there, and what was expected. */
export interface Issue {
  /** JSON pointer (RFC 6901); empty for the document itself. */
  readonly pointer: string
  /** The value that was found, as text. */
  readonly found: string
  /** Description of what would be right. */
  readonly expected: string
}

/** Details of a problem. */
interface ProblemDetails {
  /** The errors in a document, if it is about one. */
  readonly issues?: readonly Issue[]
  /** The HTTP status with which the control API answers; 400 where it is left out. */
  readonly status?: number
  /** Next step for the operator. */
  readonly advice?: string
  /** Further members of the problem document, for programs. */
  readonly more?: Readonly<Record<string, unknown>>
}

/**
 * An error of the emulator's operator: in a flag, a file, a scenario, a call of the control API. The message is one line that
 * names the cause and says what is expected. (An error of a client of the emulated API is a `Refusal`.)
 */
export class Problem extends Error {
  /** The errors in a document; empty if it is about something else. */
  readonly issues: readonly Issue[]
  /** The HTTP status with which the control API answers. */
  readonly status: number
  /** Next step for the operator; `null` for none. */
  readonly advice: string | null
  /** Further members of the problem document, for programs. */
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

/** Gives the issues of a `Problem`. Any other error is a bug, and rethrown. */
export function issuesOf (error: unknown): readonly Issue[] {
  if (error instanceof Problem) return error.issues
  throw error
}
