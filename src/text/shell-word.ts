/**
 * Size of an argument, in bytes, with which commands stay safely below what Linux takes: none of 128 KiB. What a shell itself prints is no
 * argument, and may be longer.
 */
export const LONG_ARGUMENT = 65_536

/** Characters that a terminal acts on while text is pasted, or that show it in another order. A line feed within quotes is only text. */
// eslint-disable-next-line no-control-regex
const ACTED_ON = /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/

const EACH_ACTED_ON = new RegExp(`${ACTED_ON.source}|[\\n'\\\\]`, 'g')

/** Tells whether a terminal acts on part of a text. Nothing that is quoted here does: such a text is from elsewhere. */
export function isActedOn (text: string): boolean {
  return ACTED_ON.test(text)
}

/** Quotes text for a shell; as `$'…'`, which bash, zsh and newer shells know, if a terminal would act on part of it. */
export function shellQuoted (text: string): string {
  return isActedOn(text) ? escapedWord(text) : `'${text.replaceAll('\'', '\'\\\'\'')}'`
}

const UTF_8 = new TextEncoder()

function escapedWord (text: string): string {
  return `$'${text.replace(EACH_ACTED_ON, escaped)}'`
}

function escaped (character: string): string {
  if (character === '\'' || character === '\\') return `\\${character}`
  // Some shells take any number of hexadecimal digits, and all take three octal ones.
  return [...UTF_8.encode(character)].map(byte => `\\${byte.toString(8).padStart(3, '0')}`).join('')
}

/** Writes a word of a command line, which stays one line: quoted only if it has to be, as zsh looks up a command behind a leading `=`. */
export function shellWord (word: string): string {
  if (/^(?!=)[\w@%+=:,./-]+$/.test(word)) return word
  return word.includes('\n') ? escapedWord(word) : shellQuoted(word)
}
