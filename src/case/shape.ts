import { ACCOUNT_SHAPE, SCENARIO_SHAPE } from '../scenario/shape.js'
import { isListShape, type Shape } from '../text/json-pieces.js'
import { inSlices, mapInSlices, type IsWanted } from '../time-slices.js'

/** Lists of what a case begins with. */
export const START_SHAPE = { scenario: SCENARIO_SHAPE, reset_to: SCENARIO_SHAPE, initial: [ACCOUNT_SHAPE] } as const

/** Lists of what a case ends with. */
export const END_SHAPE = { scenario: SCENARIO_SHAPE } as const

/** Lists of a case. Those within a step are parted there. */
export const CASE_SHAPE = { start: START_SHAPE, timeline: [], end: END_SHAPE } as const satisfies Shape

/** Lists of the body of a call that brings accounts, by its path. */
export const BODY_SHAPES: ReadonlyMap<string, Shape> = new Map<string, Shape>([['/state', SCENARIO_SHAPE], ['/accounts', [ACCOUNT_SHAPE]]])

/** Maps all that is in a value, in slices, without changing its shape. An object that is no list is mapped key by key. */
export async function mapInShape<T> (value: T, shape: Shape | undefined, map: <Inner>(value: Inner) => Inner, isWanted?: IsWanted): Promise<T> {
  if (shape === undefined || typeof value !== 'object' || value === null || Array.isArray(value) !== isListShape(shape)) return map(value)
  if (isListShape(shape)) {
    const [each] = shape
    if (each === undefined) return await mapInSlices(value as unknown[], map, isWanted) as T
    const items: unknown[] = []
    for await (const item of inSlices(value as unknown[])) items.push(await mapInShape(item, each, map, isWanted))
    return items as T
  }
  const mapped: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) {
    const itsShape = Object.hasOwn(shape, key) ? shape[key] : undefined
    Object.assign(mapped, itsShape === undefined ? map({ [key]: inner }) : { [key]: await mapInShape<unknown>(inner, itsShape, map, isWanted) })
  }
  return mapped as T
}
