import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** Where Linux keeps files in memory. A container may have little of it. */
const IN_MEMORY = '/dev/shm'
const ENOUGH = 1_000_000_000

const root = existsSync(IN_MEMORY) && free(IN_MEMORY) > ENOUGH ? IN_MEMORY : tmpdir()

/**
 * Makes a folder for the database of a world, which goes with the test. It is in memory where the machine has enough: every start of an
 * emulator and every change would wait for the disk otherwise, and nothing has to survive the machine here.
 */
export function worldFolder (t: Test): string {
  const folder = mkdtempSync(join(root, 'picky-emulator-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  return folder
}

function free (folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}
