import { setTimeout } from '../machine.js'
import { shortened } from '../text/shortened.js'

/** Prints a line, and returns the exit code for success. */
export function say (text: string): number {
  process.stdout.write(`${printable(text)}\n`)
  return 0
}

/** Prints a line to standard error, without the middle of a very long one. */
export function complain (text: string): void {
  process.stderr.write(`${printable(shortened(text))}\n`)
}

/**
 * Lets the command outlive the readers of its output, such as `head`. Output that a full disk does not take is an error of the command,
 * and told in one line.
 */
export function surviveReaders (): void {
  process.stderr.on('error', () => {})
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') return
    complain(`picky-emulator: can't write to standard output (${code})`)
    process.exitCode = 1
  })
}

/** How long, in milliseconds, the end of a process waits for the readers of what it has said. */
const PATIENCE = 2000

/** Gives the exit code of what has ended, and sees to it that the process ends even if nothing reads what it has said: Node would wait for good. */
export function endUnread (
  code: number, { writableLength }: { readonly writableLength: number } = process.stderr, end: (code: number) => unknown = process.exit, patience = PATIENCE
): number {
  if (writableLength > 0) setTimeout(() => { end(code) }, patience).unref()
  return code
}

/** Lets writes return at once where a terminal takes no output, stopped by Ctrl-S or behind a lost connection. Node makes them wait. */
export function doNotWaitForTerminals (streams: readonly TerminalStream[] = [process.stdout, process.stderr]): void {
  for (const stream of streams) {
    if (stream.isTTY) stream._handle?.setBlocking?.(false)
  }
}

/** Node's stream of a terminal, with the part of it that is not documented. */
interface TerminalStream {
  readonly isTTY: boolean
  readonly _handle?: { readonly setBlocking?: (blocking: boolean) => void }
}

/** Characters that a terminal acts on, such as escape sequences, or that show text in another order. */
// eslint-disable-next-line no-control-regex
const ACTED_ON = /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g

/** Text as it may go to a terminal: it can be from a file, whose names could otherwise clear the screen or hide a line. */
export function printable (text: string): string {
  return text.replace(ACTED_ON, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
