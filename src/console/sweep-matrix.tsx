import { useMemo, useRef, useState } from 'preact/hooks'
import type { SweepReport, SweepResult } from '../contract/sweep-report.js'
import { callText, columnName, matrixOf, SIGNS, verdictText, type Matrix } from '../report/report.js'
import { shownText } from '../text/markup.js'
import { Foreign } from './foreign.js'
import { count } from './format.js'

/** Number of cells that are drawn at first, and with each step: as many as a page draws without a pause. */
const CELLS = 5000

/** Keys that lead to another cell, as steps down and to the right. */
const STEPS: Readonly<Record<string, readonly [down: number, right: number]>> = {
  ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]
}

type Row = Matrix['rows'][number]

/** Calls down, faults across. The whole table is one stop of the Tab key; the arrow keys lead from cell to cell. */
export function SweepMatrix ({ report, chosen, choose }: {
  readonly report: SweepReport
  readonly chosen: SweepResult | undefined
  readonly choose: (result: SweepResult) => void
}) {
  const [drawn, draw] = useState(CELLS)
  const { columns, rows } = useMemo(() => matrixOf(report, drawn), [report, drawn])
  const table = useRef<HTMLTableElement>(null)
  const [active, activate] = useState<readonly [row: number, column: number]>(() => firstCell(rows))
  if (columns.length === 0) return null
  const left = report.reference.calls.length - rows.length
  const move = (event: KeyboardEvent): void => {
    const next = STEPS[event.key] && cellFrom(rows, active, STEPS[event.key]!)
    if (next === undefined) return
    event.preventDefault()
    activate(next)
    table.current!.rows[next[0] + 1]!.cells[next[1] + 1]!.querySelector('button')!.focus()
  }
  return (
    <section aria-labelledby='faults-of-sweep'>
      <h2 id='faults-of-sweep'>Faults</h2>
      <p class='quiet'>Choose a cell to see what happened. The arrow keys lead from one to the next.</p>
      <div class='scroll'>
        <table class='matrix' role='grid' aria-labelledby='faults-of-sweep' ref={table} onKeyDown={move}>
          <thead><tr><th scope='col'>Call</th>{columns.map(name => <th scope='col' class='column' key={name}><span>{name}</span></th>)}</tr></thead>
          <tbody>
            {rows.map((row, index) => (
              <MatrixRow
                key={row.number} row={row}
                choose={column => {
                  activate([index, column])
                  choose(row.cells[column]!)
                }}
                active={active[0] === index ? active[1] : -1}
                chosen={chosen === undefined ? -1 : row.cells.indexOf(chosen)}
              />
            ))}
          </tbody>
        </table>
      </div>
      {left > 0 && <p class='buttons'><button type='button' onClick={() => draw(drawn + CELLS)}>Show more ({count(left, 'other call')} left)</button></p>}
    </section>
  )
}

/** A row, drawn again only if it changes: there may be hundreds. */
function MatrixRow ({ row, active, chosen, choose }: {
  readonly row: Row
  readonly active: number
  readonly chosen: number
  readonly choose: (column: number) => void
}) {
  const { number, call, cells } = row
  const chooser = useRef(choose)
  chooser.current = choose
  return useMemo(() => (
    <tr>
      <th scope='row'><span class='quiet'>{number}</span> <Foreign text={callText(call)} /></th>
      {cells.map((result, column) => result === undefined
        ? <td key={column} />
        : (
          <td key={column} class={result.mark} aria-selected={column === chosen}>
            <button
              type='button' tabIndex={column === active ? 0 : -1} onClick={() => chooser.current(column)}
              aria-label={nameOf(result)} title={nameOf(result)}
            >
              {SIGNS[result.mark]}
            </button>
          </td>
          ))}
    </tr>
  ), [row, active, chosen])
}

function nameOf (result: SweepResult): string {
  return shownText(`${verdictText(result)}: call ${result.call}, ${columnName(result)}`).slice(0, 500)
}

function firstCell (rows: readonly Row[]): [number, number] {
  const row = rows.findIndex(({ cells }) => cells.some(Boolean))
  return [row, row === -1 ? -1 : rows[row]!.cells.findIndex(Boolean)]
}

/** Gives the next cell in a direction that has a run. */
function cellFrom (rows: readonly Row[], from: readonly [number, number], [down, right]: readonly [number, number]): [number, number] | undefined {
  const cellAt = ([row, column]: readonly [number, number]): SweepResult | undefined => rows[row]!.cells[column]
  const isInside = ([row, column]: readonly [number, number]): boolean => row in rows && column in rows[row]!.cells
  let next: [number, number] = [from[0] + down, from[1] + right]
  while (isInside(next) && cellAt(next) === undefined) next = [next[0] + down, next[1] + right]
  return isInside(next) ? next : undefined
}
