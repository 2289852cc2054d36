import { Problem, type Issue } from '../problem.js'
import { decodeText, placeIn, readJsonBytes } from '../text/json.js'
import { indexOfValue } from '../text/json-literal.js'
import { regularFile } from '../text/regular-file.js'

/** Size limit of a file, in bytes: the same as for a body of the control API. */
const MAX_FILE_SIZE = 128 * 1_048_576

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

/** Reads a regular file that is no larger than a bound, or throws a `Problem`. */
export function readRegularFile (path: string, maxSize: number): Buffer {
  const bytes = orProblem(path, () => regularFile(path, maxSize))
  if (typeof bytes === 'string') throw new Problem(`${path}: ${bytes}`)
  return bytes
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
  const path = pointer.split('/').slice(1).map(segment => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
  // A missing key has no place; its object's is shown.
  const { line, column } = placeIn(text, indexOfValue(text, path))
  return `${line}:${column}`
}
