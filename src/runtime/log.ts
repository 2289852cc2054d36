import pino, { type Level, type Logger } from 'pino'
import type { LogLevel } from '../contract/start-options.js'
import { clearTimeout, machineTime, setTimeout } from '../machine.js'
import { standardError, type LineSink } from './standard-error.js'

/**
 * Log written to standard error: JSON, or readable text if that is a terminal. It never waits for a reader: lines that can't be
 * written are dropped, and the next one that can says how many.
 */
export interface Log {
  readonly logger: Logger
  /** Writes everything still buffered, and gives its reader a moment. */
  readonly close: () => Promise<void>
}

/** Number of characters to write at once, and the maximum time, in milliseconds, to buffer them. */
const BLOCK = 8192
const MAX_WAIT = 1000

type Format = (line: string) => string

/** Opens a log of a level; a silent one writes nothing. */
export async function openLog (level: LogLevel, open = standardError): Promise<Log> {
  // Without a stream, pino opens standard output, and flushes it at the end of the process: once for each emulator that a suite has started.
  if (level === 'silent') return { logger: pino({ enabled: false }, { write: String }), async close () {} }
  return process.stderr.isTTY ? createLog(level, 1, open, await formatForPeople()) : createLog(level, BLOCK, open)
}

/** Loads the formatter of readable text, which runs in this thread: a worker could not find its file in the bundle. */
async function formatForPeople (): Promise<Format> {
  const { default: { prettyFactory } } = await import('pino-pretty')
  return prettyFactory({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' })
}

/**
 * Creates a log that is written in blocks of this many characters, because a write per request would cost more than the request. It
 * does not use pino's buffer, which counts the bytes of its whole content for every line and doubles the cost of a line.
 */
export function createLog (level: LogLevel, block: number, open: (onDrain: () => void) => LineSink, format: Format = String): Log {
  const sink = open(writeBlock)
  let lines: string[] = []
  let characters = 0
  let timer: NodeJS.Timeout | undefined
  let dropped = 0

  return {
    logger: pino({ level, base: null }, { write }),
    async close () {
      writeBlock()
      await sink.drained()
    }
  }

  function write (line: string): void {
    lines.push(format(line).replace(ACTED_ON, escaped))
    characters += line.length
    if (characters >= block) writeBlock()
    else timer ??= setTimeout(writeBlock, MAX_WAIT).unref()
  }

  function writeBlock (): void {
    clearTimeout(timer)
    timer = undefined
    const notice = dropped > 0 ? [format(noticeOf(dropped))] : []
    const batch = [...notice, ...lines]
    lines = []
    characters = 0
    if (batch.length === 0) return
    const taken = sink.take(batch)
    if (taken > 0) dropped = 0
    dropped += batch.length - Math.max(taken, notice.length)
  }
}

/** Characters that a terminal acts on, or that show text in another order, and that JSON leaves as they are, such as those in a name. */
const ACTED_ON = /[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g

function escaped (character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/**
 * Writes a line with the fields of a plain object, as pino would, of a level that is enabled. pino puts a line together key by key, out
 * of some thirty strings; for the line that every request has, JSON of all of it at once takes half the time and leaves less garbage.
 */
export function writeFields (logger: Logger, level: Level, fields: object, message: string): void {
  const { [pino.symbols.streamSym]: stream } = logger as unknown as Record<symbol, { readonly write: (line: string) => void }>
  const start = `{"level":${logger.levels.values[level]},"time":${machineTime()}`
  stream!.write(`${start},${JSON.stringify(fields).slice(1, -1)},"msg":${JSON.stringify(message)}}\n`)
}

/** Builds the line that says how many are missing, whatever the level of the log is. */
function noticeOf (dropped: number): string {
  let notice = ''
  pino({ base: null }, { write (line) { notice = line } }).warn({ dropped }, 'dropped lines of the log that could not be written')
  return notice
}
