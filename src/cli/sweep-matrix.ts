import type { SweepReport, SweepResult } from '../contract/sweep-report.js'
import {
  callText, columnName, findingLine, findingsOf, matrixOf, notesOf, SIGNS, summaryText, verdictText, wholeRuns, type Finding, type Matrix
} from '../report/report.js'
import { counted } from '../text/counted.js'
import { printable } from './output.js'

/** Bounds of a call's name, in characters: cut off to keep the matrix in one piece, but never beyond recognition. */
const MIN_LABEL = 24
const MAX_LABEL = 60

/** Number of calls that are all shown. Of more, only those are that say more than ✓. */
const MAX_CALLS = 30

/** Where a matrix is printed. */
export interface Terminal {
  /** Width; 120 if left out, or 0, as of a terminal that nobody looks at. */
  readonly columns?: number
  /** Whether it shows colours, by what is known of it and of NO_COLOR. */
  readonly hasColors?: () => boolean
}

/** Writes the matrix of a report: calls down, faults across; then what was varied for the run as a whole. */
export function matrixText (report: SweepReport, terminal: Terminal = {}): string {
  const width = terminal.columns || 120
  const colour = terminal.hasColors?.() === true ? coloured : plain
  const others = wholeRuns(report).map(result => `${signOf(result, colour)} ${line(`${result.id}  ${verdictText(result)}`)}`)
  return [
    ...blocksOf(matrixOf(report), width, colour),
    ...others.length > 0 ? [others.join('\n')] : [],
    line(summaryText(report)),
    ...notesOf(report).map(({ heading, lines }) => [heading, ...lines.map(text => `    ${line(text)}`)].join('\n'))
  ].join('\n\n')
}

function blocksOf ({ columns, rows }: Matrix, width: number, colour: Colour): string[] {
  if (columns.length === 0) return []
  const shown = rows.length <= MAX_CALLS ? rows : rows.filter(({ cells }) => cells.some(result => result?.mark !== 'pass'))
  const names = columns.map(line)
  const longest = Math.max(MIN_LABEL, ...names.map(name => name.length))
  const room = Math.min(MAX_LABEL, Math.max(longest, width - 2 - 2 * names.length))
  const labels = shown.map(({ number, call }) => shortened(line(`${number} ${callText(call)}`), room))
  const label = Math.max(longest, ...labels.map(text => text.length))
  const perBlock = Math.max(1, Math.floor((width - label - 2) / 2))
  const left = rows.length - shown.length
  const blocks: string[] = []
  for (let start = 0; start < names.length; start += perBlock) {
    blocks.push([
      ...headOf(names.slice(start, start + perBlock), label),
      ...shown.map(({ cells }, index) =>
        `${labels[index]!.padEnd(label)} ${cells.slice(start, start + perBlock).map(result => signOf(result, colour)).join(' ')}`.trimEnd()),
      ...left === 0 ? [] : [`${counted(left, shown.length === 0 ? 'call' : 'other call')}: ${SIGNS.pass} under every fault`]
    ].join('\n'))
  }
  return blocks
}

/** Writes names of columns as stairs that lead down to them from the left, so that no name reaches beyond the matrix. */
function headOf (names: readonly string[], label: number): string[] {
  return names.map((name, index) => `${name.padStart(label + 2 * index)} ┐${' │'.repeat(names.length - 1 - index)}`).reverse()
}

/** Writes a sentence for each finding, with the command line that shows it again; then why runs did not reach what they were made for. */
export function sentences (report: SweepReport): string {
  return [...findingsOf(report).map(findingText), ...notReached(report)].join('')
}

/** Says once for each call, and each reason, that runs did not reach it. */
function notReached ({ results }: SweepReport): string[] {
  const groups = new Map<string, SweepResult[]>()
  for (const result of results.filter(({ mark }) => mark === 'none')) {
    const key = result.fault === null ? result.id : result.says
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [result])
    else group.push(result)
  }
  return [...groups.values()].map(group => {
    const names = group.map(result => result.fault === null ? result.id : columnName(result))
    return `\n${[`${SIGNS.none} not-reached`, group[0]!.says, `under ${names.join(', ')}`].map(line).join('\n    ')}\n`
  })
}

function findingText ([first, ...others]: Finding): string {
  const { mark, accepted, says, if: ifs } = first
  const lines = [
    `${SIGNS[mark]} ${verdictText(first)}${accepted ? ' (accepted)' : ''}`,
    says,
    findingLine(first),
    ...ifs.flatMap(other => [`if ${other.name}=${other.choice}, which the vendor's documentation leaves open: ${other.says}`, other.reproduce]),
    others.length === 0 ? null : `the same with ${others.map(columnName).join(', ')}`
  ]
  return `\n${lines.filter(text => text !== null).map(line).join('\n    ')}\n`
}

type Colour = (mark: SweepResult['mark'], text: string) => string

const COLOURS = { pass: 32, warning: 33, failure: 31, none: 2 } as const

const coloured: Colour = (mark, text) => `\u001b[${COLOURS[mark]}m${text}\u001b[0m`
const plain: Colour = (_mark, text) => text

function signOf (result: SweepResult | undefined, colour: Colour): string {
  return result === undefined ? ' ' : colour(result.mark, SIGNS[result.mark])
}

function shortened (label: string, room: number): string {
  return label.length <= room ? label : `${label.slice(0, room - 1)}…`
}

/** Makes one line of a text that may come from a report somebody else wrote. */
function line (text: string): string {
  return printable(text.replace(/\n/g, '\\n'))
}
