import type { SweepReport, SweepResult } from '../contract/sweep-report.js'
import { escapedMarkup } from '../text/markup.js'
import { verdictText } from './report.js'

/** Writes a report in the JUnit format, as CI servers read it: a test case for each run, skipped if it was not reached. */
export function junitOf ({ command, results, counts, duration_ms: duration, started_at: startedAt }: SweepReport): string {
  const name = `picky-emulator sweep ${command?.join(' ') ?? ''}`.trim()
  const totals = `tests="${results.length}" failures="${counts.failure}" errors="0" skipped="${counts.none}" time="${secondsOf(duration)}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escapedMarkup(name)}" ${totals}>`,
    `  <testsuite name="${escapedMarkup(name)}" ${totals} timestamp="${startedAt.replace(/\.\d+Z$/, '')}">`,
    ...results.map(caseOf),
    '  </testsuite>',
    '</testsuites>',
    ''
  ].join('\n')
}

function caseOf (result: SweepResult): string {
  const { id, kind, mark, accepted, says, output, reproduce, duration_ms: duration } = result
  const head = `    <testcase classname="sweep.${kind}" name="${escapedMarkup(id)}" time="${secondsOf(duration)}"`
  const written = output === '' ? '' : `\n      <system-out>${escapedMarkup(output)}</system-out>`
  if (mark === 'none') return `${head}>\n      <skipped message="${escapedMarkup(says)}"/>${written}\n    </testcase>`
  if (mark === 'failure' && !accepted) {
    const text = [says, ...result.if.map(other => other.says), reproduce].filter(Boolean).join('\n')
    const failure = `<failure type="${result.verdict}" message="${escapedMarkup(verdictText(result))}">${escapedMarkup(text)}</failure>`
    return `${head}>\n      ${failure}${written}\n    </testcase>`
  }
  return written === '' ? `${head}/>` : `${head}>${written}\n    </testcase>`
}

function secondsOf (ms: number): string {
  return (ms / 1000).toFixed(3)
}
