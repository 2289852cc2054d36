/** Characters that a terminal acts on while text is pasted, or that show it in another order. A line feed within quotes is only text. */
// eslint-disable-next-line no-control-regex
const ACTED_ON = /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/

const EACH_ACTED_ON = new RegExp(`${ACTED_ON.source}|[\\n'\\\\]`, 'g')

/** Quotes text for a shell; as `$'…'`, which bash, zsh and newer shells know, if a terminal would act on part of it. */
export function shellQuoted (text: string): string {
  return ACTED_ON.test(text) ? `$'${text.replace(EACH_ACTED_ON, escaped)}'` : `'${text.replaceAll('\'', '\'\\\'\'')}'`
}

function escaped (character: string): string {
  if (character === '\'' || character === '\\') return `\\${character}`
  return [...new TextEncoder().encode(character)].map(byte => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
}

/** Writes a word of a command line: quoted only if it has to be. */
export function shellWord (word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : shellQuoted(word)
}
