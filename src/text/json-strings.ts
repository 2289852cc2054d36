/** Gives the place of the quotation mark that ends a string; the end of the text if none does. */
export function endOfString (text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const letter = text.charCodeAt(at)
    if (letter === 0x22) return at
    if (letter === 0x5c) at++
  }
  return text.length
}

/** What JSON has behind a string, also where the comma is missing. */
const AFTER_STRING = /\s*(?:[,:\]}]|(?<=\s)"|$)/y

/** What JSON has between two strings. */
const BETWEEN_STRINGS = /[^\s{}[\],:\d.Eaeflnrstu+-]/

/**
 * Lists the strings of a JSON text, keys too, in order: where the text of each begins, and its closing quotation mark. Of what is no JSON there
 * are none, and none from where it is none.
 */
export function * stringsIn (text: string): Iterable<{ readonly start: number, readonly end: number }> {
  if (!/^\s*["[{]/.test(text)) return
  for (let at = 0; at < text.length; at++) {
    const letter = text.charAt(at)
    if (letter === '"') {
      const end = endOfString(text, at)
      AFTER_STRING.lastIndex = end + 1
      if (!AFTER_STRING.test(text)) return
      yield { start: at + 1, end }
      at = end
    } else if (BETWEEN_STRINGS.test(letter)) {
      return
    }
  }
}

/** Maximum length of a string, or of blanks between two words, of a text that is visited. */
const MAX_VISITED = 1024

/** Text that is shorter than what it stands for. */
interface Squeezed {
  readonly squeezed: string
  /** Counts the characters that are missing between two places of what is left. */
  readonly leftOut: (start: number, end: number) => number
  /** Gives the part of a path that one of what is left stands for. */
  readonly original: (segment: string | number) => string | number
}

/**
 * Shortens what the visitor would put together character by character, with 30 times as much memory: blanks, and strings for their escapes.
 * In place of equal strings there are equal ones, and in place of one that is none, another with the same flaw.
 */
export function squeeze (text: string): Squeezed {
  const pieces: string[] = []
  const gaps: Array<{ readonly offset: number, readonly size: number }> = []
  const shortOf = new Map<string, string>()
  const longOf = new Map<string | number, string>()
  let [from, length] = [0, 0]
  const replace = (start: number, end: number, by: string): void => {
    pieces.push(text.slice(from, start), by)
    length += start - from + by.length
    gaps.push({ offset: length, size: end - start - by.length })
    from = end
  }
  for (let at = 0; at < text.length; at++) {
    const start = at
    if (text.charCodeAt(at) === 0x22) {
      at = endOfString(text, at)
      if (at - start > MAX_VISITED) replace(start, Math.min(at + 1, text.length), shortened(text.slice(start, at + 1)))
    } else if (isBlank(text, at)) {
      while (isBlank(text, at + 1)) at++
      if (at - start >= MAX_VISITED) replace(start, at + 1, ' ')
    }
  }
  return {
    squeezed: pieces.join('') + text.slice(from),
    leftOut: (start, end) => gaps.reduce((sum, { offset, size }) => offset > start && offset <= end ? sum + size : sum, 0),
    original: segment => longOf.get(segment) ?? segment
  }

  function shortened (literal: string): string {
    let long: string
    try {
      long = JSON.parse(literal)
    } catch {
      return flawed(literal)
    }
    // It may be equal to one that is short as it is written.
    if (long.length < MAX_VISITED) return JSON.stringify(long)
    const short = shortOf.get(long) ?? String(shortOf.size).padStart(MAX_VISITED + 1)
    shortOf.set(long, short)
    longOf.set(short, long)
    return `"${short}"`
  }
}

/** Escapes, right or wrong, and characters that must be escaped. */
// eslint-disable-next-line no-control-regex
const SPECIAL = /\\u[\da-f]{4}|\\[^]|[\0-\x1f]/gi

/** Gives a short string with the flaw of a long one that the visitor tells: the last, unless a line ends before. */
function flawed (literal: string): string {
  let short = '"'
  for (const [part] of literal.matchAll(SPECIAL)) {
    if (part === '\n' || part === '\r') return '"\n'
    if (!part.startsWith('\\')) short = '"\t"'
    else if (part === '\\u') short = '"\\u"'
    else if (!/^\\(?:["/\\bfnrt]|u.)/.test(part)) short = '"\\-"'
  }
  return literal.endsWith('"') ? short : '"'
}

function isBlank (text: string, at: number): boolean {
  const letter = text.charCodeAt(at)
  return letter === 0x20 || letter === 0x09
}
