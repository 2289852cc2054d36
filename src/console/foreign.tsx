import type { ComponentChildren } from 'preact'
import { shownText } from '../text/markup.js'

/** Characters of a text from a file that are shown in a line, and in a block of its own. */
const MAX_LINE = 2000
const MAX_BLOCK = 100_000

/** Text from a file, which somebody else may have written: in whatever direction, of whatever length. */
export function Foreign ({ text }: { readonly text: string }) {
  return <bdi class='name'>{excerpt(text)}</bdi>
}

/** Shows as much of a text as fits in a line. */
export function excerpt (text: string, max = MAX_LINE): string {
  return text.length <= max ? shownText(text) : `${shownText(text.slice(0, max))}…`
}

/** Shows as much of a text as fits in a block. */
export function blockOf (text: string): string {
  return excerpt(text, MAX_BLOCK)
}

/** Shows as much of the end of a text as fits in a block. */
export function endOf (text: string): string {
  return blockOf(text.slice(-MAX_BLOCK))
}

/** A run beyond ASCII that is longer than what people write, such as a body that is no text. */
const RUN = /([^\0-\x7f]{2048})/u

/** Lays out text of any length. A browser takes time with the square of the length for a run of some scripts, and would stand still for minutes. */
export function laidOut (text: string): ComponentChildren {
  const pieces = text.split(RUN)
  return pieces.length === 1 ? text : pieces.map((piece, index) => index % 2 === 0 ? piece : <span class='piece' key={index}>{piece}</span>)
}
