/**
 * What the control API refused: its problem document, told in the message. If no emulator answers, the problem says so,
 * and its status is the one that the other server answered with, or 0 if nothing answered.
 */
export interface ControlError extends Error {
  /** The problem document (RFC 9457). */
  readonly problem: {
    /** HTTP status; 0 if nothing answered. */
    readonly status: number
    /** Description in one line. */
    readonly detail: string
    readonly [more: string]: unknown
  }
}

/** The error of a call. Its message includes all details of the problem: often the message is all that gets logged. */
export function controlError (method: string, path: string, problem: ControlError['problem']): ControlError {
  const details = Object.entries(problem).filter(([name]) => !['type', 'title', 'status', 'detail', 'advice'].includes(name))
  const message = [
    `${method} /__admin${path}: ${problem.detail}`,
    ...problem.advice === undefined ? [] : [String(problem.advice)],
    ...details.map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
  ].join('\n')
  return Object.assign(new Error(message), { name: 'ControlError', problem })
}

/** Tells whether an error came from `controlError`, of whichever copy of this module. */
export function isControlError (error: unknown): error is ControlError {
  return error instanceof Error && error.name === 'ControlError'
}
