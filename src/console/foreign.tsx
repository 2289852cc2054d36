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

/** Most characters beyond ASCII in a run without blanks that is laid out in one piece. People write fewer; a body that is no text may be one run. */
const MAX_RUN = 2048
const RUN = /[^ \n]+/g
const ASCII = /[\0-\x7f]+/g
const PIECE = /.{1,2048}/gsu

/**
 * Lays out text of any length. For a long run of some scripts, and of letters with marks, also with digits among them, a browser's time grows
 * with the square of its length: it would stand still for minutes.
 */
export function laidOut (text: string): ComponentChildren {
  const pieces: ComponentChildren[] = []
  let at = 0
  for (const { 0: run, index } of text.matchAll(RUN)) {
    if (run.length <= MAX_RUN || run.replaceAll(ASCII, '').length <= MAX_RUN) continue
    pieces.push(text.slice(at, index), ...run.match(PIECE)!.map((piece, nth) => <span class='piece' key={`${index} ${nth}`}>{piece}</span>))
    at = index + run.length
  }
  return at === 0 ? text : [...pieces, text.slice(at)]
}
