import { existsSync, lstatSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { checkReplaceable, replaceFile } from '../disk.js'
import { Problem } from '../problem.js'
import { readRegularFile } from '../scenario/file.js'

/** Size limit of a ready file that is read, in bytes: any other file may be named by mistake. */
const MAX_FILE_SIZE = 65_536

/** Content of a ready file: what a script needs to use an emulator that has started. */
export interface Readiness {
  readonly url: string
  readonly urls: readonly string[]
  readonly pid: number
  /** Token of the first account; `null` if there is no account. */
  readonly token: string | null
}

export interface ReadyFile {
  /** Writes the content, which appears all at once. Throws a `Problem` where that fails. */
  readonly write: (readiness: Readiness) => void
  /** Removes the file, unless another emulator has written it meanwhile. */
  readonly remove: () => void
}

/**
 * Removes what an earlier run has left, and checks that the file can be written. Throws a `Problem` that says why not: also for a file with
 * anything else in it, such as the database, which would be lost.
 */
export function readyFile (
  file: string, nameOf: (option: 'readyFile') => string = option => `the option ${option}`, remove: (file: string) => void = rmSync
): ReadyFile {
  let written = ''
  let path = file
  const wrong = (why: string): Problem => new Problem(`${nameOf('readyFile')} is wrong: ${file} ${why}`)
  const unwritable = ({ code }: NodeJS.ErrnoException): Problem => wrong(`can't be written (${code})`)
  try {
    // In full: the working folder is the process's, and a test may change it.
    path = resolve(file)
    const stats = lstatSync(path, { throwIfNoEntry: false })
    // A device such as /dev/stdout, a link or a folder, which would be removed.
    if (stats?.isFile() === false) throw wrong('is not a regular file')
    if (stats !== undefined && stats.size > 0 && !isBlank(path) && readReadyFile(path) === null) throw wrong('holds something else, which would be lost')
    rmSync(path, { force: true })
    checkReplaceable(path)
  } catch (error) {
    throw error instanceof Problem ? error : unwritable(error as NodeJS.ErrnoException)
  }
  return {
    write (readiness) {
      written = `${JSON.stringify(readiness)}\n`
      try {
        // It tells of a process that a power failure ends as well.
        replaceFile(path, written, { isDurable: false })
      } catch (error) {
        // As on a full disk, which has had room for the check.
        throw unwritable(error as NodeJS.ErrnoException)
      }
    },
    remove () {
      if (contentOf(path) !== written) return
      try {
        remove(path)
      } catch {
        // As in a folder that has become read-only. It stays, as after a kill: the rest of the stop must not depend on it.
      }
    }
  }
}

/** Reads a ready file; `null` if there is none that is whole. */
export function readReadyFile (file: string): Readiness | null {
  try {
    const value = JSON.parse(contentOf(file)!) as Readiness
    return typeof value.url === 'string' && typeof value.pid === 'number' ? value : null
  } catch {
    return null
  }
}

/** Says why a ready file does not tell yet where an emulator is. */
export function whyNotReady (file: string): string {
  if (!existsSync(file)) return `${file}: not there yet`
  try {
    readRegularFile(file, MAX_FILE_SIZE)
    return `${file}: not complete yet`
  } catch (error) {
    return (error as Error).message
  }
}

/** True for what `echo` makes, or a power failure that came before the content was on the disk: nothing is lost with it. */
function isBlank (file: string): boolean {
  return /^[\s\0]*$/.test(contentOf(file) ?? 'more than that')
}

function contentOf (file: string): string | null {
  try {
    return readRegularFile(file, MAX_FILE_SIZE).toString()
  } catch {
    return null
  }
}
