import { lstatSync, rmSync } from 'node:fs'
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
  /** Writes the content, which appears all at once. */
  readonly write: (readiness: Readiness) => void
  /** Removes the file, unless another emulator has written it meanwhile. */
  readonly remove: () => void
}

/** Removes what an earlier run has left, and checks that the file can be written. Throws a `Problem` that says why not. */
export function readyFile (file: string, nameOf: (option: 'readyFile') => string = option => `the option ${option}`): ReadyFile {
  let written = ''
  const wrong = (why: string): Problem => new Problem(`${nameOf('readyFile')} is wrong: ${file} ${why}`)
  let isOther: boolean
  try {
    // A device such as /dev/stdout, a link or a folder, which would be removed.
    isOther = lstatSync(file, { throwIfNoEntry: false })?.isFile() === false
    if (!isOther) {
      rmSync(file, { force: true })
      checkReplaceable(file)
    }
  } catch (error) {
    throw wrong(`can't be written (${(error as NodeJS.ErrnoException).code})`)
  }
  if (isOther) throw wrong('is not a regular file')
  return {
    write (readiness) {
      written = `${JSON.stringify(readiness)}\n`
      // It tells of a process that a power failure ends as well.
      replaceFile(file, written, { isDurable: false })
    },
    remove () {
      if (contentOf(file) === written) rmSync(file, { force: true })
    }
  }
}

/** Reads a ready file; `null` if there is none that is whole. */
export function readReadyFile (file: string): Readiness | null {
  try {
    return JSON.parse(contentOf(file)!) as Readiness
  } catch {
    return null
  }
}

function contentOf (file: string): string | null {
  try {
    return readRegularFile(file, MAX_FILE_SIZE).toString()
  } catch {
    return null
  }
}
