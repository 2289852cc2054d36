import { spawn } from 'node:child_process'

/** Ends what a sweep has started if the sweep itself is killed. */
export interface Watchdog {
  /** Watches a process group, until the returned function is called. */
  readonly watch: (group: number) => () => void
  /** Ends the watchdog, when nothing is left to end. */
  readonly stop: () => void
}

/**
 * Shell program that keeps a list of process groups. At the end of its input, whatever the reason, it kills those left and removes the
 * folder: SIGKILL gives the sweep no chance to do so.
 */
const PROGRAM = `
trap '' HUP INT QUIT TERM
live=
while read -r sign group; do
  case $sign in
    +) live="$live $group" ;;
    -) kept=
       for other in $live; do [ "$other" = "$group" ] || kept="$kept $other"; done
       live=$kept ;;
  esac
done
for group in $live; do kill -s KILL -- "-$group" 2>/dev/null; done
rm -rf -- "$1"
`

/** Starts a watchdog, in a session of its own: signals for the sweep do not reach it. Where there is no shell, there is none. */
export function startWatchdog (folder: string): Watchdog {
  const child = spawn('sh', ['-c', PROGRAM, 'sh', folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  // Without a shell; or the watchdog was killed by somebody. The sweep goes on.
  child.on('error', () => {})
  child.stdin.on('error', () => {})
  child.unref()
  const tell = (line: string): void => { if (child.stdin.writable) child.stdin.write(`${line}\n`) }
  return {
    watch (group) {
      tell(`+ ${group}`)
      return () => { tell(`- ${group}`) }
    },
    stop () { child.stdin.end() }
  }
}
