/** Text in which the escapes of JSON, URLs and XML are decoded, at whatever depth, and the zero bytes of UTF-16 left out. */
export interface Unescaped {
  readonly plain: string
  /** Gives the index in the text as it was of an index in the plain one. */
  readonly origin: (index: number) => number
}

/** Bytes of UTF-8 that make up a character beyond ASCII, in a URL or in a string of a program. */
const BEYOND_ASCII = '(?:%(?:25){0,4}|\\\\{1,8}x)[c-f][0-9a-f](?:(?:%(?:25){0,4}|\\\\{1,8}x)[89ab][0-9a-f]){1,3}'

/**
 * Escapes. Where many hexadecimal digits follow `\x`, as PostgreSQL writes bytes, all of them are encoded. HTML needs no semicolon behind
 * a number.
 */
const ESCAPE = new RegExp(`(${BEYOND_ASCII})|` +
  /\\{1,8}(?:u([0-9a-f]{4})|u\{([0-9a-f]{1,6})\}|x([0-9a-f]{2})(?![0-9a-f]{14}))|%(?:25){0,4}([0-7][0-9a-f])/.source +
  /|&(?:amp;){0,4}(?:#x([0-9a-f]{1,8});?|#(\d{1,8});?|(quot|apos|lt|gt|amp);)|\0+/.source, 'gi')

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

/** Decodes the escapes of what stands between the quotation marks of a JSON string; what is none stays as it is. */
export function unescapeJson (text: string): Unescaped {
  return decodedEach(text, JSON_ESCAPE, ([, hex, letter = '']) => hex === undefined ? CONTROLS[letter] ?? letter : String.fromCharCode(parseInt(hex, 16)))
}

const JSON_ESCAPE = /\\(?:u([\da-fA-F]{4})|(["\\/bfnrt]))/g

const CONTROLS: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

function unescapeOnce (text: string): Unescaped {
  return decodedEach(text, ESCAPE, ([, beyond, unicode, point, byte, percent, hex, decimal, entity]) =>
    beyond === undefined ? decoded(unicode ?? point ?? byte ?? percent ?? hex, decimal, entity) : decodedBytes(beyond))
}

function decodedEach (text: string, escapes: RegExp, decode: (match: RegExpExecArray) => string): Unescaped {
  const pieces: string[] = []
  const origins = new Uint32Array(text.length + 1)
  let length = 0
  let at = 0
  const keep = (end: number): void => {
    pieces.push(text.slice(at, end))
    while (at < end) origins[length++] = at++
  }
  for (const match of text.matchAll(escapes)) {
    keep(match.index)
    const character = decode(match)
    pieces.push(character)
    for (let unit = 0; unit < character.length; unit++) origins[length++] = at
    at = match.index + match[0].length
  }
  keep(text.length)
  origins[length] = text.length
  return { plain: pieces.join(''), origin: index => origins[index]! }
}

function decoded (hex: string | undefined, decimal: string | undefined, entity: string | undefined): string {
  if (hex !== undefined) return characterOf(parseInt(hex, 16))
  if (decimal !== undefined) return characterOf(Number(decimal))
  return entity === undefined ? '' : ENTITIES[entity.toLowerCase()]!
}

function decodedBytes (escapes: string): string {
  return Buffer.from(escapes.match(/[0-9a-f]{2}(?=[%\\]|$)/gi)!.join(''), 'hex').toString()
}

function characterOf (code: number): string {
  return code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code)
}
