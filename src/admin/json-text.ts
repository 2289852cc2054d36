import type { FastifyReply, FastifyRequest } from 'fastify'
import { Readable } from 'node:stream'
import { forEachInSlices, inSlices, type IsWanted } from '../time-slices.js'

const JSON_TYPE = 'application/json; charset=utf-8'

/** Minimum size of a chunk, in characters; the last one is smaller. */
const CHUNK = 65_536

/**
 * Answers with JSON that is text already, such as what the journal keeps of its entries. It is sent in chunks, as fast as the
 * client reads: joining and encoding megabytes at once would keep everyone else waiting.
 */
export async function sendJson (reply: FastifyReply, pieces: readonly string[], type = JSON_TYPE): Promise<FastifyReply> {
  let length = 0
  await forEachInSlices(pieces, piece => { length += Buffer.byteLength(piece) }, wantedBy(reply.request))
  reply.header('content-type', type)
  // A stream takes longer than all else that a short answer takes.
  if (length <= CHUNK) return await reply.serializer(String).send(pieces.join(''))
  return await reply.header('content-length', length).send(Readable.from(inSlices(chunksOf(pieces))))
}

/** Encodes JSON text, piece by piece, as it is made: of what is in chunks already, the heap holds nothing. */
export async function chunksInSlices (pieces: Iterable<string>, isWanted?: IsWanted): Promise<Buffer[]> {
  const chunks: Buffer[] = []
  let chunk = ''
  await forEachInSlices(pieces, piece => {
    chunk += piece
    if (chunk.length < CHUNK) return
    chunks.push(Buffer.from(chunk))
    chunk = ''
  }, isWanted)
  return [...chunks, Buffer.from(chunk)]
}

/** Answers with JSON text in chunks, as fast as the client reads. */
export async function sendChunks (reply: FastifyReply, chunks: readonly Buffer[], type = JSON_TYPE): Promise<FastifyReply> {
  reply.header('content-type', type)
  if (chunks.length === 1) return await reply.send(chunks[0])
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  return await reply.header('content-length', length).send(Readable.from(chunks))
}

/** Tells whether the client of a call is still there. A call of this process always is. */
export function wantedBy ({ raw: { socket } }: FastifyRequest): IsWanted {
  return () => !socket.destroyed
}

/** Gives the pieces of a JSON array whose items are text already. */
export function arrayOf (items: readonly string[]): string[] {
  return ['[', ...items.flatMap((item, index) => index === 0 ? item : [',', item]), ']']
}

function * chunksOf (pieces: readonly string[]): Iterable<Buffer> {
  let chunk = ''
  for (const piece of pieces) {
    chunk += piece
    if (chunk.length < CHUNK) continue
    yield Buffer.from(chunk)
    chunk = ''
  }
  yield Buffer.from(chunk)
}
