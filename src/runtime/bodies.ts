import type { IncomingMessage } from 'node:http'

/** Refusal to read a body, because of its size (413) or because of all the others (503). */
export class BodyRefused extends Error {
  constructor (readonly httpStatus: 413 | 503, message: string) {
    super(message)
  }
}

/** Reads bodies, and bounds the memory of all those of which a part has arrived. */
export interface Bodies {
  /** Reads a body of at most `limit` bytes. Fails with `BodyRefused` as early as it can tell, or if the client disconnects. */
  readonly read: (request: IncomingMessage, limit: number, done: (error: Error | null, bytes?: Buffer) => void) => void
  /** Counts a body that has arrived among them until the function that is returned is called: it waits to be looked at. */
  readonly keep: (bytes: Buffer) => () => void
}

const EMPTY = Buffer.alloc(0)

/** Creates a reader of bodies; `maxUnfinished` bounds them together, in bytes. */
export function createBodies (maxUnfinished: number): Bodies {
  let unfinished = 0

  return {
    keep ({ length }) {
      unfinished += length
      return () => { unfinished -= length }
    },
    read (request, limit, done) {
      // NaN, which no comparison is true of, where the body comes in chunks.
      const declared = Number(request.headers['content-length'])
      const tooLarge = (): BodyRefused => new BodyRefused(413, `it is larger than ${limit} bytes`)
      const tooMany = (): BodyRefused =>
        new BodyRefused(503, `it would bring all unfinished bodies together to more than ${maxUnfinished} bytes; send it again later`)
      if (declared > limit) return done(tooLarge())
      if (unfinished + declared > maxUnfinished) return done(tooMany())

      // One buffer that grows, as a list of chunks could cost a hundred times as much as the bytes in them.
      let held: Buffer = EMPTY
      let length = 0
      request.on('data', receive).on('end', finish).on('error', end)

      function receive (chunk: Buffer): void {
        const needed = length + chunk.length
        if (needed > limit) return end(tooLarge())
        if (needed > held.length) {
          const size = Math.max(needed, Math.min(2 * held.length, declared || limit))
          if (unfinished + size - held.length > maxUnfinished) return end(tooMany())
          unfinished += size - held.length
          held = chunk.length === declared ? chunk : grown(held, size)
        }
        // Almost every body comes in one piece, which need not be copied.
        if (held !== chunk) chunk.copy(held, length)
        length = needed
      }

      function finish (): void {
        end(null, held.length === length ? held : held.subarray(0, length))
      }

      function end (error: Error | null, bytes?: Buffer): void {
        request.off('data', receive).off('end', finish).off('error', end)
        unfinished -= held.length
        held = EMPTY
        done(error, bytes)
      }
    }
  }
}

function grown (held: Buffer, size: number): Buffer {
  const larger = Buffer.allocUnsafe(size)
  held.copy(larger)
  return larger
}
