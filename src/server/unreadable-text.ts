/** Parts of a request that could be read from its text. */
export interface ReadText {
  readonly method: string
  readonly url: string
  /** Names and values in turn. */
  readonly headers: readonly string[]
  /** Everything else. */
  readonly rest: string
}

/** Maximum number of characters that are shown. */
const MAX_SHOWN = 1024

const TOKEN = "[\\w!#$%&'*+.^`|~-]+"
const REQUEST_LINE = new RegExp(`^(${TOKEN}) ((?:/|https?://)[^\\s\\x00-\\x20\\x7f]*)(?: |$)`)
const HEADER = new RegExp(`^\\s*(${TOKEN})[ \\t]*:[ \\t]*(.*)`, 's')

/** Characters that are shown by their number. A line feed or a tab is only text. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\0-\x08\x0b-\x1f\x7f-\x9f]/g

/** Gives bytes as text; where they are not UTF-8, those beyond ASCII by their numbers. */
export function textOf (bytes: Buffer): string {
  const text = bytes.toString()
  return text.includes('\ufffd') ? bytes.toString('latin1').replace(/[\x80-\xff]/g, numbered) : text
}

/**
 * Reads the head of a request as far as it can be read, so that secrets in it are found by the names of their headers. Text that does not
 * begin with the request may begin amid a line, which is left out: without its beginning, nothing tells whether it holds a secret.
 */
export function readText (text: string, isBeginning: boolean): ReadText {
  const shown = text.slice(0, MAX_SHOWN)
  const [head = '', ...body] = shown.split('\r\n\r\n')
  const lines = head.split(/\r?\n/)
  if (!isBeginning) lines.shift()
  const [, method, url] = REQUEST_LINE.exec(lines[0] ?? '') ?? []
  if (method !== undefined) lines.shift()
  const headers: string[] = []
  const others: string[] = []
  for (const line of lines) {
    const [, name, value] = HEADER.exec(line) ?? []
    if (name === undefined) others.push(line)
    else headers.push(name, escaped(value!))
  }
  const rest = [others.join('\n'), ...body].filter(part => part !== '').join('\n\n')
  return { method: method ?? '', url: url ?? '', headers, rest: escaped(rest) + (text.length > MAX_SHOWN ? '…' : '') }
}

function escaped (text: string): string {
  return text.replaceAll('\r\n', '\n').replace(CONTROL, numbered)
}

function numbered (character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}
