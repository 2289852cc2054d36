import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { UnreadableLint } from '../journal/record.js'
import { lastResponse } from './pipeline.js'

/** Request that reaches no handler, because it can't be read or never arrives in full, and its answer. */
export interface UnreadableRequest {
  readonly lint: UnreadableLint
  /** Cause in one line. */
  readonly says: string
  /** Port that it came in on; `undefined` if the client has gone. */
  readonly port: number | undefined
  /** Its head, where that could be read. */
  readonly head?: Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders'> | undefined
  /** What came of it in the last packet, without what was read. */
  readonly bytes: Buffer
  /** Whether these are its first bytes. */
  readonly isBeginning: boolean
  /** `null` where the client has gone, or could not have read it. */
  readonly answer: { readonly httpStatus: number, readonly headers: Readonly<Record<string, string>>, readonly body: string } | null
}

/** Is told of each unreadable request, once. */
export type ReportUnreadable = (request: UnreadableRequest) => void

/** Error of Node's parser, or of the connection. */
export type ClientError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer, readonly bytesParsed?: number, readonly reason?: string }

/** Maximum number of bytes that are kept of a request: more than is shown, so that a secret is found that would be shown in part. */
const MAX_BYTES = 4096

const NOTHING = Buffer.alloc(0)
const BLANK_LINE = '\r\n\r\n'

/** Gives what came of a request until Node's parser gave it up. Node keeps the last packet only. */
export function arrived ({ rawPacket, bytesParsed = 0 }: ClientError, socket: Socket): Pick<UnreadableRequest, 'head' | 'bytes' | 'isBeginning'> {
  const last = lastResponse(socket)?.req
  const head = last?.complete === false ? last : undefined
  if (rawPacket === undefined) return { head, bytes: NOTHING, isBeginning: false }
  // Behind earlier requests of the same packet, or behind its own head.
  const blank = bytesParsed < BLANK_LINE.length ? -1 : rawPacket.lastIndexOf(BLANK_LINE, bytesParsed - BLANK_LINE.length)
  const bytes = blank === -1 ? rawPacket : rawPacket.subarray(blank + BLANK_LINE.length)
  const isBeginning = blank !== -1 || socket.bytesRead === rawPacket.length
  return { head, bytes: head !== undefined && !isBeginning ? NOTHING : beginningOf(bytes), isBeginning }
}

/** Copies the beginning of a packet, of which the rest is not to stay in memory. */
export function beginningOf (bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(0, MAX_BYTES))
}

/** True for the first bytes, or the first one, of a client that speaks TLS: a handshake, of SSL 3 or newer. */
export function isTls (bytes: Buffer): boolean {
  return bytes[0] === 0x16 && (bytes.length === 1 || bytes[1] === 3)
}
