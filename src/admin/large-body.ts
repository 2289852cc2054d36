import { Problem } from '../problem.js'
import { memoryBounds } from '../runtime/memory.js'
import { issueText, readJsonBytes, type Json, type JsonIssue } from '../text/json.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the handler gets a large body as a `LargeBody`, and reads it when it is its turn. */
    isReadInTurn?: true
  }
}

/**
 * Minimum size of a large body, in bytes: what it becomes may take some ten times as much of the heap, and only one at a time may. What is in
 * a smaller one is written within milliseconds.
 */
export const LARGE_BODY = 16_384

/** What to do with a world that is too large for one body. */
export const IN_PARTS = 'send a world in parts: PUT /__admin/state without accounts, then POST /__admin/accounts'

/** A body that has arrived and not been read. It is outside the heap. */
export class LargeBody {
  constructor (readonly bytes: Buffer) {}
}

/** Parses a body. An empty one has no value: some clients announce JSON even where they send nothing. */
export function parse (bytes: Buffer, done: (error: Error | null, value?: unknown) => void): void {
  const json = bytes.length === 0 ? { value: undefined } : readBounded(bytes)
  if ('value' in json) done(null, json.value)
  else done(invalidJson(json.issue))
}

/** Reads a body, or throws a `Problem` that says where it is not JSON. */
export function readLargeBody (body: LargeBody): unknown {
  const json = readBounded(body.bytes)
  if ('issue' in json) throw invalidJson(json.issue)
  return json.value
}

/** Reads no more values than the heap has room for. */
function readBounded (bytes: Buffer): Json {
  return readJsonBytes(bytes, undefined, memoryBounds().values)
}

function invalidJson (issue: JsonIssue): Problem {
  return issue.isTooMuch === true
    ? new Problem(`the body has ${issueText(issue)}`, { status: 413, advice: IN_PARTS })
    : new Problem(`the body is not valid JSON: ${issueText(issue)}`)
}
