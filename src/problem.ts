/** One thing that is wrong in a document: where it is, what was found there, and what would be right. */
export interface Flaw {
  /** JSON pointer (RFC 6901); empty for the document itself. */
  readonly pointer: string
  readonly found: string
  readonly expected: string
}

/**
 * What the operator of the emulator got wrong: a flag, a file, a scenario. The message is one line that names the thing
 * and says what would be right. (What a client of the emulated API got wrong is a `Refusal`.)
 */
export class Problem extends Error {
  constructor (message: string, readonly flaws: readonly Flaw[] = []) {
    super(message)
    this.name = 'Problem'
  }
}

/** The flaws that a `Problem` tells. Whatever else was thrown is a bug, and thrown on. */
export function flawsOf (error: unknown): readonly Flaw[] {
  if (error instanceof Problem) return error.flaws
  throw error
}
