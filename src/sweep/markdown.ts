import type { SweepReport, SweepResult } from '../contract/sweep-report.js'
import { columnName, SIGNS, summaryText, verdictText } from './report.js'
import { callText } from './sentence.js'

/** Writes a report as Markdown, for a summary of a CI job: what failed first, then the matrix. */
export function markdownOf (report: SweepReport): string {
  const { results, reference, command } = report
  const faults = results.filter(({ kind }) => kind === 'fault')
  const columns = [...new Set(faults.map(columnName))]
  const byPlace = new Map(faults.map(result => [`${result.call} ${columnName(result)}`, result]))
  const rows = reference.calls.map((call, index) =>
    row([`${index + 1} ${callText(call)}`, ...columns.map(name => signOf(byPlace.get(`${index + 1} ${name}`)))]))
  const others = results.filter(({ kind }) => kind !== 'fault')
  return [
    `# Sweep${command === null ? '' : ` of ${code(command.join(' '))}`}`,
    '',
    escaped(summaryText(report)),
    ...results.filter(({ mark }) => mark === 'failure' || mark === 'warning').flatMap(failureOf),
    ...columns.length === 0 ? [] : ['', '## Faults', '', row(['call', ...columns]), row(['---', ...columns.map(() => ':-:')]), ...rows],
    ...others.length === 0
      ? []
      : ['', '## Questions, dialects and instants', '', row(['run', 'verdict']), row(['---', '---']),
          ...others.map(result => row([escaped(result.id), `${signOf(result)} ${escaped(verdictText(result))}`]))],
    ''
  ].join('\n')
}

function failureOf (result: SweepResult): string[] {
  const { mark, accepted, says, reproduce } = result
  return [
    '',
    `- ${SIGNS[mark]} **${escaped(verdictText(result))}**${accepted ? ' (accepted)' : ''}: ${escaped(says)}`,
    ...result.if.map(other => `  - if ${escaped(`${other.name}=${other.choice}`)}: ${escaped(other.says)}`),
    ...reproduce === null ? [] : [`  - ${code(reproduce)}`]
  ]
}

function signOf (result: SweepResult | undefined): string {
  return result === undefined ? ' ' : SIGNS[result.mark]
}

function row (cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

/** Escapes what Markdown, or HTML in it, would act on, and keeps a text on one line. */
function escaped (text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>#|~!&]/g, '\\$&')
}

/** Writes code between more backticks than it has in a row. */
function code (text: string): string {
  const line = text.replace(/\s+/g, ' ')
  const fence = '`'.repeat(1 + Math.max(0, ...[...line.matchAll(/`+/g)].map(([ticks]) => ticks.length)))
  return `${fence} ${line} ${fence}`
}
