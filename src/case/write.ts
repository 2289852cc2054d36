import type { Case } from '../contract/case.js'
import { mapInSlices } from '../time-slices.js'

/** Writes a case as JSON, step by step: all of a long timeline may be longer than a text can be, and would keep everyone else waiting. */
export async function caseText (saved: Case): Promise<Buffer> {
  const [head, tail] = JSON.stringify({ ...saved, timeline: [] }, null, 2).split('"timeline": []') as [string, string]
  const steps = await mapInSlices(saved.timeline, step => Buffer.from(`\n    ${JSON.stringify(step, null, 2).replaceAll('\n', '\n    ')}`))
  const parts = steps.flatMap((step, index) => index === 0 ? [step] : [Buffer.from(','), step])
  return Buffer.concat([Buffer.from(`${head}"timeline": [`), ...parts, Buffer.from(`${steps.length === 0 ? '' : '\n  '}]${tail}\n`)])
}
