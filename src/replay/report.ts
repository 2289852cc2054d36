import { extname } from 'node:path'
import type { Case } from '../contract/case.js'
import type { Difference, Replay } from '../contract/replay.js'
import { writeOutputFile } from '../output-file.js'
import { junitText, type JunitCase } from '../text/junit.js'
import { isRequest, MAX_DIFFERENCES } from './compare.js'
import { callText, differenceText, stepText } from './words.js'

/** A replay that was made, and what a report says of it besides its outcome. */
export interface Replayed {
  /** Name of the case's file. */
  readonly file: string
  readonly saved: Case
  readonly replay: Replay
  /** Instant of its start, in ISO 8601. */
  readonly startedAt: string
  readonly durationMs: number
}

const WRITERS: Readonly<Record<string, (replayed: Replayed) => string>> = {
  '.json': ({ replay }) => `${JSON.stringify(replay, null, 2)}\n`,
  '.xml': junitOf
}

/** Endings of files that the report of a replay can be written to. */
export const REPLAY_REPORT_ENDINGS: readonly string[] = Object.keys(WRITERS)

/** Writes the report of a replay to files, each in the format of its ending: a file is complete or not there. */
export function writeReplayReports (files: readonly string[], replayed: Replayed): void {
  for (const file of files) writeOutputFile(file, '--report', WRITERS[extname(file)]!(replayed))
}

/** Writes a replay in the JUnit format: a test case for each request and for the end, and for any other step that differs. */
function junitOf ({ file, saved, replay, startedAt, durationMs }: Replayed): string {
  const { differences } = replay
  const steps = saved.timeline.flatMap((step, index): JunitCase[] => {
    const found = differences.filter(difference => difference.step === index)
    if (!isRequest(step)) return found.length === 0 ? [] : [caseOf(`${index + 1} ${stepText(step)}`, found)]
    const name = `${index + 1} ${callText(step)}`
    return [step.sendable ? caseOf(name, found, untold(index)) : { classname: CLASS, name, skipped: 'it could not be sent again, for lack of the body' }]
  })
  const end = caseOf('the world at the end', differences.filter(({ step }) => step === null), untold(Infinity))
  return junitText({ name: `picky-emulator replay ${file}`, startedAt, durationMs, cases: [...steps, end] })

  /** Says why nothing is known of a step: no more than the first differences are listed. */
  function untold (index: number): string | undefined {
    const last = differences.length < MAX_DIFFERENCES ? Infinity : differences.at(-1)!.step ?? Infinity
    return index > last ? `only the first ${MAX_DIFFERENCES} differences are listed, which come before it` : undefined
  }
}

const CLASS = 'replay'

function caseOf (name: string, found: readonly Difference[], skipped?: string): JunitCase {
  const lines = found.map(differenceText)
  return {
    classname: CLASS,
    name,
    ...lines.length > 0 && { failure: { type: 'different', message: lines[0]!, text: lines.join('\n') } },
    ...lines.length === 0 && skipped !== undefined && { skipped }
  }
}
