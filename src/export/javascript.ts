import { group, type Piece } from './layout.js'
import { camelCase, Reference, type Term } from './terms.js'

/** Characters that end a literal, that a terminal acts on, or that show text in another order; and halves of characters. */
// eslint-disable-next-line no-control-regex
export const NOT_PLAIN = /[\0-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Writes text as a literal that JavaScript and Python read alike. */
export function quoted (text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&').replace(NOT_PLAIN, character => SHORT[character] ?? unicodeEscape(character))}'`
}

/** Writes a character by its number, as JavaScript, Python and JSON do. */
export function unicodeEscape (character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Names that an object's literal takes for something else, or that are no names. */
function keyOf (key: string): string {
  if (key === '__proto__') return '[\'__proto__\']'
  return IDENTIFIER.test(key) ? key : quoted(key)
}

const IDENTIFIER = /^[a-zA-Z_$][\w$]*$/

/** Writes a value; `spelled` writes a reference. */
export function scriptValue (term: Term, spelled: (reference: Reference) => string = spelledWith('')): Piece {
  if (term instanceof Reference) return spelled(term)
  if (typeof term === 'string') return quoted(term)
  if (typeof term !== 'object' || term === null) return JSON.stringify(term)
  if (Array.isArray(term)) return group('[', term.map(item => scriptValue(item as Term, spelled)), ']')
  return group('{', Object.entries(term).map(([key, item]) => [`${keyOf(key)}: `, scriptValue(item, spelled)]), '}', ' ')
}

/** Writes a reference with the words of the library; `answer` is the variable that holds the answer which is compared. */
export function spelledWith (answer: string): (reference: Reference) => string {
  return ({ to, words, path }) => {
    const name = camelCase(words)
    if (to === 'token') return `${name}.token`
    return to === 'answer' ? answer + placeText(['body', ...path]) : name
  }
}

/** Writes the way to a part of a value: `.body.api_token[0]`. */
export function placeText (path: ReadonlyArray<string | number>): string {
  return path.map(step => {
    if (typeof step === 'number') return `[${step}]`
    return IDENTIFIER.test(step) ? `.${step}` : `[${quoted(step)}]`
  }).join('')
}
