import { NOT_PLAIN, unicodeEscape } from './javascript.js'
import { group, laidOut, type Piece } from './layout.js'
import { Reference, type Term } from './terms.js'

/** Writes a text as JSON in ASCII as far as it matters, and without what editors and Postman take for a variable, `{{name}}`. */
export function jsonText (text: string): string {
  return JSON.stringify(text).replace(NOT_PLAIN, unicodeEscape)
    .replaceAll('{{', '\\u007b\\u007b').replaceAll('}}', '\\u007d\\u007d')
}

/** Writes a JSON text in one line of ASCII that has no variables in it, with its numbers and keys as they are; any other text as it is. */
export function plainJson (text: string): string {
  try {
    JSON.parse(text)
  } catch {
    return text
  }
  // What is no ASCII and two braces in a row are only in strings; line breaks are only between values.
  return text.trim().replace(/[\t\r\n]+/g, ' ').replace(/[^\x20-\x7e]/g, unicodeEscape).replaceAll('{{', '\\u007b\\u007b')
}

/** Writes JSON for people to read; `spelled` writes a reference, as a whole value. */
export function jsonValue (term: Term, spelled: (reference: Reference) => string): string {
  return laidOut(pieceOf(term, spelled), { width: 100, indent: '  ' })
}

function pieceOf (term: Term, spelled: (reference: Reference) => string): Piece {
  if (term instanceof Reference) return spelled(term)
  if (typeof term === 'string') return jsonText(term)
  if (typeof term !== 'object' || term === null) return JSON.stringify(term)
  if (Array.isArray(term)) return group('[', term.map(item => pieceOf(item as Term, spelled)), ']')
  return group('{', Object.entries(term).map(([key, item]) => [`${jsonText(key)}: `, pieceOf(item, spelled)]), '}', ' ')
}

/** Writes JSON in one line, with the values that the case has for references. */
export function jsonLine (term: Term): string {
  if (term instanceof Reference) return jsonLine(term.literal)
  if (typeof term === 'string') return jsonText(term)
  if (typeof term !== 'object' || term === null) return JSON.stringify(term)
  if (Array.isArray(term)) return `[${term.map(item => jsonLine(item as Term)).join(',')}]`
  return `{${Object.entries(term).map(([key, item]) => `${jsonText(key)}:${jsonLine(item)}`).join(',')}}`
}
