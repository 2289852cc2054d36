import type { SweepReport, SweepResult } from '../contract/sweep-report.js'
import { escapedMarkup } from '../text/markup.js'
import { outputsOf, verdictText } from '../report/report.js'

/** Writes a report in the JUnit format, as CI servers read it: a test case for each run, skipped if it was not reached. */
export function junitOf (report: SweepReport): string {
  const { command, results, counts, duration_ms: duration, started_at: startedAt } = report
  const name = escapedMarkup(`picky-emulator sweep ${command?.join(' ') ?? ''}`.trim())
  const totals = `tests="${results.length}" failures="${counts.failure}" errors="0" time="${secondsOf(duration)}"`
  const timestamp = escapedMarkup(startedAt.replace(/\.\d+Z$/, ''))
  const outputOf = outputsOf(report)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${name}" ${totals}>`,
    `  <testsuite name="${name}" ${totals} skipped="${counts.none}" timestamp="${timestamp}">`,
    ...results.map(result => caseOf(result, outputOf(result))),
    '  </testsuite>',
    '</testsuites>',
    ''
  ].join('\n')
}

function caseOf (result: SweepResult, output: string): string {
  const { id, kind, mark, accepted, says, reproduce, duration_ms: duration } = result
  const head = `    <testcase classname="sweep.${kind}" name="${escapedMarkup(id)}" time="${secondsOf(duration)}"`
  const written = output === '' ? '' : `\n      <system-out>${escapedMarkup(output)}</system-out>`
  if (mark === 'none') return `${head}>\n      <skipped message="${escapedMarkup(says)}"/>${written}\n    </testcase>`
  if (mark === 'failure' && !accepted) {
    const others = result.if.flatMap(other => [`if ${other.name}=${other.choice}: ${other.says}`, other.reproduce])
    const text = [says, reproduce, ...others].filter(part => part !== null).join('\n')
    const failure = `<failure type="${result.verdict}" message="${escapedMarkup(verdictText(result))}">${escapedMarkup(text)}</failure>`
    return `${head}>\n      ${failure}${written}\n    </testcase>`
  }
  return written === '' ? `${head}/>` : `${head}>${written}\n    </testcase>`
}

function secondsOf (ms: number): string {
  return (ms / 1000).toFixed(3)
}
