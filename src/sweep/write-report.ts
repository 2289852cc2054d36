import { extname, join } from 'node:path'
import type { SweepReport } from '../contract/sweep-report.js'
import type { FileOptions } from '../disk.js'
import { checkOtherFile, checkOutputFile, writeOutputFile, type UsedFile } from '../output-file.js'
import { inFile, readJsonFile } from '../scenario/file.js'
import { collectIssues } from '../scenario/issues.js'
import { caseFileOf } from './case-file.js'
import { pageOf } from './html.js'
import { junitOf } from './junit.js'
import { markdownOf } from './markdown.js'
import { refuseHugeMatrix } from './merge.js'
import { SweepReportSchema } from './report-schema.js'

const WRITERS: Readonly<Record<string, (report: SweepReport) => string | Buffer>> = {
  '.json': jsonOf,
  '.xml': junitOf,
  '.html': pageOf,
  '.md': markdownOf
}

/** Endings of files that a report can be written to. */
export const REPORT_ENDINGS: readonly string[] = Object.keys(WRITERS)

/**
 * Checks, before a long sweep, that reports can be written to files, none of which is one that the sweep uses, and makes the folders for
 * them. Throws a `Problem` if not.
 */
export function checkReportFiles (files: readonly string[], used: readonly UsedFile[], options?: DraftOptions): void {
  for (const file of files) {
    checkOtherFile(file, '--report', used)
    checkOutputFile(file, '--report', options)
  }
}

/**
 * Writes a report to files, each in the format of its ending: a file is complete or not there. One that can't be written does not keep
 * the others from being written; the first such is the `Problem` that is thrown.
 */
export function writeReports (files: readonly string[], report: SweepReport, options?: DraftOptions): void {
  const problems: Error[] = []
  for (const file of files) {
    const contents = WRITERS[extname(file)]!(report)
    try {
      writeOutputFile(file, '--report', contents, options)
    } catch (problem) {
      problems.push(problem as Error)
    }
  }
  const [first] = problems
  if (first !== undefined) throw first
}

/** Checks, before a long sweep, that the cases of failures can be kept in a folder, and makes it. Throws a `Problem` if not. */
export function checkSaveFolder (folder: string, options?: DraftOptions): void {
  checkOutputFile(join(folder, 'case.json'), '--save-dir', options)
}

/** Checks, before the runs, that no case of theirs would replace a file that the sweep uses. Throws a `Problem` if one would. */
export function checkCaseFiles (folder: string, runs: readonly string[], used: readonly UsedFile[]): void {
  for (const id of runs) checkOtherFile(join(folder, caseFileOf(id)), '--save-dir', used)
}

/** Keeps the case of a run. Throws a `Problem` if it can't be written. */
export function saveCase (folder: string, file: string, text: Buffer, options?: DraftOptions): void {
  writeOutputFile(join(folder, file), '--save-dir', text, options)
}

type DraftOptions = Pick<FileOptions, 'onDraft'>

/** Writes a report as JSON, result by result: the outputs of ten thousand runs are longer than a string can be. */
function jsonOf (report: SweepReport): Buffer {
  const { results } = report
  const [head, tail] = JSON.stringify({ ...report, results: [] }, null, 2).split('"results": []') as [string, string]
  const parts = results.map((result, index) => `${index === 0 ? '' : ','}${`\n${JSON.stringify(result, null, 2)}`.replaceAll('\n', '\n    ')}`)
  const texts = [head, '"results": [', ...parts, results.length === 0 ? ']' : '\n  ]', tail, '\n']
  return Buffer.concat(texts.map(text => Buffer.from(text)))
}

/** Reads a JSON report. Throws a `Problem` that names the file, the place in it, and what would be right there. */
export function readReport (file: string): SweepReport {
  return inFile(readJsonFile(file), value => {
    const issues = collectIssues('the report')
    const report = issues.check(SweepReportSchema, value)
    const { length } = report.reference.calls
    report.results.forEach(({ call }, index) => {
      if (call !== null && call > length) issues.at('results', index, 'call').add(call, `a number of the ${length} calls of the reference`)
    })
    issues.throwIfAny()
    refuseHugeMatrix(report, 'the report')
    return report
  })
}
