import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { run, spawnOutside, type Result } from './built.js'

const hasDisks = spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs none "$0" && nsenter --version', tmpdir()]).status === 0

/** Options of a test that needs a disk of its own. */
export const onDisks = { skip: hasDisks ? false : 'this machine lets no one make a disk of their own (unshare -rm, nsenter)' }

const BALLAST = Buffer.alloc(4096, 'Buy milk. ')

/** A disk of one megabyte, which others can neither see nor reach. */
export async function smallDisk (t: Test) {
  // Not below the project: another user that runs the tests may not enter it in a namespace.
  const folder = mkdtempSync(join(tmpdir(), 'picky-disk-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const holder = spawnOutside('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs -o size=1m none "$0" && echo mounted && exec cat', folder], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => holder.kill('SIGKILL'))
  await once(holder.stdout!, 'data')
  const under = ['nsenter', '-U', '-m', '--preserve-credentials', '-t', String(holder.pid)]
  const seen = join(`/proc/${holder.pid}/root`, folder)
  return {
    folder,
    under,
    /** Where this process sees what is on it. */
    seen,
    /** Runs a program that sees the disk. */
    run: async (program: string, ...args: string[]): Promise<Result> => await run(under[0]!, [...under.slice(1), program, ...args]),
    async sh (commands: string): Promise<void> {
      t.match(await run(under[0]!, [...under.slice(1), 'sh', '-ec', commands, folder]), { code: 0, stderr: '' }, commands)
    },
    /** Leaves as much room as is asked for, in bytes. */
    fill (room: number): void {
      const ballast = join(seen, 'ballast')
      const open = openSync(ballast, 'w')
      try {
        for (;;) writeSync(open, BALLAST)
      } catch (error) {
        t.match(error, { code: 'ENOSPC' })
      } finally {
        closeSync(open)
      }
      truncateSync(ballast, Math.max(0, statSync(ballast).size - room))
    },
    free: () => rmSync(join(seen, 'ballast'))
  }
}
