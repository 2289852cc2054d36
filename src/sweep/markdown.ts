import type { SweepReport, SweepResult } from '../contract/sweep-report.js'
import {
  callText, columnName, findingLine, findingsOf, matrixOf, notesOf, SIGNS, summaryText, verdictText, wholeRuns, type Finding
} from '../report/report.js'

/** Writes a report as Markdown, for a summary of a CI job: what costs money first, then the matrix. */
export function markdownOf (report: SweepReport): string {
  const { columns, rows } = matrixOf(report)
  const others = wholeRuns(report)
  return [
    `# Sweep${report.command === null ? '' : ` of ${code(report.command.join(' '))}`}`,
    '',
    escaped(summaryText(report)),
    ...notesOf(report).flatMap(({ heading, lines }) => ['', heading, '', ...lines.map(text => `- ${escaped(text)}`)]),
    ...findingsOf(report).flatMap(findingOf),
    ...columns.length === 0
      ? []
      : ['', '## Faults', '', row(['call', ...columns.map(escaped)]), row(['---', ...columns.map(() => ':-:')]),
          ...rows.map(({ number, call, cells }) => row([`${number} ${escaped(callText(call))}`, ...cells.map(signOf)]))],
    ...others.length === 0
      ? []
      : ['', '## Questions, dialects and instants', '', row(['run', 'verdict']), row(['---', '---']),
          ...others.map(result => row([escaped(result.id), `${signOf(result)} ${escaped(verdictText(result))}`]))],
    ''
  ].join('\n')
}

function findingOf ([first, ...others]: Finding): string[] {
  const { mark, accepted, says } = first
  return [
    '',
    `- ${SIGNS[mark]} **${escaped(verdictText(first))}**${accepted ? ' (accepted)' : ''}: ${escaped(says)}`,
    ...lineOf(findingLine(first)),
    ...first.if.flatMap(other => [
      `  - If ${escaped(`${other.name}=${other.choice}`)}, which the vendor's documentation leaves open: ${escaped(other.says)}`,
      ...lineOf(other.reproduce)
    ]),
    ...others.length === 0 ? [] : [`  - The same with ${others.map(other => escaped(columnName(other))).join(', ')}`]
  ]
}

function lineOf (line: string | null): string[] {
  return line === null ? [] : [`  - ${code(line)}`]
}

function signOf (result: SweepResult | undefined): string {
  return result === undefined ? ' ' : SIGNS[result.mark]
}

function row (cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

/** Characters that no text shows: those that only a terminal or a layout acts on. */
// eslint-disable-next-line no-control-regex
const NOT_SHOWN = /[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+/g

/** Escapes what Markdown, or HTML in it, would act on, links and formulas included, and keeps a text on one line. */
function escaped (text: string): string {
  return inLine(text).replace(/[\\`*_{}[\]<>#|~!&$@:]|(?<=www)\./gi, '\\$&')
}

/** Writes code between more backticks than it has in a row. */
function code (text: string): string {
  // Spaces count, unlike in a sentence.
  const line = text.replace(NOT_SHOWN, ' ')
  const fence = '`'.repeat(1 + Math.max(0, ...[...line.matchAll(/`+/g)].map(([ticks]) => ticks.length)))
  return `${fence} ${line} ${fence}`
}

function inLine (text: string): string {
  return text.replace(NOT_SHOWN, ' ').replace(/\s+/g, ' ')
}
