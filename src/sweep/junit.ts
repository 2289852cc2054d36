import type { SweepReport, SweepResult } from '../contract/sweep-report.js'
import { outputsOf, verdictText } from '../report/report.js'
import { counted } from '../text/counted.js'
import { junitText, type JunitCase } from '../text/junit.js'

/**
 * Writes a report in the JUnit format: a test case for each run, skipped if it was not reached; and an error if some are missing, as a CI server
 * shows nothing else of a sweep that was interrupted, or merged without a shard.
 */
export function junitOf (report: SweepReport): string {
  const { command, results, duration_ms: durationMs, started_at: startedAt, complete, planned } = report
  const outputOf = outputsOf(report)
  return junitText({
    name: `picky-emulator sweep ${command?.join(' ') ?? ''}`.trim(),
    startedAt,
    durationMs,
    cases: [...results.map(result => caseOf(result, outputOf(result))), ...complete ? [] : [missing(planned - results.length, planned)]]
  })
}

function missing (count: number, planned: number): JunitCase {
  return { classname: 'sweep', name: 'all runs', error: { type: 'incomplete', message: `${count} of ${counted(planned, 'run')} ${count === 1 ? 'is' : 'are'} missing` } }
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
