import type { SweepReport } from '../contract/sweep-report.js'
import { readSweepReport, REPORT_FORMAT, REPORT_VERSION } from '../report/read.js'
import { shownText } from '../text/markup.js'

/** File that the console can open, by its kind; or why it can't. */
export type OpenedFile =
  | { readonly kind: 'scenario', readonly text: string }
  | { readonly kind: 'case', readonly text: string, readonly value: unknown }
  | { readonly kind: 'sweep-report', readonly report: SweepReport }
  | { readonly kind: 'none', readonly detail: string, readonly advice: string }

/** Maximum size of a file, in bytes: as of those that the command reads. Of a world, the control API takes less, and says so. */
export const MAX_FILE_SIZE = 128 * 1_048_576

/** Tells what kind of file it is by what is in it, as its name may be anything. A scenario or a case is checked by the emulator itself. */
export function openedFile (fileName: string, content: ArrayBuffer | Uint8Array<ArrayBuffer>): OpenedFile {
  const name = shownText(fileName)
  let text: string
  try {
    // Not the file's own text(): in place of what is not UTF-8 it has other characters, and the world would be loaded with other names.
    text = new TextDecoder('utf-8', { fatal: true }).decode(content)
  } catch {
    return notOpened(`${name} is not UTF-8`, 'Save it as UTF-8, and open it again.')
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const advice = /^\s*[<#]/.test(text) ? 'Of the reports of a sweep, the one that ends in .json can be opened here.' : undefined
    return notOpened(`${name} is not JSON: ${shownText((error as Error).message)}`, advice)
  }
  if (Object.hasOwn(Object(value) as object, 'case')) return { kind: 'case', text, value }
  const { format, version } = Object(value) as { readonly format?: unknown, readonly version?: unknown }
  if (format === undefined) return { kind: 'scenario', text }
  if (format !== REPORT_FORMAT) {
    return notOpened(`${name} is neither a scenario, nor a case, nor the report of a sweep: found the format ${excerpt(format)}, expected ${REPORT_FORMAT} or none`)
  }
  if (Number.isInteger(version) && (version as number) > REPORT_VERSION) {
    return notOpened(`${name} is of version ${excerpt(version)}, which only a newer emulator reads; this one reads version ${REPORT_VERSION}`)
  }
  const read = readSweepReport(value)
  if ('report' in read) return { kind: 'sweep-report', report: read.report }
  const { pointer, found, expected } = read.issue
  return notOpened(`${name} is wrong at ${pointer}: found ${shownText(found)}, expected ${expected}`)
}

/** Says why a file can't be opened, and what to do next. */
export function notOpened (detail: string, advice = 'Nothing was changed.'): OpenedFile {
  return { kind: 'none', detail, advice }
}

function excerpt (value: unknown): string {
  if (typeof value === 'object') return 'of another type'
  return shownText(JSON.stringify(value).slice(0, 60))
}
