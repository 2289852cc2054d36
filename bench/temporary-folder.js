import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CACHE } from './bundle.js'

/**
 * Creates a folder for a run, removed when the process ends: in the project, because the system's may be in memory, and database files
 * should be on a disk.
 */
export function temporaryFolder () {
  mkdirSync(CACHE, { recursive: true })
  const folder = mkdtempSync(join(CACHE, 'run-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
