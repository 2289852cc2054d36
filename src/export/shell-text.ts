import { NOT_PLAIN } from './javascript.js'

/** Part of a word of a shell: text, or a variable. */
export type WordPart = string | { readonly variable: string }

/** Writes a word for a POSIX shell: each text within quotes, where nothing has a meaning. */
export function shellWordOf (parts: readonly WordPart[]): string {
  const texts = parts.reduce<WordPart[]>((all, part) => {
    const last = all.at(-1)
    return typeof part === 'string' && typeof last === 'string' ? [...all.slice(0, -1), last + part] : [...all, part]
  }, [])
  return texts.map(part => typeof part === 'string' ? textOf(part) : `"$${part.variable}"`).join('') || '\'\''
}

/** Writes a text as a word. */
export function shellText (text: string): string {
  return /^[\w@%+:,./-]+$/.test(text) ? text : shellWordOf([text])
}

/** Characters that a terminal acts on are printed by their bytes: no other notation is in every shell. */
function textOf (text: string): string {
  return text.split(SPECIAL).map((part, index) => {
    if (part === '') return ''
    return index % 2 === 0 ? `'${part.replaceAll('\'', '\'\\\'\'')}'` : `"$(printf '${octal(part)}')"`
  }).join('')
}

/** Line breaks are left as they are: a substitution would lose those at its end. */
const SPECIAL = new RegExp(`((?:(?!\\n)(?:${NOT_PLAIN.source}))+)`)

function octal (text: string): string {
  return [...new TextEncoder().encode(text)].map(byte => `\\${byte.toString(8).padStart(3, '0')}`).join('')
}
