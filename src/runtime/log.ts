import pino, { type DestinationStream, type Logger } from 'pino'
import type { LogLevel } from '../contract/start-options.js'
import { clearTimeout, setTimeout } from '../machine.js'

/** Log written to standard error: JSON, or readable text if that is a terminal. */
export interface Log {
  readonly logger: Logger
  /** Writes everything still buffered. */
  readonly flush: () => void
}

/** Number of characters to write at once, and the maximum time, in milliseconds, to buffer them. */
const BLOCK = 8192
const MAX_WAIT = 1000

/** Opens a log of a level; a silent one writes nothing. */
export async function openLog (level: LogLevel): Promise<Log> {
  if (level === 'silent') return { logger: pino({ enabled: false }), flush () {} }
  return process.stderr.isTTY ? forPeople(level) : forMachines(level)
}

/** Creates a readable log, formatted in this thread: a worker could not find its file in the bundle. */
async function forPeople (level: LogLevel): Promise<Log> {
  const { default: pretty } = await import('pino-pretty')
  const stream: DestinationStream = pretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' })
  return { logger: pino({ level }, stream), flush () {} }
}

/**
 * Creates a JSON log that is written in blocks, because a write per request would cost more than the request. It does not use
 * pino's buffer, which counts the bytes of its whole content for every line and doubles the cost of a line.
 */
function forMachines (level: LogLevel): Log {
  const destination = pino.destination({ dest: 2, sync: true })
  let lines: string[] = []
  let characters = 0
  let timer: NodeJS.Timeout | undefined

  return {
    logger: pino({ level, base: null }, { write }),
    flush () {
      writeBlock()
      destination.flushSync()
    }
  }

  function write (line: string): void {
    lines.push(line)
    characters += line.length
    if (characters >= BLOCK) writeBlock()
    else timer ??= setTimeout(writeBlock, MAX_WAIT).unref()
  }

  function writeBlock (): void {
    clearTimeout(timer)
    timer = undefined
    destination.write(lines.join(''))
    lines = []
    characters = 0
  }
}
