import { endOfString } from './json-strings.js'

/** Length, in characters, of what is parsed without a break, unless a single string is longer. */
const PART = 16_384

/** Parses text that `JSON.stringify` has written, without white space, and pauses after each part of it. */
export function * parsingJson (text: string): Generator<void, unknown, void> {
  if (text.length <= PART || !/^[[{]/.test(text)) return JSON.parse(text)
  return (yield * parsingAt(text, 0)).value
}

/** Parses the list or object that begins at a place, and tells where it ends. */
function * parsingAt (text: string, start: number): Generator<void, { readonly value: object, readonly end: number }, void> {
  const [open, close] = text[start] === '[' ? '[]' : '{}'
  const value: object = open === '[' ? [] : {}
  let at = start + 1
  for (;;) {
    const part = partAt(text, at)
    if (part === undefined) {
      const [key, first] = open === '{' ? keyAt(text, at) : [(value as unknown[]).length, at]
      const inner = yield * parsingAt(text, first)
      Object.assign(value, { [key]: inner.value })
      at = inner.end
    } else {
      const found = JSON.parse(open + text.slice(at, part) + close) as object
      if (Array.isArray(value)) for (const item of found as unknown[]) value.push(item)
      else Object.assign(value, found)
      at = part
    }
    if (text[at++] === close) return { value, end: at }
    yield
  }
}

/** Gives the end of as many whole members as a part has, a comma or the bracket behind them; `undefined` if the first is too long. */
function partAt (text: string, start: number): number | undefined {
  let level = 0
  let end: number | undefined
  for (let at = start; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // a quotation mark
        at = endOfString(text, at)
        break
      case 0x5b: case 0x7b: // [ and {
        level++
        break
      case 0x5d: case 0x7d: // ] and }
        if (level-- === 0) return at
        break
      case 0x2c: // a comma
        if (level === 0) end = at
    }
    if (at - start > PART && (level > 0 || end !== undefined)) return end
  }
  return undefined
}

/** Reads the key of a member, and tells where its value begins. */
function keyAt (text: string, start: number): [key: string, first: number] {
  const end = endOfString(text, start) + 1
  return [JSON.parse(text.slice(start, end)) as string, end + 1]
}
