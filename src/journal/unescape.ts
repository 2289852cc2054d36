/** Text in which the escapes of JSON, URLs and XML are decoded, at whatever depth, and the zero bytes of UTF-16 left out. */
export interface Unescaped {
  readonly plain: string
  /** Gives the index in the text as it was of an index in the plain one. */
  readonly origin: (index: number) => number
}

/** Escapes. Where many hexadecimal digits follow `\x`, as PostgreSQL writes bytes, all of them are encoded. */
const ESCAPE = /\\{1,8}(?:u([0-9a-f]{4})|x([0-9a-f]{2})(?![0-9a-f]{14}))|%(?:25){0,4}([0-7][0-9a-f])|&(?:amp;){0,4}(?:#x([0-9a-f]{1,8})|#(\d{1,8})|(quot|apos|lt|gt|amp));|\0+/gi

const ENTITIES: Readonly<Record<string, string>> = { quot: '"', apos: "'", lt: '<', gt: '>', amp: '&' }

/** Maximum number of times that a text is decoded, as one kind of escape may be written in another, such as `%5Cu0041`. */
const MAX_ROUNDS = 4

/** Decodes escapes, so that a name or a secret is found however it is written. */
export function unescape (text: string): Unescaped {
  let unescaped: Unescaped = { plain: text, origin: index => index }
  for (let round = 0; round < MAX_ROUNDS && /[\\%&\0]/.test(unescaped.plain); round++) {
    const { plain, origin } = unescaped
    const next = unescapeOnce(plain)
    if (next.plain.length === plain.length) break
    unescaped = { plain: next.plain, origin: index => origin(next.origin(index)) }
  }
  return unescaped
}

function unescapeOnce (text: string): Unescaped {
  const pieces: string[] = []
  const origins = new Uint32Array(text.length + 1)
  let length = 0
  let at = 0
  const keep = (end: number): void => {
    pieces.push(text.slice(at, end))
    while (at < end) origins[length++] = at++
  }
  for (const { 0: escape, 1: unicode, 2: byte, 3: percent, 4: hex, 5: decimal, 6: entity, index } of text.matchAll(ESCAPE)) {
    keep(index)
    const character = decoded(unicode ?? byte ?? percent ?? hex, decimal, entity)
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
