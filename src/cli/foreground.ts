import { isatty } from 'node:tty'
import { readStat, type ReadStat } from './orphan.js'

/**
 * Tells whether Ctrl-C reaches the process and what it has started by itself: whether they are what the terminal runs at the moment,
 * wherever their standard input comes from. It must not be opened to find out: Node would make reads of a pipe return at once, for the
 * command as well.
 */
export function isInForeground (read: ReadStat = readStat, hasTerminal = (): boolean => isatty(0)): boolean {
  try {
    const [, group, foreground] = /^\d+ \(.*\) \S+ \d+ (\d+) \d+ \d+ (-?\d+) /s.exec(read('self'))!
    return group === foreground
  } catch {
    // No such file, as on macOS.
    return hasTerminal()
  }
}
