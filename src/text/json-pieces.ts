/** Where a value has lists that may be long: by the keys of an object, and for each item of a list. What has no shape is short. */
export type Shape = { readonly [key: string]: Shape } | readonly [Shape?]

/**
 * Writes a value as `JSON.stringify(value, null, space)` does, in pieces of which each is short, for texts that are too long to be written at
 * once. `shape` tells where to part it; `map` changes each part before it is written, that of an object with its key. A list that has a
 * shape may be any iterable: its items are asked for when they are written.
 */
export function * jsonPieces (value: unknown, shape: Shape | undefined, space = '', map = unchanged, indent = ''): Iterable<string> {
  if (shape === undefined || typeof value !== 'object' || value === null || isIterable(value) !== isListShape(shape)) {
    yield JSON.stringify(map(value), null, space).replaceAll('\n', `\n${indent}`)
    return
  }
  const isList = isListShape(shape)
  const parts = isList ? itemsOf(value as Iterable<unknown>, shape[0]) : partsOf(value, shape, space === '' ? '' : ' ', map)
  const [open, close] = isList ? ['[', ']'] : ['{', '}']
  const inner = indent + space
  const line = space === '' ? '' : `\n${inner}`
  let before = open
  for (const [key, part, itsShape] of parts) {
    yield before + line + key
    yield * jsonPieces(part, itsShape, space, isList || itsShape !== undefined ? map : unchanged, inner)
    before = ','
  }
  yield before === open ? open + close : (space === '' ? '' : `\n${indent}`) + close
}

type Part = readonly [key: string, value: unknown, shape: Shape | undefined]

function unchanged <T> (value: T): T { return value }

function isIterable (value: object): value is Iterable<unknown> {
  return Symbol.iterator in value
}

function * itemsOf (items: Iterable<unknown>, shape: Shape | undefined): Iterable<Part> {
  for (const item of items) yield ['', item, shape]
}

function partsOf (value: object, shape: Readonly<Record<string, Shape>>, gap: string, map: typeof unchanged): Part[] {
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .map(([key, inner]) => {
      const name = `${JSON.stringify(key)}:${gap}`
      return Object.hasOwn(shape, key) ? [name, inner, shape[key]] : [name, map({ [key]: inner })[key], undefined]
    })
}

/** Tells the shape of a list from that of an object. */
export function isListShape (shape: Shape): shape is readonly [Shape?] {
  return Array.isArray(shape)
}
