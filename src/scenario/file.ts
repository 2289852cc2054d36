import { findNodeAtLocation, parseTree } from 'jsonc-parser'
import { isUtf8 } from 'node:buffer'
import { existsSync, readFileSync } from 'node:fs'
import { Problem, type Issue } from '../problem.js'
import { readJson } from '../text/json.js'

/** A JSON file's value, and where in the file a JSON pointer leads. */
export interface JsonFile {
  readonly path: string
  readonly value: unknown
  /** `line:column`, both from 1, of the nearest thing to the pointer that is there. */
  readonly placeOf: (pointer: string) => string
}

/** Reads a JSON file; a `Problem` says why it can't be read, and where it is not JSON. */
export function readJsonFile (path: string): JsonFile {
  if (!existsSync(path)) throw new Problem(`${path}: there is no such file`)
  const text = readText(path)
  const json = readJson(text)
  if ('issue' in json) throw new Problem(`${path}:${json.issue.line}:${json.issue.column}: ${json.issue.what}`)
  return { path, value: json.value, placeOf: pointer => placeOf(text, pointer) }
}

/** Runs a reader on a file's value; the `Problem` that it throws then begins with the place in the file. */
export function inFile<T> (file: JsonFile, read: (value: unknown) => T): T {
  try {
    return read(file.value)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    throw new Problem(`${file.path}:${file.placeOf(error.issues[0]!.pointer)}: ${error.message}`, { issues: error.issues })
  }
}

/** Every issue of a file on a line of its own. */
export function issueLines (file: JsonFile, issues: readonly Issue[]): string[] {
  return issues.map(({ pointer, found, expected }) => `${file.path}:${file.placeOf(pointer)}: ${pointer || '(the root)'}: found ${found}, expected ${expected}`)
}

function readText (path: string): string {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw new Problem(`${path}: it can't be read (${(error as NodeJS.ErrnoException).code})`)
  }
  if (!isUtf8(bytes)) throw new Problem(`${path}: it is not UTF-8 text`)
  return bytes.toString().replace(/^\uFEFF/, '')
}

function placeOf (text: string, pointer: string): string {
  let node = parseTree(text)!
  for (const segment of pointer.split('/').slice(1)) {
    const key = segment.replaceAll('~1', '/').replaceAll('~0', '~')
    const found = findNodeAtLocation(node, [node.type === 'array' ? Number(key) : key])
    // A missing key has no place of its own: its object's is shown.
    if (found === undefined) break
    node = found
  }
  const before = text.slice(0, node.offset).split('\n')
  return `${before.length}:${before.at(-1)!.length + 1}`
}
