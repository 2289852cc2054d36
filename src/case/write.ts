import type { Case } from '../contract/case.js'
import { jsonPieces } from '../text/json-pieces.js'
import { mapInSlices } from '../time-slices.js'
import { CASE_SHAPE } from './shape.js'

/** Writes a case as a file, piece by piece: all of a long timeline may be longer than a text can be, and would keep everyone else waiting. */
export async function caseText (saved: Case): Promise<Buffer> {
  const pieces = await mapInSlices(jsonPieces(saved, CASE_SHAPE, '  '), piece => Buffer.from(piece))
  return Buffer.concat([...pieces, Buffer.from('\n')])
}
