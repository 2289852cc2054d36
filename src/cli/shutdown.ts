import closeWithGrace from 'close-with-grace'
import { constants } from 'node:os'
import { clearInterval, setInterval } from '../machine.js'
import { isOrphan } from './orphan.js'
import { complain } from './output.js'

/** The end of the process on a signal or an unexpected error. */
export interface Shutdown {
  /** Sets how to stop what the process has begun. */
  readonly stopBy: (stop: () => Promise<void>) => void
  /** Makes a signal the regular end of the process, with exit code 0. Returns false if the end has already begun. */
  readonly ready: () => boolean
  /** Lets SIGUSR2 no longer end the process: something else listens for it. */
  readonly spareUserSignal: () => void
  /**
   * Leaves signals to the caller, who already listens for them, and the end of the parent below npm as a SIGTERM to a function. Returns
   * false if the end has already begun.
   */
  readonly leave: (parentEnded: (signal: 'SIGTERM') => void) => boolean
}

/** Maximum time for a stop, in milliseconds, before the process ends regardless. */
const GRACE = 2000

/**
 * Signals by which others end a process. Not SIGPROF, which V8's profiler needs, nor SIGUSR1, by which Node.js
 * opens its debugger, nor SIGSYS, which the system raises for a call that is forbidden to the process.
 */
export const ENDING_SIGNALS = [
  'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGALRM', 'SIGVTALRM', 'SIGXCPU', 'SIGIO', 'SIGPWR', 'SIGSTKFLT'
] as const satisfies NodeJS.Signals[]

/** Those of them that the library does not know. */
const LEFT_OUT = ENDING_SIGNALS.slice(ENDING_SIGNALS.indexOf('SIGALRM'))

/**
 * Signals that a fault of the process raises. With a handler, the instruction that failed would be repeated for ever. `beforeExit`
 * would turn every exit code into 0.
 */
const SKIPPED: closeWithGrace.AllEvents[] = ['SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV', 'beforeExit']

/** How npm names what `npm start` and `npx` run. */
const RUN_BY_NPM = ['start', 'npx']

/** How often the parent is checked, in milliseconds. */
const PARENT_INTERVAL = 100

/**
 * Handles signals from now on. Process 1, as in a container, would ignore them otherwise. Before it is ready, a process ends with
 * the conventional exit code of the signal.
 *
 * What npm runs ends with its parent: npm passes a signal on to the shell between them, and the shell to no one.
 */
export function handleSignals ({ npm_lifecycle_event: script = '' }: NodeJS.ProcessEnv): Shutdown {
  let stop = async (): Promise<void> => {}
  let isReady = false
  let isEnding = false
  let leftOut: NodeJS.Signals | undefined
  let parentEnded: (signal: 'SIGTERM') => void = () => { close() }

  // The library takes its listeners off before it adds those for a second signal. With none in between, a second one would end the process
  // at once, such as that of `timeout`, which passes on what its whole group has been sent.
  for (const signal of ENDING_SIGNALS) process.on(signal, ignore)
  const before = process.listeners('SIGUSR2')
  const { close, uninstall } = closeWithGrace({ delay: GRACE, skip: SKIPPED, logger: { error: tell }, onSecondSignal: exitBy }, async ({ err, signal = leftOut }) => {
    const isRegular = isReady
    isEnding = true
    if (err !== undefined) tell(err)
    await stop()
    if (signal !== undefined && !isRegular) exitBy(signal)
  })
  const endBy = (signal: NodeJS.Signals): void => {
    if (isEnding) return exitBy(signal)
    leftOut = signal
    close()
  }
  for (const signal of LEFT_OUT) process.on(signal, endBy)

  const ending = process.listeners('SIGUSR2').filter(listener => !before.includes(listener))

  if (RUN_BY_NPM.includes(script)) {
    const parent = process.ppid
    const isLate = isOrphan(parent)
    const timer = setInterval(() => {
      if (isLate || process.ppid !== parent) {
        clearInterval(timer)
        parentEnded('SIGTERM')
      }
    }, PARENT_INTERVAL).unref()
  }

  return {
    stopBy (how) { stop = how },
    ready () {
      isReady = true
      return !isEnding
    },
    spareUserSignal () { for (const listener of ending) process.off('SIGUSR2', listener) },
    leave (how) {
      if (isEnding) return false
      uninstall()
      for (const signal of LEFT_OUT) process.off(signal, endBy)
      for (const signal of ENDING_SIGNALS) process.off(signal, ignore)
      parentEnded = how
      return true
    }
  }
}

function ignore (): void {}

function tell (what: unknown): void {
  complain(`picky-emulator: ${what instanceof Error ? what.stack : what}`)
}

function exitBy (signal: NodeJS.Signals): void {
  process.exit(128 + constants.signals[signal])
}
