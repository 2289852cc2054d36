import { extname } from 'node:path'
import type { SweepReport } from '../contract/sweep-report.js'
import { checkOutputFile, writeOutputFile } from '../output-file.js'
import { inFile, readJsonFile } from '../scenario/file.js'
import { collectIssues } from '../scenario/issues.js'
import { pageOf } from './html.js'
import { junitOf } from './junit.js'
import { markdownOf } from './markdown.js'
import { SweepReportSchema } from './report-schema.js'

const WRITERS: Readonly<Record<string, (report: SweepReport) => string | Buffer>> = {
  '.json': jsonOf,
  '.xml': junitOf,
  '.html': pageOf,
  '.md': markdownOf
}

/** Endings of files that a report can be written to. */
export const REPORT_ENDINGS: readonly string[] = Object.keys(WRITERS)

/** Checks, before a long sweep, that reports can be written to files, and makes the folders for them. Throws a `Problem` if not. */
export function checkReportFiles (files: readonly string[]): void {
  for (const file of files) checkOutputFile(file, '--report')
}

/** Writes a report to files, each in the format of its ending: a file is complete or not there. */
export function writeReports (files: readonly string[], report: SweepReport): void {
  for (const file of files) writeOutputFile(file, '--report', WRITERS[extname(file)]!(report))
}

/** Writes a report as JSON, result by result: the outputs of ten thousand runs are longer than a string can be. */
function jsonOf (report: SweepReport): Buffer {
  const { results } = report
  const [head, tail] = JSON.stringify({ ...report, results: [] }, null, 2).split('"results": []') as [string, string]
  const parts = results.map((result, index) => `${index === 0 ? '\n' : ',\n'}${JSON.stringify(result, null, 2).replace(/^/gm, '    ')}`)
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
    return report
  })
}
