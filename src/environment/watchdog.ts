import { spawn } from 'node:child_process'

/** Ends what this process has started for a command if the process itself is killed. */
export interface Watchdog {
  /** Watches a process or, if the number is negative, a process group, until the returned function is called. */
  readonly watch: (target: number) => () => void
  /** Takes note of a draft that is about to be written, which is no file yet; of the one before it, nothing is left. */
  readonly noteDraft: (file: string) => void
  /** Ends the watchdog, and by it what is left of what it watches. */
  readonly stop: () => void
  /** Ends the watchdog alone: what the command has left running may go on. */
  readonly dismiss: () => void
}

/**
 * Shell program that keeps a list of processes and groups, and the draft of a file. At the end of its input, whatever the reason, it kills
 * those that are left, and removes the draft and the folder: SIGKILL gives its parent no chance to do so. What has left its group, or was
 * started in the moment of the kill, is known by its environment, which names the folder, where the system shows that.
 */
const PROGRAM = `
trap '' HUP INT QUIT TERM
live=
draft=
while IFS= read -r line; do
  case $line in
    '+ '*) live="$live \${line#* }" ;;
    '- '*) kept=
       for other in $live; do [ "$other" = "\${line#* }" ] || kept="$kept $other"; done
       live=$kept ;;
    '= '*) draft=\${line#* } ;;
    .) exit ;;
  esac
done
for target in $live; do kill -s KILL -- "$target" 2>/dev/null; done
for rounds in 1 2 3 4 5 6 7 8 9 10; do
  named=$(grep -lsF -- "$1" /proc/[0-9]*/environ)
  [ -n "$named" ] || break
  for file in $named; do file=\${file#/proc/}; kill -s KILL "\${file%/environ}" 2>/dev/null; done
  sleep 0.05
done
[ -z "$draft" ] || rm -f -- "$draft"
rm -rf -- "$1"
`

/**
 * Starts a watchdog, in a session of its own: signals for this process do not reach it, nor does a watchdog around this process, which
 * would know it by its environment. The folder need not be there yet, so that there is no moment at which it is there unwatched. Where
 * there is no shell, there is no watchdog.
 */
export function startWatchdog (folder: string): Watchdog {
  const child = spawn('sh', ['-c', PROGRAM, 'sh', folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, env: { PATH: process.env.PATH } })
  // Without a shell; or the watchdog was killed by somebody. What it watches goes on.
  child.on('error', () => {})
  child.stdin.on('error', () => {})
  child.unref()
  const tell = (line: string): void => { if (child.stdin.writable) child.stdin.write(`${line}\n`) }
  return {
    watch (target) {
      tell(`+ ${target}`)
      return () => { tell(`- ${target}`) }
    },
    noteDraft (file) {
      // A name of several lines could be read as another message.
      if (!file.includes('\n')) tell(`= ${file}`)
    },
    stop () { child.stdin.end() },
    dismiss () {
      tell('.')
      child.stdin.end()
    }
  }
}
