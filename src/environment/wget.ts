import { join } from 'node:path'
import { regularFile } from '../text/regular-file.js'

/** Maximum size of a file of settings, in bytes. */
const MAX_SIZE = 1_048_576

/** Settings by which wget would not take the proxy, or would trust other roots only. Their names may be written in several ways. */
const KEEPING_AWAY = /^\s*(?:ca[-_]?certificate|https?[-_]?proxy|no[-_]?proxy|use[-_]?proxy)\s*=/i

/** Gives the user's settings of wget, without those that would keep it from the emulator: wget reads a single file of them. */
export function wgetSettings ({ WGETRC = '', HOME = '' }: Readonly<Record<string, string | undefined>>): string {
  try {
    const bytes = regularFile(WGETRC === '' ? join(HOME, '.wgetrc') : WGETRC, MAX_SIZE)
    if (typeof bytes === 'string') return ''
    return bytes.toString('utf8').split('\n').filter(line => line !== '' && !KEEPING_AWAY.test(line)).map(line => `${line}\n`).join('')
  } catch {
    return ''
  }
}
