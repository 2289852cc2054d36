import { isSecretName } from '../api/secret-fields.js'
import type { Span } from './secret-finder.js'
import type { Unescaped } from './unescape.js'

/** Finds the cells of the columns of a table (CSV) whose heads name a secret field. */
export function secretCells ({ plain, origin }: Unescaped): Span[] {
  if (!plain.includes('\n')) return []
  const [, head = '', delimiter = ','] = /^([^\n\r,;|\t]{1,60}(?:([,;|\t])[^\n\r]{0,2000})?)\r?\n/.exec(plain) ?? []
  const names = head.split(delimiter).map(name => /^["'\s\uFFFD\uFEFF]*([\w.-]{1,60})["'\s]*$/.exec(name)?.[1])
  if (!names.every(name => name !== undefined) || !names.some(isSecretName)) return []
  const cell = new RegExp(`("(?:[^"]|"")*"?|[^${delimiter}\\r\\n"][^${delimiter}\\r\\n]*|)(${delimiter === '|' ? '\\|' : delimiter}|\\r?\\n|[^]|$)`, 'y')
  const spans: Span[] = []
  cell.lastIndex = head.length
  for (let column = 0; cell.lastIndex < plain.length;) {
    const at = cell.lastIndex
    const [, value = '', end = ''] = cell.exec(plain)!
    if (value !== '' && isSecretName(names[column] ?? '')) spans.push({ start: origin(at), end: origin(at + value.length) })
    column = end.endsWith('\n') ? 0 : end === delimiter ? column + 1 : column
  }
  return spans
}
