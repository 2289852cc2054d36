import { unescape } from './unescape.js'

/** Word that may be a text in base64 or in hexadecimal digits. */
export interface EncodedWord {
  readonly word: string
  readonly start: number
  readonly end: number
}

/**
 * Words long enough for a secret. Neither `+`, `/`, `-` nor `_` belong to them: base64 writes these only for `?`, `>`, `~` and for what is
 * beyond ASCII, which hardly any token has, whereas they often separate words.
 */
const WORD = /(?<![A-Za-z\d])[A-Za-z\d]{11,}={0,2}/g

/** Hexadecimal digits within a word, as `0x` or other letters may stand in front of them. */
const HEX = /(?<![\da-f])[\da-f]{16,}/gi

/** Six characters of ASCII in base64, as there are in any text that holds a secret: one bit of each byte is 0. Few other words have them. */
const BASE64 = /(?:[A-Za-f][A-HQ-Xg-nw-z0-3][ABEFIJMNQRUVYZcdghklopstwx014589][A-Za-z\d]){2}/

/** Number of digits of base64 that make up whole bytes. */
const BASE64_CYCLE = 4

/** Finds the words of a text that may be encoded, in order. */
export function encodedWords (text: string): Iterable<EncodedWord> {
  // Hardly any text has one, and this tells so in a tenth of the time.
  return BASE64.test(text) || text.search(HEX) !== -1 ? wordsOf(text) : []
}

function * wordsOf (text: string): Iterable<EncodedWord> {
  for (const { 0: word, index } of text.matchAll(WORD)) yield { word, start: index, end: index + word.length }
}

/** Decodes a word from each of the places where its first byte may begin, as something else may stand in front. */
export function * decodings (word: string): Iterable<string> {
  for (const [digits] of word.matchAll(HEX)) for (const at of [0, 1]) yield decoded(digits.slice(at), 'hex')
  if (BASE64.test(word)) for (let at = 0; at < BASE64_CYCLE; at++) yield decoded(word.slice(at), 'base64')
}

function decoded (word: string, encoding: 'hex' | 'base64'): string {
  return unescape(Buffer.from(word, encoding).toString()).plain
}
