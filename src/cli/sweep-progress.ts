import type { SweepResult } from '../contract/sweep-report.js'
import { monotonicTime } from '../machine.js'
import { SIGNS } from '../report/report.js'

/** What is said on standard error while a sweep goes on. */
export interface ProgressLine {
  readonly planned: (runs: number) => void
  readonly result: (result: Pick<SweepResult, 'mark' | 'accepted'>) => void
  readonly end: () => void
}

/** Where it is said, what kind of terminal that is, and the clock that it goes by. */
export interface ProgressOutput {
  readonly stderr?: { readonly isTTY?: boolean, readonly columns?: number, readonly write: (text: string) => unknown }
  readonly term?: string | undefined
  readonly now?: () => number
}

/** Maximum width of the bar, in characters. */
const MAX_BAR = 24

/** Minimum time between two lines, in milliseconds: on a terminal, where the line changes in place, and elsewhere. */
const INTERVALS = { terminal: 50, other: 10_000 } as const

/** Begins a line of its own in place of the one before. */
const AGAIN = '\r\u001b[K'

/** Says how far a sweep has come, and how long it will still take: on a terminal one line that changes, elsewhere a line now and then. */
export function progressLine (isSilent: boolean, { stderr = process.stderr, term = process.env.TERM, now = monotonicTime }: ProgressOutput = {}): ProgressLine {
  // A dumb one, such as that of an editor, shows the characters that move others about.
  const isTerminal = stderr.isTTY === true && term !== 'dumb'
  // A terminal may be made wider or narrower meanwhile. One that nobody looks at, as in a container, has no width.
  const columns = (): number => stderr.columns || 80
  let [planned, done, failures, began, written] = [0, 0, 0, 0, 0]

  function write (): void {
    const time = now()
    const isLast = isTerminal && done === planned
    if (time - written < (isTerminal ? INTERVALS.terminal : INTERVALS.other) && !isLast) return
    written = time
    const left = done === 0 ? '' : `, ${timeText((time - began) / done * (planned - done))} left`
    const text = `${done} of ${planned} runs, ${failures} ${SIGNS.failure}${left}`
    stderr.write(isTerminal ? `${AGAIN}${withBar(text, done / planned, columns())}` : `picky-emulator: ${text}\n`)
  }

  if (isSilent) return { planned: () => {}, result: () => {}, end: () => {} }
  if (isTerminal) stderr.write(`${AGAIN}${'the command without a fault, for reference'.slice(0, columns() - 1)}`)
  return {
    planned (runs) {
      [planned, began, written] = [runs, now(), isTerminal ? -Infinity : now()]
      write()
    },
    result ({ mark, accepted }) {
      done++
      if (mark === 'failure' && !accepted) failures++
      write()
    },
    end () { if (isTerminal) stderr.write(AGAIN) }
  }
}

/** Puts a bar before a text if there is room for both: a line that wraps could not be taken back. */
function withBar (text: string, share: number, columns: number): string {
  const width = Math.min(MAX_BAR, columns - text.length - 2)
  if (width < 4) return text.slice(0, columns - 1)
  const filled = Math.round(width * share)
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${text}`
}

function timeText (ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 100) return `${seconds} s`
  return seconds < 6000 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`
}
