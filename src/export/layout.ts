/** Piece of a program: text, several pieces in a row, or a group that stands in a line if it fits, and else has a line for each item. */
export type Piece = string | Group | readonly Piece[]

export interface Group {
  readonly open: string
  readonly items: readonly Piece[]
  readonly close: string
  /** Space inside of the brackets when it stands in one line. */
  readonly pad: string
}

/** Makes a list of items between brackets. */
export function group (open: string, items: readonly Piece[], close: string, pad = ''): Group {
  return { open, items, close, pad: items.length === 0 ? '' : pad }
}

/** How a program is laid out. */
export interface Style {
  readonly width: number
  readonly indent: string
}

/** Lays a piece out, from a level of indentation on. */
export function laidOut (piece: Piece, style: Style, level = 0): string {
  const margin = style.indent.repeat(level)
  return margin + written(piece, margin.length, margin.length, style)
}

function written (piece: Piece, column: number, margin: number, style: Style): string {
  if (typeof piece === 'string') return piece
  if (isRow(piece)) {
    return piece.reduce<string>((text, part) => {
      const last = text.lastIndexOf('\n')
      return text + written(part, last === -1 ? column + text.length : text.length - last - 1, margin, style)
    }, '')
  }
  const line = inLine(piece)
  // A bracket or a comma may follow.
  if (column + line.length + 1 <= style.width) return line
  const last = piece.items.at(-1)!
  const head = piece.open + piece.items.slice(0, -1).map(item => `${inLine(item)}, `).join('')
  const opens = bracketOf(last)
  // What comes last may open its lines where the others end, as people write calls.
  if (opens !== undefined && piece.pad === '' && piece.open.endsWith('(') && column + head.length + opens.length <= style.width) {
    return head + written(last, style.width, margin, style) + piece.close
  }
  const inner = margin + style.indent.length
  const lines = piece.items.map(item => ' '.repeat(inner) + written(item, inner, inner, style))
  return `${piece.open}\n${lines.join(',\n')}\n${' '.repeat(margin)}${piece.close}`
}

function isRow (piece: Piece): piece is readonly Piece[] {
  return Array.isArray(piece)
}

function inLine (piece: Piece): string {
  if (typeof piece === 'string') return piece
  if (isRow(piece)) return piece.map(inLine).join('')
  const { open, items, close, pad } = piece
  return open + pad + items.map(inLine).join(', ') + pad + close
}

/** What a group with items opens with. */
function bracketOf (piece: Piece): string | undefined {
  return typeof piece === 'object' && !isRow(piece) && piece.items.length > 0 ? piece.open : undefined
}
