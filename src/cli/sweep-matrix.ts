import type { SweepReport, SweepResult } from '../contract/sweep-report.js'
import { columnName, SIGNS, summaryText, verdictText } from '../sweep/report.js'
import { callText } from '../sweep/sentence.js'
import { printable } from './output.js'

/** Maximum length of a call's name, in characters. */
const MAX_LABEL = 60

/** Writes the matrix of a report: calls down, faults across; then what was varied for the run as a whole. */
export function matrixText (report: SweepReport, { isTTY = false, columns = 120 }: { readonly isTTY?: boolean, readonly columns?: number } = {}): string {
  const faults = report.results.filter(({ kind }) => kind === 'fault')
  const whole = report.results.filter(({ kind }) => kind !== 'fault')
  const colour = isTTY ? coloured : plain
  const columnsOf = [...new Set(faults.map(columnName))]
  const labels = report.reference.calls.map((call, index) => shortened(`${index + 1} ${callText(call)}`))
  const width = Math.max(0, ...labels.map(label => label.length))
  const perBlock = Math.max(1, Math.floor((columns - width - 1) / 3))
  const byPlace = new Map(faults.map(result => [`${result.call} ${columnName(result)}`, result]))
  const blocks: string[] = []
  for (let start = 0; start < columnsOf.length; start += perBlock) {
    const block = columnsOf.slice(start, start + perBlock)
    const head = block.map((name, index) => `${' '.repeat(width + 2)}${block.slice(0, index).map(() => '│  ').join('')}${name}`)
    const rows = labels.map((label, index) =>
      `${label.padEnd(width)}  ${block.map(name => signOf(byPlace.get(`${index + 1} ${name}`), colour)).join('  ')}`)
    blocks.push([...head, ...rows].join('\n'))
  }
  const others = whole.map(result => `${signOf(result, colour)} ${result.id}  ${result.verdict}`)
  return [...blocks, ...others.length > 0 ? [others.join('\n')] : [], summaryText(report)].join('\n\n')
}

/**
 * Writes a sentence for each failure, then for each warning, with the command line that shows it again; then why runs did not reach what
 * they were made for. Those that are alike are said once.
 */
export function sentences ({ results }: SweepReport): string {
  const groups = new Map<string, SweepResult[]>()
  const marked = (wanted: SweepResult['mark']): SweepResult[] => results.filter(({ mark }) => mark === wanted)
  for (const result of [...marked('failure'), ...marked('warning'), ...marked('none')]) {
    const key = keyOf(result)
    groups.set(key, [...groups.get(key) ?? [], result])
  }
  return [...groups.values()].map(groupText).join('')
}

function keyOf (result: SweepResult): string {
  // Behind the last colon is why.
  if (result.mark === 'none') return `${result.call} ${result.says.split(': ').at(-1)}`
  return result.fault === null ? result.id : `${result.call} ${verdictText(result)} ${result.charged}`
}

function groupText ([first, ...others]: SweepResult[]): string {
  const { mark, accepted, says, reproduce, if: ifs } = first!
  const lines = [
    `${SIGNS[mark]} ${verdictText(first!)}${accepted ? ' (accepted)' : ''}`,
    `    ${says}`,
    ...ifs.map(other => `    if ${other.name}=${other.choice}, which the vendor's documentation leaves open: ${other.says}`),
    ...others.length === 0 ? [] : [`    the same with ${others.map(other => other.fault === null ? other.id : columnName(other)).join(', ')}`],
    ...mark === 'none' ? [] : [...new Set([reproduce, ...ifs.map(other => other.reproduce)])].filter(line => line !== null).map(line => `    ${line}`)
  ]
  return `\n${lines.map(printable).join('\n')}\n`
}

type Colour = (mark: SweepResult['mark'], text: string) => string

const COLOURS = { pass: 32, warning: 33, failure: 31, none: 2 } as const

const coloured: Colour = (mark, text) => `\u001b[${COLOURS[mark]}m${text}\u001b[0m`
const plain: Colour = (_mark, text) => text

function signOf (result: SweepResult | undefined, colour: Colour): string {
  return result === undefined ? ' ' : colour(result.mark, SIGNS[result.mark])
}

function shortened (label: string): string {
  return label.length <= MAX_LABEL ? label : `${label.slice(0, MAX_LABEL - 1)}…`
}
