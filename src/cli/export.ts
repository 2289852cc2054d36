import { readCase } from '../case/read.js'
import { exportCase, FORMATS, type Format } from '../export/export.js'
import { checkOtherFile, writeOutputFile } from '../output-file.js'
import { Problem } from '../problem.js'
import { inFile, readJsonFile } from '../scenario/file.js'
import { suggestion } from './arguments.js'
import { complain } from './output.js'

/** Writes a case as a file for other tools, to standard output or to a file. */
export async function exportTest (operands: readonly string[], flags: Readonly<Record<string, string | undefined>>): Promise<number> {
  const [path, ...more] = operands
  if (path === undefined || more.length > 0) throw new Problem('export takes one file: picky-emulator export CASE --as FORMAT')
  const format = formatIn(flags.as)
  const whole = inFile(readJsonFile(path), readCase)
  if (whole.incomplete !== null && format !== 'har') throw new Problem(`${path} can't be exported as a test: ${whole.incomplete}`)
  const given = flags.from === undefined ? whole : await (await import('../server/replay.js')).cut(whole, flags.from)
  const { text } = exportCase(given, format)
  if (flags.output === undefined) {
    // As it is: a program is to read it, and each format escapes what a terminal would act on.
    process.stdout.write(text)
    return 0
  }
  checkOtherFile(flags.output, '--output', [{ file: path, what: 'the case' }])
  writeOutputFile(flags.output, '--output', text)
  complain(`picky-emulator: wrote ${flags.output}`)
  return 0
}

function formatIn (as: string | undefined): Format {
  const formats = Object.keys(FORMATS)
  if (as === undefined) throw new Problem(`export needs --as, one of ${formats.join(', ')}`)
  if (!Object.hasOwn(FORMATS, as)) {
    throw new Problem(`--as is wrong: found ${JSON.stringify(as)}${suggestion(as, formats)}, expected one of ${formats.join(', ')}`)
  }
  return as as Format
}
