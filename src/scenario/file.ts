import { findNodeAtLocation, parseTree } from 'jsonc-parser'
import { closeSync, constants, openSync, readSync, statSync } from 'node:fs'
import { Problem, type Issue } from '../problem.js'
import { decodeText, placeIn, readJsonBytes } from '../text/json.js'

/** Size limit of a file, in bytes: the same as for a body of the control API. */
const MAX_FILE_SIZE = 128 * 1_048_576

/** Size of what is read at once, in bytes. */
const CHUNK_SIZE = 65_536

/** Value of a JSON file, and the places in the file that JSON pointers lead to. */
export interface JsonFile {
  readonly path: string
  readonly value: unknown
  /** Gives `line:column`, both from 1, of the value at a pointer, or of the innermost existing value around it. */
  readonly placeOf: (pointer: string) => string
}

/** Reads a JSON file, or throws a `Problem` that says in one line why it can't be read or where it is not JSON. */
export function readJsonFile (path: string): JsonFile {
  const bytes = readRegularFile(path, MAX_FILE_SIZE)
  const json = readJsonBytes(bytes)
  if ('issue' in json) throw new Problem(`${path}:${json.issue.line}:${json.issue.column}: ${json.issue.what}`)
  return { path, value: json.value, placeOf: pointer => placeOf(decodeText(bytes), pointer) }
}

/** Runs a reader on a file's value, and prefixes the `Problem` that it throws with the place in the file. */
export function inFile<T> (file: JsonFile, read: (value: unknown) => T): T {
  try {
    return read(file.value)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    throw new Problem(`${file.path}:${file.placeOf(error.issues[0]!.pointer)}: ${error.message}`, { issues: error.issues })
  }
}

/** Writes each issue of a file on its own line. */
export function issueLines (file: JsonFile, issues: readonly Issue[]): string[] {
  return issues.map(({ pointer, found, expected }) =>
    `${file.path}:${file.placeOf(pointer)}: ${pointer || '(the root)'}: found ${found}, expected ${expected}`)
}

/**
 * Reads a regular file only: a device such as /dev/zero would fill the memory, and a pipe could block the start. So could files below
 * /proc, whose size is 0: no more is read than there may be, and nothing is waited for.
 */
export function readRegularFile (path: string, maxSize: number): Buffer {
  const stats = orProblem(path, () => statSync(path))
  if (!stats.isFile()) throw new Problem(`${path}: not a regular file`)
  const bytes = stats.size > maxSize ? undefined : orProblem(path, () => readBounded(path, maxSize))
  if (bytes === undefined) throw new Problem(`${path}: larger than ${maxSize} bytes`)
  return bytes
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

function orProblem<T> (path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    throw new Problem(`${path}: ${['ENOENT', 'ENOTDIR'].includes(code) ? 'no such file' : `can't be read (${code})`}`)
  }
}

function placeOf (text: string, pointer: string): string {
  let node = parseTree(text)!
  for (const segment of pointer.split('/').slice(1)) {
    const key = segment.replaceAll('~1', '/').replaceAll('~0', '~')
    const found = findNodeAtLocation(node, [node.type === 'array' ? Number(key) : key])
    // A missing key has no place; its object's is shown.
    if (found === undefined) break
    node = found
  }
  const { line, column } = placeIn(text, node.offset)
  return `${line}:${column}`
}
