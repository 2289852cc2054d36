import { Value } from '@sinclair/typebox/value'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, extname } from 'node:path'
import type { SweepReport } from '../contract/sweep-report.js'
import { Problem } from '../problem.js'
import { pageOf } from './html.js'
import { junitOf } from './junit.js'
import { markdownOf } from './markdown.js'
import { SweepReportSchema } from './report-schema.js'

const WRITERS = {
  '.json': (report: SweepReport) => `${JSON.stringify(report, null, 2)}\n`,
  '.xml': junitOf,
  '.html': pageOf,
  '.md': markdownOf
}

export type ReportEnding = keyof typeof WRITERS

/** Endings of files that a report can be written to. */
export const REPORT_ENDINGS = Object.keys(WRITERS) as ReportEnding[]

/** Writes a report to files, each in the format of its ending: beside them first, so that a file is complete or not there. */
export function writeReports (files: readonly string[], report: SweepReport): void {
  for (const file of files) {
    const draft = `${file}.${process.pid}.tmp`
    try {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(draft, WRITERS[extname(file) as ReportEnding](report))
      renameSync(draft, file)
    } catch (error) {
      rmSync(draft, { force: true })
      throw new Problem(`--report is wrong: ${file} can't be written (${(error as NodeJS.ErrnoException).code})`)
    }
  }
}

/** Reads a JSON report. */
export function readReport (file: string): SweepReport {
  let report: unknown
  try {
    report = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new Problem(`${file} can't be read as a report: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`)
  }
  if (Value.Check(SweepReportSchema, report)) return report
  const { path, message } = Value.Errors(SweepReportSchema, report).First()!
  throw new Problem(`${file} is no report of sweep: ${path === '' ? 'it' : path} is wrong (${message.toLowerCase()})`)
}
