const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#39;' }

/** Colours and cursor movements of a terminal, which mean nothing in a document. */
// eslint-disable-next-line no-control-regex
const TERMINAL_SEQUENCE = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]{0,4096}(?:\u0007|\u001b\\))/g

/** Characters that no XML document may hold, even escaped, or that show text in another order. */
// eslint-disable-next-line no-control-regex
const NOT_SHOWN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** Shows text from anywhere as a reader of a document can take it in: what no reader would see is written as `\u202e`. */
export function shownText (text: string): string {
  return text.replace(TERMINAL_SEQUENCE, '')
    .replace(NOT_SHOWN, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Escapes text for HTML or XML, in an element or in a quoted attribute, as `shownText` shows it. */
export function escapedMarkup (text: string): string {
  return shownText(text).replace(/[&<>"']/g, character => ENTITIES[character]!)
}
