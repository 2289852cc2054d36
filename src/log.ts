import pino, { type DestinationStream, type Logger } from 'pino'
import type { LogLevel } from './log-level.js'

/** A log that is written to the standard error stream: JSON, or for people where that stream is a terminal. */
export interface Log {
  readonly logger: Logger
  /** Writes out what is still buffered. */
  readonly flush: () => void
}

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

/** Buffered, because a write for each request would cost more than the request; written out once a second, and on `flush`. */
function forMachines (level: LogLevel): Log {
  const destination = pino.destination({ dest: 2, sync: true, minLength: 8192, periodicFlush: 1000 })
  return { logger: pino({ level, base: null }, destination), flush: () => destination.flushSync() }
}
