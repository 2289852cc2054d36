import type { SweepResult } from '../contract/sweep-report.js'
import { monotonicTime } from '../machine.js'
import { SIGNS } from '../sweep/report.js'

/** What is said on standard error while a sweep goes on. */
export interface ProgressLine {
  readonly planned: (runs: number) => void
  readonly result: (result: SweepResult) => void
  readonly end: () => void
}

/** Width of the bar, in characters. */
const WIDTH = 24

/** Least time between two lines where standard error is no terminal, in milliseconds. */
const INTERVAL = 10_000

/** Says how far a sweep has come, and how long it will still take: on a terminal one line that changes, elsewhere a line now and then. */
export function progressLine (isSilent: boolean): ProgressLine {
  const { stderr } = process
  let [planned, done, failures, began, written] = [0, 0, 0, 0, 0]

  function write (): void {
    const now = monotonicTime()
    if (isSilent || planned === 0 || (!stderr.isTTY && now - written < INTERVAL)) return
    written = now
    const left = done === 0 ? '' : `, ${timeText((now - began) / done * (planned - done))} left`
    const line = `${done} of ${planned} runs, ${failures} ${SIGNS.failure}${left}`
    if (!stderr.isTTY) {
      stderr.write(`picky-emulator: ${line}\n`)
      return
    }
    const filled = Math.round(WIDTH * done / planned)
    stderr.write(`\r\u001b[K${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${line}`)
  }

  return {
    planned (runs) {
      planned = runs
      began = written = monotonicTime()
      write()
    },
    result ({ mark, accepted }) {
      done++
      if (mark === 'failure' && !accepted) failures++
      write()
    },
    end () { if (!isSilent && stderr.isTTY && planned > 0) stderr.write('\r\u001b[K') }
  }
}

function timeText (ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  return seconds < 100 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
}
