import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CACHE } from './bundle.js'

/** Makes a folder for a run, which is removed when the process ends. */
export function temporaryFolder () {
  mkdirSync(CACHE, { recursive: true })
  const folder = mkdtempSync(join(CACHE, 'run-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
