/** Where a value has lists that may be long: by the keys of an object, and for each item of a list. What has no shape is short. */
export type Shape = { readonly [key: string]: Shape } | readonly [Shape?]

/**
 * Writes a value as `JSON.stringify(value, null, space)` does, in pieces of which each is short, for texts that are too long to be written at
 * once. `shape` tells where to part it.
 */
export function * jsonPieces (value: unknown, shape: Shape | undefined, space = '', indent = ''): Iterable<string> {
  if (shape === undefined || typeof value !== 'object' || value === null) {
    yield JSON.stringify(value, null, space).replaceAll('\n', `\n${indent}`)
    return
  }
  const isList = isListShape(shape)
  const parts = isList ? (value as unknown[]).map((item): Part => ['', item, shape[0]]) : partsOf(value, shape, space === '' ? '' : ' ')
  const [open, close] = isList ? ['[', ']'] : ['{', '}']
  if (parts.length === 0) return yield open + close
  const inner = indent + space
  const line = space === '' ? '' : `\n${inner}`
  let before = open + line
  for (const [key, part, itsShape] of parts) {
    yield before + key
    yield * jsonPieces(part, itsShape, space, inner)
    before = `,${line}`
  }
  yield (space === '' ? '' : `\n${indent}`) + close
}

type Part = readonly [key: string, value: unknown, shape: Shape | undefined]

function partsOf (value: object, shape: Readonly<Record<string, Shape>>, gap: string): Part[] {
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .map(([key, inner]) => [`${JSON.stringify(key)}:${gap}`, inner, Object.hasOwn(shape, key) ? shape[key] : undefined])
}

/** Tells the shape of a list from that of an object. */
export function isListShape (shape: Shape): shape is readonly [Shape?] {
  return Array.isArray(shape)
}
