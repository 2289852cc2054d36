const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#39;' }

/** Characters that no XML document may hold, even escaped. */
// eslint-disable-next-line no-control-regex
const NOT_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** Escapes text for HTML or XML, in an element or in a quoted attribute. */
export function escapedMarkup (text: string): string {
  return text.replace(NOT_XML, '\ufffd').replace(/[&<>"']/g, character => ENTITIES[character]!)
}
