import { fstatSync, writeSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { clearTimeout, setTimeout } from '../machine.js'

/** Destination of lines that neither waits for a reader nor ends the process. */
export interface LineSink {
  /**
   * Takes lines, each with its line break. Returns how many it has taken: all, or fewer if what was written before is still unread,
   * or the disk is full.
   */
  readonly take: (lines: readonly string[]) => number
  /** Resolves when what was taken has been read, or after a moment. */
  readonly drained: () => Promise<void>
}

/** How much may wait for a reader, in bytes, before lines are refused. */
const MAX_UNREAD = 1_048_576

/** How long the end waits for a reader, in milliseconds. */
const DRAIN_TIMEOUT = 200

/** Opens standard error. Calls `onDrain` once lines that were refused would be taken again. */
export function standardError (onDrain: () => void): LineSink {
  return openSink(2, process.stderr, onDrain)
}

/** Opens a descriptor, by its stream if something reads what is written there. */
export function openSink (descriptor: number, stream: Writable & { readonly isTTY?: boolean }, onDrain: () => void): LineSink {
  const stat = fstatSync(descriptor)
  const hasReader = stream.isTTY || stat.isFIFO() || stat.isSocket()
  return hasReader ? streamSink(stream, onDrain) : fileSink(descriptor)
}

/**
 * Creates a sink for a pipe, a socket or a terminal. It is Node's own stream, which keeps in memory what a pipe does not take.
 * Writing to the descriptor would wait, if not in this thread then in one that the end of the process waits for.
 */
export function streamSink (stream: Writable, onDrain: () => void): LineSink {
  let isFull = false
  // Once for each stream, and for good: the error of a write can come after the end of the log.
  if (!stream.listeners('error').includes(ignoreError)) stream.on('error', ignoreError)
  const written = (): void => {
    if (!isFull || stream.writableLength > 0) return
    isFull = false
    onDrain()
  }

  return {
    take (lines) {
      // Not before all of it has been read, so that a slow reader misses one long part of the log, not many short ones.
      if (isFull) return 0
      stream.write(lines.join(''), written)
      isFull = stream.writableLength > MAX_UNREAD
      return lines.length
    },
    async drained () {
      if (stream.writableLength === 0) return
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, DRAIN_TIMEOUT)
        stream.write('', () => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
  }
}

/** A reader that has gone is not the emulator's trouble. */
function ignoreError (): void {}

const LINE_BREAK = 0x0a

/** Creates a sink for a file or a device. */
export function fileSink (descriptor: number): LineSink {
  let isTorn = false

  return {
    take (lines) {
      const bytes = Buffer.from((isTorn ? '\n' : '') + lines.join(''))
      const start = isTorn ? 1 : 0
      let written = 0
      try {
        while (written < bytes.length) written += writeSync(descriptor, bytes, written)
        isTorn = false
        return lines.length
      } catch {
        // A disk may have had room for some of it.
        if (written > 0) isTorn = bytes[written - 1] !== LINE_BREAK
        return bytes.subarray(start, written).filter(byte => byte === LINE_BREAK).length
      }
    },
    async drained () {}
  }
}
