import type { FastifyReply } from 'fastify'
import type { Entry } from '../journal/record.js'
import type { Context } from '../runtime/context.js'
import { openCopy, type Tables } from '../store/index.js'
import { chunksInSlices, sendChunks, wantedBy } from './json-text.js'

/**
 * Writes what `textOf` makes of the world as it is at this moment: from a copy, as it may change before all of it has been read. A copy is
 * made within milliseconds, and is outside the heap.
 */
export function textFromCopy ({ store }: Context, textOf: (tables: Tables) => Iterable<string>): Iterable<string> {
  const { tables, close } = openCopy(store)
  return closing(textOf(tables), close)
}

/** Answers with long JSON text when it is its turn, and gives way while it is written. `textNow` looks at the world. */
export async function sendInTurn (context: Context, reply: FastifyReply, textNow: () => Iterable<string>): Promise<FastifyReply> {
  const isWanted = wantedBy(reply.request)
  return await sendChunks(reply, await context.inTurn(async () => await chunksInSlices(textNow(), isWanted), isWanted))
}

/** Adds more to the text of an object: the pieces of its further parts. */
export function * withParts (object: Iterable<string>, parts: Iterable<string>): Iterable<string> {
  let held = ''
  for (const piece of object) {
    yield held
    held = piece
  }
  yield `${held.slice(0, -1)},`
  yield * parts
  yield '}'
}

/** Writes the part with requests. The text of each is made when it is asked for. */
export function * requestsPart (requests: readonly Entry[], textOf: (entry: Entry) => string): Iterable<string> {
  yield '"requests":['
  for (const [index, request] of requests.entries()) yield (index === 0 ? '' : ',') + textOf(request)
  yield ']'
}

/** Gives items, and closes what they come from once they are not asked for any more. */
function * closing<Item> (items: Iterable<Item>, close: () => void): Iterable<Item> {
  try {
    yield * items
  } finally {
    close()
  }
}
