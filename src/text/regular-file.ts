import { closeSync, constants, openSync, readSync, statSync } from 'node:fs'

/** How much is read at once. */
const CHUNK_SIZE = 65_536

/**
 * Reads a regular file only, or says what keeps it from being read; throws if the system refuses it. A device such as /dev/zero would
 * fill the memory, and a pipe could block the process, even its signals. So could files below /proc, whose size is 0: no more is read than
 * there may be, and nothing is waited for.
 */
export function regularFile (path: string, maxSize: number): Buffer | string {
  const stats = statSync(path)
  if (!stats.isFile()) return 'not a regular file'
  return (stats.size > maxSize ? undefined : readBounded(path, maxSize)) ?? `larger than ${maxSize} bytes`
}

/** Reads a file; `undefined` if it is too large. */
function readBounded (path: string, maxSize: number): Buffer | undefined {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const chunks: Buffer[] = []
    for (let size = 0; size <= maxSize;) {
      const chunk = Buffer.allocUnsafe(CHUNK_SIZE)
      const length = readSync(descriptor, chunk)
      if (length === 0) return Buffer.concat(chunks)
      chunks.push(chunk.subarray(0, length))
      size += length
    }
    return undefined
  } finally {
    closeSync(descriptor)
  }
}
