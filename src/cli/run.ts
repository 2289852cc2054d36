import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { caseText } from '../case/write.js'
import { isFolder } from '../disk.js'
import { inTemporaryFolder, removeTemporaryFolder, temporaryFolder, writeClientFiles } from '../environment/files.js'
import { clientVariables } from '../environment/variables.js'
import { startWatchdog, type Watchdog } from '../environment/watchdog.js'
import { checkOtherFile, checkOutputFile, writeOutputFile } from '../output-file.js'
import { Problem } from '../problem.js'
import type { Opened } from '../server/start.js'
import { openWatched, type Watched } from '../sweep/watched.js'
import type { Arguments } from './arguments.js'
import { chargedLines } from './charged.js'
import { GIVEN_VARIABLES, readConfig } from './flags.js'
import { isInForeground } from './foreground.js'
import { complain } from './output.js'
import { ENDING_SIGNALS, type Shutdown } from './shutdown.js'
import { usedFiles } from './used-files.js'

type Texts = Readonly<Record<string, string | undefined>>

/** Defaults of settings that differ from those of `serve`: nothing is to be in the way of another emulator, or in that of the command. */
export const RUN_DEFAULTS = { port: '0', 'tls-port': '0', 'proxy-port': '0', 'log-level': 'warn' }

/** Signals that are passed on to the command. */
const SIGNALS = [...ENDING_SIGNALS, 'SIGUSR1', 'SIGCONT', 'SIGWINCH'] as const

/** Signals that a terminal sends to the command itself. */
const OF_TERMINAL: readonly string[] = ['SIGINT', 'SIGQUIT', 'SIGWINCH']

/** Exit codes of shells, for a command that can't be started and for one that a signal has ended. */
const NOT_EXECUTABLE = 126
const NOT_FOUND = 127
const BY_SIGNAL = 128

/**
 * Runs a command so that what it sends to the vendor's hosts arrives at an emulator of its own, and returns the command's exit code. The
 * command has the standard streams; what is said here goes to standard error.
 */
export async function run (
  { operands, behind, flags }: Pick<Arguments, 'operands' | 'behind' | 'flags'>, env: Texts, { leave }: Shutdown, inForeground = isInForeground
): Promise<number> {
  const [program, ...args] = behind ?? []
  if (operands.length > 0 || program === undefined || program === '') {
    throw new Problem('run needs -- and a command behind its options, such as picky-emulator run --offline -- npm test')
  }
  const { save } = flags
  const { options, nameOf, isGiven, unknown } = readConfig(flags, env, RUN_DEFAULTS)
  if (save !== undefined) {
    checkOtherFile(save, '--save', usedFiles(options))
    checkOutputFile(save, '--save')
  }
  const isSilent = options.logLevel === 'silent'
  const inform = (line: string): void => { if (!isSilent) complain(`picky-emulator: ${line}`) }
  for (const name of unknown) inform(`ignored unknown environment variable ${name}`)
  const folder = temporaryFolder('run')
  const signals = holdSignals(inForeground)
  if (!leave(signals.pass)) {
    signals.release()
    return 0
  }
  let emulator: Opened | undefined
  let watchdog: Watchdog | undefined
  const removeFolder = (): void => {
    removeTemporaryFolder(folder, inform)
    watchdog?.dismiss()
  }
  // Also on an unexpected error, after which nothing would answer the command, and nothing could wait for it.
  const leaveNothing = (): void => {
    signals.end()
    removeFolder()
  }
  process.once('exit', leaveNothing)
  try {
    const { answer, ...opened } = await openWatched(options, nameOf)
    emulator = opened.emulator
    const { url, token, interception } = emulator
    const { ca, tlsPort, proxyPort, refusedHosts } = interception!
    watchdog = startWatchdog(folder)
    const { watch } = watchdog
    const files = inTemporaryFolder(tmpdir(), () => {
      mkdirSync(folder, { mode: 0o700 })
      return writeClientFiles(folder, { ca, tlsPort, proxyPort: proxyPort! }, env)
    })
    const given = { ...clientVariables(env, proxyPort!, files), [GIVEN_VARIABLES.url]: url, [GIVEN_VARIABLES.token]: token ?? undefined }
    inform(`pickyassist.com is ${url} for ${program}`)
    let answering: Promise<Watched> | undefined
    const startProgram = (): ChildProcess => {
      const child = spawn(program, args, { stdio: 'inherit', env: { ...env, ...given } })
      if (child.pid !== undefined) child.once('exit', watch(child.pid))
      // Not before: that takes as long as most commands take to send their first request.
      answering = answer()
      answering.catch(() => { signals.end() })
      return child
    }
    const code = await signals.through(startProgram).catch(error => notStarted(program, error as NodeJS.ErrnoException))
    const watched = await answering
    await watched?.decide()
    if (watched !== undefined && watched.watch.total() > 0) for (const line of chargedLines(watched.before, watched.watch.books())) inform(line)
    // A fault that is misspelt would look like one that the command withstands.
    if (watched !== undefined && isGiven('faults')) for (const line of watched.unmetFaults()) inform(line)
    if (save !== undefined && watched !== undefined) {
      writeOutputFile(save, '--save', await caseText(await watched.saved()))
      inform(`the case is in ${save}`)
    }
    const refused = refusedHosts()
    if (refused.length > 0) inform(`${nameOf('offline')} refused ${refused.join(', ')}`)
    return code
  } finally {
    await emulator?.stop()
    removeFolder()
    process.off('exit', leaveNothing)
    // Last: a second signal, by which the system then ends this process, would leave what is still there.
    signals.release()
  }
}

/** Says why a command can't be started, and gives the exit code that a shell has for it. */
export function notStarted (program: string, { code, message }: NodeJS.ErrnoException): number {
  const isMissing = code === 'ENOENT' || code === 'ENOTDIR'
  const reason = isMissing ? 'there is no such command' : code === 'EACCES' ? (isFolder(program) ? 'it is a folder' : 'this user may not run it') : message
  complain(`picky-emulator: ${program}: ${reason}`)
  return isMissing ? NOT_FOUND : NOT_EXECUTABLE
}

interface HeldSignals {
  /** Passes a signal on as if it had come to this process. */
  readonly pass: (signal: NodeJS.Signals) => void
  /** Starts a program and passes signals on to it; resolves to its exit code. */
  readonly through: (startProgram: () => ChildProcess) => Promise<number>
  readonly release: () => void
  /** Ends the program, unless it has ended. */
  readonly end: () => void
}

/** Keeps signals from ending this process before it has tidied up. */
function holdSignals (inForeground: () => boolean): HeldSignals {
  let child: ChildProcess | undefined
  let early: NodeJS.Signals | undefined
  const pass = (signal: NodeJS.Signals): void => {
    if (child === undefined) early ??= signal
    else if (!(OF_TERMINAL.includes(signal) && inForeground())) child.kill(signal)
  }
  for (const signal of SIGNALS) process.on(signal, pass)

  return {
    pass,
    async through (startProgram) {
      if (early !== undefined && !OF_LITTLE_CONSEQUENCE.includes(early)) return BY_SIGNAL + constants.signals[early]
      child = startProgram()
      return await new Promise((resolve, reject) => {
        child!.once('error', reject).once('exit', (code, signal) => { resolve(code ?? BY_SIGNAL + constants.signals[signal!]) })
      })
    },
    release () { for (const signal of SIGNALS) process.off(signal, pass) },
    end () { child?.kill('SIGTERM') }
  }
}

/** Signals that end no program. */
const OF_LITTLE_CONSEQUENCE: readonly string[] = ['SIGCONT', 'SIGWINCH']
