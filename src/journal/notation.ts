/** Opening quotation mark of a value: how it is written, and where it ends. */
export interface Quote {
  readonly end: number
  /** Closing mark; behind as many backslashes as the opening one, if it has any. */
  readonly close: string
  readonly backslashes: number
}

const OPENING = /(\\{0,8})(?:(["'`])|([“‘])|(%(?:25){0,4}2[27]|u002[27]|&(?:amp;){0,4}(?:quot|apos|#34|#39|#x22|#x27);))/iy

const CLOSING: Readonly<Record<string, string>> = { '“': '”', '‘': '’' }

/** Reads the quotation mark at an index, also an escaped one. */
export function openingQuote (text: string, index: number): Quote | undefined {
  OPENING.lastIndex = index
  const match = OPENING.exec(text)
  if (match === null) return undefined
  const [, backslashes, plain, typographic, escaped] = match
  const close = plain ?? (typographic === undefined ? `${backslashes}${escaped}` : CLOSING[typographic]!)
  return { end: OPENING.lastIndex, close, backslashes: plain === undefined ? 0 : backslashes!.length }
}

/**
 * Finds the end of a quoted value, where its closing mark begins; the end of the text if there is none. JSON within JSON has as
 * many backslashes before each of its marks, and others within its values. A doubled mark is part of the value, as in SQL, YAML and CSV.
 */
export function quotedEnd (text: string, { end, close, backslashes }: Quote): number {
  for (let at = text.indexOf(close, end); at !== -1; at = text.indexOf(close, at + 1)) {
    if (close.length > 1) return at
    const before = backslashesBefore(text, at, end)
    if (before % (2 * (backslashes + 1)) !== backslashes) continue
    if (backslashes > 0 || text.charAt(at + 1) !== close) return at - backslashes
    at++
  }
  return text.length
}

function backslashesBefore (text: string, index: number, from: number): number {
  let at = index
  while (at > from && text.charAt(at - 1) === '\\') at--
  return index - at
}

/** Finds the end of a list or an object that begins at an index; the end of the text if it is cut off. */
export function balancedEnd (text: string, index: number): number {
  let level = 0
  for (let at = index; at < text.length; at++) {
    switch (text.charAt(at)) {
      case '[': case '{':
        level++
        break
      case ']': case '}':
        if (--level === 0) return at + 1
        break
      case '"': case '\'': {
        const backslashes = backslashesBefore(text, at, index)
        at = quotedEnd(text, { end: at + 1, close: text.charAt(at), backslashes }) + backslashes
      }
    }
  }
  return text.length
}

/** Finds the end of the lines from an index on that belong to the key before it as in YAML: they are further in, or are a list. */
export function blockEnd (text: string, key: number, index: number): number {
  const margin = text.slice(text.lastIndexOf('\n', key) + 1, key)
  const indent = /^[\s-]*/.exec(margin)![0].length
  let end = index
  for (let line = text.lastIndexOf('\n', index - 1) + 1; line < text.length;) {
    const next = text.indexOf('\n', line)
    const lineEnd = next === -1 ? text.length : next
    LEADING.lastIndex = line
    const [leading] = LEADING.exec(text)!
    const isBlank = line + leading.length >= lineEnd
    if (!isBlank && leading.length <= indent && !(leading.length === indent && text.startsWith('- ', line + leading.length))) break
    if (!isBlank) end = lineEnd
    line = lineEnd + 1
  }
  return end
}

const LEADING = /[^\S\n]*/y
