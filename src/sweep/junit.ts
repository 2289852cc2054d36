import type { SweepReport, SweepResult } from '../contract/sweep-report.js'
import { outputsOf, verdictText } from '../report/report.js'
import { junitText, type JunitCase } from '../text/junit.js'

/** Writes a report in the JUnit format: a test case for each run, skipped if it was not reached. */
export function junitOf (report: SweepReport): string {
  const { command, results, duration_ms: durationMs, started_at: startedAt } = report
  const outputOf = outputsOf(report)
  return junitText({
    name: `picky-emulator sweep ${command?.join(' ') ?? ''}`.trim(),
    startedAt,
    durationMs,
    cases: results.map(result => caseOf(result, outputOf(result)))
  })
}

function caseOf (result: SweepResult, output: string): JunitCase {
  const { id, kind, mark, accepted, says, duration_ms: durationMs } = result
  return {
    classname: `sweep.${kind}`,
    name: id,
    durationMs,
    ...mark === 'none' && { skipped: says },
    ...mark === 'failure' && !accepted && { failure: { type: result.verdict, message: verdictText(result), text: textOf(result) } },
    output
  }
}

function textOf ({ says, reproduce, if: others }: SweepResult): string {
  const ofOthers = others.flatMap(other => [`if ${other.name}=${other.choice}: ${other.says}`, other.reproduce])
  return [says, reproduce, ...ofOthers].filter(part => part !== null).join('\n')
}
