import pino, { type DestinationStream, type Logger } from 'pino'
import type { LogLevel } from '../contract/start-options.js'

/** A log that is written to the standard error stream: JSON, or for people where that stream is a terminal. */
export interface Log {
  readonly logger: Logger
  /** Writes out what is still buffered. */
  readonly flush: () => void
}

/** How many characters are written at once, or how many milliseconds after the first of them at the latest. */
const BLOCK = 8192
const MAX_WAIT = 1000

export async function openLog (level: LogLevel): Promise<Log> {
  if (level === 'silent') return { logger: pino({ enabled: false }), flush () {} }
  return process.stderr.isTTY ? forPeople(level) : forMachines(level)
}

/** As a stream of this thread: a worker would have to find its own file within the bundle. */
async function forPeople (level: LogLevel): Promise<Log> {
  const { default: pretty } = await import('pino-pretty')
  const stream: DestinationStream = pretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' })
  return { logger: pino({ level }, stream), flush () {} }
}

/**
 * In blocks, because a write for each request would cost more than the request. pino's own buffer counts the bytes of all
 * that it holds with every line, which cost a request as much as all else that its line does.
 */
function forMachines (level: LogLevel): Log {
  const destination = pino.destination({ dest: 2, sync: true })
  let lines: string[] = []
  let characters = 0
  let timer: NodeJS.Timeout | undefined

  return {
    logger: pino({ level, base: null }, { write }),
    flush () {
      handOver()
      destination.flushSync()
    }
  }

  function write (line: string): void {
    lines.push(line)
    characters += line.length
    if (characters >= BLOCK) handOver()
    else timer ??= setTimeout(handOver, MAX_WAIT).unref()
  }

  function handOver (): void {
    clearTimeout(timer)
    timer = undefined
    destination.write(lines.join(''))
    lines = []
    characters = 0
  }
}
