import { extname } from 'node:path'
import { Problem } from '../problem.js'
import { parseDuration } from '../text/duration.js'

/** Reads files of reports, which must have one of the endings that there is a format for. */
export function reportFiles (text: string | undefined, endings: readonly string[]): string[] {
  const files = text?.split(',') ?? []
  const odd = files.find(file => !endings.includes(extname(file)))
  if (odd !== undefined) throw wrong('report', odd, `a file that ends in ${endings.join(', ')}`)
  return files
}

/** Reads how long something may take, in milliseconds. */
export function timeLimit (text = '60s'): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms < 1 || ms > 86_400_000) throw wrong('timeout', text, 'a duration such as 500ms, 60s or 5m, at most 24h')
  return ms
}

/** Makes the problem of an option's value. */
export function wrong (flag: string, found: string, expected: string): Problem {
  return new Problem(`--${flag} is wrong: found ${JSON.stringify(found)}, expected ${expected}`)
}
