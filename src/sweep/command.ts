import { spawn, type ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import { clearTimeout, setTimeout } from '../machine.js'
import type { Ending } from '../domain/verdict.js'
import type { Watchdog } from '../environment/watchdog.js'
import { CUT_MARGIN } from '../text/shortened.js'

/** How a command ended. */
export interface Ended {
  readonly ending: Ending
  readonly exitCode: number | null
  readonly signal: string | null
  /** End of what it wrote to standard output and standard error, in the order in which it came. */
  readonly output: Output
}

/** End of an output: what of it is kept, and before that as much as a secret may have that ends in what is kept. */
export interface Output {
  readonly text: string
  /** Where what is kept begins. */
  readonly from: number
}

/** Command to run, and how long it may take. */
export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly timeoutMs: number
}

/** Bytes of output to keep of each run. */
export const KEPT_OUTPUT = 64 * 1024

/** Time between SIGTERM and SIGKILL, in milliseconds. */
const GRACE = 1000

/** Time in which the last output must arrive once all processes of the command have ended, in milliseconds. */
const LAST_OUTPUT = 200

/**
 * Runs a command to its end, or ends it after `timeoutMs`, and with it every process that it has left in its process group. Rejects if
 * it can't be started, or with the signal's reason if it is aborted; nothing of it is left then, either.
 */
export async function runCommand ({ program, args, env, timeoutMs }: Command, watchdog: Watchdog, signal: AbortSignal): Promise<Ended> {
  signal.throwIfAborted()
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const output = tailOf([child.stdout!, child.stderr!])
  const closed = new Promise<void>(resolve => { child.once('close', resolve) })
  const exited = new Promise<[number | null, string | null]>((resolve, reject) => {
    child.once('error', reject).once('exit', (code, by) => { resolve([code, by]) })
  })
  const unwatch = child.pid === undefined ? () => {} : watchdog.watch(-child.pid)
  let isLate = false
  let kill: NodeJS.Timeout | undefined
  const late = setTimeout(() => {
    isLate = true
    killGroup(child, 'SIGTERM')
    kill = setTimeout(() => { killGroup(child, 'SIGKILL') }, GRACE)
  }, timeoutMs)
  const abort = (): void => { killGroup(child, 'SIGKILL') }
  signal.addEventListener('abort', abort)
  try {
    const [exitCode, by] = await exited
    signal.throwIfAborted()
    // What it has left behind would call another run's emulator, if it got the same port.
    killGroup(child, 'SIGKILL')
    await Promise.race([closed, new Promise(resolve => { setTimeout(resolve, LAST_OUTPUT).unref() })])
    const ending = isLate ? 'timeout' : by !== null ? 'signal' : exitCode === 0 ? 'success' : 'failure'
    return { ending, exitCode, signal: by, output: output() }
  } finally {
    clearTimeout(late)
    clearTimeout(kill)
    signal.removeEventListener('abort', abort)
    child.stdout!.destroy()
    child.stderr!.destroy()
    unwatch()
  }
}

function killGroup ({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid!, signal)
  } catch {
    // All of its processes have ended, or none was started.
  }
}

/** Collects the end of what streams carry. A command that floods its output is not held up, and takes no memory. */
function tailOf (streams: readonly Readable[]): () => Output {
  const most = KEPT_OUTPUT + CUT_MARGIN
  let chunks: Buffer[] = []
  let bytes = 0
  for (const stream of streams) {
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes < 2 * most) return
      chunks = [Buffer.concat(chunks).subarray(-most)]
      bytes = most
    })
  }
  return () => {
    const end = Buffer.concat(chunks).subarray(-most)
    return { text: end.toString('utf8'), from: end.subarray(0, -KEPT_OUTPUT).toString('utf8').length }
  }
}
