/** Text in which the escapes of JSON, URLs and XML are decoded, at whatever depth, and the zero bytes of UTF-16 left out. */
export interface Unescaped {
  readonly plain: string
  /** Gives the index in the text as it was of an index in the plain one. */
  readonly origin: (index: number) => number
}

const ESCAPE = /\\{1,8}u([0-9a-f]{4})|%(?:25){0,4}([0-7][0-9a-f])|&(?:amp;){0,4}(?:#x([0-9a-f]{1,4})|#(\d{1,5})|(quot|apos|lt|gt));|\0+/gi

const ENTITIES: Readonly<Record<string, string>> = { quot: '"', apos: "'", lt: '<', gt: '>' }

/** Decodes escapes, so that a name or a secret is found however it is written. */
export function unescape (text: string): Unescaped {
  if (!/[\\%&\0]/.test(text)) return { plain: text, origin: index => index }
  const pieces: string[] = []
  const origins = new Uint32Array(text.length + 1)
  let length = 0
  let at = 0
  const keep = (end: number): void => {
    pieces.push(text.slice(at, end))
    while (at < end) origins[length++] = at++
  }
  for (const { 0: escape, 1: unicode, 2: percent, 3: hex, 4: decimal, 5: entity, index } of text.matchAll(ESCAPE)) {
    keep(index)
    const character = decoded(unicode ?? percent ?? hex, decimal, entity)
    pieces.push(character)
    if (character !== '') origins[length++] = at
    at = index + escape.length
  }
  keep(text.length)
  origins[length] = text.length
  return { plain: pieces.join(''), origin: index => origins[index]! }
}

function decoded (hex: string | undefined, decimal: string | undefined, entity: string | undefined): string {
  if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16))
  if (decimal !== undefined) return String.fromCharCode(Number(decimal))
  return entity === undefined ? '' : ENTITIES[entity.toLowerCase()]!
}
